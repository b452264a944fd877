"""Choosing among candidates: how likely each is right, by a model whose weights were set on question sets.

A conditional logit over the candidates of a question and one more choice, that none of them is right: with x a
candidate's signals, w the weights and n the score of none,

    P(candidate) = exp(w·x) / (exp(n) + Σ exp(w·x'))

so that the number is a probability and a refusal competes with the answers on equal terms (McFadden 1974). Candidates
that say the same in the same notice add up. `make weights` fits w (bot/evaluation/fitting.py) and writes weights.json.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from bot.answering.model import Candidate
from bot.answering.signals import SIGNALS


@dataclass(frozen=True, slots=True)
class Weights:
    """One weight a signal, the score of none with what adds to it, and the probability from which one answers."""

    signals: npt.NDArray[np.float64]
    none: float
    none_unknown: float
    threshold: float

    @classmethod
    def load(cls, text: str) -> "Weights":
        """Reads weights.json; a signal that it lacks weighs nothing."""
        stored = json.loads(text)
        by_name: Mapping[str, float] = stored["signals"]
        return cls(
            np.array([by_name.get(name, 0.0) for name in SIGNALS]),
            stored["none"],
            stored["none_unknown"],
            stored["threshold"],
        )


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
    candidates: Sequence[Candidate], rows: Sequence[Sequence[float]], weights: Weights, unknown: float
) -> list[Judged]:
    """The candidates with their probabilities, likeliest first; one row of signals a candidate.

    Of candidates that say the same in the same notice the best is kept, with the probability of all.
    """
    if not candidates:
        return []
    scores = np.asarray(rows) @ weights.signals
    none = weights.none + weights.none_unknown * unknown
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
    return sorted(found, key=lambda j: (-j.probability, -j.score))


def reasons(judged_one: Judged, weights: Weights) -> list[tuple[str, float, float]]:
    """What spoke for a candidate: signal, its value, and its part of the score, the weightiest first."""
    parts = [
        (name, value, value * float(weight))
        for name, value, weight in zip(SIGNALS, judged_one.signals, weights.signals, strict=True)
        if value
    ]
    return sorted(parts, key=lambda part: -abs(part[2]))


def _plain(value: str) -> str:
    return "".join(c for c in value if c.isalnum())
