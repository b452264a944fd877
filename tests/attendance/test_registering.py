"""Registering, the waiting list, the last seat, and what participants are told unasked."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from lecture_hall import START, Hall

from bot.attendance import check_ins, messages, people
from bot.attendance.holdings import Attendance, Attendees, Certificates, forget_old
from bot.attendance.messages import Kind
from bot.attendance.model import Attempt, Lecture, Means, Purpose, State
from bot.attendance.outcomes import (
    CheckedIn,
    CheckedInAlready,
    Full,
    NameNeeded,
    NoRegistration,
    Registered,
    RegistrationClosed,
    WaitListed,
    Withdrawn,
)
from bot.attendance.registering import cancel, change, move
from bot.channels.delivery import Delivered, Delivery, RetryAt, WindowClosed
from bot.channels.model import Reply, WritesFirst
from bot.channels.web.channel import WebChannel
from bot.desk.notifier import Notifier
from bot.members.model import Identity
from bot.members.preferences import PreferenceTable
from bot.members.register import Register
from bot.messages.catalogue import load_catalogue
from bot.phrasebook import Phrasebook
from bot.store.database import Database
from bot.store.writer import Writer

DAYS_BEFORE = START - timedelta(days=3)


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    with Database.open(tmp_path / "cewen.sqlite3") as database:
        yield Hall(database)


@pytest.fixture
async def writer(hall: Hall) -> AsyncIterator[Writer]:
    async with await Writer.open(hall.database.path) as writer:
        yield writer


def register(hall: Hall, who: Identity, lecture: Lecture, at: datetime = DAYS_BEFORE) -> object:
    return hall.registration.register(hall.database, who, lecture.id, at)


def test_who_waits_longest_gets_the_seat_that_comes_free_and_is_told(hall: Hall) -> None:
    lecture = hall.lecture(capacity=1)
    first, second, third = (hall.member(name) for name in ("张三", "李四", "王五"))
    assert register(hall, first, lecture) == Registered(lecture, again=False)
    assert register(hall, second, lecture) == WaitListed(lecture, 1)
    later = DAYS_BEFORE + timedelta(minutes=1)
    assert register(hall, third, lecture, later) == WaitListed(lecture, 2)
    assert register(hall, second, lecture) == WaitListed(lecture, 1)
    assert hall.registration.withdraw(hall.database, first, lecture.id, later) == Withdrawn(lecture)
    assert register(hall, second, lecture) == Registered(lecture, again=True)
    assert register(hall, third, lecture) == WaitListed(lecture, 1)
    [due] = messages.claim(hall.database, later)
    assert (due.kind, due.identities) == (Kind.PROMOTED, (second,))
    assert register(hall, first, lecture) == WaitListed(lecture, 1), "back, but behind nobody's seat"


def test_more_seats_go_to_those_who_wait(hall: Hall) -> None:
    lecture = hall.lecture(capacity=1)
    for name in ("张三", "李四", "王五"):
        register(hall, hall.member(name), lecture)
    assert len(change(hall.database, replace(lecture, capacity=2))) == 1


def test_nobody_registers_or_withdraws_once_the_lecture_has_begun_or_they_are_in(hall: Hall) -> None:
    lecture, who = hall.lecture(), hall.member("张三")
    assert register(hall, who, lecture, START) == RegistrationClosed(lecture)
    register(hall, who, lecture)
    hall.scan(who, lecture, START - timedelta(minutes=10))
    outcome = hall.registration.withdraw(hall.database, who, lecture.id, START - timedelta(minutes=5))
    assert outcome == RegistrationClosed(lecture)
    stranger = hall.registration.withdraw(hall.database, hall.member("李四"), lecture.id, DAYS_BEFORE)
    assert stranger == NoRegistration(lecture)


def test_a_wish_to_register_waits_for_a_name(hall: Hall) -> None:
    lecture, who = hall.lecture(), Identity("wechat", "new")
    assert register(hall, who, lecture) == NameNeeded(lecture, DAYS_BEFORE)
    kept = check_ins.kept_attempt(hall.database, who, DAYS_BEFORE)
    assert kept is not None
    assert kept[0].purpose is Purpose.REGISTER


async def test_of_a_hundred_at_once_exactly_one_gets_the_last_seat(hall: Hall, writer: Writer) -> None:
    lecture = hall.lecture(capacity=1)
    members = [hall.member(f"张{n}") for n in range(100)]
    payload = hall.codes.read(hall.codes.payload(lecture, Purpose.CHECK_IN, START))
    assert payload is not None
    attempt = Attempt(lecture.id, Purpose.CHECK_IN, START, Means.CODE, payload.shown_at)
    outcomes = await asyncio.gather(
        *(writer.write(lambda db, who=who: hall.door.attend(db, who, attempt)) for who in members)
    )
    assert sum(isinstance(one, CheckedIn) for one in outcomes) == 1
    assert sum(isinstance(one, Full) for one in outcomes) == 99
    assert check_ins.count(hall.database, lecture.id) == 1


async def test_of_a_hundred_in_two_processes_exactly_one_gets_the_last_seat(
    hall: Hall, writer: Writer
) -> None:
    lecture = hall.lecture(capacity=1)
    members = [hall.member(f"张{n}") for n in range(100)]
    async with await Writer.open(hall.database.path) as other:
        outcomes = await asyncio.gather(
            *(
                (writer, other)[n % 2].write(
                    lambda db, who=who: hall.registration.register(db, who, lecture.id, DAYS_BEFORE)
                )
                for n, who in enumerate(members)
            )
        )
    assert sum(isinstance(one, Registered) for one in outcomes) == 1
    assert len(people.waiting(hall.database, lecture.id)) == 99


async def test_one_member_scanning_many_times_at_once_is_in_once(hall: Hall, writer: Writer) -> None:
    lecture, who = hall.lecture(), hall.member("张三")
    attempt = Attempt(lecture.id, Purpose.CHECK_IN, START, Means.CODE, START)
    async with await Writer.open(hall.database.path) as other:
        outcomes = await asyncio.gather(
            *((writer, other)[n % 2].write(lambda db: hall.door.attend(db, who, attempt)) for n in range(60))
        )
    assert sum(isinstance(one, CheckedIn) for one in outcomes) == 1
    assert sum(isinstance(one, CheckedInAlready) for one in outcomes) == 59


def kinds(hall: Hall, now: datetime) -> list[Kind]:
    messages.remind(hall.database, now)
    found = messages.claim(hall.database, now)
    for due in found:
        messages.finish(hall.database, due, "sent", now)
    return [due.kind for due in found]


def test_reminders_come_a_day_and_an_hour_before_once_each(hall: Hall) -> None:
    lecture = hall.lecture()
    register(hall, hall.member("张三"), lecture)
    assert kinds(hall, START - timedelta(hours=24, seconds=1)) == []
    assert kinds(hall, START - timedelta(hours=24)) == [Kind.DAY]
    assert kinds(hall, START - timedelta(hours=23)) == []
    assert kinds(hall, START - timedelta(minutes=60)) == [Kind.HOUR]
    assert kinds(hall, START - timedelta(minutes=59)) == []
    assert kinds(hall, START) == []


def test_a_moved_lecture_is_told_and_reminded_of_anew_and_a_cancelled_one_only_told(hall: Hall) -> None:
    lecture = hall.lecture()
    register(hall, hall.member("张三"), lecture)
    assert kinds(hall, START - timedelta(hours=24)) == [Kind.DAY]
    moved = move(hall.database, lecture, lecture.schedule.moved(timedelta(days=2)), "九号厅")
    assert kinds(hall, START - timedelta(hours=20)) == [Kind.MOVED]
    again = move(hall.database, moved, moved.schedule, "十号厅")
    assert kinds(hall, START - timedelta(hours=19)) == [Kind.MOVED], "another room is another message"
    assert kinds(hall, START + timedelta(days=1)) == [Kind.DAY]
    cancel(hall.database, again)
    assert kinds(hall, START + timedelta(days=1, hours=1)) == [Kind.CANCELLED]
    assert kinds(hall, START + timedelta(days=2, minutes=-30)) == []


class Phone:
    """A messenger whose outcomes are laid down; what it was asked to send is kept."""

    def __init__(self, name: str, writes_first: WritesFirst, *outcomes: Delivery) -> None:
        self.name = name
        self.capabilities = replace(WebChannel.capabilities, writes_first=writes_first)
        self.sent: list[tuple[str, str]] = []
        self._outcomes = list(outcomes)

    async def send(self, chat: str, reply: Reply) -> Delivery:
        self.sent.append((chat, reply.text))
        return self._outcomes.pop(0) if self._outcomes else Delivered()


def notifier(hall: Hall, writer: Writer, now: datetime, *phones: Phone) -> Notifier:
    phrases = Phrasebook(load_catalogue(Path("nowhere")), PreferenceTable(hall.database))
    return Notifier(writer, {phone.name: phone for phone in phones}, phrases, lambda: now)  # type: ignore[misc]


async def test_a_reminder_goes_to_the_channel_that_may_be_written_to_and_else_to_the_next(
    hall: Hall, writer: Writer
) -> None:
    lecture = hall.lecture(place="九号厅")
    who = hall.member("张三", user="open")
    other = Identity("telegram", "7")
    Register(hall.database, (), lambda: START, hall.new_id).join(who, other)
    register(hall, who, lecture)
    wechat = Phone("wechat", WritesFirst.RECENT)
    telegram = Phone("telegram", WritesFirst.KNOWN, WindowClosed())
    now = START - timedelta(minutes=50)
    assert await notifier(hall, writer, now, wechat, telegram).look() == 2
    assert telegram.sent[0][1].startswith("提醒：您报名的《人工智能与材料设计》")
    assert [chat for chat, _ in telegram.sent + wechat.sent] == ["7", "7", "open"]
    assert await notifier(hall, writer, now, wechat, telegram).look() == 0


async def test_a_platform_that_wants_time_is_tried_again_later(hall: Hall, writer: Writer) -> None:
    lecture = hall.lecture()
    register(hall, hall.member("张三"), lecture)
    now = START - timedelta(hours=20)
    phone = Phone("wechat", WritesFirst.KNOWN, RetryAt(now + timedelta(minutes=1)))
    await notifier(hall, writer, now, phone).look()
    await notifier(hall, writer, now + timedelta(seconds=59), phone).look()
    assert len(phone.sent) == 1
    await notifier(hall, writer, now + timedelta(seconds=61), phone).look()
    assert len(phone.sent) == 2


def full_register(hall: Hall) -> Register:
    database = hall.database
    holdings = [Attendees(database), Attendance(database), Certificates(database)]
    return Register(database, holdings, lambda: START, hall.new_id)


def test_a_person_on_two_channels_is_in_a_lecture_once_when_they_are_linked(hall: Hall) -> None:
    lecture = hall.lecture()
    one, two = hall.member("张三"), hall.member("张三丰")
    hall.scan(two, lecture, START)
    hall.scan(one, lecture, START + timedelta(minutes=1))
    full_register(hall).join(one, two)
    [made] = check_ins.of_lecture(hall.database, lecture.id)
    assert made.at == START, "the earlier of the two"
    assert len(people.participants(hall.database, lecture.id)) == 1


def test_erasure_takes_the_person_and_leaves_the_count(hall: Hall) -> None:
    lecture, other = hall.lecture(), hall.lecture(capacity=1)
    who = hall.member("张三", "物理学院")
    hall.scan(who, lecture)
    register(hall, who, other)
    members = full_register(hall)
    exported = members.export(who)
    assert exported["attendee"] == [{"name": "张三", "unit": "物理学院", "number": ""}]
    assert len(exported["attendance"]) == 2
    members.erase(who)
    assert check_ins.count(hall.database, lecture.id) == 1
    assert people.participants(hall.database, other.id) == [], "the seat is free again"
    tables = [
        row["name"] for row in hall.database.query("SELECT name FROM sqlite_master WHERE type = 'table'")
    ]
    for table in tables:
        assert "张三" not in str(hall.database.query(f"SELECT * FROM {table}")), table


def test_what_a_lectures_time_of_keeping_is_over_for_is_nobodys(hall: Hall) -> None:
    short, long = hall.lecture(keep_days=30), hall.lecture(keep_days=60)
    once, twice = hall.member("张三"), hall.member("李四")
    hall.scan(once, short)
    hall.scan(twice, short)
    hall.scan(twice, long)
    end = short.schedule.ends_at
    assert forget_old(hall.database, end + timedelta(days=30, seconds=-1)) == 0
    assert forget_old(hall.database, end + timedelta(days=30)) == 1
    assert check_ins.count(hall.database, short.id) == 2
    assert [p.name for p in people.participants(hall.database, short.id)] == ["", ""]
    assert [row["name"] for row in hall.database.query("SELECT name FROM attendee")] == ["李四"]
    assert [p.state for p in people.participants(hall.database, long.id)] == [State.REGISTERED]
