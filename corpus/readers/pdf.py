"""PDF: words from the text layer, tables from their rules; pages without usable text are recognised, or named."""

import io
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pdfplumber
import pypdfium2
from pdfminer import pdftypes
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
_MOST_CURVES = 100
"""Curves of a page that is only decorated."""
_UNMAPPED = re.compile(r"\(cid:\d+\)|[\ue000-\uf8ff\ufffd]")
_MOST_UNMAPPED = 0.1
"""Share of a page's letters that may lack a Unicode value."""
_BROWSER = re.compile(r"Chrom|Mozilla|Firefox|Safari|Edg|wkhtmltopdf", re.IGNORECASE)
_LONGEST_MENU = 40
"""Lines that a web site's menus may print above the headline."""
_POINTS_AN_INCH = 72
_SCAN_DPI = 200


def _without_checksum(data: bytes) -> bytes:
    """The content of a stream whose checksum alone is wrong. Raises zlib.error for one that is damaged itself.

    pdfminer's own function does the same byte by byte and copies all it has each time: minutes for a large font.
    """
    return zlib.decompressobj().decompress(data[:-_CHECKSUM])


_CHECKSUM = 4
"""Bytes of Adler-32 at the end of a zlib stream (RFC 1950)."""
pdftypes.decompress_corrupted = _without_checksum


@dataclass(frozen=True, slots=True)
class _Printed:
    """The pages of a document, the pages to be turned before they can be read (by degrees), and what it says of itself."""

    pages: list[PageLayout]
    sideways: dict[int, int]
    title: str
    creator: str


def read(source: Source, tools: Tools) -> Reading:
    """The blocks of a PDF. Raises NoticeUnreadable for one that is encrypted, too long, or has no text at all."""
    notes = ScanNotes()
    try:
        printed = _printed(source.content, tools, notes)
        if printed.sideways:
            notes = ScanNotes()
            printed = _printed(_turned(source.content, printed.sideways), tools, notes)
    except PdfminerException as error:
        if error.args and isinstance(error.args[0], PDFPasswordIncorrect):
            raise NoticeUnreadable("PDF 已加密。请去掉密码后再试。") from None
        raise
    if notes.unread and not any(p.items for p in printed.pages):
        raise NoticeUnreadable(
            "PDF 里没有可用的文字（多半是扫描件）。请安装文字识别（OCR）组件：pip install 'cewen[ocr]'，或另找可复制文字的版本。"
        )
    blocks = paragraphs(without_furniture(printed.pages))
    if _BROWSER.search(printed.creator):
        blocks = _without_site(blocks, headline_of(printed.title))
    return Reading(tuple(blocks), tuple(notes.sentences()))


def _printed(content: bytes, tools: Tools, notes: ScanNotes) -> _Printed:
    sideways: dict[int, int] = {}
    pages = []
    with pdfplumber.open(io.BytesIO(content)) as document:
        if len(document.pages) > _MOST_PAGES:
            raise NoticeUnreadable(f"有 {len(document.pages)} 页，超过上限 {_MOST_PAGES} 页。请拆分后再试。")
        for number, page in enumerate(document.pages):
            tools.working(_SECONDS_A_PAGE)
            angle = _angle(page)
            if angle:
                sideways[number] = angle
            pages.append(_page(page, content, tools, notes))
            page.close()
        about = document.metadata
    return _Printed(pages, sideways, str(about.get("Title", "")), str(about.get("Creator", "")))


def _angle(page: Page) -> int:
    """By how many degrees clockwise the page must be turned to make most of its letters stand upright."""
    letters = [c for c in page.chars if c["text"].strip()]
    sideways = [c for c in letters if not c["upright"]]
    if len(sideways) * 2 <= len(letters):
        return 0
    rising = sum(c["matrix"][1] > 0 for c in sideways)
    return 90 if rising * 2 > len(sideways) else 270


def _turned(content: bytes, angles: dict[int, int]) -> bytes:
    """The document with pages turned whose text is printed sideways, as landscape tables often are."""
    buffer = io.BytesIO()
    with pypdfium2.PdfDocument(content) as document:
        for number, angle in angles.items():
            document[number].set_rotation((document[number].get_rotation() + angle) % 360)
        document.save(buffer)
    return buffer.getvalue()


def _page(page: Page, content: bytes, tools: Tools, notes: ScanNotes) -> PageLayout:
    """The lines and tables of a page; a scan is recognised where that is possible, else noted."""
    letters = _letters(page)
    printed = sum(bool(w.text.strip()) for w in letters)
    unmapped = _is_unmapped(page.chars)
    if not unmapped and (printed >= _FEWEST_LETTERS or not _is_picture(page)):
        tables, rest = ruled_tables([t.cells for t in page.find_tables()], letters)
        return page_layout(rest, tables, float(page.height))
    number = page.page_number
    if tools.recogniser is None:
        notes.leave(number)
        return page_layout([] if unmapped else letters, (), float(page.height))
    with pypdfium2.PdfDocument(content) as document:
        image = document[number - 1].render(scale=_SCAN_DPI / _POINTS_AN_INCH).to_pil()
    return scanned_page(image, number, tools.recogniser, tools.working, notes)


def _without_site(blocks: Sequence[Block], headline: str) -> list[Block]:
    """A printed web page from its headline on, if that stands near the top, less the lines of the site."""
    tops = [
        i for i, b in enumerate(blocks[:_LONGEST_MENU]) if isinstance(b, Line) and b.text.strip() == headline
    ]
    rest = blocks[tops[0] if tops else 0 :]
    trimmed = [replace(b, text=without_meta(b.text)) if isinstance(b, Line) else b for b in rest]
    return [b for b in trimmed if not (isinstance(b, Line) and is_of_the_site(b.text))]


def _is_picture(page: Page) -> bool:
    """Whether a page shows a picture, or letters that are drawn as outlines."""
    return bool(page.images) or len(page.curves) > _MOST_CURVES


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
