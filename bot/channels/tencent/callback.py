"""The callback of WeChat and WeCom: GET and POST of one address, answered within the same request.

The platform waits five seconds, cuts, and delivers the message again, three times in all; any answer, were it
`success`, ends that. So the work belongs to none of the requests: each try of a message waits for the one reply in
the making; a try that isn't the last is held open for the platform to cut, and only the last gives up.

Whatever comes, what is answered is 200, 403 or 413.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from aiohttp import web
from multidict import CIMultiDict

from bot.channels.model import NotTaken, Refused, Reply, Take, Update
from bot.channels.tencent.envelope import (
    Account,
    Replays,
    Unproven,
    Unreadable,
    check_query,
    open_body,
    open_echo,
    seal,
)
from bot.channels.tencent.health import Health
from bot.channels.tencent.limits import MAX_BODY, PATIENCE, TRIES, Patience
from bot.faults import quiet_traceback

log = logging.getLogger(__name__)


_XML = CIMultiDict({"Content-Type": "text/xml; charset=utf-8"})


class TooLarge(Exception):
    """The body has more than MAX_BODY bytes."""


@dataclass(frozen=True, slots=True)
class Sentences:
    """What a channel says itself: to fetch a late reply, when too much is going on, and where a file can't go."""

    waiting: str
    busy: str
    no_files: str


class Late(Enum):
    """Why there is no reply for a request."""

    CUT = "the platform has cut, or will, and tries again"
    LAST = "no further try will come: the reply is on its own"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request whose body was the platform's: when it came, by the clock and by the loop's time."""

    request: web.Request
    at: datetime
    loop_time: float


Serve = Callable[[bytes, Arrival], Awaitable[str]]
"""Answers a message's XML: with the passive reply's XML, or "" for `success`. Raises Unreadable."""


class Door:
    """Lets in what the platform sent. `name` is for the log; `clock` gives aware datetimes."""

    def __init__(
        self,
        name: str,
        account: Account,
        clock: Callable[[], datetime],
        health: Health,
        patience: Patience = PATIENCE,
    ) -> None:
        self._name = name
        self._account = account
        self._clock = clock
        self._health = health
        self._patience = patience
        self._replays = Replays()

    def routes(self, path: str, serve: Serve) -> Iterable[web.RouteDef]:
        """GET, by which the address is registered, and POST, which `serve` answers."""

        async def post(request: web.Request) -> web.Response:
            return await self._post(request, serve)

        return [web.get(path, self._get, allow_head=False), web.post(path, post)]

    async def _get(self, request: web.Request) -> web.Response:
        try:
            echo = open_echo(self._account, request.query, self._clock())
        except Unproven as refusal:
            return self._forbidden(refusal)
        return web.Response(body=echo, content_type="text/plain")

    async def _post(self, request: web.Request, serve: Serve) -> web.Response:
        arrival = Arrival(request, self._clock(), asyncio.get_running_loop().time())
        try:
            xml = await self._opened(request, arrival.at)
            self._health.accepted(arrival.at)
            passive = await serve(xml, arrival)
        except Unproven as refusal:
            return self._forbidden(refusal)
        except TooLarge:
            return web.Response(status=413)
        except Unreadable as reason:
            log.warning("%s发来的消息读不出来：%s", self._name, reason)
            passive = ""
        except Exception as error:  # the last place before the platform: it gets `success`, the log the fault
            log.error("a callback of %s was not answered\n%s", self._name, quiet_traceback(error))
            passive = ""
        if not passive:
            return web.Response(body=b"success", content_type="text/plain")
        return web.Response(body=seal(self._account, passive, self._clock()), headers=_XML)

    async def _opened(self, request: web.Request, now: datetime) -> bytes:
        query = request.query
        if self._account.cipher is None:
            check_query(self._account, query, now)
        body = await self._bounded_body(request)
        if self._account.cipher is None:
            self._replays.check(query, body, now)
        return open_body(self._account, query, body, now)

    async def _bounded_body(self, request: web.Request) -> bytes:
        """The body. Raises TooLarge, and Unreadable if it doesn't come whole or in time."""
        if request.content.is_eof():  # it has come with the head, as a short one does: nothing to wait for
            whole = request.content.read_nowait()
            if len(whole) > MAX_BODY:
                raise TooLarge
            return whole
        body = bytearray()
        try:
            async with asyncio.timeout(self._patience.reply_seconds):
                async for chunk in request.content.iter_any():
                    body += chunk
                    if len(body) > MAX_BODY:
                        raise TooLarge
        except (web.RequestPayloadError, ConnectionError, TimeoutError) as error:
            raise Unreadable(type(error).__name__) from None
        return bytes(body)

    def _forbidden(self, refusal: Unproven) -> web.Response:
        log.info("拒绝了一个%s回调：%s", self._name, refusal)
        self._health.refused(refusal.fault, self._clock())
        return web.Response(status=403)


async def reply_in_time(
    take: Take, update: Update, arrival: Arrival, patience: Patience, sentences: Sentences
) -> Reply | Late | None:
    """The reply, None where none is due, or why there is none yet.

    After Late.LAST the reply was handed over to the messenger.
    """
    try:
        receipt = await take(update)
    except Refused as refusal:
        return refusal.reply
    except NotTaken as error:
        log.error("%s", error)
        return Reply(sentences.busy) if update.wants_reply else None
    is_last = receipt.tries >= TRIES
    until = arrival.loop_time + (patience.reply_seconds if is_last else patience.hold_seconds)
    left = until - asyncio.get_running_loop().time()
    try:
        return await receipt.reply(left, lambda: _is_listening(arrival.request))
    except TimeoutError:
        if not is_last:
            return Late.CUT
        receipt.hand_over()
        return Late.LAST


def _is_listening(request: web.Request) -> bool:
    transport = request.transport
    return transport is not None and not transport.is_closing()
