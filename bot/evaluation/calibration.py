"""How far the confidence of an answer can be believed, and what a higher threshold for answering would change.

Confidence is read as the probability that the answer given is right, so that refusals, which give none, are left
out of the bins. Expected calibration error: Σ n_b/n · |right_b − confidence_b| (Guo et al. 2017, arXiv:1706.04599,
eq. 5); Brier score: mean (confidence − right)² (Brier 1950); intervals: Wilson 1927.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from bot.evaluation.grading import Graded

BINS = 10
_STEPS = 100
"""Thresholds in the sweep, 0 aside; confidence is given to two decimals, so a finer one would show nothing more."""
_Z = 1.959963984540054
"""The normal quantile of a two-sided 95 % interval."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers with a confidence from `low` up to `high`: how many, their mean confidence, the share that is right
    and its 95 % interval. Only `count` is set where there are none."""

    low: float
    high: float
    count: int
    confidence: float | None = None
    right: float | None = None
    right_low: float | None = None
    right_high: float | None = None


@dataclass(frozen=True, slots=True)
class Threshold:
    """If answers with a confidence below `at` were refused: the share of answerable questions answered right, the
    share of unanswerable ones refused, and how many questions of both sorts that makes."""

    at: float
    right: float | None
    refused: float | None
    good: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """`overall` has all answers in one bin; the errors are None where nothing was answered."""

    overall: Bin
    bins: tuple[Bin, ...]
    expected_error: float | None
    brier: float | None
    sweep: tuple[Threshold, ...]

    @property
    def best(self) -> Threshold:
        """The threshold with the most questions dealt with rightly; of equals the lowest."""
        return max(self.sweep, key=lambda t: (t.good, -t.at))


def calibration(results: Sequence[Graded]) -> Calibration:
    """The calibration of the answers among these results."""
    given = [r for r in results if r.answered]
    bins = tuple(
        _bin(i / BINS, (i + 1) / BINS, [r for r in given if _bin_number(r.confidence) == i])
        for i in range(BINS)
    )
    gaps = [
        b.count * abs(b.right - b.confidence)
        for b in bins
        if b.right is not None and b.confidence is not None
    ]
    squares = [(r.confidence - r.right) ** 2 for r in given]
    return Calibration(
        overall=_bin(0.0, 1.0, given),
        bins=bins,
        expected_error=round(sum(gaps) / len(given), 4) if given else None,
        brier=round(sum(squares) / len(given), 4) if given else None,
        sweep=tuple(_threshold(results, step / _STEPS) for step in range(_STEPS + 1)),
    )


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % interval of a share. `trials` is at least 1."""
    share, z2 = successes / trials, _Z * _Z
    middle = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = _Z / (1 + z2 / trials) * sqrt(share * (1 - share) / trials + z2 / (4 * trials * trials))
    return max(0.0, middle - half), min(1.0, middle + half)


def _bin_number(confidence: float) -> int:
    return min(int(confidence * BINS), BINS - 1)


def _bin(low: float, high: float, given: Sequence[Graded]) -> Bin:
    if not given:
        return Bin(low, high, 0)
    right = sum(r.right for r in given)
    confidence = sum(r.confidence for r in given) / len(given)
    right_low, right_high = wilson(right, len(given))
    shares = (confidence, right / len(given), right_low, right_high)
    return Bin(low, high, len(given), *(round(s, 4) for s in shares))


def _threshold(results: Sequence[Graded], at: float) -> Threshold:
    right = [r.right and r.confidence >= at for r in results if r.answerable]
    refused = [not r.answered or r.confidence < at for r in results if not r.answerable]
    return Threshold(at, share(right), share(refused), sum(right) + sum(refused))


def share(marks: Sequence[bool]) -> float | None:
    """The share of marks that are true; None of none."""
    return round(sum(marks) / len(marks), 4) if marks else None
