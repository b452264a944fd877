"""The child of ReaderProcess: reads files until its parent hangs up.

python -m corpus.reader_child DESCRIPTOR FOLDER
"""

import logging
import resource
import sys
from multiprocessing.connection import Connection
from pathlib import Path

from corpus.errors import NoticeUnreadable
from corpus.passages import passages
from corpus.reader_process import (
    MEMORY,
    Beginning,
    Done,
    Known,
    Refused,
    Request,
    Understood,
    Working,
)
from corpus.readers import Found, documents
from corpus.readers.office import LibreOffice, find_office
from corpus.readers.recognition import Recogniser, is_installed
from corpus.readers.source import Tools
from corpus.tree import read_notice


def main() -> None:
    """Serves one request after another."""
    _, descriptor, folder = sys.argv
    logging.disable(logging.CRITICAL)  # what the parsing libraries say about damaged files helps nobody
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    connection = Connection(int(descriptor))
    program = find_office()
    tools = Tools(
        office=LibreOffice(program, Path(folder)) if program else None,
        recogniser=Recogniser() if is_installed() else None,
        working=lambda seconds: connection.send(Working(seconds)),
    )
    connection.send(Done())
    while True:
        try:
            request: Request = connection.recv()
        except EOFError:
            return
        _serve(request, tools, connection)
        connection.send(Done())


def _serve(request: Request, tools: Tools, connection: Connection) -> None:
    try:
        for found in documents(request.path, request.max_bytes, tools):
            if found.inside in request.skip:
                continue
            if found.content_hash and request.known.get(found.inside) == found.content_hash:
                connection.send(Known(found.inside))
            else:
                connection.send(Beginning(found.inside))
                connection.send(_document(found, request.path.name))
    except NoticeUnreadable as error:
        connection.send(Refused("", str(error)))


def _document(found: Found, file_name: str) -> Understood | Refused:
    try:
        reading = found.reading()
        notice = read_notice(reading.blocks)
        count = len(passages(notice))
    except NoticeUnreadable as error:
        return Refused(found.inside, str(error))
    if not count:
        name = (file_name + found.inside).rpartition("/")[2]
        return Refused(found.inside, f"{name}：除标题外没有正文。请确认文件完整后重试。")
    return Understood(found.inside, found.content_hash, notice, count, reading.warnings)


if __name__ == "__main__":
    main()
