"""How many subscription messages each member still allows, by template.

The platform has no way to ask: it tells of each consent and each message in an event. So each event is a row, written
once however often it is delivered, and what is allowed is their sum.
"""

from collections.abc import Callable
from datetime import datetime

from bot.channels.wechat.codec import Consent, Consents, sent_key
from bot.store.database import Database, utc_text
from bot.store.writer import Writer


class ConsentBook:
    """The consents of all members; `clock` gives aware datetimes."""

    def __init__(self, writer: Writer, clock: Callable[[], datetime]) -> None:
        self._writer = writer
        self._clock = clock

    async def note(self, consents: Consents) -> None:
        """Stores what an event tells."""
        now = self._clock()

        def write(database: Database) -> None:
            for consent in consents.changes:
                _note(database, consent, now)

        await self._writer.write(write)

    async def remaining(self, member: str, template: str) -> int:
        """How many messages of the template the member still allows."""
        return await self._writer.write(lambda database: remaining(database, member, template))

    async def spend(self, member: str, template: str, message: str) -> None:
        """A message was sent; `message` is its id. The platform's event about it will count as the same."""
        await self.note(Consents((Consent(sent_key(message), member, template, -1),)))

    async def revoke(self, member: str, template: str, key: str) -> None:
        """The platform says that there is no consent."""
        await self.note(Consents((Consent(key, member, template, None),)))

    def forget(self, member: str) -> None:
        """The member has left: their consents are void."""
        self._writer.write_soon(lambda database: _forget(database, member))


def remaining(database: Database, member: str, template: str) -> int:
    """How many messages of the template the member still allows."""
    [row] = database.query(
        "SELECT COALESCE(SUM(change), 0) AS allowed FROM wechat_consent"
        " WHERE member = :member AND template = :template",
        {"member": member, "template": template},
    )
    return max(0, int(row["allowed"] or 0))


def _note(database: Database, consent: Consent, now: datetime) -> None:
    is_new = database.execute(
        "INSERT INTO wechat_consent (key, member, template, change, at)"
        " VALUES (:key, :member, :template, :change, :at) ON CONFLICT (key) DO NOTHING",
        {
            "key": consent.key,
            "member": consent.member,
            "template": consent.template,
            "change": consent.change or 0,
            "at": utc_text(now),
        },
    )
    if is_new and consent.change is None:
        database.execute(
            "DELETE FROM wechat_consent WHERE member = :member AND template = :template AND key <> :key",
            {"member": consent.member, "template": consent.template, "key": consent.key},
        )


def _forget(database: Database, member: str) -> None:
    database.execute("DELETE FROM wechat_consent WHERE member = :member", {"member": member})
