"""The child of ReaderProcess: reads files until its parent hangs up.

python -m corpus.reader_child DESCRIPTOR FOLDER
"""

import logging
import math
import resource
import sys
import time
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from corpus.errors import NoticeTooLarge, NoticeUnreadable
from corpus.extras import has_recognition, office_program
from corpus.passages import passages
from corpus.reader_process import (
    MEMORY,
    SECONDS,
    Beginning,
    Done,
    Known,
    Read,
    Refused,
    Request,
    Understood,
    Working,
)
from corpus.readers import Found, documents
from corpus.readers.office import LibreOffice
from corpus.readers.recognition import Recogniser
from corpus.readers.source import Tools
from corpus.tree import read_notice


def main() -> None:
    """Serves one request after another."""
    _, descriptor, folder = sys.argv
    logging.disable(logging.CRITICAL)  # what the parsing libraries say about damaged files helps nobody
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    connection = Connection(int(descriptor))
    program = office_program()
    tools = Tools(
        office=LibreOffice(program, Path(folder)) if program else None,
        recogniser=Recogniser() if has_recognition() else None,
        working=partial(_allow, connection),
    )
    connection.send(Done())
    while True:
        try:
            request: Request = connection.recv()
        except EOFError:
            return
        connection.send(Done(spent=not _serve(request, tools, connection)))


def _allow(connection: Connection, seconds: float) -> None:
    """Processor time for what comes next; when it is used up, SIGXCPU ends this process."""
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time() + seconds), most))
    connection.send(Working(seconds))


def _serve(request: Request, tools: Tools, connection: Connection) -> bool:
    """Reads the documents of a file; False when one of them has used up this process's memory."""
    well = True
    tools.working(SECONDS)
    try:
        for found in documents(request.path, request.max_bytes, tools):
            if found.inside in request.skip:
                continue
            if found.content_hash and request.known.get(found.inside) == found.content_hash:
                connection.send(Known(found.inside))
            else:
                connection.send(Beginning(found.inside))
                tools.working(SECONDS)
                try:
                    connection.send(
                        _blocks(found) if request.as_blocks else _document(found, request.path.name)
                    )
                except NoticeUnreadable as error:
                    well = well and not isinstance(error, NoticeTooLarge)
                    connection.send(Refused(found.inside, str(error)))
    except NoticeUnreadable as error:
        connection.send(Refused("", str(error)))
    return well


def _blocks(found: Found) -> Read:
    return Read(found.inside, tuple(found.reading().blocks))


def _document(found: Found, file_name: str) -> Understood:
    reading = found.reading()
    notice = read_notice(reading.blocks)
    count = len(passages(notice))
    if not count:
        name = (file_name + found.inside).rpartition("/")[2]
        raise NoticeUnreadable(f"{name}：除标题外没有正文。请确认文件完整后重试。")
    return Understood(found.inside, found.content_hash, notice, count, reading.warnings)


if __name__ == "__main__":
    main()
