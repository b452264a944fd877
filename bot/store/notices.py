"""The notices of the collection as they were ingested, newest first.

`version` grows with every change, so that a running server sees that `cewen ingest` was here.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

from bot.store.database import Database, Value


@dataclass(frozen=True, slots=True)
class StoredNotice:
    """A notice as it is kept. `date` is ISO, or "" where none was found; `added_at` is ISO in UTC.

    `passages` counts them; `tree` is the document tree as JSON, which the store doesn't look into.
    """

    id: str
    path: str
    content_hash: str
    doc_number: str
    title: str
    issuer: str
    date: str
    passages: int
    tree: str
    added_at: str


_NAMES = [field.name for field in fields(StoredNotice)]
_SELECT = f"SELECT {', '.join(_NAMES)} FROM notice"  # noqa: S608 - our own field names
_INSERT = f"INSERT INTO notice ({', '.join(_NAMES)}) VALUES ({', '.join(':' + name for name in _NAMES)})"  # noqa: S608


class NoticeTable:
    """The table of notices; each call is a transaction of its own, or part of the one it is called in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, notice: StoredNotice) -> None:
        """Adds the notice in place of the one with its id and of the one that came from its path, if any."""
        values = asdict(notice)
        with self._database.transaction():
            self._database.execute("DELETE FROM notice WHERE id = :id OR path = :path", values)
            self._database.execute(_INSERT, values)
            self._advance()

    def remove(self, ids: Iterable[str]) -> set[str]:
        """Takes notices out; gives the ids that were there."""
        with self._database.transaction():
            removed = {
                id for id in ids if self._database.execute("DELETE FROM notice WHERE id = :id", {"id": id})
            }
            if removed:
                self._advance()
        return removed

    def in_file(self, path: str, inside: str) -> list[StoredNotice]:
        """The notices that were ingested from the file at `path`; those within it have `inside` behind it."""
        sql = f"{_SELECT} WHERE path = :path OR substr(path, 1, :length) = :within"
        within = f"{path}{inside}"
        return [
            _notice(row)
            for row in self._database.query(sql, {"path": path, "within": within, "length": len(within)})
        ]

    def all(self) -> list[StoredNotice]:
        """Every notice, newest date first, undated ones last, then by id."""
        return [_notice(row) for row in self._database.query(f"{_SELECT} ORDER BY date DESC, id")]

    def version(self) -> int:
        """A number that is larger after every change, whichever process made it."""
        return int(self._database.query("SELECT version FROM notice_version")[0]["version"] or 0)

    def _advance(self) -> None:
        self._database.execute("UPDATE notice_version SET version = version + 1")


def _notice(row: dict[str, Value]) -> StoredNotice:
    return StoredNotice(**row)  # type: ignore[arg-type]  # the columns are NOT NULL and typed by the migration
