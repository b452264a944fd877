"""Sends replies and copes with what Telegram answers: too fast, blocked, bad markup, network down."""

import asyncio
import datetime
import logging
import os

import telegram
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter

from bot.channels.model import Reply
from bot.channels.telegram.codec import Outgoing, address, outgoing

# the library's own opt-in; without it each RetryAfter is born with a deprecation warning
os.environ.setdefault("PTB_TIMEDELTA", "true")

TRIES = 3
LONGEST_WAIT = 30.0
"""Seconds that Telegram may make us wait before a reply; beyond that it fails."""

log = logging.getLogger(__name__)

_NO_PREVIEW = telegram.LinkPreviewOptions(is_disabled=True)


async def send_reply(bot: telegram.Bot, chat: str, reply: Reply) -> None:
    """Sends every message of a reply in order; drops it if the member has blocked the bot.

    `chat` is as in Update. Raises telegram.error.TelegramError for what three tries did not mend.
    """
    try:
        for message in outgoing(reply):
            await _send_formatted(bot, chat, message)
    except Forbidden:
        log.info("a reply was dropped: the member has blocked the bot, or the chat has removed it")


async def _send_formatted(bot: telegram.Bot, chat: str, message: Outgoing) -> None:
    try:
        await _send_patiently(bot, chat, message.html, ParseMode.HTML, message.buttons)
    except BadRequest as error:
        if "entities" not in error.message:
            raise
        await _send_patiently(bot, chat, message.text, None, message.buttons)


async def _send_patiently(
    bot: telegram.Bot,
    chat: str,
    text: str,
    parse_mode: ParseMode | None,
    buttons: telegram.InlineKeyboardMarkup | None,
) -> None:
    """Sends one message, in up to three tries."""
    chat_id, topic = address(chat)
    for attempt in range(1, TRIES + 1):
        try:
            await bot.send_message(
                chat_id,
                text,
                parse_mode=parse_mode,
                message_thread_id=topic,
                reply_markup=buttons,
                link_preview_options=_NO_PREVIEW,
            )
            return
        except (RetryAfter, NetworkError) as error:
            wait = _wait(error, attempt)
            # Telegram answered BadRequest, a kind of NetworkError here: the same request can't do better
            if isinstance(error, BadRequest) or attempt == TRIES or wait > LONGEST_WAIT:
                raise
            await asyncio.sleep(wait)


def _wait(error: RetryAfter | NetworkError, attempt: int) -> float:
    """Seconds until the next try: what Telegram asks for, else half a second, then one."""
    if not isinstance(error, RetryAfter):
        return 0.5 * attempt
    asked = error.retry_after
    return asked.total_seconds() if isinstance(asked, datetime.timedelta) else float(asked)
