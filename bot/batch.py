"""Many questions at once, each line a conversation of its own: answers, rankings, grades."""

import json
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bot.answering.answering import Answering, as_json, contexts
from bot.answering.model import Answer
from corpus.errors import CewenError
from corpus.facts import plain

_LONG_KINDS = frozenset({"content", "reverse", "list", "definition", "comparison", "requirement"})
_SHORT, _LONG = 200, 1200
"""Characters that a short answer and a whole message may have to count as right."""


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


@dataclass(slots=True)
class Report:
    """Grades of a question file; `kinds` has (right, asked), `misses` id, kind, question, reason, answer."""

    questions: int = 0
    right: float | None = None
    cited: float | None = None
    abstained: float | None = None
    median_ms: float | None = None
    kinds: dict[str, tuple[int, int]] = field(default_factory=dict)
    misses: list[tuple[str, str, str, str, str]] = field(default_factory=list)

    def as_text(self) -> str:
        """For reading in a terminal."""
        head = f"{self.questions} 题：答对 {_share(self.right)}，出处正确 {_share(self.cited)}，该拒绝的拒绝 {_share(self.abstained)}"
        time_line = f"中位用时 {self.median_ms or 0:.1f} ms"
        kinds = "  ".join(f"{kind} {right}/{asked}" for kind, (right, asked) in sorted(self.kinds.items()))
        misses = [
            f"✗ {i} [{kind}] {question}\n    {reason}；答：{answer}"
            for i, kind, question, reason, answer in self.misses
        ]
        return "\n".join([head, time_line, kinds, *misses])


def _share(value: float | None) -> str:
    return "—" if value is None else f"{value:.3f}"


def evaluation(answering: Answering, lines: Iterator[Row]) -> Report:
    """Answers and grades every line by the rules of the question files (see docs/evaluation.md)."""
    report = Report()
    graded: dict[bool, list[bool]] = {True: [], False: []}
    cited: list[bool] = []
    kinds: defaultdict[str, list[bool]] = defaultdict(list)
    times = []
    for row in lines:
        answer, elapsed = timed(answering, row)
        times.append(elapsed)
        is_cited, reason = grade(row, answer)
        graded[row.answerable].append(not reason)
        kinds[row.kind].append(not reason)
        if row.answerable:
            cited.append(is_cited)
        if reason:
            report.misses.append(
                (row.id, row.kind, row.question, reason, answer.answer[:60].replace("\n", "／"))
            )
    report.questions = len(times)
    report.right, report.abstained, report.cited = _mean(graded[True]), _mean(graded[False]), _mean(cited)
    report.median_ms = round(median(times), 2) if times else None
    report.kinds = {kind: (sum(marks), len(marks)) for kind, marks in kinds.items()}
    return report


def _mean(marks: list[bool]) -> float | None:
    return round(sum(marks) / len(marks), 4) if marks else None


def grade(row: Row, answer: Answer) -> tuple[bool, str]:
    """Whether the first citation is the right one, and what is wrong with the answer ("" when it is right)."""
    if not row.answerable:
        return False, "应当拒绝" if answer.answered else ""
    if not answer.answered:
        return False, "没有回答"
    is_long = row.kind in _LONG_KINDS
    text, limit = (answer.text, _LONG) if is_long else (answer.answer, _SHORT)
    first = answer.citations[0] if answer.citations else None
    wanted = plain(row.must_cite).lower()
    is_cited = first is not None and any(wanted in plain(t).lower() for t in (first.doc_number, first.title))
    missing = [m for m in row.must_include if plain(m).lower() not in plain(text).lower()]
    if len(text) > limit:
        return is_cited, f"超过 {limit} 字"
    if missing:
        return is_cited, f"缺少{'、'.join(missing)}"
    return is_cited, "" if is_cited else "出处不对"
