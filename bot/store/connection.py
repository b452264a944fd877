"""A connection to the SQLite file that loses nothing it has acknowledged, and says clearly what is wrong.

WAL with synchronous=FULL survives a power cut. Transactions begin IMMEDIATE: a deferred one that reads and
then writes beside another writer fails at once with SQLITE_BUSY_SNAPSHOT, time-out or not.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlite_utils
from sqlite_utils.utils import sqlite3 as sqlite3  # type: ignore[attr-defined]  # pysqlite3, where it is installed

from corpus.errors import CewenError

SAFE_SQLITE = (3, 51, 3)
"""The first SQLite without the WAL-reset corruption (sqlite.org/wal.html#walresetbug)."""


class DatabaseUnusable(CewenError):
    """The database is damaged, locked, on a full disk, out of reach, or made by a newer program."""


def connect(path: Path, wait: float) -> sqlite_utils.Database:
    """Opens `path`, creating it and its folder; `wait` is how many seconds to wait for another writer.

    The driver refuses the connection to any thread but the one that opened it. Raises DatabaseUnusable.
    """
    require_safe_sqlite(sqlite3.sqlite_version_info)
    _create_private(path)
    with clear_errors(path):
        connection = sqlite3.connect(str(path), timeout=wait, isolation_level=None)
        try:
            database = sqlite_utils.Database(connection, execute_plugins=False)
            database.execute("PRAGMA foreign_keys = ON")
            database.execute("PRAGMA synchronous = FULL")
            database.enable_wal()
        except BaseException:
            connection.close()
            raise
    return database


def require_safe_sqlite(version: tuple[int, ...]) -> None:
    """Raises DatabaseUnusable for an SQLite that can corrupt a database in WAL mode."""
    if version < SAFE_SQLITE:
        found, safe = (".".join(map(str, v)) for v in (version, SAFE_SQLITE))
        raise DatabaseUnusable(
            f"SQLite {found} 可能损坏数据库，需要 {safe} 或更新的版本；请运行 pip install pysqlite3。"
        )


@contextmanager
def immediate(database: sqlite_utils.Database) -> Iterator[None]:
    """A transaction that holds the write lock from its first moment; inside another, a savepoint of it."""
    if database.conn.in_transaction:
        with database.atomic():
            yield
        return
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.commit()
    except BaseException:
        database.rollback()
        raise


@contextmanager
def clear_errors(path: Path) -> Iterator[None]:
    """Turns what is wrong with the file into DatabaseUnusable; wrong SQL and broken constraints pass."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if trouble := file_trouble(path, error):
            raise trouble from error
        raise


def file_trouble(path: Path, error: Exception) -> DatabaseUnusable | None:
    """What is wrong with the file; None where it is well and the statement is at fault."""
    # the low byte is the primary code, the rest says where it came from (sqlite.org/rescode.html)
    reason = _REASONS.get((getattr(error, "sqlite_errorcode", None) or 0) & 0xFF)
    return None if reason is None else DatabaseUnusable(f"数据库 {path} {reason}（{error}）。")


_REASONS = {
    sqlite3.SQLITE_BUSY: "正被另一个程序占用，请稍后再试，或先结束那个程序",
    sqlite3.SQLITE_LOCKED: "正被另一个程序占用，请稍后再试，或先结束那个程序",
    sqlite3.SQLITE_CORRUPT: "已损坏，请用备份恢复，或移走该文件后重新运行 cewen ingest",
    sqlite3.SQLITE_NOTADB: "不是数据库文件或已损坏，请用备份恢复，或移走该文件后重新运行 cewen ingest",
    sqlite3.SQLITE_CANTOPEN: "打不开，请检查路径和权限",
    sqlite3.SQLITE_PERM: "没有访问权限，请检查文件和文件夹的权限",
    sqlite3.SQLITE_READONLY: "不能写入，请检查文件和文件夹的权限",
    sqlite3.SQLITE_FULL: "所在的磁盘已满，请腾出空间",
    sqlite3.SQLITE_IOERR: "读写出错，请检查磁盘",
}


def _create_private(path: Path) -> None:
    """Only the bot's own user may read it; SQLite gives its -wal and -shm files the same mode."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # EXCL: closing a second handle on an open database would drop this process's locks on it
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        if not path.is_file():
            raise DatabaseUnusable(f"数据库 {path} 不是文件，请换一个主目录，或移走它。") from None
    except OSError as error:
        raise DatabaseUnusable(f"数据库 {path} 打不开，请检查路径和权限（{error.strerror}）。") from error
