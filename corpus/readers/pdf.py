"""PDF: words from the text layer, tables from their rules; pages without usable text are recognised, or named."""

import io
import re
from collections.abc import Sequence
from dataclasses import replace

import pdfplumber
import pypdfium2
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfplumber.page import Page
from pdfplumber.utils.exceptions import PdfminerException

from corpus.blocks import Block, Line, Reading
from corpus.errors import NoticeUnreadable
from corpus.readers.glyphs import plain_glyphs
from corpus.readers.layout import PageLayout, Word, page_layout, paragraphs, without_furniture
from corpus.readers.plain import clean
from corpus.readers.ruled import ruled_tables
from corpus.readers.scan import ScanNotes, scanned_page
from corpus.readers.site import headline_of, is_of_the_site, without_meta
from corpus.readers.source import Source, Tools

_MOST_PAGES = 500
_SECONDS_A_PAGE = 10.0
_FEWEST_LETTERS = 8
"""A page with fewer letters and a picture on it is a scan."""
_UNMAPPED = re.compile(r"\(cid:\d+\)|[\ue000-\uf8ff\ufffd]")
_MOST_UNMAPPED = 0.1
"""Share of a page's letters that may lack a Unicode value."""
_BROWSER = re.compile(r"Chrom|Mozilla|Firefox|Safari|Edg|wkhtmltopdf", re.IGNORECASE)
_LONGEST_MENU = 40
"""Lines that a web site's menus may print above the headline."""
_POINTS_AN_INCH = 72
_SCAN_DPI = 200


def read(source: Source, tools: Tools) -> Reading:
    """The blocks of a PDF. Raises NoticeUnreadable for one that is encrypted, too long, or has no text at all."""
    content = _upright(source.content)
    notes = ScanNotes()
    try:
        with pdfplumber.open(io.BytesIO(content)) as document:
            if len(document.pages) > _MOST_PAGES:
                raise NoticeUnreadable(
                    f"有 {len(document.pages)} 页，超过上限 {_MOST_PAGES} 页。请拆分后再试。"
                )
            pages = [_page(p, content, tools, notes) for p in document.pages]
            by_browser = bool(_BROWSER.search(str(document.metadata.get("Creator", ""))))
            title = str(document.metadata.get("Title", ""))
    except PdfminerException as error:
        if error.args and isinstance(error.args[0], PDFPasswordIncorrect):
            raise NoticeUnreadable("PDF 已加密。请去掉密码后再试。") from None
        raise
    if notes.unread and not any(p.items for p in pages):
        raise NoticeUnreadable(
            "PDF 里没有可用的文字（多半是扫描件）。请安装文字识别（OCR）组件：pip install 'cewen[ocr]'，或另找可复制文字的版本。"
        )
    blocks = paragraphs(without_furniture(pages))
    if by_browser:
        blocks = _without_site(blocks, headline_of(title))
    return Reading(tuple(blocks), tuple(notes.sentences()))


def _without_site(blocks: Sequence[Block], headline: str) -> list[Block]:
    """A printed web page from its headline on, if that stands near the top, less the lines of the site."""
    tops = [
        i for i, b in enumerate(blocks[:_LONGEST_MENU]) if isinstance(b, Line) and b.text.strip() == headline
    ]
    rest = blocks[tops[0] if tops else 0 :]
    trimmed = [replace(b, text=without_meta(b.text)) if isinstance(b, Line) else b for b in rest]
    return [b for b in trimmed if not (isinstance(b, Line) and is_of_the_site(b.text))]


def _upright(content: bytes) -> bytes:
    """The document with the pages turned whose text is printed sideways, as landscape tables often are."""
    turned = False
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError:
        return content  # pdfminer says what is wrong with it
    try:
        with pdfplumber.open(io.BytesIO(content)) as plumber:
            for number, page in enumerate(plumber.pages[:_MOST_PAGES]):
                angle = _angle(page)
                if angle:
                    document[number].set_rotation((document[number].get_rotation() + angle) % 360)
                    turned = True
        if not turned:
            return content
        buffer = io.BytesIO()
        document.save(buffer)
        return buffer.getvalue()
    finally:
        document.close()


def _angle(page: Page) -> int:
    """By how many degrees clockwise the page must be turned to make most of its letters stand upright."""
    letters = [c for c in page.chars if c["text"].strip()]
    sideways = [c for c in letters if not c["upright"]]
    if len(sideways) * 2 <= len(letters):
        return 0
    rising = sum(c["matrix"][1] > 0 for c in sideways)
    return 90 if rising * 2 > len(sideways) else 270


def _page(page: Page, content: bytes, tools: Tools, notes: ScanNotes) -> PageLayout:
    """The lines and tables of a page; a scan is recognised where that is possible, else noted."""
    tools.working(_SECONDS_A_PAGE)
    try:
        letters = _letters(page)
        printed = sum(bool(w.text.strip()) for w in letters)
        drawn = page.images or page.curves or page.rects
        unmapped = _is_unmapped(page.chars)
        if not unmapped and (printed >= _FEWEST_LETTERS or not drawn):
            tables, rest = ruled_tables([t.cells for t in page.find_tables()], letters)
            return page_layout(rest, tables, float(page.height))
        number = page.page_number
        if tools.recogniser is None:
            notes.leave(number)
            usable = [] if unmapped else letters
            return page_layout(usable, (), float(page.height))
        scale = _SCAN_DPI / _POINTS_AN_INCH
        with pypdfium2.PdfDocument(content) as document:
            image = document[number - 1].render(scale=scale).to_pil()
        return scanned_page(image, number, tools.recogniser, tools.working, notes)
    finally:
        page.close()


def _letters(page: Page) -> list[Word]:
    """The page's letters and blanks; those printed twice for boldness count once."""
    return [
        Word(text, c["x0"], c["top"], c["x1"], c["bottom"])
        for c in page.dedupe_chars(tolerance=1).chars
        if (text := plain_glyphs(clean(c["text"]))) and c["upright"]
    ]


def _is_unmapped(chars: Sequence[dict[str, object]]) -> bool:
    """Whether the fonts of a page do not say which characters they print."""
    texts = [str(c["text"]) for c in chars if str(c["text"]).strip()]
    return bool(texts) and sum(bool(_UNMAPPED.search(t)) for t in texts) > _MOST_UNMAPPED * len(texts)
