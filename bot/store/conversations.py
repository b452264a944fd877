"""What a conversation remembers between questions: kept for half an hour after the last, then deleted."""

from datetime import datetime, timedelta

from bot.store.database import Database, utc_text

LIFETIME = timedelta(minutes=30)


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
