"""Values of the type asked for, wherever they stand: in a sentence, a labelled line, a cell of the row in question."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from bot.answering.cues import LABELS, MEASURES, RESPONSIBLE, SUPPORTING, UNITS
from bot.answering.model import Ask, Candidate, Kind, Question, Via, in_passage
from bot.answering.spans import Span, Type, has, names_body, names_somebody, spans
from bot.library import Found
from corpus.passages import PassageKind
from index.text import normalise

WANTED: dict[Kind, tuple[Type, ...]] = {
    Kind.DEPARTMENT: (Type.BODY, Type.PERSON),
    Kind.ISSUER: (Type.BODY,),
    Kind.WHO: (Type.PERSON, Type.BODY),
    Kind.DEADLINE: (Type.DAY, Type.CLOCK, Type.RHYTHM, Type.AMOUNT),
    Kind.TIME: (Type.DAY, Type.CLOCK),
    Kind.ISSUED: (Type.DAY,),
    Kind.FREQUENCY: (Type.RHYTHM, Type.AMOUNT, Type.DAY),
    Kind.PLACE: (Type.PLACE,),
    Kind.QUANTITY: (Type.AMOUNT,),
    Kind.COUNT: (Type.AMOUNT,),
}
"""The types that answer a kind, the likeliest first."""
CONTACT_TYPES = {
    "phone": (Type.PHONE,),
    "email": (Type.EMAIL,),
    "website": (Type.WEBSITE,),
    "address": (Type.PLACE,),
    "person": (Type.PERSON,),
    "account": (Type.ACCOUNT,),
    "all": (Type.PHONE, Type.EMAIL),
}
_LONGEST_CELL = 60
"""Characters; a longer cell is prose, which its own values answer for."""
LABELLED = re.compile(
    r"^\s*(?:(?:[（(]?[一二三四五六七八九十\d]+[）)、.．]|[①-⑳])\s*)?(?P<label>[\u4e00-\u9fa5A-Za-z（）() 　]{2,14})\s*[：:　]\s*(?P<value>\S.*)$",
    re.DOTALL,
)
_LONGEST_LABELLED = 120
_CLOCK_ASKED = re.compile("几点|钟点|几时")
_BEFORE = re.compile(r"截止|截至|前|之前|止|不晚于|逾期|最迟|以前")
_HELPS = re.compile("配合|协办|协助|参与|支持")


_DURATIONS = ("日", "天", "个工作日", "工作日", "周", "个月", "年", "小时", "个小时", "分钟")


def wanted(kind: Kind, detail: str, text: str) -> tuple[Type, ...]:
    """The types of value that answer a kind of question, the likeliest first."""
    if kind is Kind.CONTACT:
        return CONTACT_TYPES[detail]
    if kind is Kind.TIME and _CLOCK_ASKED.search(text):
        return (Type.CLOCK, Type.DAY)
    return WANTED.get(kind, ())


def typed(question: Question, ask: Ask, value: str) -> float:
    """How well a text holds a value of the type that is asked for, 0 to 1."""
    types = wanted(ask.kind, ask.detail, question.text)
    if not types:
        return 0.5
    units = units_of(ask.detail, question.text)
    for place, kind in enumerate(types):
        share = 1.0 - 0.2 * place
        if kind is Type.AMOUNT:
            held = [s.unit for s in spans(value, kind)]
            allowed = _DURATIONS if ask.kind is Kind.DEADLINE else units
            if any(u in allowed for u in held) or (not allowed and held):
                return share
            if re.fullmatch(r"[\d.,，]+", value):
                return share
            if held and ask.kind is not Kind.DEADLINE:
                return 0.3
        elif has(value, kind) or _is(value, kind):
            return share
    return 0.0


def _is(value: str, kind: Type) -> bool:
    """Bodies and persons are found in a text by their deeds; a value by itself is one or is none."""
    if kind is Type.BODY:
        return names_body(value)
    return kind is Type.PERSON and names_somebody(value)


def find(question: Question, found: Iterable[tuple[Found, float]]) -> Iterator[Candidate]:
    """Every value of a type asked for in the passages found."""
    types = wanted(question.kind, question.detail, question.text)
    if not types:
        return
    for hit, rank in found:
        passage = hit.passage
        if passage.row is not None:
            yield from _cells(question, hit, rank, types)
            continue
        if passage.kind is PassageKind.HEADING and not re.search("[：:]", passage.text):
            continue
        yield from _labelled(question, hit, rank, types)
        for span in (s for t in types for s in spans(passage.text, t)):
            yield in_passage(
                hit,
                span.text.rstrip("，。；"),
                Via.SPAN,
                _fit(question, span, passage.text, types),
                rank,
                _clause(passage.text, span.start),
            )


def _clause(text: str, at: int) -> str:
    """The part of a sentence, between commas, that holds a place in it.

    What stands before a colon belongs to all parts that follow, not to the first alone.
    """
    start = max(text.rfind(c, 0, at) for c in "，。；！？\n") + 1
    end = min((i for c in "，。；！？\n" if (i := text.find(c, at)) >= 0), default=len(text))
    if end < len(text.rstrip("。；\n")):
        start = max(start, text.rfind("：", start, at) + 1)
    return text[start:end]


def _labelled(question: Question, hit: Found, rank: float, types: tuple[Type, ...]) -> Iterator[Candidate]:
    """时间：2025年5月10日: what stands behind a label of the kind, or below a heading that is one."""
    labels = LABELS.get(question.kind)
    passage = hit.passage
    match = LABELLED.match(passage.text)
    label = re.sub(r"\s", "", match["label"]) if match else passage.section.heading
    value = (match["value"] if match else passage.text).strip().rstrip("。；")
    if labels is None or not labels.search(label) or len(value) > _LONGEST_LABELLED:
        return
    if any(has(value, t) for t in types) or question.kind in (Kind.PLACE, Kind.WHO, Kind.DEPARTMENT):
        if question.kind in (Kind.DEPARTMENT, Kind.WHO) and not (names_body(value) or names_somebody(value)):
            return
        fit = 0.95 if match else 0.8
        yield in_passage(hit, value, Via.LABEL, fit, rank, passage.text)


def _cells(question: Question, hit: Found, rank: float, types: tuple[Type, ...]) -> Iterator[Candidate]:
    """Cells of a row: those under a column of the kind, and those that hold a value of its type."""
    passage = hit.passage
    if passage.row is None or passage.table is None:
        return
    for name, cell in zip(passage.table.header, passage.row.cells, strict=True):
        if not cell or normalise(cell) in question.text:
            continue
        fit = _cell_fit(question, name, cell, types)
        if fit and len(cell) <= _LONGEST_CELL:
            yield in_passage(hit, cell, Via.CELL, fit, rank, f"{name}{cell}")
        if len(cell) > 16:
            for span in (s for t in types for s in spans(cell, t)):
                if span.text != cell:
                    yield in_passage(
                        hit,
                        span.text,
                        Via.SPAN,
                        _fit(question, span, cell, types),
                        rank,
                        f"{name}{_clause(cell, span.start)}",
                    )


def _cell_fit(question: Question, column: str, cell: str, types: tuple[Type, ...]) -> float:
    """How surely a cell is of the kind, by its column's name and by what it holds."""
    labels = LABELS.get(question.kind)
    of_column = bool(labels and labels.search(column))
    if question.kind in (Kind.DEPARTMENT, Kind.ISSUER):
        supporting = bool(SUPPORTING.search(column))
        of_column = bool(RESPONSIBLE.search(column)) or supporting
        if of_column and supporting != bool(_HELPS.search(question.text)):
            return 0.4
        return 0.97 if of_column else 0.3 * names_body(cell)
    if question.kind is Kind.WHO:
        return 0.97 if of_column and not names_body(cell) else 0.6 * names_somebody(cell)
    if question.kind in (Kind.QUANTITY, Kind.COUNT):
        return _amount_cell_fit(question, column, cell)
    typed = next((1.0 - 0.3 * i for i, t in enumerate(types) if has(cell, t)), 0.0)
    if of_column:
        return 0.97 if typed or question.kind is Kind.PLACE else 0.7
    return 0.8 * typed


def _amount_cell_fit(question: Question, column: str, cell: str) -> float:
    """A figure under a column whose name holds the unit or the measure asked for (名额, 金额, 奖金（元）)."""
    if not re.search(r"\d|[一二三四五六七八九十两]|不限|免", cell):
        return 0.0
    measure = next((pattern for words, _, pattern in MEASURES if words.search(question.text)), None)
    if measure and measure.search(column):
        return 0.97
    units = units_of(question.detail, question.text)
    held = [s.unit for s in spans(cell, Type.AMOUNT)]
    if any(u in units[:1] for u in held):
        return 0.9
    if any(u in units for u in held):
        return 0.8
    if re.fullmatch(r"[\d.,，]+", cell):
        asked = question.detail[-1:]
        return 0.97 if asked and asked in column else 0.75
    return 0.4 if held else 0.0


def _fit(question: Question, span: Span, text: str, types: tuple[Type, ...]) -> float:
    """How surely a value is of the kind asked for, 0 to 1."""
    fit = 0.95 - 0.25 * types.index(span.type)
    clause = _clause(text, span.start)
    match span.type:
        case Type.AMOUNT if question.kind is Kind.DEADLINE:
            return fit * (1.0 if span.unit in _DURATIONS and re.search("内|前|后", clause) else 0.2)
        case Type.AMOUNT:
            return fit * _unit_fit(question, span) * _limit_fit(question, clause)
        case Type.DAY | Type.CLOCK if question.kind is Kind.DEADLINE:
            return fit * (1.0 if _BEFORE.search(f"{clause}") else 0.6)
        case Type.DAY | Type.CLOCK:
            moved = re.search(r"(?:延期|推迟|改|调整)[到至为于]?$", text[: span.start])
            was = re.search(r"原定?于?$", text[: span.start])
            return fit * (1.0 if moved else 0.5 if was else 0.8 if _BEFORE.search(span.text) else 0.95)
        case Type.BODY | Type.PERSON:
            return fit * _role_fit(question, span)
        case _:
            return fit


def _role_fit(question: Question, span: Span) -> float:
    """A body that the text names by the deed asked about (谁承办: 承办单位：…) is surer than one named by another."""
    asked = question.text
    if span.role and (span.role[:2] in asked or any(c in asked for c in _SAME_DEED.get(span.role[:2], ()))):
        return 1.0
    if _HELPS.search(span.role) and not _HELPS.search(asked):
        return 0.5
    return 0.75 if span.role in ("要", "应", "须", "将", "应当", "为", "对", "报") else 0.85


_SAME_DEED = {
    "负责": ("管", "负责", "归", "牵头"),
    "牵头": ("负责", "牵头", "管"),
    "主讲": ("讲",),
    "授课": ("讲", "教", "老师"),
    "责任": ("负责", "管", "部门", "牵头"),
    "办理": ("办",),
    "审批": ("批",),
    "提供": ("给", "发", "提供"),
    "开具": ("开",),
    "举办": ("办", "搞"),
    "组织": ("搞", "组织", "弄"),
    "主持": ("主持", "主持人"),
    "组成": ("谁",),
    "任组": ("组长",),
}
_ASKS_LIMIT = re.compile("最多|至多|上限|最高|限报|能报|可以报|能推|不超过|最大|多大")
_LIMIT = re.compile("限报|限|不超过|不得超过|最多|至多|最高|上限|以下|以内|不高于|不多于")
_ASKS_LEAST = re.compile("至少|最少|最低|不少于|起码|下限")
_LEAST = re.compile("不少于|至少|不低于|最少|以上|最低|不得少于|满")
_ASKS_TOTAL = re.compile("总共|一共|总计|合计|总的|共")
_TOTAL = re.compile("总|共|合计|累计")


def _limit_fit(question: Question, clause: str) -> float:
    """A limit answers 最多…, a total answers 总共…; a single figure answers neither as well."""
    fit = 1.0
    for asks, tells in ((_ASKS_LIMIT, _LIMIT), (_ASKS_LEAST, _LEAST), (_ASKS_TOTAL, _TOTAL)):
        if asks.search(question.text):
            fit *= 1.0 if tells.search(clause) else 0.8
    return fit


def _unit_fit(question: Question, span: Span) -> float:
    units = units_of(question.detail, question.text)
    if not units:
        return 0.8
    if span.unit == units[0]:
        return 1.0
    return 0.85 if span.unit in units else 0.3


@lru_cache(maxsize=1024)
def units_of(detail: str, text: str) -> tuple[str, ...]:
    """The units that answer a question for a quantity, the one it names first."""
    asked = {"钱": "元", "块": "元", "块钱": "元"}.get(detail, detail)
    measured = next((units for words, units, _ in MEASURES if words.search(text)), ())
    alike = tuple(u for group in UNITS if asked in group for u in sorted(group - {asked})) if asked else ()
    if measured and asked in ("", "元", "个"):
        return (*measured, *((asked, *alike) if asked == "个" else ()))
    return (asked, *alike) if asked else ()
