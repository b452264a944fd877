"""BM25 over postings: rank_bm25's Okapi to the last digit, without its loop over all documents.

rank_bm25 keeps a dictionary per document and visits every one for every word of a question. Here each term keeps
its documents and frequencies in flat arrays; idf, with rank_bm25's epsilon for negative values, and lengths are
applied at query time, so that a document added or removed touches its own terms only.
"""

from array import array
from collections import Counter
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from rank_bm25 import BM25Okapi

Scores = npt.NDArray[np.float64]


class Postings(BM25Okapi):  # type: ignore[misc]  # rank_bm25 ships no types
    """The documents of one field. Documents are numbered from 0 in the order of adding; removed ones score 0."""

    def __init__(self, k1: float, b: float, epsilon: float = 0.25) -> None:
        self.k1, self.b, self.epsilon = k1, b, epsilon
        self.idf: dict[str, float] = {}
        self.average_idf = 0.0
        self.corpus_size = 0
        self._documents: dict[str, array[int]] = {}
        self._frequencies: dict[str, array[int]] = {}
        self._lengths = array("i")
        self._terms: list[tuple[str, ...]] = []
        self._document_frequency: dict[str, int] = {}
        self._total_length = 0
        self._saturation: Scores = np.zeros(0)
        self._stale = False

    def __len__(self) -> int:
        return len(self._lengths)

    def add(self, tokens: Iterable[str]) -> int:
        """Adds a document; gives its number."""
        number = len(self._lengths)
        counts = Counter(tokens)
        for term, frequency in counts.items():
            if term not in self._documents:
                self._documents[term], self._frequencies[term] = array("i"), array("i")
            self._documents[term].append(number)
            self._frequencies[term].append(frequency)
            self._document_frequency[term] = self._document_frequency.get(term, 0) + 1
        length = counts.total()
        self._lengths.append(length)
        self._terms.append(tuple(counts))
        self._total_length += length
        self.corpus_size += 1
        self._stale = True
        return number

    def remove(self, number: int) -> None:
        """Takes a document out; its number is not used again."""
        for term in self._terms[number]:
            at = self._documents[term].index(number)
            del self._documents[term][at], self._frequencies[term][at]
            self._document_frequency[term] -= 1
            if not self._document_frequency[term]:
                del self._document_frequency[term], self._documents[term], self._frequencies[term]
        self._total_length -= self._lengths[number]
        self._lengths[number] = 0
        self._terms[number] = ()
        self.corpus_size -= 1
        self._stale = True

    def document_frequency(self, term: str) -> int:
        """How many documents hold the term."""
        return self._document_frequency.get(term, 0)

    def get_scores(self, query: Iterable[str]) -> Scores:
        """The score of every document, as rank_bm25.BM25Okapi.get_scores gives it for the documents that are in."""
        self._refresh()
        scores = np.zeros(len(self._lengths))
        if not self.corpus_size or not self._total_length:
            return scores
        for term, repeats in Counter(query).items():
            if term not in self._documents:
                continue
            documents = np.frombuffer(self._documents[term], dtype=np.int32)
            frequency = np.frombuffer(self._frequencies[term], dtype=np.int32).astype(np.float64)
            norm = frequency + self._saturation[documents]
            scores[documents] += repeats * self.idf[term] * (frequency * (self.k1 + 1) / norm)
        return scores

    def holding(self, query: Iterable[str]) -> set[int]:
        """The documents that hold any of the terms."""
        return {number for term in set(query) for number in self._documents.get(term, ())}

    def holding_all(self, query: Iterable[str]) -> set[int]:
        """The documents that hold every one of the terms."""
        lists = [self._documents.get(term, ()) for term in set(query)]
        return set.intersection(*map(set, sorted(lists, key=len))) if lists else set()

    def _refresh(self) -> None:
        """idf of all terms by rank_bm25's own formula, and what lengths add, after documents came or went."""
        if self._stale and self._document_frequency:
            self.idf = {}
            self._calc_idf(self._document_frequency)
            average = self._total_length / self.corpus_size if self._total_length else 1.0
            lengths = np.asarray(self._lengths, dtype=np.float64)
            self._saturation = self.k1 * (1 - self.b + self.b * lengths / average)
        self._stale = False
