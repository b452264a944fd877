"""From a file to the store: read, understood, kept. Unchanged documents are skipped; a bad one never stops the rest.

A mail or an archive holds several documents; each is a notice of its own, and its path goes on inside the file.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import TypeAdapter
from ulid import ULID

from bot.store.database import utc_text
from bot.store.notices import NoticeTable, StoredNotice
from corpus.formats import INSIDE, SUFFIXES
from corpus.notice import Notice
from corpus.reader_process import Document, Known, ReaderProcess, Refused, Understood

TREE = TypeAdapter(Notice)
"""Notices as JSON, for the store."""


class Status(StrEnum):
    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of one document, in the shape that `cewen ingest --json` prints.

    `path` is the file's; that of a document within goes on: /inbox/通知.zip!/附件/附件1.docx. `warnings` are sentences
    on what a person should check in a notice that was taken in.
    """

    path: str
    status: Status
    notice_id: str = ""
    doc_number: str = ""
    title: str = ""
    issuer: str = ""
    date: str = ""
    passages: int = 0
    error: str = ""
    warnings: tuple[str, ...] = ()


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
    """Takes files in, one at a time, each document in a transaction of its own."""

    def __init__(
        self, notices: NoticeTable, reader: ReaderProcess, max_bytes: int, clock: Callable[[], datetime]
    ) -> None:
        self._notices = notices
        self._reader = reader
        self._max_bytes = max_bytes
        self._clock = clock

    def take(self, file: Path) -> list[Ingested]:
        """Adds or updates the notices in a file. Never raises for what is in the file: that is the outcome FAILED.

        What an archive held before and holds no longer is taken out.
        """
        path = str(file.absolute())
        before = {n.path.removeprefix(path): n for n in self._notices.in_file(path, INSIDE)}
        known = {inside: stored.content_hash for inside, stored in before.items()}
        outcomes = []
        gone = dict(before)
        for document in self._reader.documents(file.absolute(), self._max_bytes, known):
            outcomes.append(self._outcome(path, document, before))
            gone.pop(document.inside, None)
        if gone and all(o.status is not Status.FAILED for o in outcomes):
            self._notices.remove([n.id for n in gone.values()])
        return outcomes

    def _outcome(self, path: str, document: Document, before: Mapping[str, StoredNotice]) -> Ingested:
        match document:
            case Refused(inside, error):
                return Ingested(path + inside, Status.FAILED, error=error)
            case Known(inside):
                return _ingested(before[inside], Status.UNCHANGED)
            case Understood(inside):
                older = before.get(inside)
                stored = self._stored(path, older.id if older else str(ULID()), document)
                self._notices.save(stored)
                return _ingested(stored, Status.UPDATED if older else Status.ADDED, document.warnings)

    def _stored(self, path: str, notice_id: str, document: Understood) -> StoredNotice:
        notice = document.notice
        return StoredNotice(
            id=notice_id,
            path=path + document.inside,
            content_hash=document.content_hash,
            doc_number=notice.doc_number.value,
            title=notice.title,
            issuer=notice.issuer.value,
            date=notice.date.value,
            passages=document.passages,
            tree=TREE.dump_json(notice).decode(),
            added_at=utc_text(self._clock()),
        )


def _ingested(stored: StoredNotice, status: Status, warnings: tuple[str, ...] = ()) -> Ingested:
    return Ingested(
        stored.path,
        status,
        stored.id,
        stored.doc_number,
        stored.title,
        stored.issuer,
        stored.date,
        stored.passages,
        warnings=warnings,
    )
