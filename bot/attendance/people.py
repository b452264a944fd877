"""Who is who: what members have said of themselves, and the lines of people at a lecture."""

import re
import unicodedata
from datetime import datetime

from bot.attendance.model import Origin, Participant, Profile, State
from bot.store.database import Database, Value, utc_text

LONGEST_NAME, LONGEST_UNIT = 40, 60
"""Characters."""

_SELECT = (
    "SELECT id, lecture_id, member_id, name, unit, number, phone_end, state, origin, since FROM participant"
)


def profile(database: Database, member_id: str) -> Profile | None:
    """What a member has said of themself."""
    rows = database.query(
        "SELECT member_id, name, unit, number FROM attendee WHERE member_id = :member", {"member": member_id}
    )
    return Profile(*(str(value) for value in rows[0].values())) if rows else None


def keep_profile(database: Database, said: Profile) -> None:
    """Keeps what a member says of themself, in place of what they said before."""
    database.execute(
        "INSERT INTO attendee (member_id, name, unit, number) VALUES (:member, :name, :unit, :number)"
        " ON CONFLICT (member_id) DO UPDATE SET name = excluded.name, unit = excluded.unit, number ="
        " CASE WHEN excluded.number = '' THEN attendee.number ELSE excluded.number END",
        {"member": said.member_id, "name": said.name, "unit": said.unit, "number": said.number},
    )


def of_member(database: Database, lecture_id: str, member_id: str) -> Participant | None:
    """The member as a participant of a lecture."""
    rows = database.query(
        f"{_SELECT} WHERE lecture_id = :lecture AND member_id = :member",
        {"lecture": lecture_id, "member": member_id},
    )
    return _participant(rows[0]) if rows else None


def participant(database: Database, participant_id: str) -> Participant | None:
    rows = database.query(f"{_SELECT} WHERE id = :id", {"id": participant_id})
    return _participant(rows[0]) if rows else None


def participants(database: Database, lecture_id: str) -> list[Participant]:
    """Everybody who has to do with a lecture, those who cancelled too, in the order in which they came to it."""
    rows = database.query(
        f"{_SELECT} WHERE lecture_id = :lecture ORDER BY since, id", {"lecture": lecture_id}
    )
    return [_participant(row) for row in rows]


def named(database: Database, lecture_id: str, name: str) -> list[Participant]:
    """The participants with a name, whoever has not cancelled."""
    rows = database.query(
        f"{_SELECT} WHERE lecture_id = :lecture AND name = :name AND state <> 'cancelled' ORDER BY since, id",
        {"lecture": lecture_id, "name": name},
    )
    return [_participant(row) for row in rows]


def enter(database: Database, person: Participant, capacity: int | None) -> bool:
    """Enters somebody; as registered only while fewer than `capacity` are. Gives whether they are in.

    The lecture's row was touched before in the same transaction: of those who want the last seat, one gets it.
    """
    limit = capacity if person.state is State.REGISTERED else None
    touched = database.execute(
        "INSERT INTO participant (id, lecture_id, member_id, name, unit, number, phone_end, state, origin, since)"
        " SELECT :id, :lecture, :member, :name, :unit, :number, :phone_end, :state, :origin, :since"
        f" WHERE {_FREE}",
        {**_values(person), **_limit(limit)},
    )
    return touched == 1


def stand(database: Database, person: Participant, state: State, capacity: int | None) -> bool:
    """Has a participant stand elsewhere; as registered only while fewer than `capacity` are."""
    limit = capacity if state is State.REGISTERED else None
    touched = database.execute(
        f"UPDATE participant SET state = :state WHERE id = :id AND {_FREE}",
        {"id": person.id, "lecture": person.lecture_id, "state": state.value, **_limit(limit)},
    )
    return touched == 1


_FREE = (
    "(:limited = 0 OR (SELECT COUNT(*) FROM participant AS seated"
    " WHERE seated.lecture_id = :lecture AND seated.state = 'registered') < :capacity)"
)


def _limit(capacity: int | None) -> dict[str, Value]:
    return {"limited": int(capacity is not None), "capacity": capacity or 0}


def claim(database: Database, line: Participant, member_id: str) -> None:
    """A line of the roster is found to be a member."""
    database.execute(
        "UPDATE participant SET member_id = :member WHERE id = :id", {"member": member_id, "id": line.id}
    )


def waiting(database: Database, lecture_id: str) -> list[Participant]:
    """The waiting list, the first to come first."""
    rows = database.query(
        f"{_SELECT} WHERE lecture_id = :lecture AND state = 'waiting' ORDER BY since, id",
        {"lecture": lecture_id},
    )
    return [_participant(row) for row in rows]


def tidy_name(text: str) -> str:
    """A name as it is compared and kept: NFKC, without the blanks that forms put between characters."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return re.sub(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])", "", re.sub(r"\s+", " ", plain))


def same_unit(one: str, other: str) -> bool:
    """Whether two ways of naming a unit may mean the same: one holds the other."""
    a, b = (re.sub(r"\s", "", unicodedata.normalize("NFKC", unit)) for unit in (one, other))
    return bool(a and b) and (a in b or b in a)


def _values(person: Participant) -> dict[str, Value]:
    return {
        "id": person.id,
        "lecture": person.lecture_id,
        "member": person.member_id,
        "name": person.name,
        "unit": person.unit,
        "number": person.number,
        "phone_end": person.phone_end,
        "state": person.state.value,
        "origin": person.origin.value,
        "since": utc_text(person.since),
    }


def _participant(row: dict[str, Value]) -> Participant:
    return Participant(
        id=str(row["id"]),
        lecture_id=str(row["lecture_id"]),
        member_id=None if row["member_id"] is None else str(row["member_id"]),
        name=str(row["name"]),
        unit=str(row["unit"]),
        number=str(row["number"]),
        phone_end=str(row["phone_end"]),
        state=State(str(row["state"])),
        origin=Origin(str(row["origin"])),
        since=datetime.fromisoformat(str(row["since"])),
    )
