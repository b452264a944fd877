"""From blocks to a Notice: parts are told apart, each is nested by its numbering, facts are read out.

`read_notice(blocks)` is the one way in; it never fails, since every text is at least a title and paragraphs.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from corpus import facts, head
from corpus.blocks import Block, Cell, Grid, Line
from corpus.flattened import looks_like_column_names, restore_tables
from corpus.lines import paragraphs
from corpus.notice import UNSTATED, Clause, Contact, Fact, Notice, Part, Section, Table, TableRow
from corpus.numbering import Marker, marker_of

_LONGEST_HEADING = 60
"""Characters; a longer one is a sentence that lacks its full stop."""


def read_notice(blocks: Sequence[Block]) -> Notice:
    """The document tree of one notice."""
    body = paragraphs(restore_tables(blocks))
    top = head.read_head(body)
    sign = head.find_signature(body, top.body_at)
    cuts = _part_starts(body, top.body_at, sign)
    first_end = cuts[0][0] if cuts else len(body)
    main = _main_blocks(body[top.body_at : first_end], sign, top.body_at)
    attachments = _attachment_names(body)[0]
    main = _attachment_names(main)[1]
    parts = [Part("", top.title, nest(main))] if main or not cuts else []
    ends = [*(start for start, _ in cuts[1:]), len(body)]
    parts += [_part(label, body[start:end]) for (start, label), end in zip(cuts, ends, strict=False)]
    copy_to, printed = _foot(body)
    title = top.title or next((p.title for p in parts if p.title), "") or _first_words(body)
    date = next((f for f in ((sign.date if sign else UNSTATED), printed[1], top.date) if f.value), UNSTATED)
    signed = sign.issuer if sign else UNSTATED
    issuer = next((f for f in (signed, top.issuer, printed[0]) if f.value), UNSTATED)
    texts = [b.text for b in body if isinstance(b, Line)]
    return Notice(
        title=title,
        parts=tuple(p for p in parts if p.body.content or p.body.sections or p.title),
        doc_number=top.doc_number,
        issuer=issuer,
        date=date,
        recipients=top.recipients,
        copy_to=copy_to,
        attachments=tuple(attachments),
        contacts=tuple(_contacts(body)),
        references=tuple(r for t in texts for s in facts.sentences(t) for r in facts.references(s)),
        names=tuple(_names(parts, issuer.value)),
    )


def _first_words(body: Sequence[Block]) -> str:
    return next((b.text[:60] for b in body if isinstance(b, Line)), "")


def _part_starts(body: Sequence[Block], start: int, sign: head.Signature | None) -> list[tuple[int, str]]:
    """Where each further document begins: after the signature, or at a line that reads 附件N."""
    cuts: list[tuple[int, str]] = []
    if sign and sign.end < len(body) and _begins_document(body, sign.end):
        cuts.append((sign.end, ""))
    for at in range(start, len(body)):
        block = body[at]
        if not isinstance(block, Line):
            continue
        match = head.ATTACHMENT_LABEL.match(block.text)
        if match and (
            match.end() == len(block.text)
            or (sign and at >= sign.end and len(block.text) < 60 and match["number"])
        ):
            cuts = [c for c in cuts if c[0] != at]
            cuts.append((at, "附件" + (match["number"] or "")))
    return sorted(cuts)


def _begins_document(body: Sequence[Block], at: int) -> bool:
    block = body[at]
    if isinstance(block, Grid):
        return True
    text = block.text
    if head.COPY_TO.match(text) or head.read_printed(text) or head.ATTACHMENT_LABEL.match(text):
        return False
    return not facts.contact_of(text) and len(body) - at > 1


def _main_blocks(blocks: Sequence[Block], sign: head.Signature | None, offset: int) -> list[Block]:
    if sign is None:
        return list(blocks)
    return [b for i, b in enumerate(blocks, offset) if not sign.start <= i < sign.end]


def _attachment_names(blocks: Sequence[Block]) -> tuple[list[str], list[Block]]:
    """The names in 附件：1.… 2.…, and the blocks without those lines."""
    names: list[str] = []
    rest: list[Block] = []
    listing = False
    for block in blocks:
        text = block.text if isinstance(block, Line) else ""
        match = head.ATTACHMENT_LIST.fullmatch(text)
        if match and not facts.contact_of(text):
            names.append(match["rest"] or match["name"])
            listing = True
        elif (
            listing
            and (mark := marker_of(text))
            and mark.style == "num"
            and len(text) < 60
            and "。" not in text
        ):
            names.append(text)
        else:
            listing = False
            rest.append(block)
    return [re.sub(r"^\s*\d+\s*[.．、]\s*", "", n).strip() for n in names], rest


def _part(label: str, blocks: Sequence[Block]) -> Part:
    """A further document: its label, the lines of its title, its body."""
    at, title = 0, []
    if label and isinstance(blocks[0], Line):
        words = blocks[0].text[head.ATTACHMENT_LABEL.match(blocks[0].text).end() :].strip()  # type: ignore[union-attr]
        title, at = ([words] if words else []), 1
    while at < len(blocks) and not (title and head.title_is_complete(title)):
        block = blocks[at]
        if (
            not isinstance(block, Line)
            or marker_of(block.text)
            or len(block.text) > 60
            or re.search("[。；：:]", block.text)
        ):
            break
        title.append(block.text)
        at += 1
    return Part(label, head.join_title(title), nest(_attachment_names(blocks[at:])[1]))


def _foot(body: Sequence[Block]) -> tuple[Fact, tuple[Fact, Fact]]:
    """Copy-to, and issuer and date of the printing line."""
    copy_to, issuer, date = UNSTATED, UNSTATED, UNSTATED
    for block in body:
        if not isinstance(block, Line):
            continue
        if (match := head.COPY_TO.match(block.text)) and not copy_to.value:
            copy_to = Fact(block.text[match.end() :].strip(), block.text)
        elif printed := head.read_printed(block.text):
            org = re.sub("办公室$|秘书处$", "", printed[0])
            issuer, date = Fact(org, block.text) if org else issuer, Fact(printed[1], block.text)
    return copy_to, (issuer, date)


@dataclass(slots=True)
class _Open:
    """A section that is still being filled."""

    style: str
    number: str = ""
    heading: str = ""
    level: int = 0
    content: list[Clause | Table] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)

    def closed(self) -> Section:
        return Section(self.number, self.heading, tuple(self.content), tuple(self.sections))


def nest(blocks: Sequence[Block]) -> Section:
    """Sections within sections. A style not yet open goes below the current one; one that is open closes to its level."""
    stack = [_Open("root")]
    caption = ""
    for block in blocks:
        if isinstance(block, Grid):
            table = _table(block, caption)
            stack[-1].content.append(table)
            continue
        if head.COPY_TO.match(block.text) or head.read_printed(block.text):
            continue
        caption = block.text if len(block.text) <= _LONGEST_HEADING else ""
        marker = marker_of(block.text)
        if marker and not _is_prose(marker):
            _close_to(stack, marker.style, 0)
            stack.append(_numbered(marker, block.text))
        elif block.level is not None:
            _close_to(stack, "heading", block.level)
            stack.append(_Open("heading", "", block.text, block.level, content=[Clause(block.text)]))
        else:
            while stack[-1].style in _ONE_PARAGRAPH:
                _close_last(stack)
            if len(stack) > 1 and _ends_body(block.text, stack):
                while len(stack) > 1:
                    _close_last(stack)
                stack.append(_Open(_AFTERWORD))
            stack[-1].content.append(Clause(block.text))
    while len(stack) > 1:
        _close_last(stack)
    return stack[0].closed()


_CLOSING = re.compile(
    r"(?:联\s*系\s*人|联系方式|联系电话|咨询电话|联系单位)\s*(?:及[\u4e00-\u9fa5]{2,4})?\s*[：:]"
)
_AFTERWORD = "afterword"
_ON_CONTACTS = re.compile("联系|联络|咨询|报名|报送|报到|方式|其他|其它")


def _ends_body(text: str, stack: Sequence[_Open]) -> bool:
    """Whether 联系人：… after the last section stands for the whole notice, not for that section."""
    return (
        stack[-1].style != _AFTERWORD
        and bool(_CLOSING.match(text))
        and not any(_ON_CONTACTS.search(s.heading) for s in stack)
    )


def _is_prose(marker: Marker) -> bool:
    """第一，… in the middle of a text is no division unless words follow; a bare marker is noise."""
    return not marker.rest


_RANK = {
    style: rank
    for rank, style in enumerate(
        (
            "chapter",
            "part",
            "cn",
            "cn_paren",
            "spoken",
            "stage",
            "box",
            "num",
            "ordinal",
            "deep",
            "num_paren",
            "circle",
            "dash",
        )
    )
}
"""The usual nesting (GB/T 9704-2012, 7.3.3, and what is found beside it); articles and headings lie anywhere."""
_ONE_PARAGRAPH = ("dash", "spoken")
"""Styles of items that end with their paragraph; text after them belongs to the section above."""


def _close_to(stack: list[_Open], style: str, level: int) -> None:
    """Closes every section that the new one does not lie in."""

    def ends(open_section: _Open) -> bool:
        if open_section.style == _AFTERWORD:
            return True
        if style == "heading":
            return open_section.style != "heading" or open_section.level >= level
        if open_section.style == style or (
            style in ("chapter", "part") and open_section.style in ("article", "heading")
        ):
            return True
        return _RANK.get(open_section.style, -1) > _RANK.get(style, 99)

    first = next((i for i in range(1, len(stack)) if ends(stack[i])), None)
    if first is None:
        return
    while len(stack) > first:
        _close_last(stack)


def _close_last(stack: list[_Open]) -> None:
    section = stack.pop().closed()
    stack[-1].sections.append(section)


def _numbered(marker: Marker, text: str) -> _Open:
    lead = re.split(r"(?<=[。！？!?])|　| {2,}", marker.rest, maxsplit=1)[0]
    label = re.match(r"([\u4e00-\u9fa5“”、 ]{2,14})[：:]", marker.rest)
    if label:
        heading = label[1]
    elif not re.search("[。；：:！？]", marker.rest) and len(marker.rest) <= _LONGEST_HEADING:
        heading = marker.rest
    elif len(lead) <= _LONGEST_HEADING and len(lead) < len(marker.rest):
        heading = lead.rstrip("。！？!?")
    else:
        heading = ""
    return _Open(marker.style, marker.number, heading, content=[Clause(text)])


def _table(grid: Grid, caption: str) -> Table:
    """Column names come first, over one row or several; a row of one merged cell above them is the table's title."""
    rows = [r for r in grid.rows if any(c.text.strip() for c in r)]
    title, said = caption, grid.header_rows
    while len(rows) > 1 and len({_name(c) for c in rows[0]}) == 1 and len(rows[0]) > 1:
        title, rows, said = _name(rows[0][0]), rows[1:], said - 1
    if not rows:
        return Table(title, (), ())
    depth = _header_depth(rows, said)
    names = _column_names(rows[:depth]) if depth else ("",) * len(rows[0])
    repeated = {tuple(map(_name, r)) for r in rows[:depth]}
    body = [r for r in rows[depth:] if tuple(map(_name, r)) not in repeated]
    return Table(title, names, tuple(_row(r, names) for r in body))


def _name(cell: Cell) -> str:
    return re.sub(r"\s+", "", cell.text)


def _column_names(rows: Sequence[tuple[Cell, ...]]) -> tuple[str, ...]:
    """Names over several rows are joined from top to bottom: 责任分工 over 牵头部门 is 责任分工牵头部门."""
    return tuple("".join(dict.fromkeys(map(_name, column))) for column in zip(*rows, strict=True))


_DEEPEST_HEADER = 3
_VALUE = re.compile(r"[\d.,:：年月日时分元万%％/-]+")


def _header_depth(rows: Sequence[tuple[Cell, ...]], said: int) -> int:
    """How many rows name the columns: as the file says, else as many as a name that spans columns has names below it."""
    if 0 < said < len(rows):
        return said
    first = [_name(c) for c in rows[0]]
    spans = any(c.merged and i and first[i] == first[i - 1] for i, c in enumerate(rows[0]))
    if spans and len(rows) > 2:
        depth = 1
        while depth < min(_DEEPEST_HEADER, len(rows) - 1) and _goes_on_naming(rows[depth - 1], rows[depth]):
            depth += 1
        return depth
    names = [n for n in first if n]
    return int(looks_like_column_names(names) or (len(rows) > 2 and all(n and len(n) <= 10 for n in first)))


def _goes_on_naming(above: Sequence[Cell], below: Sequence[Cell]) -> bool:
    """Whether a row divides the names above it: it has other short names below those that span, the same elsewhere."""
    pairs = [(_name(a), _name(b)) for a, b in zip(above, below, strict=True)]
    own = [b for (a, b), cell in zip(pairs, below, strict=True) if b and not (cell.merged and a == b)]
    spanning = [i for i, (a, _) in enumerate(pairs) if i and a and a == pairs[i - 1][0]]
    under = {i for at in spanning for i in (at - 1, at)}
    return (
        bool(under)
        and all(len(n) <= _LONGEST_NAME and not _VALUE.fullmatch(n) for n in own)
        and all(not b or a == b for i, (a, b) in enumerate(pairs) if i not in under)
    )


_LONGEST_NAME = 14


def _row(cells: tuple[Cell, ...], names: tuple[str, ...]) -> TableRow:
    own = [
        c
        for i, c in enumerate(cells)
        if not c.merged and c.text.strip() and not (i == 0 and names[0] in ("序号", "编号"))
    ]
    return TableRow(tuple(c.text.strip() for c in cells), "\n".join(c.text.strip() for c in own))


def _contacts(body: Sequence[Block]) -> list[Contact]:
    """Contacts of consecutive lines belong together: 联系人 on one, 电话 on the next."""
    found: list[Contact] = []
    together = False
    for block in body:
        contact = facts.contact_of(block.text) if isinstance(block, Line) else None
        if contact and together and not _overlap(found[-1], contact):
            found[-1] = _joined(found[-1], contact)
        elif contact:
            found.append(contact)
        together = contact is not None
    return found


def _overlap(first: Contact, second: Contact) -> bool:
    """Whether both give names, or both numbers: then they are two contacts."""
    return bool(
        (first.names and second.names)
        or (first.phones and second.phones)
        or (first.addresses and second.addresses)
        or (first.emails and second.names)
    )


def _joined(first: Contact, second: Contact) -> Contact:
    return Contact(
        first.names + second.names,
        first.phones + second.phones,
        first.emails + second.emails,
        first.addresses + second.addresses,
        first.websites + second.websites,
        f"{first.quote}\n{second.quote}",
    )


def _names(parts: Sequence[Part], issuer: str) -> list[str]:
    """Departments and organisations, from the places where they stand by themselves: table cells and the signature."""
    cells = [
        c
        for p in parts
        for s in p.body.walk()
        for t in s.content
        if isinstance(t, Table)
        for r in t.rows
        for c in r.cells
    ]
    found = facts.organisations(cells)
    return list(dict.fromkeys([*issuer.split("、"), *found])) if issuer else found
