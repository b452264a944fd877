"""The limits: who is let in, who is told, and how quiet the bot is towards whoever goes on."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from bot.channels.model import Refused, Reply, Update, UpdateKind
from bot.limits import MEMBERS, QUIET, Gate, Limits

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
SILENCE = "silence"


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gate(clock: Clock) -> Callable[..., Gate]:
    def made(per_minute: int = 20, waiting: int = 1000, per_second: int = 1000) -> Gate:
        return Gate(Limits(per_minute, waiting, per_second), lambda _, key, wait: f"{key} {wait}", clock)

    return made


def update(member: str = "m1", kind: UpdateKind = UpdateKind.TEXT, wants_reply: bool = True) -> Update:
    return Update("telegram", member, member, "1", kind, NOON, "谁负责？", wants_reply=wants_reply)


def told(gate: Gate, asked: Update) -> str:
    """What the member is told: "" if let in."""
    try:
        gate.enter(asked)
    except Refused as refused:
        return refused.reply.text if refused.reply else SILENCE
    return ""


def test_a_member_may_ask_so_often_in_a_minute(gate: Callable[..., Gate]) -> None:
    made = gate(per_minute=20)
    assert [told(made, update()) for _ in range(20)] == [""] * 20
    assert told(made, update()) == "limits.too_fast 3"


def test_whoever_goes_on_is_told_once_a_minute_and_otherwise_met_with_silence(
    gate: Callable[..., Gate], clock: Clock
) -> None:
    made = gate(per_minute=1)
    made.enter(update())
    assert [told(made, update()) for _ in range(100)] == ["limits.too_fast 60", *[SILENCE] * 99]
    clock.seconds = QUIET - 1
    assert told(made, update()) == SILENCE
    clock.seconds = QUIET
    assert told(made, update()) == ""
    assert told(made, update()) == "limits.too_fast 60"


def test_one_members_flood_is_nobody_elses_business(gate: Callable[..., Gate]) -> None:
    made = gate(per_minute=1)
    made.enter(update("m1"))
    assert told(made, update("m1")) == "limits.too_fast 60"
    assert told(made, update("m2")) == ""


def test_a_member_has_only_so_many_questions_under_way(gate: Callable[..., Gate]) -> None:
    made = gate(waiting=2)
    first, second = update(), update()
    made.enter(first)
    made.enter(second)
    assert told(made, update()) == "limits.too_many 0"
    made.leave(first)
    assert told(made, update()) == ""


def test_all_together_may_ask_so_often_in_a_second(gate: Callable[..., Gate], clock: Clock) -> None:
    made = gate(per_second=2)
    assert [told(made, update(f"m{n}")) for n in range(4)] == [""] * 4  # twice as many at once
    assert told(made, update("late")) == "limits.busy 1"
    clock.seconds = 1.0
    assert told(made, update("later")) == ""


def test_a_flood_of_one_member_takes_nothing_from_what_all_may_ask(gate: Callable[..., Gate]) -> None:
    made = gate(per_minute=1, per_second=2)
    for _ in range(100):
        told(made, update("flood"))
    assert [told(made, update(f"m{n}")) for n in range(3)] == [""] * 3


@pytest.mark.parametrize("kind", [UpdateKind.FOLLOW, UpdateKind.UNFOLLOW])
def test_coming_and_leaving_are_never_refused(gate: Callable[..., Gate], kind: UpdateKind) -> None:
    made = gate(per_minute=1, waiting=1, per_second=1)
    for _ in range(10):
        assert told(made, update(kind=kind)) == ""


def test_nobody_is_told_where_nobody_waits(gate: Callable[..., Gate]) -> None:
    made = gate(per_minute=1)
    made.enter(update())
    assert told(made, update(kind=UpdateKind.LOCATION, wants_reply=False)) == SILENCE
    assert told(made, update()) == "limits.too_fast 60"


def test_what_is_remembered_of_members_is_bounded(gate: Callable[..., Gate]) -> None:
    made = gate(per_second=10 * MEMBERS)
    for n in range(2 * MEMBERS):
        asked = update(f"m{n}")
        made.enter(asked)
        made.leave(asked)
    assert sum(len(table) for table in vars(made).values() if isinstance(table, dict)) <= MEMBERS


def test_the_sentence_is_a_whole_reply(gate: Callable[..., Gate]) -> None:
    made = gate(per_minute=1)
    made.enter(update())
    with pytest.raises(Refused) as refused:
        made.enter(update())
    assert refused.value.reply == Reply("limits.too_fast 60")
