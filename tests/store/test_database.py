"""The store: opened, migrated, written all or nothing, and clear about what is wrong with its file."""

import stat
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlite_utils

from bot.store.connection import DatabaseUnusable, require_safe_sqlite
from bot.store.database import Database, utc_text
from bot.store.schema import MIGRATIONS, DatabaseTooNew, migrate


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "home" / "cewen.sqlite3"


def add_conversation(database: Database, key: str) -> None:
    database.execute(
        "INSERT INTO conversation (key, state, expires_at) VALUES (:key, '{}', '2030')", {"key": key}
    )


def keys(database: Database) -> list[object]:
    return [row["key"] for row in database.query("SELECT key FROM conversation ORDER BY key")]


def only(database: Database, pragma: str) -> object:
    [row] = database.query(f"PRAGMA {pragma}")
    return next(iter(row.values()))


def test_a_new_file_is_made_with_its_folder_and_is_private(file: Path) -> None:
    with Database.open(file) as database:
        add_conversation(database, "a")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
    assert modes == dict.fromkeys(["cewen.sqlite3", "cewen.sqlite3-wal", "cewen.sqlite3-shm"], 0o600)


def test_what_is_acknowledged_survives_a_power_cut(file: Path) -> None:
    with Database.open(file) as database:
        assert only(database, "journal_mode") == "wal"
        assert only(database, "synchronous") == 2  # FULL
        assert only(database, "foreign_keys") == 1


def test_the_sqlite_in_use_is_free_of_the_wal_reset_corruption() -> None:
    from sqlite_utils.utils import sqlite3

    assert sqlite3.sqlite_version_info >= (3, 51, 3)


def test_an_sqlite_that_can_corrupt_the_file_is_refused() -> None:
    require_safe_sqlite((3, 51, 3))
    with pytest.raises(DatabaseUnusable, match=r"3\.40\.1 可能损坏数据库.*pysqlite3"):
        require_safe_sqlite((3, 40, 1))


def test_what_was_written_is_there_after_opening_again(file: Path) -> None:
    with Database.open(file) as database:
        add_conversation(database, "a")
    with Database.open(file) as database:
        assert keys(database) == ["a"]


def test_each_migration_is_recorded_once_and_in_order(file: Path) -> None:
    Database.open(file).close()
    with Database.open(file) as database:
        names = [row["name"] for row in database.query("SELECT name FROM migration ORDER BY rowid")]
    assert names == sorted(path.stem for path in MIGRATIONS.glob("*.sql"))
    assert len(names) >= 3


def test_a_database_of_a_newer_program_is_refused_and_left_alone(file: Path) -> None:
    with Database.open(file) as database:
        database.execute("INSERT INTO migration (name, applied_at) VALUES ('9999_future', '2099')")
    before = file.read_bytes()
    with pytest.raises(DatabaseTooNew, match=r"更新版本的策问建立（9999_future）.*请升级"):
        Database.open(file)
    assert file.read_bytes() == before


def test_a_migration_added_later_is_applied_to_an_old_file(file: Path, tmp_path: Path) -> None:
    (tmp_path / "0001_first.sql").write_text("CREATE TABLE first (id TEXT PRIMARY KEY); -- the end\n")
    database = sqlite_utils.Database(memory=True)
    migrate(database, tmp_path)
    (tmp_path / "0002_second.sql").write_text("-- a second\nCREATE TABLE second (id TEXT PRIMARY KEY);\n")
    migrate(database, tmp_path)
    assert {"first", "second"} < set(database.table_names())
    database.close()


def test_a_migration_that_fails_leaves_no_trace(tmp_path: Path) -> None:
    (tmp_path / "0001_good.sql").write_text("CREATE TABLE good (id TEXT PRIMARY KEY);")
    (tmp_path / "0002_bad.sql").write_text("CREATE TABLE half (id TEXT PRIMARY KEY); CREATE TABEL half2;")
    database = sqlite_utils.Database(memory=True)
    with pytest.raises(sqlite_utils.utils.OperationalError, match="TABEL"):
        migrate(database, tmp_path)
    assert set(database.table_names()) == {"migration", "good"}
    assert [row["name"] for row in database.query("SELECT name FROM migration")] == ["0001_good"]
    database.close()


def test_the_migrations_ship_with_the_package() -> None:
    numbers = [path.name[:4] for path in sorted(MIGRATIONS.glob("*.sql"))]
    assert numbers[0] == "0001"
    assert len(set(numbers)) == len(numbers)


def test_a_transaction_that_fails_changes_nothing(file: Path) -> None:
    with Database.open(file) as database:
        with suppress(InterruptedError), database.transaction():
            add_conversation(database, "a")
            raise InterruptedError
        assert keys(database) == []


def test_an_inner_transaction_that_fails_takes_only_its_own_changes(file: Path) -> None:
    with Database.open(file) as database:
        with database.transaction():
            add_conversation(database, "outer")
            with suppress(InterruptedError), database.transaction():
                add_conversation(database, "inner")
                raise InterruptedError
        assert keys(database) == ["outer"]


def test_reading_and_then_writing_beside_another_writer_works(file: Path) -> None:
    """A deferred transaction would fail here with SQLITE_BUSY_SNAPSHOT."""
    with Database.open(file) as one, Database.open(file, wait=0) as other:
        with one.transaction():
            assert keys(one) == []
            with pytest.raises(DatabaseUnusable, match="占用"):
                add_conversation(other, "b")
            add_conversation(one, "a")
        add_conversation(other, "b")
        assert keys(one) == ["a", "b"]


def test_a_locked_database_says_so(file: Path) -> None:
    with Database.open(file) as one, Database.open(file, wait=0) as other, one.transaction():
        with pytest.raises(DatabaseUnusable, match=r"cewen\.sqlite3 正被另一个程序占用，请稍后再试"):
            other.transaction().__enter__()
        assert keys(other) == []  # readers go on


def test_a_file_that_is_no_database_is_refused(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes("这不是数据库".encode() * 1000)
    with pytest.raises(DatabaseUnusable, match=r"cewen\.sqlite3 不是数据库文件或已损坏，请用备份恢复"):
        Database.open(file)


def test_damage_inside_the_file_is_named_when_it_is_met(file: Path) -> None:
    with Database.open(file) as database:
        for number in range(2000):
            add_conversation(database, f"{number:0100}")
        [root] = database.query("SELECT rootpage FROM sqlite_master WHERE name = 'conversation'")
    damaged = bytearray(file.read_bytes())
    for page in [int(str(root["rootpage"])) - 1, *range(len(damaged) // 8192, len(damaged) // 4096)]:
        damaged[page * 4096 : page * 4096 + 4096] = b"\xff" * 4096
    file.write_bytes(damaged)
    with Database.open(file) as database, pytest.raises(DatabaseUnusable, match="已损坏"):
        keys(database)


def test_a_folder_in_the_place_of_the_file_is_refused(file: Path) -> None:
    file.mkdir(parents=True)
    with pytest.raises(DatabaseUnusable, match="不是文件"):
        Database.open(file)


def test_a_home_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    with pytest.raises(DatabaseUnusable, match="请检查路径和权限"):
        Database.open(tmp_path / "home" / "sub" / "cewen.sqlite3")


def test_an_error_of_the_caller_inside_a_transaction_stays_what_it_is(file: Path) -> None:
    with Database.open(file) as database, pytest.raises(FileNotFoundError), database.transaction():
        (file.parent / "absent").read_text()


def test_another_thread_is_refused_instead_of_losing_rows(file: Path) -> None:
    refusals: list[Exception] = []

    def write() -> None:
        try:
            add_conversation(database, "a")
        except Exception as error:
            refusals.append(error)

    with Database.open(file) as database:
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
        assert keys(database) == []
    assert [type(error).__name__ for error in refusals] == ["ProgrammingError"]


def test_moments_are_kept_in_utc_and_sort_as_text() -> None:
    noon = datetime(2024, 3, 1, 12, tzinfo=timezone(timedelta(hours=8)))
    assert utc_text(noon) == "2024-03-01T04:00:00.000000+00:00"
    assert (
        utc_text(noon)
        < utc_text(noon + timedelta(microseconds=1))
        < utc_text(datetime(2025, 1, 1, tzinfo=UTC))
    )
    with pytest.raises(ValueError, match="time zone"):
        utc_text(datetime(2024, 3, 1))  # noqa: DTZ001
