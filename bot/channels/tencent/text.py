"""A reply as one text within the platform's limit of bytes, its source and choices kept whole."""

import re
from collections.abc import Callable

from bot.channels.model import Choice, Reply
from bot.channels.tencent.limits import MAX_TEXT_BYTES
from bot.channels.tencent.xml import clean

_ENDS = tuple(re.compile(p, re.DOTALL) for p in (r".*\n", r".*(?:[。！？；…][”’」』）]*|[.!?;]\s)"))
"""Where a text is cut best: after a line, else after a sentence."""
_ANCHOR = re.compile(r"<(?=/?a\b)", re.IGNORECASE)

Link = Callable[[int, Choice], str]
"""A choice, by its number from 1, as something to tap."""


def message_text(reply: Reply, link: Link | None = None) -> str:
    """The reply as at most MAX_TEXT_BYTES of UTF-8, the choices numbered below; "" where nothing is to be said.

    Choices become links where `link` is given and there is room.
    """
    text = _harmless(reply.text).strip()
    source = f"\n{_harmless(reply.source)}" if reply.source else ""
    if not reply.choices:
        return _fitted(text, source, "")
    plain = "".join(f"\n{n}. {_harmless(choice.label)}" for n, choice in enumerate(reply.choices, 1))
    if link:
        linked = "".join(f"\n{n}. {link(n, choice)}" for n, choice in enumerate(reply.choices, 1))
        if len(linked.encode()) <= MAX_TEXT_BYTES // 2:
            return _fitted(text, source, linked)
    if len(plain.encode()) > MAX_TEXT_BYTES // 2:
        return cut(text + source + plain, MAX_TEXT_BYTES)
    return _fitted(text, source, plain)


def cut(text: str, limit: int) -> str:
    """The text, or as much as fits into `limit` bytes of UTF-8 (at least 3) with an ellipsis.

    It ends after a line or a sentence if that costs no more than a quarter.
    """
    encoded = text.encode()
    if len(encoded) <= limit:
        return text
    fits = encoded[: limit - len("…".encode())].decode("utf-8", "ignore")
    for end in _ENDS:
        found = end.match(fits)
        if found and found.end() > len(fits) * 3 // 4:
            return found[0].rstrip() + "…"
    return fits + "…"


def _fitted(text: str, source: str, choices: str) -> str:
    """All three, the text cut before its source, and that only if it leaves the text too little."""
    room = MAX_TEXT_BYTES - len(choices.encode())
    left = room - len(source.encode())
    if left < MAX_TEXT_BYTES // 4:
        return cut(text + source, room) + choices
    return cut(text, left) + source + choices


def _harmless(text: str) -> str:
    """Plain text: links are ours to make, not a notice's or a member's."""
    cleaned = clean(text)
    return _ANCHOR.sub("＜", cleaned) if "<" in cleaned else cleaned
