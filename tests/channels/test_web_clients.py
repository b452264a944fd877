"""Who counts as one client of the web."""

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from bot.channels.web.clients import client_of


def request(peer: str, *forwarded: str) -> web.Request:
    made = make_mocked_request("POST", "/api/ask", headers=[("X-Forwarded-For", f) for f in forwarded])
    return made.clone(remote=peer)


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.7", (), "203.0.113.7"),
        ("203.0.113.7", ("198.51.100.1",), "203.0.113.7"),  # a stranger's word counts for nothing
        ("127.0.0.1", ("198.51.100.1",), "198.51.100.1"),
        ("127.0.0.1", ("10.9.9.9, 198.51.100.1",), "198.51.100.1"),  # what the proxy added stands last
        ("127.0.0.1", ("10.9.9.9", "198.51.100.1"), "198.51.100.1"),
        ("127.0.0.1", ("nonsense",), "127.0.0.1"),
        ("::ffff:203.0.113.7", (), "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", (), "2001:0db8:0001:0002"),
        ("", (), "unknown"),
        ("127.0.0.1", (), None),
        ("::1", (), None),
    ],
)
def test_who_counts_as_one_client(peer: str, forwarded: tuple[str, ...], client: str | None) -> None:
    assert client_of(request(peer, *forwarded)) == client
