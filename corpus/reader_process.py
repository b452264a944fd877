"""Reads files in a process of its own, with bounds on its memory and time: what hangs or bursts there hurts nobody else.

Parent and child speak over a socket: the child begins a document, says when it needs longer, gives the document back.
Time is the processor's, so that a busy machine refuses nothing; a child that only waits is stopped by the clock.
The process is kept for the files that follow, and is replaced after it had to be stopped.
"""

import io
import os
import pickle
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

from corpus.blocks import Block
from corpus.errors import NoticeUnreadable
from corpus.notice import Notice

MEMORY = 1 << 30
"""Bytes that the process may take up."""
SECONDS = 10.0
"""Processor time for a document, unless its reader asks for more."""
_BUSY = 6.0
"""By the clock so many times as much may pass."""
_START = 60.0
"""Seconds for the process to come up on a busy machine."""


_TOO_LONG = "读了很久没有读完，已放弃。请另存为 .docx 或 .pdf，或拆分后再试。"


@dataclass(frozen=True, slots=True)
class Request:
    """A file to read. `known` has the hash of each document in it that need not be read again, `skip` those done."""

    path: Path
    max_bytes: int
    known: Mapping[str, str]
    skip: frozenset[str] = frozenset()
    as_blocks: bool = False
    """Whether the lines and tables are wanted as the file has them, not a notice."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A document that was read. `inside` is "" for the file itself, else the way to it, "!/附件/附件1.docx"."""

    inside: str
    content_hash: str
    notice: Notice
    passages: int
    """How many there are."""
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """A document's lines and tables as the file has them."""

    inside: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A document that can't be read, and why, in a sentence that begins with its name."""

    inside: str
    error: str


@dataclass(frozen=True, slots=True)
class Known:
    """A document that has the hash that was named for it."""

    inside: str


Document = Understood | Refused | Known


@dataclass(frozen=True, slots=True)
class Working:
    """The child may need so many seconds from now on."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Beginning:
    """The child begins with this document."""

    inside: str


@dataclass(frozen=True, slots=True)
class Done:
    """The child is through with the file; one that is `spent` is not to be given another."""

    spent: bool = False


class _Lost(Exception):
    """The child is gone; the reason is a sentence for a person."""


class _OwnShapes(pickle.Unpickler):
    """Takes nothing from the child but the shapes of documents and messages."""

    def find_class(self, module: str, name: str) -> Any:
        if module in (
            "corpus.blocks",
            "corpus.notice",
            "corpus.reader_process",
            "pathlib",
        ) and not name.startswith("_"):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no document")


class ReaderProcess:
    """A process that reads files one at a time. Use as a context: it ends with it."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._folder = TemporaryDirectory(prefix="cewen-")
        self._complaints = Path(self._folder.name, "complaints.txt")

    def __enter__(self) -> "ReaderProcess":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        self._folder.cleanup()

    def documents(self, path: Path, max_bytes: int, known: Mapping[str, str]) -> Iterator[Document]:
        """Every document in a file, in order. Never raises for what is in the file.

        One on which the process has to be stopped is given back with an error, and the rest is read by another.
        """
        for document in self._read(Request(path, max_bytes, known)):
            if not isinstance(document, Read):
                yield document

    def blocks(self, path: Path, max_bytes: int) -> tuple[Block, ...]:
        """The lines and tables of a file that is no notice. Raises NoticeUnreadable."""
        found: list[Block] = []
        for document in self._read(Request(path, max_bytes, {}, as_blocks=True)):
            if isinstance(document, Refused):
                raise NoticeUnreadable(document.error)
            found += document.blocks if isinstance(document, Read) else ()
        return tuple(found)

    def _read(self, request: Request) -> Iterator[Document | Read]:
        skip: frozenset[str] = frozenset()
        while True:
            begun = None
            try:
                for message in self._messages(replace(request, skip=skip)):
                    match message:
                        case Beginning(inside):
                            begun = inside
                        case _:
                            skip |= {message.inside}
                            begun = None
                            yield message
                return
            except _Lost as lost:
                inside = begun or ""
                name = (request.path.name + inside).rpartition("/")[2]
                yield Refused(inside, f"{name}：{lost}")
                if not inside:
                    return
                skip |= {inside}

    def _messages(self, request: Request) -> Iterator[Beginning | Document | Read]:
        """What the child says about a file; unless it comes to its end, the child is stopped."""
        done = False
        try:
            connection = self._started()
            connection.send(request)
            patience = SECONDS
            while connection.poll(patience * _BUSY):
                patience = SECONDS
                match _OwnShapes(io.BytesIO(connection.recv_bytes())).load():
                    case Working(seconds):
                        patience = seconds
                    case Beginning() | Understood() | Read() | Refused() | Known() as message:
                        yield message
                    case Done(spent):
                        done = not spent
                        return
            raise _Lost(_TOO_LONG)
        except (EOFError, OSError):
            raise _Lost(self._last_words()) from None
        finally:
            if not done:
                self._stop()

    def _started(self) -> Connection:
        if self._connection is None:
            self._connection, theirs = Pipe()
            command = [
                sys.executable,
                "-P",
                "-m",
                "corpus.reader_child",
                str(theirs.fileno()),
                self._folder.name,
            ]
            with self._complaints.open("wb") as complaints, theirs:
                self._child = subprocess.Popen(  # noqa: S603 - our own module
                    command,
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=complaints,
                    start_new_session=True,
                    env=_without_secrets() | {"TMPDIR": self._folder.name, "MALLOC_ARENA_MAX": "2"},
                )
            if not self._connection.poll(_START):
                raise _Lost("读取进程没有启动。请检查服务器的内存和负载后再试。")
            self._connection.recv_bytes()
        return self._connection

    def _last_words(self) -> str:
        """What has ended the child: its time was up, an error that it did not expect, or a signal."""
        if self._child is None:
            return "读取进程没有启动。请检查服务器后再试。"
        ended = os.waitid(os.P_PID, self._child.pid, os.WEXITED | os.WNOWAIT)
        if ended and ended.si_code != os.CLD_EXITED and ended.si_status == signal.SIGXCPU:
            return _TOO_LONG
        lines = self._complaints.read_text("utf-8", "replace").splitlines()
        error = re.match(r"[\w.]+(?=:|$)", lines[-1]) if lines else None
        cause = error[0] if error else f"信号 {ended and ended.si_status}"
        return f"读取时意外中断（{cause}），文件可能已损坏或占用内存过多。请重新导出、另存或拆分后再试。"

    def _stop(self) -> None:
        """Ends the process and all that it has started."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._child is not None:
            os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()
            self._child = None


def _without_secrets() -> dict[str, str]:
    """The environment less Cewen's own settings."""
    return {key: value for key, value in os.environ.items() if not key.startswith("CEWEN_")}
