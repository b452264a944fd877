"""The postings give rank_bm25's scores, whatever came and went."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from index.postings import Postings

words = st.sampled_from("科普 部门 短视频 征集 活动 通知 方案".split())
documents = st.lists(st.lists(words, min_size=1, max_size=12), min_size=1, max_size=12)


@given(
    documents=documents,
    query=st.lists(words, max_size=6),
    k1=st.floats(0.1, 3),
    b=st.floats(0, 1),
    epsilon=st.floats(0, 1),
)
def test_scores_are_those_of_rank_bm25(
    documents: list[list[str]], query: list[str], k1: float, b: float, epsilon: float
) -> None:
    postings = Postings(k1, b, epsilon)
    for document in documents:
        postings.add(document)
    oracle = BM25Okapi(documents, k1=k1, b=b, epsilon=epsilon).get_scores(query)
    assert np.allclose(postings.get_scores(query), oracle, rtol=0, atol=1e-9)


@given(documents=documents, query=st.lists(words, max_size=6), data=st.data())
def test_what_was_removed_leaves_no_trace(
    documents: list[list[str]], query: list[str], data: st.DataObject
) -> None:
    gone = data.draw(st.sets(st.integers(0, len(documents) - 1), max_size=len(documents) - 1))
    postings = Postings(0.9, 0.4)
    for document in documents:
        postings.add(document)
    for number in gone:
        postings.remove(number)
    kept = [n for n in range(len(documents)) if n not in gone]
    oracle = BM25Okapi([documents[n] for n in kept], k1=0.9, b=0.4).get_scores(query)
    assert postings.get_scores(query)[kept] == pytest.approx(oracle, abs=1e-9)


def test_an_empty_index_scores_nothing() -> None:
    assert len(Postings(0.9, 0.4).get_scores(["科普"])) == 0
