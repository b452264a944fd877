"""From an understood question to judged candidates: choose notices and passages, let the finders propose, judge."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.answering.evidence import Bearing, own_subject
from bot.answering.finders import collection, contacts, heads, lists, sentences, tables, validity, values
from bot.answering.judging import Judged, Weights, judged, narrowed
from bot.answering.lexicon import Lexicon
from bot.answering.model import Candidate, Kind, Question, Word
from bot.answering.signals import Context, Unknown, signals, unknown_shares
from bot.answering.standing import standing
from bot.library import Found, HeldNotice, Library

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
    """What a search brought: passages and notices with their share of the best score, candidates likeliest first."""

    found: Ranked
    notices: RankedNotices
    judged: tuple[Judged, ...]
    weights: Weights
    has_several: bool
    """Whether the question asks for several things: then no part of an answer answers it."""

    @property
    def best(self) -> Judged | None:
        """The likeliest candidate, if it is likely enough to be said, or the part of it that answers."""
        first = next(iter(self.judged), None)
        if first is None or first.probability < self.weights.threshold:
            return None
        return first if self.has_several else narrowed(first, self.judged, self.weights)


@dataclass(frozen=True, slots=True)
class Scope:
    """The passages and notices that may answer; `within` is each passage's share of the best one in its notice."""

    found: Ranked
    notices: RankedNotices
    within: dict[tuple[str, int], float]


@dataclass(frozen=True, slots=True)
class Proposed:
    """All that may answer, not judged yet: a row of signals a candidate, and what no notice holds."""

    scope: Scope
    candidates: tuple[Candidate, ...]
    signals: list[list[float]]
    unknown: Unknown


def search(question: Question, library: Library, weights: Weights, lexicon: Lexicon, today: date) -> Findings:
    """Everything that may answer the question, judged."""
    proposed = propose(question, library, lexicon, today)
    found = judged(proposed.candidates, proposed.signals, weights, proposed.unknown)
    return Findings(
        proposed.scope.found, proposed.scope.notices, tuple(found), weights, len(question.asks) > 1
    )


def propose(question: Question, library: Library, lexicon: Lexicon, today: date) -> Proposed:
    """The candidates of all finders that are of the place, year and edition asked for, with their signals."""
    scope = _scope(question, library)
    bearings: dict[str, Bearing] = {}
    kept = []
    for candidate in _candidates(question, scope, library, today):
        held = candidate.held
        bearing = bearings.get(held.id)
        if bearing is None:
            bearing = bearings[held.id] = Bearing(question, held, library, lexicon)
        if candidate.value and bearing.is_of_passage(candidate.number):
            kept.append(candidate)
    context = _context(question, scope, library, today)
    rows = signals(context, kept, bearings)
    return Proposed(scope, tuple(kept), rows, _unknown(question, scope, library))


def _unknown(question: Question, scope: Scope, library: Library) -> Unknown:
    index, segmenter = library.index, library.segmenter
    columns = [f.held.own[f.number] for f, _ in scope.found if f.passage.table]
    known = [
        any(index.document_frequency(f) or any(f in c for c in columns) for f in w.forms)
        for w in question.words
    ]
    things = [not segmenter.tag(w.text) for w in question.words]
    return unknown_shares(list(zip(question.words, known, things, strict=True)))


def _context(question: Question, scope: Scope, library: Library, today: date) -> Context:
    past = (
        {h.id for h, _ in scope.notices if standing(h, library, today).overtaken}
        if not question.notice_id
        else set()
    )
    return Context(question, scope.within, frozenset(past))


def _scope(question: Question, library: Library) -> Scope:
    found = _retrieve(question, library)
    notices = _notices(question, found, library)
    likely = list(_likely(question, notices, library))
    best = {(f.held.id, f.number): (f, share) for f, share in found}
    best |= _ranks(question, [h for h, _ in likely], library, found)
    within: dict[tuple[str, int], float] = {}
    for held, _ in likely:
        for hit, here in _read(question, held, library):
            within[held.id, hit.number] = here
            best.setdefault((held.id, hit.number), (hit, 0.0))
    ranked = sorted(best.values(), key=lambda pair: -pair[1])
    return Scope(ranked, notices, within)


def _ranks(
    question: Question, likely: Sequence[HeldNotice], library: Library, found: Ranked
) -> dict[tuple[str, int], tuple[Found, float]]:
    """The passages of the likely notices with their share of the best score of all."""
    tokens = library.segmenter.tokens(_wanted(question))
    hits = library.search(tokens, _MOST_READ, [h.id for h in likely])
    top = found[0][0].score if found else 0.0
    return {(h.held.id, h.number): (h, min(max(h.score / top, 0.0), 1.0) if top > 0 else 1.0) for h in hits}


def _wanted(question: Question) -> str:
    return " ".join(" ".join(w.forms[:3]) for w in question.words) or question.text


def _retrieve(question: Question, library: Library) -> Ranked:
    """The passages nearest to the content of the question, with their share of the best score."""
    scope = [question.notice_id] if question.notice_id in library else None
    found = library.search(library.segmenter.tokens(_wanted(question)), _DEPTH, scope)
    top = found[0].score if found else 0.0
    ranked = [(f, max(f.score / top, 0.0) if top > 0 else 1.0) for f in found]
    if question.ordinal:
        ranked += [(f, 1.0) for f in library.at_locator(question.ordinal, {f.held.id for f in found})]
    return ranked


def _likely(
    question: Question, notices: RankedNotices, library: Library
) -> Iterator[tuple[HeldNotice, float]]:
    """The notices that the question most likely means, the one of the answer before among them."""
    yield from ((h, s) for h, s in notices[:_LIKELY] if s >= _LIKELY_SHARE)
    leaning = library.get(question.leaning)
    if leaning and all(h is not leaning for h, _ in notices[:_LIKELY]):
        yield leaning, _LIKELY_SHARE


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
    likely = [(h, s) for h, s in scope.notices[:_LIKELY] if s >= _LIKELY_SHARE]
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
    said = (j for j in findings.judged if j.candidate.via.value == "sentence" and j.probability >= 0.02)
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


_RIVAL = 0.6
"""What share of the best one's probability another notice's candidate needs to be worth a word."""


def rival(question: Question, findings: Findings) -> Candidate | None:
    """The candidate of another notice that says something else, and is nearly as likely as the best one; else None."""
    best = findings.best
    if best is None or question.notice_id:
        return None
    for other in findings.judged[1:]:
        if other.probability < _RIVAL * best.probability:
            return None
        if other.candidate.held is not best.candidate.held and len(other.candidate.value) <= 60:
            return other.candidate
    return None
