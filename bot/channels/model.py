"""What the core and every channel share: typed updates in, replies out, and what a channel can do.

A channel turns its platform's bytes into an `Update`, hands it to the `Responder`, and turns the `Reply`
back into bytes. The core never learns which platform it was.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from aiohttp import web


class UpdateKind(StrEnum):
    TEXT = "text"
    COMMAND = "command"
    BUTTON = "button"
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"
    SCAN = "scan"
    FILE = "file"
    LOCATION = "location"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Update:
    """Something a person did on a channel.

    `key` is the same for every redelivery of one update and unlike that of any other on this channel.
    `text` is what was typed; for a command the text after its name. `payload` is the machine-readable part:
    the command's name without slash, a button's data, a scanned scene, a start parameter.
    `received_at` and `deadline` are aware datetimes in UTC; after the deadline the platform takes no direct reply.
    """

    channel: str
    member: str
    chat: str
    key: str
    kind: UpdateKind
    received_at: datetime
    text: str = ""
    payload: str = ""
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A tappable follow-up: what is shown, and the text that counts as typed when it is tapped."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What the member receives: plain text, as long as it is; the channel escapes, splits or cuts it.

    `source` is the last line, where the text stands; a channel that has to cut cuts before it.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    source: str = ""

    @property
    def whole(self) -> str:
        """The text with its source."""
        return f"{self.text}\n{self.source}" if self.source else self.text


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform allows. `max_text` counts bytes of UTF-8 if `counts_bytes`, else characters."""

    max_text: int
    counts_bytes: bool
    buttons: bool
    reply_seconds: float | None


Responder = Callable[[Update], Awaitable[Reply | None]]
"""The core: gives the reply to an update, the same one for each redelivery; None where none is due."""


class Channel(Protocol):
    """One platform. `start` and `stop` are called once each, around the server's life."""

    name: str
    capabilities: Capabilities

    def routes(self) -> Iterable[web.RouteDef]: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...
