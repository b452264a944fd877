"""What a member has attended, the learning hours it earned, and the certificates of it.

Hours are earned by having checked in and, where a lecture has check-out, by having checked out as well.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from bot.attendance import check_ins, lectures, people
from bot.attendance.model import CheckIn, Lecture, State
from bot.store.database import Database, utc_text

CODE_LENGTH = 12
"""60 bits: codes are not guessed."""
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", " ": None, "-": None})


@dataclass(frozen=True, slots=True)
class Attended:
    """A lecture that somebody was at, and the hours that it earned."""

    lecture: Lecture
    check_in: CheckIn
    hours: Decimal


@dataclass(frozen=True, slots=True)
class Registration:
    """A lecture to come that somebody is registered for, or waits for."""

    lecture: Lecture
    state: State


class Kind(StrEnum):
    """What a certificate is of."""

    YEAR = "year"
    SERIES = "series"


@dataclass(frozen=True, slots=True)
class Certificate:
    """`about` is the year or the series' id, `subject` how people call it; `lectures` and `hours` as issued."""

    code: str
    member_id: str
    kind: Kind
    about: str
    subject: str
    name: str
    lectures: int
    hours: Decimal
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class Verified:
    """A certificate and whether what is on record today still bears it out."""

    certificate: Certificate
    holds: bool


def earned(lecture: Lecture, made: CheckIn) -> Decimal:
    """The learning hours of somebody who checked in."""
    return Decimal(0) if lecture.check_out and made.left_at is None else lecture.hours


def attended(database: Database, member_id: str, start: datetime, end: datetime) -> list[Attended]:
    """What a member attended of the lectures that started in a period, by time."""
    rows = database.query(
        "SELECT lecture.id AS lecture, participant.id AS participant FROM participant"
        " JOIN check_in ON check_in.participant_id = participant.id"
        " JOIN lecture ON lecture.id = participant.lecture_id"
        " WHERE participant.member_id = :member AND lecture.starts_at >= :start AND lecture.starts_at < :end"
        " ORDER BY lecture.starts_at, lecture.number",
        {"member": member_id, "start": utc_text(start), "end": utc_text(end)},
    )
    found = []
    for row in rows:
        lecture = lectures.find(database, str(row["lecture"]))
        made = check_ins.find(database, str(row["participant"]))
        if lecture and made:
            found.append(Attended(lecture, made, earned(lecture, made)))
    return found


def registrations(database: Database, member_id: str, now: datetime) -> list[Registration]:
    """What a member is registered for, or waits for, and has not ended."""
    rows = database.query(
        "SELECT lecture_id, participant.state FROM participant JOIN lecture ON lecture.id = lecture_id"
        " WHERE member_id = :member AND participant.state <> 'cancelled' AND lecture.state = 'planned'"
        " AND ends_at > :now ORDER BY starts_at, lecture.number",
        {"member": member_id, "now": utc_text(now)},
    )
    return [
        Registration(lecture, State(str(row["state"])))
        for row in rows
        if (lecture := lectures.find(database, str(row["lecture_id"])))
    ]


def in_series(database: Database, member_id: str, series_id: str) -> list[Attended]:
    """What a member attended of a series."""
    times = lectures.of_series(database, series_id)
    found = []
    for lecture in times:
        here = people.of_member(database, lecture.id, member_id)
        made = check_ins.find(database, here.id) if here else None
        if made:
            found.append(Attended(lecture, made, earned(lecture, made)))
    return found


def issue(
    database: Database,
    member_id: str,
    kind: Kind,
    about: str,
    name: str,
    of: Sequence[Attended],
    now: datetime,
) -> str:
    """Issues a certificate and gives its code; issued again it keeps the code and says what is so now."""
    fresh = "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH))
    database.execute(
        "INSERT INTO certificate (code, member_id, kind, about, name, lectures, hours, issued_at)"
        " VALUES (:code, :member, :kind, :about, :name, :lectures, :hours, :now)"
        " ON CONFLICT (member_id, kind, about) DO UPDATE SET name = excluded.name,"
        " lectures = excluded.lectures, hours = excluded.hours, issued_at = excluded.issued_at",
        {
            "code": fresh,
            "member": member_id,
            "kind": kind.value,
            "about": about,
            "name": name,
            "lectures": len(of),
            "hours": str(total(of)),
            "now": utc_text(now),
        },
    )
    [row] = database.query(
        "SELECT code FROM certificate WHERE member_id = :member AND kind = :kind AND about = :about",
        {"member": member_id, "kind": kind.value, "about": about},
    )
    return str(row["code"])


def certificate(database: Database, code: str) -> Certificate | None:
    """The certificate with a code, however spaced or cased it is typed."""
    plain = code.upper().translate(_READ_AS)
    rows = database.query(
        "SELECT certificate.*, series.name AS series FROM certificate"
        " LEFT JOIN series ON series.id = certificate.about WHERE code = :code",
        {"code": plain},
    )
    if not rows:
        return None
    row = rows[0]
    kind = Kind(str(row["kind"]))
    return Certificate(
        code=str(row["code"]),
        member_id=str(row["member_id"]),
        kind=kind,
        about=str(row["about"]),
        subject=str(row["series"] or row["about"]),
        name=str(row["name"]),
        lectures=int(row["lectures"] or 0),
        hours=Decimal(str(row["hours"])),
        issued_at=datetime.fromisoformat(str(row["issued_at"])),
    )


def behind(database: Database, issued: Certificate, year: tuple[datetime, datetime] | None) -> list[Attended]:
    """What bears a certificate out today; `year` is the period that its year means."""
    if issued.kind is Kind.SERIES or year is None:
        return in_series(database, issued.member_id, issued.about)
    return attended(database, issued.member_id, *year)


def verify(issued: Certificate, of: Sequence[Attended]) -> Verified:
    """Whether what is on record still bears a certificate out."""
    return Verified(issued, len(of) >= issued.lectures and total(of) >= issued.hours)


def total(of: Sequence[Attended]) -> Decimal:
    """The hours of all together."""
    return sum((one.hours for one in of), Decimal(0))
