"""Signing keys: made once, the same ever after, another for each purpose."""

from datetime import UTC, datetime
from pathlib import Path

from bot.store.database import Database
from bot.store.keys import signing_key

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


def test_a_key_is_made_once_and_outlives_the_process(tmp_path: Path) -> None:
    with Database.open(tmp_path / "cewen.sqlite3") as database:
        key = signing_key(database, "buttons", NOON)
    with Database.open(tmp_path / "cewen.sqlite3") as database:
        assert signing_key(database, "buttons", NOON) == key
    assert len(key) == 32


def test_each_purpose_and_each_home_has_a_key_of_its_own(tmp_path: Path) -> None:
    with Database.open(tmp_path / "a.sqlite3") as one, Database.open(tmp_path / "b.sqlite3") as other:
        keys = {
            signing_key(one, "buttons", NOON),
            signing_key(one, "codes", NOON),
            signing_key(other, "buttons", NOON),
        }
    assert len(keys) == 3
