"""Inline mode: a question asked in any chat by @bot gives an answer to post there, short and with its source.

The platform asks at every pause in typing: only a member's latest query is answered, and no more than so many.
What is answered depends on the words alone, so that Telegram may give the same to everybody for a minute.
"""

import asyncio
import hashlib
import html
import logging
from collections.abc import Awaitable, Callable

import telegram
from telegram.constants import ParseMode
from telegram.error import TelegramError

from bot.channels.model import Reply
from bot.channels.telegram.rendering import split, well_formed
from bot.languages import language_for
from bot.messages.catalogue import Catalogue
from bot.rates import RateLimit

Ask = Callable[[str], Awaitable[Reply | None]]
"""The answer to a question asked out of any conversation; None if the notices hold none."""

SHORTEST = 3
"""Characters of a query that is looked up."""
CACHED_SECONDS = 60
TITLE, DESCRIPTION, BODY = 60, 120, 3000
"""Characters of a result that are shown to choose by, and UTF-16 units of the answer that is posted."""

_PAUSE = 0.25
"""Seconds in which another key may be pressed."""

log = logging.getLogger(__name__)


class InlineMode:
    """Answers inline queries with a bot."""

    def __init__(self, bot: telegram.Bot, ask: Ask, catalogue: Catalogue, rates: RateLimit) -> None:
        self._bot = bot
        self._ask = ask
        self._catalogue = catalogue
        self._rates = rates
        self._latest: dict[int, asyncio.Task[None]] = {}

    def take(self, query: telegram.InlineQuery) -> None:
        """Sets about answering; an earlier query of the same member is dropped."""
        member = query.from_user.id
        if self._rates.take(str(member)):
            return
        if earlier := self._latest.get(member):
            earlier.cancel()
        task = asyncio.create_task(self._answer(query))
        self._latest[member] = task
        task.add_done_callback(lambda done: self._forget(member, done))

    async def stop(self) -> None:
        """Drops what is not answered: nobody waits for it long."""
        tasks = list(self._latest.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget(self, member: int, task: asyncio.Task[None]) -> None:
        if self._latest.get(member) is task:
            del self._latest[member]

    async def _answer(self, query: telegram.InlineQuery) -> None:
        await asyncio.sleep(_PAUSE)
        question = well_formed(query.query).strip()
        reply = await self._ask(question) if len(question) >= SHORTEST else None
        say = self._catalogue[language_for("en", question)]
        button = None
        if reply is None:
            key = "telegram.inline_none" if len(question) >= SHORTEST else "telegram.inline_open"
            button = telegram.InlineQueryResultsButton(say(key), start_parameter="inline")
        try:
            await self._bot.answer_inline_query(
                query.id,
                [article(question, reply)] if reply else [],
                cache_time=CACHED_SECONDS,
                is_personal=False,
                button=button,
            )
        except TelegramError as error:  # too late, or the network: the next key asks again
            log.info("an inline query was not answered: %s", type(error).__name__)


def article(question: str, reply: Reply) -> telegram.InlineQueryResultArticle:
    """The result to choose, and the message that choosing it posts: question, answer, source."""
    text = well_formed(reply.text)
    shown = split(text, BODY)[0]
    body = shown if shown == text else f"{shown.rstrip()}…"
    lines = [f"<b>{html.escape(question, quote=False)}</b>", html.escape(body, quote=False)]
    if reply.source:
        lines.append(f"<i>{html.escape(well_formed(reply.source)[:500], quote=False)}</i>")
    return telegram.InlineQueryResultArticle(
        id=hashlib.sha256(question.encode()).hexdigest()[:32],
        title=_cut(text.split("\n")[0], TITLE),
        description=_cut(reply.source, DESCRIPTION) or None,
        input_message_content=telegram.InputTextMessageContent(
            "\n".join(lines),
            parse_mode=ParseMode.HTML,
            link_preview_options=telegram.LinkPreviewOptions(is_disabled=True),
        ),
    )


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
