"""The inbox's rows: each update once, kept open until its reply has arrived, its reply kept for a day.

All of these run inside a write (writer.py) and do nothing but SQL.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.store.database import Database, Value, utc_text
from bot.store.processes import Process

KEPT = timedelta(hours=24)

Key = tuple[str, str]
"""Channel and key of an update."""


@dataclass(frozen=True, slots=True)
class Row:
    """An update as it is stored: `open` is its JSON until all is done, `reply` its reply's once there is one."""

    key: Key
    owner: str
    tries: int
    takeovers: int
    open: str | None
    reply: str | None


def claim(database: Database, key: Key, owner: str, received_at: str, update: str) -> bool:
    """Stores a new update as this owner's; false if it is there already. `received_at` is as utc_text gives it."""
    channel, name = key
    values = {"channel": channel, "key": name, "owner": owner, "received_at": received_at, "open": update}
    touched = database.execute(
        "INSERT INTO inbox (channel, key, owner, received_at, tries, takeovers, open)"
        " VALUES (:channel, :key, :owner, :received_at, 1, 0, :open) ON CONFLICT (channel, key) DO NOTHING",
        values,
    )
    return touched == 1


def owe(database: Database, row: Row, received_at: datetime) -> None:
    """Stores a reply that is to be delivered though no platform has sent an update for it."""
    database.execute(
        "INSERT INTO inbox (channel, key, owner, received_at, tries, takeovers, open, reply)"
        " VALUES (:channel, :key, :owner, :received_at, :tries, :takeovers, :open, :reply)",
        {
            **_named(row.key),
            "owner": row.owner,
            "received_at": utc_text(received_at),
            "tries": row.tries,
            "takeovers": row.takeovers,
            "open": row.open,
            "reply": row.reply,
        },
    )


def count_try(database: Database, key: Key) -> Row | None:
    """Counts one more delivery of an update by its platform; None if it is not there any more."""
    database.execute(
        "UPDATE inbox SET tries = tries + 1 WHERE channel = :channel AND key = :key", _named(key)
    )
    return find(database, key)


def find(database: Database, key: Key) -> Row | None:
    """The update's row."""
    rows = database.query(f"{_SELECT} WHERE channel = :channel AND key = :key", _named(key))
    return _row(rows[0]) if rows else None


def keep(database: Database, key: Key, owner: str, reply: str, is_done: bool) -> str:
    """Stores the reply, and closes the update if `is_done`; gives the reply that counts.

    That is another process's if it has taken the update over and was quicker. Raises LookupError if it is gone.
    """
    touched = database.execute(
        "UPDATE inbox SET reply = :reply, open = CASE WHEN :is_done = 1 THEN NULL ELSE open END"
        " WHERE channel = :channel AND key = :key AND owner = :owner AND reply IS NULL",
        {**_named(key), "owner": owner, "reply": reply, "is_done": int(is_done)},
    )
    if touched == 1:
        return reply
    row = find(database, key)
    if row is None or row.reply is None:
        raise LookupError("the update is another process's, or was dropped")
    return row.reply


def close(database: Database, key: Key, erase: bool = False) -> None:
    """The reply has arrived, or never will: who asked what is forgotten, and with `erase` the reply, too."""
    database.execute(
        "UPDATE inbox SET open = NULL, reply = CASE WHEN :erase = 1 THEN 'null' ELSE reply END"
        " WHERE channel = :channel AND key = :key",
        {**_named(key), "erase": int(erase)},
    )


def reopen(database: Database, key: Key, update: str) -> None:
    """The reply didn't arrive after all."""
    database.execute(
        "UPDATE inbox SET open = :open WHERE channel = :channel AND key = :key",
        {**_named(key), "open": update},
    )


def take_over(database: Database, process: Process) -> list[Row]:
    """What dead processes left open, now this one's, in the order of its arrival."""
    left = database.query(
        f"{_SELECT} WHERE open IS NOT NULL AND owner NOT IN (SELECT id FROM process)"  # noqa: S608  # a constant
        " ORDER BY received_at, key"
    )
    rows = [_row(fields) for fields in left]
    for row in rows:
        database.execute(
            "UPDATE inbox SET owner = :owner, takeovers = takeovers + 1 WHERE channel = :channel AND key = :key",
            {**_named(row.key), "owner": process.id},
        )
    return rows


def open_rows(database: Database, owner: str) -> list[Row]:
    """What this owner has not closed, in the order of its arrival."""
    left = database.query(
        f"{_SELECT} WHERE open IS NOT NULL AND owner = :owner ORDER BY received_at, key", {"owner": owner}
    )
    return [_row(fields) for fields in left]


def forget_old(database: Database, now: datetime) -> None:
    """Drops what came more than a day ago."""
    database.execute("DELETE FROM inbox WHERE received_at <= :oldest", {"oldest": utc_text(now - KEPT)})


_SELECT = "SELECT channel, key, owner, tries, takeovers, open, reply FROM inbox"


def _named(key: Key) -> dict[str, Value]:
    return {"channel": key[0], "key": key[1]}


def _row(fields: dict[str, Value]) -> Row:
    return Row(
        (str(fields["channel"]), str(fields["key"])),
        str(fields["owner"]),
        int(fields["tries"] or 0),
        int(fields["takeovers"] or 0),
        None if fields["open"] is None else str(fields["open"]),
        None if fields["reply"] is None else str(fields["reply"]),
    )
