"""From lines to paragraphs: noise is dropped, and what a page or a line break has cut is joined again."""

import re
from collections.abc import Sequence

from corpus.blocks import Block, Grid, Line
from corpus.facts import DOC_NUMBER, iso_date
from corpus.numbering import marker_of

_NOISE = re.compile(
    r"[-—–－\s]*\d{1,3}[-—–－\s]*|第\s*\d+\s*页(?:\s*[,，/]?\s*共\s*\d+\s*页)?|[（(]\s*此页无正文\s*[）)]|[（(]\s*此件(?:公开|主动公开|依申请公开)?(?:发布)?\s*[）)]|"
    r"[\s\W_]*"
)
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
        if _NOISE.fullmatch(text):
            continue
        last = kept[-1] if kept else None
        if isinstance(last, Line) and last.level is None and level is None and _is_cut(last.text, text):
            kept[-1] = Line(last.text + text)
        else:
            kept.append(Line(text, level))
    return kept


def _heading(line: Line) -> tuple[int | None, str]:
    """Level and words of a line; Markdown's # counts in plain text too, as web-to-text converters leave it."""
    text = line.text.strip().strip("\u3000").strip()
    mark = re.match(r"(#{1,6})\s+", text)
    return (len(mark[1]), text[mark.end() :].strip()) if mark else (line.level, text)


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
