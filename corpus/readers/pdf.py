"""PDF with a text layer: lines in reading order, joined by the page's geometry; tables; page furniture dropped."""

import io
import re
from collections import Counter
from dataclasses import dataclass

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfplumber.page import Page
from pdfplumber.utils.exceptions import PdfminerException

from corpus.blocks import Block, Cell, Grid, Line
from corpus.errors import NoticeUnreadable
from corpus.numbering import marker_of
from corpus.readers.plain import clean

_MOST_PAGES = 500
_PAGE_NUMBER = re.compile(r"[-—–－\s]*\d{1,3}[-—–－\s]*|第\s*\d+\s*页.*")
_ENDS = re.compile(r"[。！？；：:]\s*$")
_NEAR_MARGIN = 2.0
"""Character widths: a line that ends nearer to the right margin was broken there, not ended."""


@dataclass(frozen=True, slots=True)
class _Printed:
    """A printed line: its text, left and right edge, its place from the top, and the size of its letters (points)."""

    text: str
    left: float
    right: float
    top: float
    size: float


def read(content: bytes) -> list[Block]:
    """The blocks of a PDF. Raises NoticeUnreadable for one that is encrypted, too long, or has no text layer."""
    try:
        with pdfplumber.open(io.BytesIO(content)) as document:
            if len(document.pages) > _MOST_PAGES:
                raise NoticeUnreadable(
                    f"有 {len(document.pages)} 页，超过上限 {_MOST_PAGES} 页。请拆分后再试。"
                )
            pages = [_page(p) for p in document.pages]
    except PdfminerException as error:
        if error.args and isinstance(error.args[0], PDFPasswordIncorrect):
            raise NoticeUnreadable("PDF 已加密。请去掉密码后再试。") from None
        raise
    if not any(pages):
        raise NoticeUnreadable(
            "PDF 里没有文字层（多半是扫描件）。需要先做 OCR 文字识别，或另找可复制文字的版本。"
        )
    furniture = _furniture(pages)
    kept = [
        [x for x in page if not (isinstance(x, _Printed) and _is_furniture(x, furniture))] for page in pages
    ]
    return _continued(_joined([item for page in kept for item in page]))


def _page(page: Page) -> list[_Printed | Grid]:
    """Lines and tables of a page by their place from the top."""
    tables = [t for t in page.find_tables() if len(t.rows) > 1 and max(len(r.cells) for r in t.rows) > 1]
    rest = page
    for table in tables:
        rest = rest.outside_bbox(_within(table.bbox, page))
    items: list[tuple[float, _Printed | Grid]] = [(t.bbox[1], _grid(t.extract())) for t in tables]
    for line in rest.extract_text_lines(strip=True):
        text = clean(line["text"]).strip()
        if text:
            size = max(float(c["size"]) for c in line["chars"])
            items.append((line["top"], _Printed(text, line["x0"], line["x1"], line["top"], size)))
    return [item for _, item in sorted(items, key=lambda pair: pair[0])]


def _within(box: tuple[float, float, float, float], page: Page) -> tuple[float, float, float, float]:
    left, top, right, bottom = page.bbox
    return max(box[0], left), max(box[1], top), min(box[2], right), min(box[3], bottom)


def _grid(rows: list[list[str | None]]) -> Grid:
    """pdfplumber gives None where a merged cell goes on: it repeats what is above, or to the left."""
    filled: list[tuple[Cell, ...]] = []
    for row in rows:
        cells: list[Cell] = []
        for column, text in enumerate(row):
            if text is not None:
                cells.append(Cell(clean(text).replace("\n", "").strip()))
            elif filled and column < len(filled[-1]):
                cells.append(Cell(filled[-1][column].text, merged=True))
            else:
                cells.append(Cell(cells[-1].text if cells else "", merged=True))
        filled.append(tuple(cells))
    return Grid(tuple(filled))


def _furniture(pages: list[list[_Printed | Grid]]) -> set[str]:
    """What stands first or last on most pages: running heads and feet."""
    edges: Counter[str] = Counter()
    for page in pages:
        lines = [x for x in page if isinstance(x, _Printed)]
        edges.update({line.text for line in (*lines[:1], *lines[-1:])})
    return {text for text, count in edges.items() if count >= 3 and count * 2 > len(pages)}


def _is_furniture(line: _Printed, furniture: set[str]) -> bool:
    return line.text in furniture or bool(_PAGE_NUMBER.fullmatch(line.text))


def _joined(items: list[_Printed | Grid]) -> list[Block]:
    """Paragraphs: a line that reaches the right margin goes on in the next, unless that one is indented."""
    lines = [x for x in items if isinstance(x, _Printed)]
    right = max((x.right for x in lines), default=0.0)
    left = min((x.left for x in lines), default=0.0)
    blocks: list[Block] = []
    before: _Printed | None = None
    for item in items:
        if isinstance(item, Grid):
            blocks.append(item)
            before = None
            continue
        last = blocks[-1] if blocks else None
        if before is not None and isinstance(last, Line) and _goes_on(before, item, left, right):
            blocks[-1] = Line(last.text + item.text)
        else:
            blocks.append(Line(item.text))
        before = item
    return blocks


def _goes_on(before: _Printed, after: _Printed, left: float, right: float) -> bool:
    if marker_of(after.text):
        return False
    if abs(before.size - after.size) > 1 or (_ENDS.search(before.text) and after.left > left + before.size):
        return False
    return before.right > right - _NEAR_MARGIN * before.size and after.left < left + 1.5 * after.size


def _continued(blocks: list[Block]) -> list[Block]:
    """A table that goes on over a page break is one table; a repeated header row is dropped."""
    merged: list[Block] = []
    for block in blocks:
        last = merged[-1] if merged else None
        if isinstance(block, Grid) and isinstance(last, Grid) and len(last.rows[0]) == len(block.rows[0]):
            rows = (
                block.rows[1:]
                if [c.text for c in block.rows[0]] == [c.text for c in last.rows[0]]
                else block.rows
            )
            merged[-1] = Grid(last.rows + rows)
        else:
            merged.append(block)
    return merged
