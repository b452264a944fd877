"""The projector page: /screen/PASS, and the stream of what it shows.

The stream tells the state when it changes and the codes at each turn, some turns ahead, so that a lost connection is
bridged for a minute. Without scripts the page reloads itself.
"""

import asyncio
import json
from collections.abc import Callable, Iterable
from datetime import datetime

from aiohttp import web

from bot.attendance import lectures
from bot.attendance.codes import turn_start
from bot.attendance.model import Lecture
from bot.attendance.staff import Role
from bot.screens.pages import Doorkeeper, Pages
from bot.screens.showing import Showing
from bot.store.database import Database

LOOK_SECONDS = 1.0
"""How often a screen looks for what has changed."""
HEARTBEAT = 10
"""Looks after which a silent stream says that it is alive."""


class Projector:
    """Routes of the projector page."""

    def __init__(
        self,
        database: Database,
        showing: Showing,
        pages: Pages,
        doorkeeper: Doorkeeper,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._showing = showing
        self._pages = pages
        self._doorkeeper = doorkeeper
        self._clock = clock
        self._closing = asyncio.Event()

    def routes(self) -> Iterable[web.RouteDef]:
        return [
            web.get("/screen/{token}", self._get_page),
            web.get("/screen/{token}/stream", self._get_stream),
        ]

    async def close(self, _: web.Application) -> None:
        """Ends the streams: the server is about to stop, and the pages will ask again."""
        self._closing.set()

    def _lecture(self, request: web.Request) -> Lecture:
        """The lecture of the pass; looked up each time, for it may be moved, and the pass taken back."""
        by = self._doorkeeper.admit(request, Role.SCREEN, Role.ASSISTANT)
        lecture = lectures.find(self._database, by.lecture_id)
        if lecture is None:
            raise web.HTTPNotFound(text="没有这场讲座。")
        return lecture

    async def _get_page(self, request: web.Request) -> web.Response:
        lecture, now = self._lecture(request), self._clock()
        return self._pages.html(
            "projector.html",
            state=self._showing.state(lecture, now),
            codes=await self._showing.codes(lecture, now),
            stream=f"/screen/{request.match_info['token']}/stream",
        )

    async def _get_stream(self, request: web.Request) -> web.StreamResponse:
        lecture = self._lecture(request)
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
            }
        )
        await response.prepare(request)
        told: object = None
        silent = 0
        try:
            while not self._closing.is_set():
                now = self._clock()
                state = self._showing.state(lecture, now)
                turn = turn_start(now, lecture.rotation)
                if (state, turn) != told:
                    told, silent = (state, turn), 0
                    await response.write(await self._event(lecture, state, now))
                elif (silent := silent + 1) % HEARTBEAT == 0:
                    await response.write(_message({"now": now.timestamp() * 1000}))
                await self._pause()
                lecture = self._lecture(request)
        except (ConnectionResetError, web.HTTPException):  # the page has gone, or may see it no more
            pass
        return response

    async def _event(self, lecture: Lecture, state: dict[str, object], now: datetime) -> bytes:
        codes = await self._showing.codes(lecture, now)
        return _message({"now": now.timestamp() * 1000, "state": state, "codes": codes})

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self._closing.wait()
        except TimeoutError:
            pass


def _message(content: dict[str, object]) -> bytes:
    return f"data: {json.dumps(content, ensure_ascii=False)}\n\n".encode()
