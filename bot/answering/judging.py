"""Choosing among candidates: how likely each is right, by a model whose weights were set on question sets.

A conditional logit over the candidates of a question and one more choice, that none of them is right: with x a
candidate's signals, w the weights and n the score of none,

    P(candidate) = exp(w·x) / (exp(n) + Σ exp(w·x'))

so that the number is a probability and a refusal competes with the answers on equal terms (McFadden 1974). Candidates
that say the same in the same notice add up. Of the likeliest one, which may be a whole sentence or row, `narrowed` says
the part that answers: a second logit of the same form over the candidates that stand in it. `make weights` fits both
(bot/evaluation/fitting.py) and writes weights.json.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from bot.answering.model import Candidate
from bot.answering.signals import SIGNALS

_NOT_ALNUM = re.compile(r"[\W_]+")
_SURE, _TOLD = 0.7, 0.5
"""How likely a part must be, beside the other parts, to be said in place of the whole, which is right too: as
such, and when the words beside it alone speak of what is asked (处级人员每人每天450元)."""
_LEADS = 0.2
_LEAD = SIGNALS.index("lead")


@dataclass(frozen=True, slots=True)
class Weights:
    """One weight a signal, the score of none with what things that no notice holds add to it, and the probability from
    which one answers."""

    signals: npt.NDArray[np.float64]
    none: float
    unknown_things: float
    threshold: float
    narrowing: npt.NDArray[np.float64]
    """One weight a signal, for choosing among a sentence and its parts."""

    @classmethod
    def load(cls, text: str) -> "Weights":
        """Reads weights.json; a signal that it lacks weighs nothing."""
        stored = json.loads(text)
        return cls(
            _by_name(stored["signals"]),
            stored["none"],
            stored["unknown_things"],
            stored["threshold"],
            _by_name(stored["narrowing"]),
        )


def _by_name(weights: Mapping[str, float]) -> npt.NDArray[np.float64]:
    return np.array([weights.get(name, 0.0) for name in SIGNALS])


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate with its signals and the probability that its value is right; `said` is the value's letters alone."""

    candidate: Candidate
    said: str
    signals: Sequence[float]
    score: float
    probability: float


def default_weights() -> Weights:
    """The weights that come with the program."""
    return Weights.load(files("bot.answering").joinpath("weights.json").read_text(encoding="utf-8"))


def judged(
    candidates: Sequence[Candidate], rows: Sequence[Sequence[float]], weights: Weights, unknown_things: float
) -> list[Judged]:
    """The candidates with their probabilities, likeliest first; one row of signals a candidate.

    `unknown_things` is the share of the question's words, by weight, that are things which no notice holds.
    Of candidates that say the same in the same notice the best is kept, with the probability of all.
    """
    if not candidates:
        return []
    scores = np.asarray(rows) @ weights.signals
    none = weights.none + weights.unknown_things * unknown_things
    top = max(float(scores.max()), none)
    shares = np.exp(scores - top)
    shares /= shares.sum() + np.exp(none - top)
    together: dict[tuple[str, str], list[int]] = {}
    for at, candidate in enumerate(candidates):
        together.setdefault((candidate.held.id, _plain(candidate.value)), []).append(at)
    found = []
    for (_, said), group in together.items():
        best = max(group, key=lambda at: (float(scores[at]), -at))
        probability = float(shares[group].sum())
        found.append(Judged(candidates[best], said, rows[best], float(scores[best]), probability))
    found.sort(key=lambda j: (-j.probability, -j.score))
    return [replace(found[0], probability=_supported(found[0], found)), *found[1:]]


def _supported(best: Judged, found: Sequence[Judged]) -> float:
    """The probability of a candidate with that of those at its place that say more, or less, but not otherwise."""
    return sum(j.probability for j in _at_place(best, found) if j.said in best.said or best.said in j.said)


def parts(whole: Judged, found: Sequence[Judged]) -> list[Judged]:
    """What stands in a candidate's value, at its place in its notice: itself and the candidates that it contains."""
    return [j for j in _at_place(whole, found) if j.said in whole.said]


def _at_place(one: Judged, found: Sequence[Judged]) -> list[Judged]:
    held, locator = one.candidate.held, one.candidate.locator
    return [j for j in found if j.candidate.held is held and j.candidate.locator == locator]


def narrowed(whole: Judged, found: Sequence[Judged], weights: Weights) -> Judged:
    """The part of a candidate that surely is the answer, with the probability of the whole; else the whole."""
    within = parts(whole, found)
    scores = np.array([j.signals for j in within]) @ weights.narrowing
    shares = np.exp(scores - scores.max())
    at = int(shares.argmax())
    part = within[at]
    rivals = sum(
        share
        for share, other in zip(shares, within, strict=True)
        if other.said not in part.said and part.said not in other.said
    )
    needed = _TOLD if part.signals[_LEAD] > _LEADS else _SURE
    is_sure = shares[at] >= needed * (shares[at] + rivals)
    return replace(part, probability=whole.probability) if is_sure else whole


def _plain(value: str) -> str:
    return _NOT_ALNUM.sub("", value)
