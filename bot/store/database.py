"""The store: one SQLite file, asked in SQL, written in short transactions.

A Database belongs to the thread that opened it (the driver refuses any other): the server calls it straight
from its event loop, where an operation takes microseconds. Never await inside a transaction: all tasks share
the one connection.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlite_utils

from bot.store.connection import clear_errors, connect, file_trouble, immediate, sqlite3
from bot.store.schema import migrate

Value = str | int | float | bytes | None


class Database:
    """An open store. Whoever opens it closes it; it is its own context manager."""

    def __init__(self, path: Path, sqlite: sqlite_utils.Database) -> None:
        self.path = path
        self._sqlite = sqlite

    @classmethod
    def open(cls, path: Path, wait: float = 5.0) -> Self:
        """Opens the file, creates it or brings its schema up to date.

        `wait` is how many seconds a write waits for another process's. Raises DatabaseUnusable if the file is
        damaged, locked or out of reach, DatabaseTooNew if a newer Cewen made it.
        """
        sqlite = connect(path, wait)
        try:
            with clear_errors(path):
                migrate(sqlite)
        except BaseException:
            sqlite.close()
            raise
        return cls(path, sqlite)

    def close(self) -> None:
        self._sqlite.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: commits at the end of the block, rolls back on any exception; may be nested.

        Raises DatabaseUnusable if another process keeps writing for longer than the wait given to `open`.
        """
        with clear_errors(self.path), immediate(self._sqlite):
            yield

    def query(self, sql: str, values: Mapping[str, Value] | None = None) -> list[dict[str, Value]]:
        """The rows of a SELECT; `values` fill its :names. Raises DatabaseUnusable."""
        try:  # straight to the driver: on the path of updates a detour counts
            cursor = self._sqlite.conn.execute(sql, values or {})
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]
        except sqlite3.DatabaseError as error:
            if trouble := file_trouble(self.path, error):
                raise trouble from error
            raise

    def execute(self, sql: str, values: Mapping[str, Value] | None = None) -> int:
        """Runs one statement that writes; gives the number of rows it touched. Raises DatabaseUnusable."""
        try:
            return int(self._sqlite.conn.execute(sql, values or {}).rowcount)
        except sqlite3.DatabaseError as error:
            if trouble := file_trouble(self.path, error):
                raise trouble from error
            raise

    def execute_many(self, sql: str, rows: Sequence[Mapping[str, Value]]) -> None:
        """Runs one statement that writes with each of the rows. Raises DatabaseUnusable."""
        with clear_errors(self.path):
            self._sqlite.conn.executemany(sql, rows)


def utc_text(moment: datetime) -> str:
    """A moment as the store keeps it: ISO 8601 in UTC, always equally long, so that text order is time order.

    Raises ValueError for a datetime without a time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    in_utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return in_utc.isoformat(timespec="microseconds")
