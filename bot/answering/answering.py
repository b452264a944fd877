"""From a message to an answer: what it asks in its conversation, what is found, and what is said.

The ranking tells where to look; whether there is an answer is told by evidence: the share of the question's content
that the source bears out, and whether a value of the kind asked for stands there.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

from bot.answering import examples, finding, questions, saying, turns
from bot.answering.correction import Correction
from bot.answering.cues import SMALL_TALK
from bot.answering.finders.sentences import best_stretch
from bot.answering.judging import Weights, default_weights
from bot.answering.lexicon import Lexicon
from bot.answering.model import Answer, Citation, Kind, Question, State
from bot.answering.questions import Synonyms
from bot.library import Found, HeldNotice, Library
from bot.wording import Wording, shanghai_day
from index.text import normalise

_LONGEST_HIT = 200
_MOST_CHOICES = 4


class Answering:
    """Answers questions from a library. Pure but for the library and the clock."""

    def __init__(
        self,
        library: Library,
        synonyms: Synonyms,
        wording: Wording,
        clock: Callable[[], datetime],
        weights: Weights | None = None,
    ) -> None:
        self.library = library
        self._weights = weights or default_weights()
        self.lexicon = Lexicon.default()
        self._synonyms = synonyms
        self._wording = wording
        self._clock = clock
        library.segmenter.add_names(synonyms.words())
        self._correction = Correction(library.segmenter)
        self._correction.learn(synonyms.words())

    def learn(self, held: HeldNotice) -> None:
        """Takes the words of a notice into the vocabulary that misspelt questions are mended with."""
        self._correction.learn(self.library.segmenter.words(held.text))
        self._correction.learn(held.notice.names)
        self.lexicon.learn(held)

    def answer(self, text: str, state: State) -> tuple[Answer, State]:
        """The answer to `text` in a conversation, and the conversation's state after it."""
        if turns.asks_for_more(text, state) and state.question:
            return self._answer_one(replace(state.question, notice_id=state.notice_id), state, state.page)
        text = turns.chosen(text, state) or text
        early = self._without_search(text)
        if early:
            return early, state
        compared = turns.comparison(text)
        if compared and (found := self._compare(compared, state)):
            return found
        several = turns.pieces(text)
        if several and (found := self._answer_several(several, state)):
            return found
        return self._answer_one(self.understood(text, state), state)

    def understood(self, text: str, state: State) -> Question:
        """What a message asks for in its conversation."""
        question = questions.understand(text, self.library, self._correction, self._synonyms)
        question = questions.in_context(question, state, self.library)
        if not question.words and not question.notice_id and len(self.library) == 1:
            question = replace(question, notice_id=self.library.held()[0].id)
        return question

    def _answer_one(self, question: Question, state: State, page: int = 0) -> tuple[Answer, State]:
        today = self._today()
        findings = finding.search(question, self.library, self._weights, self.lexicon, today)
        best = findings.best
        if best is None:
            return self._without_answer(question, findings, state, today)
        answer, following = saying.answered(question, best, self.library, today, self._wording, page)
        if findings.rival:
            answer = saying.also(answer, findings.rival.candidate, self._wording)
        return answer, State(question, best.candidate.held.id, (), following)

    def _without_answer(
        self, question: Question, findings: finding.Findings, state: State, today: date
    ) -> tuple[Answer, State]:
        """A question back where it names no notice and several would answer it; else no."""
        if not question.words and question.cue and not question.notice_id:
            candidates = finding.in_each(
                question, self.library, self._weights, self.lexicon, today, _MOST_CHOICES
            )
            if len(candidates) > 1:
                answer = saying.ask_which(question, candidates, self._wording)
                return answer, State(question, "", tuple(c.text for c in answer.choices))
        return saying.refused(question, findings, self._wording), replace(
            state, question=question, choices=(), page=0
        )

    def _answer_several(self, several: Sequence[turns.Piece], state: State) -> tuple[Answer, State] | None:
        """The questions of one message, one after the other, each in the context of those before."""
        said: list[Answer] = []
        for piece in several:
            answer, state = self._answer_one(self.understood(piece.text, state), state)
            said.append(answer)
        if not any(a.answered for a in said):
            return None
        return saying.together([p.label for p in several], said, self._wording), state

    def _compare(self, compared: turns.Compared, state: State) -> tuple[Answer, State] | None:
        """The two sides of a comparison; None where they are not both to be had."""
        sides = (compared.first, compared.second)
        if not compared.attribute:
            return self._compare_notices(compared)
        said = []
        for side in sides:
            answer, state = self._answer_one(self.understood(side.text, State()), State())
            if not answer.answered:
                return None
            said.append(answer)
        together = saying.together([s.label for s in sides], said, self._wording)
        return replace(together, kind=Kind.COMPARISON.value), state

    def _compare_notices(self, compared: turns.Compared) -> tuple[Answer, State] | None:
        """What two notices say of themselves, side by side."""
        held = []
        for side in (compared.first, compared.second):
            question = replace(self.understood(side.text, State()), kind=Kind.NUMBER)
            findings = finding.search(
                replace(question, kind=Kind.ISSUED), self.library, self._weights, self.lexicon, self._today()
            )
            if findings.best is None:
                return None
            held.append(findings.best.candidate.held)
        if held[0] is held[1]:
            return None
        return saying.side_by_side(held, compared.more, self.library, self._today(), self._wording), State()

    def _without_search(self, text: str) -> Answer | None:
        """Answers that need no notices: to nothing, to too much, to a greeting."""
        plain = normalise(text[: 2 * questions.LONGEST_QUESTION]).strip("。！？!?~，,.、… ")
        said = ""
        if not any(c.isalnum() for c in plain):
            said = self._wording.say("answer.empty")
        elif len(text) > questions.LONGEST_QUESTION:
            said = self._wording.say("answer.too_long", most=questions.LONGEST_QUESTION)
        elif SMALL_TALK.fullmatch(plain):
            said = self._wording.say("answer.greeting", example=self.example())
        elif not len(self.library):
            said = self._wording.say("answer.no_notices")
        return Answer(False, "", said, Kind.SMALL_TALK.value, 0.0) if said else None

    def example(self) -> str:
        """A question that a notice answers."""
        return next(iter(self.examples()), "某份通知是什么时候印发的？")

    def examples(self) -> list[str]:
        """Up to four questions that the newest notices answer, each about another thing."""
        return examples.examples(self.library.held())

    def search(self, text: str, top: int) -> list[tuple[Found, str]]:
        """The ranking behind an answer: passages with their best sentences, at most 200 characters, word for word."""
        question = questions.understand(text, self.library, self._correction, self._synonyms)
        found = self.library.search(self.library.segmenter.tokens(question.text), top)
        return [(f, best_stretch(question, f.passage.text, _LONGEST_HIT)) for f in found]

    def _today(self) -> date:
        return shanghai_day(self._clock())


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
