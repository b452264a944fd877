"""The rule of the door: what comes of an attempt to check in, to check out, or to answer a roll-call.

Everything here runs inside a write and does nothing but SQL. One person is in a lecture once, whatever is retried or
raced: a participant by (lecture, member), a check-in by participant. The time that counts is when the attempt
reached the server, also when a name or a location had to be asked for first.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.attendance import check_ins, lectures, people
from bot.attendance.codes import NUMBER_TURNS, is_fresh
from bot.attendance.model import (
    Admits,
    Area,
    Attempt,
    Awaits,
    CheckIn,
    Lecture,
    Means,
    Origin,
    Participant,
    Profile,
    Purpose,
    State,
    second,
)
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
    NoRollCall,
    NoSuchLecture,
    NotCheckedIn,
    NotRegistered,
    NumberNeeded,
    Outcome,
    TooEarly,
    TooFar,
)
from bot.members.model import Identity
from bot.members.register import Register
from bot.store.database import Database

EARTH_RADIUS = 6_371_000
"""Metres."""

RegisterOf = Callable[[Database], Register]
"""The register of members on a connection."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is at the door: on a channel, as a member if known, and what else they said to be told apart."""

    who: Identity
    member_id: str | None
    profile: Profile | None
    hint: str = ""


class Door:
    """Lets people in and out. `new_id` makes sortable ids."""

    def __init__(self, register_of: RegisterOf, new_id: Callable[[], str]) -> None:
        self._register_of = register_of
        self._new_id = new_id

    def attend(self, database: Database, who: Identity, attempt: Attempt, hint: str = "") -> Outcome:
        """What comes of an attempt; one that waits for something is kept, and any other ends what was kept.

        `hint` is a member number, or the end of a telephone number, to tell people of one name apart.
        """
        outcome = self._attend(database, who, attempt, hint)
        match outcome:
            case NameNeeded():
                check_ins.keep_attempt(database, who, attempt, Awaits.NAME)
            case LocationNeeded() | TooFar():
                check_ins.keep_attempt(database, who, attempt, Awaits.LOCATION)
            case NumberNeeded():
                check_ins.keep_attempt(database, who, attempt, Awaits.NUMBER)
            case _:
                check_ins.drop_attempt(database, who)
        return outcome

    def introduce(self, database: Database, who: Identity, name: str, unit: str) -> Profile:
        """Keeps what somebody says of themself; who was unknown is a member from now on."""
        member = self._register_of(database).obtain(who)
        said = Profile(member.id, name, unit)
        people.keep_profile(database, said)
        return said

    def arrive(
        self, database: Database, who: Identity, attempt: Attempt, place: tuple[float, float]
    ) -> Outcome:
        """Goes on with an attempt that waits for a location (degrees), which is used here and not kept."""
        lecture = lectures.find(database, attempt.lecture_id)
        if lecture and lecture.area:
            metres = distance(place, lecture.area)
            if metres > lecture.area.radius:
                check_ins.keep_attempt(database, who, attempt, Awaits.LOCATION)
                return TooFar(lecture, round(metres))
        return self.attend(database, who, replace(attempt, is_near=True))

    def _attend(self, database: Database, who: Identity, attempt: Attempt, hint: str) -> Outcome:
        lecture = lectures.find(database, attempt.lecture_id)
        if lecture is None:
            return NoSuchLecture()
        if lecture.is_cancelled:
            return LectureCancelled(lecture)
        lectures.touch(database, lecture.id)
        member = self._register_of(database).find(who)
        said = people.profile(database, member.id) if member else None
        person = Person(who, member.id if member else None, said, hint)
        here = people.of_member(database, lecture.id, member.id) if member else None
        made = check_ins.find(database, here.id) if here else None
        match attempt.purpose:
            case Purpose.CHECK_OUT:
                return _check_out(database, lecture, attempt, made)
            case Purpose.ROLL_CALL:
                return _answer(database, lecture, attempt, made)
            case _:
                if made:
                    return CheckedInAlready(lecture, made.place, made.at)
                return self._check_in(database, lecture, attempt, person, here)

    def _check_in(
        self, database: Database, lecture: Lecture, attempt: Attempt, person: Person, here: Participant | None
    ) -> Outcome:
        refusal = _not_now(lecture, attempt)
        if refusal:
            return refusal
        if here and attempt.code_at and check_ins.was_used(database, here.id, attempt.code_at):
            return CodeReplayed(lecture)
        if here is None and person.profile is None:
            return NameNeeded(lecture, attempt.at)
        if lecture.area and not attempt.is_near:
            return LocationNeeded(lecture)
        seated = self._seat(database, lecture, attempt.at, person, here)
        if not isinstance(seated, Participant):
            return seated
        return self.enter(database, lecture, seated, attempt)

    def enter(self, database: Database, lecture: Lecture, seated: Participant, attempt: Attempt) -> Outcome:
        """Checks in a participant who has a seat."""
        is_late = second(attempt.at) > lecture.schedule.late_after
        place = lectures.next_place(database, lecture.id)
        made = CheckIn(
            seated.id, place, attempt.at, is_late, attempt.means, attempt.code_at, attempt.device, None
        )
        if not check_ins.add(database, lecture.id, made):
            earlier = check_ins.find(database, seated.id) or made
            return CheckedInAlready(lecture, earlier.place, earlier.at)
        return CheckedIn(lecture, seated.name, place, attempt.at, is_late)

    def _seat(
        self,
        database: Database,
        lecture: Lecture,
        at: datetime,
        person: Person,
        here: Participant | None,
    ) -> Participant | Outcome:
        """The participant that somebody is, with a seat."""
        if here is None:
            found = _on_roster(database, lecture, person)
            if not isinstance(found, Participant | None):
                return found
            here = found
        if here is None or here.state is State.CANCELLED:
            if lecture.admits is Admits.REGISTERED:
                return _unlisted(database, lecture, person)
            if here is None:
                return self._walk_in(database, lecture, at, person)
        if here.state is State.REGISTERED:
            return here
        if not people.stand(database, here, State.REGISTERED, lecture.capacity):
            return Full(lecture)
        return here

    def _walk_in(
        self, database: Database, lecture: Lecture, at: datetime, person: Person
    ) -> Participant | Outcome:
        said = person.profile
        if said is None:
            return NameNeeded(lecture, at)
        new = Participant(
            self._new_id(),
            lecture.id,
            said.member_id,
            said.name,
            said.unit,
            said.number,
            "",
            State.REGISTERED,
            Origin.DOOR,
            at,
        )
        return new if people.enter(database, new, lecture.capacity) else Full(lecture)


def _not_now(lecture: Lecture, attempt: Attempt) -> Outcome | None:
    """Why nobody could check in with this code at that moment; None if one can."""
    if attempt.purpose is Purpose.PAPER and not lecture.paper:
        return CodeExpired(lecture)
    if not _is_fresh(lecture, attempt):
        return CodeExpired(lecture)
    at, times = second(attempt.at), lecture.schedule
    if at < times.opens_at:
        return TooEarly(lecture, times.opens_at)
    if at > times.closes_at:
        return Closed(lecture, times.closes_at)
    return None


def _is_fresh(lecture: Lecture, attempt: Attempt) -> bool:
    if attempt.code_at is None:
        return attempt.purpose is Purpose.PAPER or attempt.means is Means.STAFF
    turns = NUMBER_TURNS if attempt.means is Means.NUMBER else 1
    return is_fresh(lecture, attempt.code_at, attempt.at, turns)


def _on_roster(database: Database, lecture: Lecture, person: Person) -> Participant | Outcome | None:
    """The line of the roster that is this person's, claimed for them; None if there is none."""
    said = person.profile
    if said is None:
        return None
    lines = [line for line in people.named(database, lecture.id, said.name) if line.member_id is None]
    found = _narrowed(lines, said, person.hint)
    if len(found) > 1:
        return NumberNeeded(lecture, said.name, len(found))
    if not found:
        return None
    [line] = found
    people.claim(database, line, said.member_id)
    return replace(line, member_id=said.member_id)


def _narrowed(lines: list[Participant], said: Profile, hint: str) -> list[Participant]:
    """The lines that may be the person's: by number or telephone if that tells, else by unit."""
    if len(lines) <= 1:
        return lines
    for known in filter(None, (hint, said.number)):
        told = [line for line in lines if known in (line.number, line.phone_end)]
        if len(told) == 1:
            return told
    told = [line for line in lines if people.same_unit(line.unit, said.unit)]
    return told if len(told) == 1 else lines


def _unlisted(database: Database, lecture: Lecture, person: Person) -> Outcome:
    """Somebody who isn't on the list: perhaps another account came first under the name."""
    name = person.profile.name if person.profile else ""
    others = [
        p for p in people.named(database, lecture.id, name) if p.member_id not in (None, person.member_id)
    ]
    return NameTaken(lecture, name) if name and others else NotRegistered(lecture, name)


def _check_out(database: Database, lecture: Lecture, attempt: Attempt, made: CheckIn | None) -> Outcome:
    if made is None:
        return NotCheckedIn(lecture)
    if made.left_at:
        return CheckedOutAlready(lecture, made.left_at)
    if not _is_fresh(lecture, attempt):
        return CodeExpired(lecture)
    if not lecture.lets_out(attempt.at):
        return NoCheckOut(lecture)
    check_ins.leave(database, made.participant_id, attempt.at)
    return CheckedOut(lecture, attempt.at, minutes_there(lecture, made.at, attempt.at))


def _answer(database: Database, lecture: Lecture, attempt: Attempt, made: CheckIn | None) -> Outcome:
    if made is None:
        return NotCheckedIn(lecture)
    if not _is_fresh(lecture, attempt):
        return CodeExpired(lecture)
    roll_call = check_ins.open_roll_call(database, lecture.id)
    if roll_call is None:
        return NoRollCall(lecture)
    is_first = check_ins.answer_roll_call(database, roll_call, made.participant_id, attempt.at)
    return Answered(lecture, again=not is_first)


def minutes_there(lecture: Lecture, came: datetime, left: datetime | None) -> int:
    """Whole minutes of the lecture between coming and leaving (not known: the end)."""
    start = max(came, lecture.schedule.starts_at)
    end = min(left or lecture.schedule.ends_at, lecture.schedule.ends_at)
    return max(0, int((end - start).total_seconds() // 60))


def distance(place: tuple[float, float], area: Area) -> float:
    """Metres over the ground (haversine) between a place in degrees and the middle of an area."""
    lat, lon, lat0, lon0 = map(math.radians, (*place, area.latitude, area.longitude))
    h = math.sin((lat - lat0) / 2) ** 2 + math.cos(lat) * math.cos(lat0) * math.sin((lon - lon0) / 2) ** 2
    return 2 * EARTH_RADIUS * math.asin(min(1.0, math.sqrt(h)))
