"""Telegram at its worst: updates doubled, out of order and cut off; the process killed in the middle of it."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from bot_api import BotApi

from bot.channels.model import Reply, Update
from bot.channels.telegram.bot_account import BotAccount
from bot.channels.telegram.buttons import Buttons, LongTexts
from bot.channels.telegram.channel import TelegramChannel
from bot.inbox.inbox import Inbox, Sentences
from bot.messages.catalogue import load_catalogue
from bot.store.database import Database
from bot.store.writer import Writer

SAMPLES = Path(__file__).parents[2] / "bot" / "samples" / "notices"
CEWEN = Path(sys.executable).with_name("cewen")
SECRET = "s3cret"
HEADERS = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}
CHATS = 50


def text_update(number: int, chat: int, text: str) -> dict[str, Any]:
    who = {"id": chat, "is_bot": False, "first_name": "张三"}
    place = {"id": chat, "type": "private"}
    return {"update_id": number, "message": {"message_id": number, "date": 1, "chat": place, "from": who, "text": text}}  # fmt: skip


def other_update(number: int, chat: int, dice: random.Random) -> dict[str, Any]:
    """Something else that a person does, or that Telegram sends: nothing is due, or a reply without words."""
    update = text_update(number, chat, "")
    message = update["message"]
    del message["text"]
    who, place = message["from"], message["chat"]
    kinds: list[dict[str, Any]] = [
        {"message": {**message, "location": {"latitude": 29.5, "longitude": 106.5}}},
        {"message": {**message, "new_chat_members": [who]}},
        {"edited_message": {**message, "edit_date": 9999, "text": "改晚了"}},
        {"channel_post": {"message_id": number, "date": 1, "chat": {"id": -5, "type": "channel"}, "text": "公告"}},
        {"callback_query": {"id": str(number), "from": who, "chat_instance": "1", "data": "伪造的按钮"}},
        {"poll": {"id": "1", "question": "?", "options": [], "total_voter_count": 0, "is_closed": True, "is_anonymous": True, "type": "regular", "allows_multiple_answers": False}},
        {"my_chat_member": {"chat": place, "from": who, "date": 1, "old_chat_member": {"user": who, "status": "member"}, "new_chat_member": {"user": who, "status": "kicked", "until_date": 0}}},
    ]  # fmt: skip
    return {"update_id": number, **dice.choice(kinds)}


class Core:
    """Answers, noting what it was asked, and whether two questions of one chat were ever answered at once."""

    def __init__(self, dice: random.Random) -> None:
        self.asked: dict[str, list[str]] = defaultdict(list)
        self.overlapped = False
        self._busy: set[str] = set()
        self._dice = dice

    async def respond(self, update: Update) -> Reply | None:
        if not update.text:
            return None
        self.overlapped |= update.chat in self._busy
        self._busy.add(update.chat)
        self.asked[update.chat].append(update.text)
        for _ in range(self._dice.randrange(4)):
            await asyncio.sleep(0)
        self._busy.discard(update.chat)
        return Reply(f"答：{update.text}")

    async def ask_briefly(self, _: str) -> Reply | None:
        return None


@asynccontextmanager
async def served(core: Core, api: str, path: Path) -> AsyncIterator[str]:
    """The channel at work; gives the webhook's address."""

    def clock() -> datetime:
        return datetime.now(UTC)

    port = unused_port()
    account = BotAccount("1:a", "webhook", SECRET, api, f"http://127.0.0.1:{port}")
    with Database.open(path) as database:
        async with await Writer.open(path) as writer:
            inbox = Inbox(core.respond, writer, sentences=Sentences("抱歉", ""), clock=clock)
            channel = TelegramChannel(
                account,
                take=inbox.take,
                ask=core.ask_briefly,
                buttons=Buttons(b"k" * 32, LongTexts(database), clock),
                catalogue=load_catalogue(Path("nowhere")),
                gone=lambda _: None,
                clock=clock,
            )
            inbox.attach([channel])
            app = web.Application()
            app.add_routes(channel.routes())
            async with TestServer(app, port=port):
                await channel.start()
                await inbox.start()
                yield f"http://127.0.0.1:{port}/telegram"
                await inbox.close()
                await channel.stop()


class Platform:
    """Delivers updates as Telegram may: again, later, cut off in the middle, until it is told that they are here."""

    def __init__(self, url: str, session: aiohttp.ClientSession, dice: random.Random) -> None:
        self.acknowledged: dict[int, list[int]] = defaultdict(list)
        self._url = url
        self._session = session
        self._dice = dice

    async def deliver_chat(self, chat: int, updates: list[dict[str, Any]]) -> None:
        """One chat's updates, the next when the one before is acknowledged; repetitions come at any time."""
        repetitions: list[asyncio.Task[None]] = []
        for update in updates:
            if self._dice.random() < 0.1:
                await self._cut_off(update)
            await self._post(update)
            self.acknowledged[chat].append(update["update_id"])
            again = self._dice.choices(updates, k=self._dice.randrange(3))
            known = set(self.acknowledged[chat])
            repetitions += [
                asyncio.create_task(self._post(earlier)) for earlier in again if earlier["update_id"] in known
            ]
        await asyncio.gather(*repetitions)

    async def _post(self, update: dict[str, Any]) -> None:
        while True:
            async with self._session.post(self._url, data=json.dumps(update), headers=HEADERS) as response:
                if response.status == 200:
                    return
                assert response.status == 503

    async def _cut_off(self, update: dict[str, Any]) -> None:
        """Hangs up in the middle of the body."""
        host, port = self._url.removeprefix("http://").split("/")[0].split(":")
        body = json.dumps(update).encode()
        _, writer = await asyncio.open_connection(host, int(port))
        head = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
        writer.write(
            f"POST /telegram HTTP/1.1\r\nHost: x\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode()
        )
        writer.write(body[: self._dice.randrange(len(body))])
        await writer.drain()
        writer.close()


@pytest.mark.parametrize("count", [2_000, pytest.param(10_000, marks=pytest.mark.bench)])
async def test_each_update_is_handled_once_answered_and_in_order_within_its_chat(
    count: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    dice = random.Random(count)  # noqa: S311 - a test that can be repeated
    updates: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for number in range(1, count + 1):
        chat = dice.randrange(1, CHATS + 1)
        made = (
            other_update(number, chat, dice)
            if dice.random() < 0.2
            else text_update(number, chat, f"问{number}")
        )
        updates[chat].insert(len(updates[chat]) - dice.randrange(2), made)  # now and then the other way round
    core, api = Core(dice), BotApi()
    async with (
        TestServer(api.app()) as server,
        aiohttp.ClientSession() as session,
        served(core, str(server.make_url("")).rstrip("/"), tmp_path / "cewen.sqlite3") as url,
    ):
        platform = Platform(url, session, dice)
        await asyncio.gather(*(platform.deliver_chat(chat, mine) for chat, mine in updates.items()))
    # the inbox is closed: all that can be delivered has been
    for chat, mine in updates.items():
        expected = [update["message"]["text"] for update in mine if "text" in update.get("message", {})]
        assert core.asked[str(chat)] == expected
        assert api.said[str(chat)] == [f"答：{text}" for text in expected]
        assert platform.acknowledged[chat] == [update["update_id"] for update in mine]
    assert not core.overlapped
    assert "Traceback" not in caplog.text


QUESTIONS = ["短视频征集的联系人是谁", "四个一批指什么", "邮箱是什么", "财务报销找哪个部门", "绑定", "设置"]


class Program:
    """`cewen serve` as it runs, killed without a word and started again."""

    def __init__(self, home: Path, mode: str, api: str) -> None:
        self.port = unused_port()
        self.environment = os.environ | {
            "CEWEN_HOME": str(home),
            "CEWEN_TELEGRAM_TOKEN": "123:" + "a" * 30,
            "CEWEN_TELEGRAM_MODE": mode,
            "CEWEN_TELEGRAM_SECRET": SECRET,
            "CEWEN_TELEGRAM_API": api,
            "CEWEN_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "CEWEN_TOTAL_PER_SECOND": "100000",
        }
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Starts and waits until it serves."""
        self._process = await asyncio.create_subprocess_exec(
            CEWEN, "serve", "--port", str(self.port), env=self.environment,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert self._process.stdout
        assert await self._process.stdout.readline()

    async def kill(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()

    async def stop(self) -> None:
        if self._process and self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            assert await self._process.wait() == 0


@asynccontextmanager
async def program(tmp_path: Path, mode: str, api: BotApi) -> AsyncIterator[Program]:
    async with TestServer(api.app()) as server:
        made = Program(tmp_path / "home", mode, str(server.make_url("")).rstrip("/"))
        ingest = await asyncio.create_subprocess_exec(
            CEWEN, "ingest", SAMPLES, env=made.environment, stdout=subprocess.DEVNULL
        )
        assert await ingest.wait() == 0
        await made.start()
        try:
            yield made
        finally:
            await made.stop()


def questions(count: int) -> list[dict[str, Any]]:
    """Each of another member."""
    return [text_update(n, n, QUESTIONS[n % len(QUESTIONS)]) for n in range(1, count + 1)]


def check_answers(api: BotApi, updates: list[dict[str, Any]], kills: int) -> None:
    """Each got its own answer; twice only what was being sent at a kill."""
    twice = [chat for chat, said in api.said.items() if len(said) > 1]
    assert len(twice) <= 64 * kills
    for update in updates:
        said = set(api.said[str(update["message"]["chat"]["id"])])
        if not update["message"]["text"].startswith("绑定"):  # a code is another each time
            assert len(said) == 1


async def post_until_acknowledged(update: dict[str, Any], url: str, session: aiohttp.ClientSession) -> None:
    """Delivers as Telegram does: again and again, until the answer is 200."""
    while True:
        try:
            async with session.post(url, json=update, headers=HEADERS) as response:
                if response.status == 200:
                    return
        except aiohttp.ClientError:
            pass  # killed: nothing was acknowledged
        await asyncio.sleep(0.5)


SOME_KILLS = pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.bench)])


@SOME_KILLS
async def test_killed_under_load_no_acknowledged_update_stays_unanswered(kills: int, tmp_path: Path) -> None:
    dice = random.Random(9)  # noqa: S311 - a test that can be repeated
    api, updates = BotApi(), questions(50 * (kills + 1))
    gate = asyncio.Semaphore(16)
    async with program(tmp_path, "webhook", api) as served, aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{served.port}/telegram"

        async def deliver(update: dict[str, Any]) -> None:
            async with gate:
                await post_until_acknowledged(update, url, session)

        delivering = asyncio.gather(*map(deliver, updates))
        for _ in range(kills):
            await api.reach(min(len(api.said) + dice.randrange(5, 30), len(updates)))
            await served.kill()
            await served.start()
        await delivering
        await api.reach(len(updates))
    check_answers(api, updates, kills)


@SOME_KILLS
async def test_killed_while_polling_no_update_is_lost(kills: int, tmp_path: Path) -> None:
    dice = random.Random(10)  # noqa: S311 - a test that can be repeated
    api, updates = BotApi(), questions(50 * (kills + 1))
    async with program(tmp_path, "polling", api) as served:
        for kill in range(kills):
            for update in updates[50 * kill : 50 * (kill + 1)]:
                api.give(update)
            await api.reach(len(api.said) + dice.randrange(5, 30))
            await served.kill()
            await served.start()
        for update in updates[50 * kills :]:
            api.give(update)
        await api.reach(len(updates))
    check_answers(api, updates, kills)
