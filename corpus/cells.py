"""Tables that arrive with one cell a line and no row numbers: rows are told by a column of values that comes back.

A time, a date, a number stands in the same place of each row. Where cells are merged downwards, a row lacks its first
ones; where names are merged sideways, a second row of names stands below the first.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.blocks import Block, Cell, Grid, Line
from corpus.bodies import dated_line, is_body
from corpus.columns import looks_like_column_names
from corpus.facts import iso_date
from corpus.numbering import marker_of

_TIME = r"\d{1,2}[:：]\d{2}(?:\s*[-—–~～至]+\s*\d{1,2}[:：]\d{2})?"
_DAY = r"(?:\d{4}\s*[年./-]\s*)?\d{1,2}\s*[月./-]\s*\d{1,2}\s*日?(?:\s*[-—–~～至]+\s*(?:\d{1,2}\s*月)?\s*\d{1,2}\s*日?)?(?:[（(][^（）()]{1,6}[）)])?"
_KINDS = (
    ("time", re.compile(rf"{_TIME}")),
    ("day", re.compile(rf"(?:{_DAY}|\d{{4}}年\d{{1,2}}月|\d{{1,2}}月)(?:[前底止起]|\s*{_TIME})?")),
    ("number", re.compile(r"[约近]?[\d,.，]+\s*(?:[-—–~～至]\s*[\d,.，]+\s*)?[\u4e00-\u9fa5%％/]{0,6}")),
    ("digits", re.compile(r"[\d—–－~-]{5,}")),
    ("nothing", re.compile(r"[-—–－/]{1,3}|无")),
)
_NO_VALUE = ("words", "nothing")
_LONGEST_CELL = 40
_LONGEST_RUN = 600
_MOST_COLUMNS = 8
_FEWEST_ROWS = 2
_MOST_MERGED = 2
"""First cells that a row may lack."""
_LONGEST_NAME = 20
_MOST_ABOVE = 2
"""Lines above a table's names that may look like names too, such as its title."""
_LONGEST_HEADER = 24
"""Lines before the first value: two rows of names, names that are broken, and the words before the value in its row."""


def cells_on_lines(blocks: Sequence[Block], start: int) -> tuple[Grid, int] | None:
    """The table whose column names begin at `start`, and where it ends; None if there is none, or a better one begins below."""
    run = _run(blocks, start)
    texts = [text for _, text in run]
    kinds = [_kind(t) for t in texts]
    best, *later = (_best(texts[i:], kinds[i:]) for i in range(_MOST_ABOVE + 1))
    if best is None or any(other and other.weight >= best.weight for other in later):
        return None
    return Grid(best.rows, best.header), run[best.end - 1][0] + 1


def _run(blocks: Sequence[Block], start: int) -> list[tuple[int, str]]:
    """The lines from `start` on that are as short as cells, with their places; blank ones are left out."""
    found: list[tuple[int, str]] = []
    for at in range(start, min(len(blocks), start + _LONGEST_RUN)):
        block = blocks[at]
        if not isinstance(block, Line) or block.level is not None:
            break
        text = block.text.strip()
        marker = marker_of(text)
        if (
            len(text) > _LONGEST_CELL
            or "。" in text
            or (marker and marker.style != "num")
            or re.match("附件|抄送|注[：:]", text)
        ):
            break
        if text:
            found.append((at, text))
        elif not found:
            break
    return found[:-2] if _is_signature(found[-2:]) else found


def _is_signature(last: Sequence[tuple[int, str]]) -> bool:
    """Whether the last two lines are a body and a whole date, as a notice is signed."""
    texts = [text for _, text in last]
    return (
        len(texts) == 2 and is_body(texts[0]) and bool(iso_date(texts[1])) and dated_line(texts[1])[1] == ""
    )


def _kind(text: str) -> str:
    return next((kind for kind, pattern in _KINDS if pattern.fullmatch(text)), "words")


@dataclass(frozen=True, slots=True)
class _Reading:
    """A way to read the run as a table: its rows, names first, how many rows are names, and where it ends."""

    rows: tuple[tuple[Cell, ...], ...]
    header: int
    end: int
    weight: int


def _best(texts: Sequence[str], kinds: Sequence[str]) -> _Reading | None:
    """The best way to read a table whose names begin with the first of these texts."""
    first = next((i for i, k in enumerate(kinds[:_LONGEST_HEADER]) if k not in _NO_VALUE), 0)
    widths = range(2, _MOST_COLUMNS + 1) if first else range(0)
    readings = (
        _read(texts, kinds, width, first - typed) for width in widths for typed in range(min(width, first))
    )
    return max((r for r in readings if r), key=lambda r: r.weight, default=None)


def _read(texts: Sequence[str], kinds: Sequence[str], width: int, start: int) -> _Reading | None:
    """Reads rows of `width` cells from `start` on, names above them."""
    header = _header(texts[:start], width)
    pattern = kinds[start : start + width]
    if not header or len(pattern) < width:
        return None
    typed = next(i for i, k in enumerate(pattern) if k not in _NO_VALUE)
    rows: list[tuple[Cell, ...]] = []
    at, short = start, 0
    while (lacking := _lacking(kinds[at : at + width], pattern, typed, bool(rows))) is not None:
        above = [Cell(rows[-1][i].text, merged=True) for i in range(lacking)]
        rows.append((*above, *map(Cell, texts[at : at + width - lacking])))
        at += width - lacking
        short += lacking > 0
    named = looks_like_column_names([c.text for c in header[-1] if c.text])
    if len(rows) < _FEWEST_ROWS or (len(rows) == _FEWEST_ROWS and not named) or 0 < short == len(rows) - 1:
        return None
    columns = sum(_is_typed([r[i].text for r in rows]) for i in range(width))
    blank = sum(not c.text for c in header[-1])
    weight = at + 2 * len(rows) * columns - 3 * short - 4 * blank
    return _Reading((*header, *rows), len(header), at, weight)


def _lacking(row: Sequence[str], pattern: Sequence[str], typed: int, more: bool) -> int | None:
    """How many first cells a row lacks, 0 mostly; None where no further row stands. `row` has the kinds of its cells."""
    width = len(pattern)
    for lacking in range(min(_MOST_MERGED, typed, width - 2) + 1 if more else 1):
        cells = row[: width - lacking]
        at = typed - lacking
        fits = len(cells) == width - lacking and cells[at] in (pattern[typed], "nothing")
        if fits and all(k in _NO_VALUE for k in cells[:at]):
            return lacking
    if more and typed == 0 and width > 2 and len(row) >= width - 1:
        others = zip(row, pattern[1:], strict=False)
        if all(k in (p, "nothing") for k, p in others if p not in _NO_VALUE or k not in _NO_VALUE):
            return 1
    return None


def _is_typed(texts: Sequence[str]) -> bool:
    """Whether a column holds values of one sort."""
    found = {_kind(t) for t in texts} - {"nothing"}
    return len(found) == 1 and found != {"words"}


def _header(names: Sequence[str], width: int) -> list[tuple[Cell, ...]]:
    """One or two rows of names: as many as there are columns, above them a few that span as many each."""
    whole: list[str] = []
    for name in names:
        if whole and re.match("[（(]", name):
            whole[-1] += name
        else:
            whole.append(name)
    if any(len(n) > _LONGEST_NAME or re.search("[；：:，]", n) for n in whole) or "序号" in whole[1:]:
        return []
    below, above = whole[-width:], whole[:-width]
    if len(below) == width - 1 and width > 2 and looks_like_column_names(below):
        below = ["", *below]
    if len(below) < width or (above and (len(above) == 1 or len(above) > width // 2 or width % len(above))):
        return []
    rows = [tuple(map(Cell, below))]
    if above:
        span = width // len(above)
        rows.insert(0, tuple(Cell(above[i // span], merged=i % span > 0) for i in range(width)))
    return rows
