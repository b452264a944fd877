"""What a Telegram button carries, for how long, and what of it is believed when it comes back."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.telegram.buttons import LIFETIME, MAX_DATA, Buttons, LongTexts, Pressed
from bot.store.database import Database

KEY = b"k" * 32
CHAT = "7000000001"
LONG = Pressed(text="科普短视频征集活动的报名截止日期是哪一天，材料发到哪个邮箱？")


@dataclass
class Clock:
    now: datetime = datetime(2024, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path / "cewen.sqlite3") as database:
        yield database


@pytest.fixture
def buttons(database: Database, clock: Clock) -> Buttons:
    return Buttons(KEY, LongTexts(database), clock)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(min_size=1))
def test_any_text_fits_telegrams_64_bytes_and_comes_back_whole(buttons: Buttons, text: str) -> None:
    data = buttons.data(CHAT, Pressed(text=text))
    assert 1 <= len(data.encode()) <= MAX_DATA
    assert buttons.read(CHAT, data) == Pressed(text=text)


def test_a_payload_comes_back_as_one(buttons: Buttons) -> None:
    assert buttons.read(CHAT, buttons.data(CHAT, Pressed(payload="fb:A7K3Q:+"))) == Pressed(
        payload="fb:A7K3Q:+"
    )


def test_a_payload_that_is_too_long_is_a_mistake_of_ours(buttons: Buttons) -> None:
    buttons.data(CHAT, Pressed(payload="x" * 47))
    with pytest.raises(ValueError, match="47 bytes"):
        buttons.data(CHAT, Pressed(payload="x" * 48))


@pytest.mark.parametrize("pressed", [Pressed(text="更多"), LONG])
def test_a_button_outlives_a_restart(
    buttons: Buttons, database: Database, clock: Clock, pressed: Pressed
) -> None:
    data = buttons.data(CHAT, pressed)
    assert Buttons(KEY, LongTexts(database), clock).read(CHAT, data) == pressed


@pytest.mark.parametrize("pressed", [Pressed(text="更多"), LONG])
def test_a_button_expires(buttons: Buttons, clock: Clock, pressed: Pressed) -> None:
    data = buttons.data(CHAT, pressed)
    clock.now += LIFETIME - timedelta(minutes=1)
    assert buttons.read(CHAT, data) == pressed
    clock.now += timedelta(minutes=1)
    assert buttons.read(CHAT, data) is None


def test_a_long_text_is_kept_while_any_button_with_it_lives_and_no_longer(
    buttons: Buttons, database: Database, clock: Clock
) -> None:
    buttons.data(CHAT, LONG)
    clock.now += LIFETIME / 2
    later = buttons.data(CHAT, LONG)
    clock.now += LIFETIME / 2
    buttons.data(CHAT, Pressed(text="另" * 20))
    assert buttons.read(CHAT, later) == LONG
    clock.now += LIFETIME / 2
    buttons.data(CHAT, Pressed(text="第" * 20))
    assert LONG.text not in str(database.query("SELECT text FROM telegram_button"))


def test_a_button_of_another_chat_or_signed_by_another_key_is_refused(
    buttons: Buttons, database: Database, clock: Clock
) -> None:
    data = buttons.data(CHAT, Pressed(text="更多"))
    assert buttons.read("7000000002", data) is None
    assert Buttons(b"x" * 32, LongTexts(database), clock).read(CHAT, data) is None


def test_an_altered_button_is_refused_wherever_it_is_altered(buttons: Buttons) -> None:
    data = buttons.data(CHAT, Pressed(payload="fb:A7K3Q:+"))
    for at, character in enumerate(data):
        altered = data[:at] + ("A" if character != "A" else "B") + data[at + 1 :]
        assert buttons.read(CHAT, altered) is None


def test_a_later_expiry_can_not_be_written_in(buttons: Buttons, clock: Clock) -> None:
    data = buttons.data(CHAT, Pressed(text="更多"))
    seal = base64.urlsafe_b64decode(data[:16])
    extended = base64.urlsafe_b64encode(b"\xff" * 4 + seal[4:]).decode() + data[16:]
    clock.now += LIFETIME
    assert buttons.read(CHAT, extended) is None


@given(data=st.text(max_size=64))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_we_have_not_made_is_refused(buttons: Buttons, data: str) -> None:
    assert buttons.read(CHAT, data) is None
