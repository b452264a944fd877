"""Who may be written to first: whoever has followed or started the bot and has not left or blocked it since."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.members.model import Identity, Member, Record
from bot.store.database import Database, Value, utc_text


class Contacts:
    """Comings and leavings by identity; a Holding."""

    name = "contacts"

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def came(self, identity: Identity) -> None:
        """Somebody wants to hear from the bot, for the first time or again."""
        if self.is_reachable(identity):
            return
        self._database.execute(
            "INSERT INTO contact (channel, user_id, came_at) VALUES (:channel, :user, :now)"
            " ON CONFLICT (channel, user_id) DO UPDATE SET came_at = excluded.came_at, left_at = NULL",
            {**_named(identity), "now": utc_text(self._clock())},
        )

    def left(self, identity: Identity) -> None:
        """Somebody has left or blocked the bot: they are not written to until they come again."""
        self._database.execute(
            "UPDATE contact SET left_at = :now"
            " WHERE channel = :channel AND user_id = :user AND left_at IS NULL",
            {**_named(identity), "now": utc_text(self._clock())},
        )

    def is_reachable(self, identity: Identity) -> bool:
        """Whether somebody has come and not left."""
        return bool(
            self._database.query(
                "SELECT 1 FROM contact WHERE channel = :channel AND user_id = :user AND left_at IS NULL",
                _named(identity),
            )
        )

    def held(self, member: Member) -> Sequence[Record]:
        return [
            row
            for identity in member.identities
            for row in self._database.query(
                "SELECT channel, came_at, left_at FROM contact WHERE channel = :channel AND user_id = :user",
                _named(identity),
            )
        ]

    def erase(self, member: Member) -> None:
        for identity in member.identities:
            self._database.execute(
                "DELETE FROM contact WHERE channel = :channel AND user_id = :user", _named(identity)
            )

    def hand_over(self, absorbed: Member, keeper: Member) -> None:
        """Nothing to do: each identity is written to by itself."""


def _named(identity: Identity) -> dict[str, Value]:
    return {"channel": identity.channel, "user": identity.user}
