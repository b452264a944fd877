"""How official texts number their divisions: 一、 （一） 1. (1) ① 第一章 第一条 专栏1 一要 第一，.

GB/T 9704-2012, 7.3.3 orders the first four; the rest is what is found. Which style lies below which is not
fixed here: the tree learns it from the order in which the styles appear.
"""

import re
from dataclasses import dataclass

_CN = "[一二三四五六七八九十百零〇两]"

_STYLES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("chapter", re.compile(rf"(第\s*{_CN}+\s*[编章篇部](?:分)?)(?=[\s　：:]|[\u4e00-\u9fa5])")),
    ("part", re.compile(rf"(第\s*{_CN}+\s*节)(?=[\s　：:]|[\u4e00-\u9fa5])")),
    ("article", re.compile(rf"(第\s*(?:{_CN}+|\d+)\s*条)(?=[\s　：:]|[\u4e00-\u9fa5])")),
    ("box", re.compile(r"(专栏\s*(?:\d+|[一二三四五六七八九十]+))\s*[：:、]?")),
    ("cn", re.compile(rf"({_CN}{{1,3}}\s*[、．.])(?!\d)")),
    ("cn_paren", re.compile(rf"([（(]\s*{_CN}{{1,3}}\s*[）)])[、.．]?")),
    ("deep", re.compile(r"(\d{1,2}(?:[.．]\d{1,2}){1,3})[.．、\s]\s*(?=[\u4e00-\u9fa5“《])")),
    ("num", re.compile(r"(\d{1,3}\s*[.．、])(?!\s*\d(?!\d?月|(?<=[12])\d{3}\s*(?:年|[-—–]\d{4})))")),
    ("num_paren", re.compile(r"([（(]\s*\d{1,3}\s*[）)]|\d{1,3}\s*[）)])[、.．]?")),
    ("circle", re.compile(r"([①-⑳])[、.．]?")),
    ("stage", re.compile(rf"(第{_CN}(?:阶段|步|批|轮|类|期))(?=[：:（(，重为是主])")),
    ("ordinal", re.compile(rf"(第{_CN}+[，,、])")),
    ("spoken", re.compile(rf"({_CN}(?:要|是))(?=[\u4e00-\u9fa5“])")),
    ("dash", re.compile(r"(——|--)(?=\s*[\u4e00-\u9fa5“])")),
)


@dataclass(frozen=True, slots=True)
class Marker:
    """`style` names the numbering style, `number` the marker without white space, `rest` what follows it."""

    style: str
    number: str
    rest: str


def marker_of(text: str) -> Marker | None:
    """The numbering at the start of a paragraph, or None."""
    text = text.strip()
    for style, pattern in _STYLES:
        match = pattern.match(text)
        if match:
            number = re.sub(r"\s+", "", match[1])
            return Marker(style, number, text[match.end() :].strip(" 　：:"))
    return None


def is_first(marker: Marker) -> bool:
    """Whether a marker begins its series: 一、 （1） ① 第一条."""
    return bool(re.fullmatch(r"[（(第]?\s*(?:1|１|一|①)\D*", marker.number))
