"""What members are told about lectures: each outcome has its sentence. Times are those on the wall in Shanghai."""

from datetime import datetime
from typing import assert_never

from bot.attendance.calendar import local
from bot.attendance.messages import Kind
from bot.attendance.model import Lecture, State
from bot.attendance.outcomes import (
    Answered,
    CheckedIn,
    CheckedInAlready,
    CheckedOut,
    CheckedOutAlready,
    Closed,
    CodeExpired,
    CodeReplayed,
    Full,
    LectureCancelled,
    LocationNeeded,
    NameNeeded,
    NameTaken,
    NoCheckOut,
    NoRegistration,
    NoRollCall,
    NoSuchLecture,
    NotCheckedIn,
    NotRegistered,
    NumberNeeded,
    Outcome,
    Refusal,
    Registered,
    RegistrationClosed,
    Success,
    TooEarly,
    TooFar,
    TooManyGuesses,
    Unfinished,
    WaitListed,
    Withdrawn,
    WrongCode,
)
from bot.attendance.records import Registration
from bot.languages import Language
from bot.messages.catalogue import Messages

_WEEKDAYS = "一二三四五六日"


def outcome_text(outcome: Outcome, say: Messages) -> str:
    """The sentence for what came of an attempt."""
    if isinstance(outcome, Success):
        return _success(outcome, say)
    if isinstance(outcome, Unfinished):
        return _unfinished(outcome, say)
    return _refusal(outcome, say)


def _success(outcome: Success, say: Messages) -> str:
    match outcome:
        case CheckedIn(lecture, name, place, at, is_late):
            if is_late:
                return say("checkin.done_late", time=clock(at), place=place, name=name, title=lecture.title)
            return say("checkin.done", time=clock(at), place=place, name=name, title=lecture.title)
        case CheckedInAlready(_, place, at):
            return say("checkin.already", time=clock(at), place=place)
        case CheckedOut(_, at, minutes):
            return say("checkin.out", time=clock(at), minutes=minutes)
        case CheckedOutAlready(_, at):
            return say("checkin.out_already", time=clock(at))
        case Answered(_, again):
            return say("checkin.answered_again") if again else say("checkin.answered")
        case Registered(lecture, again):
            start, more = when(lecture.schedule.starts_at, say), details(lecture, say)
            if again:
                return say("lecture.registered_already", title=lecture.title, when=start, details=more)
            number = lecture.number
            return say("lecture.registered", title=lecture.title, when=start, details=more, number=number)
        case WaitListed(lecture, position):
            return say("lecture.waiting", title=lecture.title, position=position)
        case Withdrawn(lecture):
            return say("lecture.withdrawn", title=lecture.title)
        case _:
            assert_never(outcome)


def _unfinished(outcome: Unfinished, say: Messages) -> str:
    match outcome:
        case NameNeeded(lecture, at):
            until = day(lecture.kept_until, say)
            return say("checkin.name_needed", time=clock(at), until=until)
        case NumberNeeded(_, name, count):
            return say("checkin.number_needed", name=name, count=count)
        case LocationNeeded():
            return say("checkin.location_needed")
        case _:
            assert_never(outcome)


def _refusal(outcome: Refusal, say: Messages) -> str:
    match outcome:
        case TooEarly(lecture, opens_at):
            return say("checkin.too_early", title=lecture.title, time=when(opens_at, say))
        case Closed(lecture, closed_at):
            return say("checkin.closed", title=lecture.title, time=clock(closed_at))
        case LectureCancelled(lecture):
            return say("checkin.cancelled", title=lecture.title)
        case CodeExpired():
            return say("checkin.expired")
        case CodeReplayed():
            return say("checkin.replayed")
        case WrongCode():
            return say("checkin.wrong")
        case NoSuchLecture():
            return say("checkin.unknown_lecture")
        case TooManyGuesses(minutes):
            return say("checkin.guessed", minutes=minutes)
        case NotRegistered(lecture, name):
            return say("checkin.not_registered", title=lecture.title, name=name)
        case NameTaken(_, name):
            return say("checkin.name_taken", name=name)
        case Full(lecture):
            return say("checkin.full", title=lecture.title)
        case NotCheckedIn(lecture):
            return say("checkin.not_in", title=lecture.title)
        case NoRollCall():
            return say("checkin.no_roll_call")
        case TooFar(_, metres):
            return say("checkin.too_far", metres=metres)
        case NoRegistration(lecture):
            return say("lecture.not_registered", title=lecture.title)
        case RegistrationClosed(lecture):
            return say("lecture.closed", title=lecture.title)
        case NoCheckOut(lecture):
            return say("checkin.out_closed", title=lecture.title)
        case _:
            assert_never(outcome)


def clock(moment: datetime) -> str:
    """09:02."""
    return f"{local(moment):%H:%M}"


def day(moment: datetime, say: Messages) -> str:
    """2026年5月9日, or 2026-05-09."""
    at = local(moment)
    if say.language is Language.ENGLISH:
        return f"{at:%Y-%m-%d}"
    return f"{at.year}年{at.month}月{at.day}日"


def when(moment: datetime, say: Messages) -> str:
    """5月9日（星期六）09:00, or 2026-05-09 09:00."""
    at = local(moment)
    if say.language is Language.ENGLISH:
        return f"{at:%Y-%m-%d %H:%M}"
    return f"{at.month}月{at.day}日（星期{_WEEKDAYS[at.weekday()]}）{at:%H:%M}"


def details(lecture: Lecture, say: Messages) -> str:
    """Place and speaker, as far as they are known, to stand behind the time."""
    comma = ", " if say.language is Language.ENGLISH else "，"
    return "".join(comma + known for known in (lecture.place, lecture.speaker) if known)


def message_text(kind: Kind, lecture: Lecture, say: Messages) -> str:
    """What a participant is told unasked."""
    start, more, title = when(lecture.schedule.starts_at, say), details(lecture, say), lecture.title
    match kind:
        case Kind.DAY:
            return say("lecture.message.day", title=title, when=start, details=more, number=lecture.number)
        case Kind.HOUR:
            return say("lecture.message.hour", title=title, when=start, details=more)
        case Kind.MOVED:
            return say("lecture.message.moved", title=title, when=start, details=more)
        case Kind.CANCELLED:
            return say("lecture.message.cancelled", title=title, when=start)
        case Kind.PROMOTED:
            return say(
                "lecture.message.promoted", title=title, when=start, details=more, number=lecture.number
            )


def lecture_line(lecture: Lecture, say: Messages) -> str:
    """A lecture in a list."""
    start, more = when(lecture.schedule.starts_at, say), details(lecture, say)
    return say("lecture.line", number=lecture.number, when=start, title=lecture.title, details=more)


def registration_line(one: Registration, say: Messages) -> str:
    """A lecture that the member is registered for, or waits for."""
    lecture, start = one.lecture, when(one.lecture.schedule.starts_at, say)
    state = say("lecture.state_waiting") if one.state is State.WAITING else say("lecture.state_registered")
    return say("lecture.mine_line", number=lecture.number, when=start, title=lecture.title, state=state)
