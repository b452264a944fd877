"""What a reader finds in a file: paragraphs and tables in reading order, before any of it is understood.

Readers of all formats give the same two shapes, so that everything after them is written once.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph (or, in plain text, one line) as it stands in the file, control characters aside.

    `level` is the heading level that the format itself gives (Markdown #, Word's Heading 1, HTML h1), else None.
    """

    text: str
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell. `merged` marks a value that a merged cell above or to the left extends to here."""

    text: str
    merged: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as the file has it: every row equally wide, merged cells filled in and marked."""

    rows: tuple[tuple[Cell, ...], ...]
    header_rows: int = 0
    """How many rows at the top the file itself says name the columns; 0 where it does not say."""


Block = Line | Grid


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in one document, and in a sentence each what a person should check about it."""

    blocks: tuple[Block, ...]
    warnings: tuple[str, ...] = ()
