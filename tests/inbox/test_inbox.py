"""The inbox: stored before it is acknowledged, answered once and in order, delivered, and then forgotten."""

import asyncio
import gc
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.channels.delivery import Delivered, Delivery, Gone, NotAllowed, RetryAt
from bot.channels.model import (
    Attachment,
    Capabilities,
    Choice,
    Markup,
    NotTaken,
    Refused,
    Reply,
    Update,
    UpdateKind,
    WritesFirst,
)
from bot.inbox.inbox import Inbox, Sentences
from bot.limits import Gate, Limits
from bot.store.database import Database, Value
from bot.store.processes import Process
from bot.store.writer import Writer

SENTENCES = Sentences(apology="抱歉，刚才出了点问题，请稍后再问一次。", earlier="您前面那个问题的答案：\n")
APOLOGY = Reply(SENTENCES.apology)
NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


def update(
    key: str,
    text: str = "你好",
    chat: str = "c1",
    channel: str = "wechat",
    kind: UpdateKind = UpdateKind.TEXT,
    wants_reply: bool = True,
) -> Update:
    return Update(channel, "m1", chat, key, kind, NOON, text, wants_reply=wants_reply)


class Core:
    """A responder that notes what it is asked, and answers once the gate is open."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.fails = False
        self.attachment: Attachment | None = None

    async def respond(self, update: Update) -> Reply | None:
        self.asked.append(update.text)
        await self.gate.wait()
        if self.fails:
            raise ValueError(f"cannot parse {update.text}")
        if not update.text:
            return None
        said = f"{update.text}：答{len(self.asked)}"
        return Reply(said, (Choice("更多", "还有吗\ud83d"),), "出处：一号文", self.attachment)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


class Platform:
    """A messenger that notes what it delivers; `outcomes` are given one after another, the last for ever."""

    def __init__(self, name: str = "wechat", reply_seconds: float | None = 4.5) -> None:
        self.name = name
        self.capabilities = Capabilities(
            max_text=2048,
            counts_bytes=True,
            buttons=False,
            markup=Markup.PLAIN,
            reply_seconds=reply_seconds,
            writes_first=WritesFirst.RECENT,
        )
        self.outcomes: list[Delivery] = [Delivered()]
        self.delivered: list[str] = []
        self.changed = asyncio.Condition()

    def routes(self) -> Iterable[web.RouteDef]:
        return []

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def deliver(self, update: Update, reply: Reply) -> Delivery:
        return await self.send(update.chat, reply)

    async def send(self, chat: str, reply: Reply) -> Delivery:
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        async with self.changed:
            self.delivered.append(reply.text)
            self.changed.notify_all()
        return outcome

    async def reach(self, count: int) -> None:
        async with asyncio.timeout(10), self.changed:
            await self.changed.wait_for(lambda: len(self.delivered) >= count)


Open = Callable[..., Awaitable[Inbox]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cewen.sqlite3"


@pytest.fixture
def core() -> Core:
    return Core()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
async def writer(path: Path) -> AsyncIterator[Writer]:
    async with await Writer.open(path) as writer:
        yield writer


@pytest.fixture
async def open_inbox(core: Core, clock: Clock, platform: Platform, writer: Writer) -> AsyncIterator[Open]:
    """Opens an inbox: each call is another process on the same store. They are left as a kill would leave them."""
    opened: list[Inbox] = []

    async def open(core: Core = core, pid: int = 0, platform: Platform = platform, **limits: Any) -> Inbox:
        process = Process(f"process {len(opened)}", "here", pid or os.getpid())
        inbox = Inbox(core.respond, writer, sentences=SENTENCES, clock=clock, process=process, **limits)
        inbox.attach([platform])
        await inbox.start()
        opened.append(inbox)
        return inbox

    yield open
    core.gate.set()
    for inbox in opened:
        await inbox.close()


@pytest.fixture
async def inbox(open_inbox: Open) -> Inbox:
    return await open_inbox()


def stored(path: Path, columns: str = "*") -> list[dict[str, Value]]:
    with Database.open(path) as database:
        return database.query(f"SELECT {columns} FROM inbox ORDER BY key")


async def until(holds: Callable[[], bool]) -> None:
    """Lets the work go on until it has come so far."""
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110  # it looks inside, where nothing tells
            await asyncio.sleep(0.001)


async def test_an_update_gets_the_responders_reply(inbox: Inbox) -> None:
    expected = Reply("你好：答1", (Choice("更多", "还有吗\ud83d"),), "出处：一号文")
    assert await (await inbox.take(update("1"))).reply() == expected


class TestStoring:
    async def test_an_update_that_was_taken_is_stored(self, inbox: Inbox, core: Core, path: Path) -> None:
        core.gate.clear()
        await inbox.take(update("1", "截止到哪天"))
        [row] = stored(path, "key, reply, open")
        assert (row["key"], row["reply"]) == ("1", None)
        assert r"\u622a\u6b62" in str(row["open"])

    async def test_what_cant_be_stored_is_not_taken(self, inbox: Inbox, writer: Writer, core: Core) -> None:
        await writer.write(lambda database: database.execute("DROP TABLE inbox"))
        with pytest.raises(NotTaken, match="no such table"):
            await inbox.take(update("1"))
        assert core.asked == []

    async def test_too_much_at_once_is_turned_away(self, open_inbox: Open, core: Core) -> None:
        inbox = await open_inbox(max_under_way=2)
        core.gate.clear()
        for key in ("1", "2"):
            await inbox.take(update(key))
        with pytest.raises(NotTaken):
            await inbox.take(update("3"))

    async def test_once_the_member_has_the_reply_who_asked_what_is_forgotten(
        self, inbox: Inbox, path: Path
    ) -> None:
        asked = Update("wechat", "张三", "张三的对话", "1", UpdateKind.TEXT, NOON, "我的电话是13800000000")
        await inbox.respond(asked)
        [row] = stored(path)
        assert row["open"] is None
        assert "张三" not in str(row)
        assert "张三" not in str(row["reply"]).encode().decode("unicode_escape")

    async def test_a_reply_is_kept_for_a_day_and_then_forgotten(
        self, inbox: Inbox, core: Core, clock: Clock, path: Path
    ) -> None:
        await inbox.respond(update("1"))
        clock.now = NOON + timedelta(hours=24) - timedelta(seconds=1)
        await inbox.tidy()
        await inbox.respond(update("1"))
        assert len(core.asked) == 1
        clock.now = NOON + timedelta(hours=24)
        await inbox.tidy()
        assert stored(path) == []
        await inbox.respond(update("1"))
        assert len(core.asked) == 2


class TestRedeliveries:
    async def test_a_redelivery_gets_the_kept_reply_and_is_not_answered_again(
        self, inbox: Inbox, core: Core
    ) -> None:
        first = await inbox.respond(update("1"))
        assert await inbox.respond(update("1")) == first
        assert core.asked == ["你好"]

    async def test_redeliveries_under_way_wait_for_the_same_reply(self, inbox: Inbox, core: Core) -> None:
        core.gate.clear()
        receipts = await asyncio.gather(*(inbox.take(update("1")) for _ in range(3)))
        tries = [asyncio.create_task(receipt.reply()) for receipt in receipts]
        await until(lambda: core.asked == ["你好"])
        core.gate.set()
        assert len(set(await asyncio.gather(*tries))) == 1
        assert core.asked == ["你好"]

    async def test_each_try_is_counted_by_whichever_process_it_reaches(
        self, open_inbox: Open, core: Core
    ) -> None:
        core.gate.clear()
        one, other = await open_inbox(pid=os.getpid()), await open_inbox(pid=os.getppid())
        tries = [(await where.take(update("1"))).tries for where in (one, one, other, one)]
        assert tries == [1, 2, 3, 4]

    async def test_a_redelivery_to_another_process_waits_for_the_same_reply(
        self, open_inbox: Open, core: Core
    ) -> None:
        core.gate.clear()
        one, other = await open_inbox(pid=os.getpid()), await open_inbox(pid=os.getppid())
        first, second = await one.take(update("1")), await other.take(update("1"))
        replies = asyncio.gather(first.reply(), second.reply())
        core.gate.set()
        assert len(set(await replies)) == 1
        assert core.asked == ["你好"]

    async def test_that_no_reply_is_due_is_kept_too(self, inbox: Inbox, core: Core) -> None:
        assert await inbox.respond(update("1", text="")) is None
        assert await inbox.respond(update("1", text="")) is None
        assert core.asked == [""]

    async def test_the_same_key_on_another_channel_is_another_update(self, inbox: Inbox, core: Core) -> None:
        await inbox.respond(update("1", channel="telegram"))
        await inbox.respond(update("1", channel="wechat"))
        assert len(core.asked) == 2

    async def test_a_caller_that_gives_up_does_not_stop_the_work(self, inbox: Inbox, core: Core) -> None:
        core.gate.clear()
        first = asyncio.create_task(inbox.respond(update("1")))
        await until(lambda: core.asked == ["你好"])
        first.cancel()
        second = await inbox.take(update("1"))
        core.gate.set()
        assert await second.reply() is not None
        assert core.asked == ["你好"]

    async def test_a_try_ends_at_its_time_and_the_next_gets_the_reply(self, inbox: Inbox, core: Core) -> None:
        core.gate.clear()
        with pytest.raises(TimeoutError):
            await (await inbox.take(update("1"))).reply(0.01)
        second = await inbox.take(update("1"))
        core.gate.set()
        assert await second.reply(10) is not None
        assert core.asked == ["你好"]

    async def test_a_reply_that_came_when_the_platform_had_hung_up_is_given_to_the_next_try(
        self, inbox: Inbox, core: Core, path: Path
    ) -> None:
        core.gate.clear()
        receipt = await inbox.take(update("1"))
        hung_up = asyncio.create_task(receipt.reply(None, lambda: False))
        await until(lambda: core.asked == ["你好"])
        core.gate.set()
        reply = await hung_up
        await until(lambda: not inbox._tasks)
        assert stored(path, "open")[0]["open"] is not None
        assert await inbox.respond(update("1")) == reply
        assert stored(path, "open")[0]["open"] is None
        assert core.asked == ["你好"]


class TestOrder:
    async def test_updates_of_one_chat_are_answered_one_after_another_in_order(
        self, inbox: Inbox, core: Core
    ) -> None:
        core.gate.clear()
        tasks = [asyncio.create_task(inbox.respond(update(str(n), text=f"问{n}"))) for n in range(5)]
        await until(lambda: bool(core.asked))
        assert core.asked == ["问0"]
        core.gate.set()
        await asyncio.gather(*tasks)
        assert core.asked == ["问0", "问1", "问2", "问3", "问4"]

    async def test_many_chats_are_answered_at_once(self, inbox: Inbox, core: Core) -> None:
        core.gate.clear()
        tasks = [asyncio.create_task(inbox.respond(update(str(n), chat=f"c{n}"))) for n in range(50)]
        await until(lambda: len(core.asked) == 50)
        core.gate.set()
        await asyncio.gather(*tasks)

    async def test_replies_are_delivered_in_order_even_if_the_platform_asks_for_time(
        self, inbox: Inbox, platform: Platform
    ) -> None:
        platform.outcomes = [RetryAt(NOON + timedelta(seconds=0.01)), Delivered()]
        for n in range(3):
            (await inbox.take(update(str(n), text=f"问{n}"))).hand_over()
        await platform.reach(4)
        assert platform.delivered == ["问0：答1", "问0：答1", "问1：答2", "问2：答3"]

    async def test_idle_chats_and_finished_updates_take_no_memory(self, inbox: Inbox) -> None:
        await asyncio.gather(*(inbox.respond(update(str(n), chat=f"c{n}")) for n in range(50)))
        await until(lambda: not inbox._tasks)
        gc.collect()
        assert (inbox._last, inbox._works, inbox._kept) == ({}, {}, {})


class TestDelivery:
    async def test_what_was_handed_over_is_delivered_and_then_forgotten(
        self, inbox: Inbox, platform: Platform, path: Path
    ) -> None:
        (await inbox.take(update("1"))).hand_over()
        await platform.reach(1)
        await until(lambda: not inbox._works and not inbox._tasks)
        [row] = stored(path, "open, reply")
        assert row == {"open": None, "reply": "null"}
        assert await inbox.respond(update("1")) is None
        assert platform.delivered == ["你好：答1"]

    async def test_a_reply_that_nobody_asks_for_any_more_is_delivered(
        self, open_inbox: Open, core: Core, platform: Platform
    ) -> None:
        inbox = await open_inbox(silence=0.05)
        core.gate.clear()
        with pytest.raises(TimeoutError):
            await (await inbox.take(update("1"))).reply(0.01)
        core.gate.set()
        await platform.reach(1)
        assert platform.delivered == ["你好：答1"]

    async def test_a_reply_whose_request_hung_up_just_before_is_delivered(
        self, open_inbox: Open, platform: Platform
    ) -> None:
        inbox = await open_inbox(silence=0.05)
        receipt = await inbox.take(update("1"))
        assert await receipt.reply(is_listening=lambda: False) is not None
        await platform.reach(1)
        assert platform.delivered == ["你好：答1"]

    async def test_a_member_who_has_left_is_not_written_to_again(
        self, inbox: Inbox, platform: Platform, path: Path
    ) -> None:
        platform.outcomes = [Gone("已取消关注")]
        (await inbox.take(update("1"))).hand_over()
        await platform.reach(1)
        await until(lambda: not inbox._works and not inbox._tasks)
        assert stored(path, "open") == [{"open": None}]

    async def test_a_fault_of_the_messenger_keeps_the_reply(
        self, inbox: Inbox, platform: Platform, caplog: pytest.LogCaptureFixture
    ) -> None:
        platform.outcomes = []  # an IndexError at the first sending
        (await inbox.take(update("1"))).hand_over()
        await until(lambda: bool(inbox._kept))
        assert "IndexError" in caplog.text
        reply = await inbox.respond(update("2", "好"))
        assert reply is not None
        assert reply.text == "你好：答1"


class TestKeptReplies:
    @pytest.fixture(autouse=True)
    async def kept(self, inbox: Inbox, platform: Platform) -> None:
        platform.outcomes = [NotAllowed("没有客服消息的权限")]
        (await inbox.take(update("1", "问题甲"))).hand_over()
        await until(lambda: bool(inbox._kept))

    async def test_the_next_word_fetches_it_and_is_no_question(self, inbox: Inbox, core: Core) -> None:
        reply = await inbox.respond(update("2", "好"))
        assert reply == Reply("问题甲：答1", (Choice("更多", "还有吗\ud83d"),), "出处：一号文")
        assert core.asked == ["问题甲"]

    async def test_before_the_answer_to_the_next_question_it_is_named_as_the_earlier(
        self, inbox: Inbox
    ) -> None:
        reply = await inbox.respond(update("2", "问题乙"))
        assert reply is not None
        assert reply.whole == "您前面那个问题的答案：\n问题甲：答1\n出处：一号文\n\n问题乙：答2\n出处：一号文"

    async def test_it_is_given_once(self, inbox: Inbox, path: Path) -> None:
        await inbox.respond(update("2", "好"))
        assert stored(path, "open") == [{"open": None}, {"open": None}]
        reply = await inbox.respond(update("3", "好"))
        assert reply is not None
        assert "问题甲" not in reply.text

    async def test_another_chat_doesnt_get_it(self, inbox: Inbox) -> None:
        reply = await inbox.respond(update("2", "好", chat="c2"))
        assert reply is not None
        assert "问题甲" not in reply.text

    async def test_a_phone_that_tells_where_it_is_fetches_nothing(self, inbox: Inbox) -> None:
        where = update("2", "", kind=UpdateKind.LOCATION, wants_reply=False)
        assert await inbox.respond(where) is None
        reply = await inbox.respond(update("3", "好"))
        assert reply is not None
        assert reply.text == "问题甲：答1"

    async def test_it_outlives_a_restart(self, open_inbox: Open) -> None:
        restarted = await open_inbox()
        await until(lambda: bool(restarted._kept) or bool(restarted._works))
        for work in list(restarted._works.values()):
            restarted.hand_over(work)
        await until(lambda: bool(restarted._kept))
        reply = await restarted.respond(update("2", "好"))
        assert reply is not None
        assert reply.text == "问题甲：答1"


class TestTelling:
    """What a member is told without having asked."""

    @staticmethod
    def told(key: str = "tell 1") -> Update:
        return Update("wechat", "m1", "c1", key, UpdateKind.OTHER, NOON, wants_reply=False)

    async def test_it_is_delivered_and_then_forgotten(
        self, inbox: Inbox, platform: Platform, core: Core, path: Path
    ) -> None:
        await inbox.tell(self.told(), Reply("已绑定。"))
        await until(lambda: not inbox._works and not inbox._tasks)
        assert platform.delivered == ["已绑定。"]
        assert core.asked == []
        assert stored(path, "open, reply") == [{"open": None, "reply": "null"}]

    async def test_where_it_can_not_be_delivered_it_stands_before_the_next_reply(
        self, inbox: Inbox, platform: Platform
    ) -> None:
        platform.outcomes = [NotAllowed("没有客服消息的权限")]
        await inbox.tell(self.told(), Reply("已绑定。"))
        await until(lambda: bool(inbox._kept))
        reply = await inbox.respond(update("1"))
        assert reply is not None
        assert reply.text == "已绑定。\n\n你好：答1"

    async def test_it_outlives_a_kill(self, inbox: Inbox, open_inbox: Open, platform: Platform) -> None:
        platform.outcomes = [RetryAt(NOON + timedelta(hours=1))]
        await inbox.tell(self.told(), Reply("已绑定。"))
        await platform.reach(1)
        later = Platform(reply_seconds=None)
        await open_inbox(platform=later)  # as the same process started again
        await later.reach(1)
        assert later.delivered == ["已绑定。"]


class TestLimits:
    async def test_what_is_over_a_limit_is_refused_and_leaves_no_row(
        self, open_inbox: Open, core: Core, path: Path
    ) -> None:
        gate = Gate(Limits(per_minute=1, waiting=9, per_second=9), lambda _, key, wait: key, lambda: 0.0)
        inbox = await open_inbox(gate=gate)
        await inbox.respond(update("1"))
        for expected in (Reply("limits.too_fast"), None):
            with pytest.raises(Refused) as refused:
                await inbox.take(update("2"))
            assert refused.value.reply == expected
        assert core.asked == ["你好"]
        assert [row["key"] for row in stored(path)] == ["1"]

    async def test_a_redelivery_of_what_is_under_way_is_not_counted(
        self, open_inbox: Open, core: Core
    ) -> None:
        gate = Gate(Limits(per_minute=1, waiting=1, per_second=9), lambda _, key, wait: key, lambda: 0.0)
        inbox = await open_inbox(gate=gate)
        core.gate.clear()
        receipts = [await inbox.take(update("1")) for _ in range(3)]
        core.gate.set()
        assert len({await receipt.reply() for receipt in receipts}) == 1

    async def test_a_member_with_too_many_questions_under_way_may_ask_again_when_one_is_answered(
        self, open_inbox: Open, core: Core
    ) -> None:
        gate = Gate(Limits(per_minute=9, waiting=1, per_second=9), lambda _, key, wait: key, lambda: 0.0)
        inbox = await open_inbox(gate=gate)
        core.gate.clear()
        first = await inbox.take(update("1"))
        with pytest.raises(Refused):
            await inbox.take(update("2"))
        core.gate.set()
        await first.reply()
        await until(lambda: not inbox._tasks)
        assert await inbox.respond(update("3")) is not None


class TestDeath:
    """The process is killed; what it had taken is not lost."""

    async def test_what_was_not_answered_is_answered_and_delivered_by_the_next(
        self, open_inbox: Open, core: Core
    ) -> None:
        core.gate.clear()
        dead, dead_platform = Core(), Platform("telegram", reply_seconds=None)
        dead.gate.clear()
        killed = await open_inbox(dead, platform=dead_platform)
        for n in range(3):
            await killed.take(update(str(n), f"问{n}", channel="telegram"))
        core.gate.set()
        platform = Platform("telegram", reply_seconds=None)
        await open_inbox(platform=platform)
        await platform.reach(3)
        assert platform.delivered == ["问0：答1", "问1：答2", "问2：答3"]
        dead.gate.set()
        await asyncio.sleep(0)
        assert dead_platform.delivered == []

    async def test_where_the_platform_may_ask_again_it_is_given_the_reply_when_it_does(
        self, open_inbox: Open, platform: Platform
    ) -> None:
        dead = Core()
        dead.gate.clear()
        killed = await open_inbox(dead)
        await killed.take(update("1"))
        restarted = await open_inbox()
        reply = await restarted.respond(update("1"))
        assert reply is not None
        assert reply.text == "你好：答1"
        assert platform.delivered == []
        dead.gate.set()

    async def test_one_that_was_thought_dead_gives_the_reply_of_the_other(self, open_inbox: Open) -> None:
        slow, quick = Core(), Core()
        slow.gate.clear()
        frozen = await open_inbox(slow)
        receipt = await frozen.take(update("1", "慢"))
        other = await open_inbox(quick)
        quick.asked.append("第一问")
        reply = await other.respond(update("1", "慢"))
        slow.gate.set()
        assert await receipt.reply() == reply
        assert reply is not None
        assert reply.text == "慢：答2"

    async def test_what_kills_each_process_that_takes_it_up_is_answered_with_the_apology(
        self, open_inbox: Open
    ) -> None:
        deadly = Core()
        deadly.gate.clear()
        await (await open_inbox(deadly)).take(update("1", "致命"))
        for _ in range(3):
            await open_inbox(deadly)
        survivor = await open_inbox()
        assert await survivor.respond(update("1", "致命")) == APOLOGY
        deadly.gate.set()

    async def test_one_of_another_machine_is_thought_dead_when_it_has_been_silent(
        self, open_inbox: Open, core: Core, clock: Clock, writer: Writer
    ) -> None:
        core.gate.clear()
        elsewhere = Inbox(
            core.respond, writer, sentences=SENTENCES, clock=clock, process=Process("far", "there", 1)
        )
        await elsewhere.start()
        await elsewhere.take(update("1"))
        here = await open_inbox(Core())
        receipt = asyncio.create_task(here.respond(update("1")))
        await asyncio.sleep(0.05)
        assert not receipt.done()
        clock.now += timedelta(seconds=13)
        await here.beat()
        assert await receipt is not None
        core.gate.set()
        await elsewhere.close()


class TestFaults:
    async def test_a_failure_gives_the_apology_to_each_try(self, inbox: Inbox, core: Core) -> None:
        core.fails = True
        assert await inbox.respond(update("1")) == APOLOGY
        core.fails = False
        assert await inbox.respond(update("1")) == APOLOGY

    async def test_a_failure_does_not_hold_up_the_chat(self, inbox: Inbox, core: Core) -> None:
        core.fails = True
        await inbox.respond(update("1"))
        core.fails = False
        assert await inbox.respond(update("2")) != APOLOGY

    async def test_the_log_says_where_it_failed_and_not_what_was_asked(
        self, inbox: Inbox, core: Core, caplog: pytest.LogCaptureFixture
    ) -> None:
        core.fails = True
        with caplog.at_level(logging.DEBUG):
            await inbox.respond(update("1", text="我的电话是13800000000"))
        assert "ValueError" in caplog.text
        assert "test_inbox.py" in caplog.text
        assert "in respond" in caplog.text
        assert "13800000000" not in caplog.text

    async def test_what_a_fault_of_the_store_kept_from_its_reply_is_taken_up_again(
        self, inbox: Inbox, core: Core, writer: Writer, platform: Platform
    ) -> None:
        core.gate.clear()
        receipt = await inbox.take(update("1"))
        await writer.write(lambda db: db.execute("ALTER TABLE inbox RENAME TO mislaid"))
        core.gate.set()
        assert await receipt.reply() == APOLOGY
        await until(lambda: not inbox._tasks)
        await writer.write(lambda db: db.execute("ALTER TABLE mislaid RENAME TO inbox"))
        await inbox.tidy()
        reply = await inbox.respond(update("1"))
        assert reply is not None
        assert reply.text == "你好：答2"

    async def test_closing_waits_for_what_is_being_answered(
        self, inbox: Inbox, core: Core, path: Path
    ) -> None:
        core.gate.clear()
        await inbox.take(update("1"))
        closing = asyncio.create_task(inbox.close())
        await asyncio.sleep(0.01)
        assert not closing.done()
        core.gate.set()
        await closing
        assert stored(path, "key") == [{"key": "1"}]

    async def test_a_picture_survives_being_stored(self, inbox: Inbox, core: Core) -> None:
        core.attachment = Attachment("a.png", "image/png", b"\x89PNG\x00\xff")
        for _ in range(2):
            reply = await inbox.respond(update("1"))
            assert reply is not None
            assert reply.attachment == core.attachment
