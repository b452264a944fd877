"""Paragraphs that hold a whole document: 一、选调范围和数量 2026年计划…。 二、选调条件 1．具有… on one line.

Web-to-text converters make them. They are cut before each number that continues a series begun in the paragraph.
"""

import re
from collections.abc import Iterator, Sequence

from corpus.blocks import Block, Line

_SHORTEST = 200
"""Characters of a paragraph that may hold several."""
_CN = "一二三四五六七八九十"
_SERIES: tuple[tuple[str, ...], ...] = (
    tuple(f"{n}、" for n in (*_CN, *(f"十{n}" for n in _CN[:9]))),
    tuple(f"（{n}）" for n in (*_CN, *(f"十{n}" for n in _CN[:9]))),
    tuple(f"{n}．" for n in range(1, 40)),
    tuple(f"{n}、" for n in range(1, 40)),
    tuple(f"（{n}）" for n in range(1, 40)),
)
_FEWEST = {0: 2, 1: 2}
_FEWEST_NUMBERED = 3
_WIDTHS = str.maketrans("().", "（）．")
_AFTER_BREAK = re.compile(r"(?:^|[。；：！？;:]|\s)\s*$")
_HEADING = re.compile(r"(?P<heading>\S{1,5}[^\s，。；：]{2,24})\s+(?=\S{8})")
_PARAGRAPH = re.compile(r"(?<=[。！？]) +(?=\S)")


def split_run_ons(blocks: Sequence[Block]) -> list[Block]:
    """The blocks, each overlong paragraph that holds a numbered series cut into its sections."""
    return [
        piece for b in blocks for piece in (_split(b) if isinstance(b, Line) and b.level is None else [b])
    ]


def _split(line: Line) -> list[Line]:
    if len(line.text) < _SHORTEST:
        return [line]
    pieces = _cut(line.text, 0)
    if len(pieces) == 1:
        return [line]
    return [Line(text) for piece in pieces for text in _paragraphs(piece)]


def _cut(text: str, depth: int) -> list[str]:
    """The text cut at the numbers of the highest series that runs through it, then each piece at those of the next."""
    for kind in range(depth, len(_SERIES)):
        starts = _run(text, _SERIES[kind])
        if len(starts) >= _FEWEST.get(kind, _FEWEST_NUMBERED):
            ends = [*starts[1:], len(text)]
            pieces = [text[a:b].strip() for a, b in zip(starts, ends, strict=True)]
            before = text[: starts[0]].strip()
            return [*([before] if before else []), *(p for piece in pieces for p in _cut(piece, kind + 1))]
    return [text]


def _run(text: str, series: Sequence[str]) -> list[int]:
    """Where the numbers of a series stand, from its first on, each after the end of a sentence or a gap."""
    flat = text.translate(_WIDTHS)
    found: list[int] = []
    at = 0
    for number in series:
        at = next((i for i in _occurrences(flat, number, at) if _AFTER_BREAK.search(flat[:i][-4:])), -1)
        if at < 0:
            break
        found.append(at)
        at += len(number)
    return found


def _occurrences(text: str, number: str, at: int) -> Iterator[int]:
    while (at := text.find(number, at)) >= 0:
        yield at
        at += 1


def _paragraphs(piece: str) -> Iterator[str]:
    """A piece's heading, where a gap sets it off, and its paragraphs, where a gap follows a full stop."""
    heading = _HEADING.match(piece)
    if heading:
        yield heading["heading"]
        piece = piece[heading.end() :]
    yield from _PARAGRAPH.split(piece)
