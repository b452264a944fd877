"""The answer path over 600 notices, beside plain jieba + rank_bm25 over the same passages in the same run.

`make bench` runs it and prints the figures. Only counts and ratios are asserted, for machines differ. Each question
is put to both sides in turn, so that whatever else the machine does falls on both.
"""

import gc
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import jieba
import numpy as np
import pytest
from rank_bm25 import BM25Okapi

from bot.answering.answering import Answering
from bot.answering.model import State
from bot.answering.questions import default_synonyms
from bot.evaluation.grading import Graded, graded
from bot.evaluation.report import report
from bot.evaluation.terminal import report_text
from bot.languages import Language
from bot.library import Library
from bot.messages.catalogue import Messages, built_in
from bot.wording import Wording, utc_now
from index.text import Segmenter, normalise

pytestmark = pytest.mark.bench
T = TypeVar("T")
WORDING = Wording(Messages(Language.CHINESE, built_in(Language.CHINESE)))


class Plain:
    """The rival: jieba's words, BM25 over all passages, the best passage's notice. It finds, it does not answer."""

    def __init__(self, passages: list[tuple[str, str]]) -> None:
        self._jieba = jieba.Tokenizer()
        self._parents = [parent for parent, _ in passages]
        self._bm25 = BM25Okapi([self._jieba.lcut(text) for _, text in passages])

    def notice(self, question: str) -> str:
        scores = self._bm25.get_scores(self._jieba.lcut(question))
        return self._parents[int(np.argmax(scores))]


@dataclass(slots=True)
class Side:
    """Build time (s), memory (MB), times of answers (ms), and for how many questions the notice was right."""

    name: str
    build: float
    memory: float
    times: list[float] = field(default_factory=list)
    found: int = 0

    @property
    def median(self) -> float:
        return float(np.median(self.times))

    @property
    def p99(self) -> float:
        return float(np.quantile(self.times, 0.99))


@dataclass(frozen=True, slots=True)
class Measured:
    passages: int
    cewen: Side
    plain: Side
    results: list[Graded]


@pytest.fixture(scope="module")
def measured(generated: Any) -> Measured:
    answering, cewen = built("cewen", lambda: answering_over(generated))
    passages = [(held.id, p.text) for held in answering.library.held() for p in held.passages]
    rival, plain = built("jieba + rank_bm25", lambda: Plain(passages))
    found = Measured(len(passages), cewen, plain, asked_in_turn(generated, answering, rival, cewen, plain))
    print_figures(generated, found)
    return found


def answering_over(generated: Any) -> Answering:
    """As `cewen serve` builds it from the store's trees."""
    answering = Answering(Library(Segmenter()), default_synonyms(), WORDING, utc_now)
    for notice_id, notice in generated.notices.items():
        answering.learn(answering.library.add(notice_id, f"{notice_id}.txt", notice))
    return answering


def built(name: str, build: Callable[[], T]) -> tuple[T, Side]:
    """Built twice from cold caches: once against the clock, once, slowed by it, under tracemalloc."""
    normalise.cache_clear()
    gc.collect()
    made, elapsed = timed(build)
    normalise.cache_clear()
    gc.collect()
    tracemalloc.start()
    again = build()
    memory, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del again
    return made, Side(name, elapsed / 1000, memory / 2**20)


def asked_in_turn(
    generated: Any, answering: Answering, rival: Plain, cewen: Side, plain: Side
) -> list[Graded]:
    """Every question to both sides, and our answers graded."""
    gc.collect()
    answering.answer("有哪些活动？", State())
    rival.notice("有哪些活动？")
    results = []
    for asked in generated.questions:
        text = asked.row.question
        (answer, _), elapsed = timed(lambda text=text: answering.answer(text, State()))
        top, rival_elapsed = timed(lambda text=text: rival.notice(text))
        cewen.times.append(elapsed)
        plain.times.append(rival_elapsed)
        results.append(graded(asked.row, answer, elapsed))
        if asked.notice_id:
            cewen.found += asked.notice_id in [c.notice_id for c in answer.citations[:1]]
            plain.found += asked.notice_id == top
    return results


def timed(run: Callable[[], T]) -> tuple[T, float]:
    """What it gives, and its wall time in ms."""
    started = time.perf_counter()
    given = run()
    return given, (time.perf_counter() - started) * 1000


def print_figures(generated: Any, found: Measured) -> None:
    rows = [
        ("median ms", found.cewen.median, found.plain.median),
        ("p99 ms", found.cewen.p99, found.plain.p99),
        ("build s", found.cewen.build, found.plain.build),
        ("memory MB", found.cewen.memory, found.plain.memory),
        ("right notice", found.cewen.found, found.plain.found),
    ]
    print(
        f"\n{len(generated.notices)} notices, {found.passages} passages, {len(generated.questions)} questions"
    )
    print(f"{'':14}{found.cewen.name:>18}{found.plain.name:>20}{'ratio':>10}")
    for name, ours, theirs in rows:
        print(f"{name:14}{ours:18.2f}{theirs:20.2f}{ours / theirs:10.2f}")
    print(report_text(report(found.results)))


def test_the_collection_is_large_and_every_question_is_asked(generated: Any, measured: Measured) -> None:
    assert len(generated.notices) == 600
    assert len(measured.results) == len(measured.plain.times) == 300
    assert measured.passages > 10_000


def test_answers_come_faster_than_plain_retrieval_alone(measured: Measured) -> None:
    assert measured.cewen.median < 0.3 * measured.plain.median
    assert measured.cewen.p99 < 0.6 * measured.plain.p99


def test_building_costs_a_bounded_multiple_of_the_plain_index(measured: Measured) -> None:
    assert measured.cewen.build < 10 * measured.plain.build
    assert measured.cewen.memory < 5 * measured.plain.memory


def test_answers_stay_right_among_many_notices_that_are_alike(measured: Measured) -> None:
    graded_report = report(measured.results)
    assert (graded_report.right or 0) >= 0.95
    assert (graded_report.abstained or 0) >= 0.95
    assert measured.cewen.found >= 0.95 * measured.plain.found
