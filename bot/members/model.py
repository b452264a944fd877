"""A member and their identities, and what every part that keeps something about members owes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as one channel knows them; `user` is the platform's own id."""

    channel: str
    user: str


@dataclass(frozen=True, slots=True)
class Member:
    """A person, by all of their identities, the oldest first."""

    id: str
    identities: tuple[Identity, ...]


Record = Mapping[str, object]
"""One thing that is held about a member, as the member reads it in their export: names and JSON values."""


class Holding(Protocol):
    """One kind of thing that is kept about members: it can be shown to them, erased, and handed over."""

    name: str

    def held(self, member: Member) -> Sequence[Record]:
        """All that is kept of this kind about the member."""

    def erase(self, member: Member) -> None:
        """Deletes it all."""

    def hand_over(self, absorbed: Member, keeper: Member) -> None:
        """Makes the keeper's what was the absorbed member's; where only one can be, the keeper's stays."""
