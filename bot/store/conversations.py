"""What a conversation remembers between questions: kept for half an hour after the last, then deleted."""

import re
from datetime import datetime, timedelta

from bot.store.database import Database, Value, utc_text

LIFETIME = timedelta(minutes=30)


def conversation_key(channel: str, chat: str, member: str) -> str:
    """The key of what somebody and the bot talk about in a chat."""
    return f"{channel}:{chat}:{member}"


class ConversationTable:
    """States of conversations by key; a state is JSON text that the store doesn't look into."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, key: str, now: datetime) -> str | None:
        """The state saved last under `key`, unless it has expired. `now` is an aware datetime."""
        rows = self._database.query(
            "SELECT state FROM conversation WHERE key = :key AND expires_at > :now",
            {"key": key, "now": utc_text(now)},
        )
        return str(rows[0]["state"]) if rows else None

    def save(self, key: str, state: str, now: datetime) -> None:
        """Keeps the state for another half hour, and deletes every conversation that has expired."""
        with self._database.transaction():
            self.remove_expired(now)
            self._database.execute(
                "INSERT INTO conversation (key, state, expires_at) VALUES (:key, :state, :expires_at)"
                " ON CONFLICT (key) DO UPDATE SET state = excluded.state, expires_at = excluded.expires_at",
                {"key": key, "state": state, "expires_at": utc_text(now + LIFETIME)},
            )

    def remove_expired(self, now: datetime) -> int:
        """Deletes what has expired, for a server where nobody asks any more; gives how many there were."""
        return self._database.execute(
            "DELETE FROM conversation WHERE expires_at <= :now", {"now": utc_text(now)}
        )

    def states_of(self, channel: str, member: str) -> list[str]:
        """The states that are kept of a member, in whatever chat."""
        rows = self._database.query(
            "SELECT state FROM conversation WHERE key LIKE :pattern ESCAPE '!'", _of(channel, member)
        )
        return [str(row["state"]) for row in rows]

    def remove_of(self, channel: str, member: str) -> None:
        """Deletes the states of a member, in whatever chat."""
        self._database.execute(
            "DELETE FROM conversation WHERE key LIKE :pattern ESCAPE '!'", _of(channel, member)
        )


def _of(channel: str, member: str) -> dict[str, Value]:
    """Keys of a member's conversations, whatever characters a platform's ids are made of."""
    start, end = (re.sub(r"[!%_]", r"!\g<0>", part) for part in (f"{channel}:", f":{member}"))
    return {"pattern": f"{start}%{end}"}
