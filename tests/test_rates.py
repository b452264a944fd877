"""The token buckets: what they allow, when they refill, and whom they forget."""

import pytest

from bot.rates import RateLimit


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_burst_is_allowed_and_then_the_wait_is_told(clock: Clock) -> None:
    rates = RateLimit(per_second=5, burst=20, clock=clock)
    assert [rates.take("a") for _ in range(20)] == [0.0] * 20
    assert rates.take("a") == pytest.approx(0.2)


def test_a_refused_request_does_not_lengthen_the_wait(clock: Clock) -> None:
    rates = RateLimit(per_second=5, burst=1, clock=clock)
    rates.take("a")
    assert rates.take("a") == rates.take("a") == pytest.approx(0.2)


def test_tokens_come_back_steadily_and_no_more_than_a_burst(clock: Clock) -> None:
    rates = RateLimit(per_second=4, burst=2, clock=clock)
    assert [rates.take("a") for _ in range(2)] == [0.0, 0.0]
    clock.seconds = 0.25
    assert rates.take("a") == 0.0
    assert rates.take("a") > 0.0
    clock.seconds = 3600.0
    assert [bool(rates.take("a")) for _ in range(3)] == [False, False, True]


def test_one_client_does_not_use_up_anothers_tokens(clock: Clock) -> None:
    rates = RateLimit(burst=1, clock=clock)
    assert [rates.take("a"), rates.take("b")] == [0.0, 0.0]
    assert rates.take("a") > 0.0


def test_the_table_is_bounded_and_forgets_whoever_was_away_longest(clock: Clock) -> None:
    rates = RateLimit(burst=1, clients=2, clock=clock)
    rates.take("a")
    rates.take("b")
    rates.take("a")
    rates.take("c")  # forgets b
    assert rates.take("a") > 0.0
    assert rates.take("b") == 0.0
