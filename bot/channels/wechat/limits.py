"""Every number of the WeChat channel, in one place.

The platform's are from its pages 被动回复用户消息 and 接入指南 (developers.weixin.qq.com) as stored copies and
third-party reports have them; no real server was asked. The others are ours.
"""

from dataclasses import dataclass

CUT_SECONDS = 5.0
"""The platform cuts a callback that is not answered by then, and delivers the message again."""
TRIES = 3
"""Deliveries of one message in all. An answer of any kind ends them; after the last the member reads of a fault."""
MAX_TEXT_BYTES = 2048
"""UTF-8 of a passive text reply. The old interface text says so; today's page names no limit."""

REPLY_SECONDS = 4.5
"""Ours: a reply leaves by then, which gives it half a second for its way."""
FRESH_SECONDS = 300
"""Ours: how far a request's timestamp may be from the server's clock."""
MAX_BODY = 64 * 1024
"""Ours, bytes: the longest message is about 2 KiB of text, a third more when encrypted, twice in compatible mode."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Ours: how long, and how much, the channel keeps.

    `reply_seconds`: the last try of a message is answered by then. `hold_seconds`: those before it are held open
    so long, for the platform to cut. `kept_seconds`: a finished answer waits for a further try; the last comes
    ten seconds after the first. `max_answers`: in the making and kept; while there are more, new messages go
    unanswered.
    """

    reply_seconds: float = REPLY_SECONDS
    hold_seconds: float = CUT_SECONDS + 1
    kept_seconds: float = 20.0
    max_answers: int = 10_000


PATIENCE = Patience()
