"""Who runs a lecture, and what they do by hand: let in, add, undo, check out, open and close, call the roll.

Somebody of the staff has a role at one lecture, until it expires or is taken back; every act says who and why. All
of it runs inside a write.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.attendance import check_ins, lectures, people
from bot.attendance.door import Door
from bot.attendance.model import Attempt, Lecture, Means, Origin, Participant, Purpose, State
from bot.attendance.outcomes import CheckedInAlready
from bot.store.database import Database, Value, utc_text

LONGEST_REASON = 200
EARLIEST = timedelta(hours=12)
"""How far back an entry that was made without a network may lie."""
REOPENED = timedelta(minutes=15)
"""How long check-in is open again after the lecture has ended."""


class Role(StrEnum):
    """What somebody of the staff may do at a lecture."""

    SCREEN = "screen"  # show the codes
    ASSISTANT = "assistant"  # and let in, undo, open and close, see the list


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who may run a lecture."""

    id: str
    lecture_id: str
    name: str
    role: Role
    expires_at: datetime


class Act(StrEnum):
    """What is done by hand."""

    LET_IN = "let_in"
    ADD = "add"
    UNDO = "undo"
    CHECK_OUT = "check_out"
    OPEN = "open"
    CLOSE = "close"
    CALL_ROLL = "call_roll"
    END_ROLL = "end_roll"


@dataclass(frozen=True, slots=True)
class Entry:
    """One act. `nonce` is the same however often it is sent; `at` when it was done, on the server's clock."""

    nonce: str
    act: Act
    at: datetime
    participant_id: str = ""
    name: str = ""
    unit: str = ""
    reason: str = ""


class Result(StrEnum):
    """What came of an entry."""

    DONE = "done"
    NOTHING_TO_DO = "nothing_to_do"
    NO_SUCH_PERSON = "no_such_person"
    NOT_CHECKED_IN = "not_checked_in"


def appoint(database: Database, staff: Staff) -> None:
    """Makes somebody staff of a lecture."""
    database.execute(
        "INSERT INTO lecture_staff (id, lecture_id, name, role, expires_at)"
        " VALUES (:id, :lecture, :name, :role, :until)",
        {
            "id": staff.id,
            "lecture": staff.lecture_id,
            "name": staff.name,
            "role": staff.role.value,
            "until": utc_text(staff.expires_at),
        },
    )


def find(database: Database, staff_id: str, now: datetime) -> Staff | None:
    """Somebody of the staff, unless their time is over or they were dismissed."""
    rows = database.query(
        "SELECT id, lecture_id, name, role, expires_at FROM lecture_staff"
        " WHERE id = :id AND expires_at > :now AND revoked_at IS NULL",
        {"id": staff_id, "now": utc_text(now)},
    )
    return _staff(rows[0]) if rows else None


def dismiss(database: Database, lecture_id: str, name: str, now: datetime) -> int:
    """Takes back all links of somebody at a lecture; gives how many there were."""
    return database.execute(
        "UPDATE lecture_staff SET revoked_at = :now WHERE lecture_id = :lecture AND name = :name"
        " AND revoked_at IS NULL",
        {"now": utc_text(now), "lecture": lecture_id, "name": name},
    )


class HandWork:
    """Carries out what staff do by hand. `new_id` makes sortable ids."""

    def __init__(self, door: Door, new_id: Callable[[], str]) -> None:
        self._door = door
        self._new_id = new_id

    def enter(self, database: Database, by: Staff, entry: Entry) -> Result:
        """Carries out an entry once; sent again it gives what came of it."""
        rows = database.query(
            "SELECT result FROM staff_entry WHERE nonce = :nonce AND lecture_id = :lecture",
            {"nonce": entry.nonce, "lecture": by.lecture_id},
        )
        if rows:
            return Result(str(rows[0]["result"]))
        lecture = lectures.find(database, by.lecture_id)
        if lecture is None:
            return Result.NOTHING_TO_DO
        lectures.touch(database, lecture.id)
        result = self._carry_out(database, lecture, by, entry)
        database.execute(
            "INSERT INTO staff_entry (nonce, lecture_id, result, at) VALUES (:nonce, :lecture, :result, :at)",
            {"nonce": entry.nonce, "lecture": lecture.id, "result": result.value, "at": utc_text(entry.at)},
        )
        return result

    def _carry_out(self, database: Database, lecture: Lecture, by: Staff, entry: Entry) -> Result:
        match entry.act:
            case Act.LET_IN | Act.UNDO | Act.CHECK_OUT:
                person = people.participant(database, entry.participant_id)
                if person is None or person.lecture_id != lecture.id:
                    return Result.NO_SUCH_PERSON
                return self._to_person(database, lecture, person, by, entry)
            case Act.ADD:
                return self._add(database, lecture, by, entry)
            case Act.OPEN | Act.CLOSE:
                return self._set_window(database, lecture, by, entry)
            case Act.CALL_ROLL | Act.END_ROLL:
                return self._call_roll(database, lecture, by, entry)

    def _to_person(
        self, database: Database, lecture: Lecture, person: Participant, by: Staff, entry: Entry
    ) -> Result:
        made = check_ins.find(database, person.id)
        if entry.act is Act.LET_IN:
            return self._let_in(database, lecture, person, by, entry)
        if made is None:
            return Result.NOT_CHECKED_IN
        if entry.act is Act.UNDO:
            check_ins.remove(database, person.id)
            self._trace(database, lecture, by, entry, person.id, made.code_at)
            return Result.DONE
        if made.left_at:
            return Result.NOTHING_TO_DO
        check_ins.leave(database, person.id, entry.at)
        self._trace(database, lecture, by, entry, person.id)
        return Result.DONE

    def _let_in(
        self, database: Database, lecture: Lecture, person: Participant, by: Staff, entry: Entry
    ) -> Result:
        """Lets a participant in, over the capacity and outside the window if staff say so."""
        people.stand(database, person, State.REGISTERED, None)
        attempt = Attempt(lecture.id, Purpose.CHECK_IN, entry.at, Means.STAFF)
        outcome = self._door.enter(database, lecture, person, attempt)
        if isinstance(outcome, CheckedInAlready):
            return Result.NOTHING_TO_DO
        self._trace(database, lecture, by, entry, person.id)
        return Result.DONE

    def _add(self, database: Database, lecture: Lecture, by: Staff, entry: Entry) -> Result:
        """Adds somebody who is on no list, and lets them in."""
        name = people.tidy_name(entry.name)
        if not name:
            return Result.NO_SUCH_PERSON
        new = Participant(
            self._new_id(),
            lecture.id,
            None,
            name,
            entry.unit.strip(),
            "",
            "",
            State.REGISTERED,
            Origin.STAFF,
            entry.at,
        )
        people.enter(database, new, None)
        return self._let_in(database, lecture, new, by, entry)

    def _set_window(self, database: Database, lecture: Lecture, by: Staff, entry: Entry) -> Result:
        """Opens check-in now, until the end at least; or closes it now."""
        times = lecture.schedule
        if entry.act is Act.OPEN:
            opens = min(times.opens_at, entry.at)
            closes = (
                times.closes_at if times.closes_at > entry.at else max(times.ends_at, entry.at + REOPENED)
            )
            changed = replace(times, opens_at=opens, closes_at=closes)
        else:
            opens = min(times.opens_at, entry.at)
            changed = replace(
                times, opens_at=opens, late_after=min(times.late_after, entry.at), closes_at=entry.at
            )
        if changed == times:
            return Result.NOTHING_TO_DO
        lectures.save(database, lecture.with_schedule(changed))
        self._trace(database, lecture, by, entry)
        return Result.DONE

    def _call_roll(self, database: Database, lecture: Lecture, by: Staff, entry: Entry) -> Result:
        running = check_ins.open_roll_call(database, lecture.id)
        if entry.act is Act.CALL_ROLL:
            if running:
                return Result.NOTHING_TO_DO
            database.execute(
                "INSERT INTO roll_call (id, lecture_id, opened_at) VALUES (:id, :lecture, :at)",
                {"id": self._new_id(), "lecture": lecture.id, "at": utc_text(entry.at)},
            )
        else:
            if running is None:
                return Result.NOTHING_TO_DO
            database.execute(
                "UPDATE roll_call SET closed_at = :at WHERE id = :id",
                {"at": utc_text(entry.at), "id": running},
            )
        self._trace(database, lecture, by, entry)
        return Result.DONE

    def _trace(
        self,
        database: Database,
        lecture: Lecture,
        by: Staff,
        entry: Entry,
        participant_id: str | None = None,
        code_at: datetime | None = None,
    ) -> None:
        """Notes who did what, to whom and why."""
        database.execute(
            "INSERT INTO attendance_trace (id, lecture_id, participant_id, action, at, actor, reason, code_at)"
            " VALUES (:id, :lecture, :participant, :action, :at, :actor, :reason, :code_at)",
            {
                "id": self._new_id(),
                "lecture": lecture.id,
                "participant": participant_id,
                "action": entry.act.value,
                "at": utc_text(entry.at),
                "actor": by.name,
                "reason": entry.reason[:LONGEST_REASON],
                "code_at": utc_text(code_at) if code_at else None,
            },
        )


def _staff(row: dict[str, Value]) -> Staff:
    return Staff(
        str(row["id"]),
        str(row["lecture_id"]),
        str(row["name"]),
        Role(str(row["role"])),
        datetime.fromisoformat(str(row["expires_at"])),
    )
