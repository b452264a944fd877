"""Who may be written to first, and who no longer."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.members.contacts import Contacts
from bot.members.model import Identity, Member
from bot.store.database import Database

PHONE = Identity("telegram", "7000000001")
NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def contacts(tmp_path: Path) -> Iterator[Contacts]:
    with Database.open(tmp_path / "cewen.sqlite3") as database:
        yield Contacts(database, lambda: NOON)


def test_nobody_may_be_written_to_who_has_not_come(contacts: Contacts) -> None:
    assert not contacts.is_reachable(PHONE)
    contacts.left(PHONE)
    assert contacts.held(Member("", (PHONE,))) == []


def test_who_has_come_may_be_written_to_until_they_leave_and_again_when_they_come_back(
    contacts: Contacts,
) -> None:
    contacts.came(PHONE)
    assert contacts.is_reachable(PHONE)
    assert not contacts.is_reachable(Identity("wechat", PHONE.user))
    contacts.left(PHONE)
    assert not contacts.is_reachable(PHONE)
    assert len(contacts.held(Member("", (PHONE,)))) == 1
    contacts.came(PHONE)
    assert contacts.is_reachable(PHONE)


def test_what_is_held_can_be_erased(contacts: Contacts) -> None:
    contacts.came(PHONE)
    contacts.erase(Member("", (PHONE,)))
    assert contacts.held(Member("", (PHONE,))) == []
