"""Tables by themselves: sheets of a workbook (.xlsx, .xlsm) and .csv. Values are read as the sheet shows them."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

import openpyxl
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.worksheet.worksheet import Worksheet

from corpus.blocks import Block, Cell, Grid, Line, Reading
from corpus.columns import looks_like_column_names
from corpus.errors import NoticeUnreadable
from corpus.readers.number_formats import shown
from corpus.readers.plain import clean, decode
from corpus.readers.source import Source, Tools

_MOST_CELLS = 400_000
_SECONDS_A_SHEET = 30.0
_DEFAULT_NAME = re.compile(r"(?:Sheet|工作表|Table)\s*\d*", re.IGNORECASE)

Row = tuple[Cell, ...]


def read(source: Source, tools: Tools) -> Reading:
    """The visible sheets of a workbook, in order; one without a title takes its sheet's name."""
    tools.working(_SECONDS_A_SHEET)
    workbook = openpyxl.load_workbook(io.BytesIO(source.content), data_only=True)
    blocks: list[Block] = []
    hidden = [s.title for s in workbook.worksheets if s.sheet_state != "visible"]
    sheets = [(s.title, _rows(s)) for s in workbook.worksheets if s.sheet_state == "visible"]
    sheets = [(name, rows) for name, rows in sheets if rows]
    for name, rows in sheets:
        blocks += titled(source.stem if _DEFAULT_NAME.fullmatch(name) else name, tabled(rows))
    warnings = (f"隐藏的工作表未读：{'、'.join(hidden)}。",) if hidden else ()
    return Reading(tuple(blocks), warnings)


def read_csv(source: Source, tools: Tools) -> Reading:
    """The rows of a .csv file, whichever of the usual characters parts its columns."""
    text = decode(source.content)
    sample = "\n".join(text.splitlines()[:20])
    delimiter = max(",\t;|", key=sample.count)
    rows = [
        tuple(Cell(clean(value).strip()) for value in row)
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    ]
    if sum(map(len, rows)) > _MOST_CELLS:
        raise NoticeUnreadable(f"表格过大，超过 {_MOST_CELLS} 格。请拆分后再试。")
    width = max(map(len, rows), default=0)
    return Reading(
        tuple(titled(source.stem, tabled([row + (Cell(""),) * (width - len(row)) for row in rows])))
    )


def titled(name: str, blocks: Sequence[Block]) -> Iterator[Block]:
    """The blocks below the table's name, where no line above the first table says what it is."""
    if blocks and isinstance(blocks[0], Grid):
        yield Line(name, 1)
    yield from blocks


def _rows(sheet: Worksheet) -> list[Row]:
    """All rows down to the last value, merged cells filled in."""
    if sheet.max_row * sheet.max_column > _MOST_CELLS:
        raise NoticeUnreadable(
            f"工作表“{sheet.title}”有 {sheet.max_row} 行 {sheet.max_column} 列，过大。请删去空行空列或拆分后再试。"
        )
    origins = {
        (row, column): (merged.min_row, merged.min_col)
        for merged in sheet.merged_cells.ranges
        for row in range(merged.min_row, min(merged.max_row, sheet.max_row) + 1)
        for column in range(merged.min_col, min(merged.max_col, sheet.max_column) + 1)
    }
    texts = {(c.row, c.column): _text(c) for row in sheet.iter_rows() for c in row if c.value is not None}
    last_row = max((r for (r, _), t in texts.items() if t), default=0)
    last_column = max((c for (_, c), t in texts.items() if t), default=0)

    def cell(row: int, column: int) -> Cell:
        origin = origins.get((row, column), (row, column))
        return Cell(texts.get(origin, ""), merged=origin != (row, column))

    hidden = {r for r, d in sheet.row_dimensions.items() if d.hidden}
    return [
        tuple(cell(row, column) for column in range(1, last_column + 1))
        for row in range(1, last_row + 1)
        if row not in hidden
    ]


def _text(cell: SheetCell) -> str:
    value = cell.value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float | datetime | date | time | timedelta):
        return shown(value, cell.number_format)
    return clean(str(value)).strip()


def tabled(rows: Sequence[Row]) -> list[Block]:
    """Rows as titles, tables and notes: what fills one cell of its row is a line, what fills more is a table's row.

    Blank rows end a table unless rows of the same make go on below them.
    """
    blocks: list[Block] = []
    open_rows: list[Row] = []

    def close() -> None:
        if open_rows:
            blocks.append(_grid(open_rows))
            open_rows.clear()

    blank = False
    for row in rows:
        words = Counter(c.text for c in row if c.text and not c.merged)
        if not any(c.text for c in row):
            blank = True
            continue
        alone = sum(words.values()) == 1 and not any(c.text and c.merged and c.text not in words for c in row)
        if alone and (not open_rows or blank or _is_note(next(iter(words)))):
            close()
            blocks += [Line(t) for t in next(iter(words)).split("\n") if t.strip()]
        else:
            if blank and open_rows and looks_like_column_names([c.text for c in row if c.text]):
                close()
            open_rows.append(row)
        blank = False
    close()
    return blocks


def _is_note(text: str) -> bool:
    return bool(re.match(r"\s*(?:注|备注|说明|填表|制表|联系)[^，。]{0,8}[：:]|注\s*\d", text))


def _grid(rows: Sequence[Row]) -> Grid:
    """The rows less columns that are empty throughout."""
    used = [c for c in range(len(rows[0])) if any(r[c].text for r in rows)]
    return Grid(tuple(tuple(r[c] for c in used) for r in rows))
