"""A WeCom app: its callback at /wecom, always encrypted, and messages to members, which need no window."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from aiohttp import web

from bot.channels.delivery import Delivered, Delivery, NotAllowed, RetryAt
from bot.channels.model import Capabilities, Markup, Reply, Take, Update, WritesFirst
from bot.channels.tencent.api import ApiError, Unreachable
from bot.channels.tencent.callback import Arrival, Door, Late, Sentences, reply_in_time
from bot.channels.tencent.envelope import Account
from bot.channels.tencent.health import Health
from bot.channels.tencent.limits import MAX_TEXT_BYTES, PATIENCE, REPLY_SECONDS, Patience
from bot.channels.tencent.text import message_text
from bot.channels.tencent.updates import Asked, read_update, render_text
from bot.channels.tencent.xml import parse
from bot.channels.wecom.api import WeComApi, outcome
from bot.rates import RateLimit
from bot.store.writer import Writer

CHANNEL = "wecom"
PER_MINUTE = 30
"""Messages that a member can be sent in a minute: the platform drops more without a word."""

log = logging.getLogger(__name__)


class WeComChannel:
    """The Channel and Messenger of a WeCom app.

    `api` is None where the app's secret is not set: then replies are passive only. `clock` gives aware datetimes in
    UTC, `seconds` never go back.
    """

    name = CHANNEL
    capabilities = Capabilities(
        max_text=MAX_TEXT_BYTES,
        counts_bytes=True,
        buttons=False,
        markup=Markup.LINKS,
        reply_seconds=REPLY_SECONDS,
        writes_first=WritesFirst.KNOWN,
    )

    def __init__(
        self,
        *,
        account: Account,
        api: WeComApi | None,
        take: Take,
        writer: Writer,
        sentences: Sentences,
        clock: Callable[[], datetime],
        seconds: Callable[[], float],
        patience: Patience = PATIENCE,
    ) -> None:
        self._api = api
        self._take = take
        self._sentences = sentences
        self._clock = clock
        self._patience = patience
        self._door = Door("企业微信", account, clock, Health(CHANNEL, writer.write_soon), patience)
        self._rates = RateLimit(PER_MINUTE / 60, PER_MINUTE, clock=seconds)
        self._tasks: set[asyncio.Task[Delivery]] = set()

    def routes(self) -> Iterable[web.RouteDef]:
        return self._door.routes("/wecom", self._serve)

    async def start(self) -> None:
        """Opens nothing: the platform comes to us."""

    async def stop(self) -> None:
        """Waits for what is being sent."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def deliver(self, update: Update, reply: Reply) -> Delivery:
        return await self.send(update.chat, reply)

    async def send(self, chat: str, reply: Reply) -> Delivery:
        """Sends the text, and the attachment after it. Once the text is there it is delivered."""
        if self._api is None:
            return NotAllowed("没有设置 CEWEN_WECOM_SECRET，只能被动回复")
        if wait := self._rates.take(chat):
            return RetryAt(self._clock() + timedelta(seconds=wait), "对同一成员发得太快")
        text, message = message_text(reply), ""
        try:
            if text:
                message = await self._api.send_text(chat, text)
            if reply.attachment:
                await self._api.send_attachment(chat, reply.attachment)
        except (ApiError, Unreachable) as error:
            if not message:
                return outcome(error, self._clock())
            log.warning("an attachment was not sent on WeCom: %s", error)
        return Delivered(message)

    async def _serve(self, xml: bytes, arrival: Arrival) -> str:
        asked = read_update(parse(xml), CHANNEL, arrival.at)
        reply = await reply_in_time(self._take, asked.update, arrival, self._patience, self._sentences)
        match reply:
            case None | Late.CUT:
                return ""
            case Late.LAST:
                return "" if self._api else render_text(asked, self._sentences.waiting, self._clock())
            case Reply():
                return self._passive(asked, reply)
            case _:
                assert_never(reply)

    def _passive(self, asked: Asked, reply: Reply) -> str:
        """The text in the response; an attachment is sent after it."""
        if reply.attachment and self._api:
            task = asyncio.create_task(
                self.send(asked.update.chat, replace(reply, text="", source="", choices=()))
            )
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif reply.attachment:
            reply = replace(reply, text=f"{reply.text}\n{self._sentences.no_files}")
        text = message_text(reply)
        # a text without content would read as a fault, so that is `success`
        return render_text(asked, text, self._clock()) if text else ""
