"""Scanned pages and pictures: recognised letters laid out like those of a PDF, tables told by the rules in the picture."""

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from PIL import Image, ImageOps, ImageSequence

from corpus.blocks import Reading
from corpus.errors import NoticeUnreadable
from corpus.readers.layout import PageLayout, page_layout, paragraphs, without_furniture
from corpus.readers.recognition import Recogniser
from corpus.readers.ruled import ruled_tables
from corpus.readers.rules import ruled_cells
from corpus.readers.source import Source, Tools

_SECONDS_A_PAGE = 120.0
"""Processor time; a dense page takes some 10 to 20 s, twice that when it has to be straightened."""
_MOST_PIXELS = 80_000_000
_MOST_PAGES = 100
_LOW = 0.9
"""Below this confidence a page should be compared with its original."""


@dataclass(slots=True)
class ScanNotes:
    """What has to be said of a document's scanned pages: those recognised with their confidence, those left unread."""

    confidences: dict[int, float] = field(default_factory=dict)
    unread: list[int] = field(default_factory=list)

    def recognise(self, page: int, confidence: float) -> None:
        self.confidences[page] = confidence

    def leave(self, page: int) -> None:
        self.unread.append(page)

    def sentences(self) -> list[str]:
        """Notes for a person, one line each."""
        said = []
        if self.unread:
            said.append(
                f"第{_pages(self.unread)}页没有可用的文字（多半是扫描页），未读。请安装文字识别（OCR）组件：pip install 'cewen[ocr]'。"
            )
        read = {p: c for p, c in self.confidences.items() if c}
        if read:
            mean = sum(read.values()) / len(read)
            said.append(f"第{_pages(read)}页由文字识别读出，可信度 {mean:.2f}。")
        low = [p for p, c in read.items() if c < _LOW]
        if low:
            said.append(f"第{_pages(low)}页可信度较低（{min(read[p] for p in low):.2f}），请对照原件核对。")
        empty = [p for p, c in self.confidences.items() if not c]
        if empty:
            said.append(f"第{_pages(empty)}页没有识别出文字，请对照原件核对。")
        return said


def _pages(numbers: Iterable[int]) -> str:
    """1, 2, 3, 7 → 1–3、7."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return "、".join(f"{r[0]}–{r[-1]}" if len(r) > 1 else str(r[0]) for r in runs)


def read(source: Source, tools: Tools) -> Reading:
    """The blocks of a picture, or of each page of a TIFF. Raises NoticeUnreadable where nothing can be recognised."""
    if tools.recogniser is None:
        raise NoticeUnreadable(
            "图片需要文字识别（OCR）组件，这里没有安装。请运行 pip install 'cewen[ocr]'，或改用可复制文字的版本。"
        )
    notes = ScanNotes()
    pages = []
    with Image.open(io.BytesIO(source.content)) as image:
        if image.width * image.height > _MOST_PIXELS:
            raise NoticeUnreadable(f"图片有 {image.width}×{image.height} 像素，过大。请缩小后再试。")
        for number, frame in enumerate(ImageSequence.Iterator(image), 1):
            if number > _MOST_PAGES:
                raise NoticeUnreadable(f"图片超过 {_MOST_PAGES} 页。请拆分后再试。")
            upright = ImageOps.exif_transpose(frame)
            pages.append(scanned_page(_on_white(upright), number, tools.recogniser, tools.working, notes))
    if not any(p.items for p in pages):
        raise NoticeUnreadable("图片里没有识别出文字。请换一张更清晰的图片。")
    return Reading(tuple(paragraphs(without_furniture(pages))), tuple(notes.sentences()))


def _on_white(image: Image.Image) -> Image.Image:
    """Transparent parts are paper."""
    if image.mode not in ("RGBA", "LA", "PA") and "transparency" not in image.info:
        return image.convert("RGB")
    paper = Image.new("RGBA", image.size, "white")
    paper.alpha_composite(image.convert("RGBA"))
    return paper.convert("RGB")


def scanned_page(
    image: Image.Image,
    number: int,
    recogniser: Recogniser,
    working: Callable[[float], None],
    notes: ScanNotes,
) -> PageLayout:
    """The lines and tables of a picture of page `number`; its confidence is noted."""
    working(_SECONDS_A_PAGE)
    found = recogniser.recognised(image)
    notes.recognise(number, found.confidence)
    tables, rest = ruled_tables(ruled_cells(found.image), found.letters)
    return page_layout(rest, tables, float(found.image.height))
