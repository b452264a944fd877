"""What the tests of WeChat's and WeCom's callbacks share: a core to ask, a clock, and the platform's way of posting."""

import asyncio
import json
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, ClientTimeout, web

from bot.channels.model import Attachment, Choice, Messenger, Reply, Update, UpdateKind

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
STAMP = str(int(NOON.timestamp()))


class Clock:
    """Stands at noon until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


class Core:
    """A responder that notes what it is asked, waits where it is told to, and gives the text back."""

    def __init__(self) -> None:
        self.asked: list[Update] = []
        self.answered: list[str] = []
        self.fault: Exception | None = None
        self.slow: set[str] | None = None
        self.choices: tuple[Choice, ...] = ()
        self.attachment: Attachment | None = None
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def respond(self, update: Update) -> Reply | None:
        self.asked.append(update)
        if self.slow is None or update.text in self.slow:
            await self.may_answer.wait()
        if self.fault:
            raise self.fault
        self.answered.append(update.text)
        if not update.wants_reply or update.text == "无须回复":
            return None
        if update.kind is UpdateKind.FOLLOW:
            return Reply(f"欢迎 {update.payload}".strip())
        if update.text == "空白回复":
            return Reply(" \n\x00")
        if update.text == "只要图":
            return Reply("", attachment=self.attachment)
        return Reply(f"答：{update.text}", self.choices, attachment=self.attachment)


class Arrivals:
    """A middleware that counts the requests that have come in."""

    def __init__(self) -> None:
        self._count = 0
        self._changed = asyncio.Condition()

    @property
    def middleware(self) -> Any:
        @web.middleware
        async def count(request: web.Request, handler: Any) -> Any:
            async with self._changed:
                self._count += 1
                self._changed.notify_all()
            return await handler(request)

        return count

    async def reach(self, count: int) -> None:
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(lambda: self._count >= count)


@asynccontextmanager
async def serving(
    channel: Messenger, arrivals: Arrivals, handler_cancellation: bool = False
) -> AsyncIterator[str]:
    """A server with the channel; gives its address."""
    app = web.Application(middlewares=[arrivals.middleware])
    app.add_routes(channel.routes())
    runner = web.AppRunner(app, handler_cancellation=handler_cancellation, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await channel.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
        await channel.stop()


async def post(url: str, body: str | bytes, query: dict[str, str]) -> tuple[int, str]:
    """One delivery of the platform's; gives status and text of the answer."""
    async with (
        ClientSession(timeout=ClientTimeout(total=10)) as session,
        session.post(url, params=query, data=body) as response,
    ):
        return response.status, await response.text()


async def post_and_cut(url: str, body: str | bytes, query: dict[str, str]) -> None:
    """A try that the platform gives up."""
    with pytest.raises(TimeoutError):
        async with ClientSession(timeout=ClientTimeout(total=0.1)) as session:
            await session.post(url, params=query, data=body)


async def run_node(script: Path, job: dict[str, Any]) -> Any:
    """Has a program in Node do a job; gives what it prints."""
    node = await asyncio.create_subprocess_exec(
        *("node", "--no-deprecation", str(script)), stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    out, err = await node.communicate(json.dumps(job).encode())
    assert node.returncode == 0, err.decode()
    return json.loads(out)
