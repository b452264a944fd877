"""Plain text: a line a block, empty lines and leading tabs kept, since flattened tables are told by them."""

import re

import charset_normalizer

from corpus.blocks import Line, Reading
from corpus.errors import NoticeUnreadable
from corpus.readers.source import Source, Tools

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufeff]")
_COMMON = re.compile(r"[\x09\x0a\x0d\x20-\x7e\u2000-\u206f\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
_MOSTLY = 0.9


def read(source: Source, tools: Tools) -> Reading:
    """The lines of a text file. Raises NoticeUnreadable for what is no text."""
    text = decode(source.content)
    return Reading(tuple(Line(line) for line in re.split(r"\r\n|\r|\n|\x0c|\u2028|\u2029", text)))


def decode(content: bytes) -> str:
    """UTF-8, UTF-16 with its mark, GB18030, else what is detected (Big5); control characters are dropped."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return clean(_decoded(content, "utf-16"))
    if b"\x00" in content:
        raise NoticeUnreadable("这是二进制文件，不是文本。请确认文件格式。")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8-sig" or _is_sensible(text):
            return _checked(text)
    found = charset_normalizer.from_bytes(content).best()
    if found is None:
        raise NoticeUnreadable("看不出是什么编码。请另存为 UTF-8 或 GB18030 编码的文本。")
    return _checked(str(found))


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise NoticeUnreadable("文本编码有误。请另存为 UTF-8 编码。") from None


def _is_sensible(text: str) -> bool:
    """Whether nearly all of it is characters that Chinese texts are written with."""
    return len(_COMMON.findall(text)) >= _MOSTLY * len(text)


def _checked(text: str) -> str:
    if len(_CONTROL.findall(text)) * 20 > len(text):
        raise NoticeUnreadable("这是二进制文件，不是文本。请确认文件格式。")
    return clean(text)


def clean(text: str) -> str:
    """The text less its control characters; tabs and line ends stay."""
    return _CONTROL.sub("", text)
