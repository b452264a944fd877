"""The document tree: what a notice is once it has been understood.

Notice ─ Part (the notice itself, the plan it issues, each attachment) ─ Section ─ Clause | Table ─ TableRow.
Every text here stands word for word in the source, white space aside.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clause:
    """One paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class TableRow:
    """`cells` has one text a column, merged cells filled in; `text` is the row's own words, in the source's order."""

    cells: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table with named columns. `header` is as long as each row's cells; a nameless column is ""."""

    title: str
    header: tuple[str, ...]
    rows: tuple[TableRow, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered or headed division. `number` is its marker as written (（一）, 第三条, 专栏1), `heading` its words.

    A numbered clause is a section whose heading is its lead. The first clause is the whole first line, marker included.
    """

    number: str
    heading: str
    content: tuple[Clause | Table, ...] = ()
    sections: tuple["Section", ...] = ()

    def walk(self) -> Iterator["Section"]:
        """This section and all below it, in reading order."""
        yield self
        for section in self.sections:
            yield from section.walk()


@dataclass(frozen=True, slots=True)
class Part:
    """A document within the notice: the notice itself, what it issues, or an attachment (`label` 附件, 附件2, else "")."""

    label: str
    title: str
    body: Section


@dataclass(frozen=True, slots=True)
class Contact:
    """A way to reach somebody, with the words it was read from."""

    names: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    websites: tuple[str, ...] = ()
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """Another document that the notice names: its title without 《》, its document number if given, and the sentence."""

    title: str
    doc_number: str
    quote: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A value from the notice's head or foot, with the words it was read from."""

    value: str
    quote: str


UNSTATED = Fact("", "")


@dataclass(frozen=True, slots=True)
class Notice:
    """One official notice. Values that the notice does not state are empty; `date` is ISO (2024-03-01)."""

    title: str
    parts: tuple[Part, ...]
    doc_number: Fact = UNSTATED
    issuer: Fact = UNSTATED
    date: Fact = UNSTATED
    recipients: Fact = UNSTATED
    copy_to: Fact = UNSTATED
    attachments: tuple[str, ...] = ()
    contacts: tuple[Contact, ...] = ()
    references: tuple[Reference, ...] = ()
    names: tuple[str, ...] = ()
    """Departments and organisations that the notice lists: its issuer, and those in its tables."""
