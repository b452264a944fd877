"""Check-ins at the door: the rush through both callbacks, kills in between, the peak beside the disk, forged codes.

`pytest -m bench -s tests/bench/test_check_in.py`; CEWEN_BENCH_SECONDS shortens the rush, which is a minute.
"""

import asyncio
import os
import random
import signal
import string
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import unused_port
from lecture_hall import KEY, START, Hall
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

from bot.attendance.codes import Codes
from bot.attendance.model import Attempt, Lecture, Means, Purpose, usual_schedule
from bot.members.model import Identity
from bot.store.database import Database
from bot.store.keys import signing_key
from bot.store.writer import Writer

pytestmark = pytest.mark.bench

SECONDS = float(os.environ.get("CEWEN_BENCH_SECONDS", "60"))
PEOPLE = int(5000 * SECONDS / 60)
CEWEN = Path(sys.executable).with_name("cewen")
TOKEN, APPID, AES = "token", "wx1234567890abcdef", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
BOT, SECRET = "1:abc", "s3cret"


@dataclass
class Home:
    """A home with a lecture under way and members whose names are known."""

    folder: Path
    port: int
    lecture: Lecture
    codes: Codes
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def payload(self) -> str:
        return self.codes.payload(self.lecture, Purpose.CHECK_IN, datetime.now(UTC))

    def places(self) -> dict[str, int]:
        """Who is in, by their id on the channel; fails if anybody is in twice."""
        with Database.open(self.folder / "cewen.sqlite3") as database:
            rows = database.query(
                "SELECT user_id, place FROM check_in JOIN participant ON participant.id = participant_id"
                " JOIN identity ON identity.member_id = participant.member_id"
            )
        users = [str(row["user_id"]) for row in rows]
        places = [int(row["place"] or 0) for row in rows]
        assert len(set(users)) == len(users)
        assert len(set(places)) == len(places)
        return dict(zip(users, places, strict=True))


def make_home(folder: Path, channel: str, people: int, api: str = "") -> Home:
    port = unused_port()
    environment = os.environ | {
        "CEWEN_HOME": str(folder),
        "CEWEN_WECHAT_TOKEN": TOKEN,
        "CEWEN_WECHAT_APPID": APPID,
        "CEWEN_WECHAT_AES_KEY": AES,
        "CEWEN_TOTAL_PER_SECOND": "2000",
    }
    if api:
        environment |= {
            "CEWEN_TELEGRAM_TOKEN": BOT,
            "CEWEN_TELEGRAM_MODE": "webhook",
            "CEWEN_TELEGRAM_SECRET": SECRET,
            "CEWEN_TELEGRAM_API": api,
            "CEWEN_PUBLIC_URL": f"http://127.0.0.1:{port}",
        }
    now = datetime.now(UTC)
    with Database.open(folder / "cewen.sqlite3") as database, database.transaction():
        hall = Hall(database)
        lecture = hall.lecture(schedule=usual_schedule(now, now + timedelta(hours=2)))
        for n in range(people):
            hall.door.introduce(database, Identity(channel, str(10_000 + n)), f"会员{n}", "")
        codes = Codes(signing_key(database, "lecture codes", now))
    return Home(folder, port, lecture, codes, environment)


def start(home: Home) -> "subprocess.Popen[str]":
    """The server, once it answers."""
    server = subprocess.Popen(
        [CEWEN, "serve", "--port", str(home.port)],
        env=home.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout
    assert "策问已启动" in server.stdout.readline()
    return server


def scan_message(home: Home, member: int) -> tuple[str, str]:
    """Query and body of a SCAN event in safe mode."""
    now = str(int(time.time()))
    crypto = WeChatCrypto(TOKEN, AES, APPID)
    xml = (
        f"<xml><ToUserName>gh</ToUserName><FromUserName>{member}</FromUserName><CreateTime>{now}</CreateTime>"
        f"<MsgType>event</MsgType><Event>SCAN</Event><EventKey>{home.payload()}</EventKey><Ticket>t</Ticket></xml>"
    )
    sealed = crypto.encrypt_message(xml, "nonce", now)
    signature = sealed.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
    plain = WeChatSigner()
    plain.add_data(TOKEN, now, "nonce")
    query = {"signature": plain.signature, "timestamp": now, "nonce": "nonce", "encrypt_type": "aes"}
    return urlencode({**query, "msg_signature": signature}), sealed


def opened(body: str) -> str:
    """The text of an encrypted reply."""
    part = body.split("<TimeStamp>")[1].split("</TimeStamp>")[0].removeprefix("<![CDATA[").removesuffix("]]>")
    nonce = body.split("<Nonce><![CDATA[")[1].split("]]>")[0]
    signature = body.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
    return str(WeChatCrypto(TOKEN, AES, APPID).decrypt_message(body, signature, part, nonce))


@dataclass
class Rush:
    """Sends everybody's scan evenly over the time, each with a duplicate, and notes what came back."""

    home: Home
    latencies: list[float] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)

    async def wechat(self, session: aiohttp.ClientSession, member: int) -> None:
        query, body = scan_message(self.home, member)
        for _ in range(2):  # the second is the platform's retry
            started = time.perf_counter()
            async with session.post(f"{self.home.url}/wechat?{query}", data=body) as response:
                reply = await response.text()
            self.latencies.append(time.perf_counter() - started)
            assert response.status == 200
            if "<Encrypt>" in reply and "签到" in opened(reply):
                self.acknowledged.add(str(member))

    async def telegram(self, session: aiohttp.ClientSession, member: int) -> None:
        person = {"id": member, "is_bot": False, "first_name": "x"}
        text = f"/start {self.home.payload()}"
        message = {
            "message_id": member,
            "date": int(time.time()),
            "from": person,
            "chat": {"id": member, "type": "private", "first_name": "x"},
            "text": text,
            "entities": [{"type": "bot_command", "offset": 0, "length": 6}],
        }
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        update = {"update_id": member, "message": message}
        for _ in range(2):
            started = time.perf_counter()
            async with session.post(f"{self.home.url}/telegram", json=update, headers=headers) as response:
                await response.read()
            self.latencies.append(time.perf_counter() - started)
            if response.status == 200:
                self.acknowledged.add(str(member))

    async def run(self, send: Callable[..., Awaitable[None]], people: int, seconds: float) -> None:
        """Everybody, at their moment."""
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=400)) as session:
            began = time.perf_counter()

            async def one(n: int) -> None:
                await asyncio.sleep(max(0.0, began + seconds * n / people - time.perf_counter()))
                await send(session, 10_000 + n)

            await asyncio.gather(*(one(n) for n in range(people)))

    def tell(self, name: str, people: int, seconds: float) -> None:
        ordered = sorted(self.latencies)
        at = [1000 * ordered[int(len(ordered) * share)] for share in (0.5, 0.99)]
        print(
            f"\n{name}: {people} check-ins in {seconds:.0f} s, each sent twice:"
            f" median {at[0]:.1f} ms, 99th percentile {at[1]:.1f} ms, longest {1000 * ordered[-1]:.0f} ms"
        )


async def test_a_rush_through_wechats_callback_in_safe_mode(tmp_path: Path) -> None:
    home = make_home(tmp_path, "wechat", PEOPLE)
    server = start(home)
    try:
        rush = Rush(home)
        await rush.run(rush.wechat, PEOPLE, SECONDS)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
    rush.tell("WeChat, safe mode", PEOPLE, SECONDS)
    assert len(rush.acknowledged) == PEOPLE
    assert home.places().keys() == rush.acknowledged


class BotApi:
    """Telegram's side, as far as the bot calls it: says yes, and counts the messages."""

    def __init__(self) -> None:
        self.sent = 0

    async def serve(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        me = {"id": 1, "is_bot": True, "first_name": "b", "username": "cewen_bot"}
        result: Any = True
        if method == "getMe":
            result = me
        elif method.startswith("send"):
            self.sent += 1
            form = await request.post()
            chat = {"id": int(str(form["chat_id"])), "type": "private"}
            result = {
                "message_id": self.sent,
                "date": int(time.time()),
                "chat": chat,
                "from": me,
                "text": "x",
            }
        return web.json_response({"ok": True, "result": result})


async def bot_api(stack: AsyncExitStack) -> tuple[BotApi, str]:
    api, app = BotApi(), web.Application()
    app.router.add_route("*", "/bot{token}/{method}", api.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return api, f"http://127.0.0.1:{runner.addresses[0][1]}"


async def test_a_rush_through_telegrams_webhook(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        api, url = await bot_api(stack)
        home = make_home(tmp_path, "telegram", PEOPLE, url)
        server = await asyncio.to_thread(start, home)
        await asyncio.sleep(2)
        try:
            rush = Rush(home)
            await rush.run(rush.telegram, PEOPLE, SECONDS)
            for _ in range(600):
                if api.sent >= PEOPLE:
                    break
                await asyncio.sleep(0.1)
        finally:
            server.send_signal(signal.SIGTERM)
            await asyncio.to_thread(server.wait, 30)
    rush.tell("Telegram, webhook", PEOPLE, SECONDS)
    assert len(rush.acknowledged) == PEOPLE
    assert home.places().keys() == rush.acknowledged
    assert api.sent == PEOPLE


async def test_nothing_acknowledged_is_lost_at_twenty_kills(tmp_path: Path) -> None:
    """The platform sends what was not acknowledged again; a member whose code is over scans again."""
    kills, people = 20, 1000
    home = make_home(tmp_path, "wechat", people)
    chance = random.Random(20)  # noqa: S311
    waiting = [10_000 + n for n in range(people)]
    acknowledged: set[str] = set()
    server = await asyncio.to_thread(start, home)

    async def scan(session: aiohttp.ClientSession, member: int) -> None:
        query, body = scan_message(home, member)
        try:
            async with session.post(f"{home.url}/wechat?{query}", data=body) as response:
                reply = await response.text()
        except aiohttp.ClientError:
            return
        if response.status == 200 and "<Encrypt>" in reply and "签到" in opened(reply):
            acknowledged.add(str(member))

    for _ in range(kills):
        async with aiohttp.ClientSession() as session:
            left = [m for m in waiting if str(m) not in acknowledged]
            group = [asyncio.create_task(scan(session, m)) for m in left[: people // kills]]
            await asyncio.sleep(chance.uniform(0.005, 0.15))
            os.kill(server.pid, signal.SIGKILL)
            await asyncio.gather(*group)
            server.wait()
        assert acknowledged <= home.places().keys()
        server = await asyncio.to_thread(start, home)
    async with aiohttp.ClientSession() as session:
        for member in waiting:
            if str(member) not in acknowledged:
                await scan(session, member)
    server.send_signal(signal.SIGTERM)
    await asyncio.to_thread(server.wait, 30)
    print(f"\n{kills} kills, {len(acknowledged)} of {people} acknowledged, all stored, none twice")
    assert acknowledged == home.places().keys() == {str(m) for m in waiting}


async def test_the_peak_of_durable_check_ins_beside_the_disks_own_rate(tmp_path: Path) -> None:
    people, at_once = 10_000, 500
    path = tmp_path / "cewen.sqlite3"
    syncs = _syncs(tmp_path / "disk")
    with Database.open(path) as database:
        hall = Hall(database)
        with database.transaction():
            lecture = hall.lecture()
            members = [hall.member(f"会员{n}") for n in range(people)]
        attempt = Attempt(lecture.id, Purpose.CHECK_IN, START, Means.CODE, START)
        async with await Writer.open(path) as writer:
            gate = asyncio.Semaphore(at_once)

            async def one(who: Identity) -> None:
                async with gate:
                    await writer.write(lambda db: hall.door.attend(db, who, attempt))

            started = time.perf_counter()
            await asyncio.gather(*map(one, members))
            rate = people / (time.perf_counter() - started)
        [row] = database.query("SELECT COUNT(*) AS made, MAX(place) AS last FROM check_in")
    assert (row["made"], row["last"]) == (people, people)
    print(
        f"\n{rate:.0f} durable check-ins a second ({at_once} at once); the disk alone syncs"
        f" {syncs:.0f} times a second: {rate / syncs:.2f} check-ins a sync"
    )


def _syncs(file: Path) -> float:
    """How often a second this disk makes 4 kB durable, one after another."""
    page = os.urandom(4096)
    handle = os.open(file, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        count, started = 0, time.perf_counter()
        while time.perf_counter() - started < 2:
            os.write(handle, page)
            os.fsync(handle)
            count += 1
        return count / (time.perf_counter() - started)
    finally:
        os.close(handle)


def test_of_a_million_forged_altered_expired_and_foreign_codes_none_is_accepted(tmp_path: Path) -> None:
    tries = 1_000_000
    chance, codes, foreign = random.Random(1), Codes(KEY), Codes(b"x" * 32)  # noqa: S311
    alphabet = string.ascii_letters + string.digits + "-_"
    with Database.open(tmp_path / "cewen.sqlite3") as database:
        hall = Hall(database)
        lecture, other = hall.lecture(), hall.lecture()
    now, genuine = START, codes.payload(lecture, Purpose.CHECK_IN, START)

    def forged() -> str:
        return "".join(chance.choices(alphabet, k=28))

    def altered() -> str:
        place = chance.randrange(28)
        return genuine[:place] + chance.choice(alphabet.replace(genuine[place], "")) + genuine[place + 1 :]

    def of_another_key() -> str:
        return foreign.payload(lecture, Purpose.CHECK_IN, now)

    def expired() -> str:
        return codes.payload(lecture, Purpose.CHECK_IN, now - timedelta(seconds=chance.randint(45, 10**7)))

    def of_another_lecture() -> str:
        return codes.payload(other, Purpose.CHECK_IN, now)

    def of_another_purpose() -> str:
        return codes.payload(lecture, Purpose.CHECK_OUT, now)

    makers = [forged, altered, of_another_key, expired, of_another_lecture, of_another_purpose]
    started, accepted = time.perf_counter(), 0
    for n in range(tries):
        seen = codes.read(makers[n % len(makers)]())
        accepted += bool(
            seen
            and seen.lecture_number == lecture.number
            and seen.purpose is Purpose.CHECK_IN
            and seen.shown_at
            and now - seen.shown_at < timedelta(seconds=30)
        )
    print(
        f"\n{tries} wrong codes, {accepted} accepted, {tries / (time.perf_counter() - started):.0f} a second"
    )
    assert accepted == 0
