"""The inbox: one handling and one reply an update, in order within a chat, and nothing kept but the reply."""

import asyncio
import gc
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.channels.model import Choice, Reply, Update, UpdateKind
from bot.inbox import Inbox
from bot.store.database import Database

APOLOGY = "抱歉，刚才出了点问题，请稍后再问一次。"
NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


def update(key: str, text: str = "你好", chat: str = "c1", channel: str = "telegram") -> Update:
    return Update(channel, "m1", chat, key, UpdateKind.TEXT, NOON, text)


class Core:
    """A responder that notes what it is asked, and answers once the gate is open."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.fails = False

    async def respond(self, update: Update) -> Reply | None:
        self.asked.append(update.text)
        await self.gate.wait()
        if self.fails:
            raise ValueError(f"cannot parse {update.text}")
        if not update.text:
            return None
        return Reply(f"{update.text}：答{len(self.asked)}", (Choice("更多", "还有吗\ud83d"),))


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path / "cewen.sqlite3") as database:
        yield database


@pytest.fixture
def core() -> Core:
    return Core()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def inbox(core: Core, database: Database, clock: Clock) -> Inbox:
    return Inbox(core.respond, database, apology=APOLOGY, clock=clock)


async def turns() -> None:
    """Lets every task that can go on do so."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_an_update_gets_the_responders_reply(inbox: Inbox) -> None:
    assert await inbox.respond(update("1")) == Reply("你好：答1", (Choice("更多", "还有吗\ud83d"),))


async def test_a_redelivery_gets_the_kept_reply_and_is_not_handled_again(inbox: Inbox, core: Core) -> None:
    first = await inbox.respond(update("1"))
    assert await inbox.respond(update("1")) == first
    assert core.asked == ["你好"]


async def test_a_redelivery_after_a_restart_gets_the_kept_reply(
    inbox: Inbox, core: Core, database: Database, clock: Clock
) -> None:
    first = await inbox.respond(update("1"))
    restarted = Inbox(core.respond, database, apology=APOLOGY, clock=clock)
    assert await restarted.respond(update("1")) == first
    assert core.asked == ["你好"]


async def test_that_no_reply_is_due_is_kept_too(inbox: Inbox, core: Core) -> None:
    assert await inbox.respond(update("1", text="")) is None
    assert await inbox.respond(update("1", text="")) is None
    assert core.asked == [""]


async def test_redeliveries_while_the_first_is_running_wait_for_its_reply(inbox: Inbox, core: Core) -> None:
    core.gate.clear()
    tries = [asyncio.create_task(inbox.respond(update("1"))) for _ in range(3)]
    await turns()
    assert not any(task.done() for task in tries)
    core.gate.set()
    assert len(set(await asyncio.gather(*tries))) == 1
    assert core.asked == ["你好"]


async def test_the_same_key_on_another_channel_is_another_update(inbox: Inbox, core: Core) -> None:
    await inbox.respond(update("1", channel="telegram"))
    await inbox.respond(update("1", channel="wechat"))
    assert len(core.asked) == 2


async def test_a_caller_that_gives_up_does_not_stop_the_work(inbox: Inbox, core: Core) -> None:
    core.gate.clear()
    first = asyncio.create_task(inbox.respond(update("1")))
    await turns()
    first.cancel()
    second = asyncio.create_task(inbox.respond(update("1")))
    await turns()
    core.gate.set()
    reply = await second
    assert first.cancelled()
    assert reply is not None
    assert core.asked == ["你好"]


async def test_updates_of_one_chat_are_handled_one_after_another_in_order(inbox: Inbox, core: Core) -> None:
    core.gate.clear()
    tasks = [asyncio.create_task(inbox.respond(update(str(n), text=f"问{n}"))) for n in range(5)]
    await turns()
    assert core.asked == ["问0"]
    core.gate.set()
    await asyncio.gather(*tasks)
    assert core.asked == ["问0", "问1", "问2", "问3", "问4"]


async def test_many_chats_are_handled_at_once(inbox: Inbox, core: Core) -> None:
    core.gate.clear()
    tasks = [asyncio.create_task(inbox.respond(update(str(n), chat=f"c{n}"))) for n in range(50)]
    await turns()
    assert len(core.asked) == 50
    core.gate.set()
    await asyncio.gather(*tasks)


async def test_idle_chats_and_finished_updates_take_no_memory(inbox: Inbox) -> None:
    await asyncio.gather(*(inbox.respond(update(str(n), chat=f"c{n}")) for n in range(50)))
    await turns()
    gc.collect()
    assert len(inbox._chats) == 0
    assert len(inbox._running) == 0


async def test_a_failure_gives_the_apology_and_a_redelivery_tries_again(inbox: Inbox, core: Core) -> None:
    core.fails = True
    assert await inbox.respond(update("1")) == Reply(APOLOGY)
    core.fails = False
    reply = await inbox.respond(update("1"))
    assert reply is not None
    assert reply.text == "你好：答2"


async def test_a_failure_does_not_hold_up_the_chat(inbox: Inbox, core: Core) -> None:
    core.fails = True
    await inbox.respond(update("1"))
    core.fails = False
    assert await inbox.respond(update("2")) != Reply(APOLOGY)


async def test_the_log_says_where_it_failed_and_not_what_was_asked(
    inbox: Inbox, core: Core, caplog: pytest.LogCaptureFixture
) -> None:
    core.fails = True
    with caplog.at_level(logging.ERROR):
        await inbox.respond(update("1", text="我的电话是13800000000"))
    assert "ValueError" in caplog.text
    assert "test_inbox.py" in caplog.text
    assert "in respond" in caplog.text
    assert "13800000000" not in caplog.text


async def test_a_reply_is_kept_for_a_day_and_then_deleted(
    inbox: Inbox, core: Core, clock: Clock, database: Database
) -> None:
    await inbox.respond(update("1"))
    clock.now = NOON + timedelta(hours=24) - timedelta(seconds=1)
    await inbox.respond(update("1"))
    assert len(core.asked) == 1
    clock.now = NOON + timedelta(hours=24)
    await inbox.respond(update("2"))
    assert [row["key"] for row in database.query("SELECT key FROM inbox")] == ["2"]
    await inbox.respond(update("1"))
    assert len(core.asked) == 3


async def test_neither_the_member_nor_the_question_is_stored(inbox: Inbox, database: Database) -> None:
    await inbox.respond(Update("web", "张三", "张三的对话", "1", UpdateKind.TEXT, NOON, ""))
    [row] = database.query("SELECT * FROM inbox")
    assert set(row) == {"channel", "key", "reply", "replied_at"}
    assert "张三" not in str(row)


async def test_the_reply_another_process_kept_first_is_the_one_given(
    inbox: Inbox, core: Core, database: Database, clock: Clock
) -> None:
    core.gate.clear()
    slow = asyncio.create_task(inbox.respond(update("1", text="慢")))
    await turns()
    with Database.open(database.path) as second_connection:

        async def quick(_: Update) -> Reply:
            return Reply("快")

        other = Inbox(quick, second_connection, apology=APOLOGY, clock=clock)
        assert await other.respond(update("1", text="慢")) == Reply("快")
    core.gate.set()
    assert await slow == Reply("快")


async def test_closing_waits_for_what_is_being_answered(inbox: Inbox, core: Core, database: Database) -> None:
    core.gate.clear()
    first = asyncio.create_task(inbox.respond(update("1")))
    await turns()
    first.cancel()
    closing = asyncio.create_task(inbox.close())
    await turns()
    assert not closing.done()
    core.gate.set()
    await closing
    assert len(database.query("SELECT key FROM inbox")) == 1
