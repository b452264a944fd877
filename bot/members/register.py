"""The register of members: which identities on channels are the same person.

An identity enters it when there is something to keep about the person: a preference, a link. Linking makes two
members one; an identity that leaves is a member of its own again.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime

from bot.members.model import Holding, Identity, Member, Record
from bot.store.database import Database, utc_text

MOST_IDENTITIES = 8
"""Identities of one member; who has that many must let one go first."""


class Register:
    """Members by their identities; each call is a transaction.

    `holdings` are asked to hand over what they keep when two members become one. `new_id` makes sortable ids.
    """

    def __init__(
        self,
        database: Database,
        holdings: Sequence[Holding],
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._database = database
        self._holdings = holdings
        self._clock = clock
        self._new_id = new_id

    def find(self, identity: Identity) -> Member | None:
        """The member behind an identity, if the register knows it."""
        rows = self._database.query(
            "SELECT other.member_id, other.channel, other.user_id FROM identity AS own"
            " JOIN identity AS other ON other.member_id = own.member_id"
            " WHERE own.channel = :channel AND own.user_id = :user"
            " ORDER BY other.since, other.channel, other.user_id",
            {"channel": identity.channel, "user": identity.user},
        )
        if not rows:
            return None
        identities = tuple(Identity(str(row["channel"]), str(row["user_id"])) for row in rows)
        return Member(str(rows[0]["member_id"]), identities)

    def obtain(self, identity: Identity) -> Member:
        """The member behind an identity, entered if new."""
        with self._database.transaction():
            return self.find(identity) or self._enter(identity)

    def join(self, keeper: Identity, joining: Identity) -> Member:
        """Makes the member behind `joining` one with the member behind `keeper`, who keeps their preferences."""
        with self._database.transaction():
            kept, absorbed = self.obtain(keeper), self.obtain(joining)
            if kept.id != absorbed.id:
                for holding in self._holdings:
                    holding.hand_over(absorbed, kept)
                self._database.execute(
                    "UPDATE identity SET member_id = :kept WHERE member_id = :absorbed",
                    {"kept": kept.id, "absorbed": absorbed.id},
                )
            return self.obtain(keeper)

    def leave(self, identity: Identity) -> Member | None:
        """Takes an identity out of its member, who stays with all that is held; gives that member.

        None if the identity had no other beside it.
        """
        with self._database.transaction():
            member = self.find(identity)
            if member is None or len(member.identities) == 1:
                return None
            self._remove(identity)
            return self.find(next(other for other in member.identities if other != identity))

    def export(self, identity: Identity) -> dict[str, Sequence[Record]]:
        """All that is held about the person, by kind; what is empty is left out."""
        known = self.find(identity)
        member = known or Member("", (identity,))
        found: dict[str, Sequence[Record]] = {h.name: h.held(member) for h in self._holdings}
        if known:
            found["identities"] = [asdict(one) for one in known.identities]
        return {name: records for name, records in found.items() if records}

    def erase(self, identity: Identity) -> Member:
        """Deletes all that is held about the person, on every channel; gives the member who was."""
        with self._database.transaction():
            member = self.find(identity) or Member("", (identity,))
            for holding in self._holdings:
                holding.erase(member)
            for known in member.identities:
                self._remove(known)
            return member

    def _enter(self, identity: Identity) -> Member:
        member = Member(self._new_id(), (identity,))
        self._database.execute(
            "INSERT INTO identity (channel, user_id, member_id, since)"
            " VALUES (:channel, :user, :member, :since)",
            {
                "channel": identity.channel,
                "user": identity.user,
                "member": member.id,
                "since": utc_text(self._clock()),
            },
        )
        return member

    def _remove(self, identity: Identity) -> None:
        self._database.execute(
            "DELETE FROM identity WHERE channel = :channel AND user_id = :user",
            {"channel": identity.channel, "user": identity.user},
        )
