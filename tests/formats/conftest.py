"""One file of every format, made once a run by the programs that offices use; without a program its files are skipped."""

from collections.abc import Iterator
from pathlib import Path

import building
import pytest

from corpus.extras import has_recognition
from corpus.reader_process import ReaderProcess
from index.text import Segmenter


@pytest.fixture(scope="session")
def office_file(tmp_path_factory: pytest.TempPathFactory) -> building.Fixture:
    """Makes a file of building.MAKERS or MORE, or skips the test by the name of what is missing."""
    folder = tmp_path_factory.mktemp("formats")

    def make(name: str) -> Path:
        if name in building.CONVERTED and not building.SOFFICE:
            pytest.skip("needs LibreOffice")
        if name == "volunteers-printed.pdf" and not building.CHROMIUM:
            pytest.skip("needs Chromium")
        if name in building.PICTURES and not (building.FONT and has_recognition()):
            pytest.skip("needs the extra ocr and a Chinese font")
        file = folder / name
        if not file.exists():
            file.write_bytes((building.MAKERS | building.MORE)[name](folder))
        return file

    return make


@pytest.fixture(scope="session")
def reader() -> Iterator[ReaderProcess]:
    with ReaderProcess() as process:
        yield process


@pytest.fixture(scope="session")
def segmenter() -> Segmenter:
    return Segmenter()
