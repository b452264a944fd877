"""What speaks for a candidate, as numbers: the only things that choosing an answer looks at (judging.py).

Every signal lies between 0 and 1 or close to it, so that the weights can be compared.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.answering.evidence import Bearing, Borne
from bot.answering.finders.lists import asked_number
from bot.answering.finders.values import typed
from bot.answering.model import Ask, Candidate, Kind, Question, Via
from index.text import normalise

_GROUPS: dict[str, tuple[Kind, ...]] = {
    "body": (Kind.DEPARTMENT, Kind.WHO, Kind.ISSUER, Kind.RECIPIENTS),
    "issued": (Kind.ISSUED,),
    "time": (Kind.DEADLINE, Kind.TIME, Kind.FREQUENCY),
    "amount": (Kind.QUANTITY,),
    "count": (Kind.COUNT,),
    "contact": (Kind.CONTACT,),
    "place": (Kind.PLACE,),
    "list": (Kind.LIST, Kind.REVERSE, Kind.MATERIALS, Kind.STEPS, Kind.ELIGIBILITY, Kind.DEFINITION),
    "text": (Kind.CONTENT, Kind.YES_NO),
    "number": (Kind.NUMBER,),
    "state": (Kind.VALIDITY, Kind.COLLECTION),
}
GROUP_OF = {kind: group for group, kinds in _GROUPS.items() for kind in kinds}
_DEFERRED = re.compile("另行通知|另行公布|另计|另定|详见|见附件|为准|待定")
"""What puts the answer off to another document."""
_SHORT, _LONG = 80, 200
"""Characters: what a direct answer should stay under, and what it must."""
PLAIN = (
    "near", "letters", "focus", "clause", "clause_pairs", "pairs_of_best", "clause_of_best",
    "rank", "within", "identity", "anywhere", "missing_name", "leans",
    "fit", "fit_pairs", "fit_meaning", "typed", "typed_words", "several", "missing_things", "lead", "repeats", "long", "too_long", "lines", "row", "contact", "deferred", "counted",
)  # fmt: skip
AGAINST = frozenset({"missing_name", "missing_things", "too_long", "deferred"})
FOR = frozenset(PLAIN) - AGAINST - {"leans", "several", "repeats", "long", "lines", "row", "contact"}
"""Signals that can only speak against a candidate, or for it, whatever a question set makes of them."""
_TYPED = ("body", "issued", "time", "amount", "count", "contact", "place")
"""Groups of kinds that are answered by a value of some type."""
SIGNALS: tuple[str, ...] = (
    *PLAIN,
    *(f"typed:{group}" for group in _TYPED),
    *(f"{via}:{group}" for via in Via for group in _GROUPS),
)
"""The names of the signals, in the order in which `signals` gives them: how badly a value of the type asked for
matters differs by what is asked (no telephone is no answer, no person may be a body), and so do the ways of finding."""
_AT = {name: place for place, name in enumerate(SIGNALS)}


@dataclass(frozen=True, slots=True)
class Context:
    """What all candidates of a question share.

    `within` gives each passage's share of the best one in its notice, by (notice id, passage number); `asks` is all
    that is asked for, `expected` how many things, if it is a list of so many.
    """

    question: Question
    within: dict[tuple[str, int], float]
    asks: tuple[Ask, ...]
    expected: int | None

    @classmethod
    def of(cls, question: Question, within: dict[tuple[str, int], float]) -> "Context":
        is_list = GROUP_OF.get(question.kind) == "list"
        return cls(question, within, question.asks, asked_number(question) if is_list else None)


def signals(
    context: Context, candidates: Sequence[Candidate], bearings: dict[str, Bearing]
) -> list[list[float]]:
    """The signals of each candidate, in the order of SIGNALS."""
    borne = [_borne(c, bearings[c.held.id]) for c in candidates]
    clauses = [bearings[c.held.id].clause(c.clause or c.quote) for c in candidates]
    best = (
        max((b.pairs_headed for b in borne), default=0.0),
        max((c for c, _ in clauses), default=0.0),
    )
    group = GROUP_OF.get(context.question.kind, "text")
    rows = []
    leads = _leads(candidates, clauses)
    for candidate, b, clause, lead in zip(candidates, borne, clauses, leads, strict=True):
        kinds = _typed(context, candidate)
        row = [0.0] * len(SIGNALS)
        row[: len(PLAIN)] = _plain(
            context, candidate, bearings[candidate.held.id], b, clause, best, kinds, lead
        )
        if f"typed:{group}" in _AT:
            row[_AT[f"typed:{group}"]] = kinds
        row[_AT[f"{candidate.via}:{group}"]] = 1.0
        rows.append(row)
    return rows


def _leads(candidates: Sequence[Candidate], clauses: Sequence[tuple[float, float]]) -> list[float]:
    """By how much more the words beside a value bear out than those beside other values of its passage; 1 for one alone."""
    beside: dict[tuple[str, int | None], dict[str, float]] = {}
    for candidate, (words, pairs) in zip(candidates, clauses, strict=True):
        if candidate.via in _PARTS:
            values = beside.setdefault((candidate.held.id, candidate.number), {})
            values[candidate.value] = max(words + pairs, values.get(candidate.value, 0.0))
    leads = []
    for candidate in candidates:
        values = beside.get((candidate.held.id, candidate.number), {}) if candidate.via in _PARTS else {}
        others = [b for v, b in values.items() if v not in candidate.value and candidate.value not in v]
        own = values.get(candidate.value, 0.0)
        leads.append(0.0 if not values else (own - max(others)) / 2 if others else 1.0)
    return leads


_PARTS = frozenset({Via.SPAN, Via.CELL, Via.LABEL})
"""Candidates that are a part of their passage."""
_OF_SEVERAL = frozenset({Via.ITEMS, Via.SECTION, Via.ROWS, Via.COUNT, Via.STATE, Via.HEAD})
"""Candidates that stand for more than the passage that they are cited from."""


def _borne(candidate: Candidate, bearing: Bearing) -> Borne:
    """What the candidate's passage bears out; for one that stands for several, also what all of them do."""
    lead = bearing.borne(candidate.number) if candidate.number is not None else None
    if lead and candidate.via not in _OF_SEVERAL:
        return lead
    return bearing.whole(f"{candidate.clause}|{'' if lead else candidate.quote}", lead)


def _plain(
    context: Context,
    candidate: Candidate,
    bearing: Bearing,
    borne: Borne,
    clause: tuple[float, float],
    best: tuple[float, float],
    kinds: float,
    lead: float,
) -> tuple[float, ...]:
    held, number = candidate.held, candidate.number
    passage = held.passages[number] if number is not None else None
    length = len(candidate.value)
    fit = candidate.fit
    return (
        borne.near, borne.letters, borne.focus, *clause,
        borne.pairs_headed - best[0], clause[0] - best[1],
        min(candidate.rank, 1.0),
        context.within.get((held.id, number), 0.0) if number is not None else 0.5,
        bearing.identity, bearing.anywhere, bearing.missing_name,
        float(context.question.leaning == held.id),
        fit, fit * borne.pairs_headed, fit * borne.meaning,
        kinds, kinds * borne.headed, float(len(context.asks) > 1) * kinds,
        bearing.missing_things, lead, _repeats(context.question, candidate),
        float(length > _SHORT), float(length > _LONG), float("\n" in candidate.value),
        float(passage is not None and passage.row is not None),
        float(passage is not None and passage.contact is not None),
        float(_DEFERRED.search(candidate.value) is not None), _counted(context.expected, candidate),
    )  # fmt: skip


def _typed(context: Context, candidate: Candidate) -> float:
    """How well the candidate holds values of all types asked for; a row counts with all its cells when it is said whole."""
    return sum(typed(context.question, ask, candidate.value) for ask in context.asks) / len(context.asks)


def _counted(expected: int | None, candidate: Candidate) -> float:
    """1 for a list of as many things as the question expects (哪三个阶段), -1 for one of more or fewer."""
    lines = candidate.value.count("\n") + 1
    if expected is None or lines == 1:
        return 0.0
    return 1.0 if lines == expected else -1.0


def _repeats(question: Question, candidate: Candidate) -> float:
    """The share of the value's pairs of characters that the question has already: what only repeats tells nothing."""
    pairs = _pairs(candidate.value)
    return len(pairs & _pairs(question.text)) / len(pairs) if pairs else 0.0


@lru_cache(maxsize=16384)
def _pairs(value: str) -> frozenset[str]:
    plain = normalise(value)
    return frozenset(plain[i : i + 2] for i in range(len(plain) - 1))
