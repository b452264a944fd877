"""What speaks for a candidate, as numbers: the only things that choosing an answer looks at (judging.py).

Every signal lies between 0 and 1 or close to it, so that the weights can be compared.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.answering.evidence import Bearing, Borne
from bot.answering.finders.lists import asked_number
from bot.answering.finders.values import typed
from bot.answering.model import Candidate, Kind, Question, Via
from index.text import normalise

_GROUPS: dict[str, tuple[Kind, ...]] = {
    "body": (Kind.DEPARTMENT, Kind.WHO, Kind.ISSUER, Kind.RECIPIENTS),
    "time": (Kind.ISSUED, Kind.DEADLINE, Kind.TIME, Kind.FREQUENCY),
    "amount": (Kind.QUANTITY,),
    "count": (Kind.COUNT,),
    "contact": (Kind.CONTACT,),
    "place": (Kind.PLACE,),
    "list": (Kind.LIST, Kind.REVERSE, Kind.MATERIALS, Kind.STEPS, Kind.ELIGIBILITY, Kind.DEFINITION),
    "text": (Kind.CONTENT, Kind.YES_NO),
    "head": (Kind.NUMBER, Kind.VALIDITY, Kind.COLLECTION),
}
GROUP_OF = {kind: group for group, kinds in _GROUPS.items() for kind in kinds}
_DEFERRED = re.compile("另行通知|另行公布|另计|另定|详见|见附件|为准|待定")
"""What puts the answer off to another document."""
_SHORT, _LONG = 80, 200
"""Characters: what a direct answer should stay under, and what it must."""
PLAIN = (
    "words", "headed", "near", "pairs", "pairs_headed", "letters", "meaning", "focus", "run", "clause", "clause_pairs",
    "words_of_best", "pairs_of_best", "clause_of_best", "meaning_of_best",
    "rank", "within", "notice", "notice_first", "identity", "anywhere", "missing_name", "leans", "overtaken",
    "fit", "fit_words", "fit_pairs", "fit_meaning", "typed", "typed_words", "several", "aspect", "repeats", "long", "too_long", "lines", "row", "contact", "deferred", "counted",
)  # fmt: skip
_TYPED = ("body", "time", "amount", "count", "contact", "place")
"""Groups of kinds that are answered by a value of some type."""
SIGNALS: tuple[str, ...] = (
    *PLAIN,
    *(f"typed:{group}" for group in _TYPED),
    *(f"{via}:{group}" for via in Via for group in _GROUPS),
)
"""The names of the signals, in the order in which `signals` gives them."""


@dataclass(frozen=True, slots=True)
class Context:
    """What all candidates of a question share.

    `notices` gives each notice's share of the best one's score, `within` each passage's share of the best one in its
    notice, by (notice id, passage number).
    """

    question: Question
    notices: dict[str, float]
    within: dict[tuple[str, int], float]
    overtaken: frozenset[str]


def signals(
    context: Context, candidates: Sequence[Candidate], bearings: dict[str, Bearing]
) -> list[list[float]]:
    """The signals of each candidate, in the order of SIGNALS."""
    borne = [_borne(c, bearings[c.held.id]) for c in candidates]
    clauses = [bearings[c.held.id].clause(c.clause or c.quote) for c in candidates]
    best = (
        max((b.headed for b in borne), default=0.0),
        max((b.pairs_headed for b in borne), default=0.0),
        max((c for c, _ in clauses), default=0.0),
        max((b.meaning for b in borne), default=0.0),
    )
    return [
        [
            *_plain(context, c, bearings[c.held.id], b, clause, best),
            *_typed_by_group(context.question, c),
            *_kinds(context.question, c),
        ]
        for c, b, clause in zip(candidates, borne, clauses, strict=True)
    ]


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
    best: tuple[float, float, float, float],
) -> tuple[float, ...]:
    held, number = candidate.held, candidate.number
    passage = held.passages[number] if number is not None else None
    length = len(candidate.value)
    notice = context.notices.get(held.id, 0.0)
    fit, kinds = candidate.fit, _typed(context.question, candidate)
    return (
        borne.words, borne.headed, borne.near, borne.pairs, borne.pairs_headed, borne.letters, borne.meaning, borne.focus, borne.run, *clause,
        borne.headed - best[0], borne.pairs_headed - best[1], clause[0] - best[2], borne.meaning - best[3],
        min(candidate.rank, 1.0),
        context.within.get((held.id, number), 0.0) if number is not None else 0.5,
        notice, float(notice >= 1.0), bearing.identity, bearing.anywhere, bearing.missing_name,
        float(context.question.leaning == held.id), float(held.id in context.overtaken),
        fit, fit * borne.headed, fit * borne.pairs_headed, fit * borne.meaning,
        kinds, kinds * borne.headed, float(len(context.question.asks) > 1) * kinds,
        bearing.aspect_anywhere, _repeats(context.question, candidate),
        float(length > _SHORT), float(length > _LONG), float("\n" in candidate.value),
        float(passage is not None and passage.row is not None),
        float(passage is not None and passage.contact is not None),
        float(_DEFERRED.search(candidate.value) is not None), _counted(context.question, candidate),
    )  # fmt: skip


def _typed(question: Question, candidate: Candidate) -> float:
    """How well the candidate holds values of all types asked for; a row counts with all its cells when it is said whole."""
    return sum(typed(question, ask, candidate.value) for ask in question.asks) / len(question.asks)


def _counted(question: Question, candidate: Candidate) -> float:
    """1 for a list of as many things as the question expects (哪三个阶段), -1 for one of more or fewer."""
    expected = asked_number(question) if GROUP_OF.get(question.kind) == "list" else None
    lines = candidate.value.count("\n") + 1
    if expected is None or lines == 1:
        return 0.0
    return 1.0 if lines == expected else -1.0


def _repeats(question: Question, candidate: Candidate) -> float:
    """The share of the value's pairs of characters that the question has already: what only repeats tells nothing."""
    value = normalise(candidate.value)
    pairs = {value[i : i + 2] for i in range(len(value) - 1)}
    return sum(p in question.text for p in pairs) / len(pairs) if pairs else 0.0


def _kinds(question: Question, candidate: Candidate) -> list[float]:
    """One signal for each way of finding in each group of kinds."""
    here = f"{candidate.via}:{GROUP_OF.get(question.kind, 'text')}"
    return [float(name == here) for name in SIGNALS[len(PLAIN) + len(_TYPED) :]]


def _typed_by_group(question: Question, candidate: Candidate) -> list[float]:
    """How badly a value of the type asked for matters differs: no telephone is no answer, no person may be a body."""
    group = GROUP_OF.get(question.kind, "text")
    return [_typed(question, candidate) if name == group else 0.0 for name in _TYPED]


def unknown_share(question: Question, known: Sequence[bool]) -> float:
    """The share of the question's words, by weight, that no notice holds; `known` tells it for each word."""
    total = sum(w.weight for w in question.words)
    lost = sum(w.weight for w, k in zip(question.words, known, strict=True) if not k)
    return lost / total if total else 0.0


def certainty(score: float) -> float:
    """A log-odds score as a probability."""
    return 1.0 / (1.0 + math.exp(-score))
