"""Which processes share the store, and which of them are dead, so that their unfinished work is taken over.

A process says every few seconds that it is alive. One of this machine that was killed is known to be dead at
once, by its number; one elsewhere when it has been silent for LIFETIME.
"""

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta

from ulid import ULID

from bot.store.database import Database, utc_text

LIFETIME = timedelta(seconds=12)
BEAT_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Process:
    """This process, or one that plays another in a test."""

    id: str
    host: str
    pid: int


def this_process() -> Process:
    """A new identity: a process that starts again is another one."""
    return Process(str(ULID()), socket.gethostname(), os.getpid())


def beat(database: Database, process: Process, now: datetime) -> None:
    """Says that the process is alive. `now` is aware."""
    database.execute(
        "INSERT INTO process (id, host, pid, alive_until) VALUES (:id, :host, :pid, :until)"
        " ON CONFLICT (id) DO UPDATE SET alive_until = excluded.alive_until",
        {"id": process.id, "host": process.host, "pid": process.pid, "until": utc_text(now + LIFETIME)},
    )


def leave(database: Database, process: Process) -> None:
    """Says that the process ends; what it has left open is anybody's."""
    database.execute("DELETE FROM process WHERE id = :id", {"id": process.id})


def forget_dead(database: Database, process: Process, now: datetime) -> None:
    """Deletes the processes that are dead."""
    for row in database.query("SELECT id, host, pid, alive_until FROM process"):
        is_here = row["host"] == process.host and row["id"] != process.id
        was_killed = is_here and (row["pid"] == process.pid or not _runs(int(row["pid"] or 0)))
        if was_killed or str(row["alive_until"]) < utc_text(now):
            database.execute("DELETE FROM process WHERE id = :id", {"id": row["id"]})


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
