"""Where one document ends and the next begins: the notice itself, what it issues or forwards, each attachment.

A further document begins after the signature, or at a line that reads 附件2; what a page shows below the text is none.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile

from corpus import catalogue
from corpus.blocks import Block, Grid, Line
from corpus.contacts import contact_of
from corpus.facts import DOC_NUMBER, iso_date, plain, tidy_doc_number
from corpus.head import COPY_TO, GENRES, Head, join_title, read_head, read_printed, title_is_complete
from corpus.notice import Fact
from corpus.numbering import marker_of
from corpus.readers.site import is_of_the_site
from corpus.signature import Signature, find_signature

_LABEL = re.compile(
    r"(?P<label>附\s*(?:[件表录]\s*(?:\d{1,2}|[一二三四五六七八九十]{1,2})?|\d{1,2}))\s*(?:[：:]\s*|(?=[\s《“\u4e00-\u9fa5]|$))|(?P<bare>附)\s*[：:]\s*"
)
_LIST = re.compile(r"附\s*[件表]?\s*(?:[：:]\s*|(?=[1-9一二三四五]\s*[.．、：:]))(?P<names>.*)")
_NUMBER = re.compile(r"\s*(?:\d{1,2}|[一二三四五])\s*[.．、：:]\s*")
_LONGEST_NAME = 80
_LONGEST_TITLE = 60
_MOST_TITLE_LINES = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """A document of the file: its label (附件2, or ""), its head, the lines of its text, its signature."""

    label: str
    head: Head
    blocks: tuple[Block, ...]
    signature: Signature | None


@dataclass(frozen=True, slots=True)
class Outline:
    """The documents of a file, the first one's list of attachments, and the lines below its signature that are no text."""

    pieces: tuple[Piece, ...]
    attachments: tuple[str, ...]
    foot: tuple[Block, ...]


def outline(blocks: Sequence[Block]) -> Outline:
    """Parts the lines of a file."""
    last = next((n for n in range(len(blocks), 0, -1) if not _is_of_the_page(blocks[n - 1])), 0)
    below, blocks = blocks[last:], blocks[:last]
    top = read_head(blocks)
    start = top.body_at
    alone = next((at for at in range(start, len(blocks)) if _is_label_alone(blocks, at)), len(blocks))
    sign = find_signature(blocks, start, alone)
    end = sign.end if sign else next(iter(_cuts(blocks, start)), len(blocks))
    cuts = _cuts(blocks, end)
    foot = blocks[end : cuts[0] if cuts else len(blocks)]
    if foot and _is_document(foot):
        cuts, foot = [end, *cuts], []
    number, text = _without_number(blocks[start : sign.start if sign else end], top.doc_number)
    text, names = _without_list([*text, *filter(_belongs, takewhile(_is_above_the_frame, foot))])
    foot = [*foot, *below]
    pieces = [Piece("", replace(_with_day(top, foot), doc_number=number), tuple(text), sign)]
    pieces += [_piece(blocks[a:b], names) for a, b in pairwise([*cuts, len(blocks)])]
    names += [name for b in foot for name in catalogue.file_names(b)]
    return Outline(tuple(pieces), tuple(names), tuple(foot))


def _is_of_the_page(block: Block) -> bool:
    """Whether a line below the text is what the page puts there: 发布时间：…, 上一条：…, the name of a file."""
    return isinstance(block, Line) and bool(
        catalogue.entries(block) or catalogue.file_names(block) or is_of_the_site(block.text)
    )


def _is_above_the_frame(block: Block) -> bool:
    """Whether a line stands before the first one of the page's own frame, below which nothing is the notice's."""
    return not (isinstance(block, Line) and is_of_the_site(block.text))


def _without_number(blocks: Sequence[Block], number: Fact) -> tuple[Fact, list[Block]]:
    """The notice's number, where a page break has put its line into the text, and the text without that line."""
    alone = [b for b in blocks if isinstance(b, Line) and DOC_NUMBER.fullmatch(b.text)]
    if not number.value and alone:
        number = Fact(tidy_doc_number(alone[0].text), alone[0].text)
    own = [b for b in alone if tidy_doc_number(b.text) == number.value]
    return number, [b for b in blocks if b not in own]


def _with_day(top: Head, foot: Sequence[Block]) -> Head:
    """The head, with the day of publication from the lines below the text, where it has none itself."""
    days = (iso_date(e.value.value) for b in foot for e in catalogue.entries(b) if e.kind == "published")
    day = next((d for d in days if d), "")
    return top if top.published.value or not day else replace(top, published=Fact(day, day))


def _text(blocks: Sequence[Block], at: int) -> str:
    block = blocks[at] if 0 <= at < len(blocks) else None
    return block.text if isinstance(block, Line) else ""


def _is_label_alone(blocks: Sequence[Block], at: int) -> bool:
    """Whether a line is nothing but 附件, 附件2 and no list of names follows it."""
    match = _LABEL.fullmatch(_text(blocks, at))
    return bool(match) and not _is_list(blocks, at + 1)


def _is_list(blocks: Sequence[Block], at: int) -> bool:
    """Whether names of attachments stand here, numbered and short, with the notice's foot or nothing below them."""
    first = at
    while (mark := marker_of(_text(blocks, at))) and mark.style == "num" and _is_name(_text(blocks, at)):
        at += 1
    if at == first or at == len(blocks):
        return at > first
    return (
        bool(catalogue.entries(blocks[at]))
        or find_signature(blocks, at, min(at + 4, len(blocks))) is not None
    )


def _is_name(text: str) -> bool:
    return len(text) <= _LONGEST_NAME and not re.search("[。；]", text)


def _cuts(blocks: Sequence[Block], start: int) -> list[int]:
    """The lines after the notice's own text at which an attachment begins."""
    return [at for at in range(start, len(blocks)) if _is_label(blocks, at)]


def _is_label(blocks: Sequence[Block], at: int) -> bool:
    text = _text(blocks, at)
    match = _LABEL.match(text)
    if not match or len(text) > _LONGEST_TITLE or re.search("[。；，]", text) or contact_of(text):
        return False
    if match.end() == len(text):
        return not _is_list(blocks, at + 1)
    return not _is_name_only(blocks, at) or match["label"] not in (None, "附件")


def _is_name_only(blocks: Sequence[Block], at: int) -> bool:
    """Whether 附件：… names an attachment of which nothing stands here."""
    below = _text(blocks, at + 1)
    return (
        at + 1 == len(blocks)
        or bool(_LABEL.match(below))
        or (marker_of(below) is not None and _is_list(blocks, at + 1))
    )


def _is_document(blocks: Sequence[Block]) -> bool:
    """Whether lines below the signature are a document of their own: a table, a title with text, or prose."""
    if any(isinstance(b, Grid) for b in blocks):
        return True
    texts = [b.text for b in blocks if isinstance(b, Line)]
    whole = any(title_is_complete(texts[:n]) for n in range(1, 5)) and not texts[0].endswith("：")
    prose = sum("。" in t and not contact_of(t) and not catalogue.entries(Line(t)) for t in texts)
    return (whole and len(texts) > 2) or prose > 1


def _belongs(block: Block) -> bool:
    """Whether a line below the signature is of the notice: whom to ask, a remark; and not of the page around it."""
    if not isinstance(block, Line) or catalogue.entries(block):
        return False
    if COPY_TO.match(block.text) or read_printed(block.text):
        return True
    return bool(contact_of(block.text) or re.search("[。；]|^[（(]?注[：:]|^附", block.text))


def _piece(blocks: Sequence[Block], names: Sequence[str]) -> Piece:
    """A further document: 附件2 on its first line, it may be with its title. `names` are those that the notice lists."""
    match = _LABEL.match(_text(blocks, 0))
    label = re.sub(r"\s", "", match["label"] or match["bare"]) if match else ""
    rest = _text(blocks, 0)[match.end() :].strip() if match else ""
    lines = _with_listed_title(
        [*([Line(rest)] if rest else []), *blocks[1:]] if match else list(blocks), names
    )
    top = read_head(lines)
    sign = find_signature(lines, top.body_at, len(lines))
    if sign and not (
        sign.issuer.value and (top.recipients.value or top.doc_number.value or sign.end == len(lines))
    ):
        sign = None
    text = [
        b for at, b in enumerate(lines) if at >= top.body_at and not (sign and sign.start <= at < sign.end)
    ]
    return Piece(label, top, tuple(_without_list(text)[0]), sign)


def _with_listed_title(blocks: list[Block], names: Sequence[str]) -> list[Block]:
    """The lines, those at the top joined that together are a title which the notice lists."""
    listed = {plain(name) for name in names}
    for count in range(2, _MOST_TITLE_LINES + 1):
        texts = [_text(blocks, at) for at in range(count)]
        if all(texts) and plain("".join(texts)) in listed:
            return [Line(join_title(texts)), *blocks[count:]]
    return blocks


def _without_list(blocks: Sequence[Block]) -> tuple[list[Block], list[str]]:
    """The lines less those of the list 附件：1.… 2.…, and the names in it."""
    names: list[str] = []
    rest: list[Block] = []
    listing = False
    for at, block in enumerate(blocks):
        text = block.text if isinstance(block, Line) else ""
        first = _LIST.fullmatch(text)
        if (
            first
            and _is_name(text)
            and not contact_of(text)
            and not re.match("[，。；、]", _text(blocks, at + 1))
        ):
            names += _names(first["names"])
            listing = True
        elif listing and (mark := marker_of(text)) and mark.style == "num" and _is_name(text):
            names += _names(text)
        elif listing and names and _goes_on(blocks, at, names[-1]):
            names[-1] += text
        else:
            listing = False
            rest.append(block)
    return rest, names


def _names(text: str) -> list[str]:
    """1．报名表 2．汇总表 → 报名表, 汇总表."""
    pieces = re.split(r"(?:^|[\s；;])(?=\d{1,2}\s*[.．、：:]\s*\D)", text)
    return [name for p in pieces if (name := _NUMBER.sub("", p, count=1).strip(" 　；;。"))]


def _goes_on(blocks: Sequence[Block], at: int, name: str) -> bool:
    """Whether a line is the rest of a name that did not fit: the list goes on below it, or it ends what was open."""
    text = _text(blocks, at)
    if not text or len(text) > _LONGEST_TITLE // 2 or re.search("[。；：:，]", text) or marker_of(text):
        return False
    after = marker_of(_text(blocks, at + 1))
    ended = bool(re.search(rf"(?:{GENRES})(?:[（(][^（）()]*[）)])?$", name))
    return bool(after and after.style == "num") or (
        not ended and bool(re.search(rf"(?:{GENRES})(?:[（(][^（）()]*[）)])?$", text))
    )
