"""The official account's callback over HTTP: against codecs that others wrote (npm), and against rough treatment."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from aiohttp import ClientSession
from callbacks import STAMP, Arrivals, Clock, Core, post, post_and_cut, run_node, serving
from wechat_platform import FakeWeChat
from wechatpy.crypto import WeChatCrypto
from yarl import URL

from bot.channels.model import Attachment, Choice
from bot.channels.tencent.callback import Sentences
from bot.channels.tencent.envelope import SettingNames, make_account, sign
from bot.channels.tencent.limits import Patience
from bot.channels.wechat.api import MassContent, WeChatApi
from bot.channels.wechat.channel import WeChatChannel
from bot.channels.wechat.consents import remaining
from bot.channels.wechat.mass import MassSender
from bot.channels.wechat.script import Script
from bot.inbox.inbox import Inbox
from bot.inbox.inbox import Sentences as InboxSentences
from bot.store.database import Database
from bot.store.writer import Writer

TOKEN, APPID, AES_KEY = "s3cretToken", "wx0123456789abcdef", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
MEMBER = "oMemberWhoIsNobodysBusiness"
NAMES = SettingNames("CEWEN_WECHAT_TOKEN", "CEWEN_WECHAT_AES_KEY", "CEWEN_WECHAT_APPID")
QUERY = {"signature": sign(TOKEN, STAMP, "n"), "timestamp": STAMP, "nonce": "n"}
APOLOGY, WAITING, BUSY, NO_FILES = "抱歉", "回复任意字获取答案", "太忙", "附件发不了"
CODECS = ["wechat-crypto", "@wecom/crypto"]
PICTURE = Attachment("a.png", "image/png", b"\x89PNG")

Serve = Callable[..., Awaitable[str]]


def message(content: str, msg_id: int = 1) -> str:
    said = content.replace("]]>", "]]]]><![CDATA[>")
    return (
        f"<xml><ToUserName><![CDATA[gh_cewen]]></ToUserName><FromUserName><![CDATA[{MEMBER}]]></FromUserName>"
        f"<CreateTime>{STAMP}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{said}]]></Content><MsgId>{msg_id}</MsgId></xml>"
    )


def event(name: str, key: str = "") -> str:
    return (
        f"<xml><ToUserName><![CDATA[gh_cewen]]></ToUserName><FromUserName><![CDATA[{MEMBER}]]></FromUserName>"
        f"<CreateTime>{STAMP}</CreateTime><MsgType><![CDATA[event]]></MsgType>"
        f"<Event><![CDATA[{name}]]></Event><EventKey><![CDATA[{key}]]></EventKey></xml>"
    )


def content(reply: str) -> str:
    return ElementTree.fromstring(reply).findtext("Content") or ""  # noqa: S314  # our own XML


@pytest.fixture
def core() -> Core:
    return Core()


@pytest.fixture
def arrivals() -> Arrivals:
    return Arrivals()


@pytest.fixture
async def account(clock: Clock) -> AsyncIterator[FakeWeChat]:
    async with FakeWeChat(clock, followers=[MEMBER]).serving() as platform:
        yield platform


@pytest.fixture
async def serve(
    core: Core, arrivals: Arrivals, writer: Writer, account: FakeWeChat, clock: Clock
) -> AsyncIterator[Serve]:
    """Starts a server with the channel and gives the callback's address; without `has_api` replies are passive only."""
    async with AsyncExitStack() as running:

        async def start(
            aes_key: str = "",
            has_api: bool = False,
            handler_cancellation: bool = False,
            script: Script | None = None,
            max_under_way: int = 1000,
            **patience: Any,
        ) -> str:
            sentences = InboxSentences(APOLOGY, "前面的：")
            inbox = Inbox(
                core.respond,
                writer,
                sentences=sentences,
                clock=clock,
                silence=patience.pop("silence", 20.0),
                max_under_way=max_under_way,
            )
            session = await running.enter_async_context(ClientSession())
            api = WeChatApi(
                session,
                writer,
                appid=account.appid,
                secret=account.secret,
                base=account.address,
                clock=clock,
            )
            channel = WeChatChannel(
                account=make_account(TOKEN, APPID, aes_key, NAMES),
                api=api if has_api else None,
                take=inbox.take,
                writer=writer,
                script=script or Script(),
                sentences=Sentences(WAITING, BUSY, NO_FILES),
                clock=clock,
                patience=Patience(**patience),
            )
            inbox.attach([channel])
            running.push_async_callback(inbox.close)
            url = await running.enter_async_context(serving(channel, arrivals, handler_cancellation))
            await inbox.start()
            return f"{url}/wechat"

        yield start
        core.may_answer.set()


def signed(nonce: object) -> dict[str, str]:
    """A query of the platform's; in plain mode each message has its own."""
    return {"signature": sign(TOKEN, STAMP, str(nonce)), "timestamp": STAMP, "nonce": str(nonce)}


async def say(url: str, text: str, msg_id: int = 1) -> str:
    """A member's message in plain mode; gives the reply's text."""
    status, reply = await post(url, message(text, msg_id), signed(msg_id))
    assert status == 200
    return content(reply) if reply.startswith("<xml>") else reply


async def tell(url: str, xml: str) -> str:
    """Anything else in plain mode; gives the answer as it comes."""
    status, reply = await post(url, xml, signed(hash(xml)))
    assert status == 200
    return reply


async def cut(url: str, text: str, msg_id: int = 1) -> None:
    await post_and_cut(url, message(text, msg_id), signed(msg_id))


async def platform(standins: Path, url: str, deliveries: list[dict[str, Any]], **job: str) -> list[Any]:
    """Has WeChat's side, in Node, deliver these; gives a status and an opened reply for each."""
    whole = {"url": url, "token": TOKEN, "appid": APPID, "aesKey": AES_KEY, "timestamp": STAMP} | job
    replies: list[Any] = await run_node(standins / "wechat.js", whole | {"deliveries": deliveries})
    return replies


@pytest.mark.parametrize("codec", CODECS)
class TestWithCodecsByOthers:
    @pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
    async def test_a_question_is_answered_in_each_mode(
        self, standins: Path, serve: Serve, codec: str, mode: str
    ) -> None:
        url = await serve("" if mode == "plain" else AES_KEY)
        [got] = await platform(standins, url, [{"xml": message("截止到哪天？")}], codec=codec, mode=mode)
        reply = {child.tag: child.text for child in ElementTree.fromstring(got["text"])}  # noqa: S314
        assert got["status"] == 200
        assert (reply["ToUserName"], reply["FromUserName"]) == (MEMBER, "gh_cewen")
        assert (reply["MsgType"], reply["Content"]) == ("text", "答：截止到哪天？")

    @pytest.mark.parametrize("is_sealed", [False, True])
    async def test_the_handshake_returns_what_was_sent(
        self, standins: Path, serve: Serve, codec: str, is_sealed: bool
    ) -> None:
        url = await serve(AES_KEY)
        handshake = {"echo": "5820345981734", "sealed": is_sealed}
        [got] = await platform(standins, url, [handshake], codec=codec, mode="safe")
        assert got == {"status": 200, "text": "5820345981734"}

    async def test_followers_come_scan_and_leave(
        self, standins: Path, serve: Serve, core: Core, codec: str
    ) -> None:
        events = [
            event("subscribe"),
            event("subscribe", "qrscene_chk-7"),
            event("SCAN", "chk-7"),
            event("unsubscribe"),
        ]
        url = await serve(AES_KEY)
        got = await platform(standins, url, [{"xml": e} for e in events], codec=codec, mode="safe")
        assert [content(g["text"]) for g in got[:3]] == ["欢迎", "欢迎 chk-7", "答："]
        assert got[3] == {"status": 200, "text": "success"}
        kinds = [(update.kind.value, update.payload) for update in core.asked]
        assert kinds == [("follow", ""), ("follow", "chk-7"), ("scan", "chk-7"), ("unfollow", "")]

    async def test_hundreds_of_random_messages_come_back_as_they_went(
        self, standins: Path, serve: Serve, codec: str
    ) -> None:
        source = random.Random(codec)  # noqa: S311
        ranges = [(0x20, 0x7E), (0x4E00, 0x9FFF), (0xA0, 0xD7FF), (0x1F300, 0x1FAFF), (0x20000, 0x2A6DF)]
        said = ["]]>", "a]]>b]]>", "]]]]>", "<b>&amp;</b>", "&#1;", "<Encrypt>AAAA</Encrypt>"]
        for _ in range(800):
            length = source.randrange(1, 900)
            chosen = "".join(chr(source.randint(*source.choice(ranges))) for _ in range(length))
            said.append(chosen.replace("<", "‹"))  # "<a" is changed on purpose: a notice can't make links
        deliveries = [{"xml": message(text, n)} for n, text in enumerate(said, 1)]
        got = await platform(standins, await serve(AES_KEY), deliveries, codec=codec, mode="safe")
        mismatches = []
        for text, reply in zip(said, got, strict=True):
            came, went = content(reply["text"]), f"答：{text.strip()}"
            whole = came == went
            cut = len(went.encode()) > 2048 and came.endswith("…") and went.startswith(came[:-1])
            if not whole and not cut:
                mismatches.append((text, came))
        assert mismatches == []


class TestRoughTreatment:
    @pytest.mark.parametrize("aes_key", ["", AES_KEY])
    @pytest.mark.parametrize("query", [{}, {**QUERY, "signature": "0" * 40}, {**QUERY, "timestamp": "1"}])
    async def test_a_forged_request_is_refused_and_nothing_is_asked(
        self,
        serve: Serve,
        core: Core,
        aes_key: str,
        query: dict[str, str],
    ) -> None:
        url = await serve(aes_key)
        handshake = {**query, "echostr": "1"}
        async with ClientSession() as session, session.get(url, params=handshake) as response:
            assert response.status == 403
        assert await post(url, message("甲"), query) == (403, "")
        assert core.asked == []

    async def test_a_plain_body_is_refused_where_there_is_a_key(self, serve: Serve, core: Core) -> None:
        assert await post(await serve(AES_KEY), message("甲"), QUERY) == (403, "")
        assert core.asked == []

    async def test_a_body_over_64_kib_is_too_large(self, serve: Serve) -> None:
        url = await serve()
        assert (await post(url, b"x" * (64 * 1024), signed(1)))[0] == 200
        assert (await post(url, b"x" * (64 * 1024 + 1), signed(2)))[0] == 413

    @pytest.mark.parametrize(
        "body",
        [
            "",
            "{}",
            b"\xff\xfe\x00",
            "<xml>",
            "<a>" * 20_000,
            "<xml>" + "<a/>" * 15_000 + "</xml>",
            message("甲", 1).replace("<MsgId>1", "<MsgId>甲"),
            '<!DOCTYPE x [<!ENTITY a "' + "b" * 1000 + '">]><xml><MsgType>&a;</MsgType></xml>',
        ],
        ids=["empty", "JSON", "binary", "cut off", "deep", "wide", "no number", "entities"],
    )
    async def test_what_cant_be_read_gets_success_and_one_quiet_line(
        self,
        serve: Serve,
        core: Core,
        caplog: pytest.LogCaptureFixture,
        body: str | bytes,
    ) -> None:
        url = await serve()
        caplog.clear()
        assert await post(url, body, QUERY) == (200, "success")
        assert core.asked == []
        [line] = caplog.records
        assert (line.levelname, line.exc_info) == ("WARNING", None)

    async def test_a_body_that_breaks_off_is_no_fault(
        self, serve: Serve, caplog: pytest.LogCaptureFixture
    ) -> None:
        url = await serve()
        host, port = url.removeprefix("http://").removesuffix("/wechat").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        query = "&".join(f"{name}={value}" for name, value in QUERY.items())
        writer.write(f"POST /wechat?{query} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n<xml>".encode())
        writer.write_eof()
        await reader.read()  # until the server has closed, too
        writer.close()
        await writer.wait_closed()
        assert await say(url, "甲") == "答：甲"
        assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []

    async def test_a_body_that_never_comes_is_given_up(self, serve: Serve) -> None:
        url = await serve(reply_seconds=0.05)

        async def trickle() -> Any:
            yield b"<xml>"
            await asyncio.Event().wait()

        async with ClientSession() as session, session.post(url, params=QUERY, data=trickle()) as response:
            assert (response.status, await response.text()) == (200, "success")

    async def test_control_characters_do_no_harm(self, serve: Serve, core: Core) -> None:
        assert await say(await serve(), "报\x1d名\x0c截止") == "答：报名截止"

    @pytest.mark.parametrize("said", ["无须回复", "空白回复"])
    async def test_no_reply_and_a_blank_one_are_success(self, serve: Serve, said: str) -> None:
        assert await say(await serve(), said) == "success"

    async def test_a_fault_of_the_core_is_logged_without_the_member(
        self, serve: Serve, core: Core, caplog: pytest.LogCaptureFixture
    ) -> None:
        core.fault = RuntimeError(f"{MEMBER} asked 甲乙丙")
        caplog.set_level(logging.DEBUG)
        assert await say(await serve(), "甲乙丙") == APOLOGY
        assert "RuntimeError" in caplog.text
        for secret in (MEMBER, "甲乙丙", TOKEN):
            assert secret not in caplog.text

    async def test_an_echo_that_is_no_text_is_no_fault(self, serve: Serve) -> None:
        query = "&".join(f"{name}={value}" for name, value in QUERY.items())
        odd = URL(f"{await serve()}?{query}&echostr=a%ff%ed%a0%80%00%0d%0aX:1", encoded=True)
        async with ClientSession() as session, session.get(odd) as response:
            assert (response.status, response.content_type) == (200, "text/plain")
            assert "X" not in response.headers

    async def test_refusals_are_logged_without_secrets(
        self, serve: Serve, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG, "bot")
        url = await serve(AES_KEY)
        await post(url, message("甲乙丙"), QUERY)
        await post(url, message("甲乙丙"), {**QUERY, "nonce": "other"})
        assert caplog.text.count("拒绝") == 2
        for secret in (MEMBER, "甲乙丙", TOKEN, AES_KEY, QUERY["signature"], sign(TOKEN, STAMP, "other")):
            assert secret not in caplog.text

    async def test_plain_mode_is_advised_against_at_the_start(
        self, serve: Serve, caplog: pytest.LogCaptureFixture
    ) -> None:
        await serve()
        assert "安全模式" in caplog.text


class TestTries:
    """The platform cuts a try after five seconds and delivers again, three times in all."""

    @pytest.mark.parametrize("handler_cancellation", [False, True])
    async def test_the_last_try_gets_the_answer_that_the_first_began(
        self, serve: Serve, core: Core, arrivals: Arrivals, handler_cancellation: bool
    ) -> None:
        url = await serve(handler_cancellation=handler_cancellation)
        core.may_answer.clear()
        await cut(url, "甲")
        await cut(url, "甲")
        last = asyncio.create_task(say(url, "甲"))
        await arrivals.reach(3)
        core.may_answer.set()
        assert await last == "答：甲"
        assert len(core.asked) == 1

    async def test_tries_that_overlap_get_one_answer(
        self, serve: Serve, core: Core, arrivals: Arrivals
    ) -> None:
        url = await serve()
        core.may_answer.clear()
        tries = [asyncio.create_task(say(url, "甲")) for _ in range(3)]
        await arrivals.reach(3)
        core.may_answer.set()
        assert await asyncio.gather(*tries) == ["答：甲"] * 3
        assert len(core.asked) == 1

    async def test_a_try_after_the_answer_gets_the_same_one(self, serve: Serve, core: Core) -> None:
        url = await serve()
        assert await say(url, "甲") == await say(url, "甲")
        assert len(core.asked) == 1

    async def test_two_messages_are_two_questions(self, serve: Serve, core: Core) -> None:
        url = await serve()
        await say(url, "甲", 1)
        await say(url, "甲", 2)
        await tell(url, event("SCAN", "a"))
        await tell(url, event("SCAN", "b"))
        assert len(core.asked) == 4

    async def test_an_answer_that_came_while_nobody_listened_waits_for_the_next_try(
        self, serve: Serve, core: Core, account: FakeWeChat
    ) -> None:
        url = await serve(has_api=True)
        core.may_answer.clear()
        await cut(url, "甲")
        core.may_answer.set()
        assert await say(url, "甲") == "答：甲"
        assert len(core.asked) == 1
        assert account.messages == []

    async def test_a_try_that_nobody_cuts_ends_with_success(self, serve: Serve, core: Core) -> None:
        url = await serve(hold_seconds=0.05)
        core.may_answer.clear()
        assert await say(url, "甲") == "success"

    async def test_one_slow_answer_keeps_no_other_member_waiting(self, serve: Serve, core: Core) -> None:
        url = await serve()
        core.slow = {"慢"}
        core.may_answer.clear()
        slow = asyncio.create_task(say(url, "慢", 1))
        other = message("快", 2).replace(MEMBER, "oSomebodyElse")
        assert content(await tell(url, other)) == "答：快"
        core.may_answer.set()
        assert await slow == "答：慢"

    async def test_too_much_at_once_is_said_and_what_runs_goes_on(
        self, serve: Serve, core: Core, caplog: pytest.LogCaptureFixture
    ) -> None:
        url = await serve(max_under_way=1)
        core.may_answer.clear()
        first = asyncio.create_task(say(url, "甲", 1))
        await until(lambda: bool(core.asked))
        assert await say(url, "乙", 2) == BUSY
        assert "没有收下" in caplog.text
        core.may_answer.set()
        assert await first == "答：甲"


class TestLateReplies:
    """The last try has to be answered before the reply is there."""

    async def last_try(self, url: str) -> str:
        await cut(url, "甲")
        await cut(url, "甲")
        return await say(url, "甲")

    async def test_it_follows_as_one_customer_service_message(
        self, serve: Serve, core: Core, account: FakeWeChat
    ) -> None:
        url = await serve(has_api=True, reply_seconds=0.05)
        account.contact(MEMBER)
        core.may_answer.clear()
        assert await self.last_try(url) == "success"
        core.may_answer.set()
        await until(lambda: bool(account.messages))
        [sent] = account.messages
        assert (sent["touser"], sent["text"]["content"]) == (MEMBER, "答：甲")
        assert await say(url, "乙", 2) == "答：乙"

    async def test_without_the_right_to_send_the_member_is_asked_to_write_again_and_gets_it_then(
        self, serve: Serve, core: Core
    ) -> None:
        url = await serve(reply_seconds=0.05)
        core.may_answer.clear()
        assert await self.last_try(url) == WAITING
        core.may_answer.set()
        assert await say(url, "好", 2) == "答：甲"
        assert [update.text for update in core.asked] == ["甲"]

    async def test_written_again_before_it_is_there_it_is_waited_for(
        self, serve: Serve, core: Core, arrivals: Arrivals
    ) -> None:
        url = await serve(reply_seconds=0.05)
        core.may_answer.clear()
        assert await self.last_try(url) == WAITING
        fetching = asyncio.create_task(say(url, "1", 2))
        await arrivals.reach(4)
        core.may_answer.set()
        assert await fetching == "答：甲"

    async def test_an_account_that_turns_out_to_have_no_right_keeps_it_and_asks_from_then_on(
        self, serve: Serve, core: Core, account: FakeWeChat
    ) -> None:
        url = await serve(has_api=True, reply_seconds=0.05)
        account.is_verified = False
        core.may_answer.clear()
        assert await self.last_try(url) == "success"
        core.may_answer.set()
        await until(lambda: account.called["message/custom/send"] == 1)
        assert await say(url, "新的问题", 2) == "前面的：答：甲\n\n答：新的问题"
        core.may_answer.clear()
        await cut(url, "乙", 3)
        await cut(url, "乙", 3)
        assert await say(url, "乙", 3) == WAITING

    async def test_one_that_no_further_try_comes_for_is_sent_all_the_same(
        self, serve: Serve, core: Core, account: FakeWeChat
    ) -> None:
        url = await serve(has_api=True, hold_seconds=0.05, silence=0.05)
        account.contact(MEMBER)
        core.may_answer.clear()
        await say(url, "甲")  # and the platform never tries again
        core.may_answer.set()
        await until(lambda: bool(account.messages))
        assert account.messages[0]["text"]["content"] == "答：甲"

    async def test_it_spends_nothing_of_the_allowance_to_say_wait(
        self, serve: Serve, core: Core, account: FakeWeChat
    ) -> None:
        url = await serve(has_api=True, reply_seconds=0.05)
        account.contact(MEMBER)
        core.may_answer.clear()
        await self.last_try(url)
        core.may_answer.set()
        await until(lambda: bool(account.messages))
        assert account.contacts[MEMBER].left == 4


class TestPictures:
    async def test_a_text_comes_first_and_its_picture_after_it(
        self, serve: Serve, core: Core, account: FakeWeChat
    ) -> None:
        url = await serve(has_api=True)
        account.contact(MEMBER)
        core.attachment = PICTURE
        assert await say(url, "甲") == "答：甲"
        await until(lambda: bool(account.messages))
        assert account.media[account.messages[0]["image"]["media_id"]] == PICTURE.content

    async def test_a_picture_alone_is_the_passive_reply(
        self, serve: Serve, core: Core, account: FakeWeChat
    ) -> None:
        core.attachment = PICTURE
        url = await serve(has_api=True)
        reply = ElementTree.fromstring(await tell(url, message("只要图")))  # noqa: S314
        assert account.media[reply.findtext("Image/MediaId") or ""] == PICTURE.content
        assert account.messages == []

    @pytest.mark.parametrize("attachment", [PICTURE, Attachment("a.json", "application/json", b"{}")])
    async def test_what_cant_be_sent_is_said(self, serve: Serve, core: Core, attachment: Attachment) -> None:
        core.attachment = attachment
        url = await serve(has_api=attachment is not PICTURE)
        assert await say(url, "甲") == f"答：甲\n{NO_FILES}"


class TestWhatThePlatformTells:
    async def test_consents_are_stored_before_the_platform_is_told(
        self, serve: Serve, core: Core, writer: Writer
    ) -> None:
        answers = (
            "<List><TemplateId>t1</TemplateId><SubscribeStatusString>accept</SubscribeStatusString></List>"
        )
        consent = event("subscribe_msg_popup_event").replace("</xml>", f"<X>{answers}</X></xml>")
        url = await serve()
        for _ in range(2):
            assert await tell(url, consent) == "success"
        assert await writer.write(lambda database: remaining(database, MEMBER, "t1")) == 1
        assert core.asked == []
        await tell(url, event("unsubscribe"))
        assert await writer.write(lambda database: remaining(database, MEMBER, "t1")) == 0

    async def test_the_end_of_a_mass_sending_is_stored(
        self, serve: Serve, account: FakeWeChat, writer: Writer, clock: Clock
    ) -> None:
        url = await serve()
        async with ClientSession() as session:
            api = WeChatApi(
                session,
                writer,
                appid=account.appid,
                secret=account.secret,
                base=account.address,
                clock=clock,
            )
            sender = MassSender(api, writer, clock)
            await sender.send("notice-1", MassContent.TEXT, "讲座改期")
            assert await tell(url, account.finish(account.jobs[0], sent=9)) == "success"
            result = await sender.result("notice-1")
        assert result is not None
        assert result.sent == 9

    async def test_a_contact_opens_a_window_that_a_restart_keeps(self, serve: Serve, writer: Writer) -> None:
        url = await serve()
        await say(url, "甲")
        await tell(url, event("SCAN", "a"))

        def windows(database: Database) -> list[object]:
            return [row["kind"] for row in database.query("SELECT kind FROM wechat_window ORDER BY kind")]

        async with asyncio.timeout(10):
            while await writer.write(windows) != ["message", "tap"]:  # noqa: ASYNC110  # written some time later
                await asyncio.sleep(0.01)

    @pytest.mark.parametrize(
        "xml", [event("VIEW", "https://a.cn"), event("LOCATION"), event("unsubscribe"), event("来年才有的")]
    )
    async def test_where_nobody_waits_nothing_is_said(self, serve: Serve, xml: str) -> None:
        assert await tell(await serve(), xml) == "success"


class TestTheAssociationsOwnWords:
    SCRIPT = Script.model_validate(
        {
            "follow": "欢迎关注",
            "keyword": [
                {"words": ["入会"], "reply": "入会请看官网"},
                {"words": ["你好"], "whole": True, "reply": "您好"},
            ],
        }
    )

    async def test_a_keyword_is_answered_without_the_core(self, serve: Serve, core: Core) -> None:
        url = await serve(script=self.SCRIPT)
        assert await say(url, "怎么入会呀", 1) == "入会请看官网"
        assert await say(url, "你好", 2) == "您好"
        assert core.asked == []
        assert await say(url, "你好，截止到哪天", 3) == "答：你好，截止到哪天"

    async def test_a_follower_is_greeted_in_its_words_and_the_core_is_told(
        self, serve: Serve, core: Core
    ) -> None:
        url = await serve(script=self.SCRIPT)
        assert content(await tell(url, event("subscribe"))) == "欢迎关注"
        assert len(core.asked) == 1

    async def test_what_a_scene_brings_comes_after_the_greeting(self, serve: Serve) -> None:
        url = await serve(script=self.SCRIPT)
        assert content(await tell(url, event("subscribe", "qrscene_chk-7"))) == "欢迎关注\n\n欢迎 chk-7"


async def test_choices_can_be_tapped(serve: Serve, core: Core) -> None:
    core.choices = (Choice("截止日期", "截止到哪天"),)
    reply = await say(await serve(), "甲")
    assert reply.endswith('<a href="weixin://bizmsgmenu?msgmenucontent=截止到哪天&msgmenuid=1">截止日期</a>')


async def test_in_plain_mode_another_body_with_a_seen_query_is_forged(serve: Serve, core: Core) -> None:
    url = await serve()
    assert (await post(url, message("甲"), QUERY))[0] == 200
    assert (await post(url, message("乙", 2), QUERY))[0] == 403
    assert len(core.asked) == 1


async def until(holds: Callable[[], bool]) -> None:
    """Lets the work go on until it has come so far."""
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110  # the platform's side has no event to wait for
            await asyncio.sleep(0.001)


async def test_wechatpy_as_the_platform_opens_the_reply(serve: Serve) -> None:
    crypto = WeChatCrypto(TOKEN, AES_KEY, APPID)
    sealed = crypto.encrypt_message(message("甲"), "n", STAMP)
    signature = ElementTree.fromstring(sealed).findtext("MsgSignature") or ""  # noqa: S314
    status, reply = await post(await serve(AES_KEY), sealed, {**QUERY, "msg_signature": signature})
    fields = ElementTree.fromstring(reply)  # noqa: S314
    proof = [fields.findtext(name) for name in ("MsgSignature", "TimeStamp", "Nonce")]
    assert status == 200
    assert content(crypto.decrypt_message(reply, *proof)) == "答：甲"


async def test_compatible_mode_without_a_key_is_read_as_plain(serve: Serve) -> None:
    both = message("甲").replace("</xml>", "<Encrypt><![CDATA[AAAA]]></Encrypt></xml>")
    _, reply = await post(await serve(), both, {**QUERY, "encrypt_type": "aes", "msg_signature": "0" * 40})
    assert content(reply) == "答：甲"
