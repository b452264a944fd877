"""The platforms' XML: one element of fields, read strictly and written so that no text can become markup.

A message begins with its root, so that no document type, and with it no entity, can come before. Control characters
that a member has typed would make the whole document unreadable: they are dropped on the way in and out.
"""

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError, fromstring  # no entities: see parse

from bot.channels.tencent.envelope import Unreadable

MAX_NAME = 128
"""Characters of a member's or account's name that are believed; real ones have 64 or fewer."""

_CONTROLS = bytes(sorted(set(range(0x20)) - set(b"\t\n\r")))
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NUMBER = re.compile(r"[0-9]{1,20}")
_FIELD = re.compile(rb"<([A-Za-z_]+)>(?:<!\[CDATA\[([^\]]*)\]\]>|([^<>&\]]*))</\1>\s*")
"""A field as the platforms write nearly all of them; what looks otherwise is left to the parser."""


@dataclass(frozen=True, slots=True)
class Document:
    """A message: the text of each field that has no fields itself; `root` where it has others."""

    fields: dict[str, str]
    root: Element | None = None

    def get(self, field: str) -> str:
        """The field's text, "" if it is missing."""
        return self.fields.get(field, "")

    def name(self, field: str) -> str:
        """The name of a member, an account or a kind. Raises Unreadable if it isn't one."""
        value = self.fields.get(field, "")
        if not 0 < len(value) <= MAX_NAME:
            raise Unreadable(f"{field} 不是名字")
        return value

    def number(self, field: str) -> int:
        """Seconds, people and the like; 0 if it is missing. Raises Unreadable if it isn't a number."""
        value = self.fields.get(field) or "0"
        if not _NUMBER.fullmatch(value):
            raise Unreadable(f"{field} 不是数")
        return int(value)

    def inner(self, path: str) -> str:
        """The text of a field within a field, "" if it is missing."""
        return "" if self.root is None else self.root.findtext(path) or ""

    def each(self, path: str) -> list["Document"]:
        """The elements at the path, each as a document."""
        return [] if self.root is None else [_document(element) for element in self.root.iterfind(path)]


def parse(xml: bytes) -> Document:
    """A message. Raises Unreadable."""
    whole = xml.translate(None, _CONTROLS).strip()
    if not whole.startswith(b"<xml>"):
        raise Unreadable("不以 <xml> 开头")
    # line ends to be made one, and the characters from U+FFC0 on, are left to the parser
    flat = None if b"\r" in whole or b"\xef\xbf" in whole else _flat(whole)
    return Document(flat) if flat is not None else parse_any(whole)


def parse_any(whole: bytes) -> Document:
    """What `parse` leaves to the parser: a document without control characters that begins with its root."""
    try:
        try:
            return _document(fromstring(whole))  # noqa: S314  # what begins with its root declares no entities
        except ParseError:  # characters that are no control characters, and yet no XML's
            return _document(fromstring(clean(whole.decode())))  # noqa: S314
    except (ParseError, ValueError) as error:
        raise Unreadable(type(error).__name__) from None


def clean(text: str) -> str:
    """The text without what no XML can carry."""
    return _NOT_XML.sub("", text)


def cdata(text: str) -> str:
    """Clean text as character data; "]]>" would end it."""
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def _flat(whole: bytes) -> dict[str, str] | None:
    """The fields of a message without nesting, as the parser would give them, at a third of its cost; else None."""
    fields: dict[str, str] = {}
    count, end = 0, len(b"<xml>")
    while whole[end : end + 1].isspace():
        end += 1
    try:
        for match in _FIELD.finditer(whole, end):
            if match.start() != end:
                return None
            tag, quoted, plain = match.groups()
            fields[tag.decode("ascii")] = (plain if quoted is None else quoted).decode()
            end = match.end()
            count += 1
    except UnicodeDecodeError:
        return None
    return fields if whole[end:] == b"</xml>" and count == len(fields) else None


def _document(root: Element) -> Document:
    fields: dict[str, str] = {}
    for child in root:
        if len(child):
            continue
        if child.tag in fields:
            raise Unreadable(f"{child.tag} 出现两次")
        fields[child.tag] = child.text or ""
    return Document(fields, root)
