"""Damaged files of every format: each is read, or refused in one clear sentence; none ends or holds up the reading."""

import random
import resource
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import building
import pytest
from building import Fixture
from damaging import damaged

from corpus.reader_process import MEMORY, ReaderProcess, Refused

LARGEST = 50 << 20
CHEAP = (
    "plan.docx",
    "lectures.xlsx",
    "camp.pptx",
    "科普员名额分配表.csv",
    "volunteers.html",
    "mail.eml",
    "通知.zip",
    "plan.txt",
    "plan.md",
)
SHARES = (
    (CHEAP, 17, 420),
    (("volunteers-printed.pdf",), 17, 300),
    (("plan.pdf",), 3, 60),
    (("small.png", "small.jpg", "small.tif", "small.bmp", "small.webp", "small-scanned.pdf"), 2, 50),
    (
        (
            "plan.doc",
            "plan.wps",
            "plan.odt",
            "plan.rtf",
            "lectures.xls",
            "lectures.ods",
            "camp.ppt",
            "camp.odp",
        ),
        1,
        70,
    ),
)
"""Files, and how many damaged ones of each in a daily and in a long run: fewer of those that take a second or more."""


@pytest.mark.parametrize(("name", "count"), [(n, few) for names, few, _ in SHARES for n in names])
def test_a_damaged_file_is_read_or_refused_in_one_sentence(
    office_file: Fixture, reader: ReaderProcess, tmp_path: Path, name: str, count: int
) -> None:
    for file in damaged_files(office_file(name), tmp_path, count):
        assert_read_or_refused(reader, file)


def damaged_files(file: Path, folder: Path, count: int) -> Iterator[Path]:
    content = file.read_bytes()
    damaged_file = folder / f"damaged{file.suffix}"
    for number in range(count):
        chance = random.Random(f"{file.name} {number}")  # noqa: S311
        damaged_file.write_bytes(damaged(content, chance))
        yield damaged_file


def assert_read_or_refused(reader: ReaderProcess, file: Path) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    for document in reader.documents(file, LARGEST, {}):
        outcomes[type(document).__name__] += 1
        if isinstance(document, Refused):
            name = (file.name + document.inside).rpartition("/")[2]
            assert document.error.startswith(f"{name}：")
            assert document.error.endswith("。")
            assert "\n" not in document.error
            assert "意外中断" not in document.error, file.read_bytes()[:100]
    assert outcomes
    return outcomes


@pytest.mark.bench
def test_five_thousand_damaged_files(office_file: Fixture, tmp_path: Path) -> None:
    """Prints what became of them by format, the slowest, and the memory of the largest process."""
    total = 0
    with ReaderProcess() as reader:
        for name, count in [(n, many) for names, _, many in SHARES for n in names]:
            outcomes: Counter[str] = Counter()
            slowest = 0.0
            for file in damaged_files(office_file(name), tmp_path, count):
                started = time.perf_counter()
                outcomes += assert_read_or_refused(reader, file)
                slowest = max(slowest, time.perf_counter() - started)
            total += count
            print(f"{name:24} {count:4} files  {dict(outcomes)}  slowest {slowest:.1f} s", flush=True)
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10
    print(f"{total} files; largest process {largest >> 20} MB")
    assert total >= 5000
    assert largest < MEMORY


def test_the_damaged_files_are_of_every_format() -> None:
    asked = {n.rpartition(".")[2] for names, _, _ in SHARES for n in names}
    assert asked >= {n.rpartition(".")[2] for n in building.MAKERS}
