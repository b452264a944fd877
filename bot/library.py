"""The library: the one place where notices and index meet. Notices go in and out; passages come back ranked."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.names import Names, bare
from corpus.notice import Notice
from corpus.passages import Passage, PassageKind, passages
from corpus.validity import Validity, read_validity
from index.ranking import Entry, Index
from index.text import Segmenter, normalise

_QUOTED = re.compile("《([^《》]+)》")
_IN_QUOTES = re.compile('[“"]([^“”"]{2,12})[”"]')
_LONGEST_NEAR = 6000
"""Characters of a section that count as near to each of its passages."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class HeldNotice:
    """A notice in the library, with its texts normalised for matching.

    `naming` is what names it (title, number, issuer), `identity` that with its addressees and attachments, `text` all
    its words; `own` has each passage with
    its headings, cells and column names, `near` the rest of the passage's section.
    """

    id: str
    path: str
    notice: Notice
    passages: tuple[Passage, ...]
    naming: str
    identity: str
    text: str
    own: tuple[str, ...]
    near: tuple[str, ...]
    validity: Validity
    segmenter: Segmenter


@dataclass(frozen=True, slots=True)
class Found:
    """A ranked passage: its notice, its number there, its score, and its notice's part of the score."""

    held: HeldNotice
    number: int
    score: float
    notice_score: float

    @property
    def passage(self) -> Passage:
        return self.held.passages[self.number]


class Library:
    """All notices that questions are answered from. Used from one thread."""

    def __init__(self, segmenter: Segmenter) -> None:
        self.segmenter = segmenter
        self.index = Index(segmenter)
        self._held: dict[str, HeldNotice] = {}

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, notice_id: str) -> bool:
        return notice_id in self._held

    def __getitem__(self, notice_id: str) -> HeldNotice:
        return self._held[notice_id]

    def get(self, notice_id: str) -> HeldNotice | None:
        """The notice of that id, or None."""
        return self._held.get(notice_id)

    def held(self) -> list[HeldNotice]:
        """All notices, in the order of adding."""
        return list(self._held.values())

    @cached_property
    def names(self) -> Names:
        """Departments and organisations that any notice lists, normalised."""
        return Names(bare(normalise(name)) for held in self._held.values() for name in held.notice.names)

    @cached_property
    def quoted(self) -> frozenset[str]:
        """What any notice puts in quotes (“四个自觉”), normalised."""
        return frozenset(term for held in self._held.values() for term in _IN_QUOTES.findall(held.text))

    def says(self, word: str) -> bool:
        """Whether any notice holds the word, normalised, however it would be cut."""
        pairs = [word[i : i + 2] for i in range(len(word) - 1)]
        return any(word in self._held[parent].text for parent in self.index.parents_holding(pairs))

    def add(self, notice_id: str, path: str, notice: Notice) -> HeldNotice:
        """Adds a notice, or replaces it; it is answerable at once. Others that hold its new names are cut anew."""
        held = _hold(notice_id, path, notice, self.segmenter)
        new_names = self.segmenter.add_names(bare(normalise(name)) for name in notice.names)
        affected = [
            h for h in self._held.values() if h.id != notice_id and any(n in h.text for n in new_names)
        ]
        self._held[notice_id] = held
        self._forget()
        for one in (held, *affected):
            self.index.add(one.id, _pieces(one), _entries(one))
        return held

    def remove(self, notice_id: str) -> None:
        """Takes a notice out; nothing happens if it is not there."""
        if self._held.pop(notice_id, None):
            self._forget()
            self.index.remove(notice_id)

    def successor(self, notice_id: str) -> HeldNotice | None:
        """The notice that abolishes this one by its number or title, if the library has it."""
        return self._held.get(self._successors.get(notice_id, ""))

    @cached_property
    def _successors(self) -> dict[str, str]:
        return _successors(self.held())

    def _forget(self) -> None:
        """Drops what was drawn from all notices together."""
        for name in ("names", "quoted", "_successors"):
            self.__dict__.pop(name, None)

    def search(self, tokens: Iterable[str], top: int, notices: Iterable[str] | None = None) -> list[Found]:
        """The passages that fit the tokens best, best first; only those of `notices`, if given."""
        hits = self.index.rank(tokens, top, notices)
        return [Found(self._held[h.parent], int(h.id), h.score, h.parent_score) for h in hits]

    def at_locator(self, place: str, notices: Iterable[str]) -> list[Found]:
        """The passages at 第11项 or 第三条 of these notices, unranked (score 0)."""
        return [
            Found(held, number, 0.0, 0.0)
            for held in (self._held[n] for n in sorted(notices))
            for number, passage in enumerate(held.passages)
            if place in normalise(passage.locator) or place == passage.section.number
        ]


def _hold(notice_id: str, path: str, notice: Notice, segmenter: Segmenter) -> HeldNotice:
    found = tuple(passages(notice))
    own_titles = (p.title for p in notice.parts if not p.label)
    naming = normalise("|".join((notice.title, notice.doc_number.value, notice.issuer.value, *own_titles)))
    others = (notice.recipients.value, *(p.title for p in notice.parts if p.label))
    identity = "|".join((naming, normalise("|".join(others))))
    columns = dict.fromkeys(name for p in found if p.table for name in p.table.header)
    words = (notice.date.quote, *columns, *(p.text for p in found))
    text = "|".join((identity, *map(normalise, words)))
    own = tuple(_own_text(p) for p in found)
    near = _near_texts(found)
    validity = read_validity(notice)
    return HeldNotice(notice_id, path, notice, found, naming, identity, text, own, near, validity, segmenter)


def _successors(notices: Iterable[HeldNotice]) -> dict[str, str]:
    """Which notice is abolished by which: told by document number, else by the title of what was issued, and date."""
    ending = [(r, held) for held in notices for r in held.validity.abolishes]
    by_number = {normalise(r.doc_number): held for r, held in ending if r.doc_number}
    by_title = {normalise(r.title): held for r, held in ending if not r.doc_number}
    found = {}
    for held in notices:
        titles = (
            held.notice.title,
            *(p.title for p in held.notice.parts),
            *_QUOTED.findall(held.notice.title),
        )
        later = by_number.get(normalise(held.notice.doc_number.value)) or next(
            (by_title[t] for t in map(normalise, titles) if t in by_title), None
        )
        if later and later.id != held.id and later.notice.date.value >= held.notice.date.value:
            found[held.id] = later.id
    return found


def _own_text(passage: Passage) -> str:
    header = passage.table.header if passage.table else ()
    cells = passage.row.cells if passage.row else ()
    row = (*cells[header[:1] in (("序号",), ("编号",)) :], *header)
    text = normalise("|".join((passage.text, *row, *passage.path[-2:], passage.part.title)))
    return f"{text}|{'|'.join(_times_of_day(text))}" if ":" in text else text


def _times_of_day(text: str) -> list[str]:
    """上午 for 8:30, 下午 for 14:00, 晚上 for 19:00: what members call the hours that a schedule prints."""
    hours = {int(h) for h in re.findall(r"(?<!\d)(\d{1,2}):\d{2}", text)}
    names = {"上午": range(5, 12), "下午": range(12, 18), "晚上": range(18, 24)}
    return [name for name, span in names.items() if any(h in span for h in hours)]


def _near_texts(found: Sequence[Passage]) -> tuple[str, ...]:
    """The text of each passage's section and the headings above; rows have none, each stands for itself."""
    sections: dict[int, list[str]] = {}
    for passage in found:
        if passage.kind is not PassageKind.ROW:
            sections.setdefault(id(passage.section), list(passage.path)).append(passage.text)
    joined = {key: normalise("|".join(texts)[:_LONGEST_NEAR]) for key, texts in sections.items()}
    return tuple("" if p.kind is PassageKind.ROW else joined[id(p.section)] for p in found)


def _pieces(held: HeldNotice) -> Sequence[str]:
    """All words of a notice, cut as its entries are."""
    return (held.identity, held.notice.date.quote, *(p.text for p in held.passages))


def _entries(held: HeldNotice) -> Sequence[Entry]:
    """What is ranked of each passage: itself with its headings and column names, and itself with its neighbours."""
    entries = []
    for number, passage in enumerate(held.passages):
        columns = passage.row.cells if passage.row else ()
        own = (held.notice.title, *passage.path, *(columns or (passage.text,)))
        near = held.passages[max(0, number - 1) : number + 2]
        window = (passage.text,) if passage.kind is PassageKind.ROW else tuple(p.text for p in near)
        entries.append(Entry(str(number), own, window))
    return entries
