"""From an understood question to judged candidates: choose notices and passages, let the finders propose, judge."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.answering.evidence import Bearing, own_subject
from bot.answering.finders import collection, contacts, heads, lists, sentences, tables, validity, values
from bot.answering.judging import Judged, Weights, judged, narrowed
from bot.answering.lexicon import Lexicon
from bot.answering.model import Candidate, Kind, Question, Via, Word
from bot.answering.signals import Context, signals
from bot.answering.standing import standing
from bot.library import Found, HeldNotice, Library
from corpus.facts import CHINESE_NUMERALS
from index.text import normalise

_DEPTH = 40
_NOTICES = 12
_LIKELY, _LIKELY_SHARE = 3, 0.6
"""How many notices are read closely, and what share of the best one's score they need."""
_READ_WHOLE = 60
"""Passages; a notice of no more is read from end to end."""
_MOST_READ = 200
_UNRANKED = 0.5
"""The rank of a passage in a notice that is asked about as a whole."""
_OF_HEADS = (Kind.NUMBER, Kind.ISSUER, Kind.RECIPIENTS, Kind.ISSUED)
_OF_ROWS = (Kind.LIST, Kind.REVERSE, Kind.CONTENT, Kind.TIME, Kind.WHO, Kind.DEPARTMENT, Kind.DEFINITION)

Ranked = list[tuple[Found, float]]
RankedNotices = list[tuple[HeldNotice, float]]


@dataclass(frozen=True, slots=True)
class Findings:
    """What a search brought.

    Passages and notices with their share of the best score; candidates likeliest first; of them the one to say, if any
    is likely enough, and that of another notice which says something else and is nearly as likely; the question's words
    that no notice holds.
    """

    found: Ranked
    notices: RankedNotices
    judged: tuple[Judged, ...]
    best: Judged | None
    rival: Judged | None
    unknown: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """The passages and notices that may answer; `within` is each passage's share of the best one in its notice."""

    found: Ranked
    notices: RankedNotices
    within: dict[tuple[str, int], float]


@dataclass(frozen=True, slots=True)
class Proposed:
    """All that may answer, not judged yet: a row of signals a candidate, and the question's words that no notice holds.

    `unknown_things` is the share of the words, by weight, that are things among them.
    """

    scope: Scope
    candidates: tuple[Candidate, ...]
    signals: list[list[float]]
    unknown: tuple[Word, ...]
    unknown_things: float


def search(question: Question, library: Library, weights: Weights, lexicon: Lexicon, today: date) -> Findings:
    """Everything that may answer the question, judged. What is overtaken answers only where nothing in force does."""
    proposed = propose(question, library, lexicon, today)
    in_force = _in_force(question, proposed, library, today)
    found = _judged(question, in_force, weights)
    if found.best is None and len(in_force.candidates) < len(proposed.candidates):
        every = _judged(question, proposed, weights)
        return every if every.best or not found.judged else found
    return found


def _in_force(question: Question, proposed: Proposed, library: Library, today: date) -> Proposed:
    """What notices in force propose; all, where the question is about a notice that is known already."""
    if question.notice_id:
        return proposed
    past = {h.id for h in {c.held for c in proposed.candidates} if standing(h, library, today).overtaken}
    kept = [at for at, candidate in enumerate(proposed.candidates) if candidate.held.id not in past]
    candidates, rows = proposed.candidates, proposed.signals
    return replace(
        proposed, candidates=tuple(candidates[at] for at in kept), signals=[rows[at] for at in kept]
    )


def _judged(question: Question, proposed: Proposed, weights: Weights) -> Findings:
    found = judged(proposed.candidates, proposed.signals, weights, proposed.unknown_things)
    best, rival = _chosen(question, found, weights)
    scope = proposed.scope
    return Findings(scope.found, scope.notices, tuple(found), best, rival, proposed.unknown)


_COUNTED = re.compile(f"[{CHINESE_NUMERALS}\\d]+")
_RIVAL, _LONGEST_RIVAL = 0.6, 60
"""What share of the best one's probability another notice's candidate needs to be worth a word, and how long it may be."""


def _chosen(
    question: Question, found: Sequence[Judged], weights: Weights
) -> tuple[Judged | None, Judged | None]:
    """The candidate to say, or the part of it that answers, and its rival.

    This year's notice and last year's of the same kind answer alike, and halve each other's probability: together they
    are likely enough, the newer first.
    """
    if not found:
        return None, None
    first, rival = found[0], None if question.notice_id else _rival(found)
    if first.probability < weights.threshold:
        if rival is None or not _are_of_a_kind(first.candidate.held, rival.candidate.held):
            return None, None
        if first.probability + rival.probability < weights.threshold:
            return None, None
        first, rival = sorted((first, rival), key=lambda j: j.candidate.held.notice.date.value, reverse=True)
    # no part of an answer answers a question for several things
    best = first if len(question.asks) > 1 else narrowed(first, found, weights)
    return best, rival if rival and best.said not in rival.said else None


def _are_of_a_kind(one: HeldNotice, other: HeldNotice) -> bool:
    """Whether titles differ in year and edition alone."""
    return _COUNTED.sub("", normalise(one.notice.title)) == _COUNTED.sub("", normalise(other.notice.title))


def _rival(found: Sequence[Judged]) -> Judged | None:
    """The likeliest candidate of another notice that is nearly as likely as the first one."""
    first = found[0]
    near = (j for j in found[1:] if j.probability >= _RIVAL * first.probability)
    others = (j for j in near if j.candidate.held is not first.candidate.held)
    return next((j for j in others if len(j.candidate.value) <= _LONGEST_RIVAL), None)


def propose(question: Question, library: Library, lexicon: Lexicon, today: date) -> Proposed:
    """The candidates of all finders that are of the place, year and edition asked for, with their signals."""
    scope = _scope(question, library)
    unknown = _unknown(question, scope, library)
    bearings: dict[str, Bearing] = {}
    kept = []
    for candidate in _candidates(question, scope, library, today):
        held = candidate.held
        bearing = bearings.get(held.id)
        if bearing is None:
            bearing = bearings[held.id] = Bearing(question, held, library, lexicon, unknown)
        if candidate.value and bearing.is_of_passage(candidate.number):
            kept.append(candidate)
    rows = signals(Context.of(question, scope.within), kept, bearings)
    things = sum(w.weight for w in unknown if not library.segmenter.tag(w.text))
    total = sum(w.weight for w in question.words) or 1.0
    return Proposed(scope, tuple(kept), rows, unknown, things / total)


def _unknown(question: Question, scope: Scope, library: Library) -> tuple[Word, ...]:
    """The words that neither a notice nor the names of columns hold."""
    columns = [f.held.own[f.number] for f, _ in scope.found if f.passage.table]

    def is_known(form: str) -> bool:
        return bool(library.index.document_frequency(form)) or any(form in c for c in columns)

    return tuple(w for w in question.words if not any(map(is_known, w.forms)))


def _scope(question: Question, library: Library) -> Scope:
    tokens = library.segmenter.tokens(_wanted(question))
    found = _retrieve(question, tokens, library)
    notices = _notices(question, found, library)
    likely = list(_likely(question, notices, library))
    best = {(f.held.id, f.number): (f, share) for f, share in found}
    best |= _ranks(tokens, [h for h, _ in likely], library, found)
    within: dict[tuple[str, int], float] = {}
    for held, _ in likely:
        for hit, here in _read(question, held, library):
            within[held.id, hit.number] = here
            best.setdefault((held.id, hit.number), (hit, 0.0))
    ranked = sorted(best.values(), key=lambda pair: -pair[1])
    return Scope(ranked, notices, within)


def _ranks(
    tokens: Sequence[str], likely: Sequence[HeldNotice], library: Library, found: Ranked
) -> dict[tuple[str, int], tuple[Found, float]]:
    """The passages of the likely notices with their share of the best score of all."""
    hits = library.search(tokens, _MOST_READ, [h.id for h in likely])
    top = found[0][0].score if found else 0.0
    return {(h.held.id, h.number): (h, min(max(h.score / top, 0.0), 1.0) if top > 0 else 1.0) for h in hits}


def _wanted(question: Question) -> str:
    return " ".join(" ".join(w.forms[:3]) for w in question.words) or question.text


def _retrieve(question: Question, tokens: Sequence[str], library: Library) -> Ranked:
    """The passages nearest to the content of the question, with their share of the best score."""
    scope = [question.notice_id] if question.notice_id in library else None
    found = library.search(tokens, _DEPTH, scope)
    top = found[0].score if found else 0.0
    ranked = [(f, max(f.score / top, 0.0) if top > 0 else 1.0) for f in found]
    if question.ordinal:
        ranked += [(f, 1.0) for f in library.at_locator(question.ordinal, {f.held.id for f in found})]
    return ranked


def _likely(
    question: Question, notices: RankedNotices, library: Library
) -> Iterator[tuple[HeldNotice, float]]:
    """The notices that the question most likely means, the one of the answer before among them."""
    yield from _nearest(notices)
    leaning = library.get(question.leaning)
    if leaning and all(h is not leaning for h, _ in notices[:_LIKELY]):
        yield leaning, _LIKELY_SHARE


def _nearest(notices: RankedNotices) -> RankedNotices:
    return [(h, s) for h, s in notices[:_LIKELY] if s >= _LIKELY_SHARE]


def _read(question: Question, held: HeldNotice, library: Library) -> Ranked:
    """The passages of a notice by what says what is asked within it; all of them where it is short.

    Words that name the notice stand in the title of all its passages; within it they tell nothing apart.
    """
    aspect = own_subject(question, held)
    found = _ranked_within(held, aspect, library) if aspect else []
    if not found or len(held.passages) <= _READ_WHOLE:
        seen = {hit.number for hit, _ in found}
        rest = (n for n in range(min(len(held.passages), 4 * _READ_WHOLE)) if n not in seen)
        found += [(Found(held, n, 0.0, 0.0), 0.0 if aspect else _UNRANKED) for n in rest]
    return found


def _ranked_within(held: HeldNotice, aspect: Sequence[Word], library: Library) -> Ranked:
    tokens = library.segmenter.tokens(" ".join(" ".join(w.forms[:8]) for w in aspect))
    hits = library.search(tokens, _DEPTH, [held.id])
    top = hits[0].score if hits else 0.0
    return [(h, max(h.score / top, 0.0)) for h in hits if top > 0]


def _notices(question: Question, found: Ranked, library: Library) -> RankedNotices:
    """The notices that the passages come from, best first, with their share of the best notice's score."""
    best: dict[str, float] = {}
    for hit, _ in found:
        best.setdefault(hit.held.id, hit.notice_score)
    tokens = library.segmenter.tokens(" ".join(w.text for w in question.words))
    for parent, score in library.index.rank_parents(tokens)[:_NOTICES]:
        best.setdefault(parent, score)
    if question.notice_id in library:
        best = {question.notice_id: 1.0}
    top = max(best.values(), default=0.0)
    ranked = sorted(best.items(), key=lambda pair: (-pair[1], pair[0]))[:_NOTICES]
    return [(library[i], max(score / top, 0.0) if top > 0 else 1.0) for i, score in ranked]


def _candidates(question: Question, scope: Scope, library: Library, today: date) -> Iterator[Candidate]:
    """What the finders of its kind propose, and what any passage says."""
    if question.kind is Kind.COLLECTION:
        yield from collection.find(question, library.held(), today)
        return
    if not (question.words or question.notice_id or question.names or question.ordinal):
        return
    likely = _nearest(scope.notices)
    yield from values.find(question, scope.found)
    if question.kind in _OF_HEADS:
        yield from heads.find(question, likely)
    if question.kind is Kind.VALIDITY:
        yield from validity.find(question, likely, library, today)
    if question.kind is Kind.CONTACT:
        yield from contacts.find(question, scope.notices, scope.found)
    if question.kind in (Kind.COUNT, Kind.QUANTITY):
        yield from tables.find_counts(question, likely, scope.found)
    if question.kind in _OF_ROWS:
        yield from tables.find(question, likely)
    yield from lists.find(question, scope.found)
    yield from sentences.find(question, scope.found)


def about(findings: Findings) -> Judged | None:
    """What the notices do say of the subject, for a question whose value they do not state."""
    said = (j for j in findings.judged if j.candidate.via is Via.SENTENCE and j.probability >= 0.02)
    return next(said, None)


def in_each(
    question: Question, library: Library, weights: Weights, lexicon: Lexicon, today: date, most: int
) -> list[Candidate]:
    """The answers of the newest notices to a question that names none of them, one a notice."""
    found: list[Candidate] = []
    newest = sorted(library.held(), key=lambda h: (h.notice.date.value, h.id), reverse=True)
    for held in newest[: 4 * most]:
        if len(found) < most and not standing(held, library, today).overtaken:
            best = search(replace(question, notice_id=held.id), library, weights, lexicon, today).best
            found += [best.candidate] if best else []
    return found
