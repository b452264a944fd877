"""A crowd on WeChat under a platform that delivers three times, cuts and reorders, and a server that is killed."""

import asyncio
import random
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest
import wechat_server
from aiohttp import ClientSession
from aiohttp.test_utils import unused_port
from callbacks import Arrivals, serving
from wechat_crowd import AES_KEY, APPID, TOKEN, Crowd
from wechat_platform import FakeWeChat

from bot.channels.model import Receipt, Reply, Update
from bot.channels.tencent.callback import Sentences
from bot.channels.tencent.envelope import make_account
from bot.channels.wechat.api import WeChatApi
from bot.channels.wechat.channel import WeChatChannel
from bot.channels.wechat.script import Script
from bot.inbox.inbox import MAX_TAKEOVERS, Inbox
from bot.inbox.inbox import Sentences as InboxSentences
from bot.store.database import Database
from bot.store.writer import Writer
from bot.wording import utc_now

MEMBERS = 40
APOLOGY = "抱歉"
QUIET_SECONDS = 3.0
"""Longer than the slowest answer and the silence after it."""
PATIENT_SECONDS = 180


@pytest.fixture
async def account() -> AsyncIterator[FakeWeChat]:
    async with FakeWeChat(utc_now).serving() as platform:
        yield platform


def contents(account: FakeWeChat) -> list[str]:
    return [message["text"]["content"] for message in account.messages]


async def converse(store: Path, account: FakeWeChat, count: int) -> None:
    """So many updates of so many members, each up to three times; then all that must hold."""
    chance = random.Random(count)  # noqa: S311
    crowd = Crowd(chance, MEMBERS, gap=0.02)
    account.followers = crowd.members
    taken: dict[str, list[str]] = {}
    answered: dict[str, list[str]] = {}

    async def respond(update: Update) -> Reply:
        await asyncio.sleep(chance.choice([0, 0, 0, 0, 0.001, 0.02, 0.2]))
        answered.setdefault(update.member, []).append(update.key)
        account.contact(update.member)
        return Reply(update.text.replace("数", "答："))

    async with await Writer.open(store) as writer, ClientSession() as session:
        inbox = Inbox(respond, writer, sentences=InboxSentences(APOLOGY, ""), clock=utc_now, silence=0.5)

        async def take(update: Update) -> Receipt:
            keys = taken.setdefault(update.member, [])
            if update.key not in keys:
                keys.append(update.key)
            return await inbox.take(update)

        channel = WeChatChannel(
            account=make_account(TOKEN, APPID, AES_KEY, wechat_server.NAMES),
            api=WeChatApi(
                session, writer, appid=APPID, secret=account.secret, base=account.address, clock=utc_now
            ),
            take=take,
            writer=writer,
            script=Script(),
            sentences=Sentences("等一等", "太忙", ""),
            clock=utc_now,
            patience=wechat_server.PATIENCE,
        )
        inbox.attach([channel])
        await inbox.start()
        async with serving(channel, Arrivals()) as url:
            port = int(url.rpartition(":")[2])
            at_once = asyncio.Semaphore(50)

            async def say(number: int) -> None:
                async with at_once:
                    await crowd.say(port, number)

            numbers = list(range(1, count + 1))
            chance.shuffle(numbers)
            await asyncio.gather(*map(say, numbers))
            await fetch_all(crowd, port, store)
        await inbox.close()

    assert crowd.unanswered(contents(account)) == []
    handled = Counter(key for keys in answered.values() for key in keys)
    assert set(handled.values()) == {1}
    for member, keys in answered.items():
        assert [key for key in taken[member] if key in keys] == keys
    assert open_rows(store) == 0


def open_rows(store: Path) -> int:
    """How many updates have not been seen to their end."""
    with Database.open(store) as database:
        [row] = database.query("SELECT count(*) AS open FROM inbox WHERE open IS NOT NULL")
        return int(str(row["open"]))


async def test_each_update_is_answered_once_in_order_whatever_the_network_does(
    tmp_path: Path, account: FakeWeChat
) -> None:
    await converse(tmp_path / "cewen.sqlite3", account, 400)


@pytest.mark.bench
async def test_ten_thousand_updates(tmp_path: Path, account: FakeWeChat) -> None:
    await converse(tmp_path / "cewen.sqlite3", account, 10_000)


async def fetch_all(crowd: Crowd, port: int, store: Path) -> None:
    """Each member fetches what was kept, by a word, until nothing is open any more."""
    keys = count(10**6)
    async with asyncio.timeout(PATIENT_SECONDS):
        while await stays_open(store):
            for member in crowd.members:
                await crowd.fetch(port, member, next(keys))


async def stays_open(store: Path) -> int:
    """How many updates are open when nothing moves any more: all answers have been made, all silences are over."""
    before, now = -1, open_rows(store)
    while now not in (0, before):
        await asyncio.sleep(QUIET_SECONDS)
        before, now = now, open_rows(store)
    return now


class Server:
    """The program that is killed."""

    def __init__(self, store: Path, port: int, base: str) -> None:
        program = Path(wechat_server.__file__)
        self._command = [sys.executable, str(program), str(store), str(port), base]
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(*self._command, stdout=subprocess.PIPE)
        assert self._process.stdout
        assert await self._process.stdout.readline() == b"listening\n"

    async def kill(self) -> None:
        if self._process and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


async def kill_under_load(store: Path, account: FakeWeChat, count: int, kills: int) -> None:
    """The server is killed and started again while a crowd talks to it; then every acknowledged word is answered."""
    chance = random.Random(kills)  # noqa: S311
    crowd = Crowd(chance, MEMBERS, gap=0.2)
    account.followers = crowd.members
    for member in crowd.members:
        account.contact(member)
        account.contacts[member].left = count
    port = unused_port()
    server = Server(store, port, account.address)

    async def murder() -> None:
        for n in range(1, kills + 1):
            while len(crowd.said) < n * count // (kills + 1):  # noqa: ASYNC110  # the crowd tells nobody
                await asyncio.sleep(0.01)
            await server.kill()
            await server.start()

    at_once = asyncio.Semaphore(30)

    async def say(number: int) -> None:
        async with at_once:
            await crowd.say(port, number)

    try:
        await server.start()
        await asyncio.gather(murder(), *(say(number) for number in range(1, count + 1)))
        await fetch_all(crowd, port, store)
    finally:
        await server.kill()
    assert any(said.is_acknowledged for said in crowd.said)
    # who was under way in too many processes that died gets the apology
    apologies = sum(APOLOGY in text for text in (*crowd.heard, *contents(account)))
    assert len(crowd.unanswered(contents(account))) <= apologies
    assert kills > MAX_TAKEOVERS or not apologies


async def test_no_acknowledged_update_stays_unanswered_when_the_server_is_killed(
    tmp_path: Path, account: FakeWeChat
) -> None:
    await kill_under_load(tmp_path / "cewen.sqlite3", account, count=300, kills=3)


@pytest.mark.bench
async def test_killed_often_under_a_larger_load(tmp_path: Path, account: FakeWeChat) -> None:
    await kill_under_load(tmp_path / "cewen.sqlite3", account, count=3000, kills=25)
