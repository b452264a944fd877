"""The head of a notice: red head, document number, title, recipients, and what a page puts around them.

The order is that of GB/T 9704-2012; every part of it may be missing, and a web page's own lines may stand between.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from corpus import catalogue
from corpus.blocks import Block, Grid, Line
from corpus.bodies import bodies_in, dated_line, is_body
from corpus.facts import DATE, DOC_NUMBER, ORGANISATION_ENDINGS, iso_date, plain, tidy_doc_number
from corpus.notice import UNSTATED, Fact
from corpus.numbering import marker_of

_STRONG_GENRES = (
    "通知|意见|方案|办法|公告|通告|通报|决定|决议|规定|规则|细则|条例|规划|纲要|要点|报告|请示|批复|函|章程|启事|"
    "倡议书|公示|公示表|邀请函|公约|规程|须知|简章|说明|预案|纪要|公报|承诺书|答复|命令|令|电报|复函|通知书|预通知|公开信|告知书|实施意见"
)
_WEAK_GENRES = "计划|指南|指引|清单|标准|制度|守则|措施|总结|名单|预告|一览表|汇总表|安排表|安排|目录|议程|日程|任务书|申报书|申请书|推荐表|登记表|报名表|表|提示|通稿|解读"
GENRES = f"{_STRONG_GENRES}|{_WEAK_GENRES}"
_IN_BRACKETS = r"(?:\s*[（(〔][^（）()]{1,24}[）)〕])*"
_TITLE_END = re.compile(rf"(?:{GENRES}){_IN_BRACKETS}$")
_STRONG_END = re.compile(rf"(?:{_STRONG_GENRES}){_IN_BRACKETS}$")
_RED_HEAD = re.compile(r"(?P<org>[\u4e00-\u9fa5（）()、\s]{3,40}?)\s*文\s*件")
_ISSUED_BY = re.compile(r"(?P<org>[\u4e00-\u9fa5（）()、 ]{2,40}?)(?=关于|印发|转发|[\s]*《|令$)")
_HELD_BY = re.compile(
    r"(?P<org>[\u4e00-\u9fa5]{2,20}?(?:大学|学院|学校|中学|小学|协会|学会|科协|委员会|局|馆|中心|医院|研究院|公司))(?=(?:19|20)\d{2}|第|[诚公]?[聘招]|“)"
)
_NUMBERED_TITLE = re.compile(
    rf"(?P<number>{DOC_NUMBER.pattern}|[（(]\d{{5,8}}[）)])\s*[：:、 　]?\s*(?=\S*关于|\S+{_TITLE_END.pattern})"
)
_ORDER_NUMBER = re.compile(
    r"[（(]?\s*(?P<number>(?:[\u4e00-\u9fa5]{2,20}令\s*)?(?:(?:19|20)\d{2}\s*年\s*)?第\s*[\d一二三四五六七八九十百]+\s*号(?:令)?|[〔﹝\[［（(]\s*(?:19|20)\d{2}\s*[〕﹞\]］）)]\s*(?:[\u4e00-\u9fa5]{1,8}字\s*)?第?\s*\d{1,4}\s*号)\s*[）)]?"
)
"""2025年第3号, 第3号令, 〔2025〕7号, （2025）校字第8号: numbers without the issuer's short name before them."""
_ADOPTED = re.compile(
    r"[（(]?\s*(?P<day>(?:19|20)\d{2}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日)\s*(?:经)?\s*(?P<org>[\u4e00-\u9fa5]{4,30}?(?:委员会|代表大会(?!常务)|常委会|全会|会议))?.{0,60}?(?:通过|修订|修正|批准|发布|公布|施行)[^。]{0,40}[）)]?"
)
"""1996年11月30日 某省人民代表大会常务委员会第二十三次会议通过: the note below the title of a regulation."""
_RESOLVED = re.compile("通过|修订|修正|批准")
_NAVIGATION = re.compile(
    r"(?:您|你)?(?:现在|当前|所在)的?位置.*|\S{2,24}(?:\s*(?:>|＞|»|›|→)+\s*\S{2,24}){1,6}\s*(?:>|＞|»|›)?|首页(?:[\s|｜]+\S{2,8})+"
)
_FRAME = re.compile(
    r"(?:大\s*中\s*小|【?(?:打印|关闭|收藏|返回|分享|下载|纠错)[^，。]{0,12}|繁體|简体|繁体|无障碍|长者模式|关怀版|微信|微博|QQ空间|ENGLISH|[xX×+↺-])+"
)
COPY_TO = re.compile(r"(?:抄\s*送|抄\s*报|分\s*送|发\s*送|主\s*题\s*词)\s*[：:]")
_PRINTED = re.compile(
    r"(?P<org>[\u4e00-\u9fa5]{4,30})?\s*(?P<date>\S*?\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日|[〇○零一二三四五六七八九]{4}年\S{2,6}日)\s*(?:印发|印制|印)"
)
_SPACED_OUT = re.compile(r"(?<![\u4e00-\u9fa5])(?:[\u4e00-\u9fa5][ 　]){2,}[\u4e00-\u9fa5]")
"""江 苏 省 农 学 会: letters set apart to fill the line."""
_LONGEST_TITLE_LINE = 60
_MOST_TITLE_LINES = 5
_MOST_RECIPIENT_LINES = 6
_LONGEST_PRINTED = 80
"""Characters of a printing line; a longer one is prose, which the pattern would search for long."""
_MOST_ADOPTED = 5
_ZONE = 40
"""Lines at the top among which a head stands."""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the body, and where the body begins (an index into the lines).

    `date` is the day it was made, `published` the day it was put out, `source` who put it out; `issuer` may be several.
    """

    title: str
    doc_number: Fact
    issuer: Fact
    recipients: Fact
    date: Fact
    published: Fact
    source: Fact
    effective: Fact
    expires: Fact
    body_at: int


@dataclass(slots=True)
class _Found:
    """What has been read of a head so far."""

    titles: list[list[Line]] = field(default_factory=list)
    number: Fact = UNSTATED
    recipients: Fact = UNSTATED
    red_heads: list[Fact] = field(default_factory=list)
    org_lines: list[Fact] = field(default_factory=list)
    dated: Fact = UNSTATED
    adopted: list[tuple[Fact, Fact]] = field(default_factory=list)
    catalogue: dict[str, Fact] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return join_title([line.text for line in max(self.titles, key=_weight)]) if self.titles else ""

    @property
    def titled(self) -> bool:
        """Whether there is a title that needs no better one."""
        return any(_weight(lines) >= _SURE for lines in self.titles)


def _weight(lines: Sequence[Line]) -> int:
    """How much some lines look like the title: the first heading of a page, a genre at the end, 关于."""
    text = join_title([line.text for line in lines])
    return (
        3 * any(line.level in (1, 2) for line in lines)
        + 2 * title_is_complete([text])
        + ("关于" in text)
        + (len(text) > 6)
    )


_SURE = 3


def read_head(blocks: Sequence[Block]) -> Head:
    """Reads the lines before the body; the first that belongs to no head ends it."""
    found = _Found()
    at = 0
    while at < min(len(blocks), _ZONE):
        taken = _take(found, blocks, at)
        if not taken:
            break
        at += taken
        if found.recipients.value:
            break
    found.adopted = [
        a for b in blocks[at : at + _MOST_ADOPTED] if isinstance(b, Line) and (a := _adopted(b.text))
    ]
    number, title = _number_in(found.title)
    if not found.number.value and number:
        found.number = Fact(number, found.title)
    by = _issuer(found, title)
    last = max(found.adopted, key=lambda a: a[0].value)[0] if found.adopted else UNSTATED
    said = found.catalogue
    return Head(
        title=title or said.get("title", UNSTATED).value,
        doc_number=found.number if found.number.value else said.get("number", UNSTATED),
        issuer=by if by.value else said.get("issuer", UNSTATED),
        recipients=found.recipients,
        date=next((f for f in (said.get("issued", UNSTATED), last) if f.value), UNSTATED),
        published=said.get("published", found.dated),
        source=said.get("source", UNSTATED),
        effective=said.get("effective", UNSTATED),
        expires=said.get("expires", UNSTATED),
        body_at=at,
    )


def _take(found: _Found, blocks: Sequence[Block], at: int) -> int:
    """Reads what stands at `at` into `found`; how many lines that were, 0 if they belong to no head."""
    block = blocks[at]
    if listed := catalogue.entries(block):
        _note(found, listed)
        return 1
    if isinstance(block, Grid):
        return 0
    text = block.text
    if (
        block.level is None
        and (_NAVIGATION.fullmatch(text) or _FRAME.fullmatch(text))
        and not found.recipients.value
    ):
        return 1
    if re.match(r"签\s*发\s*人\s*[：:]", text):
        return 1
    if _take_number(found, text) or _take_bodies(found, blocks, at) or _take_day(found, text):
        return 1
    if lines := _recipients(blocks, at):
        found.recipients = Fact("".join(lines).rstrip("：: "), "".join(lines))
        return len(lines)
    if found.titles and plain(text) in plain(found.title) and (len(text) > 4 or _TITLE_END.search(text)):
        return 1
    if not found.titled and (lines_of_title := _title(blocks, at)):
        found.titles.append(lines_of_title)
        return len(lines_of_title)
    return 0


def _note(found: _Found, listed: Sequence[catalogue.Entry]) -> None:
    for entry in listed:
        value = entry.value
        if entry.kind in ("issued", "published", "effective", "expires"):
            value = replace(value, value=iso_date(value.value))
        elif entry.kind == "number":
            number = DOC_NUMBER.search(value.value) or _ORDER_NUMBER.search(value.value)
            value = replace(value, value=tidy_doc_number(number[0]) if number else "")
        if value.value:
            found.catalogue.setdefault(entry.kind, value)


def _take_number(found: _Found, text: str) -> bool:
    number = own_number(text)
    if number and not found.number.value:
        found.number = Fact(number, text)
    return bool(number) and number == found.number.value


def _take_bodies(found: _Found, blocks: Sequence[Block], at: int) -> bool:
    """The issuers above the title: 某市科学技术协会文件, or on lines of their own with 文件 beside them."""
    text = _text(blocks, at)
    if found.titled:
        return False
    if match := _RED_HEAD.fullmatch(text):
        found.red_heads.append(Fact(plain(match["org"]), text))
    elif is_body(text) and not _TITLE_END.search(text) and (not found.titles or _title_follows(blocks, at)):
        found.org_lines.append(Fact("、".join(bodies_in(text)), text))
    else:
        return plain(text) == "文件"
    return True


def _title_follows(blocks: Sequence[Block], at: int) -> bool:
    return any(title_is_complete([_text(blocks, near)]) for near in range(at + 1, at + 4))


def _text(blocks: Sequence[Block], at: int) -> str:
    block = blocks[at] if at < len(blocks) else None
    return block.text if isinstance(block, Line) else ""


def _take_day(found: _Found, text: str) -> bool:
    """A date below the title, alone, in brackets, or beside the body that issues minutes and bulletins."""
    day, body = dated_line(re.sub(r"^\s*[（(]|[）)]\s*$|\s+\d{1,2}:\d{2}(?::\d{2})?\s*$", "", text))
    if not day or day[0] == "-" or not found.titles or found.dated.value:
        return False
    found.dated = Fact(day, text)
    if body:
        found.org_lines.append(Fact("、".join(bodies_in(body)), text))
    return True


def _adopted(text: str) -> tuple[Fact, Fact] | None:
    match = _ADOPTED.fullmatch(text)
    if not match or len(text) > 160:
        return None
    days = [d for part in _RESOLVED.split(text)[:-1] if (d := iso_date(part))]
    return Fact(max(days, default=iso_date(match["day"])), text), Fact(match["org"] or "", text)


def _issuer(found: _Found, title: str) -> Fact:
    """Red heads and the bodies above the title, else the body that the title begins with."""
    above = [*found.org_lines, *found.red_heads] if found.red_heads else found.org_lines[:1]
    if above:
        return Fact("、".join(dict.fromkeys(f.value for f in above)), "\n".join(f.quote for f in above))
    by = _ISSUED_BY.match(title) or _HELD_BY.match(title)
    if by and is_body(by["org"].strip()):
        return Fact("、".join(bodies_in(by["org"])), title)
    return next((org for _, org in found.adopted if org.value), UNSTATED)


def own_number(text: str) -> str:
    """The notice's own number: it stands alone on its line, or nearly so."""
    match = DOC_NUMBER.search(text)
    if (
        match
        and len(plain(text)) - len(plain(match[0])) <= 12
        and "《" not in text
        and not re.search("根据|按照|关于|号[）)]|[，。；]", text)
    ):
        return tidy_doc_number(match[0])
    match = _ORDER_NUMBER.fullmatch(text)
    return tidy_doc_number(match["number"]) if match else ""


def _number_in(title: str) -> tuple[str, str]:
    """The number that a page has put before the title, and the title without it."""
    match = _NUMBERED_TITLE.match(title)
    if not match:
        return "", title
    number = tidy_doc_number(match["number"]) if DOC_NUMBER.search(match["number"]) else ""
    return number, title[match.end() :].strip()


def _recipients(blocks: Sequence[Block], at: int) -> list[str]:
    """The lines of a list of addressees that ends in a colon; it may be wrapped."""
    lines: list[str] = []
    for block in blocks[at : at + _MOST_RECIPIENT_LINES]:
        if not isinstance(block, Line) or re.search("[。；]", block.text) or marker_of(block.text):
            break
        lines.append(block.text)
        if re.search(r"[：:]\s*$", block.text):
            return lines if is_recipients("".join(lines)) else []
        if not re.search("[，、]", block.text):
            break
    return []


_ADDRESSEE = re.compile(
    rf"(?P<body>{ORGANISATION_ENDINGS}|单位|部门|政府|团体|机构|支部|分会|学生会|镇|乡|街道|市|县|区|省|系|班级)(?:[（(][^（）()]{{0,16}}[）)])?[：:]\s*$"
    r"|(?P<people>同志|会员|师生|老师|教师|同学|学生|家长|居民|市民|朋友|委员|工作者|企业|代表|用户|读者|观众|考生|选手|职工|员工|伙伴|同仁|团队|村民|业主|人员)们?[：:]\s*$"
)


def is_recipients(text: str) -> bool:
    """各区县科协，各市级学会： and the like: a list of addressees that ends in a colon."""
    if (
        not re.search(r"[：:]\s*$", text)
        or marker_of(text)
        or re.search("[。；]|[：:].|如下|下列|以下", text.strip())
    ):
        return False
    if re.match("尊敬的|亲爱的|您好", text):
        return True
    named = _ADDRESSEE.search(text)
    addressed = re.match("各|全[市省县区校院体]|有关|相关|广大|共青团", text)
    if text.startswith("各") and not re.search("[要应须请将可会为是]|分别|标准|条件|要求", text):
        return True
    return bool(named and (addressed or named["people"] or len(named["body"]) > 1))


def _title(blocks: Sequence[Block], at: int) -> list[Line]:
    """The lines of a title that begins at `at`: as few as make a whole one, else the first alone; none if it is no title."""
    lines: list[Line] = []
    for block in blocks[at : at + _MOST_TITLE_LINES]:
        if not isinstance(block, Line) or not _may_be_title(block) or catalogue.entries(block):
            break
        if lines and (block.level != lines[0].level or _begins_title(lines, block)):
            break
        lines.append(block)
        if title_is_complete([x.text for x in lines]) and not _title_goes_on(blocks, at + len(lines)):
            return lines
    return lines[: _unbalanced(lines)]


def _begins_title(above: Sequence[Line], line: Line) -> bool:
    """Whether a title begins here, so that what stands above is none of it."""
    said = any("关于" in x.text for x in above)
    return not said and (
        line.text.startswith("关于") or ("关于" in line.text and title_is_complete([line.text]))
    )


def _title_goes_on(blocks: Sequence[Block], at: int) -> bool:
    """Whether the next line can't but belong to the title: 的通知, （试行）."""
    block = blocks[at] if at < len(blocks) else None
    return isinstance(block, Line) and bool(
        re.match(rf"的\S*(?:{GENRES})|[（(〔][^（）()]{{1,20}}[）)〕]$", block.text)
    )


def _unbalanced(lines: Sequence[Line]) -> int:
    """How many lines of a title without a genre belong together: those with an open quotation, else one."""
    count = 1
    while count < len(lines) and not _is_balanced("".join(x.text for x in lines[:count])):
        count += 1
    return count


def _may_be_title(block: Line) -> bool:
    text = block.text
    if len(text) > _LONGEST_TITLE_LINE or re.search(r"[。；]", text) or re.search(r"[：:，,、]$", text):
        return False
    if re.match(r"[\u4e00-\u9fa5 　]{2,8}[：:]", text) and not _TITLE_END.search(text):
        return False
    if COPY_TO.match(text) or DATE.fullmatch(text) or _ADOPTED.fullmatch(text):
        return False
    if text.count("，") and re.match("为|根据|按照|依据|经|现将|我|本|各|近日|近年|今年|随着|自|在", text):
        return False
    return marker_of(text) is None and bool(re.search("[\u4e00-\u9fa5]", text))


def title_is_complete(lines: Sequence[str]) -> bool:
    """Whether these lines make a whole title: they end in a genre (通知, 方案 …) and every 《 and “ is closed.

    One that begins with 关于 ends in a genre of documents: 关于…工作安排 goes on to 的通知.
    """
    text = "".join(lines).rstrip()
    end = _STRONG_END if text.startswith("关于") else _TITLE_END
    return bool(end.search(text)) and _is_balanced(text)


def _is_balanced(text: str) -> bool:
    return text.count("《") == text.count("》") and text.count("“") == text.count("”")


def join_title(lines: Sequence[str]) -> str:
    """One line, without the gaps that only centre or break it."""
    joined = re.sub(r"(?<=[\u4e00-\u9fa5])[ 　]{2,}(?=[\u4e00-\u9fa5])", "", "".join(lines)).strip()
    return _SPACED_OUT.sub(lambda m: re.sub(r"\s", "", m[0]), joined)


def read_printed(text: str) -> tuple[str, str] | None:
    """重庆市…办公室  2024年3月1日印发 → (重庆市…办公室, 2024-03-01)."""
    match = _PRINTED.search(text) if len(text) < _LONGEST_PRINTED else None
    return (match["org"] or "", iso_date(match["date"])) if match else None
