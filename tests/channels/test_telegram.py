"""The Telegram channel against a program by others that plays the Bot API (@vishtar/telegram-test-api), over HTTP."""

import asyncio
import base64
import io
import json
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from telegram.error import TelegramError
from telegram_phone import MEMBER, Telegram, bot_api_standin, until

from bot.channels.delivery import Delivered, Gone, NotAllowed, Rejected, RetryAt, Unclear
from bot.channels.model import Attachment, Channel, Choice, Messenger, Reply, Update, UpdateKind
from bot.channels.telegram.bot_account import BotAccount, TelegramMisconfigured
from bot.channels.telegram.buttons import LIFETIME, Buttons, LongTexts
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.files import FileUnavailable
from bot.inbox.inbox import Inbox, Sentences
from bot.limits import Gate, Limits
from bot.messages.catalogue import load_catalogue
from bot.store.database import Database
from bot.store.writer import Writer

SECRET = "s3cret_-"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
CATALOGUE = load_catalogue(Path("nowhere"))
Mode = Literal["polling", "webhook"]


class Clock:
    """The real time, or some time later."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class Core:
    """A responder that notes what it is asked and gives the replies laid down for it."""

    def __init__(self) -> None:
        self.asked: list[Update] = []
        self.replies: dict[str, Reply | None] = {}

    async def respond(self, update: Update) -> Reply | None:
        self.asked.append(update)
        if not update.wants_reply:
            return None
        if update.payload == "start":
            return Reply("您好，我是策问。")
        return self.replies.get(update.text, Reply(f"答：{update.text or update.payload}"))

    async def ask_briefly(self, question: str) -> Reply | None:
        return self.replies.get(question)


class Bot:
    """What a channel is made of besides its account: a core, an inbox, a store, a clock."""

    def __init__(self, core: Core, inbox: Inbox, database: Database, clock: Clock) -> None:
        self.core = core
        self.inbox = inbox
        self.clock = clock
        self.gone: list[str] = []
        self._database = database

    def channel(
        self, token: str, api: str, mode: Mode = "polling", url: str = "", secret: str = SECRET
    ) -> TelegramChannel:
        return TelegramChannel(
            BotAccount(token, mode, secret, api, url),
            take=self.inbox.take,
            ask=self.core.ask_briefly,
            buttons=Buttons(b"k" * 32, LongTexts(self._database), self.clock),
            catalogue=CATALOGUE,
            gone=self.gone.append,
            clock=self.clock,
        )


@pytest.fixture(scope="module")
def api(standins: Path) -> Iterator[str]:
    with bot_api_standin(standins) as address:
        yield address


@pytest.fixture
async def phone(api: str, request: pytest.FixtureRequest) -> AsyncIterator[Telegram]:
    async with aiohttp.ClientSession() as session:
        yield Telegram(api, f"1:{abs(hash(request.node.nodeid))}", session)


@pytest.fixture
def core() -> Core:
    return Core()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@asynccontextmanager
async def open_bot(core: Core, path: Path, clock: Clock, gate: Gate | None = None) -> AsyncIterator[Bot]:
    with Database.open(path) as database:
        async with await Writer.open(path) as writer:
            sentences = Sentences("抱歉", "前面的：")
            yield Bot(
                core,
                Inbox(core.respond, writer, sentences=sentences, clock=clock, gate=gate),
                database,
                clock,
            )


@pytest.fixture
async def bot(core: Core, tmp_path: Path, clock: Clock) -> AsyncIterator[Bot]:
    async with open_bot(core, tmp_path / "cewen.sqlite3", clock) as bot:
        yield bot


@asynccontextmanager
async def serving(
    bot: Bot, phone: Telegram, mode: Mode, *, api: str = "", secret: str = SECRET
) -> AsyncIterator[tuple[TelegramChannel, str]]:
    """The channel at work on a server of its own; gives it and the webhook's address."""
    port = unused_port()
    made = bot.channel(phone.token, api or phone.api, mode, f"http://127.0.0.1:{port}", secret)
    bot.inbox.attach([made])
    app = web.Application(client_max_size=1 << 30)
    app.add_routes(made.routes())
    async with TestServer(app, port=port):
        await made.start()
        await bot.inbox.start()
        try:
            yield made, f"http://127.0.0.1:{port}/telegram"
        finally:
            await bot.inbox.close()
            await made.stop()


@pytest.fixture(params=["polling", "webhook"])
async def served(request: pytest.FixtureRequest, bot: Bot, phone: Telegram) -> AsyncIterator[Mode]:
    """The channel at work both ways."""
    async with serving(bot, phone, request.param):
        await phone.called("setMyCommands", 2)
        yield request.param


@pytest.fixture
async def connected(bot: Bot, phone: Telegram) -> AsyncIterator[tuple[TelegramChannel, str]]:
    """The channel with its webhook set, and the webhook's address."""
    async with serving(bot, phone, "webhook") as made:
        await phone.called("setMyCommands", 2)
        yield made


@pytest.fixture
def channel(connected: tuple[TelegramChannel, str]) -> TelegramChannel:
    return connected[0]


@pytest.fixture
def webhook(connected: tuple[TelegramChannel, str]) -> str:
    return connected[1]


def asked(key: str = "1", chat: str = str(MEMBER), edited: bool = False) -> Update:
    """An update of the member's as the core has it."""
    now = datetime.now(UTC)
    return Update(
        "telegram", str(MEMBER), chat, key, UpdateKind.TEXT, now, "谁负责？", message="5", edited=edited
    )


async def post(url: str, body: bytes | io.BytesIO, secret: str | None = SECRET) -> int:
    headers = {"Content-Type": "application/json"} | ({} if secret is None else {HEADER: secret})
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as response:
        return response.status


def test_it_is_a_channel_that_can_write_first(bot: Bot) -> None:
    made: Channel = bot.channel("1:a", "http://127.0.0.1:1")
    assert isinstance(made, Messenger)
    assert made.name == "telegram"
    assert list(made.routes()) == []


class TestConversation:
    async def test_a_member_starts_asks_and_is_answered(
        self, served: Mode, phone: Telegram, core: Core, caplog: pytest.LogCaptureFixture
    ) -> None:
        await phone.command("/start chk_42")
        assert await phone.texts(1) == ["您好，我是策问。"]
        await phone.say("谁负责？")
        assert await phone.texts(2) == ["您好，我是策问。", "答：谁负责？"]
        assert [(u.kind, u.payload, u.text) for u in core.asked] == [
            (UpdateKind.COMMAND, "start", "chk_42"),
            (UpdateKind.TEXT, "", "谁负责？"),
        ]
        assert {(u.channel, u.member, u.chat) for u in core.asked} == {("telegram", str(MEMBER), str(MEMBER))}
        assert caplog.text == ""

    async def test_the_menu_of_commands_is_chinese_and_english_for_english_clients(
        self, served: Mode, phone: Telegram
    ) -> None:
        chinese, english = [call["body"] for call in await phone.called("setMyCommands", 2)]
        menu = json.loads(chinese["commands"])
        assert [one["command"] for one in menu] == ["start", "ask", "checkin", "me", "settings", "help"]
        assert all("\u4e00" <= one["description"][0] <= "\u9fff" for one in menu)
        assert "language_code" not in chinese
        assert english["language_code"] == "en"
        assert json.loads(english["commands"])[3] == {"command": "me", "description": "My data"}

    async def test_a_tapped_choice_counts_as_typed(self, served: Mode, phone: Telegram, core: Core) -> None:
        core.replies["讲座"] = Reply(
            "哪一场？", (Choice("第一场", "秋季讲座几点开始？"), Choice("更多", "更多"))
        )
        await phone.say("讲座")
        [question] = await phone.received(1)
        await phone.tap(question, row=0)
        assert (await phone.texts(2))[1] == "答：秋季讲座几点开始？"
        assert core.asked[1].kind is UpdateKind.BUTTON
        [call] = await phone.called("answerCallbackQuery")
        assert "text" not in call["body"]

    async def test_a_tapped_payload_comes_back_as_one(
        self, served: Mode, phone: Telegram, core: Core
    ) -> None:
        core.replies["讲座"] = Reply("九点。", (Choice("有用", "有用", "fb:A7K3Q:+"),))
        await phone.say("讲座")
        [answer] = await phone.received(1)
        await phone.tap(answer, row=0)
        assert (await phone.texts(2))[1] == "答：fb:A7K3Q:+"

    async def test_a_button_works_after_a_restart_until_it_expires(
        self, bot: Bot, phone: Telegram, core: Core, clock: Clock
    ) -> None:
        core.replies["讲座"] = Reply(
            "哪一场？", (Choice("第一场", "第一场的报名截止日期是哪一天？要带什么材料？"),)
        )
        async with serving(bot, phone, "webhook"):
            await phone.called("setMyCommands", 2)
            await phone.say("讲座")
            [question] = await phone.received(1)
        async with serving(bot, phone, "webhook"):
            await phone.called("setMyCommands", 4)
            await phone.tap(question, row=0)
            assert (await phone.texts(2))[1] == "答：第一场的报名截止日期是哪一天？要带什么材料？"
            clock.ahead = LIFETIME
            await phone.tap(question, row=0)
            [_, expired] = await phone.called("answerCallbackQuery", 2)
        assert expired["body"]["text"] == "这个按钮已过期，请重新提问。"
        assert len(core.asked) == 2

    async def test_a_long_answer_comes_whole_in_several_messages(
        self, served: Mode, phone: Telegram, core: Core
    ) -> None:
        answer = "".join(f"第{n}条，各单位应当按时报送材料。\n" for n in range(700))
        core.replies["全文"] = Reply(answer)
        await phone.say("全文")
        pieces = await phone.texts(4)
        assert "".join(pieces) == answer
        assert all(len(piece) <= 4096 and piece.endswith("\n") for piece in pieces)

    async def test_replies_of_one_chat_do_not_mingle(self, served: Mode, phone: Telegram, core: Core) -> None:
        core.replies["全文"] = Reply("甲" * 12_000)
        await phone.say("全文")
        await phone.say("谁负责？")
        texts = await phone.texts(4)
        assert [text[0] for text in texts] == ["甲", "甲", "甲", "答"]

    async def test_markup_in_an_answer_is_shown_and_not_interpreted(
        self, served: Mode, phone: Telegram, core: Core
    ) -> None:
        core.replies["标签"] = Reply('<b>&"</b>')
        await phone.say("标签")
        [sent] = await phone.received(1)
        assert sent["message"]["text"] == '&lt;b&gt;&amp;"&lt;/b&gt;'
        assert sent["message"]["parse_mode"] == "HTML"

    async def test_an_update_that_needs_no_reply_gets_none(
        self, served: Mode, phone: Telegram, core: Core
    ) -> None:
        core.replies["再见"] = None
        await phone.say("再见")
        await phone.say("谁负责？")
        assert await phone.texts(1) == ["答：谁负责？"]
        assert len(core.asked) == 2

    async def test_an_update_delivered_twice_is_handled_and_answered_once(
        self, served: Mode, phone: Telegram, core: Core
    ) -> None:
        for _ in range(2):
            await phone.deliver(phone.text_update(900_001, "谁负责？"))
        await phone.deliver(phone.text_update(900_002, "完"))
        assert await phone.texts(2) == ["答：谁负责？", "答：完"]
        assert len(core.asked) == 2
        assert len(await phone.calls("sendMessage")) == 2

    async def test_a_file_goes_as_a_document_with_its_text_below(
        self, served: Mode, phone: Telegram, core: Core
    ) -> None:
        content = '{"语言": "zh"}'.encode()
        core.replies["导出"] = Reply(
            "您的资料。", attachment=Attachment("资料.json", "application/json", content)
        )
        await phone.say("导出")
        [call] = await phone.called("sendDocument")
        assert call["body"]["caption"] == "您的资料。"
        assert call["body"]["document"]["file_name"] == "资料.json"
        assert base64.b64decode(call["body"]["document"]["content"]) == content

    async def test_in_a_group_the_answer_shows_what_it_answers(
        self, channel: TelegramChannel, phone: Telegram
    ) -> None:
        assert isinstance(await channel.deliver(asked(chat="-100123:7"), Reply("答")), Delivered)
        [call] = await phone.calls("sendMessage")
        assert call["body"]["message_thread_id"] == "7"
        assert json.loads(call["body"]["reply_parameters"])["message_id"] == 5

    async def test_a_member_who_left_is_told_nothing_and_the_core_knows(
        self, served: Mode, phone: Telegram, core: Core
    ) -> None:
        who = {"id": MEMBER, "is_bot": False, "first_name": "张三"}
        me = {"id": 666, "is_bot": True, "first_name": "策问"}
        change = {"chat": {"id": MEMBER, "type": "private"}, "from": who, "date": 1}
        before = {"old_chat_member": {"user": me, "status": "member"}}
        after = {"new_chat_member": {"user": me, "status": "kicked", "until_date": 0}}
        await phone.deliver({"update_id": 900_001, "my_chat_member": {**change, **before, **after}})
        await phone.deliver(phone.text_update(900_002, "完"))
        assert await phone.texts(1) == ["答：完"]
        assert core.asked[0].kind is UpdateKind.UNFOLLOW


class TestCorrections:
    async def test_a_corrected_question_has_its_answer_corrected_in_place(
        self, served: Mode, phone: Telegram, core: Core
    ) -> None:
        await phone.deliver(phone.text_update(900_001, "谁负则？"))
        [before] = await phone.received(1)
        await phone.edit(900_001, "谁负责？", update_id=900_002)
        [call] = await phone.called("editMessageText")
        assert call["body"]["message_id"] == str(before["messageId"])
        assert call["body"]["text"] == "答：谁负责？"
        assert [update.text for update in core.asked] == ["谁负则？", "谁负责？"]
        assert len(await phone.calls("sendMessage")) == 1

    async def test_a_correction_of_a_message_from_before_the_start_gets_a_new_answer(
        self, served: Mode, phone: Telegram
    ) -> None:
        await phone.edit(900_001, "谁负责？", update_id=900_002)
        assert await phone.texts(1) == ["答：谁负责？"]

    async def test_where_the_answer_can_not_be_edited_any_more_a_new_one_is_sent(
        self, served: Mode, phone: Telegram
    ) -> None:
        await phone.deliver(phone.text_update(900_001, "谁负则？"))
        await phone.received(1)
        await phone.fails("editMessageText", 400, "Bad Request: message to edit not found")
        await phone.edit(900_001, "谁负责？", update_id=900_002)
        assert await phone.texts(2) == ["答：谁负则？", "答：谁负责？"]

    async def test_an_answer_that_stays_the_same_is_left_as_it_is(
        self, channel: TelegramChannel, phone: Telegram
    ) -> None:
        await channel.deliver(asked("1"), Reply("张三"))
        await phone.fails("editMessageText", 400, "Bad Request: message is not modified")
        assert isinstance(await channel.deliver(asked("2", edited=True), Reply("张三")), Delivered)
        assert len(await phone.calls("sendMessage")) == 1


class TestOutcomes:
    """What becomes of a message is a value; nothing is raised, and nobody waits."""

    @pytest.mark.parametrize(
        ("status", "said", "outcome"),
        [
            (403, "Forbidden: bot was blocked by the user", Gone),
            (403, "Forbidden: bot was kicked from the supergroup chat", Gone),
            (400, "Bad Request: chat not found", Gone),
            (400, "Bad Request: not enough rights to send text messages to the chat", NotAllowed),
            (400, "Bad Request: message is too long", Rejected),
            (401, "Unauthorized", NotAllowed),
            (502, "Bad Gateway", RetryAt),
            (500, "Internal Server Error", RetryAt),
        ],
    )
    async def test_a_refusal_says_whether_to_try_again_and_who_has_gone(
        self, channel: TelegramChannel, bot: Bot, phone: Telegram, status: int, said: str, outcome: type
    ) -> None:
        await phone.fails("sendMessage", status, said)
        assert isinstance(await channel.deliver(asked(), Reply("答")), outcome)
        assert bot.gone == ([str(MEMBER)] if outcome is Gone else [])
        assert len(await phone.calls("sendMessage")) == 1

    async def test_told_to_slow_down_in_one_chat_it_leaves_that_one_alone_and_no_other(
        self, channel: TelegramChannel, phone: Telegram, clock: Clock
    ) -> None:
        await phone.fails("sendMessage", 429, "Too Many Requests: retry after 30", retry_after=30)
        first = await channel.deliver(asked(), Reply("答"))
        assert isinstance(first, RetryAt)
        assert timedelta(seconds=29) < first.moment - clock() <= timedelta(seconds=30)
        assert await channel.deliver(asked(), Reply("答")) == first
        assert await channel.send(str(MEMBER), Reply("公告")) == first
        assert isinstance(await channel.send("-5", Reply("公告")), Delivered)
        assert len(await phone.calls("sendMessage")) == 2
        clock.ahead = timedelta(seconds=31)
        assert isinstance(await channel.deliver(asked(), Reply("答")), Delivered)

    async def test_a_reply_that_broke_off_goes_on_where_it_stopped(
        self, channel: TelegramChannel, phone: Telegram, clock: Clock
    ) -> None:
        reply = Reply("甲" * 4096 + "乙" * 4096 + "丙")
        await phone.passes("sendMessage")
        await phone.fails("sendMessage", 429, "Too Many Requests: retry after 5", retry_after=5)
        assert isinstance(await channel.deliver(asked(), reply), RetryAt)
        clock.ahead = timedelta(seconds=6)
        assert isinstance(await channel.deliver(asked(), reply), Delivered)
        assert [text[0] for text in await phone.texts(3)] == ["甲", "乙", "丙"]

    async def test_a_group_that_became_a_supergroup_is_written_to_there(
        self, channel: TelegramChannel, phone: Telegram
    ) -> None:
        said = "Bad Request: group chat was upgraded to a supergroup chat"
        await phone.fails("sendMessage", 400, said, migrate_to_chat_id=-1_001_234)
        assert isinstance(await channel.deliver(asked(chat="-1234"), Reply("答")), Delivered)
        assert [call["body"]["chat_id"] for call in await phone.calls("sendMessage")] == ["-1234", "-1001234"]

    async def test_where_telegram_cannot_read_our_markup_the_text_goes_plain(
        self, channel: TelegramChannel, phone: Telegram
    ) -> None:
        await phone.fails("sendMessage", 400, "Bad Request: can't parse entities: unsupported start tag")
        assert isinstance(await channel.deliver(asked(), Reply("<b>")), Delivered)
        [sent] = await phone.received(1)
        assert sent["message"]["text"] == "<b>"
        assert "parse_mode" not in sent["message"]

    async def test_an_answer_that_never_comes_is_unclear_and_a_refused_connection_is_not(
        self, bot: Bot, phone: Telegram
    ) -> None:
        async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        made = bot.channel(phone.token, f"http://127.0.0.1:{port}")
        with pytest.raises(TelegramError):
            await made._connect()  # its connections are open now
        made._is_known = True
        assert isinstance(await made.send("1", Reply("答")), Unclear)
        server.close()
        await server.wait_closed()
        assert isinstance(await made.send("2", Reply("答")), RetryAt)
        await made.stop()

    async def test_before_it_is_connected_nothing_is_tried(self, bot: Bot, phone: Telegram) -> None:
        made = bot.channel(phone.token, phone.api)
        assert isinstance(await made.deliver(asked(), Reply("答")), RetryAt)
        await made.stop()
        assert await phone.calls("sendMessage") == []


class TestTrouble:
    async def test_a_reply_that_telegram_delays_arrives_by_itself(
        self, served: Mode, phone: Telegram
    ) -> None:
        await phone.fails("sendMessage", 429, "Too Many Requests: retry after 1", retry_after=1)
        asked_at = time.monotonic()
        await phone.say("谁负责？")
        await phone.say("那联系电话呢？")
        assert await phone.texts(2) == ["答：谁负责？", "答：那联系电话呢？"]
        assert time.monotonic() - asked_at >= 1

    async def test_a_reply_to_someone_who_blocked_the_bot_is_dropped(
        self, served: Mode, phone: Telegram, caplog: pytest.LogCaptureFixture
    ) -> None:
        await phone.fails("sendMessage", 403, "Forbidden: bot was blocked by the user")
        await phone.say("谁负责？")
        await phone.say("还在吗？")
        assert await phone.texts(1) == ["答：还在吗？"]
        assert not [record for record in caplog.records if record.levelno >= logging.WARNING]

    async def test_what_cannot_be_sent_is_logged_without_the_members_words(
        self, served: Mode, phone: Telegram, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        await phone.fails("sendMessage", 400, "Bad Request: message is too long")
        await phone.say("我的电话是13800000000")
        await phone.say("谁负责？")
        assert await phone.texts(1) == ["答：谁负责？"]
        assert "Message is too long" in caplog.text
        assert "13800000000" not in caplog.text
        assert str(MEMBER) not in caplog.text

    async def test_a_reply_that_was_not_sent_before_a_restart_is_sent_after_it(
        self, core: Core, tmp_path: Path, clock: Clock, phone: Telegram
    ) -> None:
        path = tmp_path / "cewen.sqlite3"
        await phone.fails("sendMessage", 429, "Too Many Requests", retry_after=3600)
        async with open_bot(core, path, clock) as bot, serving(bot, phone, "webhook"):
            await phone.called("setMyCommands", 2)
            await phone.say("谁负责？")
            await phone.called("sendMessage")
        async with open_bot(core, path, clock) as bot, serving(bot, phone, "webhook"):
            assert await phone.texts(1) == ["答：谁负责？"]
        assert len(core.asked) == 1

    async def test_whoever_floods_is_told_once_and_then_nothing(
        self, core: Core, tmp_path: Path, clock: Clock, phone: Telegram
    ) -> None:
        limits = Limits(per_minute=2, waiting=9, per_second=99)
        gate = Gate(limits, lambda _, key, wait: f"{key} {wait}", lambda: 0.0)
        async with (
            open_bot(core, tmp_path / "cewen.sqlite3", clock, gate) as bot,
            serving(bot, phone, "webhook"),
        ):
            await phone.called("setMyCommands", 2)
            for n in range(20):
                await phone.say(f"问题{n}")
            await phone.called("webhook", 20)
            assert sorted(await phone.texts(3)) == ["limits.too_fast 30", "答：问题0", "答：问题1"]
        assert {call["status"] for call in await phone.calls("webhook")} == {200}
        assert len(await phone.calls("sendMessage")) == 3


class TestInlineMode:
    ANSWER = Reply("王五\n李四", source="出处：渝科协发〔2024〕10号")

    async def results(self, phone: Telegram, times: int = 1) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        call = (await phone.called("answerInlineQuery", times))[-1]["body"]
        return call, json.loads(call["results"])

    async def test_a_question_in_any_chat_gets_a_short_answer_with_its_source_to_post(
        self, served: Mode, phone: Telegram, core: Core
    ) -> None:
        core.replies["谁负责<短视频>"] = self.ANSWER
        await phone.ask_inline("谁负责<短视频>")
        call, [result] = await self.results(phone)
        assert (result["title"], result["description"]) == ("王五", self.ANSWER.source)
        posted = result["input_message_content"]
        assert posted["message_text"] == (
            "<b>谁负责&lt;短视频&gt;</b>\n王五\n李四\n<i>出处：渝科协发〔2024〕10号</i>"
        )
        assert posted["parse_mode"] == "HTML"
        assert int(call["cache_time"]) <= 60
        assert call["is_personal"] == "false"
        assert core.asked == []  # it is nobody's conversation and leaves no row

    async def test_without_an_answer_the_way_to_a_private_chat_is_offered(
        self, served: Mode, phone: Telegram
    ) -> None:
        await phone.ask_inline("从没说过的事")
        call, results = await self.results(phone)
        assert results == []
        assert json.loads(call["button"]) == {
            "text": "没有找到，去私聊里换个说法问",
            "start_parameter": "inline",
        }

    async def test_a_long_answer_is_cut_and_keeps_its_source(
        self, channel: TelegramChannel, phone: Telegram, core: Core
    ) -> None:
        core.replies["全文是什么"] = Reply("长" * 5000, source=self.ANSWER.source)
        await phone.ask_inline("全文是什么")
        _, [result] = await self.results(phone)
        text = result["input_message_content"]["message_text"]
        assert len(text) < 4096
        assert text.endswith("…\n<i>出处：渝科协发〔2024〕10号</i>")


class TestFiles:
    async def test_a_file_that_somebody_sent_is_fetched(
        self, channel: TelegramChannel, phone: Telegram
    ) -> None:
        await phone.lays_down("notice1", "关于讲座的通知".encode())
        assert await channel.download("notice1") == "关于讲座的通知".encode()

    async def test_a_file_over_20_mb_is_refused_before_it_is_fetched(
        self, channel: TelegramChannel, phone: Telegram
    ) -> None:
        await phone.lays_down("large1", b"x", file_size=(20 << 20) + 1)
        with pytest.raises(FileUnavailable, match="20 MB"):
            await channel.download("large1")

    async def test_a_file_larger_than_was_said_is_not_read_to_its_end(
        self, channel: TelegramChannel, phone: Telegram
    ) -> None:
        await phone.lays_down("liar1", b"x", file_size=10, length=(20 << 20) + 1)
        with pytest.raises(FileUnavailable, match="20 MB"):
            await channel.download("liar1")

    async def test_one_that_telegram_has_no_more_is_told_in_a_sentence_without_the_token(
        self, channel: TelegramChannel, phone: Telegram
    ) -> None:
        await phone.fails("getFile", 400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        with pytest.raises(FileUnavailable) as error:
            await channel.download("gone")
        assert phone.token not in str(error.value)


class TestConnecting:
    async def test_a_refused_token_is_told_once_and_stays_out_of_the_log(
        self, bot: Bot, phone: Telegram, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        for _ in range(2):
            await phone.fails("getMe", 401, "Unauthorized")
        async with serving(bot, phone, "polling"):
            await phone.say("谁负责？")
            await phone.texts(1)
        assert caplog.text.count("CEWEN_TELEGRAM_TOKEN") == 1
        assert "@CewenBot" in caplog.text
        assert phone.token not in caplog.text

    @pytest.mark.parametrize("mode", ["polling", "webhook"])
    async def test_with_the_network_down_it_starts_says_so_and_stops(
        self, mode: Mode, bot: Bot, phone: Telegram, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def told() -> bool:
            return "Telegram 连不上" in caplog.text

        nowhere = f"http://127.0.0.1:{unused_port()}"
        async with serving(bot, phone, mode, api=nowhere) as (_, url):
            await until(told, "a line in the log")
            assert await post(url, b"{}") == (503 if mode == "webhook" else 404)
        assert len([record for record in caplog.records if record.levelno >= logging.WARNING]) == 1

    @pytest.mark.parametrize("mode", ["polling", "webhook"])
    async def test_stopped_at_once_it_leaves_nothing_behind(
        self, mode: Mode, bot: Bot, phone: Telegram
    ) -> None:
        async with serving(bot, phone, mode):
            pass
        assert len(asyncio.all_tasks()) == 1

    @pytest.mark.parametrize("mode", ["polling", "webhook"])
    async def test_once_the_network_is_back_it_connects_by_itself(
        self, mode: Mode, bot: Bot, phone: Telegram
    ) -> None:
        await phone.fails("getMe", 502, "Bad Gateway")
        await phone.fails("setWebhook" if mode == "webhook" else "deleteWebhook", 502, "Bad Gateway")
        async with serving(bot, phone, mode):
            await phone.called("setMyCommands")
            await phone.say("谁负责？")
            assert await phone.texts(1) == ["答：谁负责？"]

    async def test_without_a_menu_of_commands_it_works_all_the_same(self, bot: Bot, phone: Telegram) -> None:
        await phone.fails("setMyCommands", 500, "Internal Server Error")
        async with serving(bot, phone, "polling"):
            await phone.say("谁负责？")
            assert await phone.texts(1) == ["答：谁负责？"]


class TestPolling:
    @pytest.mark.parametrize("status", [401, 404, 409, 502])
    async def test_it_goes_on_after_a_refusal(
        self, status: int, bot: Bot, phone: Telegram, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with serving(bot, phone, "polling"):
            await phone.called("getUpdates")
            await phone.fails("getUpdates", status, "No")
            await phone.say("谁负责？")
            assert await phone.texts(1) == ["答：谁负责？"]
            await phone.called("getUpdates", 4)
            await phone.say("那联系电话呢？")
            assert (await phone.texts(2))[1] == "答：那联系电话呢？"
        assert len([record for record in caplog.records if record.levelno >= logging.WARNING]) == 1

    async def test_what_was_said_before_the_start_is_answered(self, bot: Bot, phone: Telegram) -> None:
        await phone.say("谁负责？")
        async with serving(bot, phone, "polling"):
            assert await phone.texts(1) == ["答：谁负责？"]

    async def test_only_the_updates_that_it_knows_are_asked_for(self, bot: Bot, phone: Telegram) -> None:
        async with serving(bot, phone, "polling"):
            call = (await phone.called("getUpdates"))[0]
        assert json.loads(call["body"]["allowed_updates"]) == [
            "message", "edited_message", "callback_query", "inline_query", "my_chat_member",
        ]  # fmt: skip

    async def test_an_update_is_confirmed_once_it_is_stored_and_not_before(
        self, bot: Bot, phone: Telegram, core: Core, tmp_path: Path
    ) -> None:
        with Database.open(tmp_path / "cewen.sqlite3") as database:
            async with serving(bot, phone, "polling"):
                database.execute("ALTER TABLE inbox RENAME TO gone")
                await phone.deliver(phone.text_update(900_001, "谁负责？"))
                calls = await phone.called("getUpdates", 3)
                assert all(call["body"].get("offset") != "900002" for call in calls)
                assert core.asked == []
                database.execute("ALTER TABLE gone RENAME TO inbox")
                assert await phone.texts(1) == ["答：谁负责？"]

                async def confirmed() -> bool:
                    return any(c["body"].get("offset") == "900002" for c in await phone.calls("getUpdates"))

                await until(confirmed, "the confirmation")

    async def test_an_update_that_cannot_be_read_does_not_hold_up_the_next(
        self, bot: Bot, phone: Telegram, caplog: pytest.LogCaptureFixture
    ) -> None:
        await phone.deliver({"update_id": 900_001, "message": 5})
        await phone.deliver(phone.text_update(900_002, "谁负责？"))
        async with serving(bot, phone, "polling"):
            assert await phone.texts(1) == ["答：谁负责？"]
        assert "can't be read" in caplog.text


class TestWebhook:
    async def test_it_is_set_with_address_and_secret(self, webhook: str, phone: Telegram) -> None:
        [call] = await phone.called("setWebhook")
        assert (call["body"]["url"], call["body"]["secret_token"]) == (webhook, SECRET)
        assert "drop_pending_updates" not in call["body"]

    async def test_without_a_secret_of_the_operators_one_is_made(self, bot: Bot, phone: Telegram) -> None:
        async with serving(bot, phone, "webhook", secret="") as (_, url):
            [call] = await phone.called("setWebhook")
            assert len(call["body"]["secret_token"]) >= 32
            assert phone.token not in call["body"]["secret_token"]
            assert await post(url, b"{}", secret="") == 403
            await phone.called("setMyCommands", 2)
            await phone.say("谁负责？")
            assert await phone.texts(1) == ["答：谁负责？"]

    @pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", "密"])
    async def test_a_forged_update_is_refused(
        self, webhook: str, phone: Telegram, core: Core, secret: str | None
    ) -> None:
        body = json.dumps(phone.text_update(1, "伪造")).encode()
        assert await post(webhook, body, secret) == 403
        assert core.asked == []

    async def test_an_update_is_stored_before_it_is_acknowledged(
        self, webhook: str, phone: Telegram, core: Core, tmp_path: Path
    ) -> None:
        await phone.fails("sendMessage", 429, "Too Many Requests", retry_after=3600)
        assert await post(webhook, json.dumps(phone.text_update(1, "谁负责？")).encode()) == 200
        with Database.open(tmp_path / "cewen.sqlite3") as database:
            [row] = database.query("SELECT open FROM inbox")
        assert "谁负责" in json.loads(str(row["open"]))["text"]

    async def test_nobody_waits_in_the_request_for_what_telegram_delays(
        self, webhook: str, phone: Telegram
    ) -> None:
        await phone.fails("sendMessage", 429, "Too Many Requests", retry_after=3)
        for update_id in range(1, 20):
            assert await post(webhook, json.dumps(phone.text_update(update_id, "谁负责？")).encode()) == 200
        assert len(await phone.calls("sendMessage")) == 1
        await phone.texts(19)

    async def test_what_could_not_be_stored_is_asked_for_again(
        self, webhook: str, phone: Telegram, tmp_path: Path, core: Core
    ) -> None:
        body = json.dumps(phone.text_update(1, "谁负责？")).encode()
        with Database.open(tmp_path / "cewen.sqlite3") as database:
            database.execute("ALTER TABLE inbox RENAME TO gone")
            assert await post(webhook, body) == 503
            database.execute("ALTER TABLE gone RENAME TO inbox")
        assert await post(webhook, body) == 200
        assert await phone.texts(1) == ["答：谁负责？"]

    @pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
    async def test_what_is_no_json_is_asked_for_again(
        self, webhook: str, core: Core, caplog: pytest.LogCaptureFixture, body: bytes
    ) -> None:
        assert await post(webhook, body) == 400
        assert core.asked == []
        assert "Traceback" not in caplog.text

    @pytest.mark.parametrize("body", [b"[]", b"5", b"{}", b'{"update_id": 1, "message": 5}'])
    async def test_what_is_no_update_that_we_know_is_not_asked_for_again(
        self, webhook: str, core: Core, caplog: pytest.LogCaptureFixture, body: bytes
    ) -> None:
        assert await post(webhook, body) == 200
        assert core.asked == []
        assert "can't be read" in caplog.text
        assert "Traceback" not in caplog.text

    async def test_a_body_over_one_mib_is_refused(self, webhook: str, core: Core) -> None:
        assert await post(webhook, io.BytesIO(b" " * (1 << 20))) == 400
        assert await post(webhook, io.BytesIO(b" " * ((1 << 20) + 1))) == 413
        assert core.asked == []


@pytest.mark.parametrize(
    ("api_address", "url"),
    [
        ("https://api.telegram.org", ""),
        ("https://api.telegram.org", "http://bot.example.org"),
        ("https://api.telegram.org", "http://127.0.0.1:8080"),
        ("http://127.0.0.1:9000", "ftp://127.0.0.1"),
    ],
)
def test_a_webhook_without_https_is_refused_in_a_sentence(api_address: str, url: str) -> None:
    with pytest.raises(TelegramMisconfigured, match=r"CEWEN_PUBLIC_URL.*。$"):
        BotAccount("1:a", "webhook", SECRET, api_address, url)


def test_a_secret_that_telegram_would_not_take_is_refused_in_a_sentence() -> None:
    with pytest.raises(TelegramMisconfigured, match=r"CEWEN_TELEGRAM_SECRET.*。$"):
        BotAccount("1:a", "webhook", "密钥", "https://api.telegram.org", "https://bot.example.org")


def test_the_account_prints_neither_token_nor_secret() -> None:
    assert "a1b2" not in repr(BotAccount("1:a1b2", "polling", "a1b2", "https://api.telegram.org", ""))
