"""How much of a question its source bears out: by notice, by passage, by the words beside a value.

Words are counted by how telling they are. Those that name the notice are told from those that ask for something
within it (the aspect): a notice is chosen by the first, a passage in it by the second.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.answering.lexicon import Lexicon, Vectors
from bot.answering.model import Question, Word
from bot.library import HeldNotice, Library
from corpus.passages import PassageKind
from index.text import PROVINCES, Segmenter, normalise

_FUNCTION = frozenset(
    "的了吗呢吧啊呀是在有我你他她它这那哪谁几么什怎啥请问想一个不要能会可以和与及或到从为把被都就还也"
)

_TELLS_KIND = 3
"""Characters from which the end of a word tells what kind of thing it is: 等奖 in 特等奖."""


def said(words: Iterable[Word], text: str) -> float:
    """The share of words, by weight, that a text holds."""
    here = normalise(text)
    total = found = 0.0
    for word in words:
        total += word.weight
        found += word.weight * any(f in here for f in word.forms)
    return found / total if total else 0.0


def own_subject(question: Question, held: HeldNotice) -> tuple[Word, ...]:
    """The words that ask for something within the notice: those that do not name the notice or its place."""
    return tuple(w for w in question.words if not w.name and not any(f in held.naming for f in w.forms))


@dataclass(frozen=True, slots=True)
class Borne:
    """What a passage bears out, each a share from 0 to 1.

    Of the aspect's words: with its headings and column names, and in its section. Of the question's pairs of characters
    that do not name the notice: with headings. Of its single characters that do
    not: in its own words. Of the aspect's words by their meaning. Of the focus.
    """

    headed: float
    near: float
    pairs_headed: float
    letters: float
    meaning: float
    focus: float


class Bearing:
    """One notice and one question; `unknown` are the question's words that no notice holds."""

    def __init__(
        self,
        question: Question,
        held: HeldNotice,
        library: Library,
        lexicon: Lexicon,
        unknown: Sequence[Word],
    ) -> None:
        self.held = held
        self._lexicon = lexicon
        self._question = question
        self._library = library
        self._borne: dict[int, Borne] = {}
        self._strangers = [
            w.text
            for w in unknown
            if len(w.text) >= _TELLS_KIND
            and not held.segmenter.tag(w.text)
            and not any(f in held.text for f in w.forms)
        ]
        self.aspect = own_subject(question, held) or question.words
        self._total = sum(w.weight for w in self.aspect) or 1.0

    @cached_property
    def identity(self) -> float:
        """The share of all words that stand in what names the notice."""
        return self._share(self._question.words, self.held.identity)

    @cached_property
    def anywhere(self) -> float:
        """The share of all words that stand anywhere in the notice."""
        return self._share(self._question.words, self.held.text)

    @cached_property
    def missing_things(self) -> float:
        """The share of the aspect's words for things, not for deeds, that stand nowhere in the notice."""
        things = [w for w in self.aspect if not self.held.segmenter.tag(w.text)]
        missing = sum(w.weight for w in things if w not in self._held_words)
        return missing / self._total

    @cached_property
    def _letters(self) -> frozenset[str]:
        """The question's characters that carry meaning and do not name the notice: 考 and 过 in 考多少分算过."""
        text = self._question.text
        return frozenset(
            c for c in text if "\u4e00" <= c <= "\u9fff" and c not in _FUNCTION and c not in self.held.naming
        )

    @cached_property
    def _nearness(self) -> Vectors:
        """How near each passage comes to the aspect's words and, in the last row, to the focus."""
        focus = self._question.focus
        words = [*(w.text for w in self.aspect), focus.text if focus else ""]
        return self._lexicon.nearness(self._lexicon.vectors(words), self.held)

    def _meaning(self, number: int, own: str) -> float:
        """The share of the aspect's words that a passage holds, or holds words of like meaning for."""
        near = self._nearness[:-1, number].tolist()
        found = (
            w.weight * (1.0 if w in self._held_words and self._holds(own, w) else n)
            for w, n in zip(self.aspect, near, strict=True)
        )
        return sum(found) / self._total

    def _focus(self, number: int, own: str) -> float:
        """Whether a passage speaks of what is asked of the subject, in that word or one of like meaning."""
        focus = self._question.focus
        if focus is None:
            return 0.5
        if self._holds(own, focus):
            return 1.0
        if self._holds(self.held.naming, focus):
            return 0.7
        return 0.8 * float(self._nearness[-1, number])

    def _letter_share(self, text: str) -> float:
        return sum(c in text for c in self._letters) / len(self._letters) if self._letters else 0.0

    @cached_property
    def missing_name(self) -> float:
        """1 where the question names somebody or some place that the notice does not speak of."""
        names = [w for w in self._question.words if w.name]
        return float(any(not self._holds(self.held.text, w) for w in names))

    @cached_property
    def _held_words(self) -> tuple[Word, ...]:
        return tuple(w for w in self.aspect if self._holds(self.held.text, w))

    @cached_property
    def pairs(self) -> dict[str, float]:
        """Pairs of characters of the question that do not stand in what names the notice, with their weights."""
        content = self._question.text.replace(self._question.cue, "|", 1) if self._question.cue else ""
        text = content if len(content.replace("|", "")) > 1 else self._question.text
        found = {p: self._library.index.weight(p) for p in _pairs(text, self.held.segmenter)}
        own = {p: w for p, w in found.items() if p not in self.held.identity}
        return own or found

    def borne(self, number: int) -> Borne:
        """What passage `number` bears out."""
        if number not in self._borne:
            self._borne[number] = self._read(number)
        return self._borne[number]

    def whole(self, text: str, lead: Borne | None) -> Borne:
        """What a text bears out that stands for several passages, of which `lead` is the first."""
        here = normalise(text)
        words, pairs, letters = self._aspect_share(here), self._pair_share(here), self._letter_share(here)
        if lead is None:
            focus = self._question.focus
            named = 0.5 if focus is None else float(self._holds(here, focus))
            return Borne(words, max(words, self.anywhere), pairs, letters, words, named)
        return Borne(
            max(words, lead.headed),
            max(words, lead.near),
            max(pairs, lead.pairs_headed),
            max(letters, lead.letters),
            max(words, lead.meaning),
            max(
                lead.focus,
                float(self._question.focus is not None and self._holds(here, self._question.focus)),
            ),
        )

    def clause(self, text: str) -> tuple[float, float]:
        """What the words beside a value bear out, of the aspect's words and of the question's pairs."""
        here = normalise(text)
        return self._aspect_share(here), self._pair_share(here)

    def is_of_passage(self, number: int | None) -> bool:
        """Whether a passage may be of the place, year, edition and ordinal that the question names.

        One that has other things of the kind of one that no notice has is not: 一等奖, where 特等奖 is asked.
        """
        own = self.held.own[number] if number is not None else ""
        if any(thing[1:] in own for thing in self._strangers):
            return False
        return _bound(self._question, self.held, own) and self._at_ordinal(number)

    def _at_ordinal(self, number: int | None) -> bool:
        ordinal = self._question.ordinal
        if not ordinal or number is None:
            return True
        passage = self.held.passages[number]
        place = normalise(f"{passage.locator}|{passage.section.number}")
        return re.search(rf"(?<![一二三四五六七八九十\d]){re.escape(ordinal)}", place) is not None

    def _read(self, number: int) -> Borne:
        held = self.held
        passage = held.passages[number]
        plain = normalise("|".join((passage.text, *(passage.row.cells if passage.row else ()))))
        own, near = held.own[number], held.near[number]
        if passage.kind is PassageKind.ROW and passage.table is not None:
            own = f"{own}|{normalise(passage.table.title)}"
        headed = self._aspect_share(own)
        return Borne(
            headed=headed,
            near=max(headed, self._aspect_share(near)) if near else headed,
            pairs_headed=self._pair_share(own),
            letters=self._letter_share(plain),
            meaning=self._meaning(number, own),
            focus=self._focus(number, own),
        )

    def _aspect_share(self, text: str) -> float:
        if not self.aspect:
            return 1.0
        return sum(w.weight for w in self._held_words if self._holds(text, w)) / self._total

    def _pair_share(self, text: str) -> float:
        found = sum(w for p, w in self.pairs.items() if p in text)
        return found / self._pairs_total if found else 0.0

    @cached_property
    def _pairs_total(self) -> float:
        return sum(self.pairs.values())

    def _share(self, words: Sequence[Word], text: str) -> float:
        total = sum(w.weight for w in words)
        return sum(w.weight for w in words if self._holds(text, w)) / total if total else 1.0

    def _holds(self, text: str, word: Word) -> bool:
        return any(f in text and self.held.segmenter.stands(f, text) for f in word.forms)


def _pairs(text: str, segmenter: Segmenter) -> set[str]:
    """Pairs of characters within a word, or across two words of which one is a single character."""
    found: set[str] = set()
    before = ""
    for word in segmenter.words(text):
        run = before[-1:] + word if len(word) == 1 or len(before) == 1 else word
        found.update(run[i : i + 2] for i in range(len(run) - 1))
        before = word
    return {p for p in found if not _FUNCTION.issuperset(p) and p[0] >= "\u4e00" and p[1] >= "\u4e00"}


def _bound(question: Question, held: HeldNotice, own: str) -> bool:
    """Whether the source is of the place, year and number that the question names."""
    here = own + held.identity
    if question.doc_numbers and not any(
        n in here or n == normalise(held.notice.doc_number.value) for n in question.doc_numbers
    ):
        return False
    named = f"{held.identity}|{held.notice.date.value[:4]}"
    if any(f"{y}年" not in own and y not in named for y in question.years):
        return False
    if not all(_of_edition(spellings, held, own) for spellings in question.editions):
        return False
    return all(is_of_place(p, held, own) for p in question.places)


def _of_edition(spellings: Sequence[str], held: HeldNotice, own: str) -> bool:
    """A source is of an edition that it names, or that its notice names, unless it names another one itself."""
    if any(s in own or s in held.identity for s in spellings):
        return True
    unit = re.escape(re.sub(r"^第?[一二三四五六七八九十百零\d]+", "", spellings[0]))
    other = re.search(rf"[一二三四五六七八九十\d]{unit}", own)
    return not other and any(s in held.text for s in spellings)


def is_of_place(place: str, held: HeldNotice, own: str = "") -> bool:
    """A notice is of a place that its head names; one without an issuer, of a place that it speaks of repeatedly."""
    stem = place.rstrip("市省区县") if len(place) > 2 else place
    if stem in own or stem in held.identity:
        return True
    # an issuer of a province may act in a city of its own; one of another province, or of another city, is another
    within = stem not in PROVINCES and any(p in held.identity for p in PROVINCES)
    return (not held.notice.issuer.value or within) and held.text.count(stem) >= 2
