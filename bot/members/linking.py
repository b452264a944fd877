"""Linking a person's identities: a code that one channel gives and another takes.

A code has eight characters (40 bits), holds for ten minutes, serves once, and replaces the one given before.
Asking and guessing are limited by identity: a thousand accounts that guess around the clock at ten live codes
need some 400 years for a hit.
"""

import hashlib
import secrets
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.members.model import Identity, Member, Record
from bot.members.register import MOST_IDENTITIES, Register
from bot.rates import RateLimit
from bot.store.database import Database, Value, utc_text

LIFETIME = timedelta(minutes=10)
TRIES = 5
"""Codes that an identity may ask for, and guesses that it may make, in ten minutes."""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: nothing that reads like another
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", " ": None, "-": None})
_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Offered:
    """A code to type on another channel, as it is shown."""

    code: str


@dataclass(frozen=True, slots=True)
class Linked:
    """Both are now one member; `other` is the identity that had asked for the code."""

    member: Member
    other: Identity


@dataclass(frozen=True, slots=True)
class NoSuchCode:
    """Nobody was given this code, or it was used, replaced, or has expired."""


@dataclass(frozen=True, slots=True)
class OwnCode:
    """The code was asked for here; it belongs on another channel, and still holds."""


@dataclass(frozen=True, slots=True)
class LinkedAlready:
    """Both were one member before."""


@dataclass(frozen=True, slots=True)
class TooManyIdentities:
    """Together they would have more than MOST_IDENTITIES; the code still holds."""


@dataclass(frozen=True, slots=True)
class TooOften:
    """Too many codes or guesses of this identity; `minutes` until the next is allowed, rounded up."""

    minutes: int


Redeemed = Linked | NoSuchCode | OwnCode | LinkedAlready | TooManyIdentities | TooOften


class LinkCodes:
    """The codes that wait to be typed, one an identity, by their digests; a Holding."""

    name = "link_codes"

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def give(self, identity: Identity, code: str) -> None:
        """Keeps a code for as long as it holds, in place of the identity's last; drops all that have expired."""
        now = self._clock()
        with self._database.transaction():
            self._database.execute("DELETE FROM link_code WHERE expires_at <= :now", {"now": utc_text(now)})
            self._database.execute(
                "INSERT INTO link_code (channel, user_id, digest, expires_at)"
                " VALUES (:channel, :user, :digest, :expires_at) ON CONFLICT (channel, user_id)"
                " DO UPDATE SET digest = excluded.digest, expires_at = excluded.expires_at",
                {**_names(identity), "digest": _digest(code), "expires_at": utc_text(now + LIFETIME)},
            )

    def given_to(self, code: str) -> Identity | None:
        """The identity that asked for a code which still holds."""
        rows = self._database.query(
            "SELECT channel, user_id FROM link_code WHERE digest = :digest AND expires_at > :now",
            {"digest": _digest(code), "now": utc_text(self._clock())},
        )
        return Identity(str(rows[0]["channel"]), str(rows[0]["user_id"])) if rows else None

    def drop(self, identity: Identity) -> None:
        """The identity's code holds no longer."""
        self._database.execute(
            "DELETE FROM link_code WHERE channel = :channel AND user_id = :user", _names(identity)
        )

    def held(self, member: Member) -> Sequence[Record]:
        return [
            row
            for identity in member.identities
            for row in self._database.query(
                "SELECT channel, expires_at FROM link_code WHERE channel = :channel AND user_id = :user",
                _names(identity),
            )
        ]

    def erase(self, member: Member) -> None:
        for identity in member.identities:
            self.drop(identity)

    def hand_over(self, absorbed: Member, keeper: Member) -> None:
        """Nothing to do: a code belongs to an identity, whoever's that is."""


class Linking:
    """Gives and takes codes. `seconds` never go back."""

    def __init__(
        self, codes: LinkCodes, register: Register, database: Database, seconds: Callable[[], float]
    ) -> None:
        self._codes = codes
        self._register = register
        self._database = database
        per_second = TRIES / LIFETIME.total_seconds()
        self._asks = RateLimit(per_second, TRIES, clock=seconds)
        self._guesses = RateLimit(per_second, TRIES, clock=seconds)

    def offer(self, identity: Identity) -> Offered | TooOften:
        """A new code for an identity; the one that it had before holds no longer."""
        wait = self._asks.take(f"{identity.channel}:{identity.user}")
        if wait:
            return _too_often(wait)
        code = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
        self._codes.give(identity, code)
        return Offered(f"{code[:4]}-{code[4:]}")

    def redeem(self, typed: str, identity: Identity) -> Redeemed:
        """Links the identity with the one that asked for the code, however spaced or cased it is typed."""
        wait = self._guesses.take(f"{identity.channel}:{identity.user}")
        if wait:
            return _too_often(wait)
        with self._database.transaction():
            other = self._codes.given_to(_plain(typed))
            if other is None:
                return NoSuchCode()
            if other == identity:
                return OwnCode()
            mine, theirs = self._register.find(identity), self._register.find(other)
            if mine and theirs and mine.id == theirs.id:
                return LinkedAlready()
            if sum(len(member.identities) if member else 1 for member in (mine, theirs)) > MOST_IDENTITIES:
                return TooManyIdentities()
            self._codes.drop(other)
            return Linked(self._register.join(other, identity), other)


def _names(identity: Identity) -> dict[str, Value]:
    return {"channel": identity.channel, "user": identity.user}


def _plain(typed: str) -> str:
    """A code as it was made, from what was typed."""
    return unicodedata.normalize("NFKC", typed).upper().translate(_READ_AS)


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _too_often(wait: float) -> TooOften:
    return TooOften(-int(-wait // 60))
