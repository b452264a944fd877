"""Many questions at once, each line a conversation of its own: answers and rankings."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.answering.answering import Answering, as_json, contexts
from bot.answering.model import Answer
from corpus.errors import CewenError


class BatchUnreadable(CewenError):
    """A question file that is no JSON lines of the right form; the sentence names the line."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a question file. The fields after `context` are there in graded files only."""

    id: str
    question: str
    context: tuple[str, ...] = ()
    kind: str = ""
    answerable: bool = True
    must_include: tuple[str, ...] = ()
    must_cite: str = ""


def rows(file: Path) -> Iterator[Row]:
    """The lines of a question file, in order. Raises BatchUnreadable at the first bad one."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BatchUnreadable(f"问题文件 {file} 读不出来：{error}。请检查路径，并存为 UTF-8。") from None
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield _row(file, number, line)


def _row(file: Path, number: int, line: str) -> Row:
    try:
        value = json.loads(line)
        row = Row(
            str(value["id"]),
            value["question"],
            tuple(value.get("context") or ()),
            value.get("kind", ""),
            value.get("answerable", True),
            tuple(value.get("must_include") or ()),
            value.get("must_cite", ""),
        )
        if not all(isinstance(text, str) for text in (row.question, *row.context)):
            raise TypeError
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError):
        raise BatchUnreadable(
            f"{file} 第 {number} 行不是所需的格式：每行一个 JSON 对象，含 id 和 question（文字）。"
        ) from None
    return row


def timed(answering: Answering, row: Row) -> tuple[Answer, float]:
    """The answer to a line after its context, and its own wall time in ms."""
    state = contexts(row.context, answering)
    started = time.perf_counter()
    answer, _ = answering.answer(row.question, state)
    return answer, (time.perf_counter() - started) * 1000


def answers(answering: Answering, lines: Iterator[Row]) -> Iterator[dict[str, object]]:
    """An Answer a line, as interfaces.md has it."""
    for row in lines:
        answer, elapsed = timed(answering, row)
        yield {"id": row.id, **as_json(answer, elapsed)}


def hits(answering: Answering, question: str, top: int) -> list[dict[str, object]]:
    """The ranking behind an answer, as interfaces.md has it."""
    return [
        {
            "notice_id": found.held.id,
            "path": found.held.path,
            "doc_number": found.held.notice.doc_number.value,
            "title": found.held.notice.title,
            "locator": found.passage.locator,
            "text": text,
            "score": round(found.score, 4),
        }
        for found, text in answering.search(question, top)
    ]


def searches(answering: Answering, lines: Iterator[Row], top: int) -> Iterator[dict[str, object]]:
    """The ranking for each line."""
    for row in lines:
        started = time.perf_counter()
        found = hits(answering, row.question, top)
        yield {"id": row.id, "hits": found, "elapsed_ms": round((time.perf_counter() - started) * 1000, 2)}
