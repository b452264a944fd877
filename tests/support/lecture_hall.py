"""A hall for tests of lectures: a real store, members with names, a lecture, codes as a screen shows them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from bot.attendance import lectures
from bot.attendance.codes import Codes
from bot.attendance.door import Door
from bot.attendance.model import Attempt, Lecture, Means, Purpose, usual_schedule
from bot.attendance.outcomes import Outcome
from bot.attendance.registering import Registration
from bot.members.model import Identity
from bot.members.register import Register
from bot.store.database import Database

START = datetime(2026, 5, 9, 1, 0, tzinfo=UTC)
"""Nine o'clock in Shanghai."""
KEY = b"k" * 32


def ids() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"id{next(numbers):06}"


@dataclass
class Hall:
    """Who does what at which moment, against a store."""

    database: Database
    codes: Codes = field(default_factory=lambda: Codes(KEY))
    new_id: Callable[[], str] = field(default_factory=ids)

    def register_of(self, database: Database) -> Register:
        return Register(database, (), lambda: START, self.new_id)

    @property
    def door(self) -> Door:
        return Door(self.register_of, self.new_id)

    @property
    def registration(self) -> Registration:
        return Registration(self.register_of, self.new_id)

    def lecture(self, starts_at: datetime = START, **changes: Any) -> Lecture:
        schedule = changes.pop("schedule", usual_schedule(starts_at, starts_at + timedelta(hours=2)))
        title = changes.pop("title", "人工智能与材料设计")
        return lectures.add(self.database, Lecture(self.new_id(), 0, title, schedule, **changes))

    def member(self, name: str, unit: str = "", number: str = "", user: str = "") -> Identity:
        who = Identity("wechat", user or f"o{self.new_id()}")
        said = self.door.introduce(self.database, who, name, unit)
        if number:
            self.database.execute(
                "UPDATE attendee SET number = :n WHERE member_id = :m", {"n": number, "m": said.member_id}
            )
        return who

    def scan(
        self,
        who: Identity,
        lecture: Lecture,
        at: datetime = START,
        shown_at: datetime | None = None,
        purpose: Purpose = Purpose.CHECK_IN,
    ) -> Outcome:
        """Somebody scans the code that was on the screen at `shown_at` (else now)."""
        payload = self.codes.payload(lecture, purpose, shown_at or at)
        sighting = self.codes.read(payload)
        assert sighting is not None
        attempt = Attempt(lecture.id, purpose, at, Means.CODE, sighting.shown_at)
        with self.database.transaction():
            return self.door.attend(self.database, who, attempt)
