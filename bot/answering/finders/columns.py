"""Answers that stand in a table: the cell in the row that the question is about, under the column that it asks for."""

import re
from collections.abc import Iterable, Sequence

from bot.answering.evidence import coverage, own_subject
from bot.answering.model import Candidate, Question
from bot.library import Found
from corpus.passages import Passage
from index.text import normalise

RESPONSIBLE = re.compile(r"责任|负责|牵头|承办|主办|实施|落实|主管|归口|部室|处室|科室|部门|单位")
_SUPPORTING = re.compile(r"配合|协办|协助|参与|支持|推荐|报送|申报|所在|工作单位")
_SUPPORTED_WORDS = re.compile(r"配合|协办|协助|参与")


def responsible_column(header: Sequence[str], cue: str) -> int | None:
    """The column of those responsible; the one of those supporting, if the question asks for them."""
    fits = [i for i, name in enumerate(header) if RESPONSIBLE.search(name)]
    supporting = [i for i, name in enumerate(header) if _SUPPORTING.search(name)]
    if _SUPPORTED_WORDS.search(cue) and supporting:
        return supporting[0]
    fits = [
        i for i in fits if i not in supporting and "人" not in header[i].replace("负责人", "人")[-1:]
    ] or [i for i in fits if i not in supporting]
    return fits[0] if fits else None


def column(header: Sequence[str], wanted: re.Pattern[str]) -> int | None:
    """The first column whose name fits."""
    return next((i for i, name in enumerate(header) if wanted.search(name)), None)


def named_cell(question: Question, passage: Passage) -> str:
    """The cell of a row under the column that the question names (服务范围, 飞机), or ""."""
    if passage.row is None or passage.table is None:
        return ""
    named = [
        (len(name), cell)
        for name, cell in zip(passage.table.header, passage.row.cells, strict=True)
        if len(name) >= 2 and normalise(name) in question.text and normalise(cell) not in question.text
    ]
    return max(named, default=(0, ""))[1]


def named_cells(question: Question, found: Iterable[tuple[Found, float]]) -> list[Candidate]:
    """Figures in the row that the question is about, under the column whose name says most of the question."""
    candidates = []
    for hit, rank in found:
        passage = hit.passage
        if passage.row is None or passage.table is None:
            continue
        scored = [
            (sum(w.weight for w in question.words if any(f in normalise(name) for f in w.forms)), cell)
            for name, cell in zip(passage.table.header, passage.row.cells, strict=True)
            if re.search(r"\d", cell) and normalise(cell) not in question.text
        ]
        best, value = max(scored, default=(0.0, ""), key=lambda pair: pair[0])
        if best > 0 and len(value) <= _LONGEST_FIGURE:
            share = coverage(question, hit.held, hit.number)
            candidates.append(Candidate(value, hit.held, passage.locator, passage.text, share, 0.97, rank))
    return candidates


_LONGEST_FIGURE = 30


def cells(
    question: Question, found: Iterable[tuple[Found, float]], wanted: re.Pattern[str] | None
) -> list[Candidate]:
    """The cells asked for; `wanted` names the column, None those responsible."""
    candidates = []
    for hit, rank in found:
        passage = hit.passage
        if passage.row is None or passage.table is None:
            continue
        header = passage.table.header
        at = column(header, wanted) if wanted else responsible_column(header, question.cue)
        if at is None or not passage.row.cells[at]:
            continue
        share = coverage(question, hit.held, hit.number)
        fit = _row_fit(question, hit, at) * (0.7 if _TOTAL.search(question.text) else 1.0)
        candidates.append(
            Candidate(passage.row.cells[at], hit.held, passage.locator, passage.text, share, fit, rank)
        )
    return candidates


_TOTAL = re.compile("总共|一共|总计|合计|总的")
_ANY_ROW = 0.62


def _row_fit(question: Question, hit: Found, at: int) -> float:
    """Whether the question speaks of this row: a cell of any row of a notice is no answer about the notice."""
    table, row = hit.passage.table, hit.passage.row
    if table is None or row is None or len(table.rows) == 1:
        return 1.0
    here = normalise("|".join(c for i, c in enumerate(row.cells) if i != at))
    aspect = own_subject(question, hit.held) or question.words
    told = any(any(f in here for f in w.forms) or _nearly(w.text, here) for w in aspect)
    return 1.0 if told or question.ordinal else _ANY_ROW


def _nearly(word: str, text: str) -> bool:
    """Whether most of a long word's character pairs stand in a text (科普资源建设 in 科普资源共建共享)."""
    pairs = [word[i : i + 2] for i in range(len(word) - 1)]
    return len(word) >= 4 and sum(p in text for p in pairs) * 2 >= len(pairs)
