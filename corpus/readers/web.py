"""Web pages: the text of the page less its navigation, headings with their level, tables with merged cells filled."""

import re

import lxml.etree
import lxml.html
from lxml.etree import _Comment, _ProcessingInstruction

from corpus.blocks import Block, Cell, Grid, Line
from corpus.readers.plain import clean, decode

_DROPPED = (
    "script",
    "style",
    "nav",
    "header",
    "footer",
    "aside",
    "form",
    "noscript",
    "button",
    "select",
    "svg",
    "iframe",
    "head",
)
_BLOCKS = frozenset(
    "p div section article main h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote pre address figure center body html tr".split()
)
_OF_THE_SITE = re.compile(
    r"(?:当前位置|您的位置|字体\s*[：:]|字号\s*[：:]|浏览次数|点击(?:数|量|次数)|阅读(?:量|次数)?\s*[：:]|分享到|【?打印(?:本页)?】?|【?关闭(?:窗口)?】?|上一篇|下一篇|责任编辑|版权所有|网站标识码|扫一扫)"
)
_CONTAINERS = frozenset("body div section article main td tr tbody table center form".split())
_MOST_OF_IT = 0.75
_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]+)", re.IGNORECASE)
_WIDEST = 100
"""Columns or rows that one cell may span; more is an attack on memory."""


def read(content: bytes) -> list[Block]:
    """The blocks of a web page."""
    root = lxml.html.document_fromstring(_text(content))
    headline = _headline(root)
    lxml.etree.strip_elements(root, *_DROPPED, with_tail=False)
    body = article(root)
    page = _Page()
    page.walk(body)
    page.end_line()
    title = next(("".join(map(str, h.itertext())).strip() for h in root.iter("h1", "h2")), "") or headline
    above = [] if body is root else [Line(t) for t in (*_catalogue(root, body), title) if t]
    said = {re.sub(r"\s", "", b.text) for b in page.blocks[:12] if isinstance(b, Line)}
    return [line for line in above if re.sub(r"\s", "", line.text) not in said] + page.blocks


def _headline(root: lxml.html.HtmlElement) -> str:
    """The page's <title> less the name of the site."""
    title = root.findtext(".//title") or ""
    return re.split(r"\s*[|_]\s*|\s+[-–—]\s*|--", " ".join(title.split()))[0].strip()


def article(root: lxml.html.HtmlElement) -> lxml.html.HtmlElement:
    """The element that holds nearly all of the page's prose: menus, links and footers stand outside it.

    Prose is counted as Chinese text that is no link, as readability tools do.
    """
    found = root
    while True:
        whole = _prose(found)
        child = max((c for c in found if isinstance(c.tag, str)), key=_prose, default=None)
        if child is None or not whole or _prose(child) < _MOST_OF_IT * whole or child.tag not in _CONTAINERS:
            return found
        found = child


def _prose(element: lxml.html.HtmlElement) -> int:
    """Chinese characters in paragraphs and cells that are not mostly links; a full sentence counts more."""
    total = 0
    for node in element.iter("p", "td", "li", "div", "span", "section", "article", "h1", "h2", "h3", "h4"):
        own = (node.text or "") + "".join(c.tail or "" for c in node)
        if node.getparent() is not None and any(a.tag == "a" for a in node.iterancestors()):
            continue
        count = len(re.findall("[\u4e00-\u9fff]", own))
        total += count * (3 if re.search("[，。；]", own) else 1)
    return total


def _catalogue(root: lxml.html.HtmlElement, body: lxml.html.HtmlElement) -> list[str]:
    """发布机构, 文号 and 成文日期 from the table that government sites put above the text (政府网站发展指引, 国办发〔2017〕47号)."""
    found = []
    text = "\n".join(
        cell.text_content().strip()
        for cell in root.iter("td", "th", "li", "dd", "dt", "span", "p")
        if body not in cell.iterancestors() and cell is not body
    )
    for label in ("发布机构", "发文机关", "文号", "发文字号", "成文日期", "发布日期"):
        match = re.search(rf"{label}\s*[：:]\s*([^\n：:]{{2,40}})", text)
        if match:
            found.append(f"{label}：{match[1].strip()}")
    return found


def _text(content: bytes) -> str:
    declared = _CHARSET.search(content[:4096])
    name = declared[1].decode("ascii").lower() if declared else ""
    if name in ("gb2312", "gbk", "gb18030", "big5"):
        try:
            return clean(content.decode("gb18030" if name.startswith("gb") else name))
        except UnicodeDecodeError:
            return decode(content)
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", decode(content))


class _Page:
    """Collects lines while walking the tree; inline elements do not end a line."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._open = ""
        self._level: int | None = None

    def walk(self, element: lxml.html.HtmlElement) -> None:
        if isinstance(element, _Comment | _ProcessingInstruction):
            return
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag == "table":
            self.end_line()
            self.blocks += _table(element)
            return
        if tag in _BLOCKS or tag == "br":
            self.end_line()
        before = self._level
        if re.fullmatch("h[1-6]", tag):
            self._level = int(tag[1])
        self._open += _number(element) + _folded(element.text)
        for child in element:
            self.walk(child)
            self._open += _folded(child.tail)
        if tag in _BLOCKS:
            self.end_line()
        self._level = before

    def end_line(self) -> None:
        if _OF_THE_SITE.match(self._open.strip()):
            self._open = ""
        if self._open.strip():
            self.blocks.append(Line(self._open.strip(), self._level))
        self._open = ""


def _folded(text: str | None) -> str:
    """A page's line breaks and indents are no text; between Chinese characters they are nothing at all."""
    folded = re.sub(r"[ \t\r\n\xa0]+", " ", text or "")
    return (
        re.sub(r"(?<=[\u4e00-\u9fff，。；：、]) (?=[\u4e00-\u9fff])", "", folded)
        if "\n" in (text or "")
        else folded
    )


def _number(element: lxml.html.HtmlElement) -> str:
    """The number that the browser shows before an item of an ordered list."""
    parent = element.getparent()
    if element.tag != "li" or parent is None or parent.tag != "ol":
        return ""
    items = [c for c in parent if c.tag == "li"]
    start = parent.get("start", "1")
    return f"{(int(start) if start.isdigit() else 1) + items.index(element)}."


def _table(element: lxml.html.HtmlElement) -> list[Block]:
    """The table as a grid; one that only lays out the page (a single column) as lines."""
    rows: list[dict[int, Cell]] = []
    own_rows = [r for r in element.iter("tr") if next(r.iterancestors("table")) is element]
    for row_number, row in enumerate(own_rows):
        column = 0
        for cell in row.iterchildren("td", "th"):
            while len(rows) > row_number and column in rows[row_number]:
                column += 1
            text = re.sub(r"\s+", " ", cell.text_content()).strip()
            down, right = _span(cell, "rowspan"), _span(cell, "colspan")
            for r in range(row_number, row_number + down):
                while len(rows) <= r:
                    rows.append({})
                for c in range(column, column + right):
                    rows[r][c] = Cell(text, merged=(r, c) != (row_number, column))
            column += right
    width = max((max(r, default=-1) + 1 for r in rows), default=0)
    if width <= 1:
        return [Line(cell.text) for row in rows for cell in row.values() if cell.text]
    named = bool(own_rows) and all(c.tag == "th" for c in own_rows[0].iterchildren("td", "th"))
    return [Grid(tuple(tuple(row.get(c, Cell("")) for c in range(width)) for row in rows if row), named)]


def _span(cell: lxml.html.HtmlElement, name: str) -> int:
    value = cell.get(name, "1").strip()
    return min(max(int(value), 1), _WIDEST) if value.isdigit() else 1
