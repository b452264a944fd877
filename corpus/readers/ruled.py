"""Tables with rules: letters are dealt to the cells that the rules enclose, and merged cells repeated where they reach."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence

from corpus.blocks import Cell, Grid
from corpus.readers.layout import Table, Word, joined, printed_lines

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""
_SAME = 3.0
"""Edges that are nearer to each other are one."""

_FEWEST_CELLS = 3
"""Cells that a single row must have to be a table: one that goes on from the page before may have no more rows."""


def ruled_tables(tables: Sequence[Sequence[Box]], letters: Sequence[Word]) -> tuple[list[Table], list[Word]]:
    """Each table's cells with the letters in them, and the letters outside of all tables.

    What has a single column, or a single row of two cells, is no table but a frame around text.
    """
    found: list[Table] = []
    rest = list(letters)
    for cells in tables:
        lefts, tops = _edges(c[0] for c in cells), _edges(c[1] for c in cells)
        if len(lefts) < 2 or (len(tops) < 2 and len(lefts) < _FEWEST_CELLS):
            continue
        inside = _dealt(cells, rest)
        taken = {id(w) for words in inside.values() for w in words}
        rest = [w for w in rest if id(w) not in taken]
        grid = _grid(cells, inside, lefts, tops)
        found.append(Table(grid, tops[0], max(c[3] for c in cells)))
    return found, rest


def _edges(values: Iterable[float]) -> list[float]:
    """Distinct edges in order."""
    edges: list[float] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > _SAME:
            edges.append(value)
    return edges


def _dealt(cells: Sequence[Box], letters: Sequence[Word]) -> dict[Box, list[Word]]:
    """The letters whose centre lies in each cell."""
    inside: dict[Box, list[Word]] = defaultdict(list)
    top, bottom = min(c[1] for c in cells), max(c[3] for c in cells)
    for letter in letters:
        if top <= letter.middle <= bottom:
            x, y = letter.centre, letter.middle
            cell = next((c for c in cells if c[0] <= x < c[2] and c[1] <= y < c[3]), None)
            if cell:
                inside[cell].append(letter)
    return inside


def _grid(cells: Sequence[Box], inside: dict[Box, list[Word]], lefts: list[float], tops: list[float]) -> Grid:
    rows = [[Cell("")] * len(lefts) for _ in tops]
    for cell in cells:
        text = joined(line.text for line in printed_lines(inside.get(cell, [])))
        across = range(_index(lefts, cell[0]), max(_index(lefts, cell[2]), _index(lefts, cell[0]) + 1))
        down = range(_index(tops, cell[1]), max(_index(tops, cell[3]), _index(tops, cell[1]) + 1))
        for row in down:
            for column in across:
                rows[row][column] = Cell(text, merged=(row, column) != (down[0], across[0]))
    return Grid(tuple(map(tuple, rows)))


def _index(edges: list[float], value: float) -> int:
    """Which edge a value is, give or take; the number of edges for what lies behind the last."""
    return bisect_left(edges, value - _SAME)
