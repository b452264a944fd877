"""The official account's callback over HTTP: against codecs that others wrote (npm), and against rough treatment."""

import asyncio
import json
import logging
import random
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from aiohttp import ClientSession, ClientTimeout, web
from aiohttp.test_utils import TestServer
from wechatpy.crypto import WeChatCrypto
from yarl import URL

from bot.channels.model import Channel, Reply, Update, UpdateKind
from bot.channels.wechat.channel import WeChatChannel
from bot.channels.wechat.envelope import sign
from bot.channels.wechat.limits import Patience
from bot.inbox.inbox import Inbox, Sentences
from bot.store.writer import Writer

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
STAMP = str(int(NOON.timestamp()))
TOKEN, APPID, AES_KEY = "s3cretToken", "wx0123456789abcdef", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
MEMBER = "oMemberWhoIsNobodysBusiness"
QUERY = {"signature": sign(TOKEN, STAMP, "n"), "timestamp": STAMP, "nonce": "n"}

StartServer = Callable[[web.Application], Awaitable[TestServer]]
Serve = Callable[..., Awaitable[str]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
CODECS = ["wechat-crypto", "@wecom/crypto"]


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


class Core:
    """A responder that notes what it is asked, waits where it is told to, and gives the text back."""

    def __init__(self) -> None:
        self.asked: list[Update] = []
        self.answered: list[str] = []
        self.fault: Exception | None = None
        self.slow: set[str] | None = None
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def respond(self, update: Update) -> Reply | None:
        self.asked.append(update)
        if self.slow is None or update.text in self.slow:
            await self.may_answer.wait()
        if self.fault:
            raise self.fault
        self.answered.append(update.text)
        if update.kind is UpdateKind.FOLLOW:
            return Reply(f"欢迎 {update.payload}".strip())
        replies = {"无须回复": None, "空白回复": Reply(" \n\x00")}
        return replies.get(update.text, Reply(f"答：{update.text}"))


@pytest.fixture
def core() -> Core:
    return Core()


class Arrivals:
    """Counts the requests that have come in."""

    def __init__(self) -> None:
        self._count = 0
        self._changed = asyncio.Condition()

    async def note(self) -> None:
        async with self._changed:
            self._count += 1
            self._changed.notify_all()

    async def reach(self, count: int) -> None:
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(lambda: self._count >= count)


@pytest.fixture
def arrivals() -> Arrivals:
    return Arrivals()


@pytest.fixture
async def serve(core: Core, arrivals: Arrivals) -> AsyncIterator[Serve]:
    """Starts a server with the channel and gives the callback's address."""

    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        await arrivals.note()
        return await handler(request)

    async with AsyncExitStack() as running:

        async def start(aes_key: str = "", handler_cancellation: bool = False, **patience: Any) -> str:
            responder, clock = core.respond, lambda: NOON
            channel: Channel = WeChatChannel(
                token=TOKEN,
                appid=APPID,
                aes_key=aes_key,
                responder=responder,
                clock=clock,
                patience=Patience(**patience),
            )
            app = web.Application(middlewares=[count])
            app.add_routes(channel.routes())
            runner = web.AppRunner(app, handler_cancellation=handler_cancellation, access_log=None)
            await runner.setup()
            running.push_async_callback(channel.stop)
            running.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            await channel.start()
            return f"http://127.0.0.1:{runner.addresses[0][1]}/wechat"

        yield start
        core.may_answer.set()


async def post(url: str, body: str | bytes, query: dict[str, str] = QUERY) -> tuple[int, str]:
    async with (
        ClientSession(timeout=ClientTimeout(total=10)) as session,
        session.post(url, params=query, data=body) as response,
    ):
        return response.status, await response.text()


async def post_and_cut(url: str, body: str) -> None:
    """A try that the platform gives up."""
    with pytest.raises(TimeoutError):
        async with ClientSession(timeout=ClientTimeout(total=0.1)) as session:
            await session.post(url, params=QUERY, data=body)


async def platform(standins: Path, url: str, deliveries: list[dict[str, Any]], **job: str) -> list[Any]:
    """Has WeChat's side, in Node, deliver these; gives a status and an opened reply for each."""
    node = await asyncio.create_subprocess_exec(
        *("node", "--no-deprecation", str(standins / "wechat.js")), stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    whole = {"url": url, "token": TOKEN, "appid": APPID, "aesKey": AES_KEY, "timestamp": STAMP} | job
    out, err = await node.communicate(json.dumps(whole | {"deliveries": deliveries}).encode())
    assert node.returncode == 0, err.decode()
    replies: list[Any] = json.loads(out)
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
        for _ in range(300):
            length = source.randrange(1, 500)
            said.append("".join(chr(source.randint(*source.choice(ranges))) for _ in range(length)))
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
        assert await post(await serve(AES_KEY), message("甲")) == (403, "")
        assert core.asked == []

    async def test_a_body_over_64_kib_is_too_large(self, serve: Serve) -> None:
        url = await serve()
        assert (await post(url, b"x" * (64 * 1024)))[0] == 200
        assert (await post(url, b"x" * (64 * 1024 + 1)))[0] == 413

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
        assert await post(url, body) == (200, "success")
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
        assert content((await post(url, message("甲")))[1]) == "答：甲"
        assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []

    async def test_a_body_that_never_comes_is_given_up(self, serve: Serve) -> None:
        url = await serve(reply_seconds=0.05)

        async def trickle() -> Any:
            yield b"<xml>"
            await asyncio.Event().wait()

        async with ClientSession() as session, session.post(url, params=QUERY, data=trickle()) as response:
            assert (response.status, await response.text()) == (200, "success")

    async def test_control_characters_do_no_harm(self, serve: Serve, core: Core) -> None:
        _, reply = await post(await serve(), message("报\x1d名\x0c截止"))
        assert content(reply) == "答：报名截止"

    @pytest.mark.parametrize("said", ["无须回复", "空白回复"])
    async def test_no_reply_and_a_blank_one_are_success(self, serve: Serve, said: str) -> None:
        assert await post(await serve(), message(said)) == (200, "success")

    async def test_a_fault_of_the_core_is_logged_without_the_member(
        self, serve: Serve, core: Core, caplog: pytest.LogCaptureFixture
    ) -> None:
        core.fault = RuntimeError(f"{MEMBER} asked 甲乙丙")
        caplog.set_level(logging.DEBUG)
        assert await post(await serve(), message("甲乙丙")) == (200, "success")
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
        await post(url, message("甲乙丙"))
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
        await post_and_cut(url, message("甲"))
        await post_and_cut(url, message("甲"))
        last = asyncio.create_task(post(url, message("甲")))
        await arrivals.reach(3)
        core.may_answer.set()
        status, reply = await last
        assert (status, content(reply)) == (200, "答：甲")
        assert len(core.asked) == 1

    async def test_tries_that_overlap_get_one_answer(
        self, serve: Serve, core: Core, arrivals: Arrivals
    ) -> None:
        url = await serve()
        core.may_answer.clear()
        tries = [asyncio.create_task(post(url, message("甲"))) for _ in range(3)]
        await arrivals.reach(3)
        core.may_answer.set()
        assert [content(reply) for _, reply in await asyncio.gather(*tries)] == ["答：甲"] * 3
        assert len(core.asked) == 1

    async def test_a_try_after_the_answer_gets_the_same_one(self, serve: Serve, core: Core) -> None:
        url = await serve()
        assert await post(url, message("甲")) == await post(url, message("甲"))
        assert len(core.asked) == 1

    async def test_two_messages_are_two_questions(self, serve: Serve, core: Core) -> None:
        url = await serve()
        await post(url, message("甲", 1))
        await post(url, message("甲", 2))
        await post(url, event("SCAN", "a"))
        await post(url, event("SCAN", "b"))
        assert len(core.asked) == 4

    async def test_the_last_try_gives_up_with_success(self, serve: Serve, core: Core) -> None:
        url = await serve(reply_seconds=0.05, hold_seconds=60)
        core.may_answer.clear()
        await post_and_cut(url, message("甲"))
        await post_and_cut(url, message("甲"))
        assert await post(url, message("甲")) == (200, "success")
        assert len(core.asked) == 1

    async def test_a_try_that_nobody_cuts_ends_with_success(self, serve: Serve, core: Core) -> None:
        url = await serve(hold_seconds=0.05)
        core.may_answer.clear()
        assert await post(url, message("甲")) == (200, "success")

    async def test_an_answer_is_forgotten_when_no_try_can_come_any_more(
        self, serve: Serve, core: Core
    ) -> None:
        url = await serve(kept_seconds=0)
        await post(url, message("甲"))
        await post(url, message("甲"))
        assert len(core.asked) == 2

    async def test_more_than_can_be_kept_is_turned_away_but_what_runs_goes_on(
        self, serve: Serve, core: Core, caplog: pytest.LogCaptureFixture
    ) -> None:
        url = await serve(max_answers=1, hold_seconds=0.05)
        core.may_answer.clear()
        await post(url, message("甲", 1))
        assert await post(url, message("乙", 2)) == (200, "success")
        assert [update.text for update in core.asked] == ["甲"]
        assert "太多" in caplog.text
        core.may_answer.set()
        assert content((await post(url, message("甲", 1)))[1]) == "答：甲"

    async def test_one_slow_answer_keeps_nobody_waiting(self, serve: Serve, core: Core) -> None:
        url = await serve()
        core.slow = {"慢"}
        core.may_answer.clear()
        slow = asyncio.create_task(post(url, message("慢", 1)))
        assert content((await post(url, message("快", 2)))[1]) == "答：快"
        core.may_answer.set()
        assert content((await slow)[1]) == "答：慢"

    async def test_stopping_waits_for_the_answers_in_the_making(self, core: Core) -> None:
        core.may_answer.clear()
        channel = WeChatChannel(
            token=TOKEN,
            appid="",
            aes_key="",
            responder=core.respond,
            clock=lambda: NOON,
            patience=Patience(hold_seconds=0.05),
        )
        app = web.Application()
        app.add_routes(channel.routes())
        async with TestServer(app) as server:
            assert await post(str(server.make_url("/wechat")), message("甲")) == (200, "success")
            stopping = asyncio.create_task(channel.stop())
            await asyncio.sleep(0)
            assert not stopping.done()
            core.may_answer.set()
            await stopping
        assert core.answered == ["甲"]


async def test_wechatpy_as_the_platform_opens_the_reply(serve: Serve) -> None:
    crypto = WeChatCrypto(TOKEN, AES_KEY, APPID)
    sealed = crypto.encrypt_message(message("甲"), "n", STAMP)
    signature = ElementTree.fromstring(sealed).findtext("MsgSignature") or ""  # noqa: S314
    status, reply = await post(await serve(AES_KEY), sealed, {**QUERY, "msg_signature": signature})
    fields = ElementTree.fromstring(reply)  # noqa: S314
    proof = [fields.findtext(name) for name in ("MsgSignature", "TimeStamp", "Nonce")]
    assert status == 200
    assert content(crypto.decrypt_message(reply, *proof)) == "答：甲"


async def test_a_try_after_a_restart_gets_the_reply_that_was_kept(
    aiohttp_server: StartServer, core: Core, tmp_path: Path
) -> None:
    replies = []
    for said in ("先前", "后来"):
        async with await Writer.open(tmp_path / "cewen.sqlite3") as writer:
            inbox = Inbox(core.respond, writer, sentences=Sentences("抱歉", "前面的："), clock=lambda: NOON)
            channel = WeChatChannel(
                token=TOKEN, appid="", aes_key="", responder=inbox.respond, clock=lambda: NOON
            )
            app = web.Application()
            app.add_routes(channel.routes())
            server = await aiohttp_server(app)
            replies.append(content((await post(str(server.make_url("/wechat")), message(said, 7)))[1]))
            await channel.stop()
            await server.close()
    assert replies == ["答：先前", "答：先前"]


async def test_compatible_mode_without_a_key_is_read_as_plain(serve: Serve) -> None:
    both = message("甲").replace("</xml>", "<Encrypt><![CDATA[AAAA]]></Encrypt></xml>")
    _, reply = await post(await serve(), both, {**QUERY, "encrypt_type": "aes", "msg_signature": "0" * 40})
    assert content(reply) == "答：甲"
