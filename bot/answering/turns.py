"""What a message means in its conversation: several questions in one, a comparison, a number typed to choose, 更多."""

import re
from dataclasses import dataclass

from bot.answering.cues import CUES
from bot.answering.model import Kind, State
from corpus.facts import chinese_number

_MORE = re.compile(
    r"(?:看|查看|显示)?(?:更多|下一页|继续|还有(?:呢|吗)?|后面的?|剩下的?|其余的?|下面的?)(?:呢|吗)?[。！!？?]*"
)
_CHOSEN = re.compile(r"(?:选|第)?\s*(?P<number>[1-4１-４一二三四])\s*(?:个|项|号|份)?[。.、]?")
_STOPS = re.compile(r"[？?！!。；;\n]+|[，,](?=\s*(?:另外|还有|顺便|同时|以及)?[^，,]{2,})")
_ATTRIBUTE = (
    "文号|印发时间|发文时间|印发日期|印发单位|发文单位|联系人|联系电话|电话|邮箱|联系方式|地址|截止日期|截止时间|报名截止|"
    "时间|日期|地点|会场|奖金|名额|人数|费用|对象|条件|材料|流程|主讲人?|主题|有效期"
)
_PAIR = re.compile(
    rf"(?:什么|哪个)?(?P<first>{_ATTRIBUTE})(?:和|及|与|以及|跟|、|，)?(?:什么|哪个)?(?P<second>{_ATTRIBUTE})"
)
_SAME_CARD = frozenset({"联系人", "联系电话", "电话", "邮箱", "联系方式"})
"""Attributes of one contact: they are asked for together by asking how to get in touch."""
_MOST_QUESTIONS = 3
_LONGEST_LABEL = 16

_COMPARED = re.compile(
    r"^(?P<a>.{2,40}?)(?:和|与|跟|同|比起?|还是)(?P<b>.{2,40}?)(?P<how>(?:相比)?，?(?:都?有(?:什么|何|啥|哪些)|是?什么|的)?(?:不同|区别|差别|差异|异同|不一样|变化)(?:的?地方|之处)?(?:吗|呢|在哪里?|是什么)?|，?(?:哪一?个|哪份|谁)(?:更|比较|要)?(?P<more>早|晚|先|后|多|少|高|低|长|短|大|小|新)(?:一?些|一?点)?(?:发|印发|出|发布)?的?|(?:是不是|是否)?(?:一样|相同)(?:吗|么|不)?)[？?。]*$"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One of several questions in a message; `label` says in an answer which one is meant."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Compared:
    """Two things to be compared: a question about each, and whether the later or earlier, more or less is asked."""

    first: Piece
    second: Piece
    attribute: str
    more: str


def asks_for_more(text: str, state: State) -> bool:
    """Whether a member wants the next page of the list before."""
    return state.page > 0 and bool(_MORE.fullmatch(text.strip()))


def chosen(text: str, state: State) -> str:
    """The question that a number typed after a choice stands for, or ""."""
    match = _CHOSEN.fullmatch(text.strip())
    number = chinese_number(match["number"]) if match else None
    return state.choices[number - 1] if number and number <= len(state.choices) else ""


def pieces(text: str) -> list[Piece]:
    """The questions of a message, in order; one without a sign of asking belongs to the next. One question: []."""
    found: list[str] = []
    waiting = ""
    for part in _STOPS.split(text):
        if not part or not part.strip():
            continue
        waiting = f"{waiting}，{part.strip()}" if waiting else part.strip()
        if _asks(part):
            found.append(waiting)
            waiting = ""
    if waiting and found:
        found[-1] += f"，{waiting}"
    if len(found) > 1:
        return [Piece(_label(t), t) for t in found[:_MOST_QUESTIONS]]
    return _attributes(text)


def _asks(part: str) -> bool:
    return any(cue.pattern.search(part) for cue in CUES if cue.kind is not Kind.YES_NO)


def _label(text: str) -> str:
    last = re.split("[，,]", text)[-1].strip()
    return last if len(last) <= _LONGEST_LABEL else last[: _LONGEST_LABEL - 1] + "…"


def _attributes(text: str) -> list[Piece]:
    """时间和地点 are two questions about one thing; 联系人和电话 are one."""
    match = _PAIR.search(text)
    if not match or match["first"] == match["second"] or {match["first"], match["second"]} <= _SAME_CARD:
        return []
    subject = text[: match.start()]
    return [Piece(a, f"{subject}{a}是什么") for a in (match["first"], match["second"])]


def comparison(text: str) -> Compared | None:
    """A和B的有效期有什么不同 → A的有效期, B的有效期."""
    match = _COMPARED.match(text.strip())
    if not match or re.search("[，。；]", match["a"]):
        return None
    first, second = match["a"], match["b"].rstrip("的在，")
    head, _, attribute = second.rpartition("的")
    if head and "的" in first and re.fullmatch(r"(?:19|20)\d{2}年?", head) is None:
        first = first if first.endswith(attribute) else f"{first}的{attribute}"
    elif head:
        first = f"{first}的{attribute}"
    return Compared(
        Piece(_short(match["a"]), first),
        Piece(_short(head or second), second),
        attribute if head else "",
        match["more"] or "",
    )


def _short(text: str) -> str:
    return text if len(text) <= 2 * _LONGEST_LABEL else text[: 2 * _LONGEST_LABEL - 1] + "…"
