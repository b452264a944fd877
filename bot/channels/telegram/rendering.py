"""From a reply to Telegram's messages: cut, escaped, with buttons below; pure functions, no network.

Telegram counts text in UTF-16 units: 4,096 a message once entities are parsed, so text is split first and
escaped after. (Limits: core.telegram.org/bots/api, read through python-telegram-bot 22.8; not tried live.)
"""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import telegram

from bot.channels.model import Attachment, Choice, Reply

MAX_UNITS = 4096
"""UTF-16 units of one message."""
MAX_CAPTION = 1024
"""UTF-16 units below a file."""

_ENDS = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (r".*\n\s*\n", r".*\n", r".*(?:[。！？；…][”’」』）]*|[.!?;]\s)", r".*\s")
)
"""Where text may be cut, best first: after a paragraph, a line, a sentence, a word."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to send: plain text of at most MAX_UNITS, the buttons below it, and a file above it."""

    text: str
    buttons: telegram.InlineKeyboardMarkup | None = None
    attachment: Attachment | None = None

    @property
    def html(self) -> str:
        return html.escape(self.text, quote=False)


def outgoing(reply: Reply, data: Callable[[Choice], str]) -> list[Outgoing]:
    """The messages that carry a reply, in order; the choices stand below the last. A blank one gives none.

    `data` gives what a choice's button carries. A file goes with the last piece of text, or after it.
    """
    pieces = [Outgoing(piece) for piece in split(well_formed(reply.whole)) if piece.strip()]
    if reply.attachment:
        if pieces and _fitting(pieces[-1].text, MAX_CAPTION) == len(pieces[-1].text):
            pieces[-1] = Outgoing(pieces[-1].text, attachment=reply.attachment)
        else:
            pieces.append(Outgoing("", attachment=reply.attachment))
    if pieces and reply.choices:
        rows = [
            [telegram.InlineKeyboardButton(well_formed(c.label), callback_data=data(c))]
            for c in reply.choices
        ]
        pieces[-1] = replace(pieces[-1], buttons=telegram.InlineKeyboardMarkup(rows))
    return pieces


def split(text: str, limit: int = MAX_UNITS) -> list[str]:
    """Pieces of at most `limit` UTF-16 units (at least 2) that joined give the text, cut where it ends best."""
    pieces = []
    while text:
        cut = _cut(text, limit)
        pieces.append(text[:cut])
        text = text[cut:]
    return pieces


def _cut(text: str, limit: int) -> int:
    """The length of the first piece: all that fits, back to the best end that leaves it half full."""
    fits = _fitting(text, limit)
    if fits == len(text):
        return fits
    return next((end for end in _last_ends(text[:fits]) if end > fits // 2), fits)


def _last_ends(window: str) -> Iterator[int]:
    for end in _ENDS:
        if found := end.match(window):
            yield found.end()


def _fitting(text: str, limit: int) -> int:
    """How many leading characters make at most `limit` UTF-16 units."""
    units = 0
    for n, character in enumerate(text[: limit + 1]):
        units += 2 if character > "\uffff" else 1
        if units > limit:
            return n
    return len(text)


def well_formed(text: str) -> str:
    """Half of a surrogate pair, which no UTF-8 can carry, becomes U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
