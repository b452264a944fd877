"""A conversation is remembered for half an hour after its last question, and then it is gone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.store.conversations import ConversationTable, conversation_key
from bot.store.database import Database

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)
A_MOMENT = timedelta(microseconds=1)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path / "cewen.sqlite3") as database:
        yield database


@pytest.fixture
def conversations(database: Database) -> ConversationTable:
    return ConversationTable(database)


def test_nothing_is_known_of_a_new_conversation(conversations: ConversationTable) -> None:
    assert conversations.load("web:1", NOON) is None


def test_the_state_saved_last_is_loaded(conversations: ConversationTable) -> None:
    conversations.save("web:1", '{"topic": "旧"}', NOON)
    conversations.save("web:1", '{"topic": "新"}', NOON)
    conversations.save("web:2", "{}", NOON)
    assert conversations.load("web:1", NOON) == '{"topic": "新"}'


def test_a_state_expires_half_an_hour_after_it_was_saved(conversations: ConversationTable) -> None:
    conversations.save("web:1", "{}", NOON)
    assert conversations.load("web:1", NOON + HALF_AN_HOUR - A_MOMENT) == "{}"
    assert conversations.load("web:1", NOON + HALF_AN_HOUR) is None


def test_saving_again_keeps_it_for_another_half_hour(conversations: ConversationTable) -> None:
    conversations.save("web:1", "{}", NOON)
    conversations.save("web:1", "{}", NOON + timedelta(minutes=20))
    assert conversations.load("web:1", NOON + timedelta(minutes=45)) == "{}"


def test_expired_rows_are_deleted_when_another_is_saved(
    database: Database, conversations: ConversationTable
) -> None:
    conversations.save("web:1", "{}", NOON)
    conversations.save("web:2", "{}", NOON + HALF_AN_HOUR)
    assert [row["key"] for row in database.query("SELECT key FROM conversation")] == ["web:2"]


def test_expired_rows_are_deleted_on_request(conversations: ConversationTable) -> None:
    conversations.save("web:1", "{}", NOON)
    assert conversations.remove_expired(NOON) == 0
    assert conversations.remove_expired(NOON + HALF_AN_HOUR) == 1


def test_all_that_is_remembered_of_a_member_can_be_seen_and_removed_and_nobody_elses(
    conversations: ConversationTable,
) -> None:
    mine = [conversation_key("wechat", chat, "o_A%") for chat in ("o_A%", "g:1")]
    others = [
        conversation_key("wechat", "o_A%", "oxA%"),
        conversation_key("wechat", "o_A%", "o_AB"),
        conversation_key("telegram", "o_A%", "o_A%"),
    ]
    for key in (*mine, *others):
        conversations.save(key, key, NOON)
    assert sorted(conversations.states_of("wechat", "o_A%")) == sorted(mine)
    conversations.remove_of("wechat", "o_A%")
    assert conversations.states_of("wechat", "o_A%") == []
    assert [conversations.load(key, NOON) for key in others] == others
