"""From a file to the store: read, understood, kept. Unchanged files are skipped; one bad file never stops the rest."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import TypeAdapter
from ulid import ULID

from bot.store.database import utc_text
from bot.store.notices import NoticeTable, StoredNotice
from corpus.errors import NoticeUnreadable
from corpus.notice import Notice
from corpus.passages import passages
from corpus.readers import SUFFIXES, read
from corpus.tree import read_notice

TREE = TypeAdapter(Notice)
"""Notices as JSON, for the store."""


class Status(StrEnum):
    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of one file, in the shape that `cewen ingest --json` prints."""

    path: str
    status: Status
    notice_id: str = ""
    doc_number: str = ""
    title: str = ""
    issuer: str = ""
    date: str = ""
    passages: int = 0
    error: str = ""


def notice_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files to read: those named, and below named folders all of a known format, hidden ones and READMEs aside."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for file in sorted(p for p in path.rglob("*") if p.is_file()):
            hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
            if file.suffix.lower() in SUFFIXES and not hidden and not file.stem.upper().startswith("README"):
                yield file


class Intake:
    """Takes files in, one at a time, each in a transaction of its own."""

    def __init__(self, notices: NoticeTable, max_bytes: int, clock: Callable[[], datetime]) -> None:
        self._notices = notices
        self._max_bytes = max_bytes
        self._clock = clock

    def take(self, file: Path) -> Ingested:
        """Adds or updates the notice in a file. Never raises for what is in the file: that is the outcome FAILED."""
        path = str(file.absolute())
        before = self._notices.by_path(path)
        try:
            content_hash = _hash(file, self._max_bytes)
            if before and before.content_hash == content_hash:
                return _outcome(before, Status.UNCHANGED)
            notice = read_notice(read(file, self._max_bytes))
        except NoticeUnreadable as error:
            return Ingested(path, Status.FAILED, error=str(error))
        stored = self._stored(path, before.id if before else str(ULID()), content_hash, notice)
        if not stored.passages:
            return Ingested(
                path, Status.FAILED, error=f"{file.name}：除标题外没有正文。请确认文件完整后重试。"
            )
        self._notices.save(stored)
        return _outcome(stored, Status.UPDATED if before else Status.ADDED)

    def _stored(self, path: str, notice_id: str, content_hash: str, notice: Notice) -> StoredNotice:
        return StoredNotice(
            id=notice_id,
            path=path,
            content_hash=content_hash,
            doc_number=notice.doc_number.value,
            title=notice.title,
            issuer=notice.issuer.value,
            date=notice.date.value,
            passages=len(passages(notice)),
            tree=TREE.dump_json(notice).decode(),
            added_at=utc_text(self._clock()),
        )


def _hash(file: Path, max_bytes: int) -> str:
    """SHA-256 of a file that is there and not too large; "" for others, which the reader will refuse by name."""
    try:
        if not file.is_file() or file.stat().st_size > max_bytes:
            return ""
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


def _outcome(stored: StoredNotice, status: Status) -> Ingested:
    return Ingested(
        stored.path,
        status,
        stored.id,
        stored.doc_number,
        stored.title,
        stored.issuer,
        stored.date,
        stored.passages,
    )
