"""The WeChat official account: its callback at /wechat, and what is sent outside of it.

A reply goes back in the request if it is ready in time (tencent/callback.py), else by one customer-service message,
else, where the account may not send any, the member is asked to write again and gets it then.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from aiohttp import web

from bot.channels.delivery import Delivered, Delivery, NotAllowed
from bot.channels.model import (
    Attachment,
    Capabilities,
    Markup,
    Reply,
    Take,
    Update,
    UpdateKind,
    WritesFirst,
)
from bot.channels.tencent.api import ApiError, Unreachable
from bot.channels.tencent.callback import Arrival, Door, Late, Sentences, reply_in_time
from bot.channels.tencent.envelope import Account
from bot.channels.tencent.health import Health
from bot.channels.tencent.limits import MAX_TEXT_BYTES, PATIENCE, REPLY_SECONDS, Patience
from bot.channels.tencent.text import message_text
from bot.channels.tencent.updates import Asked, render_picture, render_text
from bot.channels.wechat.api import WeChatApi
from bot.channels.wechat.codec import CHANNEL, Consents, MassResult, choice_link, read_message
from bot.channels.wechat.consents import ConsentBook
from bot.channels.wechat.mass import note_result
from bot.channels.wechat.menu import push_menu
from bot.channels.wechat.messages import ServiceMessages
from bot.channels.wechat.script import Script
from bot.channels.wechat.windows import Windows
from bot.store.writer import Writer

log = logging.getLogger(__name__)


class WeChatChannel:
    """The Channel and Messenger of an official account.

    `api` is None where the account's secret is not set: then replies are passive only. `clock` gives aware
    datetimes in UTC.
    """

    name = CHANNEL
    capabilities = Capabilities(
        max_text=MAX_TEXT_BYTES,
        counts_bytes=True,
        buttons=False,
        markup=Markup.LINKS,
        reply_seconds=REPLY_SECONDS,
        writes_first=WritesFirst.RECENT,
    )

    def __init__(
        self,
        *,
        account: Account,
        api: WeChatApi | None,
        take: Take,
        writer: Writer,
        script: Script,
        sentences: Sentences,
        clock: Callable[[], datetime],
        patience: Patience = PATIENCE,
    ) -> None:
        self._account = account
        self._api = api
        self._take = take
        self._writer = writer
        self._script = script
        self._sentences = sentences
        self._clock = clock
        self._patience = patience
        self._door = Door("微信公众号", account, clock, Health(CHANNEL, writer.write_soon), patience)
        self._windows = Windows(writer, clock)
        self._consents = ConsentBook(writer, clock)
        self._service = ServiceMessages(api, self._windows, clock) if api else None
        self._tasks: set[asyncio.Task[None]] = set()

    def routes(self) -> Iterable[web.RouteDef]:
        return self._door.routes("/wechat", self._serve)

    async def start(self) -> None:
        """Gives the platform the menu if it has changed, in the background."""
        if self._account.cipher is None:
            log.warning(
                "微信公众号使用明文模式，消息内容没有签名。建议设置 CEWEN_WECHAT_AES_KEY，并在公众平台改用安全模式。"
            )
        if self._api:
            self._go(push_menu(self._api, self._script, self._writer, self._account.receiver, self._clock))

    async def stop(self) -> None:
        """Waits for what is being sent and written."""
        self._windows.flush()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def deliver(self, update: Update, reply: Reply) -> Delivery:
        return await self.send(update.chat, self._said(update, reply))

    async def send(self, chat: str, reply: Reply) -> Delivery:
        if self._service is None:
            return NotAllowed("没有设置 CEWEN_WECHAT_SECRET，只能被动回复")
        return await self._service.send(chat, self._sendable(reply))

    async def code_link(self, payload: str, seconds: int) -> str:
        """The link of a code with a scene, which only verified service accounts may make; "" where it can't be."""
        if self._api is None:
            return ""
        try:
            return (await self._api.create_code(payload, max(60, seconds))).link
        except (ApiError, Unreachable) as error:
            log.info("no code with a scene from WeChat: %s", error)
            return ""

    async def _serve(self, xml: bytes, arrival: Arrival) -> str:
        received = read_message(xml, arrival.at)
        match received:
            case Asked():
                return await self._answer(received, arrival)
            case Consents():
                await self._consents.note(received)
            case MassResult():
                await note_result(self._writer, received)
            case _:
                assert_never(received)
        return ""

    async def _answer(self, asked: Asked, arrival: Arrival) -> str:
        update = asked.update
        if said := self._script.keyword_reply(update):
            self._windows.open(update)
            return render_text(asked, said, self._clock())
        reply = await reply_in_time(self._take, update, arrival, self._patience, self._sentences)
        self._windows.open(update)
        if update.kind is UpdateKind.UNFOLLOW:
            self._consents.forget(update.member)
        match reply:
            case None | Late.CUT:
                return ""
            case Late.LAST:
                can_follow = self._service is not None and self._service.refusal is None
                return "" if can_follow else render_text(asked, self._sentences.waiting, self._clock())
            case Reply():
                return await self._passive(asked, self._said(update, reply), arrival)
            case _:
                assert_never(reply)

    async def _passive(self, asked: Asked, reply: Reply, arrival: Arrival) -> str:
        """The reply in the response: its text, and a picture after it, or a picture alone."""
        picture = reply.attachment
        if picture and self._service and picture.is_picture:
            if not reply.text:
                media = await self._uploaded(picture, arrival)
                return render_picture(asked, media, self._clock()) if media else ""
            self._go(self._send_picture(asked.update.member, picture))
        text = message_text(self._sendable(reply), choice_link)
        # a text without content would read as a fault, so that is `success`
        return render_text(asked, text, self._clock()) if text else ""

    async def _uploaded(self, picture: Attachment, arrival: Arrival) -> str:
        """The picture's media id, "" if it is not there in time."""
        left = arrival.loop_time + self._patience.reply_seconds - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(left):
                return await self._api.upload_picture(picture) if self._api else ""
        except (ApiError, Unreachable, TimeoutError) as error:
            log.warning("a picture was not uploaded to WeChat: %s", error)
            return ""

    async def _send_picture(self, member: str, picture: Attachment) -> None:
        if self._service:
            outcome = await self._service.send_picture(member, picture)
            if not isinstance(outcome, Delivered):
                log.warning("a picture was not sent on WeChat: %s", outcome.reason)

    def _said(self, update: Update, reply: Reply) -> Reply:
        """The reply on following is the association's own; what a scanned scene brings comes after it."""
        if update.kind is not UpdateKind.FOLLOW or not self._script.follow:
            return reply
        if not update.payload:
            return Reply(self._script.follow)
        return replace(reply, text=f"{self._script.follow}\n\n{reply.text}")

    def _sendable(self, reply: Reply) -> Reply:
        """The reply with a word about a file that can't go this way."""
        if reply.attachment is None or (self._service and reply.attachment.is_picture):
            return reply
        return replace(reply, text=f"{reply.text}\n{self._sentences.no_files}", attachment=None)

    def _go(self, steps: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(steps)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
