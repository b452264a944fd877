"""Web pages: the text of the page less its navigation, headings with their level, tables with merged cells filled."""

import re

import lxml.etree
import lxml.html
from lxml.etree import _Comment, _ProcessingInstruction

from corpus.blocks import Block, Cell, Grid, Line
from corpus.readers.plain import clean, decode

_DROPPED = (
    "script",
    "style",
    "nav",
    "header",
    "footer",
    "aside",
    "form",
    "noscript",
    "button",
    "select",
    "svg",
    "iframe",
    "head",
)
_BLOCKS = frozenset(
    "p div section article main h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote pre address figure center body html tr".split()
)
_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]+)", re.IGNORECASE)
_WIDEST = 100
"""Columns or rows that one cell may span; more is an attack on memory."""


def read(content: bytes) -> list[Block]:
    """The blocks of a web page."""
    root = lxml.html.document_fromstring(_text(content))
    lxml.etree.strip_elements(root, *_DROPPED, with_tail=False)
    page = _Page()
    page.walk(root)
    page.end_line()
    return page.blocks


def _text(content: bytes) -> str:
    declared = _CHARSET.search(content[:4096])
    name = declared[1].decode("ascii").lower() if declared else ""
    if name in ("gb2312", "gbk", "gb18030", "big5"):
        try:
            return clean(content.decode("gb18030" if name.startswith("gb") else name))
        except UnicodeDecodeError:
            return decode(content)
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", decode(content))


class _Page:
    """Collects lines while walking the tree; inline elements do not end a line."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._open = ""
        self._level: int | None = None

    def walk(self, element: lxml.html.HtmlElement) -> None:
        if isinstance(element, _Comment | _ProcessingInstruction):
            return
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag == "table":
            self.end_line()
            self.blocks += _table(element)
            return
        if tag in _BLOCKS or tag == "br":
            self.end_line()
        before = self._level
        if re.fullmatch("h[1-6]", tag):
            self._level = int(tag[1])
        self._open += _number(element) + _folded(element.text)
        for child in element:
            self.walk(child)
            self._open += _folded(child.tail)
        if tag in _BLOCKS:
            self.end_line()
        self._level = before

    def end_line(self) -> None:
        if self._open.strip():
            self.blocks.append(Line(self._open.strip(), self._level))
        self._open = ""


def _folded(text: str | None) -> str:
    """A page's line breaks and indents are no text; between Chinese characters they are nothing at all."""
    folded = re.sub(r"[ \t\r\n\xa0]+", " ", text or "")
    return (
        re.sub(r"(?<=[\u4e00-\u9fff，。；：、]) (?=[\u4e00-\u9fff])", "", folded)
        if "\n" in (text or "")
        else folded
    )


def _number(element: lxml.html.HtmlElement) -> str:
    """The number that the browser shows before an item of an ordered list."""
    parent = element.getparent()
    if element.tag != "li" or parent is None or parent.tag != "ol":
        return ""
    items = [c for c in parent if c.tag == "li"]
    start = parent.get("start", "1")
    return f"{(int(start) if start.isdigit() else 1) + items.index(element)}."


def _table(element: lxml.html.HtmlElement) -> list[Block]:
    """The table as a grid; one that only lays out the page (a single column) as lines."""
    rows: list[dict[int, Cell]] = []
    own_rows = [r for r in element.iter("tr") if next(r.iterancestors("table")) is element]
    for row_number, row in enumerate(own_rows):
        column = 0
        for cell in row.iterchildren("td", "th"):
            while len(rows) > row_number and column in rows[row_number]:
                column += 1
            text = re.sub(r"\s+", " ", cell.text_content()).strip()
            down, right = _span(cell, "rowspan"), _span(cell, "colspan")
            for r in range(row_number, row_number + down):
                while len(rows) <= r:
                    rows.append({})
                for c in range(column, column + right):
                    rows[r][c] = Cell(text, merged=(r, c) != (row_number, column))
            column += right
    width = max((max(r, default=-1) + 1 for r in rows), default=0)
    if width <= 1:
        return [Line(cell.text) for row in rows for cell in row.values() if cell.text]
    return [Grid(tuple(tuple(row.get(c, Cell("")) for c in range(width)) for row in rows if row))]


def _span(cell: lxml.html.HtmlElement, name: str) -> int:
    value = cell.get(name, "1").strip()
    return min(max(int(value), 1), _WIDEST) if value.isdigit() else 1
