"""How often numbers may be guessed: wrong ones are counted for each member, and for all together.

At any time two numbers of a lecture are right. A member who guesses around the clock gets 5 tries in ten minutes,
everybody together 300 wrong ones: with one lecture open that is a hit in 1,667 such storms of ten minutes.
"""

import math
import time
from collections.abc import Callable

from bot.members.model import Identity
from bot.rates import RateLimit

PERIOD = 600.0
OF_ONE, OF_ALL = 5, 300
"""Wrong numbers in ten minutes."""


class Guesses:
    """Counts wrong numbers. `seconds` never go back."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._one = RateLimit(OF_ONE / PERIOD, OF_ONE, clock=seconds)
        self._all = RateLimit(OF_ALL / PERIOD, OF_ALL, 1, seconds)

    def wait(self, who: Identity) -> int:
        """Minutes until somebody may type a number, rounded up; 0 if they may now."""
        seconds = max(self._one.wait(_key(who)), self._all.wait(""))
        return math.ceil(seconds / 60)

    def wrong(self, who: Identity) -> None:
        """Somebody typed a number that no screen shows."""
        self._one.take(_key(who))
        self._all.take("")


def _key(who: Identity) -> str:
    return f"{who.channel}:{who.user}"
