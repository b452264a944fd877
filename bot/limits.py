"""How much one member, and all together, may ask of the bot; what is over that costs nothing.

Who goes over is told so in one sentence, and for the next minute nothing more: no reply, no row, no look at the
words. Coming and leaving are never refused.
"""

import math
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from bot import metrics
from bot.channels.model import Refused, Reply, Update, UpdateKind
from bot.rates import RateLimit

QUIET = 60.0
"""Seconds of silence after somebody was told."""
MEMBERS = 10_000
"""Members remembered, the latest ones."""

_NEVER_REFUSED = frozenset({UpdateKind.FOLLOW, UpdateKind.UNFOLLOW})

Say = Callable[[Update, str, int], str]
"""The sentence of a refusal: for whom, its key (limits.too_fast …), and the seconds to wait."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`per_minute` updates of one member, as many at once; `waiting` of one member under way; `per_second` of all."""

    per_minute: int
    waiting: int
    per_second: int


class Gate:
    """Lets updates in and counts them out. `seconds` never go back."""

    def __init__(self, limits: Limits, say: Say, seconds: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._say = say
        self._seconds = seconds
        self._members = RateLimit(limits.per_minute / 60, limits.per_minute, MEMBERS, seconds)
        self._all = RateLimit(limits.per_second, 2 * limits.per_second, 1, seconds)
        self._inside: Counter[str] = Counter()
        self._told: OrderedDict[str, float] = OrderedDict()

    def enter(self, update: Update) -> None:
        """Lets a new update in. Raises Refused."""
        member = _member(update)
        if update.kind not in _NEVER_REFUSED:
            if self._inside[member] >= self._limits.waiting:
                self._refuse(update, "too_many", 0.0)
            if wait := self._members.take(member):
                self._refuse(update, "too_fast", wait)
            if wait := self._all.take(""):
                self._refuse(update, "busy", wait)
        self._inside[member] += 1

    def leave(self, update: Update) -> None:
        """An update that was let in is answered."""
        member = _member(update)
        self._inside[member] -= 1
        if self._inside[member] <= 0:
            del self._inside[member]

    def _refuse(self, update: Update, reason: str, wait: float) -> None:
        member, now = _member(update), self._seconds()
        told = self._told.get(member)
        if not update.wants_reply or (told is not None and now - told < QUIET):
            metrics.REFUSED.labels(reason, "silent").inc()
            raise Refused(None)
        self._told.pop(member, None)
        self._told[member] = now
        if len(self._told) > MEMBERS:
            self._told.popitem(last=False)
        metrics.REFUSED.labels(reason, "told").inc()
        raise Refused(Reply(self._say(update, f"limits.{reason}", math.ceil(wait))))


def _member(update: Update) -> str:
    return f"{update.channel}:{update.member}"
