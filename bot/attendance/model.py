"""Lectures and the people who come to them: the values that the rules and the pages share.

All moments are aware datetimes. Windows are compared in whole seconds: the very second still counts.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum


class Purpose(IntEnum):
    """What a code is for; the number stands in the code."""

    CHECK_IN = 1
    CHECK_OUT = 2
    ROLL_CALL = 3
    PAPER = 4  # a printed code for checking in, valid as long as the window
    REGISTER = 5  # a printed or published code for registering


class Admits(StrEnum):
    """Who may check in."""

    ANYONE = "anyone"
    REGISTERED = "registered"


class Means(StrEnum):
    """How somebody checked in."""

    CODE = "code"
    NUMBER = "number"
    PAPER = "paper"
    WEB = "web"
    STAFF = "staff"


class State(StrEnum):
    """Where a participant stands."""

    REGISTERED = "registered"
    WAITING = "waiting"
    CANCELLED = "cancelled"


class Origin(StrEnum):
    """Where a participant came from."""

    CHAT = "chat"
    ROSTER = "roster"
    DOOR = "door"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a lecture takes place, and from when until when somebody checks in, late after `late_after`."""

    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    late_after: datetime
    closes_at: datetime

    def moved(self, by: timedelta) -> "Schedule":
        return Schedule(
            self.starts_at + by,
            self.ends_at + by,
            self.opens_at + by,
            self.late_after + by,
            self.closes_at + by,
        )


OPENS_BEFORE = timedelta(minutes=30)
LATE_AFTER = timedelta(minutes=10)
"""The academic quarter that halls are used to."""
OUT_BEFORE, OUT_AFTER = timedelta(minutes=10), timedelta(minutes=30)
"""Around the end, the time in which people check out by code."""


def usual_schedule(starts_at: datetime, ends_at: datetime) -> Schedule:
    """The windows of a lecture for which nothing else was set."""
    return Schedule(starts_at, ends_at, starts_at - OPENS_BEFORE, starts_at + LATE_AFTER, ends_at)


@dataclass(frozen=True, slots=True)
class Area:
    """Where one has to be: degrees (WGS 84) and metres."""

    latitude: float
    longitude: float
    radius: int


@dataclass(frozen=True, slots=True)
class Lecture:
    """`number` is what people type; `rotation` the seconds that a code is shown; `keep_days` how long after the end
    it is kept who was there; `paper` whether the printed code holds; `hours` are learning hours (学时).
    """

    id: str
    number: int
    title: str
    schedule: Schedule
    speaker: str = ""
    place: str = ""
    check_out: bool = False
    capacity: int | None = None
    admits: Admits = Admits.ANYONE
    paper: bool = False
    rotation: int = 15
    hours: Decimal = Decimal(2)
    series_id: str | None = None
    notice_id: str = ""
    area: Area | None = None
    keep_days: int = 730
    is_cancelled: bool = False

    def with_schedule(self, schedule: Schedule) -> "Lecture":
        return replace(self, schedule=schedule)

    @property
    def kept_until(self) -> datetime:
        return self.schedule.ends_at + timedelta(days=self.keep_days)

    def is_open(self, at: datetime) -> bool:
        """Whether somebody may check in at a moment."""
        return not self.is_cancelled and self.schedule.opens_at <= second(at) <= self.schedule.closes_at

    def lets_out(self, at: datetime) -> bool:
        """Whether somebody may check out at a moment."""
        end = self.schedule.ends_at
        return self.check_out and not self.is_cancelled and end - OUT_BEFORE <= second(at) <= end + OUT_AFTER


@dataclass(frozen=True, slots=True)
class Series:
    """Lectures that belong together; complete for whoever came to `required` of them."""

    id: str
    name: str
    required: int


@dataclass(frozen=True, slots=True)
class Profile:
    """What a member has said of themself, once; `number` is a member or staff number, "" if never given."""

    member_id: str
    name: str
    unit: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class Participant:
    """A person at one lecture; `member_id` is None for a line of the roster that nobody has claimed yet."""

    id: str
    lecture_id: str
    member_id: str | None
    name: str
    unit: str
    number: str
    phone_end: str
    state: State
    origin: Origin
    since: datetime


@dataclass(frozen=True, slots=True)
class CheckIn:
    """Somebody was there: the how-manieth, when, how, and since when the code used had been on the screen."""

    participant_id: str
    place: int
    at: datetime
    is_late: bool
    means: Means
    code_at: datetime | None
    device: str
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody wants to check in, out, answer or register: when, how, and with a code shown since when.

    `is_near` says that they have shown to be where they have to be.
    """

    lecture_id: str
    purpose: Purpose
    at: datetime
    means: Means
    code_at: datetime | None = None
    device: str = ""
    is_near: bool = False


class Awaits(StrEnum):
    """What an attempt waits for."""

    NAME = "name"
    LOCATION = "location"
    NUMBER = "number"


def second(moment: datetime) -> datetime:
    """The whole second of a moment, as clocks show it."""
    return moment.replace(microsecond=0)
