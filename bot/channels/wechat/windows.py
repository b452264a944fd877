"""To whom customer-service messages may be sent: for how long after a contact, and how many.

The platform's rules (客服消息, developers.weixin.qq.com, as a stored copy has it): after a message of the member's 5 in
48 hours; after a tap on the menu, a scan or the following 3 in one minute. A new contact begins a new allowance. The
platform counts, too, and has the last word.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.channels.model import Update, UpdateKind
from bot.store.database import Database, utc_text
from bot.store.writer import Writer

FLUSH_SECONDS = 0.5


class Contact(StrEnum):
    """What opens a window."""

    MESSAGE = "message"
    TAP = "tap"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a contact allows."""

    lasts: timedelta
    messages: int


ALLOWANCES = {
    Contact.MESSAGE: Allowance(timedelta(hours=48), 5),
    Contact.TAP: Allowance(timedelta(minutes=1), 3),
}


def contact(update: Update) -> Contact | None:
    """What the platform counts the update as; None for what opens no window."""
    if not update.wants_reply:
        return None
    is_tap = update.kind in {UpdateKind.BUTTON, UpdateKind.SCAN, UpdateKind.FOLLOW}
    return Contact.TAP if is_tap else Contact.MESSAGE


class Windows:
    """The windows of all members; `clock` gives aware datetimes.

    Contacts are written together, a moment after they came: nobody waits for them, and what a killed process had
    not written costs a member one late reply, which is kept for their next contact.
    """

    def __init__(self, writer: Writer, clock: Callable[[], datetime]) -> None:
        self._writer = writer
        self._clock = clock
        self._opened: dict[tuple[str, Contact], datetime] = {}
        self._flush: asyncio.TimerHandle | None = None

    def open(self, update: Update) -> None:
        """Notes a contact. Whoever leaves has no window any more."""
        if update.kind is UpdateKind.UNFOLLOW:
            self.close(update.member)
        elif kind := contact(update):
            self._opened[update.member, kind] = update.received_at
            if self._flush is None:
                self._flush = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)

    def flush(self) -> None:
        """Has what was noted written."""
        if self._flush:
            self._flush.cancel()
            self._flush = None
        if self._opened:
            opened, self._opened = self._opened, {}
            self._writer.write_soon(lambda database: _open(database, opened))

    async def take(self, member: str) -> Contact | None:
        """Takes one message from the window that closes first; None if none is open."""
        self.flush()
        now = self._clock()
        return await self._writer.write(lambda database: _take(database, member, now))

    def give_back(self, member: str, kind: Contact) -> None:
        """The message was not sent after all."""
        self._writer.write_soon(lambda database: _give_back(database, member, kind))

    def close(self, member: str) -> None:
        """Nothing more may be sent."""
        self.flush()
        self._writer.write_soon(lambda database: _close(database, member))


def _open(database: Database, opened: Mapping[tuple[str, Contact], datetime]) -> None:
    database.execute_many(
        "INSERT INTO wechat_window (member, kind, closes_at, remaining)"
        " VALUES (:member, :kind, :closes_at, :remaining) ON CONFLICT (member, kind)"
        " DO UPDATE SET closes_at = excluded.closes_at, remaining = excluded.remaining",
        [
            {
                "member": member,
                "kind": kind,
                "closes_at": utc_text(at + ALLOWANCES[kind].lasts),
                "remaining": ALLOWANCES[kind].messages,
            }
            for (member, kind), at in opened.items()
        ],
    )


def _take(database: Database, member: str, now: datetime) -> Contact | None:
    database.execute("DELETE FROM wechat_window WHERE closes_at <= :now", {"now": utc_text(now)})
    rows = database.query(
        "SELECT kind FROM wechat_window WHERE member = :member AND remaining > 0 ORDER BY closes_at LIMIT 1",
        {"member": member},
    )
    if not rows:
        return None
    kind = Contact(str(rows[0]["kind"]))
    database.execute(
        "UPDATE wechat_window SET remaining = remaining - 1 WHERE member = :member AND kind = :kind",
        {"member": member, "kind": kind},
    )
    return kind


def _give_back(database: Database, member: str, kind: Contact) -> None:
    database.execute(
        "UPDATE wechat_window SET remaining = remaining + 1"
        " WHERE member = :member AND kind = :kind AND remaining < :most",
        {"member": member, "kind": kind, "most": ALLOWANCES[kind].messages},
    )


def _close(database: Database, member: str) -> None:
    database.execute("DELETE FROM wechat_window WHERE member = :member", {"member": member})
