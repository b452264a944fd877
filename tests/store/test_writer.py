"""Group commit: what was acknowledged is durable, what fails fails alone, and the disk is asked seldom."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.store.connection import DatabaseUnusable
from bot.store.database import Database
from bot.store.writer import MAX_GROUP, Writer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cewen.sqlite3"


@pytest.fixture
async def writer(path: Path) -> AsyncIterator[Writer]:
    async with await Writer.open(path) as writer:
        yield writer


def adding(key: str) -> Callable[[Database], int]:
    return lambda database: database.execute(
        "INSERT INTO conversation (key, state, expires_at) VALUES (:key, '', '')", {"key": key}
    )


def keys(path: Path) -> list[str]:
    with Database.open(path) as database:
        return [str(row["key"]) for row in database.query("SELECT key FROM conversation ORDER BY key")]


async def test_what_was_written_is_there_for_others_when_the_wait_is_over(writer: Writer, path: Path) -> None:
    assert await writer.write(adding("a")) == 1
    assert keys(path) == ["a"]


async def test_writes_are_done_in_the_order_in_which_they_came(writer: Writer) -> None:
    done: list[int] = []

    async def write(n: int) -> None:
        await writer.write(adding(f"{n:04d}"))
        done.append(n)

    await asyncio.gather(*(write(n) for n in range(500)))
    assert done == sorted(done)


async def test_writes_that_come_together_share_a_commit(writer: Writer, path: Path) -> None:
    def commits(database: Database) -> object:
        return database.query("PRAGMA data_version")[0]["data_version"]

    with Database.open(path) as other:
        commits(other)
        before = int(str(commits(other)))
        await asyncio.gather(*(writer.write(adding(f"{n:04d}")) for n in range(MAX_GROUP)))
        assert (
            int(str(commits(other))) == before + 1
        )  # it counts what others have committed between two looks
    assert len(keys(path)) == MAX_GROUP


async def test_a_write_that_fails_fails_alone(writer: Writer, path: Path) -> None:
    def half(database: Database) -> None:
        adding("half")(database)
        raise ValueError("on second thoughts")

    works = [adding("a"), half, adding("a"), adding("b")]
    outcomes = await asyncio.gather(*map(writer.write, works), return_exceptions=True)
    assert [type(outcome).__name__ for outcome in outcomes] == ["int", "ValueError", "IntegrityError", "int"]
    assert keys(path) == ["a", "b"]


async def test_a_caller_that_goes_away_leaves_the_others_alone(writer: Writer, path: Path) -> None:
    gone = asyncio.create_task(writer.write(adding("a")))
    stays = asyncio.create_task(writer.write(adding("b")))
    await asyncio.sleep(0)
    gone.cancel()
    await stays
    assert keys(path) == ["a", "b"]


async def test_closing_commits_what_is_waiting(path: Path) -> None:
    writer = await Writer.open(path)
    tasks = [asyncio.create_task(writer.write(adding(f"{n:02d}"))) for n in range(10)]
    await asyncio.sleep(0)
    await writer.close()
    await asyncio.gather(*tasks)
    assert len(keys(path)) == 10


async def test_a_store_that_stays_locked_is_told_to_each_that_waits(path: Path) -> None:
    with Database.open(path) as other:
        async with await Writer.open(path, wait=0.05) as writer:
            with other.transaction():
                outcomes = await asyncio.gather(
                    *(writer.write(adding(key)) for key in "abc"), return_exceptions=True
                )
                assert [type(outcome) for outcome in outcomes] == [DatabaseUnusable] * 3
            assert await writer.write(adding("d")) == 1
    assert keys(path) == ["d"]


async def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match="不是文件"):
        await Writer.open(tmp_path)


WRITES_UNTIL_KILLED = """
import asyncio, sys
from pathlib import Path
from bot.store.writer import Writer

async def write(writer, name):
    for n in range(10**6):
        key = f"{name}-{n}"
        await writer.write(lambda database: database.execute(
            "INSERT INTO conversation (key, state, expires_at) VALUES (:key, '', '')", {"key": key}))
        print(key, flush=True)

async def main():
    async with await Writer.open(Path(sys.argv[1])) as writer:
        await asyncio.gather(*(write(writer, name) for name in "abcdefgh"))

asyncio.run(main())
"""


def test_what_was_acknowledged_outlives_a_kill(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITES_UNTIL_KILLED, path], stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout
        acknowledged = [program.stdout.readline().strip() for _ in range(2000)]
        program.send_signal(signal.SIGKILL)
        acknowledged += [line.strip() for line in program.stdout if line.endswith("\n")]
    assert set(acknowledged) <= set(keys(path))
