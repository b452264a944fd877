"""The tables of who was there, of what was undone, of roll-calls, and of attempts that wait for something."""

from datetime import datetime, timedelta

from bot.attendance.model import Attempt, Awaits, CheckIn, Means, Purpose
from bot.members.model import Identity
from bot.store.database import Database, Value, utc_text

PATIENCE = timedelta(minutes=30)
"""How long an attempt waits for what it needs."""

_SELECT = "SELECT participant_id, place, at, is_late, means, code_at, device, left_at FROM check_in"


def find(database: Database, participant_id: str) -> CheckIn | None:
    rows = database.query(f"{_SELECT} WHERE participant_id = :id", {"id": participant_id})
    return _check_in(rows[0]) if rows else None


def of_lecture(database: Database, lecture_id: str) -> list[CheckIn]:
    """All check-ins of a lecture, by place."""
    rows = database.query(f"{_SELECT} WHERE lecture_id = :lecture ORDER BY place", {"lecture": lecture_id})
    return [_check_in(row) for row in rows]


def count(database: Database, lecture_id: str) -> int:
    """How many have checked in."""
    [row] = database.query(
        "SELECT COUNT(*) AS there FROM check_in WHERE lecture_id = :lecture", {"lecture": lecture_id}
    )
    return int(row["there"] or 0)


def latest_names(database: Database, lecture_id: str, most: int) -> list[str]:
    """The names of those who checked in last, the last first."""
    rows = database.query(
        "SELECT name FROM check_in JOIN participant ON participant.id = check_in.participant_id"
        " WHERE check_in.lecture_id = :lecture ORDER BY place DESC LIMIT :most",
        {"lecture": lecture_id, "most": most},
    )
    return [str(row["name"]) for row in rows]


def add(database: Database, lecture_id: str, made: CheckIn) -> bool:
    """Enters a check-in; false if the participant has one."""
    touched = database.execute(
        "INSERT INTO check_in (participant_id, lecture_id, place, at, is_late, means, code_at, device)"
        " VALUES (:participant, :lecture, :place, :at, :is_late, :means, :code_at, :device)"
        " ON CONFLICT (participant_id) DO NOTHING",
        {
            "participant": made.participant_id,
            "lecture": lecture_id,
            "place": made.place,
            "at": utc_text(made.at),
            "is_late": int(made.is_late),
            "means": made.means.value,
            "code_at": utc_text(made.code_at) if made.code_at else None,
            "device": made.device,
        },
    )
    return touched == 1


def remove(database: Database, participant_id: str) -> None:
    database.execute("DELETE FROM check_in WHERE participant_id = :id", {"id": participant_id})


def leave(database: Database, participant_id: str, at: datetime) -> None:
    """Notes when somebody left."""
    database.execute(
        "UPDATE check_in SET left_at = :at WHERE participant_id = :id",
        {"at": utc_text(at), "id": participant_id},
    )


def was_used(database: Database, participant_id: str, code_at: datetime) -> bool:
    """Whether the participant had checked in with this code, or a later one, and that was undone."""
    rows = database.query(
        "SELECT 1 AS found FROM attendance_trace WHERE participant_id = :participant AND action = 'undo'"
        " AND code_at >= :code_at LIMIT 1",
        {"participant": participant_id, "code_at": utc_text(code_at)},
    )
    return bool(rows)


def open_roll_call(database: Database, lecture_id: str) -> str | None:
    """The id of the roll-call that is under way."""
    rows = database.query(
        "SELECT id FROM roll_call WHERE lecture_id = :lecture AND closed_at IS NULL ORDER BY opened_at DESC LIMIT 1",
        {"lecture": lecture_id},
    )
    return str(rows[0]["id"]) if rows else None


def answer_roll_call(database: Database, roll_call: str, participant_id: str, at: datetime) -> bool:
    """Notes that somebody answered; false if they had before."""
    touched = database.execute(
        "INSERT INTO roll_call_answer (roll_call_id, participant_id, at) VALUES (:roll_call, :participant, :at)"
        " ON CONFLICT (roll_call_id, participant_id) DO NOTHING",
        {"roll_call": roll_call, "participant": participant_id, "at": utc_text(at)},
    )
    return touched == 1


def keep_attempt(database: Database, who: Identity, attempt: Attempt, awaits: Awaits) -> None:
    """Keeps what somebody is in the middle of, in place of what they were before."""
    database.execute(
        "INSERT INTO attendance_attempt (channel, user_id, lecture_id, purpose, at, means, code_at, device, is_near,"
        " awaits, expires_at) VALUES (:channel, :user, :lecture, :purpose, :at, :means, :code_at, :device, :is_near,"
        " :awaits, :expires_at) ON CONFLICT (channel, user_id) DO UPDATE SET lecture_id = excluded.lecture_id,"
        " purpose = excluded.purpose, at = excluded.at, means = excluded.means, code_at = excluded.code_at,"
        " device = excluded.device, is_near = excluded.is_near, awaits = excluded.awaits,"
        " expires_at = excluded.expires_at",
        {
            "channel": who.channel,
            "user": who.user,
            "lecture": attempt.lecture_id,
            "purpose": int(attempt.purpose),
            "at": utc_text(attempt.at),
            "means": attempt.means.value,
            "code_at": utc_text(attempt.code_at) if attempt.code_at else None,
            "device": attempt.device,
            "is_near": int(attempt.is_near),
            "awaits": awaits.value,
            "expires_at": utc_text(attempt.at + PATIENCE),
        },
    )


def kept_attempt(database: Database, who: Identity, now: datetime) -> tuple[Attempt, Awaits] | None:
    """What somebody is in the middle of, and what it waits for."""
    rows = database.query(
        "SELECT * FROM attendance_attempt WHERE channel = :channel AND user_id = :user AND expires_at > :now",
        {"channel": who.channel, "user": who.user, "now": utc_text(now)},
    )
    if not rows:
        return None
    row = rows[0]
    attempt = Attempt(
        lecture_id=str(row["lecture_id"]),
        purpose=Purpose(int(row["purpose"] or 0)),
        at=datetime.fromisoformat(str(row["at"])),
        means=Means(str(row["means"])),
        code_at=_moment(row["code_at"]),
        device=str(row["device"]),
        is_near=bool(row["is_near"]),
    )
    return attempt, Awaits(str(row["awaits"]))


def drop_attempt(database: Database, who: Identity) -> None:
    database.execute(
        "DELETE FROM attendance_attempt WHERE channel = :channel AND user_id = :user",
        {"channel": who.channel, "user": who.user},
    )


def _check_in(row: dict[str, Value]) -> CheckIn:
    return CheckIn(
        participant_id=str(row["participant_id"]),
        place=int(row["place"] or 0),
        at=datetime.fromisoformat(str(row["at"])),
        is_late=bool(row["is_late"]),
        means=Means(str(row["means"])),
        code_at=_moment(row["code_at"]),
        device=str(row["device"]),
        left_at=_moment(row["left_at"]),
    )


def _moment(value: Value) -> datetime | None:
    return None if value is None else datetime.fromisoformat(str(value))
