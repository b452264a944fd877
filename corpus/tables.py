"""From a grid of cells to a table: which rows name the columns, which head a group of rows, and whether it is a form."""

import re
from collections.abc import Iterator, Sequence

from corpus.blocks import Cell, Grid
from corpus.columns import COLUMN_WORD, LONGEST_COLUMN_NAME, looks_like_column_names
from corpus.notice import Table, TableRow

_DEEPEST_HEADER = 3
_VALUE = re.compile(r"[\d.,:：年月日时分元万%％/-]+")
_LONGEST_GROUP = 40
_ORDINALS = ("序号", "编号", "排序")


def table_of(grid: Grid, caption: str) -> Table:
    """Column names come first, over one row or several; a row of one merged cell above them is the table's title."""
    rows = [r for r in grid.rows if any(c.text.strip() for c in r)]
    title, said = caption, grid.header_rows
    while len(rows) > 1 and len(rows[0]) > 1 and len({_name(c) for c in rows[0]}) == 1:
        title, rows, said = _name(rows[0][0]), rows[1:], said - 1
    if not rows:
        return Table(title, (), ())
    if said <= 0 and (pairs := _form(rows)) is not None:
        return Table(title, ("", ""), tuple(TableRow(p, "\n".join(p)) for p in pairs))
    depth = _header_depth(rows, said)
    names = _column_names(rows[:depth]) if depth else ("",) * len(rows[0])
    repeated = {tuple(map(_name, r)) for r in rows[:depth]}
    body = [r for r in rows[depth:] if tuple(map(_name, r)) not in repeated]
    return Table(title, names, tuple(_rows(body, names)))


def _name(cell: Cell) -> str:
    return re.sub(r"\s+", "", cell.text)


def _column_names(rows: Sequence[tuple[Cell, ...]]) -> tuple[str, ...]:
    """Names over several rows are joined from top to bottom: 责任分工 over 牵头部门 is 责任分工牵头部门."""
    return tuple("".join(dict.fromkeys(map(_name, column))) for column in zip(*rows, strict=True))


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
    names = first if first[0] else first[1:]
    return int(
        looks_like_column_names([n for n in first if n])
        or (len(rows) > 2 and all(_is_name(n) for n in names))
    )


def _is_name(text: str) -> bool:
    return bool(text) and len(text) <= 10 and not _VALUE.fullmatch(text)


def _goes_on_naming(above: Sequence[Cell], below: Sequence[Cell]) -> bool:
    """Whether a row divides the names above it: it has other short names below those that span, the same elsewhere."""
    pairs = [(_name(a), _name(b)) for a, b in zip(above, below, strict=True)]
    own = [b for (a, b), cell in zip(pairs, below, strict=True) if b and not (cell.merged and a == b)]
    spanning = [i for i, (a, _) in enumerate(pairs) if i and a and a == pairs[i - 1][0]]
    under = {i for at in spanning for i in (at - 1, at)}
    return (
        bool(under)
        and all(len(n) <= LONGEST_COLUMN_NAME and not _VALUE.fullmatch(n) for n in own)
        and all(not b or a == b for i, (a, b) in enumerate(pairs) if i not in under)
    )


def _form(rows: Sequence[tuple[Cell, ...]]) -> list[tuple[str, str]] | None:
    """Label and value pairs of a form, 申报单位 | 某市科协 | 联系人 | …; None for a table with records.

    Labels that are left to be filled in are none of the notice's words, unless they say more than a name.
    """
    pairs: list[tuple[str, str]] = []
    labelled = 0
    for row in rows:
        cells = _distinct(row)
        if len(cells) % 2:
            cells = [*cells, ""] if len(cells) == 1 else cells[:-1]
        here = list(zip(cells[::2], cells[1::2], strict=True))
        labelled += all(_is_label(label, value) for label, value in here)
        pairs += [(label, value) for label, value in here if value or len(label) > LONGEST_COLUMN_NAME]
    first = _distinct(rows[0])
    records = looks_like_column_names(first) and len({len(_distinct(r)) for r in rows}) == 1
    return pairs if labelled * 3 >= len(rows) * 2 and len(rows) > 1 and not records else None


def _distinct(row: Sequence[Cell]) -> list[str]:
    """The cells of a row as they were before merged ones were filled."""
    return [
        c.text.strip() for i, c in enumerate(row) if not (c.merged and i and _name(c) == _name(row[i - 1]))
    ]


def _is_label(label: str, value: str) -> bool:
    """Whether a cell names what stands beside it."""
    name, said = re.sub(r"\s+", "", label), re.sub(r"\s+", "", value)
    if not name or len(name) > 2 * LONGEST_COLUMN_NAME or re.search("[。；]", name) or _VALUE.fullmatch(name):
        return False
    return name.endswith(("：", ":")) or (bool(COLUMN_WORD.search(name)) and not _is_column_name(said))


def _is_column_name(text: str) -> bool:
    return bool(text) and len(text) <= 6 and bool(COLUMN_WORD.search(text)) and not re.search(r"\d", text)


def _rows(rows: Sequence[tuple[Cell, ...]], names: Sequence[str]) -> Iterator[TableRow]:
    """The rows with their groups: a row that fills but one cell heads those below it."""
    group = ""
    numbered = bool(names) and names[0] in _ORDINALS
    for at, row in enumerate(rows):
        said = list(dict.fromkeys(_name(c) for c in row[numbered:] if _name(c)))
        after = rows[at + 1] if at + 1 < len(rows) else ()
        heads = (
            len(said) == 1
            and len(row) - numbered > 1
            and len({_name(c) for c in after[numbered:] if _name(c)}) > 1
        )
        if heads and len(said[0]) <= _LONGEST_GROUP:
            group = said[0]
            if not (numbered and _name(row[0]).isdigit()):
                continue
        yield _row(row, names, group if not heads else "")


def _row(cells: tuple[Cell, ...], names: Sequence[str], group: str) -> TableRow:
    own = [
        c
        for i, c in enumerate(cells)
        if not c.merged and c.text.strip() and not (i == 0 and names[0] in _ORDINALS)
    ]
    return TableRow(tuple(c.text.strip() for c in cells), "\n".join(c.text.strip() for c in own), group)
