"""Archives (.zip): their files in memory, never on disk; names as their maker saw them, size and number bounded."""

import io
import stat
import zipfile
import zlib
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from corpus.errors import NoticeUnreadable
from corpus.readers.source import Source

MOST_FILES = 300
MOST_BYTES = 300 << 20
DEEPEST = 3
"""Archives and mails within each other."""
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class Locked:
    """A file of an archive that can't be unpacked, and why."""

    name: str
    reason: str


@dataclass(slots=True)
class Allowance:
    """What may still be unpacked of a file, all that lies within each other counted together."""

    files: int = MOST_FILES
    bytes: int = MOST_BYTES

    def take(self, size: int) -> None:
        """Counts one more file of so many bytes. Raises NoticeUnreadable when that is more than is allowed."""
        self.files -= 1
        self.bytes -= size
        if self.files < 0 or self.bytes < 0:
            raise NoticeUnreadable(
                f"内含的文件超过 {MOST_FILES} 个或 {MOST_BYTES >> 20} MB，其余未读。请分几个压缩包收录。"
            )


def enclosed(
    source: Source, suffixes: Container[str], allowance: Allowance, max_bytes: int
) -> Iterator[Source | Locked]:
    """The files of an archive whose endings are among `suffixes`, in its order.

    Raises NoticeUnreadable when the archive is no archive, or holds more than is allowed.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(source.content))
    except zipfile.BadZipFile:
        raise NoticeUnreadable("压缩包不完整或已损坏。请重新打包或传送后再试。") from None
    with archive:
        for info in archive.infolist():
            name = _name(info)
            if info.is_dir() or _is_link(info) or _is_litter(name):
                continue
            if PurePosixPath(name).suffix.lower() in suffixes:
                yield _unpacked(archive, info, name, allowance, max_bytes)


def _unpacked(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, allowance: Allowance, max_bytes: int
) -> Source | Locked:
    if info.flag_bits & _ENCRYPTED:
        return Locked(name, "在压缩包里设有密码。请去掉密码重新打包后再试。")
    try:
        with archive.open(info) as stream:
            content = stream.read(min(max_bytes, allowance.bytes) + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError):
        return Locked(name, "在压缩包里解不开，可能已损坏或用了少见的压缩方式。请重新打包后再试。")
    allowance.take(len(content))
    if len(content) > max_bytes:
        return Locked(name, f"超过上限 {max_bytes >> 20} MB。请拆分或压缩图片后再试。")
    return Source(name, content)


def _name(info: zipfile.ZipInfo) -> str:
    """The name within the archive, with nothing in it that leads out. Without the mark of UTF-8 it is GB18030."""
    name = info.filename
    if not info.flag_bits & _UTF8_NAME:
        raw = name.encode("cp437", errors="replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    parts = [p.strip() for p in name.replace("\\", "/").split("/")]
    return "/".join(p for p in parts if p not in ("", ".", "..") and not p.endswith(":"))


def _is_link(info: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(info.external_attr >> 16)


def _is_litter(name: str) -> bool:
    """Hidden files, those that macOS leaves behind, and Office's lock files."""
    path = PurePosixPath(name)
    return path.name.startswith((".", "~$")) or path.parts[:1] == ("__MACOSX",)
