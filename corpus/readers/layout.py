"""From printed words to lines and paragraphs, by the geometry of the page: the same for PDF and for recognised scans.

Lengths are in points or pixels, whichever the page is measured in; the origin is the upper left corner.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from corpus.blocks import Block, Cell, Grid, Line
from corpus.columns import looks_like_column_names
from corpus.numbering import marker_of

_CJK = "[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f“”‘’—…·]"
_BETWEEN_CJK = re.compile(rf"(?<={_CJK})\n(?={_CJK})")
_HYPHENATED = re.compile(r"(?<=[A-Za-z])(?:-|\u00ad)\n(?=[a-z])")
_PAGE_NUMBER = re.compile(
    r"[-—–－·\s]*\d{1,3}[-—–－·\s]*|第?\s*\d{1,3}\s*页?\s*[/／,，共\s]*\s*\d{1,3}\s*页?|第\s*\d{1,3}\s*页"
)
_BROWSER_HEAD = re.compile(
    r"(?:\d{4}[/.-]\d{1,2}[/.-]\d{1,2}|\d{1,2}/\d{1,2}/\d{2,4})\s*,?\s+(?:[上下]午)?\d{1,2}:\d{2}.*|(?:https?|file)://\S+(?:\s+\d+\s*/\s*\d+)?"
)
"""What browsers print above and below a page."""
_MARGIN = 0.12
"""Share of a page's height at its top and its foot in which running heads and feet stand."""
_NEAR_RIGHT = 2.0
"""Letters: a line that ends nearer to the right edge of its column was broken there, not ended."""
_AT_RIGHT = 0.7
"""Letters: the same for a line that ends with a sentence."""
_INDENT = 1.5
"""Letters: a line that begins further right than this begins a paragraph."""
_NARROWEST_COLUMN = 14.0
"""Letters: what is narrower is no column of prose but a list."""
_DEEPEST_INDENT = 5.0
"""Letters: a line that begins even further right is centred or set to the right."""
_WIDE_GAP = 1.6
"""Letters between two words; more is a gap between columns, not a space."""
_PARAGRAPH_GAP = 2.0
"""Letters between two lines; more parts paragraphs."""


@dataclass(frozen=True, slots=True)
class Word:
    """Letters without a gap and the box around them."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def size(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def centre(self) -> float:
        return (self.left + self.right) / 2


@dataclass(frozen=True, slots=True)
class Printed(Word):
    """A printed line, and the words that it is made of."""

    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table and where it stands on its page."""

    grid: Grid
    top: float
    bottom: float


Item = Printed | Table


@dataclass(frozen=True, slots=True)
class PageLayout:
    """A page's height and its items from top to foot."""

    height: float
    items: tuple[Item, ...]


def page_layout(letters: Iterable[Word], tables: Sequence[Table], height: float) -> PageLayout:
    """The lines made of letters that stand outside of the page's ruled tables, and the tables, in reading order."""
    items: list[Item] = [*in_columns(printed_lines(letters)), *tables]
    if tables:
        items.sort(key=lambda item: item.top)
    return PageLayout(height, tuple(aligned_tables(items)))


def printed_lines(letters: Iterable[Word]) -> list[Printed]:
    """Letters whose middles are at nearly the same height stand on one line."""
    rows: list[list[Word]] = []
    for letter in sorted(letters, key=lambda w: (w.middle, w.left)):
        for row in reversed(rows[-4:]):
            if abs(row[-1].middle - letter.middle) < 0.4 * min(row[-1].size, letter.size):
                row.append(letter)
                break
        else:
            rows.append([letter])
    words = (_words(sorted(row, key=lambda w: w.left)) for row in rows)
    return [_line(row) for row in words if row]


def _words(letters: Sequence[Word]) -> list[Word]:
    """Letters from left to right, those without a gap or a blank between them made one."""
    words: list[Word] = []
    parted = True
    for letter in letters:
        if not letter.text.strip():
            parted = True
            continue
        last = words[-1] if words else None
        if last and not parted and letter.left - last.right <= _gap_within(last, letter) * letter.size:
            words[-1] = Word(
                last.text + letter.text,
                last.left,
                min(last.top, letter.top),
                max(last.right, letter.right),
                max(last.bottom, letter.bottom),
            )
        else:
            words.append(letter)
        parted = False
    return words


def _gap_within(before: Word, after: Word) -> float:
    """Chinese letters of a justified line stand further apart than Latin ones."""
    return 0.2 if before.text[-1].isascii() and after.text[0].isascii() else 0.6


def _line(words: Sequence[Word]) -> Printed:
    size = sorted(w.size for w in words)[len(words) // 2]
    text = words[0].text
    for before, after in pairwise(words):
        text += ("  " if after.left - before.right > _WIDE_GAP * size else " ") + after.text
    top = sorted(w.top for w in words)[len(words) // 2]
    return Printed(text, words[0].left, top, max(w.right for w in words), top + size, tuple(words))


def in_columns(lines: Sequence[Printed]) -> list[Printed]:
    """The lines in reading order; where a gutter runs down the middle of the page, the left column comes first."""
    gutter = _gutter(lines)
    if gutter is None:
        return list(lines)
    ordered: list[Printed] = []
    left: list[Printed] = []
    right: list[Printed] = []
    for line in lines:
        sides = [w for w in line.words if w.right <= gutter], [w for w in line.words if w.left >= gutter]
        if len(sides[0]) + len(sides[1]) < len(line.words):
            ordered += [*left, *right, line]
            left, right = [], []
        else:
            for words, column in zip(sides, (left, right), strict=True):
                if words:
                    column.append(_line(words))
    return [*ordered, *left, *right]


_FEWEST_BESIDE = 6
"""Lines that must stand beside each other before a gap down the page counts as a gutter."""


def _gutter(lines: Sequence[Printed]) -> float | None:
    """The middle of a gap that most lines leave free, with long lines of prose on both of its sides."""
    if not lines:
        return None
    left, right = min(x.left for x in lines), max(x.right for x in lines)
    gaps: Counter[int] = Counter()
    for line in lines:
        for before, after in pairwise(line.words):
            if after.left - before.right > line.size:
                gaps.update(range(int(before.right) + 1, int(after.left) + 1))
    inner = {x: n for x, n in gaps.items() if left + 0.3 * (right - left) < x < left + 0.7 * (right - left)}
    if not inner or max(inner.values()) < _FEWEST_BESIDE:
        return None
    best = max(inner.values())
    at = sorted(x for x, n in inner.items() if n == best)
    middle = float(at[len(at) // 2])
    beside = [
        x for x in lines if any(w.right <= middle for w in x.words) and any(w.left >= middle for w in x.words)
    ]
    crossing = sum(any(w.left < middle < w.right for w in x.words) for x in lines)
    filled = sum(_fills(x, left, middle) and _fills(x, middle, right) for x in beside)
    return middle if best > crossing and filled * 2 > len(beside) else None


def _fills(line: Printed, left: float, right: float) -> bool:
    """Whether the words between two edges fill most of the space: prose does, a table's cell does not."""
    return sum(w.right - w.left for w in line.words if left <= w.centre <= right) > 0.7 * (right - left)


def aligned_tables(items: Sequence[Item]) -> list[Item]:
    """Tables without rules: below a line of column names, lines whose words stand under those names."""
    found: list[Item] = []
    at = 0
    while at < len(items):
        item = items[at]
        names = _columns(item) if isinstance(item, Printed) else []
        rows, end = _rows_below(items, at + 1, names) if names else ([], at)
        if len(rows) >= 2:
            header = tuple(Cell(n.text) for n in names)
            grid = Grid((header, *(tuple(map(Cell, row)) for row in rows)), header_rows=1)
            found.append(Table(grid, item.top, items[end - 1].bottom))
            at = end
        else:
            found.append(item)
            at += 1
    return found


def _columns(line: Printed) -> list[Word]:
    """The words of a line, parted at wide gaps, if they name columns."""
    columns: list[Word] = []
    for word in line.words:
        if columns and word.left - columns[-1].right <= _WIDE_GAP * line.size:
            columns[-1] = replace(columns[-1], text=columns[-1].text + word.text, right=word.right)
        else:
            columns.append(word)
    return columns if len(columns) > 2 and looks_like_column_names([c.text for c in columns]) else []


def _rows_below(items: Sequence[Item], at: int, names: Sequence[Word]) -> tuple[list[list[str]], int]:
    """Rows of cells; a line that leaves the first column empty goes on with the row above."""
    bounds = [(a.right + b.left) / 2 for a, b in pairwise(names)]
    rows: list[list[str]] = []
    last = items[at - 1]
    while at < len(items):
        item = items[at]
        if not isinstance(item, Printed) or item.top - last.bottom > 3 * item.size:
            break
        cells = [""] * len(names)
        for word in item.words:
            columns = {sum(word.centre > b for b in bounds)} | {
                sum(edge > b for b in bounds) for edge in (word.left + item.size, word.right - item.size)
            }
            if len(columns) > 1 and word.right - word.left > 2 * item.size:
                return rows, at
            cells[sum(word.centre > b for b in bounds)] += word.text
        if sum(map(bool, cells)) < 2 and not (rows and not cells[0]):
            break
        if rows and not cells[0]:
            rows[-1] = [a + b for a, b in zip(rows[-1], cells, strict=True)]
        else:
            rows.append(cells)
        last = item
        at += 1
    return rows, at


def without_furniture(pages: Sequence[PageLayout]) -> list[PageLayout]:
    """The pages less their running heads and feet and page numbers."""
    seen: Counter[str] = Counter()
    for page in pages:
        seen.update({_masked(x) for x in page.items if isinstance(x, Printed) and _in_margin(x, page.height)})
    running = {text for text, count in seen.items() if count >= 2 and count * 3 > len(pages)}

    def is_furniture(item: Item, height: float) -> bool:
        if not isinstance(item, Printed):
            return False
        return _in_margin(item, height) and (
            _masked(item) in running
            or bool(_PAGE_NUMBER.fullmatch(item.text))
            or bool(_BROWSER_HEAD.fullmatch(item.text))
        )

    return [
        replace(page, items=tuple(x for x in page.items if not is_furniture(x, page.height)))
        for page in pages
    ]


def _in_margin(line: Printed, height: float) -> bool:
    return line.bottom < _MARGIN * height or line.top > (1 - _MARGIN) * height


def _masked(line: Printed) -> str:
    """The text without numbers, which differ from page to page."""
    return re.sub(r"\d+|\s+", "", line.text) or "#"


@dataclass(frozen=True, slots=True)
class _Column:
    """The edges between which a page's lines run, and whether enough lines are full to trust the right one."""

    left: float
    right: float
    full: bool


def paragraphs(pages: Sequence[PageLayout]) -> list[Block]:
    """Lines joined to paragraphs within a page and over its end; tables that go on over a page's end made one."""
    blocks: list[Block] = []
    before: tuple[Printed, _Column] | None = None
    for page in pages:
        column = _column([x for x in page.items if isinstance(x, Printed)])
        for number, item in enumerate(page.items):
            last = blocks[-1] if blocks else None
            if isinstance(item, Table):
                if number == 0 and isinstance(last, Grid) and _goes_on_below(last, item.grid):
                    blocks[-1] = continued(last, item.grid)
                else:
                    blocks.append(item.grid if len(item.grid.rows) > 1 else _as_line(item.grid))
                before = None
                continue
            if before and isinstance(last, Line) and _goes_on(*before, item, column, same_page=number > 0):
                blocks[-1] = Line(joined((last.text, item.text)))
            else:
                blocks.append(Line(item.text))
            before = item, column
    return blocks


def _as_line(grid: Grid) -> Line:
    """A single row that goes on with no table above it is a line."""
    return Line("  ".join(c.text for c in grid.rows[0] if c.text and not c.merged))


def joined(lines: Iterable[str]) -> str:
    """Lines of one paragraph as one: nothing stands between Chinese characters, hyphens at a line's end go."""
    text = "\n".join(x.strip() for x in lines)
    return _BETWEEN_CJK.sub("", _HYPHENATED.sub("", text)).replace("\n", " ").replace("\u00ad", "")


def _column(lines: Sequence[Printed]) -> _Column:
    """The left edge that most lines share, and the furthest right that a line from there reaches."""
    if not lines:
        return _Column(0.0, 0.0, False)
    size = sorted(x.size for x in lines)[len(lines) // 2]
    lefts = Counter(round(x.left / size) for x in lines)
    most = max(lefts.values())
    left = min(edge for edge, count in lefts.items() if count * 2 >= most) * size
    rights = [x.right for x in lines if x.left < left + _DEEPEST_INDENT * size]
    right = max(rights)
    return _Column(left, right, sum(right - r < _AT_RIGHT * size for r in rights) > 2)


def _goes_on(
    before: Printed, its_column: _Column, after: Printed, column: _Column, *, same_page: bool
) -> bool:
    """Whether a line goes on with the paragraph of the line before it."""
    size = before.size
    if marker_of(after.text) or not 0.75 < after.size / size < 1.33:
        return False
    if before.left > its_column.left + _DEEPEST_INDENT * size:
        return False
    if its_column.right - its_column.left < _NARROWEST_COLUMN * size:
        return False
    if same_page and 0 < after.top - before.bottom > _PARAGRAPH_GAP * size:
        return False
    beside = same_page and after.top < before.top
    ended = re.search(r"[。！？；：:]\s*$", before.text)
    if ended and not beside and not its_column.full:
        return False
    reaches = beside or before.right > its_column.right - (_AT_RIGHT if ended else _NEAR_RIGHT) * size
    return reaches and (beside or after.left < column.left + _INDENT * size)


def _goes_on_below(above: Grid, below: Grid) -> bool:
    return len(above.rows[0]) == len(below.rows[0])


def continued(above: Grid, below: Grid) -> Grid:
    """One table of two that a page's end parts: a repeated header goes, and a row that was cut is whole again."""
    repeated = 0
    while (
        repeated < min(len(above.rows), len(below.rows))
        and _texts(above.rows[repeated]) == _texts(below.rows[repeated])
        and any(_texts(above.rows[repeated]))
    ):
        repeated += 1
    rows = list(above.rows)
    rest = list(below.rows[repeated:])
    if rest and _is_rest_of_row(rest[0], rows[-1]):
        rows[-1] = tuple(
            replace(a, text=joined((a.text, b.text)) if a.text and b.text else a.text or b.text)
            for a, b in zip(rows[-1], rest.pop(0), strict=True)
        )
    spanning = _spanning(above) | _spanning(below)
    for number, row in enumerate(rest):
        rows.append(_filled_from_above(row, rows[-1], spanning, first=number == 0))
    return Grid(tuple(rows), above.header_rows or repeated)


def _spanning(grid: Grid) -> set[int]:
    """The columns in which cells are merged over several rows."""
    return {
        column
        for above, row in pairwise(grid.rows)
        for column, cell in enumerate(row)
        if cell.merged and cell.text == above[column].text
    }


def _texts(row: Sequence[Cell]) -> list[str]:
    return [re.sub(r"\s+", "", c.text) for c in row]


def _is_rest_of_row(row: Sequence[Cell], above: Sequence[Cell]) -> bool:
    """Whether a page's first row only ends the one above: it has no number, or most of its cells are empty."""
    texts = _texts(row)
    numbered = bool(re.fullmatch(r"\d{1,3}", _texts(above)[0]))
    return any(texts) and not texts[0] and (numbered or sum(map(bool, texts)) * 2 < len(texts))


def _filled_from_above(
    row: tuple[Cell, ...], above: tuple[Cell, ...], spanning: set[int], *, first: bool
) -> tuple[Cell, ...]:
    """An empty cell at the top of a page goes on with a merged cell of the page before, and so do those merged with it."""
    return tuple(
        Cell(above[at].text, merged=True)
        if at in spanning and not cell.text and (first or cell.merged)
        else cell
        for at, cell in enumerate(row)
    )
