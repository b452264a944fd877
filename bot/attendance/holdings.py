"""What is kept about members who come to lectures: shown to them, erased, handed over when two become one.

Erased is who somebody was; that somebody was there stays counted. What is kept at all ends with each lecture's time.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.members.model import Identity, Member, Record
from bot.store.database import Database, Value, utc_text


class Attendees:
    """Names and units; and what identities are in the middle of. A Holding."""

    name = "attendee"

    def __init__(self, database: Database) -> None:
        self._database = database

    def held(self, member: Member) -> Sequence[Record]:
        return self._database.query(
            "SELECT name, unit, number FROM attendee WHERE member_id = :member", {"member": member.id}
        )

    def erase(self, member: Member) -> None:
        self._database.execute("DELETE FROM attendee WHERE member_id = :member", {"member": member.id})
        for identity in member.identities:
            for table in ("attendance_attempt", "web_login"):
                self._database.execute(
                    f"DELETE FROM {table} WHERE channel = :channel AND user_id = :user", _names(identity)
                )

    def hand_over(self, absorbed: Member, keeper: Member) -> None:
        if not self.held(keeper):
            self._database.execute(
                "UPDATE attendee SET member_id = :keeper WHERE member_id = :absorbed", _two(absorbed, keeper)
            )
        self._database.execute("DELETE FROM attendee WHERE member_id = :member", {"member": absorbed.id})


class Attendance:
    """Registrations and check-ins. A Holding."""

    name = "attendance"

    def __init__(self, database: Database) -> None:
        self._database = database

    def held(self, member: Member) -> Sequence[Record]:
        return self._database.query(
            "SELECT lecture.title, lecture.starts_at, participant.name, participant.unit, participant.number,"
            " participant.state, check_in.at AS checked_in_at, check_in.left_at AS checked_out_at, check_in.means"
            " FROM participant JOIN lecture ON lecture.id = participant.lecture_id"
            " LEFT JOIN check_in ON check_in.participant_id = participant.id"
            " WHERE participant.member_id = :member ORDER BY lecture.starts_at",
            {"member": member.id},
        )

    def erase(self, member: Member) -> None:
        """A seat that was not used is free again; one that was stays counted, as nobody's."""
        self._database.execute(
            "DELETE FROM participant WHERE member_id = :member"
            " AND NOT EXISTS (SELECT 1 FROM check_in WHERE participant_id = participant.id)",
            {"member": member.id},
        )
        self._database.execute(
            "UPDATE check_in SET device = '' WHERE participant_id IN"
            " (SELECT id FROM participant WHERE member_id = :member)",
            {"member": member.id},
        )
        self._database.execute(
            "UPDATE participant SET member_id = NULL, name = '', unit = '', number = '', phone_end = ''"
            " WHERE member_id = :member",
            {"member": member.id},
        )

    def hand_over(self, absorbed: Member, keeper: Member) -> None:
        """Who is in a lecture twice is there once: the check-in stays, of two the earlier."""
        doubles = self._database.query(
            "SELECT a.id AS absorbed, k.id AS keeper, ac.at AS absorbed_at, kc.at AS keeper_at"
            " FROM participant AS a JOIN participant AS k ON k.lecture_id = a.lecture_id"
            " LEFT JOIN check_in AS ac ON ac.participant_id = a.id"
            " LEFT JOIN check_in AS kc ON kc.participant_id = k.id"
            " WHERE a.member_id = :absorbed AND k.member_id = :keeper",
            _two(absorbed, keeper),
        )
        for double in doubles:
            theirs, ours = double["absorbed_at"], double["keeper_at"]
            is_theirs = theirs is not None and (ours is None or str(theirs) < str(ours))
            gone = double["keeper"] if is_theirs else double["absorbed"]
            for sql in _FORGET:
                self._database.execute(sql, {"id": gone})
        self._database.execute(
            "UPDATE participant SET member_id = :keeper WHERE member_id = :absorbed", _two(absorbed, keeper)
        )


class Certificates:
    """Certificates that were issued. A Holding."""

    name = "certificates"

    def __init__(self, database: Database) -> None:
        self._database = database

    def held(self, member: Member) -> Sequence[Record]:
        return self._database.query(
            "SELECT code, kind, about, name, lectures, hours, issued_at FROM certificate"
            " WHERE member_id = :member ORDER BY issued_at",
            {"member": member.id},
        )

    def erase(self, member: Member) -> None:
        self._database.execute("DELETE FROM certificate WHERE member_id = :member", {"member": member.id})

    def hand_over(self, absorbed: Member, keeper: Member) -> None:
        """One of a kind: the keeper's stays, the others are issued anew when they are asked for."""
        self._database.execute(
            "DELETE FROM certificate WHERE member_id = :absorbed AND EXISTS (SELECT 1 FROM certificate AS own"
            " WHERE own.member_id = :keeper AND own.kind = certificate.kind AND own.about = certificate.about)",
            _two(absorbed, keeper),
        )
        self._database.execute(
            "UPDATE certificate SET member_id = :keeper WHERE member_id = :absorbed", _two(absorbed, keeper)
        )


def forget_old(database: Database, now: datetime) -> int:
    """Forgets who was at lectures whose time of keeping is over, and names that no lecture needs any more.

    How many came stays: the rows are nobody's. Runs inside a write; gives how many lectures it forgot.
    """
    forgotten = 0
    for row in database.query("SELECT id, ends_at, keep_days FROM lecture"):
        ended = datetime.fromisoformat(str(row["ends_at"]))
        if ended + timedelta(days=int(row["keep_days"] or 0)) > now:
            continue
        forgotten += (
            database.execute(
                "UPDATE participant SET member_id = NULL, name = '', unit = '', number = '', phone_end = ''"
                " WHERE lecture_id = :id AND (name <> '' OR member_id IS NOT NULL)",
                {"id": row["id"]},
            )
            > 0
        )
        for table in ("attendance_trace", "staff_entry", "lecture_message"):
            database.execute(f"DELETE FROM {table} WHERE lecture_id = :id", {"id": row["id"]})
    database.execute("DELETE FROM attendance_attempt WHERE expires_at <= :now", {"now": utc_text(now)})
    if forgotten:
        database.execute(
            "DELETE FROM attendee WHERE NOT EXISTS"
            " (SELECT 1 FROM participant WHERE participant.member_id = attendee.member_id)"
        )
    return forgotten


_FORGET = (
    "DELETE FROM roll_call_answer WHERE participant_id = :id",
    "DELETE FROM check_in WHERE participant_id = :id",
    "DELETE FROM lecture_message WHERE participant_id = :id",
    "DELETE FROM participant WHERE id = :id",
)


def _two(absorbed: Member, keeper: Member) -> dict[str, Value]:
    return {"absorbed": absorbed.id, "keeper": keeper.id}


def _names(identity: Identity) -> dict[str, Value]:
    return {"channel": identity.channel, "user": identity.user}
