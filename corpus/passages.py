"""From a document tree to passages: the small pieces that are ranked, quoted and cited.

A passage is a sentence of a clause, a table row, a heading, or a contact block; each knows its locator
(附件 第11项; 三、（二）第2段), the headings above it, and the section or table that it stands in.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from corpus.facts import plain, sentences
from corpus.notice import Clause, Contact, Notice, Part, Section, Table, TableRow
from corpus.numbering import marker_of

_SHORTEST = 18
"""Characters; a shorter sentence (a lead such as （一）强化政治引领。) is kept with the one that follows it."""


_LONGEST = 600
"""Characters; what is longer is a list run wild or an attack on the patterns that read passages."""


_LONGEST_LEAD = 60
_AFTER = "文末"
"""Where stands what follows the last section: 联系人：…, 注：…."""


class PassageKind(StrEnum):
    CLAUSE = "clause"
    HEADING = "heading"
    ROW = "row"
    CONTACT = "contact"


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """`text` stands word for word in the source, white space aside. `path` is the titles and headings above it.

    `section` is where it stands (for a row: the section that holds the table); `paragraph` numbers its clause there.
    """

    kind: PassageKind
    locator: str
    text: str
    path: tuple[str, ...]
    part: Part
    section: Section
    paragraph: int = 0
    table: Table | None = None
    row: TableRow | None = None
    contact: Contact | None = None


def passages(notice: Notice) -> list[Passage]:
    """All passages of a notice in reading order."""
    found: list[Passage] = []
    for part in notice.parts:
        found += _of_section(notice, part, part.body, part.label, (part.title,) if part.title else ())
    return found


def _of_section(
    notice: Notice, part: Part, section: Section, above: str, path: tuple[str, ...]
) -> Iterator[Passage]:
    afterword = section is not part.body and not section.number and not section.heading
    here = _join(above, _AFTER if afterword else section.number)
    inner = (*path, section.heading) if section.heading else path
    headed = any(_is_heading(section, c) for c in section.content)
    clauses = sum(isinstance(c, Clause) for c in section.content) - headed
    tables = sum(isinstance(c, Table) for p in part.body.walk() for c in p.content)
    paragraph = 0
    for content in section.content:
        if isinstance(content, Table):
            yield from _of_table(notice, part, section, content, inner, tables)
            continue
        heading = _is_heading(section, content)
        paragraph += not heading
        alone = heading or (clauses == 1 and section.number)
        locator = here if alone else _join(here or "正文", f"第{paragraph}段")
        kind = PassageKind.HEADING if heading and _has_more(section) else PassageKind.CLAUSE
        frame = Passage(kind, locator, "", inner, part, section, paragraph)
        yield from _of_clause(notice, content, frame)
    lead = _lead(section)
    for child in section.sections:
        yield from _of_section(notice, part, child, here, (*inner, lead) if lead else inner)


def _has_more(section: Section) -> bool:
    """Whether a section's first line heads something; a line that stands alone is an item, whatever it looks like."""
    return len(section.content) > 1 or bool(section.sections)


def _lead(section: Section) -> str:
    """The sentence that leads in a section's list, 申请人须符合下列条件：, less its colon."""
    last = section.content[-1] if section.content else None
    if not section.sections or not isinstance(last, Clause) or _is_heading(section, last):
        return ""
    words = sentences(last.text)[-1].strip()
    return words.rstrip("：:") if words.endswith(("：", ":")) and len(words) <= _LONGEST_LEAD else ""


def _join(above: str, number: str) -> str:
    """附件 + 一、 → 附件 一、; 一、 + （二） → 一、（二）; 二、 + 第2段 → 二、第2段."""
    number = number.rstrip(".．") + "." if re.fullmatch(r"\d+[.．、]", number) else number
    labels = above.startswith("附件") and not re.search(r"[\s、）).]", above)
    gap = " " if labels or (above[-1:].isdigit() and number[:1].isdigit()) else ""
    return f"{above}{gap}{number}" if above else number


def _is_heading(section: Section, content: Clause | Table) -> bool:
    """Whether a clause is nothing but its section's number and heading."""
    if not section.content or content is not section.content[0] or isinstance(content, Table):
        return False
    marker = marker_of(content.text) if section.number else None
    return section.heading != "" and plain(marker.rest if marker else content.text) == plain(section.heading)


def _of_clause(notice: Notice, clause: Clause, frame: Passage) -> Iterator[Passage]:
    """The sentences of a clause, and the contacts in it; `frame` is the passage that they share but for the text.

    A contact that goes on over several lines is one passage, at its first.
    """
    begun = [c for c in notice.contacts if _first_line(c) in clause.text]
    for contact in begun:
        yield replace(frame, kind=PassageKind.CONTACT, text=contact.quote, contact=contact)
    if any(clause.text in c.quote for c in notice.contacts) or _is_all(begun, clause):
        return
    for text in _pieces(clause.text):
        yield replace(frame, text=text)


def _first_line(contact: Contact) -> str:
    return contact.quote.split("\n")[0]


def _is_all(contacts: Sequence[Contact], clause: Clause) -> bool:
    """Whether these contacts are all that a clause says."""
    return sum(len(plain(_first_line(c))) for c in contacts) + len(contacts) >= len(plain(clause.text))


def _pieces(text: str) -> list[str]:
    """Sentences, short ones joined to the next (the last one to the one before)."""
    pieces: list[str] = []
    open_piece = ""
    for sentence in (part for whole in sentences(text) for part in _bounded(whole)):
        open_piece += sentence
        if len(open_piece.strip()) >= _SHORTEST:
            pieces.append(open_piece.strip())
            open_piece = ""
    if open_piece.strip():
        if pieces:
            pieces[-1] += open_piece.rstrip()
        else:
            pieces.append(open_piece.strip())
    return pieces


def _bounded(sentence: str) -> Iterator[str]:
    """The sentence, a monstrous one in parts, cut after a comma where there is one."""
    while len(sentence) > _LONGEST:
        cut = max(sentence.rfind(c, 0, _LONGEST) for c in "，、；,") + 1 or _LONGEST
        yield sentence[:cut]
        sentence = sentence[cut:]
    yield sentence


def _of_table(
    notice: Notice, part: Part, section: Section, table: Table, path: tuple[str, ...], tables: int
) -> Iterator[Passage]:
    label = part.label
    all_tables = [c for s in part.body.walk() for c in s.content if isinstance(c, Table)]
    name = f"表{next(i for i, t in enumerate(all_tables, 1) if t is table)}" if tables > 1 else ""
    numbered = bool(table.header) and table.header[0] in ("序号", "编号")
    for at, row in enumerate(table.rows, 1):
        number = row.cells[0] if numbered and row.cells[0].isdigit() else ""
        place = f"第{number}项" if number else f"第{at}行"
        locator = " ".join(x for x in (label, name or ("" if label else "表"), place) if x)
        heading = (*path, *(x for x in (table.title, row.group) if x and x not in path))
        contact = next((c for c in notice.contacts if c.quote == row.text), None)
        yield Passage(PassageKind.ROW, locator, row.text, heading, part, section, at, table, row, contact)
