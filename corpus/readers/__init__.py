"""From a file to blocks: one small module a format, real parsing libraries in each, one edge for all that can go wrong.

A mail or an archive holds several documents: `documents` gives each by itself.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath

from corpus.blocks import Block, Line, Reading
from corpus.errors import NoticeTooLarge, NoticeUnreadable
from corpus.formats import ENCLOSED_SUFFIXES, INSIDE, Kind
from corpus.readers import archive, mail, markdown, office, pdf, plain, scan, sheets, slides, web, word
from corpus.readers.archive import Allowance
from corpus.readers.kinds import kind_of
from corpus.readers.source import Source, Tools

_READERS: dict[Kind, Callable[[Source, Tools], Reading]] = {
    Kind.TEXT: plain.read,
    Kind.MARKDOWN: markdown.read,
    Kind.WEB: web.read,
    Kind.WORD: word.read,
    Kind.SHEET: sheets.read,
    Kind.SLIDES: slides.read,
    Kind.CSV: sheets.read_csv,
    Kind.PDF: pdf.read,
    Kind.IMAGE: scan.read,
}
_CONVERTED = {
    Kind.OLD_WORD: (".doc", "docx", word.read),
    Kind.OLD_SHEET: (".xls", "xlsx", sheets.read),
    Kind.OLD_SLIDES: (".ppt", "pptx", slides.read),
}
"""Kinds that LibreOffice turns into newer ones first."""


@dataclass(frozen=True, slots=True)
class Found:
    """A document in a file: `inside` is "" for the file itself, else the way to it, "!/附件/附件1.docx".

    `reading` gives its blocks, or raises NoticeUnreadable; `content_hash` is "" where that is known beforehand.
    """

    inside: str
    content_hash: str
    reading: Callable[[], Reading]


def read(path: Path, max_bytes: int) -> list[Block]:
    """The blocks of a file that is one document, read without the optional tools. Raises NoticeUnreadable."""
    return list(_reading(_file(path, max_bytes), Tools()).blocks)


def documents(path: Path, max_bytes: int, tools: Tools) -> Iterator[Found]:
    """Every document in a file, in order. Raises NoticeUnreadable for a file that can't be opened at all."""
    yield from _documents(_file(path, max_bytes), "", tools, Allowance(), max_bytes)


def _documents(
    source: Source, inside: str, tools: Tools, allowance: Allowance, max_bytes: int
) -> Iterator[Found]:
    try:
        with _faults(source):
            kind = kind_of(source)
            if kind in _CONTAINERS and inside.count(INSIDE) >= archive.DEEPEST:
                raise NoticeUnreadable(f"压缩包套得太深（超过 {archive.DEEPEST} 层）。请解压后再收录。")
        if kind not in _CONTAINERS:
            yield Found(inside, source.content_hash(), partial(_reading, source, tools))
            return
        at = None
        for at in _enclosed(source, kind, allowance, max_bytes):
            name, part = at
            if isinstance(part, Source):
                yield from _documents(part, inside + name, tools, allowance, max_bytes)
            elif isinstance(part, Reading):
                yield Found(inside, source.content_hash(), partial(_checked, source, part))
            else:
                yield Found(inside + name, "", partial(_refuse, part))
        if at is None:
            raise NoticeUnreadable(
                f"{_own_name(source)}：里面没有能读的文件。请放入 .docx、.pdf、.xlsx 等格式的通知。"
            )
    except NoticeUnreadable as error:
        yield Found(inside, "", partial(_refuse, error))


_CONTAINERS = (Kind.MAIL, Kind.ARCHIVE)


def _enclosed(
    source: Source, kind: Kind, allowance: Allowance, max_bytes: int
) -> Iterator[tuple[str, Source | Reading | NoticeUnreadable]]:
    """What a mail or an archive holds, with the way to it: its body, its files of known kinds, and why one can't be had."""
    taken: set[str] = set()
    with _faults(source):
        if kind is Kind.MAIL:
            body, attached = mail.read(source)
            if body is not None:
                yield "", body
            parts: Iterable[Source | archive.Locked] = [a for a in attached if a.suffix in ENCLOSED_SUFFIXES]
        else:
            parts = archive.enclosed(source, ENCLOSED_SUFFIXES, allowance, max_bytes)
        for part in parts:
            name = _distinct(part.name, taken)
            if isinstance(part, archive.Locked):
                yield f"{INSIDE}{name}", NoticeUnreadable(f"{PurePosixPath(name).name}：{part.reason}")
            else:
                yield f"{INSIDE}{name}", part


def _distinct(name: str, taken: set[str]) -> str:
    """The name, with a number where an earlier document has it already."""
    path = PurePosixPath(name)
    number = 1
    while name in taken:
        number += 1
        name = str(path.with_name(f"{path.stem} ({number}){path.suffix}"))
    taken.add(name)
    return name


def _refuse(error: NoticeUnreadable) -> Reading:
    raise error


def _reading(source: Source, tools: Tools) -> Reading:
    with _faults(source):
        kind = kind_of(source)
        if kind in _CONVERTED:
            suffix, newer, reader = _CONVERTED[kind]
            if tools.office is None:
                raise NoticeUnreadable(
                    f"读 {source.suffix} 需要 LibreOffice，这里没有安装。请安装 libreoffice，或用 Word、WPS 另存为 .{newer}。"
                )
            tools.working(office.SECONDS)
            converted = tools.office.converted(source.content, _written_suffix(source, suffix), newer)
            reading = reader(replace(source, content=converted), tools)
        elif kind in _READERS:
            reading = _READERS[kind](source, tools)
        else:
            raise NoticeUnreadable("里面有几份文件。请逐份收录。")
    return _checked(source, reading)


def _checked(source: Source, reading: Reading) -> Reading:
    """The reading, if there is any text in it."""
    if not any(not isinstance(b, Line) or b.text.strip() for b in reading.blocks):
        raise NoticeUnreadable(f"{_own_name(source)}：没有文字。请确认文件不是空白页。")
    return reading


def _written_suffix(source: Source, binary: str) -> str:
    """The ending by which LibreOffice knows a format: WPS's own endings stand for Office's binary files."""
    if source.content.startswith(b"PK"):
        return {".doc": ".odt", ".xls": ".ods", ".ppt": ".odp"}[binary]
    return ".rtf" if source.content.lstrip().startswith(b"{\\rtf") else binary


@contextmanager
def _faults(source: Source) -> Iterator[None]:
    """The edge for all that can go wrong with a document's content: one sentence that begins with its name."""
    name = _own_name(source)
    try:
        yield
    except NoticeUnreadable as error:
        raise type(error)(f"{name}：{error}") from None
    except (MemoryError, RecursionError):
        raise NoticeTooLarge(f"{name}：内容过大或套得太深，读不下。请拆分后再试。") from None
    except Exception as error:  # the parsing libraries raise dozens of types on damaged files
        raise NoticeUnreadable(
            f"{name}：文件已损坏或内容与扩展名不符（{type(error).__name__}）。请重新导出或另存后再试。"
        ) from error


def _own_name(source: Source) -> str:
    return PurePosixPath(source.name).name


def _file(path: Path, max_bytes: int) -> Source:
    try:
        if path.is_dir():
            raise NoticeUnreadable(f"{path.name}：这是文件夹，不是文件。")
        size = path.stat().st_size
        if size > max_bytes:
            limit = max_bytes >> 20
            raise NoticeUnreadable(
                f"{path.name}：文件有 {size >> 20} MB，超过上限 {limit} MB。请拆分或压缩图片后再试。"
            )
        content = path.read_bytes()
    except FileNotFoundError:
        raise NoticeUnreadable(f"{path.name}：文件不存在。请检查路径。") from None
    except OSError as error:
        raise NoticeUnreadable(f"{path.name}：打不开（{error.strerror}）。请检查权限。") from None
    if not content.strip():
        raise NoticeUnreadable(f"{path.name}：文件是空的。")
    return Source(path.name, content)
