"""What readers are given: a document's bytes, and the tools that some formats need."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from corpus.readers.office import LibreOffice
from corpus.readers.recognition import Recogniser


@dataclass(frozen=True, slots=True)
class Source:
    """A file's name and bytes, or those of what a mail or an archive encloses."""

    name: str
    content: bytes

    @property
    def suffix(self) -> str:
        """The ending in lower case, with its dot."""
        return PurePosixPath(self.name).suffix.lower()

    @property
    def stem(self) -> str:
        return PurePosixPath(self.name).stem

    def content_hash(self) -> str:
        """SHA-256 of the bytes."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Tools:
    """`office` and `recogniser` are None where they are not installed.

    `working(seconds)` is called by whatever takes long: up to so many seconds of processor time are needed from there
    to its next call, or to the end.
    """

    office: LibreOffice | None = None
    recogniser: Recogniser | None = None
    working: Callable[[float], None] = lambda seconds: None
