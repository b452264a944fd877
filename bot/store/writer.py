"""Group commit: writes that arrive while the disk is busy share the next commit.

A commit that survives a power cut costs a wait for the disk, however much is in it. So one thread with a
connection of its own commits group after group; whoever awaits a write goes on when its group is durable.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self, TypeVar

from bot.faults import quiet_traceback
from bot.store.connection import DatabaseUnusable
from bot.store.database import Database

MAX_GROUP = 1000
"""Writes in one commit: others' transactions wait no longer than these take."""

Work = Callable[[Database], Any]
T = TypeVar("T")

log = logging.getLogger(__name__)


class Writer:
    """Runs writes in the order in which they come. Whoever opens it closes it, on the loop that uses it."""

    def __init__(self, thread: ThreadPoolExecutor, database: Database) -> None:
        self._thread = thread
        self._database = database
        self._waiting: list[tuple[Work, asyncio.Future[Any]]] = []
        self._pump: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, path: Path, wait: float = 5.0) -> Self:
        """A writer for the store at `path`; `wait` is as in Database.open. Raises DatabaseUnusable."""
        thread = ThreadPoolExecutor(1, thread_name_prefix="writer")
        loop = asyncio.get_running_loop()
        try:
            return cls(thread, await loop.run_in_executor(thread, Database.open, path, wait))
        except BaseException:
            thread.shutdown(wait=False)
            raise

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Commits what is waiting, then closes the connection."""
        if self._pump:
            await asyncio.wait([self._pump])
        await asyncio.get_running_loop().run_in_executor(self._thread, self._database.close)
        self._thread.shutdown()

    async def write(self, work: Callable[[Database], T]) -> T:
        """Runs `work` in a transaction and gives its result once that is durable.

        The transaction is shared with others' works; one that raises is undone alone and raises here. A work
        does nothing but SQL: it may run twice, and in another thread. Cancelling the wait doesn't undo it.
        Raises DatabaseUnusable.
        """
        return await self._enqueue(work)

    def write_soon(self, work: Callable[[Database], object]) -> None:
        """As `write`, for what nobody waits for; a failure goes to the log."""
        self._enqueue(work).add_done_callback(_log_failure)

    def _enqueue(self, work: Callable[[Database], T]) -> asyncio.Future[T]:
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, done))
        if self._pump is None:
            self._pump = asyncio.create_task(self._commit_groups())
        return done

    async def _commit_groups(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:MAX_GROUP], self._waiting[MAX_GROUP:]
                works = [work for work, _ in group]
                outcomes = await loop.run_in_executor(self._thread, _commit, self._database, works)
                for (_, done), outcome in zip(group, outcomes, strict=True):
                    if done.done():  # whoever waited was cancelled
                        continue
                    if isinstance(outcome, BaseException):
                        done.set_exception(outcome)
                    else:
                        done.set_result(outcome)
        finally:
            self._pump = None


def _commit(database: Database, works: list[Work]) -> list[Any]:
    """A result or an exception for each work: all in one transaction, or, if one fails, each in a savepoint."""
    try:
        with database.transaction():
            return [work(database) for work in works]
    except Exception as error:
        if len(works) == 1 or isinstance(error, DatabaseUnusable):
            return [error] * len(works)
    try:
        with database.transaction():
            return [_alone(database, work) for work in works]
    except Exception as error:  # the commit itself: nothing was written
        return [error] * len(works)


def _alone(database: Database, work: Work) -> Any:
    try:
        with database.transaction():
            return work(database)
    except Exception as error:
        return error


def _log_failure(done: asyncio.Future[Any]) -> None:
    if not done.cancelled() and (error := done.exception()):
        log.error("what nobody waited for was not written\n%s", quiet_traceback(error))
