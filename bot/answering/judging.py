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
from bot.answering.signals import SIGNALS, Unknown

_NOT_ALNUM = re.compile(r"[\W_]+")
_SURE, _TOLD = 0.7, 0.5
"""How likely a part must be, beside the other parts, to be said in place of the whole, which is right too: as
such, and when the words beside it alone speak of what is asked (处级人员每人每天450元)."""
_LEADS = 0.2


@dataclass(frozen=True, slots=True)
class Weights:
    """One weight a signal, the score of none with what unknown words add to it, and the probability from which one answers."""

    signals: npt.NDArray[np.float64]
    none: float
    unknown_words: float
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
            stored["unknown_words"],
            stored["unknown_things"],
            stored["threshold"],
            _by_name(stored["narrowing"]),
        )


def _by_name(weights: Mapping[str, float]) -> npt.NDArray[np.float64]:
    return np.array([weights.get(name, 0.0) for name in SIGNALS])


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate with its signals and the probability that its value is right."""

    candidate: Candidate
    signals: tuple[float, ...]
    score: float
    probability: float


def default_weights() -> Weights:
    """The weights that come with the program."""
    return Weights.load(files("bot.answering").joinpath("weights.json").read_text(encoding="utf-8"))


def judged(
    candidates: Sequence[Candidate], rows: Sequence[Sequence[float]], weights: Weights, unknown: Unknown
) -> list[Judged]:
    """The candidates with their probabilities, likeliest first; one row of signals a candidate.

    Of candidates that say the same in the same notice the best is kept, with the probability of all.
    """
    if not candidates:
        return []
    scores = np.asarray(rows) @ weights.signals
    none = weights.none + weights.unknown_words * unknown.words + weights.unknown_things * unknown.things
    top = max(float(scores.max()), none)
    shares = np.exp(scores - top)
    shares /= shares.sum() + np.exp(none - top)
    together: dict[tuple[str, str], list[int]] = {}
    for at, candidate in enumerate(candidates):
        together.setdefault((candidate.held.id, _plain(candidate.value)), []).append(at)
    found = []
    for group in together.values():
        best = max(group, key=lambda at: (float(scores[at]), -at))
        probability = float(shares[group].sum())
        found.append(Judged(candidates[best], tuple(rows[best]), float(scores[best]), probability))
    found.sort(key=lambda j: (-j.probability, -j.score))
    return [replace(found[0], probability=_supported(found[0], found)), *found[1:]]


def _supported(best: Judged, found: Sequence[Judged]) -> float:
    """The probability of a candidate with that of those at its place that say more, or less, but not otherwise."""
    value, candidate = _plain(best.candidate.value), best.candidate
    total = 0.0
    for other in found:
        if other.candidate.held is candidate.held and other.candidate.locator == candidate.locator:
            said = _plain(other.candidate.value)
            total += other.probability * (said in value or value in said)
    return total


def parts(whole: Judged, found: Sequence[Judged]) -> list[Judged]:
    """What stands in a candidate's value, at its place in its notice: itself and the candidates that it contains."""
    value = _plain(whole.candidate.value)
    return [
        j
        for j in found
        if j is whole
        or (
            j.candidate.held is whole.candidate.held
            and j.candidate.locator == whole.candidate.locator
            and _plain(j.candidate.value) in value
        )
    ]


def narrowed(whole: Judged, found: Sequence[Judged], weights: Weights) -> Judged:
    """The part of a candidate that surely is the answer, with the probability of the whole; else the whole."""
    within = parts(whole, found)
    scores = np.array([j.signals for j in within]) @ weights.narrowing
    shares = np.exp(scores - scores.max())
    at = int(shares.argmax())
    chosen = _plain(within[at].candidate.value)
    others = [_plain(j.candidate.value) for j in within]
    rivals = sum(s for s, v in zip(shares, others, strict=True) if v not in chosen and chosen not in v)
    needed = _TOLD if within[at].signals[SIGNALS.index("lead")] > _LEADS else _SURE
    is_sure = shares[at] >= needed * (shares[at] + rivals)
    return replace(within[at], probability=whole.probability) if is_sure else whole


def reasons(judged_one: Judged, weights: Weights) -> list[tuple[str, float, float]]:
    """What spoke for a candidate: signal, its value, and its part of the score, the weightiest first."""
    parts = [
        (name, value, value * float(weight))
        for name, value, weight in zip(SIGNALS, judged_one.signals, weights.signals, strict=True)
        if value
    ]
    return sorted(parts, key=lambda part: -abs(part[2]))


def _plain(value: str) -> str:
    return _NOT_ALNUM.sub("", value)
