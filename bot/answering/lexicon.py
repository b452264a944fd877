"""Words of like meaning: 拨 is near 拨付, 牙刷 near 洗漱, 搬家 near 搬迁, though they share no character or only one.

A vector a word, 128 numbers of 8 bits, made once from a small multilingual model (multilingual-e5-small, MIT) by
bot/evaluation/meaning.py: the embeddings of common words, less their mean, on their first 128 principal axes. Nothing
but numpy is needed to use them.
"""

from collections.abc import Iterable, Sequence
from importlib.resources import as_file, files
from itertools import accumulate
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from bot.library import HeldNotice

_ALIKE, _SAME = 0.38, 0.85
"""Cosines: below the first two words have nothing in common, from the second on they mean the same."""
_SCALE = 127.0
_LENGTHS = (4, 3, 2)
_NO_WORD = -1

Vectors = npt.NDArray[np.float32]
Words = tuple[npt.NDArray[np.int16], npt.NDArray[np.int32]]


class Lexicon:
    """Knows how near two words are, and which words the passages of a notice are made of."""

    def __init__(self, words: Iterable[str], vectors: npt.NDArray[np.int8]) -> None:
        self._ids = {word: number for number, word in enumerate(words)}
        self._vectors = np.vstack([vectors, np.zeros_like(vectors[:1])])
        self._read: WeakKeyDictionary[HeldNotice, Words] = WeakKeyDictionary()

    @classmethod
    def default(cls) -> "Lexicon":
        """The lexicon that comes with the program."""
        with as_file(files("bot.answering").joinpath("lexicon.npz")) as path, np.load(path) as stored:
            return cls((str(w) for w in stored["words"]), stored["vectors"])

    def vectors(self, words: Sequence[str]) -> Vectors:
        """A row a word; zeros for one that the lexicon lacks."""
        found = np.zeros((len(words), self._vectors.shape[1]), dtype=np.float32)
        for row, word in enumerate(words):
            number = self._ids.get(word)
            if number is not None:
                found[row] = self._vectors[number]
        found /= np.float32(_SCALE)
        return found

    def nearness(self, words: Vectors, held: HeldNotice) -> Vectors:
        """How near each word comes to the nearest word of each passage with its headings, 0 to 1: a row a word."""
        ids, starts = self._words_of_passages(held)
        if not len(words):
            return np.zeros((0, len(starts)), dtype=np.float32)
        cosines: Vectors = words @ (self._vectors[ids].T.astype(np.float32) / np.float32(_SCALE))
        best: Vectors = np.maximum.reduceat(cosines, starts, axis=1)
        share: Vectors = np.clip((best - _ALIKE) / (_SAME - _ALIKE), 0.0, 1.0)
        return share

    def learn(self, held: HeldNotice) -> None:
        """Reads a notice ahead of the first question that it may answer."""
        self._words_of_passages(held)

    def _words_of_passages(self, held: HeldNotice) -> Words:
        """The numbers of the words of all passages of a notice, one passage after the other, and where each begins.

        Every passage has the word without a meaning (a row of zeros), so that none is empty.
        """
        found = self._read.get(held)
        if found is None:
            passages = [[_NO_WORD, *self._words_of(text)] for text in held.own]
            starts = list(accumulate(map(len, passages[:-1]), initial=0))
            ids = [number for passage in passages for number in passage]
            found = np.array(ids, dtype=np.int16), np.array(starts, dtype=np.int32)
            self._read[held] = found
        return found

    def _words_of(self, text: str) -> list[int]:
        """The numbers of the words of a normalised text, at each place the longest that the lexicon has."""
        found = set()
        at = 0
        while at < len(text):
            for length in _LENGTHS:
                number = self._ids.get(text[at : at + length])
                if number is not None:
                    found.add(number)
                    at += length
                    break
            else:
                at += 1
        return sorted(found)
