"""A WeCom app: its callback against a codec that others wrote (npm), and messages to members."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from aiohttp import ClientSession
from callbacks import STAMP, Arrivals, Clock, Core, post, post_and_cut, run_node, serving
from wechatpy.enterprise.crypto import WeChatCrypto
from wecom_platform import FakeWeCom

from bot.channels.delivery import Delivered, Gone, NotAllowed, RetryAt
from bot.channels.model import Attachment, Choice, Reply, UpdateKind
from bot.channels.tencent.callback import Sentences
from bot.channels.tencent.envelope import SettingNames, make_account
from bot.channels.tencent.limits import Patience
from bot.channels.wecom.api import WeComApi
from bot.channels.wecom.channel import WeComChannel
from bot.inbox.inbox import Inbox
from bot.inbox.inbox import Sentences as InboxSentences
from bot.settings import load_settings
from bot.store.writer import Writer
from bot.tencent import wecom_account, wecom_api
from corpus.errors import CewenError

TOKEN, AES_KEY = "s3cretToken", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
CORP, MEMBER = "ww0123456789abcdef", "zhangsan"
NAMES = SettingNames("CEWEN_WECOM_TOKEN", "CEWEN_WECOM_AES_KEY", "CEWEN_WECOM_CORP_ID")
WAITING, NO_FILES = "回复任意字获取答案", "附件发不了"
FILE = Attachment("资料.json", "application/json", b"{}")
PICTURE = Attachment("a.png", "image/png", b"\x89PNG")

Serve = Callable[..., Awaitable[str]]


def message(content: str, msg_id: int = 1) -> str:
    return (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><FromUserName><![CDATA[{MEMBER}]]></FromUserName>"
        f"<CreateTime>{STAMP}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{content}]]></Content><MsgId>{msg_id}</MsgId><AgentID>1000002</AgentID></xml>"
    )


def event(name: str, key: str = "") -> str:
    return (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><FromUserName><![CDATA[{MEMBER}]]></FromUserName>"
        f"<CreateTime>{STAMP}</CreateTime><MsgType><![CDATA[event]]></MsgType>"
        f"<Event><![CDATA[{name}]]></Event><EventKey><![CDATA[{key}]]></EventKey><AgentID>1000002</AgentID></xml>"
    )


def sealed(xml: str, nonce: str = "n") -> tuple[str, dict[str, str]]:
    """What the platform posts, with wechatpy as the platform."""
    body = WeChatCrypto(TOKEN, AES_KEY, CORP).encrypt_message(xml, nonce, STAMP)
    signature = ElementTree.fromstring(body).findtext("MsgSignature") or ""  # noqa: S314
    return body, {"msg_signature": signature, "timestamp": STAMP, "nonce": nonce}


def opened(reply: str) -> str:
    """The text of a reply, opened with wechatpy."""
    if reply == "success":
        return reply
    fields = ElementTree.fromstring(reply)  # noqa: S314
    proof = [fields.findtext(name) for name in ("MsgSignature", "TimeStamp", "Nonce")]
    xml = WeChatCrypto(TOKEN, AES_KEY, CORP).decrypt_message(reply, *proof)
    return ElementTree.fromstring(xml).findtext("Content") or ""  # noqa: S314


async def say(url: str, text: str, msg_id: int = 1) -> str:
    status, reply = await post(url, *sealed(message(text, msg_id)))
    assert status == 200
    return opened(reply)


@pytest.fixture
def core() -> Core:
    return Core()


@pytest.fixture
async def app() -> AsyncIterator[FakeWeCom]:
    async with FakeWeCom(members={MEMBER}).serving() as app:
        yield app


@pytest.fixture
async def api(app: FakeWeCom, writer: Writer, clock: Clock) -> AsyncIterator[WeComApi]:
    async with ClientSession() as session:
        yield WeComApi(
            session,
            writer,
            corp_id=app.corp_id,
            agent_id=app.agent_id,
            secret=app.secret,
            base=app.address,
            clock=clock,
        )


@pytest.fixture
async def make(core: Core, writer: Writer, clock: Clock) -> AsyncIterator[Callable[..., WeComChannel]]:
    opened: list[Inbox] = []

    def make(api: WeComApi | None, **patience: Any) -> WeComChannel:
        inbox = Inbox(core.respond, writer, sentences=InboxSentences("抱歉", "前面的："), clock=clock)
        channel = WeComChannel(
            account=make_account(TOKEN, CORP, AES_KEY, NAMES),
            api=api,
            take=inbox.take,
            writer=writer,
            sentences=Sentences(WAITING, "太忙", NO_FILES),
            clock=clock,
            seconds=lambda: clock().timestamp(),
            patience=Patience(**patience),
        )
        inbox.attach([channel])
        opened.append(inbox)
        return channel

    yield make
    core.may_answer.set()
    for inbox in opened:
        await inbox.close()


@pytest.fixture
async def serve(make: Callable[..., WeComChannel], api: WeComApi) -> AsyncIterator[Serve]:
    async with AsyncExitStack() as running:

        async def start(has_api: bool = True, **patience: Any) -> str:
            channel = make(api if has_api else None, **patience)
            return await running.enter_async_context(serving(channel, Arrivals())) + "/wecom"

        yield start


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110  # the platform's side has no event to wait for
            await asyncio.sleep(0.001)


class TestCallback:
    async def test_a_codec_by_others_registers_the_address_asks_and_reads_the_reply(
        self, serve: Serve, standins: Path
    ) -> None:
        job = {
            "url": await serve(),
            "codec": "@wecom/crypto",
            "mode": "wecom",
            "token": TOKEN,
            "appid": CORP,
            "aesKey": AES_KEY,
            "timestamp": STAMP,
            "deliveries": [{"echo": "5820345981734", "sealed": True}, {"xml": message("截止到哪天？")}],
        }
        registered, answered = await run_node(standins / "wechat.js", job)
        assert registered == {"status": 200, "text": "5820345981734"}
        reply = {child.tag: child.text for child in ElementTree.fromstring(answered["text"])}  # noqa: S314
        assert (reply["ToUserName"], reply["FromUserName"]) == (MEMBER, CORP)
        assert reply["Content"] == "答：截止到哪天？"

    async def test_wechatpy_as_the_platform_is_answered(self, serve: Serve) -> None:
        assert await say(await serve(), "甲") == "答：甲"

    @pytest.mark.parametrize(
        "query", [{}, {"msg_signature": "0" * 40}, {"timestamp": "1"}, {"nonce": "other"}]
    )
    async def test_what_is_not_the_platforms_is_refused(
        self, serve: Serve, core: Core, query: dict[str, str]
    ) -> None:
        body, right = sealed(message("甲"))
        assert (await post(await serve(), body, right | query if query else {}))[0] == 403
        assert core.asked == []

    async def test_a_plain_body_is_refused(self, serve: Serve, core: Core) -> None:
        _, query = sealed(message("甲"))
        assert (await post(await serve(), message("甲"), query))[0] == 403

    async def test_a_message_for_another_corporation_is_refused(self, serve: Serve) -> None:
        body = WeChatCrypto(TOKEN, AES_KEY, "ww_other").encrypt_message(message("甲"), "n", STAMP)
        signature = ElementTree.fromstring(body).findtext("MsgSignature") or ""  # noqa: S314
        query = {"msg_signature": signature, "timestamp": STAMP, "nonce": "n"}
        assert (await post(await serve(), body, query))[0] == 403

    async def test_members_come_tap_and_leave(self, serve: Serve, core: Core) -> None:
        url = await serve()
        for name, key in (
            ("subscribe", ""),
            ("click", "最新通知"),
            ("enter_agent", ""),
            ("unsubscribe", ""),
        ):
            await post(url, *sealed(event(name, key)))
        kinds = [(update.kind, update.text, update.wants_reply) for update in core.asked]
        assert kinds == [
            (UpdateKind.FOLLOW, "", True),
            (UpdateKind.BUTTON, "最新通知", True),
            (UpdateKind.OTHER, "", False),
            (UpdateKind.UNFOLLOW, "", False),
        ]

    async def test_a_try_again_gets_the_same_reply(self, serve: Serve, core: Core) -> None:
        url = await serve()
        assert await say(url, "甲") == await say(url, "甲")
        assert len(core.asked) == 1

    async def test_a_late_reply_is_sent(self, serve: Serve, core: Core, app: FakeWeCom) -> None:
        url = await serve(reply_seconds=0.05)
        core.may_answer.clear()
        for _ in range(2):
            await post_and_cut(url, *sealed(message("甲")))
        assert await say(url, "甲") == "success"
        core.may_answer.set()
        await until(lambda: bool(app.messages))
        assert app.messages[0]["text"]["content"] == "答：甲"

    async def test_without_a_secret_the_member_writes_again_and_gets_it_then(
        self, serve: Serve, core: Core
    ) -> None:
        url = await serve(has_api=False, reply_seconds=0.05)
        core.may_answer.clear()
        for _ in range(2):
            await post_and_cut(url, *sealed(message("甲")))
        assert await say(url, "甲") == WAITING
        core.may_answer.set()
        assert await say(url, "好", 2) == "答：甲"

    @pytest.mark.parametrize("attachment", [FILE, PICTURE])
    async def test_an_attachment_follows_the_text(
        self, serve: Serve, core: Core, app: FakeWeCom, attachment: Attachment
    ) -> None:
        core.attachment = attachment
        assert await say(await serve(), "甲") == "答：甲"
        await until(lambda: bool(app.messages))
        [sent] = app.messages
        assert app.media[sent[sent["msgtype"]]["media_id"]] == attachment.content

    async def test_where_an_attachment_cant_be_sent_that_is_said(self, serve: Serve, core: Core) -> None:
        core.attachment = FILE
        assert await say(await serve(has_api=False), "甲") == f"答：甲\n{NO_FILES}"


class TestMessages:
    async def test_a_member_is_written_to_first(
        self, make: Callable[..., WeComChannel], api: WeComApi, app: FakeWeCom
    ) -> None:
        sent = await make(api).send(MEMBER, Reply("讲座改期", (Choice("时间", "几点"),), "出处：一号文"))
        assert isinstance(sent, Delivered)
        assert sent.message.startswith("m")
        [message] = app.messages
        assert (message["touser"], message["agentid"]) == (MEMBER, app.agent_id)
        assert message["text"]["content"] == "讲座改期\n出处：一号文\n1. 时间"

    async def test_whoever_is_not_there_is_gone(
        self, make: Callable[..., WeComChannel], api: WeComApi
    ) -> None:
        assert isinstance(await make(api).send("lisi", Reply("讲座改期")), Gone)

    async def test_more_than_the_platform_delivers_in_a_minute_waits(
        self, make: Callable[..., WeComChannel], api: WeComApi, app: FakeWeCom
    ) -> None:
        channel = make(api)
        outcomes = [type(await channel.send(MEMBER, Reply("甲"))) for _ in range(31)]
        assert outcomes == [Delivered] * 30 + [RetryAt]
        assert len(app.messages) == 30

    @pytest.mark.parametrize(
        ("code", "kind"),
        [(-1, RetryAt), (45009, RetryAt), (60020, NotAllowed), (301002, NotAllowed), (81013, Gone)],
    )
    async def test_every_refusal_has_its_outcome(
        self, make: Callable[..., WeComChannel], api: WeComApi, app: FakeWeCom, code: int, kind: type
    ) -> None:
        app.faults = [0, code]
        assert isinstance(await make(api).send(MEMBER, Reply("甲")), kind)

    async def test_a_dead_token_is_renewed(
        self, make: Callable[..., WeComChannel], api: WeComApi, app: FakeWeCom
    ) -> None:
        channel = make(api)
        await channel.send(MEMBER, Reply("甲"))
        app.expire_token()
        assert isinstance(await channel.send(MEMBER, Reply("乙")), Delivered)
        assert app.called["gettoken"] == 2

    async def test_without_a_secret_nothing_is_sent(self, make: Callable[..., WeComChannel]) -> None:
        assert isinstance(await make(None).send(MEMBER, Reply("甲")), NotAllowed)


class TestSettings:
    @pytest.mark.parametrize(
        ("content", "missing"),
        [
            ('wecom_token = "t"', "CEWEN_WECOM_AES_KEY"),
            (f'wecom_token = "t"\nwecom_aes_key = "{AES_KEY}"', "CEWEN_WECOM_CORP_ID"),
            (f'wecom_token = "t"\nwecom_aes_key = "short"\nwecom_corp_id = "{CORP}"', "43"),
        ],
    )
    def test_what_is_missing_is_named(self, tmp_path: Path, content: str, missing: str) -> None:
        (tmp_path / "cewen.toml").write_text(content)
        with pytest.raises(CewenError, match=missing):
            wecom_account(load_settings(tmp_path))

    async def test_a_secret_needs_the_apps_id(self, tmp_path: Path, writer: Writer) -> None:
        (tmp_path / "cewen.toml").write_text('wecom_secret = "s"')
        async with ClientSession() as session:
            with pytest.raises(CewenError, match="CEWEN_WECOM_AGENT_ID"):
                wecom_api(load_settings(tmp_path), writer, session)
