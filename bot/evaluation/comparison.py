"""What changed between two reports. A question is the same when its id, words and context are."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.evaluation.grading import Graded
from bot.evaluation.report import Report


@dataclass(frozen=True, slots=True)
class Change:
    """One question before and after."""

    before: Graded
    after: Graded


@dataclass(frozen=True, slots=True)
class Comparison:
    """`broken` went from right to wrong, `mended` from wrong to right; `added` and `gone` count the questions that
    only one report has. The shares are the earlier report's, over its own questions."""

    right: float | None
    cited: float | None
    abstained: float | None
    median_ms: float | None
    same: int
    added: int
    gone: int
    broken: tuple[Change, ...]
    mended: tuple[Change, ...]


def compare(before: Report, after: Report) -> Comparison:
    """The changes from an earlier report to a later one."""
    old, new = _by_question(before.results), _by_question(after.results)
    pairs = [Change(old[key], new[key]) for key in new if key in old]
    return Comparison(
        right=before.right,
        cited=before.cited,
        abstained=before.abstained,
        median_ms=before.latency.median,
        same=len(pairs),
        added=len(new) - len(pairs),
        gone=len(old) - len(pairs),
        broken=tuple(p for p in pairs if p.before.right and not p.after.right),
        mended=tuple(p for p in pairs if p.after.right and not p.before.right),
    )


def _by_question(results: Iterable[Graded]) -> dict[tuple[str, ...], Graded]:
    return {(r.id, r.question, *r.context): r for r in results}
