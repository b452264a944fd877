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
    """`cells` has one text a column, merged cells filled in; `text` is the row's own words, in the source's order.

    `group` is the heading within the table that the row stands below, "" for none.
    """

    cells: tuple[str, ...]
    text: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with named columns. `header` is as long as each row's cells; a nameless column is "".

    A form (申报单位 | 某市科协 | 联系人 | …) has two nameless columns, label and value.
    """

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
class Contact:
    """A way to reach somebody, with the words it was read from.

    `unit` is whose line it is, or what it is for (会务, 科普部); `details` what is neither number nor address of a person:
    QQ群, 微信公众号, 传真, 开户行, 账号, 邮编 …, each with its value.
    """

    names: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    websites: tuple[str, ...] = ()
    quote: str = ""
    unit: str = ""
    details: tuple[tuple[str, str], ...] = ()


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
class Part:
    """A document within the notice: the notice itself, what it issues, or an attachment (`label` 附件, 附件2, else "").

    One that was a document before (a forwarded notice) has its own number, issuer and date.
    """

    label: str
    title: str
    body: Section
    doc_number: Fact = UNSTATED
    issuer: Fact = UNSTATED
    date: Fact = UNSTATED


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
    """Departments and organisations that the notice lists or that act in it, its issuer first."""
    places: tuple[str, ...] = ()
    """Where they are, by full name: 青澜市, 临湖区, 江渚大学; the issuer's first."""
    effective: Fact = UNSTATED
    """From when the notice holds, and until when (`expires`), as the site's catalogue says."""
    expires: Fact = UNSTATED
