"""From lines to paragraphs: page furniture is dropped, what a page or a line break has cut is joined again.

A text that was wrapped to a column shows it: a line goes on where the next word no longer fitted. Where each line
is a paragraph, only a sentence that is plainly unfinished goes on.
Words that are set apart to fill a line (联 系 人：, 通　知) lose their gaps; a quote is word for word, white space aside.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from corpus.blocks import Block, Grid, Line
from corpus.facts import DOC_NUMBER, EMAIL, WEBSITE, iso_date
from corpus.numbering import marker_of

_NOISE = re.compile(
    r"[-—–－·]+\s*\d{1,3}\s*[-—–－·]+|第\s*\d+\s*页(?:\s*[,，/]?\s*共\s*\d+\s*页)?|\d{1,3}\s*/\s*\d{1,3}|[（(]\s*此页无正文\s*[）)]|[（(]\s*此件(?:公开|主动公开|依申请公开|不予公开)?(?:发布)?\s*[）)]|"
    r"[（(]?\s*共印\s*\d+\s*份\s*[）)]?|[\s_]*|(?![）)。；，：”》])[\s\W_]*"
)
_ABOVE_RED_HEAD = re.compile(
    r"(?:\d{6}|(?:绝密|机密|秘密|内部(?:资料|文件)?)(?:\s*★?\s*(?:长期|[\d一二三四五六七八九十]+\s*(?:年|个月)))?|特提|特急|加急|平急|急件|\s)+"
)
"""Number of the copy, secrecy, urgency (GB/T 9704-2012, 7.2.1 to 7.2.3)."""
_RED_HEAD_ZONE = 6
"""Paragraphs at the top among which they stand."""
_HEAD_ZONE = 12
"""Lines at the top among which red head and title stand."""
_SHORTEST_PAGE = 8
"""Lines between two page numbers."""
_SPACED_LABEL = re.compile(
    r"(?:(?<=^)|(?<=[\s，；。（(]))"
    r"(?:联\s*系\s*(?:人|电\s*话|方\s*式)|负\s*责\s*人|电\s*话|手\s*机|传\s*真|邮\s*[编箱件]|地\s*[址点]|网\s*址|时\s*间|日\s*期|附\s*件|抄\s*送|主\s*题\s*词|主\s*办|承\s*办|备\s*注|户\s*名|账\s*[号户])"
    r"(?=\s*\d*\s*[：:])"
)
_SPACED_GENRE = re.compile(
    r"(?:通\s+知|意\s+见|方\s+案|办\s+法|公\s+告|通\s+告|通\s+报|决\s+定|规\s+定|报\s+告|公\s+示|批\s+复)$"
)
_SPACED_OUT = re.compile(r"[\u4e00-\u9fa5](?:\s+[\u4e00-\u9fa5])+")

_ENDED = re.compile(r"[。！？!?；;：:…]\s*[”’」』）)】]*\s*$")
_CLOSED = re.compile(r"[。！？!?；;：:”’』」）)】》…]\s*$")
_GOES_BEFORE = re.compile(
    r"[，、,（(《“]$|(?<=\S{4})(?:在|从|于|至|由|为|与|和|及|或|将|把|对|向|以|须|应|请)$|\d[-—–]$|(?:\d|日)\s*(?:前|后|内)$"
)
"""A line that ends so wants more: a comma, an opened bracket, a preposition."""
_GOES_AFTER = re.compile(r"[，。；：、！？）)》”’】]|中[，。；]")
"""A line that begins so belongs to what stands before it."""
_DAY = re.compile(r"[日月年时分]$")
_AFTER_DAY = re.compile(r"(?:之|以)?(?:内|前|后|起|止)")
_LABEL = re.compile(r"[\u4e00-\u9fa5 　]{2,10}[：:]")
_BEGINS_ANEW = re.compile(r"附件|抄送|《?关于|注[：:]")
_CONTACT_DETAIL = re.compile(r"[\dA-Za-z@.()（）-]{4,40}[。；]?")
_WEAK = frozenset(("spoken", "ordinal", "stage", "circle"))
"""Styles of numbering that also stand within a paragraph."""
_LONGEST_HEADING = 60
_SHORTEST_BROKEN = 24
"""Characters; where lines are paragraphs, a line shorter than this was ended on purpose."""
_ORPHAN = 12
"""Characters of the rest of a sentence that fell on a line of its own."""


def tidied(blocks: Sequence[Block]) -> list[Block]:
    """The lines and tables of a file, each line trimmed, page numbers and other furniture left out."""
    kept: list[Block] = []
    numbers = _page_numbers(blocks)
    for at, block in enumerate(blocks):
        if isinstance(block, Grid):
            kept.append(block)
            continue
        level, text = _heading(block)
        if at in numbers or _NOISE.fullmatch(text):
            continue
        if len(kept) < _RED_HEAD_ZONE and _ABOVE_RED_HEAD.fullmatch(text):
            continue
        last = kept[-1] if kept else None
        if len(kept) < _HEAD_ZONE and isinstance(last, Line) and _is_last_letter(last.text, text):
            kept[-1] = Line(last.text + text, last.level)
        else:
            kept.append(Line(text, level))
    return kept


def _is_last_letter(before: str, text: str) -> bool:
    """Whether a line is but the last character of a large heading: 关于…的通 / 知."""
    return (
        bool(re.fullmatch("[\u4e00-\u9fa5]", text))
        and len(before) >= _SHORTEST_PAGE
        and bool(re.search("[\u4e00-\u9fa5]$", before))
    )


def _page_numbers(blocks: Sequence[Block]) -> set[int]:
    """The lines that hold nothing but a page's number: these count up by one, beside an empty line or far apart."""
    bare = [
        (at, int(b.text))
        for at, b in enumerate(blocks)
        if isinstance(b, Line) and re.fullmatch(r"\s*\d{1,3}\s*", b.text)
    ]
    pairs = list(pairwise(bare))
    if any(second - first != 1 for (_, first), (_, second) in pairs):
        return set()
    far_apart = bool(pairs) and all(after - before >= _SHORTEST_PAGE for (before, _), (after, _) in pairs)
    return {at for at, _ in bare if far_apart or _is_beside_nothing(blocks, at)}


def _is_beside_nothing(blocks: Sequence[Block], at: int) -> bool:
    """Whether an empty line, or the text's beginning or end, is next to this line."""
    return any(
        not 0 <= near < len(blocks) or (isinstance(line := blocks[near], Line) and not line.text.strip())
        for near in (at - 1, at + 1)
    )


def _heading(line: Line) -> tuple[int | None, str]:
    """Level and words of a line; Markdown's # counts in plain text too, as web-to-text converters leave it."""
    text = _closed_up(line.text.strip().strip("\u3000").strip())
    mark = re.match(r"(#{1,6})\s+", text)
    return (len(mark[1]), text[mark.end() :].strip()) if mark else (line.level, text)


def _closed_up(text: str) -> str:
    """The text without the gaps within words that are set apart."""
    if _SPACED_OUT.fullmatch(text):
        return re.sub(r"\s+", "", text)
    for pattern in (_SPACED_LABEL, _SPACED_GENRE):
        text = pattern.sub(lambda m: re.sub(r"\s+", "", m[0]), text)
    return text


_NARROWEST, _WIDEST = 36, 120
"""Half-widths of a column that lines may have been wrapped to."""
_NEAR_EDGE, _HANGING = 3, 4
"""Half-widths by which a full line may fall short of the column, or run past it with its last mark."""
_INDENT = 4
"""Half-widths by which the first line of a paragraph begins further in."""
_FEWEST_FULL = 4


def column_width(blocks: Sequence[Block]) -> int:
    """The column in half-widths (a Chinese character fills two) that the lines were wrapped to; 0 where they were not.

    Many lines end at one edge and hardly any go past it, most of them in the middle of a sentence.
    """
    lines = [b.text for b in blocks if isinstance(b, Line) and b.level is None]
    widths = Counter(w for w in map(_width, lines) if w >= _NARROWEST)
    edge = max(widths, key=lambda w: (widths[w], w), default=0)
    full = [t for t in lines if edge - _NEAR_EDGE <= _width(t) <= edge + _HANGING]
    beyond = sum(n for width, n in widths.items() if width > edge + _HANGING)
    wrapped = (
        0 < edge <= _WIDEST
        and len(full) >= _FEWEST_FULL
        and len(full) * 3 >= widths.total()
        and beyond * 20 <= widths.total()
        and sum(not _ENDED.search(t) for t in full) * 5 >= len(full) * 3
    )
    return edge if wrapped else 0


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def joined(blocks: Sequence[Block], column: int) -> list[Block]:
    """The paragraphs of some lines that were wrapped to a column, or to none (0); tables stay as they are."""
    kept: list[Block] = []
    before: Line | None = None
    for at, block in enumerate(blocks):
        last = kept[-1] if kept else None
        if (
            isinstance(block, Line)
            and isinstance(last, Line)
            and before is not None
            and block.level is None
            and last.level is None
            and _goes_on(
                before.text, blocks[at : at + 2], column - _INDENT * (before is last) if column else 0
            )
        ):
            kept[-1] = Line(last.text + _gap(last.text, block.text) + block.text)
        else:
            kept.append(block)
        before = block if isinstance(block, Line) else None
    return kept


def _gap(before: str, after: str) -> str:
    """Words of Latin letters keep a space between them."""
    return " " if re.search("[A-Za-z,.]$", before) and re.match("[A-Za-z]", after) else ""


def _goes_on(before: str, following: Sequence[Block], column: int) -> bool:
    """Whether the line `before` goes on in the first of those that follow it."""
    after, *beyond = [b.text for b in following if isinstance(b, Line)]
    marker = marker_of(after)
    if marker and (marker.style not in _WEAK or not column or _CLOSED.search(before)):
        return False
    if _GOES_AFTER.match(after) or _left_open(before, after) or _is_detail(before, after):
        return True
    inside = bool(beyond and _GOES_AFTER.match(beyond[0]))
    alone = not inside and _stands_alone(after)
    if column and _is_full(before, after, column):
        return not re.search("[：:]$", before) and not (_ENDED.search(before) and alone)
    return not column and not alone and _is_unfinished(before, after + beyond[0] if inside else after)


def _stands_alone(text: str) -> bool:
    """Whether a line is a date, a document number or begins with a label: these begin anew."""
    return bool(
        (iso_date(text) and len(text) < 20)
        or DOC_NUMBER.fullmatch(text)
        or _BEGINS_ANEW.match(text)
        or _LABEL.match(text)
    )


def _left_open(before: str, after: str) -> bool:
    """Whether a bracket or quotation that is opened before is closed after."""
    return any(
        before.count(a) > before.count(b) and after.count(b) > after.count(a)
        for a, b in ("（）", "《》", "“”", "()")
    )


def _is_full(before: str, after: str, column: int) -> bool:
    """Whether the first word of `after` no longer fitted on the line before it."""
    unit = re.match(r"[A-Za-z0-9@._:/%~-]+[，。；：、）)》”]*|.[，。；：、）)》”]*", after)
    return _width(before) + _width(unit[0] if unit else "") >= column


def _is_detail(before: str, after: str) -> bool:
    """Whether a number or an address stands on the line after its label: 发送至邮箱： name@example.org。"""
    return bool(
        re.search("[，。；].*[：:]$|(?:电话|邮箱|邮编|网址)[：:]?$", before)
        and (_CONTACT_DETAIL.fullmatch(after) or EMAIL.match(after) or WEBSITE.match(after))
    )


def _is_unfinished(before: str, after: str) -> bool:
    """Whether a line of a text whose lines are paragraphs breaks off in its sentence."""
    if _GOES_BEFORE.search(before) or (_DAY.search(before) and _AFTER_DAY.match(after)):
        return True
    if _CLOSED.search(before):
        return False
    if _is_orphan(before, after):
        return True
    if len(before) < _SHORTEST_BROKEN:
        return False
    if marker_of(before) and "。" not in before and len(before) <= _LONGEST_HEADING:
        return False
    return bool(re.search("[，。；]", before) and re.search("[，。；]", after))


def _is_orphan(before: str, after: str) -> bool:
    """Whether `after` is but the last word of the sentence: … 电子扫描件不低于 / 300dpi。"""
    return (
        len(before) * 4 >= _SHORTEST_BROKEN * 3
        and bool(re.search("[，、]", before))
        and len(after) <= _ORPHAN
        and bool(re.search("[。；]$", after))
    )
