"""Codes: what they carry, and that nothing else is taken for one. The million is in tests/bench."""

import random
import re
import string
from datetime import timedelta

import pytest
from lecture_hall import KEY, START

from bot.attendance.codes import Codes, Sighting, is_fresh, turn_start
from bot.attendance.flags import Flag, flags
from bot.attendance.model import CheckIn, Lecture, Means, Purpose, usual_schedule

LECTURE = Lecture("l", 7, "讲座", usual_schedule(START, START + timedelta(hours=2)))
CODES = Codes(KEY)


@pytest.mark.parametrize("purpose", Purpose)
def test_a_payload_serves_a_scene_a_start_link_and_a_web_link(purpose: Purpose) -> None:
    payload = CODES.payload(LECTURE, purpose, START)
    assert re.fullmatch(r"[A-Za-z0-9_-]{28}", payload)
    shown = None if purpose in (Purpose.PAPER, Purpose.REGISTER) else START
    assert CODES.read(payload) == Sighting(7, purpose, shown)


def test_every_character_counts() -> None:
    payload = CODES.payload(LECTURE, Purpose.CHECK_IN, START)
    alphabet = string.ascii_letters + string.digits + "-_"
    for place, right in enumerate(payload):
        for other in alphabet.replace(right, ""):
            assert CODES.read(payload[:place] + other + payload[place + 1 :]) is None


@pytest.mark.parametrize(
    "wrong", ["", "A" * 27, "A" * 29, "A" * 28, "签" * 28, "A" * 27 + "=", "A" * 27 + "\n", "+" * 28]
)
def test_what_has_another_form_is_no_code(wrong: str) -> None:
    assert CODES.read(wrong) is None


def test_random_payloads_are_none() -> None:
    chance = random.Random(6)  # noqa: S311
    alphabet = string.ascii_letters + string.digits + "-_"
    assert not any(CODES.read("".join(chance.choices(alphabet, k=28))) for _ in range(20_000))


def test_a_code_lives_for_two_turns_and_one_ahead() -> None:
    shown = turn_start(START, 15)
    ages = [age for age in range(-40, 60) if is_fresh(LECTURE, shown, shown + timedelta(seconds=age))]
    assert ages == list(range(-15, 30))


def test_digits_of_another_lecture_purpose_or_time_are_not_taken() -> None:
    digits = CODES.number(LECTURE, Purpose.CHECK_IN, START)
    assert CODES.sight(LECTURE, Purpose.CHECK_IN, digits, START) == Sighting(7, Purpose.CHECK_IN, START)
    other = Lecture("m", 8, "另一场", LECTURE.schedule)
    assert CODES.sight(other, Purpose.CHECK_IN, digits, START) is None
    assert CODES.sight(LECTURE, Purpose.CHECK_OUT, digits, START) is None
    assert CODES.sight(LECTURE, Purpose.CHECK_IN, digits, START + timedelta(minutes=2)) is None
    assert len(CODES.number(LECTURE, Purpose.PAPER, START)) == 8


def scanned(who: str, shown: int, age: float, means: Means = Means.CODE, device: str = "") -> CheckIn:
    code_at = START + timedelta(seconds=shown)
    return CheckIn(who, 1, code_at + timedelta(seconds=age), False, means, code_at, device, None)


def test_a_rush_at_the_door_is_not_flagged() -> None:
    made = [scanned(f"p{n}", 15 * (n // 60), n % 15) for n in range(480)]
    assert flags(LECTURE, made) == {}


def test_a_code_used_after_it_left_the_screen_is_flagged_and_many_are_a_burst() -> None:
    rush = [scanned(f"p{n}", 15 * (n // 30), n % 15) for n in range(240)]
    slow = [scanned("slow", 15, 16)]
    friends = [scanned(f"f{n}", 60, 20 + n) for n in range(6)]
    found = flags(LECTURE, [*rush, *slow, *friends])
    assert found["slow"] == (Flag.OLD_CODE,)
    assert found["f0"] == (Flag.OLD_CODE, Flag.BURST)
    assert found["f5"] == (Flag.OLD_CODE, Flag.BURST)


def test_many_on_one_code_in_a_quiet_time_are_flagged() -> None:
    rush = [scanned(f"p{n}", 15 * (n // 30), n % 15) for n in range(240)]
    friends = [scanned(f"f{n}", 1800, 2 + n) for n in range(5)]
    found = flags(LECTURE, [*rush, *friends])
    assert found.keys() == {f"f{n}" for n in range(5)}


def test_one_browser_for_several_people_is_flagged() -> None:
    made = [scanned(f"p{n}", 15 * n, 3, Means.WEB, device) for n, device in enumerate(["a", "a", "b"])]
    assert flags(LECTURE, made) == {"p0": (Flag.SHARED_DEVICE,), "p1": (Flag.SHARED_DEVICE,)}
