"""The foot of a notice: who signed it and when (GB/T 9704-2012, 7.3.5), alone or several bodies on lines or side by side."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.blocks import Block, Line
from corpus.bodies import bodies_in, dated_line, is_body
from corpus.notice import UNSTATED, Fact
from corpus.numbering import marker_of

_FOR_ANOTHER = re.compile(r"[（(][\u4e00-\u9fa5]{2,40}(?:代章|代)[）)]|[（(](?:盖章|印章|公章)[）)]")
_LONGEST_LINE = 60


@dataclass(frozen=True, slots=True)
class Signature:
    """Issuer and date at the foot; `start` to `end` are the lines they fill. A day without its year is "-01-26"."""

    issuer: Fact
    date: Fact
    start: int
    end: int


def find_signature(blocks: Sequence[Block], start: int, end: int) -> Signature | None:
    """The first date between `start` and `end` below the bodies that sign; else the last that stands alone."""
    alone: Signature | None = None
    for at in range(start, end):
        block = blocks[at]
        if not isinstance(block, Line) or block.level is not None:
            continue
        day, body = dated_line(block.text)
        if not day:
            continue
        signers, first = _signers(blocks, at, start)
        signers += bodies_in(body) if body else []
        quote = "\n".join(b.text for b in blocks[first : at + 1] if isinstance(b, Line))
        if signers:
            return Signature(Fact("、".join(dict.fromkeys(signers)), quote), Fact(day, quote), first, at + 1)
        if day[0] != "-" and not _is_value(blocks, at, start):
            alone = Signature(UNSTATED, Fact(day, quote), at, at + 1)
    return alone


def _is_value(blocks: Sequence[Block], at: int, start: int) -> bool:
    """Whether a date that stands alone is what a heading or label above it asks for."""
    above = blocks[at - 1] if at > start else None
    return isinstance(above, Line) and (
        above.level is not None
        or bool(marker_of(above.text) and not re.search("[。；]$", above.text))
        or bool(re.search("[：:]$|(?:时间|日期)$", above.text))
    )


def _signers(blocks: Sequence[Block], at: int, start: int) -> tuple[list[str], int]:
    """The bodies on the lines above a date, and where these begin."""
    signers: list[str] = []
    first = at
    while first > start:
        block = blocks[first - 1]
        if not isinstance(block, Line) or block.level is not None or len(block.text) > _LONGEST_LINE:
            break
        if not _FOR_ANOTHER.fullmatch(block.text):
            if not (is_body(block.text) or _signs(blocks, first - 1, at, start)):
                break
            signers[:0] = bodies_in(block.text)
        first -= 1
    return (signers, first) if signers else ([], at)


def _signs(blocks: Sequence[Block], above: int, at: int, start: int) -> bool:
    """Whether a line signs though its name has no usual ending: it stands by the date, after a finished sentence."""
    line, before = blocks[above], blocks[above - 1] if above > start else None
    return (
        above == at - 1
        and isinstance(line, Line)
        and bool(re.fullmatch(r"[\u4e00-\u9fa5（）()“”·]{4,30}", line.text))
        and not re.match("特此|此致|敬礼|附|以上|[（(]", line.text)
        and isinstance(before, Line)
        and bool(re.search(r"[。！；]\s*$|^特此|^附件", before.text))
    )
