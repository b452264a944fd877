"""Lists and explanations: the items below a heading, the members of “四个自觉”, or the clause that says it best."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.answering.evidence import own_subject, said
from bot.answering.model import Candidate, Kind, Question, Via, Word, in_passage
from bot.library import Found
from corpus.facts import chinese_number, plain, sentences
from corpus.notice import Clause, Section
from corpus.numbering import marker_of
from corpus.passages import Passage
from index.text import normalise

_TOPIC = {
    Kind.MATERIALS: re.compile(
        r"材料|资料|表格|证明|复印件|原件|申报书|申请书|申请表|推荐表|报名表|身份证|提供|提交|携带"
    ),
    Kind.ELIGIBILITY: re.compile(
        r"条件|资格|要求|对象|范围|应当|应具备|具备|须为|须具|面向|可以|限|以下|以上|不得|均可"
    ),
    Kind.STEPS: re.compile(
        r"流程|程序|步骤|方式|办法|方法|报名|申报|提交|登录|填写|扫码|扫描|发送|报送|推荐|评审|初评|审核|公示|审批|签到|途径|渠道|受理"
    ),
}
_HEADED = {
    Kind.MATERIALS: re.compile("材料|资料|清单"),
    Kind.ELIGIBILITY: re.compile("对象|条件|资格|范围"),
    Kind.STEPS: re.compile(
        "流程|程序|步骤|环节|(?:报名|申报|申请|参与|办理|报送|缴费)(?:方式|办法|方法|途径)"
    ),
    Kind.LIST: None,
}
"""Headings that announce what a kind asks for; a list is announced by the question's own words."""
_LONGEST_SECTION = 420
_LONGEST_HEADING = 18
_MOSTLY = 0.5
_NOT_ANNOUNCED = 0.3
_DIVISIONS = re.compile("章|部分|板块|条款|哪几条|哪几项|专栏")
_COUNTED = re.compile(r"([一二三四五六七八九十\d]{1,3})(?:个|项|条|大|种|类|方面|步|阶段|点|章|批)?")
_UNIT_WORD = re.compile(
    r"阶段|步骤|环节|原则|任务|措施|要求|目标|阵地|平台|强化|条件|材料|流程|程序|方式|奖项|主题|内容|行动|工程|计划|专栏|类别|附件|重点|方面|对象|范围|纪律|标准|渠道|板块"
)


@dataclass(frozen=True, slots=True)
class _Group:
    """Items of one numbering style under one section."""

    intro: str
    items: tuple[str, ...]
    style: str


def find(question: Question, found: Iterable[tuple[Found, float]]) -> Iterator[Candidate]:
    """Groups of items, whole sections, and the members of a named set, from the passages found and their sections."""
    seen: set[int] = set()
    for hit, rank in found:
        passage = hit.passage
        for value, fit in _enumerated(question, passage.text):
            yield in_passage(hit, value, Via.NAMED_SET, fit, rank, passage.text)
        for section in (passage.section, parent(passage)):
            if section is not None and id(section) not in seen and passage.row is None:
                seen.add(id(section))
                yield from _of_groups(question, hit, rank, section)
                yield from _whole(question, hit, rank, section)


def _whole(question: Question, hit: Found, rank: float, section: Section) -> Iterator[Candidate]:
    """All paragraphs of a short section whose heading announces what is asked for."""
    if section.sections or not 0 < len(section.heading) <= _LONGEST_HEADING:
        return
    strength = _announced(question, hit, section.heading)
    texts = [c.text for c in section.content if isinstance(c, Clause)]
    body = texts if plain(texts[0] if texts else "") != plain(section.number + section.heading) else texts[1:]
    if not strength or not body or sum(map(len, body)) > _LONGEST_SECTION:
        return
    at = next(
        (n for n, p in enumerate(hit.held.passages) if p.section is section and p.text in body[0]), hit.number
    )
    lead = hit.held.passages[at]
    clause = "|".join((section.heading, *body))
    yield Candidate(
        "\n".join(body), hit.held, at, lead.locator, lead.text, Via.SECTION, strength, rank, clause
    )


def _announced(question: Question, hit: Found, heading: str) -> float:
    """How surely a heading announces what is asked for: by the kind's own words, or by the question's."""
    if normalise(heading) in question.text:
        return 1.0
    wanted = _HEADED.get(question.kind)
    aspect = own_subject(question, hit.held)
    share = said(aspect, heading)
    if wanted and wanted.search(heading):
        return 0.85 + 0.12 * share
    if wanted:
        topic = _TOPIC[question.kind]
        return 0.8 if share >= _MOSTLY and topic.search(hit.passage.text) else 0.0
    return 0.9 * share


def _expects_items(question: Question) -> bool:
    return question.kind in (Kind.LIST, Kind.DEFINITION) and bool(
        re.search("哪|几|各|分别|有什么|啥|都是", question.cue)
    )


def parent(passage: Passage) -> Section | None:
    return next((s for s in passage.part.body.walk() if any(c is passage.section for c in s.sections)), None)


def groups(section: Section) -> Iterator[_Group]:
    """The sub-sections of a section, by numbering style, in order."""
    intro = section.heading or (
        section.content[0].text if section.content and isinstance(section.content[0], Clause) else ""
    )
    styles: dict[str, list[str]] = {}
    for child in section.sections:
        first = child.content[0] if child.content else None
        marker = marker_of(first.text) if child.number and isinstance(first, Clause) else None
        style = marker.style if marker else "heading"
        styles.setdefault(style, []).append(item_text(child))
    for style, items in styles.items():
        yield _Group(intro, tuple(items), style)
    for content in section.content:
        if isinstance(content, Clause):
            yield from _inline(section, content.text)


_INLINE = re.compile(
    r"[（(](?:[一二三四五六七八九十]|\d{1,2})[）)]|[①-⑳]|(?<![\d.])\d{1,2}[.．、](?=[\u4e00-\u9fa5《“])"
)


def _inline(section: Section, text: str) -> Iterator[_Group]:
    """（1）…；（2）…；（3）… in one paragraph."""
    marks = list(_INLINE.finditer(text))
    if len(marks) < 2 or len({re.sub(r"[一二三四五六七八九十\d①-⑳]+", "#", m[0]) for m in marks}) > 1:
        return
    ends = [*(m.start() for m in marks[1:]), len(text)]
    items = [text[m.end() : end].strip(" ；;。") for m, end in zip(marks, ends, strict=True)]
    intro = text[: marks[0].start()].rstrip("：: ") or section.heading
    yield _Group(intro or section.heading, tuple(items), "inline")


def item_text(section: Section) -> str:
    """What an item says in a line: its heading with its label's value, or its first sentence."""
    first = section.content[0].text if section.content and isinstance(section.content[0], Clause) else ""
    words = re.sub(rf"^\s*{re.escape(section.number)}[、.．：:\s]*", "", first) if section.number else first
    if (
        section.heading
        and not words.startswith(f"{section.heading}：")
        and not words.startswith(f"{section.heading}:")
    ):
        return section.heading
    return (sentences(words) or [words])[0].strip().rstrip("；;")


def _of_groups(question: Question, hit: Found, rank: float, section: Section) -> Iterator[Candidate]:
    for group in groups(section):
        if group.style == "inline" and section.sections and not group.intro:
            continue
        if len(group.items) < 2:
            continue
        numbers = () if group.style == "inline" else (s.number for s in section.sections)
        clause = "|".join((group.intro, *numbers, *group.items, "".join(hit.passage.path)))
        fit = _group_fit(question, group, own_subject(question, hit.held))
        if (
            section is hit.passage.part.body
            and group.style != "inline"
            and not _DIVISIONS.search(question.text)
        ):
            fit *= 0.5  # the main divisions of a notice are what it is made of, not what is asked for
        named = bool(group.intro) and normalise(group.intro) in question.text
        at = next((n for n, p in enumerate(hit.held.passages) if p.section is section), hit.number)
        lead = hit.held.passages[at]
        yield Candidate(
            all_of(group.items),
            hit.held,
            at,
            lead.locator,
            lead.text,
            Via.ITEMS,
            fit,
            1.0 if named else rank,
            clause,
        )


def _group_fit(question: Question, group: _Group, subject: tuple[Word, ...]) -> float:
    """A group fits when its heading says what is asked for, and it has as many items as asked."""
    named = _NOT_ANNOUNCED
    if subject:
        named = said(subject, group.intro)
    elif question.ordinal:
        named = 1.0
    if group.intro and normalise(group.intro) in question.text:
        named = 1.0
    fit = 0.4 + 0.5 * named
    counted = asked_number(question)
    if counted:
        fit += 0.3 if counted == len(group.items) else -0.15
    unit = _UNIT_WORD.search(question.text)
    if unit and (unit[0] in group.intro or (group.style == "stage" and unit[0] in "阶段步骤环节")):
        fit += 0.2
    if not _expects_items(question) and question.kind not in _TOPIC:
        fit -= 0.25
    topic = _HEADED.get(question.kind)
    if topic:
        fit += 0.3 * (1 - named) if topic.search(group.intro) else -0.3
    return max(0.0, min(1.0, fit))


def asked_number(question: Question) -> int | None:
    """哪五个, 四个自觉, 三个阶段: how many things the question expects."""
    numbers = [
        chinese_number(m[1])
        for m in _COUNTED.finditer(
            re.sub(r"(?:19|20)\d{2}年?|\d+号|第[一二三四五六七八九十\d]+", "", question.text)
        )
    ]
    found = [n for n in numbers if n and 2 <= n <= 30]
    return found[-1] if found else None


def _enumerated(question: Question, text: str) -> Iterator[tuple[str, float]]:
    """The members of a named set: “A，B，C，D”等“四个自觉”; A、B、C、D“人才四进”; “四个自觉”，即A、B、C、D."""
    counted = asked_number(question)
    terms = [t for t in re.findall(r"[“\"']([^”\"']{2,16})[”\"']", text) if normalise(t) in question.text]
    for term in terms:
        name = re.escape(term)
        wanted = counted if len(re.findall("[一二两三四五六七八九十]", term)) < 2 else None
        patterns = (
            rf"[“]([^”]+)[”]\s*(?:等|的|这)?\s*[“]{name}[”]",
            rf"((?:[\u4e00-\u9fa5]{{2,16}}、)+(?:和|及)?[\u4e00-\u9fa5]{{2,16}}?)(?:等|的|这)?[“]{name}[”]",
            rf"[“]{name}[”][\u4e00-\u9fa5]{{0,6}}(?:，?(?:即|就是|是指|指|包括|分别是)|[：:—（(]+)\s*(?:即|是)?([^。）)]+)",
        )
        for pattern in patterns:
            match = re.search(pattern, text)
            if match:
                items = _trimmed(
                    [i for i in re.split(r"[，、；]|和(?=[\u4e00-\u9fa5]{2,}$)", match[1]) if i.strip()],
                    wanted,
                )
                fit = 1.0 if wanted in (None, len(items)) else 0.75
                yield "\n".join(f"{n}. {item.strip()}" for n, item in enumerate(items, 1)), fit


def _trimmed(items: list[str], counted: int | None) -> list[str]:
    """The last `counted` items; what the first one has in front of the common beginning falls away (专家人才进基层 → 进基层)."""
    kept = items[-counted:] if counted and len(items) >= counted else items
    if len(kept) > 1 and kept[1][:1] == kept[-1][:1] and kept[1][:1] in kept[0]:
        kept[0] = kept[0][kept[0].index(kept[1][0]) :]
    return kept


def all_of(items: Iterable[str]) -> str:
    """Items as numbered lines."""
    return "\n".join(f"{n}. {item}" for n, item in enumerate(items, 1))
