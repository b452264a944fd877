"""The schema grows by numbered SQL files, each applied once, in order, in a transaction of its own.

The files are in the common subset of SQLite and PostgreSQL. The table `migration` says which were applied; a
name in it without a file means that a newer Cewen has been here, and then this one keeps its hands off.
"""

from datetime import UTC, datetime
from pathlib import Path

import sqlite_utils

from bot.store.connection import DatabaseUnusable, immediate

MIGRATIONS = Path(__file__).parent / "migrations"


class DatabaseTooNew(DatabaseUnusable):
    """The database was made by a newer Cewen."""


def migrate(database: sqlite_utils.Database, folder: Path = MIGRATIONS) -> None:
    """Applies the files of `folder` that were not applied yet; one that fails leaves no trace.

    Raises DatabaseTooNew, and whatever SQLite says about a wrong file.
    """
    files = sorted(folder.glob("*.sql"))
    applied = _applied(database)
    unknown = sorted(applied - {file.stem for file in files})
    if unknown:
        raise DatabaseTooNew(f"数据库由更新版本的策问建立（{unknown[-1]}），本版本不能打开；请升级 cewen。")
    for file in files:
        if file.stem not in applied:
            _apply(database, file)


def _applied(database: sqlite_utils.Database) -> set[str]:
    if not database.table("migration").exists():
        return set()
    return {str(row["name"]) for row in database.query("SELECT name FROM migration")}


def _apply(database: sqlite_utils.Database, file: Path) -> None:
    with immediate(database):
        database.execute(
            "CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL)"
        )
        if file.stem in _applied(database):  # another process was quicker while this one waited for the lock
            return
        database.executescript(file.read_text(encoding="utf-8"))
        database.execute(
            "INSERT INTO migration (name, applied_at) VALUES (?, ?)",
            (file.stem, datetime.now(UTC).isoformat(timespec="seconds")),
        )
