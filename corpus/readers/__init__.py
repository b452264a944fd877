"""From a file to blocks: one small module a format, real parsing libraries in each, one edge for all that can go wrong."""

import zipfile
from collections.abc import Callable
from pathlib import Path

from corpus.blocks import Block, Line
from corpus.errors import NoticeUnreadable
from corpus.readers import markdown, pdf, plain, web, word

_READERS: dict[str, Callable[[bytes], list[Block]]] = {
    ".txt": plain.read,
    ".md": markdown.read,
    ".docx": word.read,
    ".html": web.read,
    ".htm": web.read,
    ".pdf": pdf.read,
}
SUFFIXES = frozenset(_READERS)
"""The endings of the files that can be read, in lower case."""
_OLD_WORD = b"\xd0\xcf\x11\xe0"
_LARGEST_UNPACKED = 400 << 20
"""Bytes; a .docx that would unpack to more is a bomb, not a notice."""


def read(path: Path, max_bytes: int) -> list[Block]:
    """The blocks of a file. Raises NoticeUnreadable, with a sentence on what to do, for whatever can't be read."""
    reader = _READERS.get(path.suffix.lower())
    content = _content(path, max_bytes)
    if reader is None:
        endings = " ".join(sorted(SUFFIXES))
        raise NoticeUnreadable(f"{path.name}：不支持这种格式。请另存为 {endings} 之一。")
    _check_kind(path, content)
    try:
        blocks = reader(content)
    except NoticeUnreadable as error:
        raise NoticeUnreadable(f"{path.name}：{error}") from None
    except Exception as error:  # the parsing libraries raise dozens of types on damaged files
        raise NoticeUnreadable(
            f"{path.name}：文件已损坏或内容与扩展名不符（{type(error).__name__}）。请重新导出或另存后再试。"
        ) from error
    if not any(not isinstance(b, Line) or b.text.strip() for b in blocks):
        raise NoticeUnreadable(f"{path.name}：没有文字。请确认文件不是空白页。")
    return blocks


def _content(path: Path, max_bytes: int) -> bytes:
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
    return content


def _check_kind(path: Path, content: bytes) -> None:
    """The first bytes must be of the kind that the ending promises."""
    suffix = path.suffix.lower()
    if content.startswith(_OLD_WORD):
        advice = "文件可能已加密，请去掉密码后再试" if suffix == ".docx" else "请用 Word 另存为 .docx"
        raise NoticeUnreadable(f"{path.name}：这是旧版 Word 或加密的 Office 文件。{advice}。")
    expected = {".docx": b"PK", ".pdf": b"%PDF"}.get(suffix)
    if expected and expected not in content[:1024]:
        raise NoticeUnreadable(f"{path.name}：内容不是 {suffix} 格式。请确认扩展名，或重新导出。")
    if not expected and content.startswith((b"PK\x03\x04", b"%PDF")):
        raise NoticeUnreadable(f"{path.name}：内容不是文本，扩展名可能改错了。请恢复原来的扩展名。")
    if suffix == ".docx":
        _check_size(path)


def _check_size(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(info.file_size for info in archive.infolist())
    except (zipfile.BadZipFile, OSError):
        raise NoticeUnreadable(f"{path.name}：.docx 文件不完整或已损坏。请重新传送或另存后再试。") from None
    if size > _LARGEST_UNPACKED:
        raise NoticeUnreadable(f"{path.name}：.docx 解开后过大（{size >> 20} MB）。请检查文件来源。")
