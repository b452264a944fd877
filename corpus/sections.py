"""Paragraphs to sections within sections.

A style of numbering that is not yet open goes below the current section; one that is open closes to its level.
Two kinds of heading have no number: a caption (补贴条件：), which stands above the items that follow it, and a bare
heading (应聘方式).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from corpus import head
from corpus.blocks import Block, Grid, Line
from corpus.facts import sentences
from corpus.notice import Clause, Section, Table
from corpus.numbering import Marker, is_first, marker_of
from corpus.tables import table_of

_LONGEST_HEADING = 60
"""Characters; a longer one is a sentence that lacks its full stop."""
_LONGEST_SENTENCE_HEADING = 40
_RANK = {
    style: float(rank)
    for rank, style in enumerate(
        "chapter part cn cn_paren spoken stage box num ordinal deep num_paren circle dash".split()
    )
}
"""The usual nesting (GB/T 9704-2012, 7.3.3, and what is found beside it); articles and headings lie anywhere."""
_ANYWHERE = -1.0
_ONE_PARAGRAPH = ("dash", "spoken")
"""Styles of items that end with their paragraph; text after them belongs to the section above."""
_ITEMS = ("num", "num_paren", "circle", "cn_paren")
_CAPTION_RANK = _RANK["num"] - 0.5
_AFTERWORD, _CAPTION, _BARE, _HEADING = "afterword", "caption", "bare", "heading"
_CAPTION_LINE = re.compile(r"[^。；，！？：:]{2,15}[：:]")
_LEADS_IN = re.compile("如下|下列|以下|通知|[将应须请可]|包括|分为")
_LABELLED = re.compile(r"(?P<label>[\u4e00-\u9fa5（）()A-Za-z]{1,7}[\u4e00-\u9fa5）)](?<![是为]))[：:]\s*\S")
_BARE_LINE = re.compile(
    r"[\u4e00-\u9fa5“”]{0,10}(?:简介|介绍|概况|方式|政策|计划|条件|要求|流程|程序|步骤|安排|办法|内容|说明|须知|对象|范围|时间|地点|材料|标准|依据|设置|背景|目的|意义|原则|事项|亮点|规则|提示|信息|待遇|岗位|咨询|联系我们)"
)
_CLOSING = re.compile(
    r"(?:联\s*系\s*人|联系方式|联系电话|咨询电话|联系单位|\S{0,6}联系人)\s*(?:及[\u4e00-\u9fa5]{2,4})?\s*[：:]"
)
_ON_CONTACTS = re.compile("联系|联络|咨询|报名|报送|报到|方式|其他|其它")


@dataclass(slots=True)
class _Open:
    """A section that is still being filled. One of a higher level (a lower `rank`) closes it."""

    style: str
    rank: float = _ANYWHERE
    number: str = ""
    heading: str = ""
    content: list[Clause | Table] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)

    def closed(self) -> Section:
        return Section(self.number, self.heading, tuple(self.content), tuple(self.sections))


def nest(blocks: Sequence[Block]) -> Section:
    """The body of a document: what stands before its first section, and the sections."""
    text = [b for b in blocks if isinstance(b, Grid) or not is_foot(b.text)]
    builder = _Builder(text)
    for at, block in enumerate(text):
        builder.add(at, block)
    return builder.finished()


def is_foot(text: str) -> bool:
    """Whether a line is the copy-to list or the printing line."""
    return bool(head.COPY_TO.match(text) or head.read_printed(text))


class _Builder:
    """The sections that are open while the blocks are read in order, the whole document first."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self._stack = [_Open("root")]
        self._bare = sum(_is_bare_heading(blocks, at) for at in range(len(blocks))) > 1

    def finished(self) -> Section:
        self._close(1)
        return self._stack[0].closed()

    def add(self, at: int, block: Block) -> None:
        if isinstance(block, Grid):
            self._top.content.append(table_of(block, self._caption_above(at)))
            return
        marker = marker_of(block.text)
        if marker and marker.rest:
            rank = _RANK.get(marker.style, _ANYWHERE)
            self._open(_numbered(marker, block.text, rank, self._introduces(at)))
        elif block.level is not None:
            rank = _ANYWHERE - 7 + block.level
            self._open(_Open(_HEADING, rank, "", block.text, [Clause(block.text)]))
        elif self._bare and _is_bare_heading(self._blocks, at):
            self._open(_Open(_BARE, self._bare_rank(), "", block.text, [Clause(block.text)]))
        elif _is_caption(block.text):
            self._open_caption(at, block.text)
        else:
            self._paragraph(at, block.text)

    @property
    def _top(self) -> _Open:
        return self._stack[-1]

    def _close(self, to: int) -> None:
        """Closes every section above the first `to`."""
        while len(self._stack) > to:
            section = self._stack.pop().closed()
            self._top.sections.append(section)

    def _open(self, section: _Open) -> None:
        """Closes every section that the new one does not lie in, and opens it."""

        def ends(old: _Open) -> bool:
            if old.style == _AFTERWORD:
                return True
            if section.style == _HEADING:
                return old.style != _HEADING or old.rank >= section.rank
            if old.style == section.style:
                return True
            if section.style in ("chapter", "part") and old.style in ("article", _HEADING):
                return True
            return section.rank > _ANYWHERE and old.rank > section.rank

        first = next((i for i in range(1, len(self._stack)) if ends(self._stack[i])), len(self._stack))
        self._close(first)
        self._stack.append(section)

    def _caption_above(self, at: int) -> str:
        above = self._blocks[at - 1] if at else None
        return above.text if isinstance(above, Line) and len(above.text) <= _LONGEST_HEADING else ""

    def _marker(self, at: int) -> Marker | None:
        block = self._blocks[at] if at < len(self._blocks) else None
        return marker_of(block.text) if isinstance(block, Line) else None

    def _introduces(self, at: int) -> bool:
        """Whether an unnumbered paragraph or a table follows, so that this line heads it."""
        return at + 1 < len(self._blocks) and self._marker(at + 1) is None

    def _bare_rank(self) -> float:
        """A bare heading stands above all numbering, unless the first of them came within a section."""
        open_one = next((s for s in self._stack if s.style == _BARE), None)
        if open_one:
            return open_one.rank
        return self._top.rank + 0.5 if any(s.number for s in self._stack) else _ANYWHERE / 2

    def _open_caption(self, at: int, text: str) -> None:
        """A caption goes above the items that follow it: it closes a list of that style, for theirs begins anew."""
        self._leave_list()
        marker = self._marker(at + 1)
        rank = _CAPTION_RANK
        if marker and is_first(marker):
            rank = _RANK.get(marker.style, _RANK["num"]) - 0.5
            self._close_from(marker.style)
        self._close_from(_CAPTION)
        self._stack.append(_Open(_CAPTION, rank, "", text.rstrip("：: "), [Clause(text)]))

    def _paragraph(self, at: int, text: str) -> None:
        while self._top.style in _ONE_PARAGRAPH:
            self._close(len(self._stack) - 1)
        label = _LABELLED.match(text)
        if label and _is_item(self._top):
            self._leave_list()
            if self._top.style == _CAPTION:
                self._close(len(self._stack) - 1)
                self._stack.append(_Open(_CAPTION, _CAPTION_RANK, "", label["label"]))
        elif self._ends_body(at, text):
            self._close(1)
            self._stack.append(_Open(_AFTERWORD))
        self._top.content.append(Clause(text))

    def _close_from(self, style: str) -> None:
        """Closes the section of this style, if one is open, and all below it."""
        self._close(next((i for i, s in enumerate(self._stack) if s.style == style), len(self._stack)))

    def _leave_list(self) -> None:
        """Closes the last item of a list."""
        while _is_item(self._top):
            self._close(len(self._stack) - 1)

    def _ends_body(self, at: int, text: str) -> bool:
        """Whether 联系人：… after the last section stands for the whole notice, not for that section."""
        styles = {s.style for s in self._stack[1:]}
        return (
            bool(styles)
            and self._top.style != _AFTERWORD
            and bool(_CLOSING.match(text))
            and not any(_ON_CONTACTS.search(s.heading) for s in self._stack)
            and not any(
                (later := self._marker(i)) and later.style in styles for i in range(at + 1, len(self._blocks))
            )
        )


def _is_item(section: _Open) -> bool:
    """Whether a section is an item of a list that is finished: one sentence, nothing below it."""
    first = section.content[0] if section.content else None
    return (
        section.style in _ITEMS
        and len(section.content) == 1
        and not section.sections
        and isinstance(first, Clause)
        and bool(re.search("[。；;]$", first.text))
    )


def _is_caption(text: str) -> bool:
    return bool(_CAPTION_LINE.fullmatch(text)) and not _LEADS_IN.search(text) and not head.is_recipients(text)


def _is_bare_heading(blocks: Sequence[Block], at: int) -> bool:
    """Whether a short line without punctuation heads the prose, list or table below it; what follows a heading is its text."""
    block, above = blocks[at], blocks[at - 1] if at else None
    if not isinstance(block, Line) or not _BARE_LINE.fullmatch(block.text) or marker_of(block.text):
        return False
    if isinstance(above, Line) and (
        (marker_of(above.text) and not re.search("[。；！]$", above.text)) or re.search("[：:]$", above.text)
    ):
        return False
    below = blocks[at + 1] if at + 1 < len(blocks) else None
    return isinstance(below, Grid) or (
        isinstance(below, Line) and (bool(marker_of(below.text)) or len(below.text) > 2 * len(block.text))
    )


def _numbered(marker: Marker, text: str, rank: float, introduces: bool) -> _Open:
    """A numbered section. Its heading is its label, its whole line, or the line's first sentence."""
    rest = marker.rest
    lead = re.split("　| {2,}", next(iter(sentences(rest)), rest), maxsplit=1)[0]
    label = re.match(r"([\u4e00-\u9fa5“”、（）() ]{2,18})[：:]", rest)
    inner = rest.rstrip("。")
    if label:
        heading = label[1]
    elif not re.search("[。；：:！？]", rest) and len(rest) <= _LONGEST_HEADING:
        heading = rest
    elif len(lead) <= _LONGEST_HEADING and len(lead) < len(rest):
        heading = lead.rstrip("。！？!?")
    elif introduces and not re.search("[。；：:，]", inner) and len(inner) <= _LONGEST_SENTENCE_HEADING:
        heading = inner
    else:
        heading = ""
    return _Open(marker.style, rank, marker.number, heading, [Clause(text)])
