"""How often one client may ask: a token bucket each, refilled steadily, in a table of bounded size.

Full buckets say nothing, so the table may forget whoever has been away longest.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from aiohttp import web


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
        now = self._clock()
        bucket = self._buckets.pop(client, None) or _Bucket(float(self._burst), now)
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.at) * self._per_second)
        bucket.at = now
        self._buckets[client] = bucket
        if len(self._buckets) > self._clients:
            self._buckets.popitem(last=False)
        if bucket.tokens < 1:
            return (1 - bucket.tokens) / self._per_second
        bucket.tokens -= 1
        return 0.0


def client_of(request: web.Request) -> str | None:
    """Who is asking: the peer's address, or what a proxy on this machine says (the last of X-Forwarded-For).

    An IPv6 client counts as its /64, for whoever has one address there has them all. None for a program on
    this machine itself: it could as well use the command line.
    """
    address = _address(request.remote or "")
    if address is not None and address.is_loopback:
        forwarded = request.headers.getall("X-Forwarded-For", [])
        if not forwarded:
            return None
        address = _address(forwarded[-1].rpartition(",")[2].strip()) or address
    if address is None:
        return "unknown"
    if isinstance(address, IPv6Address):
        return address.exploded[:19]
    return str(address)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
