"""How often somebody may do something: a token bucket each, refilled steadily, in a table of bounded size.

Full buckets say nothing, so the table may forget whoever has been away longest.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class RateLimit:
    """`per_second` on average and `burst` at once for each of the last `clients` clients.

    `clock` gives seconds that never go back.
    """

    def __init__(
        self,
        per_second: float = 5.0,
        burst: int = 20,
        clients: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_second = per_second
        self._burst = burst
        self._clients = clients
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, client: str) -> float:
        """Takes a token for one request: 0.0 if there was one, else the seconds until there will be."""
        bucket = self._filled(client)
        self._buckets[client] = bucket
        if len(self._buckets) > self._clients:
            self._buckets.popitem(last=False)
        if bucket.tokens < 1:
            return (1 - bucket.tokens) / self._per_second
        bucket.tokens -= 1
        return 0.0

    def wait(self, client: str) -> float:
        """The seconds until there will be a token, 0.0 if there is one; takes none."""
        if client not in self._buckets:
            return 0.0
        bucket = self._buckets[client] = self._filled(client)
        return max(0.0, (1 - bucket.tokens) / self._per_second)

    def _filled(self, client: str) -> _Bucket:
        """The client's bucket as it is now, taken out of the table."""
        now = self._clock()
        bucket = self._buckets.pop(client, None) or _Bucket(float(self._burst), now)
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.at) * self._per_second)
        bucket.at = now
        return bucket
