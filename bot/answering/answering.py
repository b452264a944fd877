"""From a question to an answer: understand, retrieve, find values, weigh them, and say the best, or say no.

The ranking tells where to look; whether there is an answer is told by evidence: the share of the question's content
that the source bears out, and whether a value of the kind asked for stands there.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from bot import wording
from bot.answering import questions
from bot.answering.correction import Correction
from bot.answering.cues import SMALL_TALK
from bot.answering.finders import contacts, departments, heads, lists, tables, values
from bot.answering.finders.columns import responsible_column
from bot.answering.finders.values import ROLE
from bot.answering.model import Answer, Candidate, Citation, Kind, Question, State
from bot.answering.questions import Synonyms
from bot.library import Found, HeldNotice, Library
from index.text import normalise

THRESHOLD = 0.5
"""Candidates of less coverage × fit are not answers; set on the sample questions and dev.jsonl (docs/answering.md)."""
_UNNAMED = 0.7
"""A clause about a body that no notice lists by name is weaker than its rows in a table."""
_DEPTH = 40
_LONGEST_HIT = 200
_NOTICES = 12

Ranked = list[tuple[Found, float]]
RankedNotices = list[tuple[HeldNotice, float]]


class Answering:
    """Answers questions from a library. Pure but for the library and the clock."""

    def __init__(self, library: Library, synonyms: Synonyms, clock: Callable[[], datetime]) -> None:
        self.library = library
        self._synonyms = synonyms
        self._clock = clock
        self._correction = Correction(library.segmenter)

    def learn(self, held: HeldNotice) -> None:
        """Takes the words of a notice into the vocabulary that misspelt questions are mended with."""
        self._correction.learn(self.library.segmenter.words(held.text))
        self._correction.learn(held.notice.names)

    def answer(self, text: str, state: State) -> tuple[Answer, State]:
        """The answer to `text` in a conversation, and the conversation's state after it."""
        early = self._without_search(text)
        if early:
            return early, state
        question = questions.understand(text, self.library, self._correction, self._synonyms)
        question = questions.in_context(question, state)
        if not question.words and len(self.library) == 1:
            question = replace(question, notice_id=self.library.held()[0].id)
        found = self._retrieve(question)
        notices = self._notices(question, found)
        best = self._best(question, found, notices)
        if best is None:
            return self._refusal(question, found, notices), replace(state, question=question)
        return self._said(question, best), State(question, best.held.id)

    def _without_search(self, text: str) -> Answer | None:
        """Answers that need no notices: to nothing, to too much, to a greeting."""
        plain = normalise(text[: 2 * questions.LONGEST_QUESTION]).strip("。！？!?~，,.、… ")
        said = ""
        if not any(c.isalnum() for c in plain):
            said = wording.EMPTY
        elif len(text) > questions.LONGEST_QUESTION:
            said = wording.TOO_LONG
        elif SMALL_TALK.fullmatch(plain):
            said = wording.GREETING.format(example=self.example())
        elif not len(self.library):
            said = wording.NO_NOTICES
        return Answer(False, "", said, Kind.SMALL_TALK.value, 0.0) if said else None

    def example(self) -> str:
        """A question that a notice answers."""
        return next(iter(self.examples()), "某份通知是什么时候印发的？")

    def examples(self) -> list[str]:
        """Up to four questions that the newest notices answer, each about another thing."""
        newest = sorted(self.library.held(), key=lambda h: (h.notice.date.value, h.id), reverse=True)
        found: dict[str, str] = {}
        for held in newest:
            for kind, text in _suggested(held):
                found.setdefault(kind, text)
        return [found[kind] for kind in ("department", "contact", "number", "date") if kind in found]

    def search(self, text: str, top: int) -> list[tuple[Found, str]]:
        """The ranking behind an answer: passages with their best sentences, at most 200 characters, word for word."""
        question = questions.understand(text, self.library, self._correction, self._synonyms)
        found = self.library.search(self.library.segmenter.tokens(question.text), top)
        return [(f, lists.best_stretch(question, f.passage.text, _LONGEST_HIT)) for f in found]

    def _retrieve(self, question: Question) -> Ranked:
        """The passages nearest to the content of the question, with their share of the best score."""
        tokens = self.library.segmenter.tokens(
            " ".join(" ".join(w.forms[:3]) for w in question.words) or question.text
        )
        scope = [question.notice_id] if question.notice_id in self.library else None
        found = self.library.search(tokens, _DEPTH, scope)
        if question.ordinal:
            found += self.library.at_locator(question.ordinal, {f.held.id for f in found})
        top = found[0].score if found else 0.0
        return [(f, max(f.score / top, 0.0) if top > 0 else 1.0) for f in found]

    def _notices(self, question: Question, found: Ranked) -> RankedNotices:
        """The notices that the passages come from, best first, with their share of the best notice's score."""
        best: dict[str, float] = {}
        for hit, _ in found:
            best.setdefault(hit.held.id, hit.notice_score)
        for parent, score in self.library.index.rank_parents(
            self.library.segmenter.tokens(" ".join(w.text for w in question.words))
        )[:_NOTICES]:
            best.setdefault(parent, score)
        if question.notice_id in self.library:
            best = {question.notice_id: 1.0}
        top = max(best.values(), default=0.0)
        ranked = sorted(best.items(), key=lambda pair: (-pair[1], pair[0]))[:_NOTICES]
        return [(self.library[i], max(score / top, 0.0) if top > 0 else 1.0) for i, score in ranked]

    def _best(self, question: Question, found: Ranked, notices: RankedNotices) -> Candidate | None:
        """The strongest candidate over the threshold; of equals the newer notice, then the earlier place."""
        candidates = self._candidates(question, found, notices)
        good = [c for c in candidates if c.value and c.coverage * c.fit >= THRESHOLD]
        return max(good, key=lambda c: (round(c.strength, 3), c.held.notice.date.value), default=None)

    def _candidates(self, question: Question, found: Ranked, notices: RankedNotices) -> list[Candidate]:
        if not (question.words or question.notice_id or question.names or question.ordinal):
            return []
        match question.kind:
            case Kind.DEPARTMENT:
                return departments.find(question, found) + values.find(
                    replace(question, kind=Kind.WHO), found
                )
            case Kind.REVERSE:
                return tables.find_tasks(question, notices) + [
                    replace(c, fit=c.fit * _UNNAMED)
                    for c in lists.find(question, found)
                    if not question.names
                ]
            case Kind.ISSUED:
                within = values.find(replace(question, kind=Kind.TIME), found)
                return heads.find(question, notices) + [replace(c, fit=c.fit * 0.9) for c in within]
            case Kind.NUMBER | Kind.ISSUER | Kind.RECIPIENTS:
                return heads.find(question, notices)
            case Kind.CONTACT:
                return contacts.find(question, notices, found)
            case Kind.COUNT:
                return tables.find_counts(question, notices, found)
            case Kind.WHO:
                if ROLE.search(question.cue):
                    return values.find(question, found)
                return values.find(question, found) + [
                    replace(c, fit=c.fit * 0.9) for c in departments.find(question, found)
                ]
            case Kind.QUANTITY | Kind.FREQUENCY | Kind.PLACE | Kind.TIME | Kind.DEADLINE:
                return values.find(question, found)
            case _:
                return lists.find(question, found) + tables.find_categories(question, notices)

    def _said(self, question: Question, best: Candidate) -> Answer:
        notice = best.held.notice
        value = wording.shortened_list(best.value)
        source = wording.source_line(notice.doc_number.value, notice.title, best.locator, notice.date.value)
        text = wording.answer_text(value, best.quote, source)
        confidence = round(min(0.99, best.coverage * best.fit), 2)
        return Answer(True, value, text, question.kind.value, confidence, (_citation(best),), (), source)

    def _refusal(self, question: Question, found: Ranked, notices: RankedNotices) -> Answer:
        """No, with the words that no notice holds, what is known about the subject, and the nearest notices."""
        unknown = [
            w.text
            for w in question.words
            if not any(self.library.index.document_frequency(f) for f in w.forms)
        ]
        near = (
            [h.notice.title for h, share in notices[:2] if share >= 0.5]
            if len(unknown) < len(question.words)
            else []
        )
        return Answer(
            False, "", wording.not_found(unknown[:3], near), question.kind.value, 0.0, (), tuple(near)
        )


def _suggested(held: HeldNotice) -> Iterator[tuple[str, str]]:
    """Questions that this notice's structure answers."""
    subject = short_title(held.notice.title)
    for passage in held.passages:
        if passage.row and passage.table and responsible_column(passage.table.header, "") is not None:
            task = re.split("[，。；、]", tables.subject_cell(passage.table, passage.row))[0]
            if 6 <= len(task) <= 24:
                yield "department", f"{task}由哪个部门负责？"
                break
    if any(c.phones for c in held.notice.contacts) and subject:
        yield "contact", f"{subject}的联系电话是多少？"
    if held.notice.doc_number.value and subject:
        yield "number", f"{subject}的文号是多少？"
    if held.notice.date.value and subject:
        yield "date", f"{subject}是什么时候印发的？"


def short_title(title: str) -> str:
    """What a title is about: 关于印发《…方案》的通知 → …方案; 关于举办…的通知 → …; "" when too long to type."""
    inner = re.search("《(.+)》", title)
    subject = (
        inner[1]
        if inner
        else re.sub(r"^.*?关于(?:印发|举办|开展|做好|组织|召开|申报|征集)?|的?(?:通知|公告|通告)$", "", title)
    )
    return subject if len(subject) <= 24 else ""


def _citation(best: Candidate) -> Citation:
    notice = best.held.notice
    return Citation(
        best.held.id,
        notice.doc_number.value,
        notice.title,
        notice.issuer.value,
        notice.date.value,
        best.locator,
        best.quote,
    )


def as_json(answer: Answer, elapsed_ms: float) -> dict[str, object]:
    """The Answer of interfaces.md, without `id`."""
    return {
        "answered": answer.answered,
        "answer": answer.answer,
        "text": answer.text,
        "kind": answer.kind,
        "confidence": answer.confidence,
        "citations": [{k: getattr(c, k) for k in Citation.__slots__} for c in answer.citations],
        "related": list(answer.related),
        "elapsed_ms": round(elapsed_ms, 2),
    }


def contexts(earlier: Sequence[str], answering: Answering) -> State:
    """The state of a conversation in which these questions were asked, oldest first."""
    state = State()
    for text in earlier:
        _, state = answering.answer(text, state)
    return state
