"""What is to be told to participants unasked: a day and an hour before, and when something changes.

A row says to whom, what and about which start of the lecture, so that nobody is told twice, and that a lecture that
was moved is told of anew. A row is claimed for some minutes by whoever sends it. All of it runs inside a write.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.attendance import lectures
from bot.attendance.model import Lecture, Participant
from bot.members.model import Identity
from bot.store.database import Database, Value, utc_text


class Kind(StrEnum):
    """What there is to tell."""

    DAY = "day"
    HOUR = "hour"
    MOVED = "moved"
    CANCELLED = "cancelled"
    PROMOTED = "promoted"


BEFORE = {Kind.DAY: timedelta(days=1), Kind.HOUR: timedelta(hours=1)}
LEASE = timedelta(minutes=5)
BATCH = 100


@dataclass(frozen=True, slots=True)
class Due:
    """A message to send: about which lecture, and on which channels the participant is known."""

    lecture: Lecture
    participant_id: str
    kind: Kind
    about: str
    identities: tuple[Identity, ...]


def owe(database: Database, person: Participant, kind: Kind, about: datetime) -> None:
    """Has a participant told something."""
    database.execute(
        f"{_INSERT} VALUES (:lecture, :participant, :kind, :about, '') ON CONFLICT DO NOTHING",
        {
            "lecture": person.lecture_id,
            "participant": person.id,
            "kind": kind.value,
            "about": utc_text(about),
        },
    )


def owe_all(database: Database, lecture: Lecture, kind: Kind) -> None:
    """Has all told who are registered or wait, and are known on a channel, though they were told so before."""
    database.execute(
        "DELETE FROM lecture_message WHERE lecture_id = :lecture AND kind = :kind",
        {"lecture": lecture.id, "kind": kind.value},
    )
    database.execute(
        f"{_INSERT} SELECT lecture_id, id, :kind, :about, '' FROM participant WHERE lecture_id = :lecture"
        " AND member_id IS NOT NULL AND state IN ('registered', 'waiting') ON CONFLICT DO NOTHING",
        {"kind": kind.value, "about": utc_text(lecture.schedule.starts_at), "lecture": lecture.id},
    )


def remind(database: Database, now: datetime) -> None:
    """Owes the reminders whose time has come: a day before, an hour before, each to whoever has a seat.

    Whoever registers within the last day, or hour, is not reminded of what they have just done.
    """
    for kind, before in BEFORE.items():
        database.execute(
            f"{_INSERT} SELECT lecture.id, participant.id, :kind, lecture.starts_at, '' FROM lecture"
            " JOIN participant ON participant.lecture_id = lecture.id"
            " WHERE lecture.state = 'planned' AND lecture.starts_at > :now AND lecture.starts_at <= :soon"
            " AND participant.member_id IS NOT NULL AND participant.state = 'registered'"
            " AND participant.since < :earlier AND participant.origin <> 'door' ON CONFLICT DO NOTHING",
            {
                "kind": kind.value,
                "now": utc_text(now),
                "soon": utc_text(now + before),
                "earlier": utc_text(now - before / 4),
            },
        )


def claim(database: Database, now: datetime) -> list[Due]:
    """Takes messages to send, which nobody else gets for a while; those that come too late are dropped."""
    rows = database.query(
        "SELECT lecture_id, participant_id, kind, about FROM lecture_message WHERE done_at IS NULL"
        " AND (claimed_until IS NULL OR claimed_until <= :now) ORDER BY about, participant_id LIMIT :most",
        {"now": utc_text(now), "most": BATCH},
    )
    found = []
    for row in rows:
        person, kind, about = str(row["participant_id"]), Kind(str(row["kind"])), str(row["about"])
        lecture = lectures.find(database, str(row["lecture_id"]))
        if lecture is None:
            continue
        due = Due(lecture, person, kind, about, _identities(database, person))
        if not due.identities or about <= utc_text(now) or (kind in BEFORE and _is_stale(due)):
            finish(database, due, "dropped", now)
            continue
        database.execute(
            f"UPDATE lecture_message SET claimed_until = :until {_ONE}",
            {"until": utc_text(now + LEASE), **_key(due)},
        )
        found.append(due)
    return found


def finish(database: Database, due: Due, outcome: str, now: datetime) -> None:
    """A message was sent, or never will be; `outcome` says which."""
    database.execute(
        f"UPDATE lecture_message SET done_at = :now, outcome = :outcome {_ONE}",
        {"now": utc_text(now), "outcome": outcome, **_key(due)},
    )


def postpone(database: Database, due: Due, until: datetime) -> None:
    """The platform wants its time."""
    database.execute(
        f"UPDATE lecture_message SET claimed_until = :until {_ONE}", {"until": utc_text(until), **_key(due)}
    )


def _is_stale(due: Due) -> bool:
    """Whether a reminder is of a time at which the lecture is no longer."""
    return due.lecture.is_cancelled or utc_text(due.lecture.schedule.starts_at) != due.about


_INSERT = "INSERT INTO lecture_message (lecture_id, participant_id, kind, about, outcome)"
_ONE = "WHERE lecture_id = :lecture AND participant_id = :participant AND kind = :kind AND about = :about"


def _key(due: Due) -> dict[str, Value]:
    return {
        "lecture": due.lecture.id,
        "participant": due.participant_id,
        "kind": due.kind.value,
        "about": due.about,
    }


def _identities(database: Database, participant_id: str) -> tuple[Identity, ...]:
    rows = database.query(
        "SELECT channel, user_id FROM identity JOIN participant ON participant.member_id = identity.member_id"
        " WHERE participant.id = :id ORDER BY identity.since",
        {"id": participant_id},
    )
    return tuple(Identity(str(row["channel"]), str(row["user_id"])) for row in rows)
