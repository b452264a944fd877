"""What conversations remember of a member for half an hour, as a thing that is held about them."""

from collections.abc import Sequence

from bot.members.model import Member, Record
from bot.store.conversations import ConversationTable


class Contexts:
    """The conversations of all of a member's identities; a Holding."""

    name = "conversations"

    def __init__(self, table: ConversationTable) -> None:
        self._table = table

    def held(self, member: Member) -> Sequence[Record]:
        return [
            {"channel": identity.channel, "state": state}
            for identity in member.identities
            for state in self._table.states_of(identity.channel, identity.user)
        ]

    def erase(self, member: Member) -> None:
        for identity in member.identities:
            self._table.remove_of(identity.channel, identity.user)

    def hand_over(self, absorbed: Member, keeper: Member) -> None:
        """Nothing to do: a conversation stays in its chat."""
