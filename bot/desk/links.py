"""The web addresses that members and staff are given; "" for all of them where the server has no public address."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.passes import Passes

STAFF, CERTIFICATE, SESSION = "staff", "certificate", "session"
"""Purposes of passes."""
DOWNLOAD = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Links:
    """`public_url` is how the world reaches this server; `clock` gives aware datetimes."""

    public_url: str
    passes: Passes
    clock: Callable[[], datetime]

    def check_in(self, payload: str) -> str:
        """What a code that is a web link holds."""
        return self._at(f"/c/{payload}")

    def login(self, token: str) -> str:
        return self._at(f"/login/{token}")

    def verify(self, code: str) -> str:
        """Where anybody sees whether a certificate is genuine."""
        return self._at(f"/verify/{code}")

    def certificate(self, code: str) -> str:
        """Where the member downloads a certificate, for a day."""
        token = self.passes.give(CERTIFICATE, code, self.clock() + DOWNLOAD)
        return self._at(f"/certificates/{token}")

    def staff(self, page: str, staff_id: str, until: datetime) -> str:
        """A page of those who run a lecture: screen or desk."""
        return self._at(f"/{page}/{self.passes.give(STAFF, staff_id, until)}")

    def _at(self, path: str) -> str:
        return self.public_url.rstrip("/") + path if self.public_url else ""
