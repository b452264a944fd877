"""The numbers that the callbacks of WeChat and WeCom share, in one place.

The platforms' are from their pages 被动回复用户消息, 接入指南 and 接收消息 (developers.weixin.qq.com,
developer.work.weixin.qq.com) as stored copies and third-party reports have them; no real server was asked. The
others are ours.
"""

from dataclasses import dataclass

CUT_SECONDS = 5.0
"""The platform cuts a callback that is not answered by then, and delivers the message again."""
TRIES = 3
"""Deliveries of one message in all. An answer of any kind ends them; after the last the member reads of a fault."""
MAX_TEXT_BYTES = 2048
"""UTF-8 of a text. The old interface text says so; today's page names no limit for WeChat, WeCom cuts there."""

REPLY_SECONDS = 4.5
"""Ours: a reply leaves by then, which gives it half a second for its way."""
FRESH_SECONDS = 300
"""Ours: how far a request's timestamp may be from the server's clock."""
MAX_BODY = 64 * 1024
"""Ours, bytes: the longest message is about 2 KiB of text, a third more when encrypted, twice in compatible mode."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Ours: the last try of a message is answered by `reply_seconds`; those before it are held open for
    `hold_seconds`, for the platform to cut and try again."""

    reply_seconds: float = REPLY_SECONDS
    hold_seconds: float = CUT_SECONDS + 1


PATIENCE = Patience()
