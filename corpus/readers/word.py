"""Word (.docx, .docm): what it would print of the body, in order; automatic numbers written out, merged cells filled.

Headers, footers, tables of contents, hidden text and what a tracked change has deleted are not read.
Element names are those of ECMA-376, part 1, 17.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import docx.package
from docx.opc.part import Part
from docx.oxml.ns import qn
from lxml import etree
from lxml.etree import _Element

from corpus.blocks import Block, Cell, Grid, Line, Reading
from corpus.readers.plain import clean
from corpus.readers.source import Source, Tools
from corpus.readers.word_numbers import Numbering

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)
_FORK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
_CHOICES = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_TRANSPARENT = frozenset(
    map(
        qn,
        (
            "w:sdt",
            "w:sdtContent",
            "w:ins",
            "w:moveTo",
            "w:smartTag",
            "w:customXml",
            "w:hyperlink",
            "w:fldSimple",
            "w:dir",
            "w:bdo",
        ),
    )
)
"""Elements that only wrap what they hold."""
_MOST_COLUMNS = 200
_SIGNS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}


def read(source: Source, tools: Tools) -> Reading:
    """The blocks of a Word document. Raises what python-docx and lxml raise for damaged files."""
    main = docx.package.Package.open(io.BytesIO(source.content)).main_document_part
    body = _xml(main).find(qn("w:body"))
    document = _Document(
        _Styles.of(_related(main, "styles")), Numbering.of(_related(main, "numbering")), _notes(main)
    )
    return Reading(tuple(document.blocks(body)) if body is not None else ())


def _xml(part: Part) -> _Element:
    return etree.fromstring(part.blob, _PARSER)


def _related(main: Part, name: str) -> _Element | None:
    """The part that the main one is related to by a relationship whose type ends in this name."""
    found = (
        r.target_part for r in main.rels.values() if not r.is_external and r.reltype.endswith(f"/{name}")
    )
    part = next(found, None)
    return _xml(part) if part is not None else None


def _notes(main: Part) -> dict[tuple[str, str], _Element]:
    """Foot- and endnotes by their sort and id."""
    found = {}
    for sort in ("footnote", "endnote"):
        root = _related(main, f"{sort}s")
        for note in root.iterfind(qn(f"w:{sort}")) if root is not None else ():
            found[sort, note.get(qn("w:id"), "")] = note
    return found


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    based_on: str
    number: tuple[str, int | None] | None
    outline: int | None


@dataclass(frozen=True, slots=True)
class _Styles:
    """Paragraph styles by their id."""

    styles: dict[str, _Style]

    @classmethod
    def of(cls, root: _Element | None) -> "_Styles":
        found = {}
        for style in root.iterfind(qn("w:style")) if root is not None else ():
            properties = style.find(qn("w:pPr"))
            found[style.get(qn("w:styleId"), "")] = _Style(
                _value(style, "w:name").lower(),
                _value(style, "w:basedOn"),
                _number(properties),
                _outline(properties),
            )
        return cls(found)

    def chain(self, style_id: str) -> Iterator[tuple[str, _Style]]:
        """A style and those that it is based on."""
        seen: set[str] = set()
        while style_id in self.styles and style_id not in seen:
            seen.add(style_id)
            yield style_id, self.styles[style_id]
            style_id = self.styles[style_id].based_on


@dataclass(slots=True)
class _Document:
    """Walks a document; `_aside` gathers text boxes, notes and inner tables until the paragraph or table is done."""

    styles: _Styles
    numbering: Numbering
    notes: dict[tuple[str, str], _Element]
    _aside: list[_Element] = field(default_factory=list)
    _carried: str = ""
    """The text of paragraphs whose end a tracked change has deleted."""

    def blocks(self, parent: _Element) -> Iterator[Block]:
        """The blocks of whatever holds paragraphs and tables."""
        for element in parent:
            if element.tag == qn("w:p"):
                yield from self._paragraph(element)
            elif element.tag == qn("w:tbl"):
                yield from self._table(element)
            elif element.tag in _TRANSPARENT and not _is_contents(element):
                yield from self.blocks(element)

    def _paragraph(self, paragraph: _Element) -> Iterator[Block]:
        properties = paragraph.find(qn("w:pPr"))
        style = list(self.styles.chain(_value(properties, "w:pStyle")))
        if style and re.match(r"toc \d|toc heading", style[0][1].name):
            return
        outer, self._aside = self._aside, []
        text = self._carried + clean("".join(self._words(paragraph)))
        self._carried = ""
        if properties is not None and properties.find(f"{qn('w:rPr')}/{qn('w:del')}") is not None:
            self._carried = text
        elif text.strip():
            first, *more = text.split("\n")
            yield Line(self._printed_number(properties, style) + first, _level(properties, style))
            yield from (Line(m) for m in more if m.strip())
        aside, self._aside = self._aside, outer
        for element in aside:
            yield from self.blocks(element)

    def _words(self, parent: _Element) -> Iterator[str]:
        """The text of a paragraph or run as printed."""
        for element in parent:
            tag = element.tag
            if tag in (qn("w:t"), _MATH_TEXT):
                yield element.text or ""
            elif tag == qn("w:r"):
                if element.find(f"{qn('w:rPr')}/{qn('w:vanish')}") is None:
                    yield from self._words(element)
            elif tag in _SIGNS:
                yield _SIGNS[tag]
            elif tag in (qn("w:footnoteReference"), qn("w:endnoteReference")):
                sort = etree.QName(element).localname.removesuffix("Reference")
                note = self.notes.get((sort, element.get(qn("w:id"), "")))
                self._aside += [note] if note is not None else []
            elif tag in (qn("w:drawing"), qn("w:pict"), qn("w:object"), _FORK):
                self._aside += _text_boxes(element)
            elif tag in _TRANSPARENT or "/math}" in str(tag):
                yield from self._words(element)

    def _printed_number(self, properties: _Element | None, style: list[tuple[str, _Style]]) -> str:
        own = _number(properties)
        if own:
            return self.numbering.number(*own, style[0][0] if style else "")
        named = next(((s.number, style_id) for style_id, s in style if s.number), None)
        return self.numbering.number(*named[0], named[1]) if named and named[0] else ""

    def _table(self, table: _Element) -> Iterator[Block]:
        """The grid; a table of one column only frames what it holds."""
        rows = [r for r in _inside(table, qn("w:tr")) if r.find(f"{qn('w:trPr')}/{qn('w:del')}") is None]
        if all(len(list(_inside(r, qn("w:tc")))) <= 1 for r in rows):
            for row in rows:
                for cell in _inside(row, qn("w:tc")):
                    if _merge(cell) != "continue":
                        yield from self.blocks(cell)
            return
        inner: list[Block] = []
        filled: list[dict[int, Cell]] = []
        for row in rows:
            filled.append(self._row(row, filled[-1] if filled else {}, inner))
        width = max((max(r, default=-1) + 1 for r in filled), default=0)
        header = next((n for n, r in enumerate(rows) if not _is_on(r, "w:trPr", "w:tblHeader")), len(rows))
        yield Grid(tuple(tuple(r.get(c, Cell("")) for c in range(width)) for r in filled), header)
        yield from inner

    def _row(self, row: _Element, above: dict[int, Cell], inner: list[Block]) -> dict[int, Cell]:
        """The cells of a row by their column; tables within cells are put into `inner`."""
        cells: dict[int, Cell] = {}
        column = _count(row.find(f"{qn('w:trPr')}/{qn('w:gridBefore')}"), 0)
        for cell in _inside(row, qn("w:tc")):
            properties = cell.find(qn("w:tcPr"))
            span = _count(properties.find(qn("w:gridSpan")) if properties is not None else None, 1)
            found = list(self.blocks(cell))
            inner += [b for b in found if isinstance(b, Grid)]
            if _merge(cell) == "continue":
                text, merged = above.get(column, Cell("")).text, True
            elif _value(properties, "w:hMerge") == "continue":
                text, merged = cells.get(column - 1, Cell("")).text, True
            else:
                text, merged = "\n".join(b.text.strip() for b in found if isinstance(b, Line)), False
            for offset in range(span):
                cells[column + offset] = Cell(text, merged or offset > 0)
            column += span
        return cells


def _inside(parent: _Element, tag: str) -> Iterator[_Element]:
    """The rows of a table or cells of a row, those in content controls included."""
    for element in parent:
        if element.tag == tag:
            yield element
        elif element.tag in _TRANSPARENT:
            yield from _inside(element, tag)


def _merge(cell: _Element) -> str:
    """ "restart" or "continue" for a cell merged with those above or below; "" for others. No value means continue."""
    element = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
    return "" if element is None else element.get(qn("w:val"), "continue")


def _count(element: _Element | None, default: int) -> int:
    value = element.get(qn("w:val"), "") if element is not None else ""
    return min(int(value), _MOST_COLUMNS) if value.isdigit() else default


def _is_on(parent: _Element, properties: str, name: str) -> bool:
    element = parent.find(f"{qn(properties)}/{qn(name)}")
    return element is not None and element.get(qn("w:val"), "true") not in ("false", "0", "off")


def _value(parent: _Element | None, name: str) -> str:
    child = parent.find(qn(name)) if parent is not None else None
    return child.get(qn("w:val"), "") if child is not None else ""


def _number(properties: _Element | None) -> tuple[str, int | None] | None:
    """The list and level of a paragraph or style; level None where only the list is named."""
    numbers = properties.find(qn("w:numPr")) if properties is not None else None
    if numbers is None or not _value(numbers, "w:numId"):
        return None
    level = _value(numbers, "w:ilvl")
    return _value(numbers, "w:numId"), int(level) if level.isdigit() else None


def _outline(properties: _Element | None) -> int | None:
    """Heading level 1 to 9 of a paragraph or style; 9 in the file means body text."""
    level = _value(properties, "w:outlineLvl")
    return int(level) + 1 if level.isdigit() and int(level) < 9 else None


def _level(properties: _Element | None, style: list[tuple[str, _Style]]) -> int | None:
    own = _outline(properties)
    if own is not None:
        return own
    for _, one in style:
        if one.name in ("title", "标题"):
            return 1
        heading = re.fullmatch(r"(?:heading|标题) (\d)", one.name)
        if heading or one.outline is not None:
            return int(heading[1]) if heading else one.outline
    return None


def _is_contents(element: _Element) -> bool:
    """Whether a content control is the table of contents that Word makes."""
    gallery = element.find(f"{qn('w:sdtPr')}/{qn('w:docPartObj')}/{qn('w:docPartGallery')}")
    return gallery is not None and gallery.get(qn("w:val")) == "Table of Contents"


def _text_boxes(element: _Element) -> list[_Element]:
    """The text boxes of a drawing, each once although older and newer forms of it are stored side by side."""
    if element.tag == _FORK:
        forms = [element.find(f"{_CHOICES}{name}") for name in ("Choice", "Fallback")]
        boxes = (_text_boxes(f) for f in forms if f is not None)
        return next((b for b in boxes if b), [])
    found = []
    for child in element:
        if child.tag == qn("w:txbxContent"):
            found.append(child)
        elif isinstance(child.tag, str):
            found += _text_boxes(child)
    return found
