"""What the core and every channel share: typed updates in, replies out, and what a channel can do.

A channel turns its platform's bytes into an `Update`, has the inbox take it, and turns the `Reply` back into
bytes. The core never learns which platform it was. What became of a message that was sent: delivery.py.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from aiohttp import web

from bot.channels.delivery import Delivery
from corpus.errors import CewenError


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
    `text` is what was typed; for a command the text after its name, for a file its name. `payload` is the
    machine-readable part: the command's name without slash, a button's data, a scanned scene, a start
    parameter, a file's id on its platform, latitude and longitude, the name of an event of no other kind.
    `received_at` is an aware datetime in UTC. `message` is the platform's id of the message, to reply to or to
    edit; `edited` says that the member has changed it. `wants_reply` is false where nobody waits: whoever left, a
    phone that tells where it is. `language` is the tag (BCP 47) of the language that the member's client is in, ""
    where the platform doesn't tell.
    """

    channel: str
    member: str
    chat: str
    key: str
    kind: UpdateKind
    received_at: datetime
    text: str = ""
    payload: str = ""
    message: str = ""
    wants_reply: bool = True
    edited: bool = False
    language: str = ""

    @property
    def is_private(self) -> bool:
        """Whether nobody but the member reads the chat: its name is the member's own, perhaps with a topic."""
        return self.chat.partition(":")[0] == self.member


@dataclass(frozen=True, slots=True)
class Choice:
    """A tappable follow-up: what is shown, and the text that counts as typed when it is tapped.

    With a `payload` (up to 40 characters of ASCII) the update has that instead, on channels with buttons.
    """

    label: str
    text: str
    payload: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file or, by its media type, a picture that goes with a reply."""

    name: str
    media_type: str
    content: bytes = field(repr=False)

    @property
    def is_picture(self) -> bool:
        return self.media_type.startswith("image/")


@dataclass(frozen=True, slots=True)
class Reply:
    """What the member receives: plain text, as long as it is; the channel escapes, splits or cuts it.

    `source` is the last line, where the text stands; a channel that has to cut cuts before it.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    source: str = ""
    attachment: Attachment | None = None

    @property
    def whole(self) -> str:
        """The text with its source."""
        return f"{self.text}\n{self.source}" if self.source else self.text


class Markup(StrEnum):
    """How a channel's text can be set."""

    PLAIN = "plain"
    LINKS = "links"
    HTML = "html"


class WritesFirst(StrEnum):
    """To whom a channel may write without being asked."""

    NOBODY = "nobody"
    RECENT = "recent"  # whoever has just written, for a while and a few times
    KNOWN = "known"  # whoever has come once and has not left


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform allows.

    `max_text` counts bytes of UTF-8 if `counts_bytes`, else characters as the platform counts them.
    `reply_seconds` is how long after its arrival an update can be answered in the response to its request.
    """

    max_text: int
    counts_bytes: bool
    buttons: bool
    markup: Markup
    reply_seconds: float | None
    writes_first: WritesFirst


Responder = Callable[[Update], Awaitable[Reply | None]]
"""The core: gives the reply to an update; None where none is due."""


class NotTaken(CewenError):
    """The update is not stored, as too much is under way or the store is in trouble: it may come again."""


class Refused(Exception):
    """The update is over a limit and goes no further. The platform is told that all is well, the member `reply`.

    None: the member was told not long ago; silence.
    """

    def __init__(self, reply: Reply | None) -> None:
        super().__init__("over a limit")
        self.reply = reply


class Receipt(Protocol):
    """An update that is stored: the platform may be told so. `tries` is how often it has been delivered so far.

    Either the request waits for the reply, or the channel hands over, and the messenger delivers it.
    """

    @property
    def tries(self) -> int: ...

    async def reply(
        self, seconds: float | None = None, is_listening: Callable[[], bool] = lambda: True
    ) -> Reply | None:
        """Waits for the reply, which then counts as delivered: the caller gives it to the platform.

        It counts only if `is_listening` then: the platform has not hung up. Raises TimeoutError after `seconds`; the
        work goes on.
        """
        ...

    def hand_over(self) -> None:
        """The platform has been told that the update is here; the messenger delivers the reply."""
        ...


Take = Callable[[Update], Awaitable[Receipt]]
"""The inbox: stores an update, once, and sets about answering it. Raises NotTaken and Refused."""


class Channel(Protocol):
    """One platform. `start` and `stop` are called once each, around the server's life."""

    name: str
    capabilities: Capabilities

    def routes(self) -> Iterable[web.RouteDef]: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


@runtime_checkable
class Messenger(Channel, Protocol):
    """A channel that can write to its members outside of their requests. No outcome is an exception."""

    async def deliver(self, update: Update, reply: Reply) -> Delivery:
        """Sends the reply to an update whose request is over."""
        ...

    async def send(self, chat: str, reply: Reply) -> Delivery:
        """Writes to a chat first; `chat` is as in Update."""
        ...


@runtime_checkable
class Linker(Protocol):
    """A channel that a code on a screen can lead to."""

    name: str

    async def code_link(self, payload: str, seconds: int) -> str:
        """What a code has to hold so that whoever scans it sends `payload`, and for how long; "" if it can't be had."""
        ...


@runtime_checkable
class FileSource(Protocol):
    """A channel that can fetch what was sent to it."""

    name: str

    async def download(self, file_id: str) -> bytes:
        """The content of a file, by its id in the update's payload. Raises CewenError."""
        ...
