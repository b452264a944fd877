"""All questions of a file answered and graded: shares, kinds, latency, calibration, and every result."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter, ValidationError

from bot.answering.answering import Answering
from bot.batch import Row, timed
from bot.evaluation.calibration import Calibration, calibration, share
from bot.evaluation.grading import Graded, graded
from corpus.errors import CewenError


class ReportUnreadable(CewenError):
    """An earlier report that can't be compared with; the sentence says how to get one."""


@dataclass(frozen=True, slots=True)
class Latency:
    """How long answers took, in ms; None of none."""

    median: float | None = None
    p90: float | None = None
    p99: float | None = None
    max: float | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """`right` and `cited` are shares of the answerable questions, `abstained` of the others; `kinds` has
    (right, asked)."""

    questions: int
    right: float | None
    cited: float | None
    abstained: float | None
    kinds: dict[str, tuple[int, int]]
    latency: Latency
    calibration: Calibration
    results: tuple[Graded, ...]

    @property
    def misses(self) -> list[Graded]:
        """What is wrong, in the file's order."""
        return [r for r in self.results if not r.right]

    def as_json(self) -> dict[str, object]:
        """The report as `--json` prints it and `--compare` reads it; `median_ms` and `misses` are for quick looks."""
        misses = [(m.id, m.kind, m.question, m.reason, m.answer) for m in self.misses]
        return {**asdict(self), "median_ms": self.latency.median, "misses": misses}


_REPORT = TypeAdapter(Report)


def evaluation(answering: Answering, rows: Iterable[Row]) -> Report:
    """Answers and grades every line."""
    return report([graded(row, *timed(answering, row)) for row in rows])


def report(results: Sequence[Graded]) -> Report:
    """Sums up graded questions."""
    kinds: defaultdict[str, list[bool]] = defaultdict(list)
    for result in results:
        kinds[result.kind].append(result.right)
    return Report(
        questions=len(results),
        right=share([r.right for r in results if r.answerable]),
        cited=share([r.cited for r in results if r.answerable]),
        abstained=share([r.right for r in results if not r.answerable]),
        kinds={kind: (sum(marks), len(marks)) for kind, marks in sorted(kinds.items())},
        latency=_latency([r.elapsed_ms for r in results]),
        calibration=calibration(results),
        results=tuple(results),
    )


def _latency(times: Sequence[float]) -> Latency:
    if not times:
        return Latency()
    return Latency(*(round(float(t), 2) for t in np.quantile(times, (0.5, 0.9, 0.99, 1.0))))


def read_report(file: Path) -> Report:
    """A report that `cewen eval --json` printed. Raises ReportUnreadable."""
    try:
        return _REPORT.validate_json(file.read_bytes())
    except OSError as error:
        raise ReportUnreadable(f"旧报告 {file} 读不出来：{error.strerror}。请检查路径。") from None
    except ValidationError:
        raise ReportUnreadable(
            f"{file} 不是可以比较的报告。请用 cewen eval 题目文件 --json > {file.name} 生成。"
        ) from None
