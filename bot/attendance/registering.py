"""Registering for a lecture, the waiting list, and what staff change about a lecture. All of it inside a write."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.attendance import check_ins, lectures, messages, people
from bot.attendance.door import RegisterOf
from bot.attendance.messages import Kind
from bot.attendance.model import (
    Attempt,
    Awaits,
    Lecture,
    Means,
    Origin,
    Participant,
    Purpose,
    Schedule,
    State,
)
from bot.attendance.outcomes import (
    LectureCancelled,
    NameNeeded,
    NoRegistration,
    NoSuchLecture,
    Outcome,
    Registered,
    RegistrationClosed,
    WaitListed,
    Withdrawn,
)
from bot.members.model import Identity
from bot.store.database import Database


class Registration:
    """Takes registrations and gives seats that come free to those who wait. `new_id` makes sortable ids."""

    def __init__(self, register_of: RegisterOf, new_id: Callable[[], str]) -> None:
        self._register_of = register_of
        self._new_id = new_id

    def register(self, database: Database, who: Identity, lecture_id: str, at: datetime) -> Outcome:
        """Registers somebody; without a name that is known yet, the wish is kept until there is one."""
        outcome = self._register(database, who, lecture_id, at)
        if isinstance(outcome, NameNeeded):
            attempt = Attempt(lecture_id, Purpose.REGISTER, at, Means.CODE)
            check_ins.keep_attempt(database, who, attempt, Awaits.NAME)
        else:
            check_ins.drop_attempt(database, who)
        return outcome

    def _register(self, database: Database, who: Identity, lecture_id: str, at: datetime) -> Outcome:
        lecture = lectures.find(database, lecture_id)
        if lecture is None:
            return NoSuchLecture()
        if lecture.is_cancelled:
            return LectureCancelled(lecture)
        if at >= lecture.schedule.starts_at:
            return RegistrationClosed(lecture)
        lectures.touch(database, lecture.id)
        member = self._register_of(database).find(who)
        said = people.profile(database, member.id) if member else None
        if said is None:
            return NameNeeded(lecture, at)
        here = people.of_member(database, lecture.id, said.member_id)
        if here and here.state is State.REGISTERED:
            return Registered(lecture, again=True)
        if here and here.state is State.WAITING:
            return WaitListed(lecture, _position(database, here))
        if here:
            return self._return(database, lecture, here)
        new = Participant(
            self._new_id(),
            lecture.id,
            said.member_id,
            said.name,
            said.unit,
            said.number,
            "",
            State.REGISTERED,
            Origin.CHAT,
            at,
        )
        if people.enter(database, new, lecture.capacity):
            return Registered(lecture, again=False)
        people.enter(database, replace(new, state=State.WAITING), None)
        return WaitListed(lecture, _position(database, new))

    def _return(self, database: Database, lecture: Lecture, here: Participant) -> Outcome:
        """Somebody who had cancelled registers again."""
        if people.stand(database, here, State.REGISTERED, lecture.capacity):
            return Registered(lecture, again=False)
        people.stand(database, here, State.WAITING, None)
        return WaitListed(lecture, _position(database, here))

    def withdraw(self, database: Database, who: Identity, lecture_id: str, at: datetime) -> Outcome:
        """Takes a registration back; whoever waits longest gets the seat and is told."""
        lecture = lectures.find(database, lecture_id)
        if lecture is None:
            return NoSuchLecture()
        lectures.touch(database, lecture.id)
        member = self._register_of(database).find(who)
        here = people.of_member(database, lecture.id, member.id) if member else None
        if here is None or here.state is State.CANCELLED:
            return NoRegistration(lecture)
        if at >= lecture.schedule.ends_at or check_ins.find(database, here.id):
            return RegistrationClosed(lecture)
        people.stand(database, here, State.CANCELLED, None)
        promote(database, lecture)
        return Withdrawn(lecture)


def promote(database: Database, lecture: Lecture) -> list[Participant]:
    """Gives the free seats to those who wait longest, who are told; gives who they are."""
    promoted = []
    for waits in people.waiting(database, lecture.id):
        if not people.stand(database, waits, State.REGISTERED, lecture.capacity):
            break
        messages.owe(database, waits, Kind.PROMOTED, lecture.schedule.starts_at)
        promoted.append(waits)
    return promoted


def change(database: Database, lecture: Lecture) -> list[Participant]:
    """Saves a lecture whose capacity may have grown; gives those who got a seat. Raises LectureUnusable."""
    lectures.save(database, lecture)
    return promote(database, lecture)


def move(database: Database, lecture: Lecture, schedule: Schedule, place: str) -> Lecture:
    """Has a lecture take place at another time or place; those who registered are told. Raises LectureUnusable."""
    moved = replace(lecture, schedule=schedule, place=place)
    lectures.save(database, moved)
    messages.owe_all(database, moved, Kind.MOVED)
    return moved


def cancel(database: Database, lecture: Lecture) -> Lecture:
    """Has a lecture not take place; those who registered are told."""
    cancelled = replace(lecture, is_cancelled=True)
    lectures.save(database, cancelled)
    messages.owe_all(database, cancelled, Kind.CANCELLED)
    return cancelled


def _position(database: Database, here: Participant) -> int:
    """The place on the waiting list, from 1."""
    ids = [waits.id for waits in people.waiting(database, here.lecture_id)]
    return ids.index(here.id) + 1
