"""Tables that arrive as lines: one cell a line, or one row a line cut by tabs, become grids again.

Word-to-text converters write every cell on a line of its own, a tab before it, an empty cell as a lone tab,
and repeat page headings inside. A table is recognised by its column names (序号, 重点任务, 责任部室 …).
"""

import re
from collections.abc import Sequence

from corpus.blocks import Block, Cell, Grid, Line
from corpus.numbering import marker_of

COLUMN_WORD = re.compile(
    r"序号|编号|类别|类型|项目|任务|内容|事项|措施|目标|指标|责任|部门|部室|处室|单位|牵头|配合|主办|承办|协办|时间|日期|时限|期限|"
    r"进度|地点|地址|场所|名称|姓名|主题|题目|专家|主讲|讲座|电话|手机|邮箱|联系|负责|名额|数量|人数|金额|经费|标准|分值|要求|"
    r"条件|材料|对象|范围|方式|等级|奖项|区县|地区|区域|学校|职务|职称|性别|备注|说明|学科|领域|年度|学时|形式"
)
_ROW_NUMBER = re.compile(r"\d{1,3}")
_LONGEST_COLUMN_NAME = 14


def restore_tables(blocks: Sequence[Block]) -> list[Block]:
    """Replaces the lines of each flattened table by one Grid; everything else is passed on untouched."""
    restored: list[Block] = []
    at = 0
    while at < len(blocks):
        found = _cells_on_lines(blocks, at) or _rows_on_lines(blocks, at) or _periodic_cells(blocks, at)
        if found:
            grid, at = found
            restored.append(grid)
        else:
            restored.append(blocks[at])
            at += 1
    return restored


def looks_like_column_names(cells: Sequence[str]) -> bool:
    """Whether these texts name the columns of a table: all short, most of them words that columns are named with."""
    texts = [re.sub(r"\s+", "", c) for c in cells]
    if len(texts) < 2 or any(
        not t or len(t) > _LONGEST_COLUMN_NAME or re.search(r"[。；：:，]", t) for t in texts
    ):
        return False
    known = sum(bool(COLUMN_WORD.search(t)) for t in texts)
    return known >= 2 and known * 5 >= len(texts) * 3


def _text(block: Block) -> str | None:
    return block.text if isinstance(block, Line) else None


def _cells_on_lines(blocks: Sequence[Block], start: int) -> tuple[Grid, int] | None:
    """A table with one cell a line, whose column names begin at `start`."""
    names, at = _column_names(blocks, start)
    if not names:
        return None
    tabbed = (_text(blocks[start]) or "").startswith("\t")
    if not tabbed and names[0] not in ("序号", "编号"):
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
            or len(name) > _LONGEST_COLUMN_NAME
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
    """Empty cells left of the main text repeat the cell above: that is how a merged category is flattened."""
    widths = [sum(len(r[c]) for r in rows) for c in range(len(names))]
    main = widths.index(max(widths))
    above = [""] * len(names)
    filled = []
    for row in rows:
        cells = []
        for column, raw in enumerate(row):
            text = _once(raw)
            if text:
                above[column] = text
                cells.append(Cell(text, merged=text != raw))
            elif column < main and above[column]:
                cells.append(Cell(above[column], merged=True))
            else:
                cells.append(Cell(""))
        filled.append(tuple(cells))
    return filled


def _once(text: str) -> str:
    """A merged cell that goes on over a page break is printed twice; it counts once."""
    parts = [p.strip() for p in text.split("\n") if p.strip()]
    return "".join(p for i, p in enumerate(parts) if p not in parts[:i])


_VALUE = re.compile(
    r"[约近]?[\d,.，]+\s*(?:[\u4e00-\u9fa5%％/]{0,6})|[-—/]|\d{4}[年./-]\d{1,2}(?:[月./-](?:\d{1,2}日?)?)?(?:[前底止])?|[\d—–－:：至.-]+"
)
"""What stands in a column of numbers, sums, dates, hours."""
_LONGEST_CELL = 40
_MOST_COLUMNS = 8
_FEWEST_ROWS = 2


def _periodic_cells(blocks: Sequence[Block], start: int) -> tuple[Grid, int] | None:
    """A table with one cell a line and no row numbers: told by a column of values that comes back every k lines."""
    ends = _short_run(blocks, start)
    for end in reversed(ends):
        texts = [t.strip() for b in blocks[start:end] if (t := _text(b)) is not None and t.strip()]
        width = _period(texts)
        if width:
            rows = [texts[i : i + width] for i in range(0, len(texts), width)]
            return Grid(tuple(tuple(Cell(c) for c in row) for row in rows), header_rows=1), end
    return None


def _short_run(blocks: Sequence[Block], start: int) -> list[int]:
    """Where a run of lines as short as cells may end: before a blank line, or where it is broken off."""
    ends: list[int] = []
    first = _text(blocks[start])
    if first is None or not first.strip():
        return ends
    at = start
    while at < len(blocks):
        text = _text(blocks[at])
        if text is None or len(text.strip()) > _LONGEST_CELL or re.search("[。；]", text):
            break
        marker = marker_of(text)
        if (marker and marker.style != "num") or re.match(r"\s*(?:附件|抄送|注[：:])", text):
            break
        if not text.strip():
            ends.append(at)
        at += 1
    return [*ends, at]


def _period(texts: Sequence[str]) -> int:
    """The number of columns, or 0: the first k texts are names, and below them each column is of one sort."""
    best, best_share = 0, 0.0
    for width in range(2, _MOST_COLUMNS + 1):
        if len(texts) % width or len(texts) // width < 1 + _FEWEST_ROWS:
            continue
        names, columns = texts[:width], [texts[width + i :: width] for i in range(width)]
        if any(_VALUE.fullmatch(n) or len(n) > _LONGEST_COLUMN_NAME + 6 for n in names):
            continue
        typed = sum(all(_VALUE.fullmatch(c) for c in column) for column in columns)
        words = (
            not any(_VALUE.fullmatch(c) for column in columns for c in column)
            and len(columns[0]) > _FEWEST_ROWS
        )
        fits = typed and all(
            all(_VALUE.fullmatch(c) for c in column) or not any(_VALUE.fullmatch(c) for c in column)
            for column in columns
        )
        share = typed / width if fits else 0.0
        if (
            words
            and width >= 3
            and looks_like_column_names(names)
            and not looks_like_column_names(texts[width : 2 * width])
        ):
            share = 0.1
        if share > best_share:
            best, best_share = width, share
    return best


def _rows_on_lines(blocks: Sequence[Block], start: int) -> tuple[Grid, int] | None:
    """A table with one row a line, its cells parted by tabs, bars or wide gaps, column names first."""
    names = _split_row(_text(blocks[start]) or "")
    if not looks_like_column_names(names):
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
    if not rows:
        return None
    return Grid((tuple(Cell(n) for n in names), *_fill_down(rows, names))), at


def _split_row(text: str) -> list[str]:
    text = text.strip(" 　\n")
    if text.count("|") >= 2:
        return [c.strip() for c in text.strip("|").split("|")]
    if "\t" in text.strip():
        return [c.strip() for c in text.strip().split("\t")]
    return [c.strip() for c in re.split(r"[ 　]{2,}", text)] if text else []
