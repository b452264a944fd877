"""Slides (.pptx): titles, texts and tables of each slide from top to foot; slide numbers and footers are left out."""

import io
from collections.abc import Iterable, Iterator
from typing import Any

from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE, PP_PLACEHOLDER

from corpus.blocks import Block, Cell, Grid, Line, Reading
from corpus.readers.plain import clean
from corpus.readers.source import Source, Tools

_FURNITURE = frozenset((PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.DATE))


def read(source: Source, tools: Tools) -> Reading:
    """The blocks of a presentation; its first title is that of the whole."""
    blocks: list[Block] = []
    pictures = []
    for number, slide in enumerate(Presentation(io.BytesIO(source.content)).slides, 1):
        title = slide.shapes.title
        found: list[Block] = []
        if title is not None and title.text_frame.text.strip():
            words = " ".join(clean(title.text_frame.text).split())
            found.append(Line(words, 2 if blocks else 1))
        shapes = [s for s in slide.shapes if title is None or s.shape_id != title.shape_id]
        found += _blocks(shapes)
        if not found and any(s.shape_type == MSO_SHAPE_TYPE.PICTURE for s in shapes):
            pictures.append(str(number))
        blocks += found
    warnings = (f"第{'、'.join(pictures)}张幻灯片只有图片，未读。",) if pictures else ()
    return Reading(tuple(blocks), warnings)


def _blocks(shapes: Iterable[Any]) -> Iterator[Block]:
    for shape in sorted(shapes, key=lambda s: (s.top or 0, s.left or 0)):
        if shape.is_placeholder and shape.placeholder_format.type in _FURNITURE:
            continue
        if shape.shape_type == MSO_SHAPE_TYPE.GROUP:
            yield from _blocks(shape.shapes)
        elif shape.has_table:
            yield _grid(shape.table)
        elif shape.has_text_frame:
            for paragraph in shape.text_frame.paragraphs:
                text = clean("".join(run.text for run in paragraph.runs)).strip()
                if text:
                    yield from (Line(t.strip()) for t in text.replace("\v", "\n").split("\n") if t.strip())


def _grid(table: Any) -> Grid:
    """Cells that a merged one covers repeat its text."""
    rows = [[Cell(clean(c.text).strip()) for c in row.cells] for row in table.rows]
    for y, row in enumerate(table.rows):
        for x, cell in enumerate(row.cells):
            if cell.is_merge_origin:
                covered = [
                    (r, c) for r in range(y, y + cell.span_height) for c in range(x, x + cell.span_width)
                ]
                for r, c in covered[1:]:
                    rows[r][c] = Cell(rows[y][x].text, merged=True)
    return Grid(tuple(map(tuple, rows)), int(table.first_row))
