"""Words of like meaning: 拨 is near 拨付, 牙刷 near 洗漱, 搬家 near 搬迁, though they share no character or only one.

A vector a word, 128 numbers of 8 bits, made once from a small multilingual model (multilingual-e5-small, MIT) by
bot/evaluation/meaning.py: the embeddings of common words, less their mean, on their first 128 principal axes. Nothing
but numpy is needed to use them.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from importlib.resources import as_file, files

import numpy as np
import numpy.typing as npt

from bot.library import HeldNotice

_ALIKE, _SAME = 0.38, 0.85
"""Cosines: below the first two words have nothing in common, from the second on they mean the same."""
_SCALE = 127.0
_KEPT = 256
"""Notices whose words are kept ready."""

Vectors = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]


class Lexicon:
    """Knows how near two words are, and which words the passages of a notice are made of."""

    def __init__(self, words: Iterable[str], vectors: npt.NDArray[np.int8]) -> None:
        self._ids = {word: number for number, word in enumerate(words)}
        self._vectors = vectors
        self._read: OrderedDict[HeldNotice, list[Ids]] = OrderedDict()

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
        return found / np.float32(_SCALE)

    def nearness(self, words: Vectors, held: HeldNotice, number: int) -> Vectors:
        """How near each word comes to the nearest word of a passage and its heading, 0 to 1."""
        ids = self._passages(held)[number]
        if not len(ids):
            return np.zeros(len(words), dtype=np.float32)
        cosines = words @ (self._vectors[ids].astype(np.float32).T / _SCALE)
        share: Vectors = np.clip((cosines.max(axis=1) - _ALIKE) / (_SAME - _ALIKE), 0.0, 1.0)
        return share

    def _passages(self, held: HeldNotice) -> list[Ids]:
        """The ids of the words of each passage of a notice, heading and column names included."""
        found = self._read.get(held)
        if found is None:
            found = [self._words_of(held, n) for n in range(len(held.passages))]
            self._read[held] = found
            if len(self._read) > _KEPT:
                self._read.popitem(last=False)
        return found

    def _words_of(self, held: HeldNotice, number: int) -> Ids:
        passage = held.passages[number]
        columns = passage.table.header if passage.table else ()
        words = held.segmenter.words("，".join((passage.text, *passage.path[-1:], *columns)))
        return np.array(sorted({self._ids[w] for w in words if w in self._ids}), dtype=np.int64)
