"""Whom to ask: names, numbers and addresses, each with the office or the matter that it belongs to.

A line is cut into tokens (a body, a person, a number …); a person or body after a number begins a new contact.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import pairwise

from corpus.facts import EMAIL, ORGANISATION, WEBSITE, is_person, phone_numbers
from corpus.notice import Contact, Table
from corpus.numbering import marker_of

_LABEL = re.compile(
    r"(?:^|(?<=[，,、；;。．.\s（(/]))(?P<for>[\u4e00-\u9fa5]{0,10}?)(?P<label>联系人|联络人|联络员|负责人|咨询人|联系方式|服务热线|热线|电\s*话|手\s*机|"
    r"电子邮箱|电子邮件|电子信箱|邮\s*箱|邮\s*件|信箱|E-?mail|地\s*址|网\s*址|官\s*网)(?:号码)?\s*(?:[（(]\s*(?:微信同号|同微信|传真|手机)\s*[）)])?\s*(?:[/及和、]?\s*(?:电话|传真|微信|手机|联系电话|联系方式))*\s*(?:[：:]|(?<=[箱话机])(?=\s*[\d（(A-Za-z]))",
    re.IGNORECASE,
)
_DETAIL = re.compile(
    r"(?P<label>(?:微信|Q\s*Q|钉钉|企业微信)(?:交流|咨询|工作|报名|联络|联系)?\s*群(?:号)?|微信公众号|公众号|视频号|微信号?|Q\s*Q号?|传\s*真|邮\s*编|邮政编码|户\s*名|开户名称?|收款单位|开户银行|开户行|银行账[号户]|账\s*[号户]|帐\s*[号户]|税\s*号|纳税人识别号|腾讯会议号?|会议号|会议ID)"
    r"(?:为|是|进行咨询)?\s*[：:]\s*(?P<value>\d{6,11}(?:[，、或和及\s]+\d{6,11})+|[^，,；;。\n\u3000]+?)(?=\s*(?:$|[，,；;。\n\u3000]|[（(]|\s[\u4e00-\u9fa5]+\s*[：:]))"
)
_PERSON_LABEL = re.compile("联系人|联络人|联络员|负责人|咨询人")
_GENERIC = re.compile(
    "(?:发至|发送至|报送至|寄至|拨打|致电|请|可|或|联系|联络|办公|固定|移动|电子|通讯|通信|邮寄|投稿|接收|邮件|手机|座机|咨询|服务|详细|报送|材料|收件|个人|单位|工作|官方|指定)*"
)
"""Words before a label that do not say whose number it is."""
_SET_APART = re.compile(
    r"(?<![\u4e00-\u9fa5])([\u4e00-\u9fa5])[ 　]{1,4}([\u4e00-\u9fa5])(?![\u4e00-\u9fa5])"
)
"""宫  飞: two single characters apart are one name, as it is printed."""
_NO_NAME = re.compile("[区楼号路县市州镇乡村层馆室院]$")
_NAMED = re.compile(r"[\u4e00-\u9fa5·]{2,4}(?:老师|同志|主任|科长|处长|部长|先生|女士)?")
_OFFICE = re.compile(
    r"[\u4e00-\u9fa5“”]{2,24}(?:组|处|部|室|科|台|中心|秘书处|窗口|协会|学会|科协|办|学院|馆|社)"
)
_PIECE = re.compile(r"[^：:、，,；;。/\s（）()|]+")
_SHORT_LEAD = 20
"""Characters before a label, such as 报名咨询, that belong to the contact line."""
_LONGEST_CONTACT = 90
_LONGEST_TEXT = 1500
"""Characters of a paragraph that is searched for contacts; a longer one is no contact line."""
_LONGEST_MATTER = 24
_MATTER = re.compile(rf"(?:\A|(?<=[；;。]))\s*(?P<words>[^：:；;。\d]{{2,{_LONGEST_MATTER}}})[：:]")
"""What the numbers after it are for: 图书、短文：…；价格投诉：…"""


class _Is(Enum):
    PERSON = auto()
    PHONE = auto()
    EMAIL = auto()
    ADDRESS = auto()
    WEBSITE = auto()
    DETAIL = auto()
    UNIT = auto()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: _Is
    value: str
    start: int
    end: int
    bracketed: bool = False
    label: str = ""


@dataclass(slots=True)
class _Draft:
    """A contact that is still being read; `start` is where its words begin."""

    start: int
    unit: str = ""
    tokens: list[_Token] = field(default_factory=list)

    def has(self, *kinds: _Is) -> bool:
        return any(t.kind in kinds for t in self.tokens)

    def contact(self, quote: str) -> Contact:
        def values(kind: _Is) -> tuple[str, ...]:
            return tuple(dict.fromkeys(t.value for t in self.tokens if t.kind is kind))

        return Contact(
            names=values(_Is.PERSON),
            phones=values(_Is.PHONE),
            emails=values(_Is.EMAIL),
            addresses=values(_Is.ADDRESS),
            websites=values(_Is.WEBSITE),
            quote=quote,
            unit=self.unit,
            details=tuple((t.label, t.value) for t in self.tokens if t.kind is _Is.DETAIL),
        )


_NUMBERS = (_Is.PHONE, _Is.EMAIL)


def contact_of(text: str) -> Contact | None:
    """Reads one paragraph as contact details, those of several people together; None when it holds none."""
    found = contacts_of(text)
    together = found[0] if found else None
    for one in found[1:]:
        together = _joined(together, one, "") if together else one
    return together


def contacts_of(text: str) -> list[Contact]:
    """The contacts that one paragraph names. Prose before them is no part of their quotes."""
    if len(text) > _LONGEST_TEXT:
        return []
    text = _from_first_label(text)
    if not (_LABEL.search(text) or _DETAIL.search(text) or _is_unlabelled(text)):
        return []
    tokens = _tokens(text)
    if not any(t.kind is not _Is.UNIT for t in tokens):
        return []
    drafts = _drafts(tokens)
    starts = [0, *(d.start for d in drafts[1:]), len(text)]
    quotes = [text[a:b].strip(" 　，,；;、") for a, b in pairwise(starts)]
    return [d.contact(q) for d, q in zip(drafts, quotes, strict=True)]


def _from_first_label(text: str) -> str:
    """The text from the sentence part of its first label on, where more than a few words stand before it."""
    marks = [m for m in (_LABEL.search(text), _DETAIL.search(text)) if m]
    if not marks or min(m.start() for m in marks) <= _SHORT_LEAD:
        return text
    first = min(m.start("label") for m in marks)
    return text[max(text.rfind(c, 0, first) for c in "，。；,;") + 1 :]


def _is_unlabelled(text: str) -> bool:
    """市科协组织人事部  孙晓萌  0536-8091327: a short line of a body, names and numbers, without any label."""
    if len(text) > _LONGEST_CONTACT or "。" in text.rstrip("。"):
        return False
    phones, emails = phone_numbers(EMAIL.sub(" ", text)), EMAIL.findall(text)
    rest = EMAIL.sub(" ", text)
    for phone in phones:
        rest = rest.replace(phone, " ")
    rest = re.sub(r"[（(][^（）()]*[）)]|手机|座机|兼?传真|邮箱|微信同号", " ", _without_marker(rest))
    pieces = _PIECE.findall(_SET_APART.sub(r"\1\2", rest))
    others = [p for p in pieces if not is_person(p)]
    return (
        bool(phones or emails)
        and all(len(p) <= _LONGEST_MATTER and re.fullmatch(r"[\u4e00-\u9fa5A-Za-z“”]+", p) for p in others)
        and (
            len(others) < len(pieces)
            or any(
                ORGANISATION.fullmatch(p) or re.search("咨询|联系|支持|报名|监督|热线|值班", p)
                for p in others
            )
        )
    )


def _without_marker(text: str) -> str:
    marker = marker_of(text)
    return marker.rest if marker else text


def _tokens(text: str) -> list[_Token]:
    """What a contact line is made of, in its order."""
    tokens: list[_Token] = []
    taken = [False] * len(text)

    def take(kind: _Is, value: str, start: int, end: int, label: str = "") -> None:
        if not any(taken[start:end]):
            tokens.append(_Token(kind, value, start, end, _is_bracketed(text, start), label))
            taken[start:end] = [True] * (end - start)

    labels = list(_LABEL.finditer(text))
    for m in EMAIL.finditer(text):
        take(_Is.EMAIL, m[0], *m.span())
    for m in WEBSITE.finditer(text):
        take(_Is.WEBSITE, m[0], *m.span())
    for m in _DETAIL.finditer(text):
        take(_Is.DETAIL, m["value"].strip(), m.start(), m.end(), re.sub(r"\s", "", m["label"]))
    for m in labels:
        end = next((n.start() for n in labels if n.start() >= m.end()), len(text))
        if re.search("地\\s*址", m["label"]) and (place := _address(text[m.end() : end])):
            at = text.index(place, m.end())
            take(_Is.ADDRESS, place, at, at + len(place))
    for phone, start in _phones(text, taken):
        take(_Is.PHONE, phone, start, start + len(phone))
    for m in labels:
        if m["for"] and not _GENERIC.fullmatch(m["for"]):
            take(_Is.UNIT, m["for"], *m.span("for"))
        for at in range(*m.span()):
            taken[at] = True
    for token in _words(text, taken, labels):
        take(token.kind, token.value, token.start, token.end)
    return sorted(tokens, key=lambda t: t.start)


def _phones(text: str, taken: Sequence[bool]) -> Iterator[tuple[str, int]]:
    masked = "".join("\x00" if t else c for c, t in zip(text, taken, strict=True))
    at = 0
    for phone in phone_numbers(masked):
        at = masked.index(phone, at)
        yield phone, at
        at += len(phone)


def _address(text: str) -> str:
    """The address at the start of a text: it ends before a postcode or the next sentence."""
    place = re.split(r"[；;。\n]|[，,]\s*(?:邮编|邮政编码|电话|联系)", text.strip())[0].strip(" 　，,")
    while place.endswith(("）", ")")) and place.count("（") + place.count("(") < place.count(
        "）"
    ) + place.count(")"):
        place = place[:-1]
    return place


def _is_bracketed(text: str, at: int) -> bool:
    return text[:at].count("（") + text[:at].count("(") > text[:at].count("）") + text[:at].count(")")


def _words(text: str, taken: Sequence[bool], labels: Sequence[re.Match[str]]) -> Iterator[_Token]:
    """Persons and bodies among the words that are neither labels nor values, and the matter that the line is for."""
    masked = "".join("、" if t else c for c, t in zip(text, taken, strict=True))
    apart = [m for m in _SET_APART.finditer(masked) if is_person(m[1] + m[2])]
    for m in apart:
        yield _Token(_Is.PERSON, m[1] + m[2], *m.span())
    for matter in _MATTER.finditer(masked, len(text) - len(_without_marker(text))):
        if "、、" not in matter["words"] and not is_person(matter["words"]):
            yield _Token(_Is.UNIT, matter["words"].strip(), *matter.span("words"))
    for m in _PIECE.finditer(masked):
        if any(a.start() <= m.start() < a.end() for a in apart):
            continue
        before = [n for n in labels if n.end() <= m.start()]
        asked = bool(before) and bool(_PERSON_LABEL.search(before[-1]["label"]))
        if _NO_NAME.search(m[0]) and not ORGANISATION.fullmatch(m[0]):
            continue
        if is_person(m[0]) or (asked and _NAMED.fullmatch(m[0]) and not ORGANISATION.fullmatch(m[0])):
            yield _Token(_Is.PERSON, m[0], *m.span())
        elif ORGANISATION.fullmatch(m[0]) or _OFFICE.fullmatch(m[0]):
            yield _Token(_Is.UNIT, m[0], *m.span())


def _drafts(tokens: Sequence[_Token]) -> list[_Draft]:
    """Tokens to contacts: a body or a second person after a number begins a new one."""
    drafts = [_Draft(tokens[0].start)]
    for token in tokens:
        current = drafts[-1]
        if _begins(drafts, token):
            current = _Draft(token.start, current.unit if token.kind is _Is.PERSON else "")
            drafts.append(current)
        if token.kind is not _Is.UNIT:
            current.tokens.append(token)
        elif not (token.bracketed and current.unit and current.has(*_NUMBERS)):
            current.unit = token.value
    return drafts


def _begins(drafts: Sequence[_Draft], token: _Token) -> bool:
    current = drafts[-1]
    if not current.has(*_NUMBERS):
        return False
    if token.kind is _Is.UNIT:
        return not token.bracketed
    if token.kind is _Is.PERSON:
        return current.has(_Is.PERSON) and not token.bracketed
    return (
        token.kind in (_Is.EMAIL, _Is.ADDRESS, _Is.DETAIL)
        and len(drafts) > 1
        and current.has(_Is.PERSON)
        and not drafts[0].has(token.kind)
    )


def contacts_in(lines: Iterable[str]) -> list[Contact]:
    """The contacts of some paragraphs. Those of consecutive lines belong together: 联系人 on one, 电话 on the next."""
    found: list[Contact] = []
    run, unit = 0, ""
    for line in lines:
        here = contacts_of(line)
        if len(here) == 1 and run and _belongs(found[-run:], here[0]):
            found[-1] = _joined(found[-1], here[0], "\n")
            continue
        if here and unit and not here[0].unit:
            here = [_of_unit(c, unit, line) for c in here]
        found += here
        run = run + len(here) if here else 0
        unit = "" if here else _unit_line(line)
    return found


def _unit_line(line: str) -> str:
    """The body that a line names for the contacts below it, else ""."""
    name = _without_marker(line).rstrip("：: ")
    return name if ORGANISATION.fullmatch(name) and len(name) <= _LONGEST_MATTER else ""


def _of_unit(contact: Contact, unit: str, quote: str) -> Contact:
    return _joined(Contact(unit=unit), contact, "") if contact.quote in quote else contact


def _belongs(run: Sequence[Contact], line: Contact) -> bool:
    """Whether a line's details are those of the last contact, not of another, nor common to several people above."""
    last = run[-1]
    overlap = (
        (last.names and line.names)
        or (last.phones and line.phones)
        or (last.addresses and line.addresses)
        or (last.emails and (line.names or line.emails))
        or (line.unit and last.unit and line.unit != last.unit and (last.phones or last.emails))
    )
    common = (
        sum(bool(c.names or c.phones) for c in run) > 1
        and bool(last.names or last.phones)
        and not (line.names or line.phones)
    )
    same = {label for label, _ in last.details} & {label for label, _ in line.details}
    return not (overlap or common or same)


def _joined(first: Contact, second: Contact, gap: str) -> Contact:
    return Contact(
        first.names + second.names,
        first.phones + second.phones,
        first.emails + second.emails,
        first.addresses + second.addresses,
        first.websites + second.websites,
        f"{first.quote}{gap}{second.quote}",
        first.unit or second.unit,
        first.details + second.details,
    )


_NAME_COLUMN = re.compile("联系人|负责人|姓名|联络员|值班人|带班|经办人|主讲|咨询人|接待人")
_NUMBER_COLUMN = re.compile("电话|手机|联系方式|号码|热线|邮箱|邮件|传真")
_UNIT_COLUMNS = (
    re.compile("单位|部门|学院|机构|科室|处室|办公室"),
    re.compile("名称|地区|区县|县区|窗口|事项|业务|类别"),
    re.compile("地点|场所"),
)
"""Columns that say whose number it is, the surest first."""
_ADDRESS_COLUMN = re.compile("地址")


def contacts_of_table(table: Table) -> list[Contact]:
    """A contact for each row that gives a number or an e-mail address; a form counts as lines 联系人：…"""
    if len(table.header) == 2 and not any(table.header):
        pairs = [f"{row.cells[0].rstrip('：:')}：{row.cells[1]}" for row in table.rows if row.cells[1]]
        return [c for c in contacts_in(pairs) if c.phones or c.emails]
    return [c for row in table.rows if (c := _of_row(table.header, row.cells, row.text))]


def _of_row(header: Sequence[str], cells: Sequence[str], text: str) -> Contact | None:
    named = list(zip(header, cells, strict=True))
    numbers = " ".join(c for n, c in named if _NUMBER_COLUMN.search(n) or re.search("电话|手机|邮箱", c))
    emails = tuple(dict.fromkeys(EMAIL.findall(" ".join(cells))))
    phones = tuple(phone_numbers(EMAIL.sub(" ", numbers)))
    if not (phones or emails):
        return None
    people = [p for n, c in named if _NAME_COLUMN.search(n) for p in _people(c)]
    unit = next(
        (c for kind in _UNIT_COLUMNS for n, c in named if kind.search(n) and not _NUMBER_COLUMN.search(n)),
        "",
    )
    addresses = tuple(c for n, c in named if _ADDRESS_COLUMN.search(n) and c and not EMAIL.search(c))
    return Contact(tuple(people), phones, emails, addresses, (), text, re.sub(r"\s+", "", unit))


def _people(cell: str) -> list[str]:
    text = _SET_APART.sub(r"\1\2", cell)
    return [p for p in _PIECE.findall(text) if is_person(p)]
