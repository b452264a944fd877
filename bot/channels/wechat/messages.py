"""Writes to members outside of their requests: customer-service messages, within the windows that contacts open."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.channels.delivery import Delivered, Delivery, NoQuota, NotAllowed, Unclear, WindowClosed
from bot.channels.model import Attachment, Reply
from bot.channels.tencent.api import ApiError, Unreachable
from bot.channels.tencent.text import message_text
from bot.channels.wechat.api import WeChatApi
from bot.channels.wechat.codec import choice_link
from bot.channels.wechat.outcomes import outcome
from bot.channels.wechat.windows import Windows

BELIEVED = timedelta(hours=1)
"""How long it is believed that the account may not write, before it is tried again."""

log = logging.getLogger(__name__)


class ServiceMessages:
    """Sends customer-service messages; `clock` gives aware datetimes. No outcome is an exception."""

    def __init__(self, api: WeChatApi, windows: Windows, clock: Callable[[], datetime]) -> None:
        self._api = api
        self._windows = windows
        self._clock = clock
        self._refusal: NotAllowed | None = None
        self._refused_at: datetime | None = None

    @property
    def refusal(self) -> NotAllowed | None:
        """Why the account may not write, as far as is known."""
        is_recent = self._refused_at is not None and self._clock() - self._refused_at < BELIEVED
        return self._refusal if is_recent else None

    async def send(self, member: str, reply: Reply) -> Delivery:
        """Sends the text with its choices, and a picture after it. Once the text is there it is delivered."""
        text = message_text(reply, choice_link)
        picture = reply.attachment if reply.attachment and reply.attachment.is_picture else None
        if not text and not picture:
            return Delivered()
        sent = await self._send(member, lambda: self._api.send_text(member, text)) if text else None
        if picture is None or not isinstance(sent, Delivered | None):
            return sent or Delivered()
        followed = await self.send_picture(member, picture)
        return sent or followed

    async def send_picture(self, member: str, picture: Attachment) -> Delivery:
        """Sends a picture."""

        async def send() -> None:
            await self._api.send_picture(member, await self._api.upload_picture(picture))

        return await self._send(member, send)

    async def _send(self, member: str, send: Callable[[], Awaitable[None]]) -> Delivery:
        if self.refusal:
            return self.refusal
        window = await self._windows.take(member)
        if window is None:
            return WindowClosed("用户最近没有来消息，或条数已用完")
        try:
            await send()
            return Delivered()
        except (ApiError, Unreachable) as error:
            became = outcome(error, self._clock())
        match became:
            case Unclear():
                pass  # it may have been sent: the message counts
            case NoQuota() | WindowClosed():
                self._windows.close(member)
            case NotAllowed():
                log.warning("微信公众号发不出客服消息：%s", became.reason)
                self._refusal, self._refused_at = became, self._clock()
                self._windows.give_back(member, window)
            case _:
                self._windows.give_back(member, window)
        return became
