"""The WeChat official account's callback: GET and POST /wechat, answered within the same request.

The platform waits five seconds, cuts, and delivers the message again, three times in all; any answer, were it
`success`, ends that. So the work belongs to none of the requests: each try of a message attaches to the one
answer in the making, a try that isn't the last is held open for the platform to cut, and only the last gives
up with `success`, which shows the member nothing. That makes 14 seconds. A replayed request is harmless: it
gets the same answer once more.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from bot.channels.model import Capabilities, Markup, Reply, Responder, Update, WritesFirst
from bot.channels.wechat.codec import Received, message_text, read_message, render_text
from bot.channels.wechat.envelope import (
    Refused,
    Unreadable,
    check_query,
    make_account,
    open_body,
    open_echo,
    seal,
)
from bot.channels.wechat.limits import MAX_BODY, MAX_TEXT_BYTES, PATIENCE, REPLY_SECONDS, TRIES, Patience
from bot.faults import quiet_traceback

log = logging.getLogger(__name__)


class TooLarge(Exception):
    """The body has more than MAX_BODY bytes."""


@dataclass(slots=True)
class _Answer:
    """An answer in the making, or made not long ago, and how often it was asked for."""

    task: asyncio.Task[Reply | None]
    tries: int = 0


class WeChatChannel:
    """The Channel of a WeChat official account; what it answers is 200, 403 or 413.

    `aes_key` is the EncodingAESKey; "" means plain mode. `clock` gives aware datetimes in UTC.
    Raises WeChatMisconfigured if the key is not one, or has no `appid` with it.
    """

    name = "wechat"
    capabilities = Capabilities(
        max_text=MAX_TEXT_BYTES,
        counts_bytes=True,
        buttons=False,
        markup=Markup.PLAIN,
        reply_seconds=REPLY_SECONDS,
        writes_first=WritesFirst.NOBODY,
    )

    def __init__(
        self,
        *,
        token: str,
        appid: str,
        aes_key: str,
        responder: Responder,
        clock: Callable[[], datetime],
        patience: Patience = PATIENCE,
    ) -> None:
        self._account = make_account(token, appid, aes_key)
        self._responder = responder
        self._clock = clock
        self._patience = patience
        self._answers: dict[str, _Answer] = {}

    def routes(self) -> Iterable[web.RouteDef]:
        return [
            web.get("/wechat", self._get_echo, allow_head=False),
            web.post("/wechat", self._post_message),
        ]

    async def start(self) -> None:
        """Opens nothing: the platform comes to us."""
        if self._account.cipher is None:
            log.warning(
                "微信公众号使用明文模式，消息内容没有签名。建议设置 CEWEN_WECHAT_AES_KEY，并在公众平台改用安全模式。"
            )

    async def stop(self) -> None:
        """Waits for the answers in the making."""
        running = [answer.task for answer in self._answers.values() if not answer.task.done()]
        if running:
            await asyncio.wait(running)

    async def _get_echo(self, request: web.Request) -> web.Response:
        try:
            return _plain(open_echo(self._account, request.query, self._clock()))
        except Refused as reason:
            return _forbidden(reason)

    async def _post_message(self, request: web.Request) -> web.Response:
        arrived, now = asyncio.get_running_loop().time(), self._clock()
        try:
            check_query(self._account, request.query, now)
            body = await self._bounded_body(request)
            received = read_message(open_body(self._account, request.query, body, now), now)
        except Refused as reason:
            return _forbidden(reason)
        except TooLarge:
            return web.Response(status=413)
        except Unreadable as reason:
            log.warning("微信公众号发来的消息读不出来：%s", reason)
            return _success()
        reply = await self._reply(received.update, arrived)
        return self._passive(received, reply)

    async def _bounded_body(self, request: web.Request) -> bytes:
        """The body. Raises TooLarge, and Unreadable if it doesn't come whole or in time."""
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

    async def _reply(self, update: Update, arrived: float) -> Reply | None:
        """The reply, if it is there while this try lasts. Cancelling the try leaves the work alone."""
        answer = self._answer(update)
        if answer is None:
            log.error("微信公众号的消息太多，有 %d 条在处理，新消息未予回答。", len(self._answers))
            return None
        answer.tries += 1
        is_last = answer.tries >= TRIES
        until = arrived + (self._patience.reply_seconds if is_last else self._patience.hold_seconds)
        await asyncio.wait([answer.task], timeout=until - asyncio.get_running_loop().time())
        if answer.task.done():
            return answer.task.result()
        if is_last:
            log.warning("微信公众号的一条消息没能在 %d 次投递内答完，未予回答。", TRIES)
        return None

    def _answer(self, update: Update) -> _Answer | None:
        """The answer to this update, begun at the first try; None while there are too many."""
        answer = self._answers.get(update.key)
        if answer is None and len(self._answers) < self._patience.max_answers:
            answer = self._answers[update.key] = _Answer(asyncio.create_task(self._respond(update)))
            answer.task.add_done_callback(lambda _: self._forget_later(update.key))
        return answer

    def _forget_later(self, key: str) -> None:
        kept = self._patience.kept_seconds
        asyncio.get_running_loop().call_later(kept, self._answers.pop, key, None)

    async def _respond(self, update: Update) -> Reply | None:
        try:
            return await self._responder(update)
        except Exception as error:  # the last place before the platform: it gets `success`, the log the fault
            log.error("no reply to a %s update on wechat\n%s", update.kind, quiet_traceback(error))
            return None

    def _passive(self, received: Received, reply: Reply | None) -> web.Response:
        """The reply in the response; a text without content would read as a fault, so that is `success`."""
        text = message_text(reply) if reply and received.wants_reply else ""
        if not text:
            return _success()
        now = self._clock()
        xml = seal(self._account, render_text(received, text, now), now)
        return web.Response(text=xml, content_type="text/xml", charset="utf-8")


def _plain(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/plain", charset="utf-8")


def _success() -> web.Response:
    return _plain("success")


def _forbidden(reason: Refused) -> web.Response:
    log.info("拒绝了一个微信公众号回调：%s", reason)
    return web.Response(status=403)
