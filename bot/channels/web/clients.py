"""Who counts as one client of the web: by address, as the peer or a proxy on this machine tells it."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from aiohttp import web


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
