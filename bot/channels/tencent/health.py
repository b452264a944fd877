"""What callbacks have told about the settings: when the last was let in, when the last was refused, and why.

The platform doesn't say which token or key it uses, but each of its requests shows whether it is ours. The last of
each kind is stored, at most once a minute, for `cewen doctor`, which runs in another process.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.channels.tencent.envelope import Fault
from bot.store.database import Database, utc_text

STORED_EVERY = timedelta(minutes=1)
ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Seen:
    """When a callback last went well or failed in one way. `outcome` is ACCEPTED or a Fault."""

    outcome: str
    at: datetime


class Health:
    """Notes outcomes of one channel's callbacks; `store` is given what is to be written, and waits for nothing."""

    def __init__(self, channel: str, store: Callable[[Callable[[Database], None]], None]) -> None:
        self._channel = channel
        self._store = store
        self._stored: dict[str, datetime] = {}

    def accepted(self, now: datetime) -> None:
        """A message of the platform's came in."""
        self._note(ACCEPTED, now)

    def refused(self, fault: Fault, now: datetime) -> None:
        """A request was refused."""
        self._note(fault, now)

    def _note(self, outcome: str, now: datetime) -> None:
        last = self._stored.get(outcome)
        if last and now - last < STORED_EVERY:
            return
        self._stored[outcome] = now
        self._store(lambda database: _write(database, self._channel, Seen(outcome, now)))


def seen(database: Database, channel: str) -> list[Seen]:
    """What the channel's callbacks have told, the latest first."""
    rows = database.query(
        "SELECT outcome, at FROM callback_seen WHERE channel = :channel ORDER BY at DESC",
        {"channel": channel},
    )
    return [Seen(str(row["outcome"]), datetime.fromisoformat(str(row["at"]))) for row in rows]


def _write(database: Database, channel: str, seen: Seen) -> None:
    database.execute(
        "INSERT INTO callback_seen (channel, outcome, at) VALUES (:channel, :outcome, :at)"
        " ON CONFLICT (channel, outcome) DO UPDATE SET at = excluded.at",
        {"channel": channel, "outcome": seen.outcome, "at": utc_text(seen.at)},
    )
