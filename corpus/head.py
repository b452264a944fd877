"""The head and foot of a notice: red head, document number, title, recipients, signature, date, copy-to.

The order is that of GB/T 9704-2012; every part of it may be missing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.blocks import Block, Grid, Line
from corpus.facts import DATE, DOC_NUMBER, ORGANISATION_ENDINGS, iso_date, plain, tidy_doc_number
from corpus.notice import UNSTATED, Fact
from corpus.numbering import marker_of

GENRES = (
    "通知|意见|方案|办法|公告|通告|通报|决定|决议|规定|规则|细则|条例|计划|规划|纲要|要点|报告|请示|批复|函|指南|指引|章程|启事|"
    "倡议书|公示|邀请函|公约|清单|标准|规程|制度|守则|须知|简章|说明|预案|措施|总结|纪要|名单|预告|公报|承诺书|答复|一览表|汇总表|安排表|安排|目录|议程|日程|任务书|申报书|申请书|推荐表|登记表|表"
)
_TITLE_END = re.compile(rf"(?:{GENRES})(?:[（(][^（）()]{{1,20}}[）)])?$")
_ORG_LINE = re.compile(rf"[\u4e00-\u9fa5（）()、 　]{{2,40}}(?:{ORGANISATION_ENDINGS}|政府|人大|政协|党校)")
_RED_HEAD = re.compile(r"(?P<org>[\u4e00-\u9fa5（）()、\s]{3,40}?)\s*文\s*件")
_ISSUED_BY = re.compile(r"^(?P<org>[\u4e00-\u9fa5（）()、 ]{2,40}?)(?=关于|印发|转发|[\s]*《)")
_PRINTED = re.compile(
    r"(?P<org>[\u4e00-\u9fa5]{4,30})?\s*(?P<date>\S*?\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日|[〇○零一二三四五六七八九]{4}年\S{2,6}日)\s*(?:印发|印)"
)
_PUBLISHED = re.compile(r"(?:发布|发文|成文|印发|公布|发送)(?:时间|日期)\s*[：:]\s*(?P<date>\S+)")
COPY_TO = re.compile(r"(?:抄\s*送|抄\s*报|主题词)\s*[：:]")
ATTACHMENT_LIST = re.compile(
    r"附\s*件?\s*[：:]\s*(?P<rest>.+)|附\s*件\s*(?P<first>[1-9一二三四五])\s*[.．、：:]\s*(?P<name>.+)"
)
ATTACHMENT_LABEL = re.compile(r"附\s*件\s*(?P<number>\d{1,2}|[一二三四五六七八九十]{1,2})?\s*(?:[：:]\s*)?")
_SPACED_OUT = re.compile(r"(?<![\u4e00-\u9fa5])(?:[\u4e00-\u9fa5][ 　]){2,}[\u4e00-\u9fa5]")
"""江 苏 省 农 学 会: letters set apart to fill the line."""
_LONGEST_TITLE_LINE = 60
_LONGEST_PRINTED = 80
"""Characters of a printing line; a longer one is prose, which the pattern would search for long."""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the body, and where the body begins (an index into the paragraphs)."""

    title: str
    doc_number: Fact
    issuer: Fact
    recipients: Fact
    date: Fact
    body_at: int


@dataclass(frozen=True, slots=True)
class Signature:
    """Issuer and date at the foot; `start` to `end` are the paragraphs they fill."""

    issuer: Fact
    date: Fact
    start: int
    end: int


def read_head(blocks: Sequence[Block]) -> Head:
    """Reads the paragraphs before the body; the first line that belongs to no head ends it."""
    title: list[str] = []
    number, recipients, red_head, org_line, published = (UNSTATED for _ in range(5))
    at = 0
    for at, block in enumerate(blocks):
        if isinstance(block, Grid):
            break
        text = block.text
        if not number.value and (found := _own_number(text)):
            number = Fact(found, text)
        elif match := _PUBLISHED.search(text):
            published = Fact(iso_date(text[match.start() :]), text) if not published.value else published
        elif re.match(
            r"签\s*发\s*人|(?:来源|作者|浏览|点击|字体|索\s*引\s*号|分\s*类|发布机构|发文机关|有效性|字号)\s*[：:]",
            text,
        ):
            org_line = (
                Fact(text.split("：")[-1].strip(), text) if re.match("发布机构|发文机关", text) else org_line
            )
        elif not title and (match := _RED_HEAD.fullmatch(text)):
            red_head = Fact(plain(match["org"]), text)
        elif not title and _ORG_LINE.fullmatch(text) and not _TITLE_END.search(text):
            org_line = org_line if org_line.value else Fact(plain(text), text)
        elif is_recipients(text):
            recipients = Fact(text.rstrip("：: "), text)
            at += 1
            break
        elif title_is_complete(title) or not _may_be_title(block):
            break
        else:
            title.append(text)
    else:
        at = len(blocks)
    joined = join_title(title)
    by = _ISSUED_BY.match(joined)
    named = Fact(plain(by["org"]), joined) if by and _ORG_LINE.fullmatch(by["org"].strip()) else UNSTATED
    issuer = next((f for f in (red_head, org_line, named) if f.value), UNSTATED)
    return Head(joined, number, issuer, recipients, published, at)


def _own_number(text: str) -> str:
    """The notice's own number: it stands alone on its line, or nearly so."""
    match = DOC_NUMBER.search(text)
    if (
        match
        and len(plain(text)) - len(plain(match[0])) <= 12
        and "《" not in text
        and not re.search("根据|按照|号[）)]", text)
    ):
        return tidy_doc_number(match[0])
    match = re.fullmatch(r"\s*(?:[（(]\s*)?((?:(?:19|20)\d{2}\s*年\s*)?第\s*\d+\s*号)(?:\s*[）)])?\s*", text)
    return plain(match[1]) if match else ""


def is_recipients(text: str) -> bool:
    """各区县科协，各市级学会： and the like: a list of addressees that ends in a colon."""
    if not re.search(r"[：:]\s*$", text) or marker_of(text) or "。" in text:
        return False
    return bool(
        re.match(r"各|尊敬的|全[市省县区校院体]|市|省|县|区|有关|机关|广大|局|本|“|亲爱的", text)
        or re.search(
            rf"(?:{ORGANISATION_ENDINGS}|单位|部门|政府|同志|会员|老师|同学|家长|居民|朋友|委员|工作者)[^，。]{{0,12}}[：:]\s*$",
            text,
        )
    )


def _may_be_title(block: Line) -> bool:
    text = block.text
    if len(text) > _LONGEST_TITLE_LINE or re.search(r"[。；]", text) or re.search(r"[：:，,]$", text):
        return False
    if re.match(r"[\u4e00-\u9fa5 　]{2,8}[：:]", text) or COPY_TO.match(text) or DATE.fullmatch(text):
        return False
    return marker_of(text) is None


def title_is_complete(lines: Sequence[str]) -> bool:
    """Whether these lines make a whole title: they end in a genre (通知, 方案 …) and every 《 and “ is closed."""
    text = "".join(lines)
    return (
        bool(_TITLE_END.search(text.rstrip()))
        and text.count("《") == text.count("》")
        and text.count("“") == text.count("”")
    )


def join_title(lines: Sequence[str]) -> str:
    """One line, without the gaps that only centre or break it."""
    joined = re.sub(r"(?<=[\u4e00-\u9fa5])[ 　]{2,}(?=[\u4e00-\u9fa5])", "", "".join(lines)).strip()
    return _SPACED_OUT.sub(lambda m: re.sub(r"\s", "", m[0]), joined)


def find_signature(blocks: Sequence[Block], start: int) -> Signature | None:
    """The first date that stands alone after `start`, with the organisations on the lines above it."""
    for at in range(start, len(blocks)):
        block = blocks[at]
        if isinstance(block, Grid):
            continue
        text = block.text
        if len(text) > 60 or re.search("[，。；]", text) or marker_of(text):
            continue
        match = re.fullmatch(rf"(?P<org>[\u4e00-\u9fa5（）()、\s]*?)\s*(?:{DATE.pattern})\s*", text)
        if not match:
            continue
        orgs, first = _signers(blocks, at, start)
        if match["org"].strip():
            orgs = [match["org"].strip(), *orgs]
        quote = "\n".join(b.text for b in blocks[first : at + 1] if isinstance(b, Line))
        issuer = Fact("、".join(dict.fromkeys(plain(o) for o in orgs)), quote) if orgs else UNSTATED
        return Signature(issuer, Fact(iso_date(text), quote), first, at + 1)
    return None


def _signers(blocks: Sequence[Block], at: int, start: int) -> tuple[list[str], int]:
    orgs: list[str] = []
    while at - 1 >= start:
        block = blocks[at - 1]
        if (
            isinstance(block, Grid)
            or len(block.text) > 60
            or not _ORG_LINE.fullmatch(block.text)
            or marker_of(block.text)
        ):
            break
        orgs[:0] = re.split(r"\s{2,}|　{2,}", block.text.strip())
        at -= 1
    return orgs, at


def read_printed(text: str) -> tuple[str, str] | None:
    """重庆市…办公室  2024年3月1日印发 → (重庆市…办公室, 2024-03-01)."""
    match = _PRINTED.search(text) if len(text) < _LONGEST_PRINTED else None
    return (match["org"] or "", iso_date(match["date"])) if match else None
