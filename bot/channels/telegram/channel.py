"""Telegram, by polling or by webhook, through python-telegram-bot: connects, takes updates, sends the replies.

Nothing that Telegram or the network does keeps the rest of the server from working: connecting goes on in the
background until it succeeds. Either way Telegram is told that an update is here once the inbox has stored it.
"""

import asyncio
import hmac
import json
import logging
from collections.abc import Callable, Coroutine, Iterable
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import telegram
import telegram.helpers
from aiohttp import web
from telegram.constants import UpdateType
from telegram.error import Conflict, InvalidToken, TelegramError

from bot.channels.delivery import Delivery, Gone, RetryAt
from bot.channels.model import Capabilities, Markup, NotTaken, Refused, Reply, Take, Update, WritesFirst
from bot.channels.telegram.bot_account import BotAccount
from bot.channels.telegram.buttons import Buttons
from bot.channels.telegram.files import download
from bot.channels.telegram.inline import Ask, InlineMode
from bot.channels.telegram.menu import menus
from bot.channels.telegram.outcomes import PAUSE
from bot.channels.telegram.polling import Polling
from bot.channels.telegram.reading import read_update
from bot.channels.telegram.rendering import MAX_UNITS
from bot.channels.telegram.sending import Sender
from bot.channels.telegram.transport import AiohttpRequest
from bot.faults import quiet_traceback
from bot.languages import language_for
from bot.messages.catalogue import Catalogue
from bot.rates import RateLimit

MAX_BODY = 1 << 20
"""Bytes of a webhook's request."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between tries to connect, doubled each time."""
MAX_ASIDES = 200
"""Acknowledgements of buttons and refusals under way; what is more is left out."""
REMINDER = timedelta(minutes=10)
"""How often trouble that goes on is told again."""

_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105
_ALLOWED = [
    UpdateType.MESSAGE,
    UpdateType.EDITED_MESSAGE,
    UpdateType.CALLBACK_QUERY,
    UpdateType.INLINE_QUERY,
    UpdateType.MY_CHAT_MEMBER,
]
"""All that Telegram shall send: posts of channels, polls, reactions, payments and the rest it keeps to itself."""

log = logging.getLogger(__name__)


class TelegramChannel:
    """The Channel, Messenger and FileSource of Telegram.

    `gone` is told the chat of whoever has blocked the bot; `clock` gives aware datetimes in UTC.
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
        account: BotAccount,
        *,
        take: Take,
        ask: Ask,
        buttons: Buttons,
        catalogue: Catalogue,
        gone: Callable[[str], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._account = account
        self._take = take
        self._buttons = buttons
        self._catalogue = catalogue
        self._gone = gone
        self._clock = clock
        self._bot = _bot(account.token, account.api.rstrip("/"))
        self._sender = Sender(self._bot, buttons, clock)
        self._inline = InlineMode(self._bot, ask, catalogue, RateLimit(per_second=1.0, burst=5))
        self._secret = account.webhook_secret.encode()
        self._running: asyncio.Task[None] | None = None
        self._asides: set[asyncio.Task[None]] = set()
        self._is_known = False
        self._told: tuple[str, datetime] | None = None

    def routes(self) -> Iterable[web.RouteDef]:
        return [web.post("/telegram", self._post_update)] if self._account.mode == "webhook" else []

    async def start(self) -> None:
        """Begins to connect, in the background. Never raises for the network's or the token's sake."""
        self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Takes and delivers no more. The webhook stays set: Telegram keeps updates for the next start."""
        tasks = [task for task in (self._running, *self._asides) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, self._inline.stop(), return_exceptions=True)
        await self._bot.shutdown()

    async def deliver(self, update: Update, reply: Reply) -> Delivery:
        if not self._is_known:
            return RetryAt(self._clock() + PAUSE, "还没有连上 Telegram")
        outcome = await self._sender.deliver(update, reply)
        self._note(update.chat, outcome)
        return outcome

    async def send(self, chat: str, reply: Reply) -> Delivery:
        outcome = await self._sender.send(chat, reply)
        self._note(chat, outcome)
        return outcome

    def _note(self, chat: str, outcome: Delivery) -> None:
        if isinstance(outcome, Gone):
            self._gone(chat)

    async def code_link(self, payload: str, seconds: int) -> str:
        """The link that has the member's client send /start with the payload; it holds for ever."""
        return telegram.helpers.create_deep_linked_url(self._bot.username, payload) if self._is_known else ""

    async def download(self, file_id: str) -> bytes:
        """The content of a file that was sent to the bot. Raises FileUnavailable."""
        async with aiohttp.ClientSession(trust_env=True) as session:
            return await download(self._bot, file_id, session)

    async def _run(self) -> None:
        """Connects, however long it takes, then fetches updates if that is how they come."""
        pause = FIRST_PAUSE
        while True:
            try:
                await self._connect()
                break
            except Exception as error:  # whatever it was, the other channels go on and this one tries again
                self._report(error)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        self._told = None
        log.info("Telegram 已连接：@%s（%s）", self._bot.username, self._account.mode)
        await self._set_menus()
        if self._account.mode == "polling":
            await Polling(self._bot, _ALLOWED, self._hear_sent, self._report).run()

    async def _connect(self) -> None:
        """One try to connect; what had succeeded in an earlier one is not done again."""
        await self._bot.initialize()
        self._is_known = True
        if self._account.mode == "webhook":
            await self._bot.set_webhook(
                self._account.webhook,
                secret_token=self._account.webhook_secret,
                allowed_updates=_ALLOWED,
            )
        else:
            await self._bot.delete_webhook()

    async def _set_menus(self) -> None:
        try:
            for language, commands in menus(self._catalogue):
                await self._bot.set_my_commands(commands, language_code=language)
        except TelegramError as error:
            log.info("Telegram 的命令菜单没有设置成：%s", self._clean(error))

    async def _post_update(self, request: web.Request) -> web.Response:
        given = request.headers.get(_SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._secret):
            return web.Response(status=403)
        try:
            sent = json.loads(await _bounded_body(request))
        except (ValueError, RecursionError):
            return web.Response(status=400)  # perhaps it was damaged on its way: Telegram delivers it again
        if not self._is_known:
            return _later()
        try:
            await self._hear_sent(sent)
        except NotTaken as reason:
            self._report(reason)
            return _later()
        return web.Response()

    async def _hear_sent(self, sent: Any) -> None:
        """Takes one update as Telegram sent it. Raises NotTaken."""
        try:
            update = telegram.Update.de_json(sent, self._bot)
        except Exception as error:  # the library raises many types for shapes that it doesn't know
            # nor could it be later: there is no use in having it sent again
            log.warning("an update from Telegram can't be read: %s", type(error).__name__)
            return
        await self._hear(update)

    async def _hear(self, received: telegram.Update) -> None:
        """Has the inbox store the update. Raises NotTaken."""
        if received.inline_query:
            self._inline.take(received.inline_query)
            return
        update = read_update(received, self._bot.bot, self._clock(), self._buttons.read)
        if update is not None:
            try:
                (await self._take(update)).hand_over()
            except Refused as refused:
                if refused.reply:
                    self._aside(self._say(update, refused.reply))
                return
        if received.callback_query:
            self._aside(self._acknowledge(received.callback_query, is_read=update is not None))

    async def _say(self, update: Update, reply: Reply) -> None:
        """Sends what is not worth a second try."""
        await self._sender.deliver(update, reply)

    async def _acknowledge(self, query: telegram.CallbackQuery, is_read: bool) -> None:
        """Stops the button's spinning; one that is no longer valid says so."""
        say = self._catalogue[language_for(query.from_user.language_code or "", "")]
        try:
            await query.answer(None if is_read else say("telegram.button_expired"))
        except TelegramError as error:  # too old, or the network: the button just spins a little longer
            log.info("a button was not acknowledged: %s", type(error).__name__)

    def _aside(self, work: Coroutine[Any, Any, None]) -> None:
        """Does something that nobody waits for, unless there is too much of it."""
        if len(self._asides) >= MAX_ASIDES:
            work.close()
            return
        task = asyncio.create_task(work)
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)

    def _report(self, error: Exception | None) -> None:
        """One line for each new kind of trouble, and a reminder while it goes on; None: it is over."""
        if error is None:
            self._told = None
            return
        sentence = self._trouble(error)
        now = self._clock()
        if self._told is None or sentence != self._told[0] or now - self._told[1] >= REMINDER:
            log.warning("%s", sentence)
            self._told = (sentence, now)

    def _trouble(self, error: Exception) -> str:
        match error:
            case InvalidToken():
                return "Telegram 不认这个令牌，将继续重试。请检查 CEWEN_TELEGRAM_TOKEN（和 CEWEN_TELEGRAM_API）。"
            case Conflict():
                return "另有一个程序正用同一个令牌收取 Telegram 消息。请只留一个，或改用 webhook。"
            case TelegramError():
                return (
                    f"Telegram 连不上，将继续重试（{self._clean(error)}）。请检查网络或 CEWEN_TELEGRAM_API。"
                )
            case _:
                return f"Telegram 的消息暂时收不了，将继续重试。\n{quiet_traceback(error)}"

    def _clean(self, error: TelegramError) -> str:
        return f"{type(error).__name__}：{error.message}".replace(self._account.token, "***")


def _bot(token: str, api: str) -> telegram.Bot:
    request = AiohttpRequest()
    return telegram.Bot(
        token,
        base_url=f"{api}/bot",
        base_file_url=f"{api}/file/bot",
        request=request,
        get_updates_request=request,
    )


def _later() -> web.Response:
    return web.Response(status=503, headers={"Retry-After": "5"})  # Telegram delivers it again


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
