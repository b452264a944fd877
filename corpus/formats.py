"""The formats that can be read, by the endings of their files. Imports no parsing library."""

from enum import Enum


class Kind(Enum):
    TEXT = "text"
    MARKDOWN = "markdown"
    WEB = "web"
    WORD = "word"
    SHEET = "sheet"
    SLIDES = "slides"
    CSV = "csv"
    PDF = "pdf"
    IMAGE = "image"
    MAIL = "mail"
    ARCHIVE = "archive"
    OLD_WORD = "old word"
    OLD_SHEET = "old sheet"
    OLD_SLIDES = "old slides"


OFFICE = {
    **dict.fromkeys((".docx", ".docm"), Kind.WORD),
    **dict.fromkeys((".doc", ".wps", ".rtf", ".odt"), Kind.OLD_WORD),
    **dict.fromkeys((".xlsx", ".xlsm"), Kind.SHEET),
    **dict.fromkeys((".xls", ".et", ".ods"), Kind.OLD_SHEET),
    ".pptx": Kind.SLIDES,
    **dict.fromkeys((".ppt", ".dps", ".odp"), Kind.OLD_SLIDES),
}
OTHERS = {
    ".txt": Kind.TEXT,
    ".md": Kind.MARKDOWN,
    **dict.fromkeys((".html", ".htm"), Kind.WEB),
    ".csv": Kind.CSV,
    ".pdf": Kind.PDF,
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"), Kind.IMAGE),
    **dict.fromkeys((".eml", ".mht", ".mhtml"), Kind.MAIL),
    ".zip": Kind.ARCHIVE,
}
SUFFIXES = frozenset((*OFFICE, *OTHERS))
"""The endings of the files that can be read, in lower case."""
OTHER_ARCHIVES = (".rar", ".7z", ".tar", ".gz", ".tgz")
ENCLOSED_SUFFIXES = SUFFIXES.union(OTHER_ARCHIVES)
"""What is taken out of a mail or an archive; the rest, such as films, is passed over."""

INSIDE = "!/"
"""Stands between a file and what it encloses: 通知.zip!/附件/附件1.docx."""
