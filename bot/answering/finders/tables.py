"""Answers from the whole of a table, never from its best rows only: all tasks of a department, and counts."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from bot.answering.evidence import coverage, own_subject
from bot.answering.finders import lists
from bot.answering.finders.columns import RESPONSIBLE, responsible_column
from bot.answering.finders.departments import bodies
from bot.answering.finders.values import said
from bot.answering.model import Candidate, Question, Word
from bot.library import Found, HeldNotice
from corpus.notice import Table, TableRow
from corpus.passages import Passage, PassageKind
from index.text import normalise

_NOT_SUBJECT = re.compile(
    r"序号|编号|备注|责任|负责|牵头|配合|部门|部室|处室|单位|时间|时限|期限|地点|联系|电话"
)


def find_tasks(question: Question, notices: Iterable[tuple[HeldNotice, float]]) -> list[Candidate]:
    """Everything that the named departments are responsible for, by notice: table rows, else clauses."""
    candidates = []
    rest = _without(question, question.names)
    for held, rank in notices:
        by_name = {name: _tasks_of(question, held, name) for name in question.names}
        source = [p for passages in by_name.values() for p in passages]
        if not source or (len(by_name) > 1 and _EACH.search(question.text) and not all(by_name.values())):
            continue
        tasks = [_subject(p) for p in source]
        share = coverage(rest, held, None, " ".join(tasks)) if rest.words else 1.0
        groups = {name: [_subject(p) for p in passages] for name, passages in by_name.items() if passages}
        value = _by_body(groups)
        fit = 1.0 if source[0].row else 0.85
        candidates.append(Candidate(value, held, _locators(source), source[0].text, share, fit, rank))
    most = max((c.value.count("\n") + 1 for c in candidates), default=1)
    return [replace(c, rank=(c.value.count("\n") + 1) / most) for c in candidates]


_EACH = re.compile("分别|各自?|和|与|、")


def _tasks_of(question: Question, held: HeldNotice, name: str) -> list[Passage]:
    """The rows that name a body in the column asked about (牵头, 配合), else the clauses by which it acts."""
    rows = [p for p in held.passages if p.row and _is_responsible(p, name, question.cue)]
    return rows or [p for p in held.passages if _does(question, name, p)]


def _by_body(groups: dict[str, list[str]]) -> str:
    """One body: its tasks numbered; several: the tasks of each below its name."""
    if len(groups) == 1:
        return lists.all_of(next(iter(groups.values())))
    return "\n".join(f"{name}：{'；'.join(tasks)}" for name, tasks in groups.items())


def find_columns(question: Question, notices: Iterable[tuple[HeldNotice, float]]) -> list[Candidate]:
    """All cells of the column that the question names: 支持哪几个方向, 有哪些讲座."""
    candidates = []
    for held, rank in notices:
        aspect = own_subject(question, held)
        for rows in _tables(held):
            header = rows[0].table.header if rows[0].table else ()
            scored = [
                (said(replace(question, words=aspect), name), -i) for i, name in enumerate(header) if name
            ]
            best, at = max(scored, default=(0.0, 0))
            cells = list(dict.fromkeys(p.row.cells[-at] for p in rows if p.row and p.row.cells[-at]))
            if best < _NAMES_COLUMN or len(cells) < 2:
                continue
            share = coverage(
                question, held, None, "|".join((*header, rows[0].table.title if rows[0].table else ""))
            )
            value = lists.all_of(cells)
            candidates.append(
                Candidate(value, held, _locators(rows), rows[0].text, share, 0.55 + 0.4 * best, rank)
            )
    return candidates


_NAMES_COLUMN = 0.5


def find_categories(question: Question, notices: Iterable[tuple[HeldNotice, float]]) -> list[Candidate]:
    """All rows of a category that the question names by its cell: 以形势宣传鼓劲有哪些任务."""
    candidates = []
    for held, rank in notices:
        for rows in _tables(held):
            category = _category(question, rows)
            if category:
                kept = [p for p in rows if p.row and category in p.row.cells]
                rest = _without(question, (normalise(category),))
                share = coverage(rest, held, None, rows[0].locator) if rest.words else 1.0
                value = lists.all_of([_subject(p) for p in kept])
                candidates.append(Candidate(value, held, _locators(kept), kept[0].text, share, 1.0, rank))
    return candidates


def _category(question: Question, rows: Sequence[Passage]) -> str:
    """The cell, common to several rows and no department, that stands in the question."""
    header = rows[0].table.header if rows[0].table else ()
    kept = [i for i, name in enumerate(header) if not RESPONSIBLE.search(name)]
    cells = Counter(p.row.cells[i] for p in rows if p.row for i in kept if 2 <= len(p.row.cells[i]) <= 24)
    named = [c for c, count in cells.items() if count >= 2 and normalise(c) in question.text]
    return max(named, key=len, default="")


def _without(question: Question, names: Sequence[str]) -> Question:
    """The question less the words of names that have been matched already."""

    def names_it(word: Word) -> bool:
        return any(word.text in n or _abbreviates(word.text, n) for n in names)

    return replace(question, words=tuple(w for w in question.words if not names_it(w)))


def _abbreviates(short: str, name: str) -> bool:
    letters = iter(name)
    return all(c in letters for c in short)


def _is_responsible(passage: Passage, name: str, cue: str = "") -> bool:
    """Whether the name stands, whole, in the row's cell of those responsible."""
    table, row = passage.table, passage.row
    if table is None or row is None:
        return False
    at = responsible_column(table.header, cue)
    if at is None:
        return False
    named = {normalise(x) for x in re.split(r"[、，,；;/\s]+|[（(][^）)]*[）)]", row.cells[at]) if x}
    return name in named


def _does(question: Question, name: str, passage: Passage) -> bool:
    return passage.kind is PassageKind.CLAUSE and any(
        name in normalise(body) for body, _ in bodies(question, passage.text)
    )


def _subject(passage: Passage) -> str:
    return subject_cell(passage.table, passage.row) if passage.table and passage.row else passage.text


def subject_cell(table: Table, row: TableRow) -> str:
    """What a row is about: the cell of its widest column that is no department, time or number."""
    widths = [
        0 if _NOT_SUBJECT.search(name) else sum(len(r.cells[i]) for r in table.rows)
        for i, name in enumerate(table.header)
    ]
    return row.cells[widths.index(max(widths))] if widths else row.text


def _locators(source: Sequence[Passage]) -> str:
    """附件 第8项、第10项; the first five are named."""
    first = source[0].locator
    head = re.sub(r"第\d+[项行]$", "", first)
    more = [p.locator.removeprefix(head) for p in source[1:5] if p.locator.startswith(head)]
    tail = f" 等{len(source)}处" if len(source) > 5 else ""
    return "、".join([first, *more]) + tail


def find_counts(
    question: Question, notices: Iterable[tuple[HeldNotice, float]], found: list[tuple[Found, float]]
) -> list[Candidate]:
    """How many rows a table has, in all or of one department or category, or how many items a section has."""
    candidates: list[Candidate] = []
    unit = question.detail or "项"
    for held, rank in notices:
        for passages in _tables(held):
            candidates += _of_table(question, held, rank, passages, unit)
    candidates += _of_divisions(question, notices)
    for hit, rank in found[:12]:
        for section in {
            id(s): s for s in (hit.passage.section, lists._parent(hit.passage)) if s is not None
        }.values():
            for group in lists.groups(section):
                candidates += _of_group(question, hit, rank, section, group, unit)
    return candidates


def _of_divisions(question: Question, notices: Iterable[tuple[HeldNotice, float]]) -> Iterator[Candidate]:
    """How many 专栏, 章 or 条 a notice has."""
    division = re.search("专栏|章|条(?=款|$)", question.cue + question.detail)
    if not division:
        return
    for held, rank in notices:
        sections = [s for part in held.notice.parts for s in part.body.walk() if division[0] in s.number]
        lead = next((p for p in held.passages if any(p.section is s for s in sections)), None)
        if lead:
            share = coverage(question, held, None, division[0]) if question.words else 1.0
            unit = question.detail or division[0]
            yield Candidate(f"{len(sections)}{unit}", held, lead.locator, lead.text, share, 1.0, rank)


def _tables(held: HeldNotice) -> list[list[Passage]]:
    found: dict[int, list[Passage]] = {}
    for passage in held.passages:
        if passage.table is not None:
            found.setdefault(id(passage.table), []).append(passage)
    return list(found.values())


def _of_table(
    question: Question, held: HeldNotice, rank: float, rows: list[Passage], unit: str
) -> Iterator[Candidate]:
    table = rows[0].table
    if table is None:
        return
    kept = rows
    matched: tuple[str, ...] = ()
    for name in question.names:
        named = [p for p in rows if _is_responsible(p, name)]
        if not named:
            return
        kept, matched = named, (name,)
    category = _category(question, rows)
    if category:
        kept = [p for p in kept if p.row and category in p.row.cells]
        matched = (*matched, normalise(category))
    rest = _without(question, matched)
    here = "|".join((*table.header, table.title, *rows[0].path, rows[0].part.label, rows[0].part.title))
    share = coverage(rest, held, None, here) if rest.words else 1.0
    counted = re.search(r"任务|工作|活动|措施|项目|奖项|单位|部门|名额|事项", question.cue)
    column = "".join(table.header)
    fit = 1.0 if not counted or counted[0] in column or counted[0] in table.title else 0.7
    yield Candidate(f"{len(kept)}{unit}", held, _locators(kept), kept[0].text, share, fit, rank)


def _of_group(
    question: Question, hit: Found, rank: float, section: object, group: "lists._Group", unit: str
) -> Iterator[Candidate]:
    if len(group.items) < 2:
        return
    share = coverage(question, hit.held, None, f"{group.intro}|{'|'.join(hit.passage.path)}")
    counted = re.search(r"任务|措施|原则|要求|专栏|阶段|步骤|条款|目标|工程|行动|章", question.cue)
    fit = 0.9 if counted and counted[0] in group.intro else 0.6
    lead = next((p for p in hit.held.passages if p.section is section), None) or hit.passage
    yield Candidate(f"{len(group.items)}{unit}", hit.held, lead.locator, lead.text, share, fit, rank)
