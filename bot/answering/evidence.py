"""How much of a question its source bears out: the share of the content words, weighed by how telling they are."""

import re
from collections.abc import Sequence
from functools import lru_cache

from bot.answering.model import Question, Word
from bot.library import HeldNotice
from index.text import PROVINCES, normalise

HERE, NEAR, NAMED, ELSEWHERE = 1.0, 0.85, 0.95, 0.3
"""What finding a word counts for: in the passage and its headings; in its section; in what names the notice;
somewhere in the notice."""


_NAMING = 0.4
"""What a word that names the notice counts for beside those that say what is asked of it."""


def coverage(question: Question, held: HeldNotice, number: int | None, here: str = "") -> float:
    """0 to 1, for passage `number` of the notice, or for the notice as such.

    `here` is more text that counts as the source's own. A name, place or year that it lacks is fatal.
    """
    own = normalise(here) + (held.own[number] if number is not None else "")
    near = held.near[number] if number is not None else ""
    if not _bound(question, held, own) or not _at_ordinal(question, held, number):
        return 0.0
    if not question.words:
        return float(bool(question.ordinal) or question.notice_id == held.id)
    total = found = 0.0
    for word, weight, elsewhere in _of_notice(question, held):
        total += weight
        found += weight * _share(word, own, near, held, question.places, elsewhere)
    return found / total if total else 0.0


@lru_cache(maxsize=512)
def _of_notice(question: Question, held: HeldNotice) -> tuple[tuple[Word, float, float], ...]:
    """Each word with its weight in this notice, and what it counts for wherever in the notice it is looked for.

    A word that names the notice counts less beside those that say what is asked of it.
    """
    naming = frozenset(w.text for w in question.words if any(f in held.naming for f in w.forms))
    light = _NAMING if len(naming) < len(question.words) else 1.0
    return tuple(
        (w, w.weight * (light if w.text in naming else 1.0), _anywhere(w, held)) for w in question.words
    )


def _anywhere(word: Word, held: HeldNotice) -> float:
    if _holds(held.identity, word, held):
        return NAMED
    return ELSEWHERE if _holds(held.text, word, held) else 0.0


def _holds(text: str, word: Word, held: HeldNotice) -> bool:
    return any(f in text and held.segmenter.stands(f, text) for f in word.forms)


def own_subject(question: Question, held: HeldNotice) -> tuple[Word, ...]:
    """The words that ask for something within the notice: those that do not name the notice or its place."""
    return tuple(w for w in question.words if not w.name and not any(f in held.naming for f in w.forms))


def phrase_share(words: Sequence[Word], text: str) -> float:
    """How much of a subject stands in a text as one stretch: 智慧科协 rather than 智慧 here, 科协 there."""
    subject = "".join(w.text for w in words)
    here = normalise(text)
    for length in range(len(subject), 1, -1):
        if any(subject[i : i + length] in here for i in range(len(subject) - length + 1)):
            return length / len(subject)
    return 0.0


def _at_ordinal(question: Question, held: HeldNotice, number: int | None) -> bool:
    if not question.ordinal or number is None:
        return True
    passage = held.passages[number]
    return question.ordinal in (*re.split(r"[\s、]", passage.locator), passage.section.number)


def _share(
    word: Word, own: str, near: str, held: HeldNotice, places: Sequence[str], elsewhere: float
) -> float:
    if _holds(own, word, held):
        return HERE
    if elsewhere == NAMED:
        return NAMED
    if elsewhere and _holds(near, word, held):
        return NEAR
    if word.name:
        return NAMED if word.text in places and is_of_place(word.text, held, own) else 0.0
    partial = max(_bigram_share(word.text, own + held.identity) * 0.8, _bigram_share(word.text, near) * 0.6)
    return max(partial, elsewhere)


def _bigram_share(word: str, text: str) -> float:
    if len(word) < 3:
        return 0.0
    pairs = [word[i : i + 2] for i in range(len(word) - 1)]
    return sum(p in text for p in pairs) / len(pairs)


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
    if any(e not in here for e in question.editions):
        return False
    return all(is_of_place(p, held, own) for p in question.places)


def is_of_place(place: str, held: HeldNotice, own: str = "") -> bool:
    """A notice is of a place that its head names; one without an issuer, of a place that it speaks of repeatedly."""
    stem = place.rstrip("市省区县") if len(place) > 2 else place
    if stem in own or stem in held.identity:
        return True
    # an issuer of a province may act in a city of its own; one of another province, or of another city, is another
    within = stem not in PROVINCES and any(p in held.identity for p in PROVINCES)
    return (not held.notice.issuer.value or within) and held.text.count(stem) >= 2
