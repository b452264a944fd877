"""The Telegram channel against a program by others that plays the Bot API (@vishtar/telegram-test-api), over HTTP."""

import asyncio
import io
import json
import logging
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from bot.channels.model import Channel, Choice, Reply, Update, UpdateKind
from bot.channels.telegram.channel import TelegramChannel, TelegramMisconfigured
from bot.inbox.inbox import Inbox, Sentences
from bot.store.writer import Writer

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
MEMBER = 7_000_000_001
SECRET = "s3cret_-"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
Mode = Literal["polling", "webhook"]


async def until(condition: Callable[[], Awaitable[Any]], what: str) -> Any:
    """Waits until the condition gives something true, at most ten seconds, and gives that."""
    deadline = time.monotonic() + 10
    while not (result := await condition()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        await asyncio.sleep(0.02)
    return result


class Core:
    """A responder that notes what it is asked and gives the replies laid down for it."""

    def __init__(self) -> None:
        self.asked: list[Update] = []
        self.replies: dict[str, Reply | None] = {}

    async def respond(self, update: Update) -> Reply | None:
        self.asked.append(update)
        if update.payload == "start":
            return Reply("您好，我是策问。")
        return self.replies.get(update.text, Reply(f"答：{update.text}"))


class Telegram:
    """A member's phone, and the platform behind it."""

    def __init__(self, api: str, token: str, session: aiohttp.ClientSession) -> None:
        self.api = api
        self.token = token
        self._session = session
        self._received: list[dict[str, Any]] = []
        self._chat = {"id": MEMBER, "type": "private", "first_name": "张三"}
        self._from = {"id": MEMBER, "is_bot": False, "first_name": "张三"}

    async def say(self, text: str) -> None:
        await self._post("/sendMessage", **self._message(text))

    async def command(self, text: str) -> None:
        entity = {"type": "bot_command", "offset": 0, "length": len(text.split()[0])}
        await self._post("/sendCommand", **self._message(text), entities=[entity])

    async def tap(self, sent: dict[str, Any], row: int) -> None:
        """Taps a button below a message that the bot sent."""
        markup = sent["message"]["reply_markup"]
        below = {"message_id": sent["messageId"], "date": 1, "chat": self._chat, "reply_markup": markup}
        data = markup["inline_keyboard"][row][0]["callback_data"]
        await self._post(
            "/sendCallback", **{"botToken": self.token, "from": self._from, "data": data}, message=below
        )

    async def deliver(self, update: dict[str, Any]) -> None:
        """The platform delivers any update."""
        await self._post("/deliver", token=self.token, update=update)

    def text_update(self, update_id: int, text: str) -> dict[str, Any]:
        return {"update_id": update_id, "message": {**self._message(text), "message_id": update_id}}

    async def fails(self, method: str, status: int, description: str, **parameters: int) -> None:
        """The platform refuses the next call of a method that isn't refused already."""
        fault = {"status": status, "description": description, "parameters": parameters or None}
        await self._post("/fault", token=self.token, method=method, **fault)

    async def received(self, count: int = 1) -> list[dict[str, Any]]:
        """All that the member has received, once there are `count` messages."""

        async def enough() -> bool:
            news = await self._post("/getUpdates", token=self.token, chatId=MEMBER)
            self._received += news["result"]
            return len(self._received) >= count

        await until(enough, f"{count} messages")
        return self._received

    async def texts(self, count: int = 1) -> list[str]:
        return [sent["message"]["text"] for sent in await self.received(count)]

    async def calls(self, method: str) -> list[dict[str, Any]]:
        async with self._session.get(f"{self.api}/calls", params={"token": self.token}) as response:
            return [call for call in await response.json() if call["method"] == method]

    async def called(self, method: str, times: int = 1) -> list[dict[str, Any]]:
        """The calls of a method, once there are as many."""

        async def enough() -> list[dict[str, Any]] | None:
            calls = await self.calls(method)
            return calls if len(calls) >= times else None

        found: list[dict[str, Any]] = await until(enough, f"{times} × {method}")
        return found

    def _message(self, text: str) -> dict[str, Any]:
        return {"botToken": self.token, "from": self._from, "chat": self._chat, "date": 1, "text": text}

    async def _post(self, path: str, **body: Any) -> Any:
        async with self._session.post(self.api + path, json=body) as response:
            assert response.status == 200
            return await response.json()


@pytest.fixture(scope="module")
def api(standins: Path) -> Iterator[str]:
    port = unused_port()
    node = ["node", str(standins / "telegram.js"), str(port)]
    with subprocess.Popen(node, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"{port}\n"
        yield f"http://127.0.0.1:{port}"
        process.terminate()


@pytest.fixture
async def phone(api: str, request: pytest.FixtureRequest) -> AsyncIterator[Telegram]:
    async with aiohttp.ClientSession() as session:
        yield Telegram(api, f"1:{abs(hash(request.node.nodeid))}", session)


@pytest.fixture
def core() -> Core:
    return Core()


@pytest.fixture
async def inbox(core: Core, tmp_path: Path) -> AsyncIterator[Inbox]:
    async with await Writer.open(tmp_path / "cewen.sqlite3") as writer:
        inbox = Inbox(core.respond, writer, sentences=Sentences("抱歉", "前面的："), clock=lambda: NOON)
        yield inbox
        await inbox.close()


def channel(
    inbox: Inbox, token: str, api: str, mode: Mode = "polling", url: str = "", secret: str = SECRET
) -> TelegramChannel:
    return TelegramChannel(
        token=token,
        mode=mode,
        secret=secret,
        api=api,
        public_url=url,
        responder=inbox.respond,
        clock=lambda: NOON,
    )


@asynccontextmanager
async def serving(inbox: Inbox, token: str, api: str, mode: Mode, secret: str = SECRET) -> AsyncIterator[str]:
    """The channel at work on a server of its own; gives the webhook's address."""
    port = unused_port()
    made = channel(inbox, token, api, mode, f"http://127.0.0.1:{port}", secret)
    app = web.Application(client_max_size=1 << 30)
    app.add_routes(made.routes())
    async with TestServer(app, port=port):
        await made.start()
        try:
            yield f"http://127.0.0.1:{port}/telegram"
        finally:
            await made.stop()


@pytest.fixture(params=["polling", "webhook"])
async def served(request: pytest.FixtureRequest, inbox: Inbox, phone: Telegram) -> AsyncIterator[Mode]:
    """The channel at work both ways."""
    async with serving(inbox, phone.token, phone.api, request.param):
        await phone.called("setMyCommands")
        yield request.param


@pytest.fixture
async def webhook(inbox: Inbox, phone: Telegram) -> AsyncIterator[str]:
    async with serving(inbox, phone.token, phone.api, "webhook") as url:
        await phone.called("setMyCommands")
        yield url


async def post(url: str, body: bytes | io.BytesIO, secret: str | None = SECRET) -> int:
    headers = {"Content-Type": "application/json"} | ({} if secret is None else {HEADER: secret})
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as response:
        return response.status


def test_it_is_a_channel(inbox: Inbox) -> None:
    made: Channel = channel(inbox, "1:a", "http://127.0.0.1:1")
    assert made.name == "telegram"
    assert list(made.routes()) == []


async def test_a_member_starts_asks_and_is_answered(
    served: Mode, phone: Telegram, core: Core, caplog: pytest.LogCaptureFixture
) -> None:
    await phone.command("/start chk_42")
    assert await phone.texts(1) == ["您好，我是策问。"]
    await phone.say("谁负责？")
    assert await phone.texts(2) == ["您好，我是策问。", "答：谁负责？"]
    assert [(u.kind, u.payload, u.text) for u in core.asked] == [
        (UpdateKind.COMMAND, "start", "chk_42"),
        (UpdateKind.TEXT, "", "谁负责？"),
    ]
    assert {(u.channel, u.member, u.chat, u.received_at) for u in core.asked} == {
        ("telegram", str(MEMBER), str(MEMBER), NOON)
    }
    assert caplog.text == ""


async def test_the_menu_of_commands_is_chinese(served: Mode, phone: Telegram) -> None:
    [call] = await phone.called("setMyCommands")
    menu = json.loads(call["body"]["commands"])
    assert [one["command"] for one in menu] == ["start", "ask", "help"]
    assert all("\u4e00" <= one["description"][0] <= "\u9fff" for one in menu)


async def test_a_tapped_choice_counts_as_typed(served: Mode, phone: Telegram, core: Core) -> None:
    core.replies["讲座"] = Reply("哪一场？", (Choice("第一场", "秋季讲座几点开始？"), Choice("更多", "更多")))
    await phone.say("讲座")
    [question] = await phone.received(1)
    await phone.tap(question, row=0)
    assert (await phone.texts(2))[1] == "答：秋季讲座几点开始？"
    assert core.asked[1].kind is UpdateKind.BUTTON
    assert await phone.called("answerCallbackQuery")


async def test_a_long_answer_comes_whole_in_several_messages(
    served: Mode, phone: Telegram, core: Core
) -> None:
    answer = "".join(f"第{n}条，各单位应当按时报送材料。\n" for n in range(700))
    core.replies["全文"] = Reply(answer)
    await phone.say("全文")
    pieces = await phone.texts(3)
    assert "".join(pieces) == answer
    assert all(len(piece) <= 4096 and piece.endswith("\n") for piece in pieces)


async def test_replies_of_one_chat_do_not_mingle(served: Mode, phone: Telegram, core: Core) -> None:
    core.replies["全文"] = Reply("甲" * 12_000)
    await phone.say("全文")
    await phone.say("谁负责？")
    texts = await phone.texts(4)
    assert [text[0] for text in texts] == ["甲", "甲", "甲", "答"]


async def test_markup_in_an_answer_is_shown_and_not_interpreted(
    served: Mode, phone: Telegram, core: Core
) -> None:
    core.replies["标签"] = Reply('<b>&"</b>')
    await phone.say("标签")
    [sent] = await phone.received(1)
    assert sent["message"]["text"] == '&lt;b&gt;&amp;"&lt;/b&gt;'
    assert sent["message"]["parse_mode"] == "HTML"


async def test_where_telegram_cannot_read_our_markup_the_text_goes_plain(
    served: Mode, phone: Telegram
) -> None:
    await phone.fails("sendMessage", 400, "Bad Request: can't parse entities: unsupported start tag")
    await phone.say("<b>")
    [sent] = await phone.received(1)
    assert sent["message"]["text"] == "答：<b>"
    assert "parse_mode" not in sent["message"]


async def test_an_update_delivered_twice_is_handled_and_answered_once(
    served: Mode, phone: Telegram, core: Core
) -> None:
    for _ in range(2):
        await phone.deliver(phone.text_update(900_001, "谁负责？"))
    await phone.deliver(phone.text_update(900_002, "完"))
    assert await phone.texts(2) == ["答：谁负责？", "答：完"]
    assert len(core.asked) == 2
    assert len(await phone.calls("sendMessage")) == 2


async def test_an_update_that_needs_no_reply_gets_none(served: Mode, phone: Telegram, core: Core) -> None:
    core.replies["再见"] = None
    await phone.say("再见")
    await phone.say("谁负责？")
    assert await phone.texts(1) == ["答：谁负责？"]
    assert len(core.asked) == 2


async def test_told_to_slow_down_it_waits_and_sends_again(served: Mode, phone: Telegram) -> None:
    await phone.fails("sendMessage", 429, "Too Many Requests: retry after 1", retry_after=1)
    asked_at = time.monotonic()
    await phone.say("谁负责？")
    assert await phone.texts(1) == ["答：谁负责？"]
    assert time.monotonic() - asked_at >= 1
    assert len(await phone.calls("sendMessage")) == 2


async def test_told_to_wait_an_hour_it_gives_the_reply_up(
    served: Mode, phone: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    await phone.fails("sendMessage", 429, "Too Many Requests: retry after 3600", retry_after=3600)
    await phone.say("一")
    await phone.say("二")
    assert await phone.texts(1) == ["答：二"]
    assert "RetryAfter" in caplog.text


async def test_a_server_error_is_tried_again_twice_and_then_told(
    served: Mode, phone: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        await phone.fails("sendMessage", 502, "Bad Gateway")
    await phone.say("一")
    assert await phone.texts(1) == ["答：一"]
    assert "NetworkError" not in caplog.text
    for _ in range(3):
        await phone.fails("sendMessage", 502, "Bad Gateway")
    await phone.say("二")
    await phone.called("sendMessage", times=6)
    await phone.say("三")
    assert await phone.texts(2) == ["答：一", "答：三"]
    assert "NetworkError" in caplog.text


async def test_a_reply_to_someone_who_blocked_the_bot_is_dropped(
    served: Mode, phone: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await phone.fails("sendMessage", 403, "Forbidden: bot was blocked by the user")
    await phone.say("谁负责？")
    await phone.say("还在吗？")
    assert await phone.texts(1) == ["答：还在吗？"]
    assert "blocked the bot" in caplog.text
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_what_cannot_be_sent_is_logged_without_the_members_words(
    served: Mode, phone: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    await phone.fails("sendMessage", 400, "Bad Request: chat not found")
    await phone.say("我的电话是13800000000")
    await phone.say("谁负责？")
    assert await phone.texts(1) == ["答：谁负责？"]
    assert "BadRequest" in caplog.text
    assert "sending.py" in caplog.text
    assert "13800000000" not in caplog.text


async def test_a_refused_token_is_told_once_and_stays_out_of_the_log(
    inbox: Inbox, phone: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for _ in range(2):
        await phone.fails("getMe", 401, "Unauthorized")
    async with serving(inbox, phone.token, phone.api, "polling"):
        await phone.say("谁负责？")
        await phone.texts(1)
    assert caplog.text.count("CEWEN_TELEGRAM_TOKEN") == 1
    assert "@CewenBot" in caplog.text
    assert phone.token not in caplog.text


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_with_the_network_down_it_starts_says_so_and_stops(
    mode: Mode, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    async def told() -> bool:
        return "Telegram 连不上" in caplog.text

    async with serving(inbox, "1:a", f"http://127.0.0.1:{unused_port()}", mode) as url:
        await until(told, "a line in the log")
        assert await post(url, b"{}") == (503 if mode == "webhook" else 404)
    assert len([record for record in caplog.records if record.levelno >= logging.WARNING]) == 1


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_stopped_at_once_it_leaves_nothing_behind(mode: Mode, inbox: Inbox, phone: Telegram) -> None:
    async with serving(inbox, phone.token, phone.api, mode):
        pass
    assert len(asyncio.all_tasks()) == 1


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_once_the_network_is_back_it_connects_by_itself(
    mode: Mode, inbox: Inbox, phone: Telegram
) -> None:
    await phone.fails("getMe", 502, "Bad Gateway")
    await phone.fails("setWebhook" if mode == "webhook" else "deleteWebhook", 502, "Bad Gateway")
    async with serving(inbox, phone.token, phone.api, mode):
        await phone.called("setMyCommands")
        await phone.say("谁负责？")
        assert await phone.texts(1) == ["答：谁负责？"]


@pytest.mark.parametrize("status", [401, 404, 409, 502])
async def test_polling_goes_on_after_a_refusal(
    status: int, inbox: Inbox, phone: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(inbox, phone.token, phone.api, "polling"):
        await phone.called("getUpdates")
        await phone.fails("getUpdates", status, "No")
        await phone.say("谁负责？")
        assert await phone.texts(1) == ["答：谁负责？"]
        await phone.called("getUpdates", 4)
        await phone.say("那联系电话呢？")
        assert (await phone.texts(2))[1] == "答：那联系电话呢？"
    assert len([record for record in caplog.records if record.levelno >= logging.WARNING]) == 1


async def test_a_reply_that_was_not_sent_before_a_restart_is_sent_at_the_redelivery(
    inbox: Inbox, phone: Telegram, core: Core
) -> None:
    for _ in range(3):
        await phone.fails("sendMessage", 502, "Bad Gateway")
    update = phone.text_update(900_001, "谁负责？")
    async with serving(inbox, phone.token, phone.api, "webhook"):
        await phone.called("setMyCommands")
        await phone.deliver(update)
        await phone.called("sendMessage", 3)
    async with serving(inbox, phone.token, phone.api, "webhook"):
        await phone.called("setMyCommands", 2)
        await phone.deliver(update)
        assert await phone.texts(1) == ["答：谁负责？"]
    assert len(core.asked) == 1


async def test_without_a_menu_of_commands_it_works_all_the_same(inbox: Inbox, phone: Telegram) -> None:
    await phone.fails("setMyCommands", 500, "Internal Server Error")
    async with serving(inbox, phone.token, phone.api, "polling"):
        await phone.say("谁负责？")
        assert await phone.texts(1) == ["答：谁负责？"]


async def test_what_was_said_before_the_start_is_answered(inbox: Inbox, phone: Telegram) -> None:
    await phone.say("谁负责？")
    async with serving(inbox, phone.token, phone.api, "polling"):
        assert await phone.texts(1) == ["答：谁负责？"]


async def test_the_webhook_is_set_with_address_and_secret(webhook: str, phone: Telegram) -> None:
    [call] = await phone.called("setWebhook")
    assert (call["body"]["url"], call["body"]["secret_token"]) == (webhook, SECRET)
    assert "drop_pending_updates" not in call["body"]


async def test_without_a_secret_of_the_operators_one_is_made(inbox: Inbox, phone: Telegram) -> None:
    async with serving(inbox, phone.token, phone.api, "webhook", secret="") as url:
        [call] = await phone.called("setWebhook")
        assert len(call["body"]["secret_token"]) >= 32
        assert phone.token not in call["body"]["secret_token"]
        assert await post(url, b"{}", secret="") == 403
        await phone.called("setMyCommands")
        await phone.say("谁负责？")
        assert await phone.texts(1) == ["答：谁负责？"]


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", "密"])
async def test_a_forged_update_is_refused(
    webhook: str, phone: Telegram, core: Core, secret: str | None
) -> None:
    body = json.dumps(phone.text_update(1, "伪造")).encode()
    assert await post(webhook, body, secret) == 403
    assert core.asked == []


async def test_an_update_is_handled_before_the_webhook_answers(
    webhook: str, phone: Telegram, core: Core
) -> None:
    assert await post(webhook, json.dumps(phone.text_update(1, "谁负责？")).encode()) == 200
    assert len(core.asked) == 1
    assert len(await phone.calls("sendMessage")) == 1


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"[]", b"5", b"{}", b"[" * 100_000, b'{"update_id": 1, "message": 5}']
)
async def test_what_is_no_update_is_refused_without_a_trace(
    webhook: str, core: Core, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    assert await post(webhook, body) == 400
    assert core.asked == []
    assert "Traceback" not in caplog.text


async def test_a_body_over_one_mib_is_refused(webhook: str, core: Core) -> None:
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
def test_a_webhook_without_https_is_refused_in_a_sentence(inbox: Inbox, api_address: str, url: str) -> None:
    with pytest.raises(TelegramMisconfigured, match=r"CEWEN_PUBLIC_URL.*。$"):
        channel(inbox, "1:a", api_address, "webhook", url)


def test_a_secret_that_telegram_would_not_take_is_refused_in_a_sentence(inbox: Inbox) -> None:
    with pytest.raises(TelegramMisconfigured, match=r"CEWEN_TELEGRAM_SECRET.*。$"):
        channel(inbox, "1:a", "https://api.telegram.org", "webhook", "https://bot.example.org", "密钥")
