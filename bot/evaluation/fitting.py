"""Sets the weights by which candidates are judged, from question sets whose right answers are known.

    python -m bot.evaluation.fitting FOLDER... [--against FOLDER...]

Each FOLDER holds notices/ and questions.jsonl. Every candidate that the finders propose for a question is labelled
right or wrong as cewen eval would grade it; the weights maximise the likelihood of what is right (bot/answering/judging.py)
with a Gaussian prior and no weight against its sense (signals.py), FOLDERs weighing by the square roots of their sizes. Of the parts of an answer the shortest right
one is the one to say. The threshold is the one at which most questions of FOLDERs are dealt with rightly, answers and
refusals counting the same, and so do the FOLDERs. `--against` only measures. Needs the dev extra (SciPy). Writes bot/answering/weights.json.
"""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
from bot.answering.judging import Weights, judged, narrowed, parts
from bot.answering.model import Answer, Candidate
from bot.answering.saying import citation
from bot.answering.signals import AGAINST, FOR, SIGNALS
from bot.app import open_app
from bot.batch import Row
from bot.evaluation.grading import grade
from bot.intake import notice_files
from bot.settings import Settings

_PRIOR = 0.5
_STORED = Path(__file__).parents[1] / "answering" / "weights.json"
_OF_NONE = ("none", "unknown_things")
_USUAL = 25.0
"""The square root of the number of questions of a set whose questions count once."""
_ENDLESS = 10**6
_AS_SHORT = 1.3
"""How much longer than the shortest right part is still as good."""
_THRESHOLDS = tuple(round(0.1 + 0.02 * step, 2) for step in range(26))


Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """One question: its candidates' signals, which of them are right, and how much no notice holds."""

    candidates: tuple[Candidate, ...]
    signals: Vector
    right: npt.NDArray[np.bool_]
    answerable: bool
    unknown_things: float
    has_several: bool
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Trial:
    """A choice: a row of signals for each thing to choose, and which of them are good."""

    rows: Vector
    good: npt.NDArray[np.bool_]
    weight: float


def cases(folder: Path, today: date) -> list[Case]:
    """The cases of a question set, its notices read anew."""
    with tempfile.TemporaryDirectory() as home, open_app(Settings(home=Path(home))) as app:
        for file in notice_files([folder / "notices"]):
            app.home.intake.take(file)
        app.collection.refresh()
        return [_case(app.answering, row, today) for row in batch.rows(folder / "questions.jsonl")]


def _case(answering: Answering, row: Row, today: date) -> Case:
    question = answering.understood(row.question, contexts(row.context, answering))
    proposed = finding.propose(question, answering.library, answering.lexicon, today)
    right = np.array([_is_right(row, c) for c in proposed.candidates], dtype=bool)
    signals = np.array(proposed.signals).reshape(len(right), len(SIGNALS))
    return Case(
        proposed.candidates, signals, right, row.answerable, proposed.unknown_things, len(question.asks) > 1
    )


def _is_right(row: Row, candidate: Candidate) -> bool:
    value, quote = candidate.value, candidate.quote
    answer = Answer(True, value, f"{value}\n{quote}", row.kind, 0.0, (citation(candidate),))
    return row.answerable and not grade(row, answer)[1]


def fitted(found: Sequence[Case]) -> Weights:
    """The weights of the signals, and the score of none with what unknown things add to it."""
    size = len(SIGNALS)
    trials = []
    for case in found:
        if len(case.right) and (case.right.any() or not case.answerable):
            none_right = np.array([0.0] * size + [1.0, case.unknown_things])
            rows = np.hstack([case.signals, np.zeros((len(case.right), 2))])
            good = np.append(case.right, not case.answerable)
            trials.append(Trial(np.vstack([rows, none_right]), good, case.weight))
    w = _likeliest(trials, np.array([_PRIOR] * size + [0.0, 0.0]))
    none, things = w[size:].tolist()
    return Weights(w[:size], none, things, 0.0, np.zeros(size))


def narrowing(found: Sequence[Case], weights: Weights) -> Vector:
    """The weights that tell the part of a right answer that says it most shortly."""
    trials = []
    for case in found:
        said = judged(case.candidates, case.signals.tolist(), weights, case.unknown_things)
        right = {id(c) for c, r in zip(case.candidates, case.right, strict=True) if r}
        within = parts(said[0], said) if said else []
        lengths = [len(j.candidate.value) if id(j.candidate) in right else _ENDLESS for j in within]
        if len(within) > 1 and not case.has_several and min(lengths) < _ENDLESS:
            good = np.array(lengths) <= _AS_SHORT * min(lengths)
            trials.append(Trial(np.array([j.signals for j in within]), good, case.weight))
    return _likeliest(trials, np.full(len(SIGNALS), _PRIOR / 2))


def _likeliest(trials: Sequence[Trial], prior: Vector) -> Vector:
    """The weights under which the good choices of the trials are likeliest; `prior` is each weight's precision."""

    def loss(w: Vector) -> tuple[float, Vector]:
        total = float(prior @ w**2) / 2
        slope = prior * w
        for trial in trials:
            scores = trial.rows @ w
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
            sure = float(shares[trial.good].sum()) + 1e-12
            total -= trial.weight * np.log(sure)
            slope += trial.weight * trial.rows.T @ (shares - np.where(trial.good, shares / sure, 0.0))
        return total, slope

    bounds = [_sense(name) for name in (*SIGNALS, *_OF_NONE)][: len(prior)]
    options = {"maxiter": 500}
    start = np.zeros(len(prior))
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x)


def _sense(name: str) -> tuple[float | None, float | None]:
    """The least and the greatest weight that a signal may have."""
    if name in FOR or name == "unknown_things":
        return 0.0, None
    return (None, 0.0) if name in AGAINST else (None, None)


def dealt_with(found: Sequence[Case], weights: Weights) -> tuple[float, float]:
    """Shares answered rightly of those that can be, and refused of those that can't."""
    right, refused = [], []
    for case in found:
        said = judged(case.candidates, case.signals.tolist(), weights, case.unknown_things)
        is_said = bool(said) and said[0].probability >= weights.threshold
        if case.answerable:
            good = {id(c) for c, r in zip(case.candidates, case.right, strict=True) if r}
            whole = said[0] if is_said else None
            part = narrowed(whole, said, weights) if whole and not case.has_several else whole
            right.append(part is not None and id(part.candidate) in good)
        else:
            refused.append(not is_said)
    return _share(right), _share(refused)


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 1.0


def main(
    folders: Annotated[list[Path], typer.Argument()],
    against: Annotated[list[Path] | None, typer.Option("--against")] = None,
) -> None:
    """Fits on FOLDERS, measures on them and on those given with --against, writes weights.json."""
    today = date.today()  # noqa: DTZ011 - the deadlines of the sets are long past on any clock
    sets = {folder: cases(folder, today) for folder in [*folders, *(against or [])]}
    found = [case for folder in folders for case in _balanced(sets[folder])]
    weights = fitted(found)
    weights = replace(weights, narrowing=narrowing(found, weights))
    weights = max(
        (replace(weights, threshold=t) for t in _THRESHOLDS), key=lambda w: sum(dealt_with(found, w))
    )
    for folder, of_folder in sets.items():
        right, refused = dealt_with(of_folder, weights)
        print(f"{folder}: {len(of_folder)} questions, right {right:.3f}, refused {refused:.3f}")
    _STORED.write_text(_json(weights), encoding="utf-8")


def _balanced(found: Sequence[Case]) -> list[Case]:
    """The cases of a set, weighing so that a large set counts more than a small one, but not by so much."""
    return [replace(case, weight=_USUAL / len(found) ** 0.5) for case in found]


def _json(weights: Weights) -> str:
    stored = {
        "threshold": weights.threshold,
        "none": round(weights.none, 4),
        "unknown_things": round(weights.unknown_things, 4),
        "signals": _by_name(weights.signals),
        "narrowing": _by_name(weights.narrowing),
    }
    return json.dumps(stored, indent=1) + "\n"


def _by_name(weights: Vector) -> dict[str, float]:
    return {n: round(float(w), 4) for n, w in zip(SIGNALS, weights, strict=True) if abs(w) >= 5e-5}


if __name__ == "__main__":
    typer.run(main)
