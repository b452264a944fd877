"""Markdown: headings with their level, paragraphs, lists with their printed numbers, tables."""

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from corpus.blocks import Block, Cell, Grid, Line, Reading
from corpus.readers.plain import decode
from corpus.readers.source import Source, Tools

_PARSER = MarkdownIt("commonmark").enable("table")


def read(source: Source, tools: Tools) -> Reading:
    """The blocks of a Markdown file."""
    text = re.sub(r"\A---\n.*?\n---\n", "", decode(source.content).replace("\r\n", "\n"), flags=re.DOTALL)
    return Reading(tuple(_blocks(_PARSER.parse(text))))


def _blocks(tokens: Sequence[Token]) -> list[Block]:
    blocks: list[Block] = []
    rows: list[tuple[Cell, ...]] = []
    row: list[Cell] = []
    in_table, level, marker = False, None, ""
    for token in tokens:
        match token.type:
            case "heading_open":
                level = int(token.tag[1])
            case "heading_close":
                level = None
            case "list_item_open":
                marker = f"{token.info}{token.markup}" if token.info else ""
            case "table_open":
                in_table, rows = True, []
            case "tr_open":
                row = []
            case "tr_close":
                rows.append(tuple(row))
            case "table_close":
                in_table = False
                blocks.append(Grid(tuple(rows), header_rows=1))
            case "inline" if in_table:
                row.append(Cell(_words(token).strip()))
            case "inline":
                first, *more = _words(token).split("\n")
                blocks += [Line(marker + first, level), *(Line(m) for m in more)]
                marker = ""
            case "fence" | "code_block" | "html_block":
                blocks += [
                    Line(re.sub(r"<[^>]+>", "", line)) for line in token.content.split("\n") if line.strip()
                ]
    return blocks


def _words(token: Token) -> str:
    """The text without emphasis marks and link targets; a line break stays one."""
    parts = []
    for child in token.children or ():
        if child.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif child.type in ("text", "code_inline"):
            parts.append(child.content)
    return "".join(parts)
