"""Tables that arrive as lines: one cell a line, or one row a line cut by tabs, become grids again.

Word-to-text converters write every cell on a line of its own, a tab before it, an empty cell as a lone tab,
and repeat page headings inside. A table is recognised by its column names (序号, 重点任务, 责任部室 …).
"""

import re
from collections.abc import Sequence

from corpus.blocks import Block, Cell, Grid, Line
from corpus.cells import cells_on_lines
from corpus.columns import LONGEST_COLUMN_NAME, looks_like_column_names
from corpus.numbering import marker_of

_ROW_NUMBERS = ("序号", "编号")
_ROW_NUMBER = re.compile(r"\d{1,3}")


def restore_tables(blocks: Sequence[Block]) -> list[Block]:
    """Replaces the lines of each flattened table by one Grid; everything else is passed on untouched."""
    restored: list[Block] = []
    at = 0
    while at < len(blocks):
        found = _cells_on_lines(blocks, at) or _rows_on_lines(blocks, at) or cells_on_lines(blocks, at)
        if found:
            grid, at = found
            restored.append(grid)
        else:
            restored.append(blocks[at])
            at += 1
    return _with_fallen_rows(restored)


def _text(block: Block) -> str | None:
    return block.text if isinstance(block, Line) else None


def _cells_on_lines(blocks: Sequence[Block], start: int) -> tuple[Grid, int] | None:
    """A table with one cell a line, whose column names begin at `start`."""
    names, at = _column_names(blocks, start)
    if not names:
        return None
    tabbed = (_text(blocks[start]) or "").startswith("\t")
    if not tabbed and names[0] not in _ROW_NUMBERS:
        return None
    rows, end = _tabbed_rows(blocks, at, names) if tabbed else _numbered_rows(blocks, at, names)
    if not rows:
        return None
    header = tuple(Cell(n) for n in names)
    return Grid((header, *_fill_down(rows, names))), end


def _column_names(blocks: Sequence[Block], start: int) -> tuple[list[str], int]:
    """The run of column names at `start` and where it ends; no names when it is not one."""
    names: list[str] = []
    at = start
    while at < len(blocks):
        text = _text(blocks[at])
        if text is None or (not text.strip() and "\t" not in text):
            break
        name = re.sub(r"\s+", "", text)
        if (
            not name
            or len(name) > LONGEST_COLUMN_NAME
            or _ROW_NUMBER.fullmatch(name)
            or re.search(r"[。；：:]", name)
        ):
            break
        names.append(name)
        at += 1
    return (names, at) if looks_like_column_names(names) else ([], start)


def _tabbed_rows(blocks: Sequence[Block], at: int, names: list[str]) -> tuple[list[list[str]], int]:
    rows: list[list[str]] = []
    cells: list[str] = []
    end, blank = at, False
    while at < len(blocks):
        text = _text(blocks[at])
        if text is None:
            break
        if not text.strip() and "\t" not in text:
            blank = True
        elif text.startswith("\t"):
            cells.append(text.strip())
            blank = False
        elif 0 < len(cells) < len(names):
            cells[-1] += "\n" + text.strip()
        elif not cells and not blank and rows:
            rows[-1][-1] += "\n" + text.strip()
        elif not _goes_on(blocks, at, tabbed=True, names=names, expected=len(rows) + 1):
            break
        at += 1
        if len(cells) == len(names):
            if [re.sub(r"\s+", "", c) for c in cells] != names:
                rows.append(cells)
            cells, end = [], at
        elif not cells and rows and not blank:
            end = at
    return rows, end


def _goes_on(blocks: Sequence[Block], at: int, *, tabbed: bool, names: list[str], expected: int) -> bool:
    """Whether the line at `at` is a page heading inside the table: soon a next row or the column names follow."""
    for block in blocks[at + 1 : at + 6]:
        text = _text(block)
        if text is None:
            return False
        word = re.sub(r"\s+", "", text)
        if tabbed == text.startswith("\t") and word in (names[0], str(expected)):
            return True
    return False


def _numbered_rows(blocks: Sequence[Block], at: int, names: list[str]) -> tuple[list[list[str]], int]:
    """Rows that begin with 1, 2, 3 … on a line of their own, no tabs."""
    rows: list[list[str]] = []
    end = at
    while True:
        start = _next_number(blocks, end, len(rows) + 1, names)
        if start is None:
            return rows, end
        after = _next_number(blocks, start + 1, len(rows) + 2, names)
        stop = after if after is not None else _last_row_end(blocks, start + 1, len(names) - 1)
        lines = [t.strip() for b in blocks[start + 1 : stop] if (t := _text(b)) is not None and t.strip()]
        rows.append([str(len(rows) + 1), *_fit(_without_headings(lines, names), len(names) - 1)])
        end = stop


def _next_number(blocks: Sequence[Block], at: int, number: int, names: list[str]) -> int | None:
    room = 4 * len(names) + 8
    for offset, block in enumerate(blocks[at : at + room]):
        text = _text(block)
        if text is None:
            return None
        if text.strip() == str(number):
            return at + offset
    return None


def _last_row_end(blocks: Sequence[Block], at: int, columns: int) -> int:
    """The last row has nothing after it to end it: it takes as many lines as there are columns."""
    taken = 0
    while at < len(blocks) and taken < columns:
        text = _text(blocks[at])
        if text is None or (taken and (marker_of(text) or re.match(r"\s*(附件|抄送|注[：:])", text))):
            break
        taken += bool(text.strip())
        at += 1
    return at


def _without_headings(lines: list[str], names: list[str]) -> list[str]:
    kept = [
        x
        for x in lines
        if re.sub(r"\s+", "", x) not in names and not re.fullmatch(r"[-—–\s第页]*\d+[-—–\s页]*", x)
    ]
    return [x for i, x in enumerate(kept) if i == 0 or x != kept[i - 1]]


def _fit(lines: list[str], columns: int) -> list[str]:
    """As many cells as there are columns: missing ones are merged cells on the left, extra lines are wrapped ones."""
    cells = list(lines)
    while len(cells) > columns:
        open_ended = [i for i in range(len(cells) - 1) if not re.search(r"[。；！？）)]$", cells[i])]
        at = max(open_ended or range(len(cells) - 1), key=lambda i: len(cells[i]) + len(cells[i + 1]) / 2)
        cells[at : at + 2] = [cells[at] + cells[at + 1]]
    return [""] * (columns - len(cells)) + cells


def _fill_down(rows: list[list[str]], names: list[str]) -> list[tuple[Cell, ...]]:
    """Empty cells at a row's start, its number aside, repeat the cell above: that is how a merged category is flattened."""
    numbered = names[0] in _ROW_NUMBERS
    above = [""] * len(names)
    filled = []
    for row in rows:
        cells = []
        leading = True
        for column, raw in enumerate(row):
            text = _once(raw)
            if text:
                leading = leading and numbered and column == 0
                above[column] = text
            cells.append(
                Cell(text or (above[column] if leading else ""), merged=text != raw or (not text and leading))
            )
        filled.append(tuple(cells))
    return filled


def _once(text: str) -> str:
    """A merged cell that goes on over a page break is printed twice; it counts once."""
    parts = [p.strip() for p in text.split("\n") if p.strip()]
    return "".join(p for i, p in enumerate(parts) if p not in parts[:i])


def _rows_on_lines(blocks: Sequence[Block], start: int) -> tuple[Grid, int] | None:
    """A table with one row a line, its cells parted by tabs, bars or wide gaps, column names first."""
    first = _text(blocks[start]) or ""
    names = _split_row(first)
    barred = first.count("|") > 1 and len(names) > 1
    if not (looks_like_column_names(names) or barred):
        return None
    rows: list[list[str]] = []
    at = start + 1
    while at < len(blocks):
        text = _text(blocks[at])
        cells = _split_row(text) if text is not None else []
        if len(cells) != len(names):
            break
        if not all(re.fullmatch(r":?-{2,}:?", c) for c in cells):
            rows.append(cells)
        at += 1
    if len(rows) < 1 + barred:
        return None
    return Grid((tuple(Cell(n) for n in names), *_fill_down(rows, names))), at


def _split_row(text: str) -> list[str]:
    text = text.strip(" 　\n")
    if text.count("|") >= 2:
        return [c.strip() for c in text.removeprefix("|").removesuffix("|").split("|")]
    if "\t" in text.strip():
        return [c.strip() for c in text.strip().split("\t")]
    return [c.strip() for c in re.split(r"[ 　]{2,}", text)] if text else []


def _with_fallen_rows(blocks: Sequence[Block]) -> list[Block]:
    """Tables with the rows that a page layout has put beside them: names above the grid, a last row below it."""
    kept: list[Block] = []
    for block in blocks:
        last = kept[-1] if kept else None
        if isinstance(block, Grid) and isinstance(last, Line) and _names_columns(last.text, block):
            kept[-1] = Grid((tuple(map(Cell, _split_row(last.text))), *block.rows), 1)
        elif isinstance(last, Grid) and isinstance(block, Line) and (row := _next_row(last, block.text)):
            kept[-1] = Grid((*last.rows, row), last.header_rows)
        else:
            kept.append(block)
    return kept


def _names_columns(text: str, grid: Grid) -> bool:
    names = _split_row(text)
    return (
        not grid.header_rows
        and len(names) == len(grid.rows[0]) > 2
        and all(len(n) <= LONGEST_COLUMN_NAME and not re.search(r"[\d，。：；]", n) for n in names)
        and not looks_like_column_names([c.text for c in grid.rows[0]])
    )


def _next_row(grid: Grid, text: str) -> tuple[Cell, ...] | None:
    """The cells of a line that goes on with the table's numbers; those it lacks on the left are merged ones."""
    cells, last = _split_row(text), grid.rows[-1]
    if not (
        2 < len(cells) <= len(last) and last[0].text.isdigit() and cells[0] == str(int(last[0].text) + 1)
    ):
        return None
    missing = len(last) - len(cells)
    merged = tuple(Cell(c.text, merged=True) for c in last[1 : 1 + missing])
    return (Cell(cells[0]), *merged, *map(Cell, cells[1:]))
