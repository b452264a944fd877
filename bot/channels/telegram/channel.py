"""Telegram, by polling or by webhook, through python-telegram-bot: connects, takes updates, sends the replies.

Nothing that Telegram or the network does keeps the rest of the server from working: connecting goes on in the
background until it succeeds. By webhook an update is answered 200 only once it has been handled, so that
Telegram delivers it again after a crash; by polling the library confirms updates when it has fetched them.
"""

import asyncio
import hashlib
import hmac
import json
import logging
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

import telegram
from aiohttp import web
from telegram.constants import UpdateType
from telegram.error import Conflict, InvalidToken, NetworkError, TelegramError
from telegram.ext import Application, CallbackContext, ExtBot, TypeHandler
from telegram.request import HTTPXRequest

from bot.channels.model import Capabilities, Markup, Responder, Update, WritesFirst
from bot.channels.telegram.codec import COMMANDS, MAX_UNITS, read_update
from bot.channels.telegram.sending import send_reply
from bot.faults import quiet_traceback
from corpus.errors import CewenError

MAX_BODY = 1 << 20
"""Bytes of a webhook's request."""
CONCURRENT_UPDATES = 64
REMEMBERED = 10_000
"""Updates whose reply was sent, so that a redelivery doesn't send it again."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between tries to connect, doubled each time."""
REMINDER = timedelta(minutes=10)
"""How often trouble that goes on is told again."""

_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105
_ALLOWED = [UpdateType.MESSAGE, UpdateType.CALLBACK_QUERY, UpdateType.MY_CHAT_MEMBER]

log = logging.getLogger(__name__)


class TelegramMisconfigured(CewenError):
    """The settings can't work together; the sentence says which."""


class TelegramChannel:
    """The Channel of Telegram.

    `secret` guards the webhook; if empty it is derived from the token, so that every process has the same.
    `api` is the Bot API's address without /bot. `clock` gives aware datetimes in UTC.
    Raises TelegramMisconfigured if a webhook is asked for that Telegram would refuse.
    """

    name = "telegram"
    capabilities = Capabilities(
        max_text=MAX_UNITS,
        counts_bytes=False,
        buttons=True,
        markup=Markup.HTML,
        reply_seconds=None,
        writes_first=WritesFirst.KNOWN,
    )

    def __init__(
        self,
        *,
        token: str,
        mode: Literal["polling", "webhook"],
        secret: str,
        api: str,
        public_url: str,
        responder: Responder,
        clock: Callable[[], datetime],
    ) -> None:
        if mode == "webhook":
            _check_webhook(public_url, api, secret)
        self._token = token
        self._mode = mode
        self._secret = secret or hmac.new(token.encode(), b"cewen webhook", hashlib.sha256).hexdigest()
        self._webhook = public_url.rstrip("/") + "/telegram"
        self._responder = responder
        self._clock = clock
        self._app = _application(token, api.rstrip("/"), mode)
        self._app.add_handler(TypeHandler(telegram.Update, self._take))
        self._app.add_error_handler(_log_fault)
        self._connecting: asyncio.Task[None] | None = None
        self._is_known = False
        self._told: tuple[str, datetime] | None = None
        self._chats: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._replied: OrderedDict[str, None] = OrderedDict()

    def routes(self) -> Iterable[web.RouteDef]:
        return [web.post("/telegram", self._post_update)] if self._mode == "webhook" else []

    async def start(self) -> None:
        """Begins to connect, in the background. Never raises for the network's or the token's sake."""
        logging.getLogger("httpx").setLevel(logging.WARNING)  # its INFO lines carry the token
        self._connecting = asyncio.create_task(self._connect())

    async def stop(self) -> None:
        """Finishes what has been taken. The webhook stays set: Telegram keeps updates for the next start."""
        if self._connecting:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)
        updater = self._app.updater
        if updater and updater.running:
            try:
                await updater.stop()
            except TelegramError as error:
                self._report(error)
        if self._app.running:
            await self._app.stop()
        await self._app.shutdown()
        await self._app.bot.shutdown()  # its connections are open even if the application never came up

    async def _connect(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                await self._open()
                break
            except Exception as error:  # whatever it was, the other channels go on and this one tries again
                self._report(error)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        self._told = None
        log.info("Telegram 已连接：@%s（%s）", self._app.bot.username, self._mode)
        try:
            await self._app.bot.set_my_commands(list(COMMANDS.items()))
        except TelegramError as error:
            log.info("Telegram 的命令菜单没有设置成：%s", self._clean(error))

    async def _open(self) -> None:
        """One try to connect; what had succeeded in an earlier one is not done again."""
        await self._app.initialize()
        self._is_known = True
        if self._app.updater is None:
            await self._app.bot.set_webhook(
                self._webhook, secret_token=self._secret, allowed_updates=_ALLOWED
            )
            return
        if not self._app.running:
            await self._app.start()
        await self._app.updater.start_polling(
            allowed_updates=_ALLOWED, drop_pending_updates=False, error_callback=self._report
        )

    async def _post_update(self, request: web.Request) -> web.Response:
        given = request.headers.get(_SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._secret.encode()):
            return web.Response(status=403)
        body = await _bounded_body(request)
        if not self._is_known:
            return web.Response(status=503, headers={"Retry-After": "5"})  # Telegram delivers it again
        try:
            update = telegram.Update.de_json(json.loads(body), self._app.bot)
        except Exception as error:  # the library raises many types for shapes that Telegram doesn't send
            log.warning("an update from Telegram can't be read: %s", type(error).__name__)
            return web.Response(status=400)
        await self._app.update_processor.process_update(update, self._app.process_update(update))
        return web.Response()

    async def _take(self, received: telegram.Update, _: object) -> None:
        """Answers one update. Those of a chat come one after another, so that their replies don't mingle."""
        if received.callback_query:
            await _stop_spinner(received.callback_query)
        update = read_update(received, self._app.bot.bot, self._clock())
        if update is None:
            return
        async with self._chats.setdefault(update.chat, asyncio.Lock()):
            await self._reply_once(update)

    async def _reply_once(self, update: Update) -> None:
        if update.key in self._replied:
            return
        reply = await self._responder(update)
        if reply is not None:
            await send_reply(self._app.bot, update.chat, reply)
        self._replied[update.key] = None
        if len(self._replied) > REMEMBERED:
            self._replied.popitem(last=False)

    def _report(self, error: Exception) -> None:
        """One line for each new kind of trouble, and a reminder while it goes on; not one for each try."""
        match error:
            case InvalidToken():
                sentence = "Telegram 不认这个令牌，将继续重试。请检查 CEWEN_TELEGRAM_TOKEN（和 CEWEN_TELEGRAM_API）。"
            case Conflict():
                sentence = "另有一个程序正用同一个令牌收取 Telegram 消息。请只留一个，或改用 webhook。"
            case TelegramError():
                sentence = (
                    f"Telegram 连不上，将继续重试（{self._clean(error)}）。请检查网络或 CEWEN_TELEGRAM_API。"
                )
            case _:
                sentence = (
                    f"Telegram 连不上，将继续重试。请检查 CEWEN_TELEGRAM_API。\n{quiet_traceback(error)}"
                )
        now = self._clock()
        if self._told is None or sentence != self._told[0] or now - self._told[1] >= REMINDER:
            log.warning("%s", sentence)
            self._told = (sentence, now)

    def _clean(self, error: TelegramError) -> str:
        return f"{type(error).__name__}：{error.message}".replace(self._token, "***")


class _PatientBot(ExtBot[None]):
    """Polls on after 401 and 404, which a proxy before the Bot API may give for a while; the library would stop."""

    async def get_updates(self, *args: Any, **kwargs: Any) -> tuple[telegram.Update, ...]:
        try:
            return await super().get_updates(*args, **kwargs)
        except InvalidToken as error:
            raise NetworkError(error.message) from error


def _application(
    token: str, api: str, mode: Literal["polling", "webhook"]
) -> Application[_PatientBot, Any, Any, Any, Any, Any]:
    request = HTTPXRequest(connection_pool_size=256, connect_timeout=10, read_timeout=20, pool_timeout=30)
    bot = _PatientBot(token, base_url=f"{api}/bot", request=request, get_updates_request=HTTPXRequest())
    builder = Application.builder().bot(bot).concurrent_updates(CONCURRENT_UPDATES)
    return builder.updater(None).build() if mode == "webhook" else builder.build()


def _check_webhook(public_url: str, api: str, secret: str) -> None:
    scheme = urlsplit(public_url).scheme
    if scheme != "https" and not (scheme == "http" and _is_loopback(api)):
        raise TelegramMisconfigured(
            f"Telegram 的 webhook 要求 https 地址，而 CEWEN_PUBLIC_URL 是“{public_url}”。"
            "请改成 https://…，或把 CEWEN_TELEGRAM_MODE 设为 polling。"
        )
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
        raise TelegramMisconfigured(
            "CEWEN_TELEGRAM_SECRET 只能用字母、数字、下划线和连字符，最多 256 个字符。请换一个，或留空。"
        )


def _is_loopback(url: str) -> bool:
    """Whether the address is this machine's: there stand-ins and local API servers take http."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


async def _bounded_body(request: web.Request) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.content.iter_chunked(65536):
            body += chunk
            if len(body) > MAX_BODY:
                raise web.HTTPRequestEntityTooLarge(max_size=MAX_BODY, actual_size=len(body))
    except web.RequestPayloadError:
        raise web.HTTPBadRequest from None
    return bytes(body)


async def _stop_spinner(query: telegram.CallbackQuery) -> None:
    try:
        await query.answer()
    except TelegramError as error:  # too old, or the network: the button just spins a little longer
        log.info("a button was not acknowledged: %s", type(error).__name__)


async def _log_fault(_: object, context: CallbackContext[Any, Any, Any, Any]) -> None:
    if context.error:
        log.error("a Telegram update was not answered\n%s", quiet_traceback(context.error))
