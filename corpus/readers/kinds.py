"""What a file is, by its ending and by what its first bytes say. Office files go by their bytes alone.

Old systems name web pages .xls and people rename .doc to .docx: within the office endings the content decides.
"""

import zipfile
from io import BytesIO

from corpus.errors import NoticeUnreadable
from corpus.formats import OFFICE, OTHER_ARCHIVES, OTHERS, Kind
from corpus.readers.source import Source

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UTF16 = "utf-16-le"
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"BM", b"RIFF")
_STREAMS = (
    ("WordDocument", Kind.OLD_WORD),
    ("Workbook", Kind.OLD_SHEET),
    ("Book", Kind.OLD_SHEET),
    ("PowerPoint Document", Kind.OLD_SLIDES),
)
"""The streams that Office's old binary files keep their text in (MS-DOC 2.1, MS-XLS 2.1, MS-PPT 2.1)."""
_PARTS = (("word/", Kind.WORD), ("xl/", Kind.SHEET), ("ppt/", Kind.SLIDES))
_OPEN_DOCUMENT = (("text", Kind.OLD_WORD), ("spreadsheet", Kind.OLD_SHEET), ("presentation", Kind.OLD_SLIDES))


def kind_of(source: Source) -> Kind:
    """Which reader a document is for. Raises NoticeUnreadable when ending and content do not fit, or for no known kind."""
    suffix = source.suffix
    if suffix in OFFICE:
        return _office_kind(source, OFFICE[suffix])
    if suffix in OTHER_ARCHIVES:
        raise NoticeUnreadable(f"{suffix} 压缩包读不了。请解压后收录，或重新打包为 .zip。")
    kind = OTHERS.get(suffix)
    if kind is None:
        raise NoticeUnreadable("不支持这种格式。请另存为 .docx、.pdf、.xlsx、.txt 等格式。")
    return _checked(source, kind)


def _checked(source: Source, kind: Kind) -> Kind:
    """The kind that the ending promises, if the first bytes do not deny it."""
    start = source.content[:1024]
    expected = {Kind.PDF: (b"%PDF",), Kind.ARCHIVE: (b"PK",), Kind.IMAGE: _IMAGES}.get(kind)
    if expected:
        if not any(mark in start if kind is Kind.PDF else start.startswith(mark) for mark in expected):
            raise NoticeUnreadable(f"内容不是 {source.suffix} 格式。请确认扩展名，或重新导出。")
    elif start.startswith((_ZIP, b"%PDF", _OLE, *_IMAGES[:4])):
        raise NoticeUnreadable("内容不是文本，扩展名可能改错了。请恢复原来的扩展名。")
    return kind


def _office_kind(source: Source, promised: Kind) -> Kind:
    content = source.content
    if content.startswith(_OLE):
        return _ole_kind(content, promised)
    if content.startswith(_ZIP):
        return _zip_kind(source, promised)
    start = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"{\\rtf"):
        return Kind.OLD_WORD
    if start[:200].lower().startswith((b"<html", b"<!doctype html", b"<table", b"<meta")):
        return Kind.WEB
    if start.startswith(b"MIME-Version:"):
        return Kind.MAIL
    raise NoticeUnreadable(f"内容不是 {source.suffix} 格式。请确认扩展名，或重新导出。")


def _ole_kind(content: bytes, promised: Kind) -> Kind:
    if "EncryptedPackage".encode(_UTF16) in content:
        raise NoticeUnreadable("文件设有密码。请去掉密码后再试。")
    found = next((kind for name, kind in _STREAMS if name.encode(_UTF16) in content), None)
    if found is None and promised not in (Kind.OLD_WORD, Kind.OLD_SHEET, Kind.OLD_SLIDES):
        raise NoticeUnreadable(
            "这是旧版或设有密码的 Office 文件，且已损坏。请去掉密码，或用 Word 另存为 .docx 后再试。"
        )
    return found or promised


def _zip_kind(source: Source, promised: Kind) -> Kind:
    try:
        with zipfile.ZipFile(BytesIO(source.content)) as archive:
            names = archive.namelist()
            size = sum(i.file_size for i in archive.infolist())
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                declared = archive.read("mimetype").decode("ascii", "replace")
                found = next(
                    (k for word, k in _OPEN_DOCUMENT if f"opendocument.{word}" in declared), promised
                )
            else:
                found = next((k for part, k in _PARTS if any(n.startswith(part) for n in names)), promised)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, RuntimeError, NotImplementedError, EOFError):
        raise NoticeUnreadable(f"{source.suffix} 文件不完整或已损坏。请重新传送或另存后再试。") from None
    if size > LARGEST_UNPACKED:
        raise NoticeUnreadable(f"{source.suffix} 解开后过大（{size >> 20} MB）。请检查文件来源。")
    return found


LARGEST_UNPACKED = 400 << 20
"""Bytes; an office file that would unpack to more is a bomb, not a notice."""
