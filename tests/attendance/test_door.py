"""Checking in: what a member is told, at which second, and that nobody is counted twice."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lecture_hall import START, Hall

from bot.attendance import check_ins, lectures, people
from bot.attendance.model import (
    Admits,
    Area,
    Attempt,
    Means,
    Origin,
    Participant,
    Purpose,
    State,
    usual_schedule,
)
from bot.attendance.outcomes import (
    Answered,
    CheckedIn,
    CheckedInAlready,
    CheckedOut,
    CheckedOutAlready,
    Closed,
    CodeExpired,
    Full,
    LectureCancelled,
    LocationNeeded,
    NameNeeded,
    NameTaken,
    NoCheckOut,
    NoRollCall,
    NotCheckedIn,
    NotRegistered,
    NumberNeeded,
    TooEarly,
    TooFar,
)
from bot.attendance.registering import cancel
from bot.members.model import Identity
from bot.store.database import Database

SECOND = timedelta(seconds=1)


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    with Database.open(tmp_path / "cewen.sqlite3") as database:
        yield Hall(database)


def on_roster(
    hall: Hall, lecture_id: str, name: str, unit: str = "", number: str = "", phone: str = ""
) -> None:
    line = Participant(
        hall.new_id(), lecture_id, None, name, unit, number, phone, State.REGISTERED, Origin.ROSTER, START
    )
    assert people.enter(hall.database, line, None)


def test_a_member_checks_in_and_is_told_the_time_and_the_place(hall: Hall) -> None:
    lecture = hall.lecture()
    for name in ("张三", "李四"):
        hall.scan(hall.member(name), lecture)
    at = START + timedelta(minutes=2)
    outcome = hall.scan(hall.member("王五"), lecture, at)
    assert outcome == CheckedIn(lecture, "王五", 3, at, is_late=False)


def test_scanning_again_tells_when_it_was_and_counts_once(hall: Hall) -> None:
    lecture, who = hall.lecture(), hall.member("张三")
    hall.scan(who, lecture)
    later = START + timedelta(hours=5)
    assert hall.scan(who, lecture, later, START) == CheckedInAlready(lecture, 1, START)
    assert check_ins.count(hall.database, lecture.id) == 1


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (START - timedelta(minutes=30) - SECOND, TooEarly),
        (START - timedelta(minutes=30), "on time"),
        (START + timedelta(minutes=10), "on time"),
        (START + timedelta(minutes=10, microseconds=999_999), "on time"),
        (START + timedelta(minutes=10) + SECOND, "late"),
        (START + timedelta(hours=2), "late"),
        (START + timedelta(hours=2, microseconds=999_999), "late"),
        (START + timedelta(hours=2) + SECOND, Closed),
    ],
)
def test_the_very_second_of_a_window_still_counts(hall: Hall, at: datetime, expected: object) -> None:
    outcome = hall.scan(hall.member("张三"), hall.lecture(), at)
    if isinstance(outcome, CheckedIn):
        assert ("late" if outcome.is_late else "on time") == expected
    else:
        assert type(outcome) is expected


@pytest.mark.parametrize(
    "start",
    [
        datetime(2026, 5, 9, 15, 50, tzinfo=UTC),  # 23:50 in Shanghai, over midnight there
        datetime(2026, 5, 9, 23, 50, tzinfo=UTC),  # over midnight in UTC
        datetime(2026, 12, 31, 15, 50, tzinfo=UTC),  # over the year's end in Shanghai
        datetime(2026, 12, 31, 23, 50, tzinfo=UTC),
    ],
)
def test_midnight_and_the_years_end_are_seconds_like_others(hall: Hall, start: datetime) -> None:
    lecture = hall.lecture(start)
    at = start + timedelta(minutes=10)
    outcome = hall.scan(hall.member("张三"), lecture, at, at - timedelta(seconds=10))
    assert outcome == CheckedIn(lecture, "张三", 1, at, is_late=False)


def test_a_server_whose_clock_is_two_minutes_off_takes_its_own_codes(hall: Hall) -> None:
    lecture = hall.lecture()
    for name, drift in (("张三", -120), ("李四", 120)):
        moment = START + timedelta(minutes=5, seconds=drift)
        assert isinstance(hall.scan(hall.member(name), lecture, moment), CheckedIn)


def test_a_code_of_a_server_two_minutes_behind_is_refused(hall: Hall) -> None:
    lecture, at = hall.lecture(), START + timedelta(minutes=5)
    for drift in (-120, 120):
        outcome = hall.scan(hall.member("张三"), lecture, at, at + timedelta(seconds=drift))
        assert outcome == CodeExpired(lecture)


def test_a_code_holds_for_its_turn_and_one_more(hall: Hall) -> None:
    lecture = hall.lecture(rotation=15)
    shown = START
    assert isinstance(hall.scan(hall.member("甲"), lecture, shown + timedelta(seconds=29), shown), CheckedIn)
    outcome = hall.scan(hall.member("乙"), lecture, shown + timedelta(seconds=30), shown)
    assert outcome == CodeExpired(lecture)


def test_a_code_seen_yesterday_is_refused(hall: Hall) -> None:
    lecture = hall.lecture()
    outcome = hall.scan(hall.member("张三"), lecture, START, START - timedelta(days=1))
    assert outcome == CodeExpired(lecture)


def test_a_cancelled_lecture_says_so(hall: Hall) -> None:
    lecture = cancel(hall.database, hall.lecture())
    assert hall.scan(hall.member("张三"), lecture) == LectureCancelled(lecture)


def test_a_first_time_member_gives_a_name_once_and_the_scan_counts(hall: Hall) -> None:
    lecture, who = hall.lecture(), Identity("wechat", "new")
    assert hall.scan(who, lecture) == NameNeeded(lecture, START)
    later = START + timedelta(minutes=20)
    kept = check_ins.kept_attempt(hall.database, who, later)
    assert kept is not None
    hall.door.introduce(hall.database, who, "张三", "物理学院")
    outcome = hall.door.attend(hall.database, who, kept[0])
    assert outcome == CheckedIn(lecture, "张三", 1, START, is_late=False)
    assert check_ins.kept_attempt(hall.database, who, later) is None


def test_a_kept_attempt_is_forgotten_after_half_an_hour(hall: Hall) -> None:
    lecture, who = hall.lecture(), Identity("wechat", "new")
    hall.scan(who, lecture)
    assert check_ins.kept_attempt(hall.database, who, START + timedelta(minutes=30)) is None


def test_who_is_not_registered_is_sent_to_the_staff_where_one_has_to_be(hall: Hall) -> None:
    lecture = hall.lecture(admits=Admits.REGISTERED)
    on_roster(hall, lecture.id, "李四")
    assert hall.scan(hall.member("张三"), lecture) == NotRegistered(lecture, "张三")
    assert isinstance(hall.scan(hall.member("李四"), lecture), CheckedIn)


def test_a_second_account_under_a_name_that_is_there_is_told_so(hall: Hall) -> None:
    lecture = hall.lecture(admits=Admits.REGISTERED)
    on_roster(hall, lecture.id, "李四")
    hall.scan(hall.member("李四"), lecture)
    assert hall.scan(hall.member("李四"), lecture) == NameTaken(lecture, "李四")


def test_two_of_one_name_are_told_apart_by_their_units(hall: Hall) -> None:
    lecture = hall.lecture(admits=Admits.REGISTERED)
    on_roster(hall, lecture.id, "王伟", "云州大学物理学院")
    on_roster(hall, lecture.id, "王伟", "云州大学化学学院")
    who = hall.member("王伟", "化学学院")
    assert isinstance(hall.scan(who, lecture), CheckedIn)
    claimed = [p.unit for p in people.participants(hall.database, lecture.id) if p.member_id]
    assert claimed == ["云州大学化学学院"]


def test_two_of_one_name_and_unit_are_asked_for_a_number(hall: Hall) -> None:
    lecture = hall.lecture(admits=Admits.REGISTERED)
    on_roster(hall, lecture.id, "王伟", "物理学院", number="A01", phone="1234")
    on_roster(hall, lecture.id, "王伟", "物理学院", number="A02", phone="5678")
    who = hall.member("王伟", "物理学院")
    assert hall.scan(who, lecture) == NumberNeeded(lecture, "王伟", 2)
    kept = check_ins.kept_attempt(hall.database, who, START)
    assert kept is not None
    assert isinstance(hall.door.attend(hall.database, who, kept[0], hint="9999"), NumberNeeded)
    assert isinstance(hall.door.attend(hall.database, who, kept[0], hint="5678"), CheckedIn)
    claimed = [p.number for p in people.participants(hall.database, lecture.id) if p.member_id]
    assert claimed == ["A02"]


def test_a_hall_is_full_for_walk_ins_but_not_for_the_registered(hall: Hall) -> None:
    lecture = hall.lecture(capacity=2)
    registered = hall.member("张三")
    hall.registration.register(hall.database, registered, lecture.id, START - timedelta(days=1))
    assert isinstance(hall.scan(hall.member("李四"), lecture), CheckedIn)
    assert hall.scan(hall.member("王五"), lecture) == Full(lecture)
    assert isinstance(hall.scan(registered, lecture), CheckedIn)


def test_checking_out_counts_the_minutes_of_the_lecture(hall: Hall) -> None:
    lecture, who = hall.lecture(check_out=True), hall.member("张三")
    hall.scan(who, lecture, START - timedelta(minutes=20))
    end = START + timedelta(hours=2)
    out = end - timedelta(minutes=10)
    assert isinstance(hall.scan(who, lecture, out - SECOND, purpose=Purpose.CHECK_OUT), NoCheckOut)
    assert hall.scan(who, lecture, out, purpose=Purpose.CHECK_OUT) == CheckedOut(lecture, out, 110)
    assert hall.scan(who, lecture, end, purpose=Purpose.CHECK_OUT) == CheckedOutAlready(lecture, out)
    other = hall.member("李四")
    assert hall.scan(other, lecture, end, purpose=Purpose.CHECK_OUT) == NotCheckedIn(lecture)


def test_a_second_roll_call_is_answered_by_those_who_are_there(hall: Hall) -> None:
    lecture, who, at = hall.lecture(), hall.member("张三"), START + timedelta(minutes=50)
    hall.scan(who, lecture)
    assert hall.scan(who, lecture, at, purpose=Purpose.ROLL_CALL) == NoRollCall(lecture)
    hall.database.execute(
        "INSERT INTO roll_call (id, lecture_id, opened_at) VALUES ('r', :lecture, :at)",
        {"lecture": lecture.id, "at": at.isoformat()},
    )
    assert hall.scan(who, lecture, at, purpose=Purpose.ROLL_CALL) == Answered(lecture, again=False)
    assert hall.scan(who, lecture, at, purpose=Purpose.ROLL_CALL) == Answered(lecture, again=True)
    stranger = hall.member("李四")
    assert hall.scan(stranger, lecture, at, purpose=Purpose.ROLL_CALL) == NotCheckedIn(lecture)


def test_a_place_is_asked_for_used_and_not_kept(hall: Hall) -> None:
    lecture = hall.lecture(area=Area(29.5630, 106.5516, 300))
    who = hall.member("张三")
    assert hall.scan(who, lecture) == LocationNeeded(lecture)
    kept = check_ins.kept_attempt(hall.database, who, START)
    assert kept is not None
    far = hall.door.arrive(hall.database, who, kept[0], (29.5730, 106.5516))
    assert far == TooFar(lecture, 1112)
    assert isinstance(hall.door.arrive(hall.database, who, kept[0], (29.5640, 106.5516)), CheckedIn)
    dump = "\n".join(str(row) for row in hall.database.query("SELECT * FROM check_in"))
    assert "29.56" not in dump
    assert hall.database.query("SELECT * FROM attendance_attempt") == []


def test_the_printed_code_holds_only_when_staff_have_let_it(hall: Hall) -> None:
    lecture = hall.lecture()
    assert hall.scan(hall.member("张三"), lecture, purpose=Purpose.PAPER) == CodeExpired(lecture)
    printed = hall.lecture(paper=True)
    assert isinstance(hall.scan(hall.member("李四"), printed, purpose=Purpose.PAPER), CheckedIn)
    late = START + timedelta(hours=3)
    assert isinstance(hall.scan(hall.member("王五"), printed, late, purpose=Purpose.PAPER), Closed)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"title": " "}, "标题"),
        ({"schedule": usual_schedule(START, START)}, "结束时间"),
        ({"capacity": 0}, "名额"),
        ({"rotation": 4}, "间隔"),
        ({"keep_days": 0}, "保存天数"),
        ({"title": "长" * 201}, "200"),
    ],
)
def test_a_lecture_that_cannot_be_is_refused_with_what_to_do(
    hall: Hall, changes: dict[str, object], named: str
) -> None:
    with pytest.raises(lectures.LectureUnusable, match=named):
        hall.lecture(**changes)


def test_a_staff_attempt_needs_no_code(hall: Hall) -> None:
    lecture, who = hall.lecture(), hall.member("张三")
    attempt = Attempt(lecture.id, Purpose.CHECK_IN, START, Means.STAFF)
    assert isinstance(hall.door.attend(hall.database, who, attempt), CheckedIn)
