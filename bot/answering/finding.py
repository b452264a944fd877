"""From an understood question to weighed candidates: retrieve, let the finder of its kind propose, pick the best."""

import re
from dataclasses import dataclass, replace
from datetime import date

from bot.answering.finders import collection, contacts, departments, heads, lists, tables, validity, values
from bot.answering.finders.values import ROLE
from bot.answering.model import Candidate, Kind, Question, Word
from bot.answering.standing import standing
from bot.library import Found, HeldNotice, Library

THRESHOLD = 0.5
"""Candidates of less coverage × fit are not answers; set on the sample questions and dev.jsonl (docs/answering.md)."""
_OVERTAKEN = 0.85
"""What is no longer in force ranks behind what is, unless the question names it."""
_UNNAMED = 0.7
"""A clause about a body that no notice lists by name is weaker than its rows in a table."""
_DEPTH = 40
_NOTICES = 12
_PERSONS = re.compile("评委|专家|嘉宾|主讲|授课|讲课|讲师|主持人")
_LIKELY, _LIKELY_SHARE = 2, 0.7
_MOST_PASSAGES = 200
_UNRANKED = 0.8
"""The rank of a passage in a notice that is asked about as a whole."""

Ranked = list[tuple[Found, float]]
RankedNotices = list[tuple[HeldNotice, float]]


@dataclass(frozen=True, slots=True)
class Findings:
    """What a search brought: passages and notices with their share of the best score, candidates strongest first."""

    found: Ranked
    notices: RankedNotices
    candidates: tuple[Candidate, ...]

    @property
    def good(self) -> list[Candidate]:
        """Those that may be answers, strongest first; of equals the newer notice, then the earlier place."""
        good = [c for c in self.candidates if c.value and c.coverage * c.fit >= THRESHOLD]
        return sorted(good, key=lambda c: (round(c.strength, 3), c.held.notice.date.value), reverse=True)

    @property
    def best(self) -> Candidate | None:
        return next(iter(self.good), None)


def search(question: Question, library: Library, today: date) -> Findings:
    """Everything that may answer the question."""
    if question.leaning:
        alone = replace(question, leaning="")
        here = search(replace(alone, notice_id=question.leaning), library, today)
        anywhere = search(alone, library, today)
        return here if _strength(here) >= _LEANS * _strength(anywhere) else anywhere
    found = _retrieve(question, library)
    notices = _notices(question, found, library)
    found = _with_likely_notices(question, found, notices, library)
    candidates = [
        replace(c, rank=c.rank * _OVERTAKEN) if _is_past(c, question, library, today) else c
        for c in _candidates(question, found, notices, library, today)
    ]
    return Findings(found, notices, tuple(sorted(candidates, key=lambda c: -c.strength)))


_LEANS = 0.85
"""An answer from the notice of the answer before is preferred to one from elsewhere that is not clearly better."""


def _strength(findings: Findings) -> float:
    return findings.best.strength if findings.best else 0.0


def _is_past(candidate: Candidate, question: Question, library: Library, today: date) -> bool:
    return not question.notice_id and standing(candidate.held, library, today).overtaken


def _retrieve(question: Question, library: Library) -> Ranked:
    """The passages nearest to the content of the question, with their share of the best score."""
    wanted = " ".join(" ".join(w.forms[:3]) for w in question.words) or question.text
    scope = [question.notice_id] if question.notice_id in library else None
    found = library.search(library.segmenter.tokens(wanted), _DEPTH, scope)
    if question.ordinal:
        found += library.at_locator(question.ordinal, {f.held.id for f in found})
    top = found[0].score if found else 0.0
    return [(f, max(f.score / top, 0.0) if top > 0 else 1.0) for f in found]


def _with_likely_notices(
    question: Question, found: Ranked, notices: RankedNotices, library: Library
) -> Ranked:
    """The passages found, and those of the likeliest notices that say what is asked about them.

    Words that name the notice stand in the title of all its passages; within it they tell nothing apart.
    """
    best = {(f.held.id, f.number): (f, share) for f, share in found}
    for held, notice_share in notices[:_LIKELY]:
        aspect = [w for w in question.words if not any(f in held.naming for f in w.forms)]
        if notice_share < _LIKELY_SHARE or (len(aspect) == len(question.words) and not question.notice_id):
            continue
        for hit, share in _within(held, aspect, library):
            key, rank = (held.id, hit.number), share * notice_share
            if key not in best or best[key][1] < rank:
                best[key] = hit, rank
    return sorted(best.values(), key=lambda pair: -pair[1])


def _within(held: HeldNotice, aspect: list[Word], library: Library) -> Ranked:
    if not aspect:
        return [
            (Found(held, number, 0.0, 0.0), _UNRANKED)
            for number in range(min(len(held.passages), _MOST_PASSAGES))
        ]
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


def _candidates(
    question: Question, found: Ranked, notices: RankedNotices, library: Library, today: date
) -> list[Candidate]:
    if question.kind is Kind.COLLECTION:
        return collection.find(question, library.held(), today)
    if not (question.words or question.notice_id or question.names or question.ordinal):
        return []
    match question.kind:
        case Kind.DEPARTMENT:
            persons = values.find(replace(question, kind=Kind.WHO), found)
            return departments.find(question, found) + [
                c for c in persons if c.held.passages and "\n" not in c.quote
            ]
        case Kind.REVERSE:
            return tables.find_tasks(question, notices) + [
                replace(c, fit=c.fit * _UNNAMED) for c in lists.find(question, found) if not question.names
            ]
        case Kind.ISSUED:
            within = values.find(replace(question, kind=Kind.TIME), found)
            return heads.find(question, notices) + [replace(c, fit=c.fit * 0.9) for c in within]
        case Kind.NUMBER | Kind.ISSUER | Kind.RECIPIENTS:
            return heads.find(question, notices)
        case Kind.VALIDITY:
            return validity.find(question, notices, library, today)
        case Kind.CONTACT:
            return contacts.find(question, notices, found)
        case Kind.COUNT:
            return tables.find_counts(question, notices, found)
        case Kind.WHO if not ROLE.search(question.cue) and not _PERSONS.search(question.text):
            return values.find(question, found) + [
                replace(c, fit=c.fit * 0.9) for c in departments.find(question, found)
            ]
        case Kind.WHO | Kind.QUANTITY | Kind.FREQUENCY | Kind.PLACE | Kind.TIME | Kind.DEADLINE:
            return values.find(question, found)
        case _:
            columns = tables.find_columns(question, notices) if question.kind is Kind.LIST else []
            return lists.find(question, found) + tables.find_categories(question, notices) + columns


def about(question: Question, findings: Findings) -> Candidate | None:
    """What the notices do say of the subject, for a question whose value they do not state."""
    content = replace(question, kind=Kind.CONTENT)
    said = [c for c in lists.find(content, findings.found) if c.coverage >= 0.8 and "\n" not in c.value]
    return max(said, key=lambda c: c.strength, default=None)


def in_each(question: Question, library: Library, today: date, most: int) -> list[Candidate]:
    """The answers of the newest notices to a question that names none of them, one a notice."""
    found: list[Candidate] = []
    newest = sorted(library.held(), key=lambda h: (h.notice.date.value, h.id), reverse=True)
    for held in newest[: 4 * most]:
        if len(found) < most and not standing(held, library, today).overtaken:
            best = search(replace(question, notice_id=held.id), library, today).best
            found += [best] if best else []
    return found


def rival(question: Question, findings: Findings) -> Candidate | None:
    """The candidate of another notice that says something else, and fits as well as the best one; else None."""
    good = findings.good
    if not good or question.notice_id:
        return None
    best = good[0]
    for other in good[1:]:
        same = other.held is best.held or _plain(other.value) == _plain(best.value)
        if (
            not same
            and other.coverage * other.fit >= best.coverage * best.fit - 0.005
            and other.rank >= 0.9 * best.rank
        ):
            return other
    return None


def _plain(value: str) -> str:
    return "".join(c for c in value if c.isalnum())
