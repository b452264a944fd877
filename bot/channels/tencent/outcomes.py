"""What WeChat's and WeCom's APIs have in common when they do not take a message."""

from datetime import datetime, timedelta

from bot.channels.delivery import Delivery, RetryAt, Unclear
from bot.channels.tencent.api import Unreachable

_BUSY, _TOO_OFTEN = timedelta(seconds=1), timedelta(minutes=1)


def unreached(error: Unreachable, now: datetime) -> Delivery:
    """What became of a message to which no answer came. `now` is aware."""
    return Unclear(str(error)) if error.may_have_arrived else RetryAt(now + _BUSY, str(error))


def busy(said: str, now: datetime) -> RetryAt:
    """The platform asks to be asked again."""
    return RetryAt(now + _BUSY, "系统繁忙" + said)


def too_often(said: str, now: datetime) -> RetryAt:
    """The minute's calls are used up."""
    return RetryAt(now + _TOO_OFTEN, "太频繁" + said)
