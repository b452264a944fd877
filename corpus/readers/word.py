"""Word (.docx): paragraphs and tables in the order of the body, automatic numbers written out, merged cells filled."""

import io
from collections import defaultdict
from collections.abc import Iterator

import docx
from docx.document import Document
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph

from corpus.blocks import Block, Cell, Grid, Line
from corpus.readers.plain import clean

_CHINESE = "〇一二三四五六七八九"


def read(content: bytes) -> list[Block]:
    """The blocks of a .docx file."""
    document = docx.Document(io.BytesIO(content))
    numbers = _Numbers(document)
    blocks: list[Block] = []
    for item in document.iter_inner_content():
        if isinstance(item, Table):
            blocks.append(_grid(item))
        else:
            blocks += _lines(item, numbers)
    return blocks


def _lines(paragraph: Paragraph, numbers: "_Numbers") -> Iterator[Line]:
    text = clean(paragraph.text)
    if not text.strip():
        return
    first, *more = text.split("\n")
    yield Line(numbers.next(paragraph) + first, _level(paragraph))
    yield from (Line(m) for m in more if m.strip())


def _level(paragraph: Paragraph) -> int | None:
    name = (paragraph.style.name or "") if paragraph.style else ""
    if name == "Title":
        return 1
    digits = name.removeprefix("Heading ")
    return int(digits) if name.startswith("Heading ") and digits.isdigit() else None


def _grid(table: Table) -> Grid:
    """python-docx gives a merged cell at each place that it covers: the first one counts as its own."""
    seen: set[object] = set()
    rows = []
    for row in table.rows:
        cells = []
        for cell in row.cells:
            cells.append(Cell(clean(cell.text).strip(), cell._tc in seen))
            seen.add(cell._tc)
        rows.append(cells)
    width = max(map(len, rows), default=0)
    return Grid(tuple(tuple(r + [Cell("")] * (width - len(r))) for r in rows))


class _Numbers:
    """Word's automatic numbering: counts each list level and writes its number as the format says."""

    def __init__(self, document: Document) -> None:
        self._counts: defaultdict[tuple[str, int], int] = defaultdict(int)
        self._levels: dict[tuple[str, int], tuple[str, str, int]] = {}
        part = next(
            (r.target_part for r in document.part.rels.values() if r.reltype.endswith("/numbering")), None
        )
        element = getattr(part, "element", None)
        if element is not None:
            self._read(element)

    def _read(self, element: object) -> None:
        abstract = {a.get(qn("w:abstractNumId")): a for a in element.findall(qn("w:abstractNum"))}  # type: ignore[attr-defined]
        for num in element.findall(qn("w:num")):  # type: ignore[attr-defined]
            source = abstract.get(num.find(qn("w:abstractNumId")).get(qn("w:val")))
            for level in source.findall(qn("w:lvl")) if source is not None else ():
                values = [level.find(qn(name)) for name in ("w:numFmt", "w:lvlText", "w:start")]
                form, text, start = (v.get(qn("w:val")) if v is not None else "" for v in values)
                key = (num.get(qn("w:numId")), int(level.get(qn("w:ilvl"))))
                self._levels[key] = (form, text, int(start or 1))

    def next(self, paragraph: Paragraph) -> str:
        """The number that Word shows before this paragraph, or ""."""
        key = self._key(paragraph)
        if key is None or key not in self._levels:
            return ""
        form, text, _ = self._levels[key]
        if form in ("bullet", "none", ""):
            return ""
        self._counts[key] += 1
        for other in [k for k in self._counts if k[0] == key[0] and k[1] > key[1]]:
            del self._counts[other]
        for level in range(key[1] + 1):
            form, _, start = self._levels.get((key[0], level), ("decimal", "", 1))
            value = max(self._counts[key[0], level], 1) + start - 1
            text = text.replace(f"%{level + 1}", _written(value, form))
        return text

    def _key(self, paragraph: Paragraph) -> tuple[str, int] | None:
        style = paragraph.style
        for properties in (paragraph._p.pPr, style.element.pPr if style is not None else None):
            number = properties.find(f".//{qn('w:numId')}") if properties is not None else None
            level = properties.find(f".//{qn('w:ilvl')}") if properties is not None else None
            if number is not None:
                return str(number.get(qn("w:val"))), int(
                    level.get(qn("w:val"), "0")
                ) if level is not None else 0
        return None


def _written(value: int, form: str) -> str:
    if "chinese" in form.lower() or "ideograph" in form.lower() or "japanese" in form.lower():
        return _chinese(value)
    if form == "decimalEnclosedCircleChinese" or form == "decimalEnclosedCircle":
        return chr(0x2460 + value - 1) if value <= 20 else str(value)
    if form in ("lowerLetter", "upperLetter"):
        return chr((97 if form == "lowerLetter" else 65) + (value - 1) % 26)
    return str(value)


def _chinese(value: int) -> str:
    """1 to 99 as 一 … 九十九."""
    tens, ones = divmod(value, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_CHINESE[tens]}十"
    return head + (_CHINESE[ones] if ones else "")
