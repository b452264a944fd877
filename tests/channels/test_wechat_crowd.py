"""A crowd on WeChat under a platform that delivers three times, cuts and reorders, and a server that is killed."""

import asyncio
import random
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
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
from bot.inbox.inbox import Inbox
from bot.inbox.inbox import Sentences as InboxSentences
from bot.store.writer import Writer
from bot.wording import utc_now

MEMBERS = 40


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
        inbox = Inbox(respond, writer, sentences=InboxSentences("抱歉", ""), clock=utc_now, silence=0.5)

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
            await asyncio.sleep(1)  # what nobody asks for any more is sent after half a second
            kept = [await crowd.fetch(port, m, count + n) for n, m in enumerate(crowd.members, 1)]
        await inbox.close()

    fetched = [f"答：{number}" for numbers in kept for number in numbers]
    assert crowd.unanswered(contents(account) + fetched) == []
    handled = Counter(key for keys in answered.values() for key in keys if int(key) <= count)
    assert set(handled.values()) == {1}
    for member, keys in answered.items():
        assert [key for key in taken[member] if key in keys] == keys
    with sqlite3.connect(store) as database:
        assert database.execute("SELECT count(*) FROM inbox WHERE open IS NOT NULL").fetchone() == (0,)
    database.close()


async def test_each_update_is_answered_once_in_order_whatever_the_network_does(
    tmp_path: Path, account: FakeWeChat
) -> None:
    await converse(tmp_path / "cewen.sqlite3", account, 400)


@pytest.mark.bench
async def test_ten_thousand_updates(tmp_path: Path, account: FakeWeChat) -> None:
    await converse(tmp_path / "cewen.sqlite3", account, 10_000)


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
        assert self._process
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
    await server.start()

    async def murder() -> None:
        for _ in range(kills):
            await asyncio.sleep(chance.uniform(0.2, 0.8))
            await server.kill()
            await server.start()

    at_once = asyncio.Semaphore(30)

    async def say(number: int) -> None:
        async with at_once:
            await crowd.say(port, number)

    await asyncio.gather(murder(), *(say(number) for number in range(1, count + 1)))
    fetched: list[str] = []
    async with asyncio.timeout(60):
        while crowd.unanswered(contents(account) + fetched):
            await asyncio.sleep(0.5)
            for n, member in enumerate(crowd.members):
                key = 10**6 + len(fetched) * MEMBERS + n + random.randrange(10**9)  # noqa: S311
                fetched += [f"答：{number}" for number in await crowd.fetch(port, member, key)]
    await server.kill()
    assert any(said.is_acknowledged for said in crowd.said)


async def test_no_acknowledged_update_stays_unanswered_when_the_server_is_killed(
    tmp_path: Path, account: FakeWeChat
) -> None:
    await kill_under_load(tmp_path / "cewen.sqlite3", account, count=300, kills=3)


@pytest.mark.bench
async def test_killed_often_under_a_larger_load(tmp_path: Path, account: FakeWeChat) -> None:
    await kill_under_load(tmp_path / "cewen.sqlite3", account, count=3000, kills=25)
