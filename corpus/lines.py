"""From lines to paragraphs: page furniture is dropped, what a page or a line break has cut is joined again.

Words that are set apart to fill a line (联 系 人：, 通　知) lose their gaps; a quote is word for word, white space aside.
"""

import re
from collections.abc import Sequence

from corpus.blocks import Block, Grid, Line
from corpus.facts import DOC_NUMBER, iso_date
from corpus.numbering import marker_of

_NOISE = re.compile(
    r"[-—–－\s]*\d{1,3}[-—–－\s]*|第\s*\d+\s*页(?:\s*[,，/]?\s*共\s*\d+\s*页)?|[（(]\s*此页无正文\s*[）)]|[（(]\s*此件(?:公开|主动公开|依申请公开)?(?:发布)?\s*[）)]|"
    r"[（(]?\s*共印\s*\d+\s*份\s*[）)]?|[\s\W_]*"
)
_ABOVE_RED_HEAD = re.compile(
    r"(?:\d{6}|(?:绝密|机密|秘密|内部(?:资料|文件)?)(?:\s*★?\s*(?:长期|[\d一二三四五六七八九十]+\s*(?:年|个月)))?|特提|特急|加急|平急|急件|\s)+"
)
"""Number of the copy, secrecy, urgency (GB/T 9704-2012, 7.2.1 to 7.2.3)."""
_RED_HEAD_ZONE = 6
"""Paragraphs at the top among which they stand."""
_SPACED_LABEL = re.compile(
    r"(?:(?<=^)|(?<=[\s，；。（(]))"
    r"(?:联\s*系\s*(?:人|电\s*话|方\s*式)|负\s*责\s*人|电\s*话|手\s*机|传\s*真|邮\s*[编箱件]|地\s*[址点]|网\s*址|时\s*间|日\s*期|附\s*件|抄\s*送|主\s*题\s*词|主\s*办|承\s*办|备\s*注)"
    r"(?=\s*\d*\s*[：:])"
)
_SPACED_GENRE = re.compile(
    r"(?:通\s+知|意\s+见|方\s+案|办\s+法|公\s+告|通\s+告|通\s+报|决\s+定|规\s+定|报\s+告|公\s+示|批\s+复)$"
)
_SPACED_OUT = re.compile(r"[\u4e00-\u9fa5](?:\s+[\u4e00-\u9fa5])+")
_CLOSED = re.compile(r"[。！？!?；;：:”’』」）)】》…]\s*$")
_TITLE_ENDS = re.compile("(?:通知|意见|函|通报|公告|决定|通告|启事|邀请函)(?:[（(][^（）()]{1,12}[）)])?$")
_ADDRESSEES = re.compile("[^。；]{2,120}[：:]")
_LONGEST_HEADING = 60
_SHORTEST_BROKEN = 24
"""A line shorter than this (in characters) was ended on purpose; a longer one without a full stop was cut by its page."""


def paragraphs(blocks: Sequence[Block]) -> list[Block]:
    """The paragraphs and tables of a file in order, each line trimmed, broken paragraphs joined."""
    kept: list[Block] = []
    for block in blocks:
        if isinstance(block, Grid):
            kept.append(block)
            continue
        level, text = _heading(block)
        if _NOISE.fullmatch(text) or (len(kept) < _RED_HEAD_ZONE and _ABOVE_RED_HEAD.fullmatch(text)):
            continue
        last = kept[-1] if kept else None
        if isinstance(last, Line) and last.level is None and level is None and _is_cut(last.text, text):
            kept[-1] = Line(last.text + text)
        else:
            kept.append(Line(text, level))
    return kept


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


def _is_cut(before: str, after: str) -> bool:
    """Whether `after` goes on with the sentence that `before` leaves open."""
    if len(before) < _SHORTEST_BROKEN or _CLOSED.search(before) or marker_of(after):
        return False
    if _TITLE_ENDS.search(before) and _ADDRESSEES.fullmatch(after):
        return False
    if re.search("[，、,]$", before):
        return True
    if marker_of(before) and "。" not in before and len(before) <= _LONGEST_HEADING:
        return False
    if re.match(r"[\u4e00-\u9fa5 　]{2,10}[：:]|附件|抄送|《?关于", after) or (
        re.match(r"[“《]", before) and len(after) < 12
    ):
        return False
    return (
        not (iso_date(after) and len(after) < 20)
        and not DOC_NUMBER.fullmatch(after)
        and bool(re.search(r"[，。；、]", before + after))
    )
