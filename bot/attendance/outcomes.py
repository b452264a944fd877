"""What comes of an attempt: values, matched exhaustively by whoever words them."""

from dataclasses import dataclass
from datetime import datetime

from bot.attendance.model import Lecture


@dataclass(frozen=True, slots=True)
class CheckedIn:
    lecture: Lecture
    name: str
    place: int
    at: datetime
    is_late: bool


@dataclass(frozen=True, slots=True)
class CheckedInAlready:
    lecture: Lecture
    place: int
    at: datetime


@dataclass(frozen=True, slots=True)
class CheckedOut:
    """`minutes` of the lecture that they were there."""

    lecture: Lecture
    at: datetime
    minutes: int


@dataclass(frozen=True, slots=True)
class CheckedOutAlready:
    lecture: Lecture
    at: datetime


@dataclass(frozen=True, slots=True)
class Answered:
    """They were there at the roll-call; `again` if they had answered before."""

    lecture: Lecture
    again: bool


@dataclass(frozen=True, slots=True)
class Registered:
    lecture: Lecture
    again: bool


@dataclass(frozen=True, slots=True)
class WaitListed:
    """No seat is free; `position` on the waiting list, from 1."""

    lecture: Lecture
    position: int


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """They are registered no more."""

    lecture: Lecture


@dataclass(frozen=True, slots=True)
class TooEarly:
    lecture: Lecture
    opens_at: datetime


@dataclass(frozen=True, slots=True)
class Closed:
    lecture: Lecture
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class RegistrationClosed:
    """The lecture has begun, or they have checked in."""

    lecture: Lecture


@dataclass(frozen=True, slots=True)
class LectureCancelled:
    lecture: Lecture


@dataclass(frozen=True, slots=True)
class NoSuchLecture:
    """The code is genuine, its lecture is not here (any more)."""


@dataclass(frozen=True, slots=True)
class WrongCode:
    """Not made by us, or altered; or a number that no screen shows."""


@dataclass(frozen=True, slots=True)
class CodeExpired:
    """The code left the screen too long ago."""

    lecture: Lecture


@dataclass(frozen=True, slots=True)
class CodeReplayed:
    """The member had used this very code; the check-in was undone."""

    lecture: Lecture


@dataclass(frozen=True, slots=True)
class TooManyGuesses:
    """Too many wrong numbers, of this member or of all together; `minutes` until the next may be tried."""

    minutes: int


@dataclass(frozen=True, slots=True)
class NotRegistered:
    """They are not on the list (as `name`), and one has to be."""

    lecture: Lecture
    name: str


@dataclass(frozen=True, slots=True)
class NoRegistration:
    """There is no registration to take back."""

    lecture: Lecture


@dataclass(frozen=True, slots=True)
class NoCheckOut:
    """It is not the time to check out, or the lecture has no check-out."""

    lecture: Lecture


@dataclass(frozen=True, slots=True)
class NameTaken:
    """The only line of the roster with the name has checked in by another account."""

    lecture: Lecture
    name: str


@dataclass(frozen=True, slots=True)
class Full:
    lecture: Lecture


@dataclass(frozen=True, slots=True)
class NotCheckedIn:
    """They check out or answer a roll-call without having checked in."""

    lecture: Lecture


@dataclass(frozen=True, slots=True)
class NoRollCall:
    lecture: Lecture


@dataclass(frozen=True, slots=True)
class NameNeeded:
    """The attempt is kept until they have said who they are; its time counts."""

    lecture: Lecture
    at: datetime


@dataclass(frozen=True, slots=True)
class NumberNeeded:
    """Several of the roster's lines have the name: a member number or the end of a telephone number decides."""

    lecture: Lecture
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class LocationNeeded:
    lecture: Lecture


@dataclass(frozen=True, slots=True)
class TooFar:
    """They are so many metres from the place, and `radius` is what is allowed."""

    lecture: Lecture
    metres: int


Unfinished = NameNeeded | NumberNeeded | LocationNeeded
Refusal = (
    TooEarly
    | Closed
    | RegistrationClosed
    | LectureCancelled
    | NoSuchLecture
    | WrongCode
    | CodeExpired
    | CodeReplayed
    | TooManyGuesses
    | NotRegistered
    | NoRegistration
    | NoCheckOut
    | NameTaken
    | Full
    | NotCheckedIn
    | NoRollCall
    | TooFar
)
Success = (
    CheckedIn
    | CheckedInAlready
    | CheckedOut
    | CheckedOutAlready
    | Answered
    | Registered
    | WaitListed
    | Withdrawn
)
Outcome = Success | Unfinished | Refusal
