"""Sets the weights by which candidates are judged, from question sets whose right answers are known.

    python -m bot.evaluation.fitting FOLDER... [--against FOLDER...]

Each FOLDER holds notices/ and questions.jsonl. Every candidate that the finders propose for a question is labelled
right or wrong as cewen eval would grade it; the weights maximise the likelihood of what is right (bot/answering/judging.py)
with a Gaussian prior. The threshold is the one at which most questions of FOLDERs are dealt with rightly, answers and
refusals counting the same. `--against` only measures. Needs the dev extra (SciPy). Writes bot/answering/weights.json.
"""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer
from scipy.optimize import minimize

from bot import batch
from bot.answering import finding
from bot.answering.answering import Answering, contexts
from bot.answering.judging import Weights, judged
from bot.answering.model import Answer, Candidate
from bot.answering.saying import citation
from bot.answering.signals import SIGNALS
from bot.app import open_app
from bot.batch import Row
from bot.evaluation.grading import grade
from bot.intake import notice_files
from bot.settings import Settings

_PRIOR = 0.5
_STORED = Path(__file__).parents[1] / "answering" / "weights.json"
_THRESHOLDS = tuple(round(0.1 + 0.02 * step, 2) for step in range(26))


@dataclass(frozen=True, slots=True)
class Case:
    """One question: its candidates' signals, which of them are right, and the share of its words that nobody knows."""

    candidates: tuple[Candidate, ...]
    signals: npt.NDArray[np.float64]
    right: npt.NDArray[np.bool_]
    answerable: bool
    unknown: float


def cases(folder: Path, weights: Weights, today: date) -> list[Case]:
    """The cases of a question set, its notices read anew."""
    with tempfile.TemporaryDirectory() as home, open_app(Settings(home=Path(home))) as app:
        for file in notice_files([folder / "notices"]):
            app.home.intake.take(file)
        app.collection.refresh()
        return [_case(app.answering, row, weights, today) for row in batch.rows(folder / "questions.jsonl")]


def _case(answering: Answering, row: Row, weights: Weights, today: date) -> Case:
    question = answering.understood(row.question, contexts(row.context, answering))
    proposed = finding.propose(question, answering.library, answering.lexicon, today)
    right = np.array([_is_right(row, c) for c in proposed.candidates], dtype=bool)
    signals = np.array(proposed.signals).reshape(len(right), len(SIGNALS))
    return Case(proposed.candidates, signals, right, row.answerable, proposed.unknown)


def _is_right(row: Row, candidate: Candidate) -> bool:
    value, quote = candidate.value, candidate.quote
    answer = Answer(True, value, f"{value}\n{quote}", row.kind, 0.0, (citation(candidate),))
    return row.answerable and not grade(row, answer)[1]


def fitted(found: Sequence[Case]) -> tuple[npt.NDArray[np.float64], float, float]:
    """The weights of the signals, the score of none, and what unknown words add to it."""
    kept = [c for c in found if len(c.right) and (c.right.any() or not c.answerable)]
    size = len(SIGNALS)

    def loss(w: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        total = _PRIOR * float(w[:size] @ w[:size]) / 2
        slope = np.append(_PRIOR * w[:size], [0.0, 0.0])
        for case in kept:
            scores = np.append(case.signals @ w[:size], w[size] + w[size + 1] * case.unknown)
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
            good = np.append(case.right, not case.answerable)
            sure = float(shares[good].sum())
            total -= np.log(sure + 1e-12)
            wrong = shares - np.where(good, shares / sure, 0.0)
            slope[:size] += case.signals.T @ wrong[:-1]
            slope[size] += wrong[-1]
            slope[size + 1] += wrong[-1] * case.unknown
        return total, slope

    result = minimize(loss, np.zeros(size + 2), jac=True, method="L-BFGS-B", options={"maxiter": 500})
    return result.x[:size], float(result.x[size]), float(result.x[size + 1])


def dealt_with(found: Sequence[Case], weights: Weights) -> tuple[float, float]:
    """Shares answered rightly of those that can be, and refused of those that can't."""
    right, refused = [], []
    for case in found:
        first = next(iter(judged(case.candidates, case.signals.tolist(), weights, case.unknown)), None)
        said = first is not None and first.probability >= weights.threshold
        if case.answerable:
            good = {id(c) for c, r in zip(case.candidates, case.right, strict=True) if r}
            right.append(said and first is not None and id(first.candidate) in good)
        else:
            refused.append(not said)
    return _share(right), _share(refused)


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 1.0


def main(
    folders: Annotated[list[Path], typer.Argument()],
    against: Annotated[list[Path] | None, typer.Option("--against")] = None,
) -> None:
    """Fits on FOLDERS, measures on them and on those given with --against, writes weights.json."""
    today = date.today()  # noqa: DTZ011 - the deadlines of the sets are long past on any clock
    before = Weights.load(_STORED.read_text(encoding="utf-8"))
    sets = {folder: cases(folder, before, today) for folder in [*folders, *(against or [])]}
    found = [case for folder in folders for case in sets[folder]]
    signals, none, none_unknown = fitted(found)
    weights = max(
        (Weights(signals, none, none_unknown, t) for t in _THRESHOLDS),
        key=lambda w: sum(dealt_with(found, w)),
    )
    for folder, of_folder in sets.items():
        right, refused = dealt_with(of_folder, weights)
        print(f"{folder}: {len(of_folder)} questions, right {right:.3f}, refused {refused:.3f}")
    _STORED.write_text(_json(weights), encoding="utf-8")


def _json(weights: Weights) -> str:
    by_name = {n: round(float(w), 4) for n, w in zip(SIGNALS, weights.signals, strict=True) if abs(w) >= 5e-5}
    stored = {
        "threshold": weights.threshold,
        "none": round(weights.none, 4),
        "none_unknown": round(weights.none_unknown, 4),
        "signals": by_name,
    }
    return json.dumps(stored, indent=1) + "\n"


if __name__ == "__main__":
    typer.run(main)
