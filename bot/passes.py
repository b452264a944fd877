"""Signed, expiring passes that stand in links and cookies: whoever brings one may do what it says, until then.

    base64url(expiry ‖ HMAC-SHA256(key, purpose ‖ 0 ‖ expiry ‖ content)[:16] ‖ content)

Expiry counts seconds since 1970 in four bytes. A pass of one purpose is none of another.
"""

import base64
import binascii
import hmac
from datetime import datetime

LONGEST = 300
"""Characters that are looked at."""
_EXPIRY, _MAC = 4, 16


class Passes:
    """Gives and takes passes with one key, of which every process has the same."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def give(self, purpose: str, content: str, until: datetime) -> str:
        """A pass for some short content, as characters of [A-Za-z0-9_-]."""
        expiry, said = int(until.timestamp()).to_bytes(_EXPIRY), content.encode()
        raw = expiry + self._mac(purpose, expiry, said) + said
        return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")

    def take(self, purpose: str, given: str, now: datetime) -> str | None:
        """The content of a pass; None if it has expired, was altered, or is for something else."""
        if len(given) > LONGEST or not given.isascii():
            return None
        try:
            raw = base64.b64decode(given + "=" * (-len(given) % 4), b"-_", validate=True)
        except binascii.Error:
            return None
        expiry, mac, said = raw[:_EXPIRY], raw[_EXPIRY : _EXPIRY + _MAC], raw[_EXPIRY + _MAC :]
        if not hmac.compare_digest(mac, self._mac(purpose, expiry, said)):
            return None
        return said.decode() if int.from_bytes(expiry) > now.timestamp() else None

    def _mac(self, purpose: str, expiry: bytes, said: bytes) -> bytes:
        return hmac.digest(self._key, purpose.encode() + b"\0" + expiry + said, "sha256")[:_MAC]
