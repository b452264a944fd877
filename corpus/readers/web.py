"""Web pages: the article without the site around it, headings with their level, tables with merged cells filled.

What is the article is told by the names that government sites give it, else by where the prose is.
"""

import re
from collections.abc import Iterator

import lxml.etree
import lxml.html
from lxml.etree import _Comment, _ProcessingInstruction
from lxml.html import HtmlElement

from corpus.blocks import Block, Cell, Grid, Line, Reading
from corpus.readers.plain import clean, decode
from corpus.readers.site import headline_of, is_of_the_site, without_meta
from corpus.readers.source import Source, Tools

_DROPPED = tuple(
    "script style nav header footer aside form noscript button select svg iframe head template object".split()
)
_BLOCKS = frozenset(
    "p div section article main h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote pre address figure figcaption center body html tr td th".split()
)
_CONTAINERS = frozenset("body div section article main td tr tbody table center form".split())
_ARTICLE = re.compile(
    r"\b(?:zoom|ucap-content|js_content|trs_editor\w*|trs_uedit\w*|article[-_]?(?:content|body|con|text)|pages?_content|news_?content|content_?(?:body|text)|xxgk_?content|view_?content|vsb_content\w*)\b",
    re.IGNORECASE,
)
"""Ids and classes by which common site builders (TRS, 大汉, 博达) and WeChat mark the text."""
_CATALOGUE = ("发布机构", "发文机关", "文号", "发文字号", "成文日期", "发布日期", "发布时间")
_FILE = re.compile(r"\.(?:docx?|xlsx?|pptx?|pdf|wps|et|zip|rar|txt|jpe?g|png)(?:$|[?#])", re.IGNORECASE)
_MOST_OF_IT = 0.75
_MUCH_OF_IT = 0.4
_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]+)", re.IGNORECASE)
_WIDEST = 100
"""Columns or rows that one cell may span; more is an attack on memory."""
_DEEPEST = 200
"""Elements within each other; browsers stop at 512."""


def read(source: Source, tools: Tools) -> Reading:
    """The blocks of a web page."""
    return Reading(tuple(blocks(_text(source.content))))


def blocks(text: str) -> list[Block]:
    """The blocks of a page that is decoded already."""
    root = lxml.html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    headline = headline_of(root.findtext(".//title") or "")
    lxml.etree.strip_elements(root, *_DROPPED, with_tail=False)
    body = article(root)
    page = _Page()
    page.walk(body)
    page.end_line()
    title = next(("".join(map(str, h.itertext())).strip() for h in root.iter("h1", "h2")), "") or headline
    above = (
        []
        if body is root
        else [Line(" ".join(t.split())) for t in (*_catalogue(root, body), title) if t.strip()]
    )
    said = {_bare(b.text) for b in page.blocks[:12] if isinstance(b, Line)}
    return [line for line in above if _bare(line.text) not in said] + page.blocks


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def article(root: HtmlElement) -> HtmlElement:
    """The element that holds the page's text: menus, links and footers stand outside it.

    One that is marked as the text wins if much of the prose is in it; else the innermost that holds most of it.
    Prose is counted as Chinese text that is no link, as readability tools do.
    """
    prose = _Prose(root)
    marked = [e for e in root.iter("div", "td", "section", "article", "main") if _is_marked(e)]
    best = max(marked, key=lambda e: prose.within(e), default=None)
    found = root
    if best is not None and prose.within(best) >= max(_MUCH_OF_IT * prose.within(root), 1):
        found = best
    while True:
        child = max((c for c in found if isinstance(c.tag, str)), key=prose.within, default=None)
        whole = prose.within(found)
        if (
            child is None
            or not whole
            or prose.within(child) < _MOST_OF_IT * whole
            or child.tag not in _CONTAINERS
        ):
            return found
        if child.tag == "table" and not _lays_out(child):
            return found
        found = child


def _is_marked(element: HtmlElement) -> bool:
    return element.tag in ("article", "main") or bool(
        _ARTICLE.search(f"{element.get('id', '')} {element.get('class', '')}")
    )


class _Prose:
    """Chinese characters that are no links, by element; a text with a sentence's punctuation counts threefold."""

    def __init__(self, root: HtmlElement) -> None:
        self._counts: dict[HtmlElement, int] = {}
        for element in root.iter():
            if not isinstance(element.tag, str) or element.tag == "a":
                continue
            if any(a.tag == "a" for a in element.iterancestors()):
                continue
            own = (element.text or "") + "".join(c.tail or "" for c in element)
            count = len(re.findall("[\u4e00-\u9fff]", own)) * (3 if re.search("[，。；]", own) else 1)
            for above in (element, *element.iterancestors()) if count else ():
                self._counts[above] = self._counts.get(above, 0) + count

    def within(self, element: HtmlElement) -> int:
        return self._counts.get(element, 0)


def _catalogue(root: HtmlElement, body: HtmlElement) -> list[str]:
    """发布机构, 文号 and dates from the table that government sites put above the text (政府网站发展指引, 国办发〔2017〕47号)."""
    found = []
    text = "\n".join(
        cell.text_content().strip()
        for cell in root.iter("td", "th", "li", "dd", "dt", "span", "p", "div")
        if body not in cell.iterancestors() and cell is not body and len(cell) < 8
    )
    for label in _CATALOGUE:
        match = re.search(rf"{label}\s*[：:]\s*([^\n：:]{{2,40}}(?::\d\d)?)", text)
        if match:
            value = re.split(r"\s{2,}|\s(?:来源|作者|浏览|点击|字体)", match[1].strip())[0]
            found.append(f"{label}：{value}")
    return found


def _text(content: bytes) -> str:
    declared = _CHARSET.search(content[:4096])
    name = declared[1].decode("ascii").lower() if declared else ""
    if name in ("gb2312", "gbk", "gb18030", "big5"):
        try:
            return clean(content.decode("gb18030" if name.startswith("gb") else name))
        except UnicodeDecodeError:
            return decode(content)
    return decode(content)


class _Page:
    """Collects lines while walking the tree; inline elements do not end a line."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._open = ""
        self._level: int | None = None

    def walk(self, element: HtmlElement, depth: int = 0) -> None:
        if isinstance(element, _Comment | _ProcessingInstruction) or _is_hidden(element) or depth > _DEEPEST:
            return
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag == "table" and not _lays_out(element):
            self.end_line()
            self.blocks.append(_grid(element))
            return
        if tag in _BLOCKS or tag == "br":
            self.end_line()
            if _is_menu(element):
                return
        before = self._level
        if re.fullmatch("h[1-6]", tag):
            self._level = int(tag[1])
        self._open += _number(element) + _folded(element.text)
        for child in element:
            self.walk(child, depth + 1)
            self._open += _folded(child.tail)
        if tag in _BLOCKS:
            self.end_line()
        self._level = before

    def end_line(self) -> None:
        text = self._open.strip()
        self._open = ""
        text = without_meta(text)
        if text and not is_of_the_site(text):
            self.blocks.append(Line(text, self._level))


def _is_hidden(element: HtmlElement) -> bool:
    return "display:none" in re.sub(r"\s", "", element.get("style", "")).lower()


_FEWEST_LINKS = 3


def _is_menu(element: HtmlElement) -> bool:
    """Whether an element is little but links within the site."""
    links = list(element.iter("a"))
    if len(links) < _FEWEST_LINKS or any(_FILE.search(a.get("href", "")) for a in links):
        return False
    linked = sum(len(_bare(a.text_content())) for a in links)
    return linked > 0.8 * len(_bare(element.text_content()))


def _folded(text: str | None) -> str:
    """A page's line breaks and indents are no text; between Chinese characters they are nothing at all."""
    folded = re.sub(r"[ \t\r\n\xa0]+", " ", text or "")
    return (
        re.sub(r"(?<=[\u4e00-\u9fff，。；：、]) (?=[\u4e00-\u9fff])", "", folded)
        if "\n" in (text or "")
        else folded
    )


def _number(element: HtmlElement) -> str:
    """The number that the browser shows before an item of an ordered list."""
    parent = element.getparent()
    if element.tag != "li" or parent is None or parent.tag != "ol":
        return ""
    before = sum(1 for _ in element.itersiblings("li", preceding=True))
    start = parent.get("start", "1")
    return f"{(int(start) if start.isdigit() else 1) + before}."


def _rows(table: HtmlElement) -> list[HtmlElement]:
    """The rows of a table less those of tables within it."""
    return [r for r in table.iter("tr") if next(r.iterancestors("table")) is table]


def _lays_out(table: HtmlElement) -> bool:
    """Whether a table only places things: tables or several paragraphs of prose in its cells, or a single column."""
    cells = [list(r.iterchildren("td", "th")) for r in _rows(table)]
    if table.find(".//table") is not None or all(len(row) <= 1 for row in cells):
        return True
    return any(
        len(c.text_content()) > 400 and sum(1 for _ in c.iter("p", "br")) > 3 for row in cells for c in row
    )


def _grid(element: HtmlElement) -> Grid:
    rows: list[dict[int, Cell]] = []
    own_rows = _rows(element)
    for row_number, row in enumerate(own_rows):
        column = 0
        for cell in row.iterchildren("td", "th"):
            while len(rows) > row_number and column in rows[row_number]:
                column += 1
            text = _cell_text(cell)
            down, right = _span(cell, "rowspan"), _span(cell, "colspan")
            for r in range(row_number, min(row_number + down, len(own_rows))):
                while len(rows) <= r:
                    rows.append({})
                for c in range(column, column + right):
                    rows[r][c] = Cell(text, merged=(r, c) != (row_number, column))
            column += right
    width = max((max(r, default=-1) + 1 for r in rows), default=0)
    filled = tuple(tuple(row.get(c, Cell("")) for c in range(width)) for row in rows if row)
    return Grid(filled, sum(1 for _ in _header_rows(own_rows)))


def _header_rows(rows: list[HtmlElement]) -> Iterator[HtmlElement]:
    """The rows at the top that hold nothing but column names."""
    for row in rows:
        if not all(c.tag == "th" for c in row.iterchildren("td", "th")):
            return
        yield row


def _cell_text(cell: HtmlElement) -> str:
    page = _Page()
    page.walk(cell)
    page.end_line()
    return "\n".join(b.text for b in page.blocks if isinstance(b, Line))


def _span(cell: HtmlElement, name: str) -> int:
    value = cell.get(name, "1").strip()
    return min(max(int(value), 1), _WIDEST) if value.isdigit() else 1
