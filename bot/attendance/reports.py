"""The report of a lecture: everybody on the list or in the hall, by unit, and over time."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.attendance import check_ins, lectures, people
from bot.attendance.door import minutes_there
from bot.attendance.flags import Flag, flags
from bot.attendance.model import CheckIn, Lecture, Origin, Participant, Series, State
from bot.attendance.records import earned
from bot.store.database import Database


class Status(StrEnum):
    """What became of a participant."""

    ON_TIME = "on_time"
    LATE = "late"
    ABSENT = "absent"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Line:
    """One person: `is_listed` if they had registered or were on the roster, `answered` the roll-calls answered."""

    person: Participant
    made: CheckIn | None
    status: Status
    is_listed: bool
    minutes: int
    hours: Decimal
    flags: tuple[Flag, ...]
    answered: int


@dataclass(frozen=True, slots=True)
class UnitCount:
    """How many of a unit ("" for none said) were expected, and how many came."""

    unit: str
    listed: int
    there: int


@dataclass(frozen=True, slots=True)
class Report:
    """`arrivals` counts check-ins by minute, from the first minute with any."""

    lecture: Lecture
    lines: tuple[Line, ...]
    units: tuple[UnitCount, ...]
    arrivals: tuple[tuple[datetime, int], ...]
    roll_calls: int

    def count(self, status: Status) -> int:
        return sum(line.status is status for line in self.lines)

    @property
    def there(self) -> int:
        return sum(line.made is not None for line in self.lines)

    @property
    def listed(self) -> int:
        return sum(line.is_listed for line in self.lines)


@dataclass(frozen=True, slots=True)
class Total:
    """How many lectures somebody attended, the hours that they earned, and whether that completes the series."""

    name: str
    unit: str
    attended: int
    hours: Decimal
    is_complete: bool


def report(database: Database, lecture: Lecture) -> Report:
    """The report of a lecture as it stands: those who came by place, then those who did not by name."""
    made = {one.participant_id: one for one in check_ins.of_lecture(database, lecture.id)}
    flagged = flags(lecture, list(made.values()))
    answered, roll_calls = _roll_calls(database, lecture.id)
    lines = [
        _line(lecture, person, made.get(person.id), flagged.get(person.id, ()), answered[person.id])
        for person in people.participants(database, lecture.id)
        if person.id in made or person.state is not State.CANCELLED
    ]
    lines.sort(key=lambda line: (line.made.place if line.made else 1 << 30, line.person.name, line.person.id))
    return Report(lecture, tuple(lines), _units(lines), _arrivals(lines), roll_calls)


def completion(database: Database, series: Series) -> list[Total]:
    """Who attended how much of a series, the most first."""
    return _totals(database, lectures.of_series(database, series.id), series.required)


def hours_in(database: Database, start: datetime, end: datetime) -> list[Total]:
    """Lectures and learning hours of everybody who attended any that started in a period, the most first."""
    return _totals(database, lectures.between(database, start, end), None)


def _totals(database: Database, of: Iterable[Lecture], required: int | None) -> list[Total]:
    """Each person once: by member, else by name and unit."""
    found: defaultdict[str, list[Line]] = defaultdict(list)
    for lecture in of:
        for line in report(database, lecture).lines:
            if line.made:
                person = line.person
                found[person.member_id or f"{person.name} {person.unit}"].append(line)
    rows = [
        Total(
            lines[-1].person.name,
            lines[-1].person.unit,
            len(lines),
            sum((line.hours for line in lines), Decimal(0)),
            required is not None and len(lines) >= required,
        )
        for lines in found.values()
    ]
    return sorted(rows, key=lambda row: (-row.attended, -row.hours, row.name))


def _line(
    lecture: Lecture, person: Participant, made: CheckIn | None, flagged: tuple[Flag, ...], answered: int
) -> Line:
    if made is None:
        status = Status.WAITING if person.state is State.WAITING else Status.ABSENT
        return Line(person, None, status, status is Status.ABSENT, 0, Decimal(0), (), 0)
    return Line(
        person,
        made,
        Status.LATE if made.is_late else Status.ON_TIME,
        person.origin in (Origin.CHAT, Origin.ROSTER),
        minutes_there(lecture, made.at, made.left_at),
        earned(lecture, made),
        flagged,
        answered,
    )


def _units(lines: Sequence[Line]) -> tuple[UnitCount, ...]:
    listed = Counter(line.person.unit for line in lines if line.is_listed)
    there = Counter(line.person.unit for line in lines if line.made)
    names = sorted(listed | there, key=lambda unit: (-there[unit], -listed[unit], unit))
    return tuple(UnitCount(unit, listed[unit], there[unit]) for unit in names)


def _arrivals(lines: Sequence[Line]) -> tuple[tuple[datetime, int], ...]:
    minutes = Counter(line.made.at.replace(second=0, microsecond=0) for line in lines if line.made)
    if not minutes:
        return ()
    first, last = min(minutes), max(minutes)
    count = int((last - first).total_seconds() // 60) + 1
    return tuple((at, minutes[at]) for at in (first + timedelta(minutes=n) for n in range(count)))


def _roll_calls(database: Database, lecture_id: str) -> tuple[Counter[str], int]:
    """How many roll-calls each participant answered, and how many there were."""
    answers = database.query(
        "SELECT participant_id, COUNT(*) AS answered FROM roll_call_answer JOIN roll_call"
        " ON roll_call.id = roll_call_id WHERE lecture_id = :lecture GROUP BY participant_id",
        {"lecture": lecture_id},
    )
    [row] = database.query(
        "SELECT COUNT(*) AS held FROM roll_call WHERE lecture_id = :lecture", {"lecture": lecture_id}
    )
    counts = Counter({str(one["participant_id"]): int(one["answered"] or 0) for one in answers})
    return counts, int(row["held"] or 0)
