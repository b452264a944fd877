"""What Telegram's answers to a message mean: its errors, as python-telegram-bot raises them, to typed outcomes.

(Sentences: core.telegram.org/bots/api and what bots report; Telegram promises none of them.)
"""

import datetime
import os
import re

from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.channels.delivery import Delivery, Gone, NotAllowed, Rejected, RetryAt, Unclear
from bot.channels.telegram.transport import NoAnswer

# the library's own opt-in; without it each RetryAfter is born with a deprecation warning
os.environ.setdefault("PTB_TIMEDELTA", "true")

PAUSE = datetime.timedelta(seconds=2)
"""When to try again where Telegram doesn't say."""

_NOBODY_THERE = re.compile(
    r"chat not found|user is deactivated|group chat was deactivated|PEER_ID_INVALID", re.I
)
_NO_RIGHT = re.compile(
    r"not enough rights|have no rights|CHAT_WRITE_FORBIDDEN|need administrator rights", re.I
)


def outcome(error: TelegramError, now: datetime.datetime) -> Delivery:
    """What an error says about the message; `now` is aware, in UTC."""
    match error:
        case RetryAfter():
            return RetryAt(now + waiting_time(error), "Telegram 要求放慢")
        case Forbidden():
            return Gone("已屏蔽机器人，或群组已将其移出")
        case InvalidToken():
            return NotAllowed("Telegram 不认机器人的令牌，请检查 CEWEN_TELEGRAM_TOKEN")
        case BadRequest(message=said) if _NOBODY_THERE.search(said):
            return Gone("账号或群组已不存在")
        case BadRequest(message=said) if _NO_RIGHT.search(said):
            return NotAllowed("机器人在这个群组里没有发言的权限，请群主放开")
        case BadRequest():
            return Rejected(f"Telegram 不收这条消息：{error.message}")
        case NoAnswer():
            return Unclear(f"Telegram 没有答复（{error.message}）")
        case _:
            return RetryAt(now + PAUSE, f"Telegram 暂时不可用（{type(error).__name__}）")


def waiting_time(error: RetryAfter) -> datetime.timedelta:
    """How long Telegram wants to be left alone."""
    asked = error.retry_after
    return asked if isinstance(asked, datetime.timedelta) else datetime.timedelta(seconds=asked)
