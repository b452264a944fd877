"""Answers from the whole of a table, never from its best rows only: the rows that a question picks out, and their count."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.answering.cues import LABELS, RESPONSIBLE, SUPPORTING
from bot.answering.evidence import own_subject, said
from bot.answering.finders import lists
from bot.answering.model import Candidate, Kind, Question, Via, Word
from bot.answering.spans import Type, spans
from bot.library import Found, HeldNotice
from corpus.notice import Table, TableRow
from corpus.passages import Passage, PassageKind
from index.text import normalise

_NOT_SUBJECT = re.compile(
    r"序号|编号|备注|责任|负责|牵头|配合|部门|部室|处室|单位|时间|时限|期限|日期|地点|联系|电话|推荐"
)
_HELPS = re.compile("配合|协办|协助|参与")
_LEADS = re.compile("牵头|负责|主办|承办")
_EACH = re.compile("分别|各自?|和|与|、")
_FEW = 0.6
"""A word that stands in more of a table's rows than this share picks none of them out."""
_NAMES_COLUMN = 0.5
_PARTLY = 0.7
"""How surely a table is meant whose columns and title do not name what is counted."""
_WHICH_DAYS = re.compile("哪几?(?:天|日|周|期|个?时间)|几号")


@dataclass(frozen=True, slots=True)
class _Picked:
    """Rows of one table; `by` is what picked them, `fit` how surely the question means it so."""

    rows: tuple[Passage, ...]
    by: tuple[str, ...]
    fit: float


def find(question: Question, notices: Iterable[tuple[HeldNotice, float]]) -> Iterator[Candidate]:
    """The rows that a question picks out, listed by what they are about, or by the column that it asks for."""
    for held, rank in notices:
        if question.kind is Kind.REVERSE and question.names:
            yield from _tasks(question, held, rank)
        for rows in tables(held):
            for picked in _picked(question, rows):
                yield _listed(question, held, rank, picked)
            yield from _column(question, held, rank, rows)


def find_counts(
    question: Question, notices: Iterable[tuple[HeldNotice, float]], found: list[tuple[Found, float]]
) -> Iterator[Candidate]:
    """How many rows a table has, in all or of those picked out, or how many items a section has."""
    unit = question.detail or "项"
    tabled: set[str] = set()
    for held, rank in notices:
        for rows in tables(held):
            if _whole_fit(question, rows[0]) > _PARTLY:
                tabled.add(held.id)
            whole = _Picked(tuple(rows), (), _whole_fit(question, rows[0]))
            for picked in (p for p in (*_picked(question, rows), whole) if len(p.rows) > 1):
                first = picked.rows[0]
                clause = "|".join((*picked.by, *_header(first), first.part.title, *first.path[-1:]))
                yield _of_rows(
                    picked.rows, held, f"{len(picked.rows)}{unit}", Via.COUNT, picked.fit, rank, clause
                )
        yield from _divisions(question, held, rank)
    for hit, rank in found[:12]:
        if hit.held.id not in tabled:  # where a table lists what is counted, headings only sort it
            yield from _groups(question, hit, rank, unit)


def tables(held: HeldNotice) -> list[list[Passage]]:
    """The rows of each table of a notice."""
    found: dict[int, list[Passage]] = {}
    for passage in held.passages:
        if passage.table is not None:
            found.setdefault(id(passage.table), []).append(passage)
    return list(found.values())


def responsible_column(header: Sequence[str], cue: str) -> int | None:
    """The column of those responsible; the one of those supporting, if the question asks for them."""
    supporting = [i for i, name in enumerate(header) if SUPPORTING.search(name)]
    if _HELPS.search(cue) and supporting:
        return supporting[0]
    fits = [i for i, name in enumerate(header) if RESPONSIBLE.search(name) and i not in supporting]
    persons = [i for i in fits if header[i].endswith("人")]
    return next((i for i in fits if i not in persons), next(iter(fits), None))


def subject_cell(table: Table, row: TableRow) -> str:
    """What a row is about: the cell of its widest column that is no department, time or number."""
    widths = [
        0 if _NOT_SUBJECT.search(name) else sum(len(r.cells[i]) for r in table.rows)
        for i, name in enumerate(table.header)
    ]
    return row.cells[widths.index(max(widths))] if any(widths) else row.text


def locators(rows: Sequence[Passage]) -> str:
    """附件 第8项、第10项; the first five are named."""
    first = rows[0].locator
    head = re.sub(r"第\d+[项行]$", "", first)
    more = [p.locator.removeprefix(head) for p in rows[1:5] if p.locator.startswith(head)]
    tail = f" 等{len(rows)}处" if len(rows) > 5 else ""
    return "、".join([first, *more]) + tail


def _picked(question: Question, rows: Sequence[Passage]) -> Iterator[_Picked]:
    """By the names of bodies in the column of those responsible, by a cell that the question repeats, by its words."""
    for name in question.names:
        named = tuple(p for p in rows if _is_responsible(p, name, question.cue))
        if named:
            yield _Picked(named, (name,), 1.0)
    category = _category(question, rows)
    if category:
        kept = tuple(p for p in rows if p.row and category in p.row.cells)
        yield _Picked(kept, (category,), 0.95)
    for word in _telling(question, rows):
        kept = tuple(p for p in rows if _holds(p, word))
        if category or any(word.text in n for n in question.names):
            continue
        yield _Picked(kept, (word.text,), 0.85)


def _telling(question: Question, rows: Sequence[Passage]) -> list[Word]:
    """The two most telling words that stand in some rows, but not in most."""
    heading = normalise("|".join((*_header(rows[0]), *rows[0].path)))
    words = [w for w in question.words if not any(f in heading for f in w.forms)]
    picking = [w for w in words if 0 < sum(_holds(p, w) for p in rows) <= max(1, _FEW * len(rows))]
    return sorted(picking, key=lambda w: (not w.name, -w.weight))[:2]


def _holds(passage: Passage, word: Word) -> bool:
    here = normalise("|".join(passage.row.cells if passage.row else (passage.text,)))
    return any(f in here for f in word.forms)


def _category(question: Question, rows: Sequence[Passage]) -> str:
    """The cell, common to several rows and no department, that stands in the question."""
    kept = [i for i, name in enumerate(_header(rows[0])) if not RESPONSIBLE.search(name)]
    cells = [p.row.cells[i] for p in rows if p.row for i in kept if 2 <= len(p.row.cells[i]) <= 24]
    named = [c for c in set(cells) if cells.count(c) >= 2 and normalise(c) in question.text]
    return max(named, key=lambda c: (len(c), c), default="")


def _listed(question: Question, held: HeldNotice, rank: float, picked: _Picked) -> Candidate:
    cells = [_asked_cell(question, p, picked.by) for p in picked.rows]
    value = lists.all_of(dict.fromkeys(cells)) if len(cells) > 1 else cells[0]
    first = picked.rows[0]
    clause = "|".join((*picked.by, *_header(first), *first.path[-1:]))
    return _of_rows(picked.rows, held, value, Via.ROWS, picked.fit, rank, clause)


def _asked_cell(question: Question, passage: Passage, by: Sequence[str]) -> str:
    """The cell of a row under the column that the question asks for, else what the row is about."""
    if passage.table is None or passage.row is None:
        return passage.text
    header, cells = passage.table.header, passage.row.cells
    labels = LABELS[Kind.TIME] if _WHICH_DAYS.search(question.text) else None
    rest = [w for w in question.words if w.text not in by]
    for i, name in enumerate(header):
        if cells[i] and ((labels and labels.search(name)) or (name and said(rest, name) >= _NAMES_COLUMN)):
            return cells[i]
    return subject_cell(passage.table, passage.row)


def _tasks(question: Question, held: HeldNotice, rank: float) -> Iterator[Candidate]:
    """Everything that several named bodies, or one that acts in clauses, are responsible for in a notice."""
    by_name = {name: _tasks_of(question, held, name) for name in question.names}
    source = [p for passages in by_name.values() for p in passages]
    several = len(by_name) > 1 and _EACH.search(question.text)
    if not source or (several and not all(by_name.values())):
        return
    groups = {name: [_subject(p) for p in passages] for name, passages in by_name.items() if passages}
    yield _of_rows(
        source,
        held,
        _by_body(groups),
        Via.ROWS,
        1.0 if source[0].row else 0.8,
        rank,
        "|".join((*groups, *_header(source[0]), *source[0].path[-1:])),
    )


def _tasks_of(question: Question, held: HeldNotice, name: str) -> list[Passage]:
    """The rows that name a body in the column asked about (牵头, 配合), else the clauses by which it acts."""
    rows = [p for p in held.passages if p.row and _is_responsible(p, name, question.cue)]
    return rows or [p for p in held.passages if _acts(name, p)]


def _acts(name: str, passage: Passage) -> bool:
    return passage.kind is PassageKind.CLAUSE and any(
        name in normalise(s.text) for s in spans(passage.text, Type.BODY)
    )


def _is_responsible(passage: Passage, name: str, cue: str) -> bool:
    """Whether the name stands, whole, in the row's cell of those responsible (or of those supporting, as asked)."""
    table, row = passage.table, passage.row
    if table is None or row is None:
        return False
    columns = [i for i, h in enumerate(table.header) if RESPONSIBLE.search(h) or SUPPORTING.search(h)]
    if _HELPS.search(cue) or _LEADS.search(cue):
        at = responsible_column(table.header, cue)
        columns = [] if at is None else [at]
    named = {
        normalise(x)
        for i in columns
        for x in re.split(r"[、，,；;/\s]+|[（(][^）)]*[）)]", row.cells[i])
        if x
    }
    return name in named


def _by_body(groups: dict[str, list[str]]) -> str:
    """One body: its tasks numbered; several: the tasks of each below its name."""
    if len(groups) == 1:
        return lists.all_of(next(iter(groups.values())))
    return "\n".join(f"{name}：{'；'.join(tasks)}" for name, tasks in groups.items())


def _column(
    question: Question, held: HeldNotice, rank: float, rows: Sequence[Passage]
) -> Iterator[Candidate]:
    """All cells of the column that the question names: 支持哪几个方向, 有哪些讲座."""
    header = _header(rows[0])
    aspect = own_subject(question, held)
    scored = [(said(aspect, name), -i) for i, name in enumerate(header) if name]
    best, at = max(scored, default=(0.0, 0))
    cells = list(dict.fromkeys(p.row.cells[-at] for p in rows if p.row and p.row.cells[-at]))
    if best >= _NAMES_COLUMN and len(cells) > 1:
        yield _of_rows(
            rows,
            held,
            lists.all_of(cells),
            Via.ROWS,
            0.5 + 0.4 * best,
            rank,
            "|".join((*header, rows[0].table.title if rows[0].table else "", *rows[0].path[-1:])),
        )


def _whole_fit(question: Question, row: Passage) -> float:
    counted = re.search(r"任务|工作|活动|措施|项目|奖项|单位|部门|名额|事项|讲座|讲|社区|村", question.text)
    name = "".join((*_header(row), *row.path[-1:], row.part.title))
    return 0.95 if counted and counted[0] in name else _PARTLY


def _divisions(question: Question, held: HeldNotice, rank: float) -> Iterator[Candidate]:
    """How many 专栏, 章 or 条 a notice has."""
    division = re.search("专栏|章|条(?=款|$)", question.cue + question.detail)
    if not division:
        return
    sections = [s for part in held.notice.parts for s in part.body.walk() if division[0] in s.number]
    lead = next((n for n, p in enumerate(held.passages) if any(p.section is s for s in sections)), None)
    if lead is not None:
        passage = held.passages[lead]
        value = f"{len(sections)}{question.detail or division[0]}"
        yield Candidate(
            value,
            held,
            lead,
            passage.locator,
            passage.text,
            Via.COUNT,
            1.0,
            rank,
            f"{division[0]}{passage.text}",
        )


def _groups(question: Question, hit: Found, rank: float, unit: str) -> Iterator[Candidate]:
    """How many items stand below a heading."""
    passage = hit.passage
    for section in (passage.section, lists.parent(passage)):
        for group in lists.groups(section) if section is not None else ():
            if len(group.items) < 2:
                continue
            counted = re.search(r"任务|措施|原则|要求|专栏|阶段|步骤|条款|目标|工程|行动|章", question.cue)
            fit = 0.9 if counted and counted[0] in group.intro else 0.6
            at = next((n for n, p in enumerate(hit.held.passages) if p.section is section), hit.number)
            lead = hit.held.passages[at]
            clause = f"{group.intro}|{'|'.join(passage.path)}"
            value = f"{len(group.items)}{unit}"
            yield Candidate(value, hit.held, at, lead.locator, lead.text, Via.COUNT, fit, rank, clause)


def _of_rows(
    rows: Sequence[Passage], held: HeldNotice, value: str, via: Via, fit: float, rank: float, clause: str
) -> Candidate:
    """A candidate that stands in several rows, cited from the first."""
    first = rows[0]
    return Candidate(
        value, held, held.passages.index(first), locators(rows), first.text, via, fit, rank, clause
    )


def _header(passage: Passage) -> tuple[str, ...]:
    return passage.table.header if passage.table else ()


def _subject(passage: Passage) -> str:
    return subject_cell(passage.table, passage.row) if passage.table and passage.row else passage.text
