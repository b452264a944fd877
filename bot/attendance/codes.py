"""What the screen shows: signed payloads that expire within seconds, and short numbers to type.

    payload = base64url(version·16 + purpose ‖ lecture number ‖ shown since ‖ HMAC-SHA256(key, all before)[:12])

28 characters of [A-Za-z0-9_-], which WeChat's scene, Telegram's /start and a web link all carry (64 each at most).
A number is six digits of an HMAC over lecture, purpose and time, as RFC 6238 has it, shown four times as long as a
code since it has to be typed. Reading a payload needs the key and nothing else; whether it is fresh, the lecture's
rotation. Both hold for one more turn after they have left the screen.
"""

import base64
import hmac
import re
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.attendance.model import Lecture, Purpose

NUMBER_TURNS = 4
"""Rotations of the code that a typed number is shown."""
PAPER_DIGITS, SCREEN_DIGITS = 8, 6

_VERSION = 1
_HEAD = struct.Struct(">BII")
_MAC = 12
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{28}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a genuine code says: for which lecture, what for, and since when it was shown (None: printed)."""

    lecture_number: int
    purpose: Purpose
    shown_at: datetime | None


class Codes:
    """Makes and reads codes with one key, of which every process has the same."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def payload(self, lecture: Lecture, purpose: Purpose, at: datetime) -> str:
        """The code that is shown at a moment; a printed one is the same at every moment."""
        is_printed = purpose in (Purpose.PAPER, Purpose.REGISTER)
        shown = 0 if is_printed else int(turn_start(at, lecture.rotation).timestamp())
        head = _HEAD.pack(_VERSION << 4 | purpose, lecture.number, shown)
        return base64.urlsafe_b64encode(head + self._mac(head)).decode("ascii")

    def read(self, payload: str) -> Sighting | None:
        """What a payload says; None if it was not made with this key."""
        if not _PAYLOAD.fullmatch(payload):
            return None
        raw = base64.urlsafe_b64decode(payload)
        head, mac = raw[: _HEAD.size], raw[_HEAD.size :]
        if not hmac.compare_digest(mac, self._mac(head)):
            return None
        kind, number, shown = _HEAD.unpack(head)
        if kind >> 4 != _VERSION:
            return None
        return Sighting(number, Purpose(kind & 15), datetime.fromtimestamp(shown, UTC) if shown else None)

    def number(self, lecture: Lecture, purpose: Purpose, at: datetime) -> str:
        """The digits to type at a moment; printed ones have eight and are the same at every moment."""
        if purpose is Purpose.PAPER:
            return self._digits(lecture, purpose, 0, PAPER_DIGITS)
        start = int(turn_start(at, lecture.rotation * NUMBER_TURNS).timestamp())
        return self._digits(lecture, purpose, start, SCREEN_DIGITS)

    def sight(self, lecture: Lecture, purpose: Purpose, digits: str, at: datetime) -> Sighting | None:
        """What typed digits say: those that are shown at a moment, or were before them; None for any other."""
        if purpose is Purpose.PAPER:
            is_right = hmac.compare_digest(self.number(lecture, purpose, at), digits)
            return Sighting(lecture.number, purpose, None) if is_right else None
        turn = timedelta(seconds=lecture.rotation * NUMBER_TURNS)
        for moment in (at, at - turn):
            if hmac.compare_digest(self.number(lecture, purpose, moment), digits):
                shown = turn_start(moment, lecture.rotation * NUMBER_TURNS)
                return Sighting(lecture.number, purpose, shown)
        return None

    def _mac(self, head: bytes) -> bytes:
        return hmac.digest(self._key, b"code" + head, "sha256")[:_MAC]

    def _digits(self, lecture: Lecture, purpose: Purpose, start: int, count: int) -> str:
        head = _HEAD.pack(purpose, lecture.number, start)
        value = int.from_bytes(hmac.digest(self._key, b"number" + head, "sha256")[:8])
        return f"{value % 10**count:0{count}}"


def turn_start(at: datetime, seconds: int) -> datetime:
    """When what is shown at a moment came onto the screen: turns are counted from 1970."""
    now = int(at.timestamp())
    return datetime.fromtimestamp(now - now % seconds, UTC)


def is_fresh(lecture: Lecture, shown_at: datetime, at: datetime, turns: int = 1) -> bool:
    """Whether a code that is shown for `turns` rotations is still taken: on the screen, or in the turn after it.

    One turn ahead is taken too: another machine's clock may be a little faster.
    """
    turn = timedelta(seconds=lecture.rotation * turns)
    return -turn <= at - shown_at < 2 * turn
