"""Whether one answer is right: the rules of the question files (docs/evaluation.md)."""

from dataclasses import dataclass

from bot.answering.model import Answer
from bot.batch import Row
from corpus.facts import plain

_LONG_KINDS = frozenset({"content", "reverse", "list", "definition", "comparison", "requirement"})
_SHORT, _LONG = 200, 1200
"""Characters that a short answer and a whole message may have to count as right."""


@dataclass(frozen=True, slots=True)
class Graded:
    """A question with its answer and its grade. `reason` says what is wrong, "" when it is right."""

    id: str
    kind: str
    question: str
    context: tuple[str, ...]
    answerable: bool
    must_include: tuple[str, ...]
    must_cite: str
    answered: bool
    right: bool
    cited: bool
    reason: str
    answer: str
    text: str
    confidence: float
    elapsed_ms: float


def graded(row: Row, answer: Answer, elapsed_ms: float) -> Graded:
    """The record of one question."""
    cited, reason = grade(row, answer)
    return Graded(
        id=row.id,
        kind=row.kind,
        question=row.question,
        context=row.context,
        answerable=row.answerable,
        must_include=row.must_include,
        must_cite=row.must_cite,
        answered=answer.answered,
        right=not reason,
        cited=cited,
        reason=reason,
        answer=answer.answer,
        text=answer.text,
        confidence=answer.confidence,
        elapsed_ms=round(elapsed_ms, 3),
    )


def grade(row: Row, answer: Answer) -> tuple[bool, str]:
    """Whether the first citation is the right one, and what is wrong with the answer ("" when it is right)."""
    if not row.answerable:
        return False, "应当拒绝" if answer.answered else ""
    if not answer.answered:
        return False, "没有回答"
    is_long = row.kind in _LONG_KINDS
    text, limit = (answer.text, _LONG) if is_long else (answer.answer, _SHORT)
    if len(text) > limit:
        return False, f"超过 {limit} 字"
    first = answer.citations[0] if answer.citations else None
    is_cited = first is not None and any(_within(row.must_cite, t) for t in (first.doc_number, first.title))
    missing = [m for m in row.must_include if not _within(m, text)]
    if missing:
        return is_cited, f"缺少{'、'.join(missing)}"
    return is_cited, "" if is_cited else "出处不对"


def _within(wanted: str, text: str) -> bool:
    """Whether it stands there, width, case and white space aside."""
    return plain(wanted).lower() in plain(text).lower()
