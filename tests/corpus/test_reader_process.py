"""The process that reads: what it gives back, and what happens when a file is too much for it."""

import os
from collections.abc import Iterator
from pathlib import Path

import building
import pytest

from corpus.reader_process import Document, Known, ReaderProcess, Refused, Understood

LARGEST = 50 << 20


@pytest.fixture(scope="module")
def reader() -> Iterator[ReaderProcess]:
    with ReaderProcess() as process:
        yield process


def documents(reader: ReaderProcess, file: Path, known: dict[str, str] | None = None) -> list[Document]:
    return list(reader.documents(file, LARGEST, known or {}))


def test_each_document_of_a_file_comes_back_understood(reader: ReaderProcess, tmp_path: Path) -> None:
    file = tmp_path / "通知.zip"
    file.write_bytes(building.archive_bytes())
    found = documents(reader, file)
    assert [d.inside for d in found] == [
        "!/通知/科普行动计划.docx",
        "!/通知/讲座安排.xlsx",
        "!/名额.zip!/quota.csv",
    ]
    plan = found[0]
    assert isinstance(plan, Understood)
    assert plan.notice.doc_number.value == building.NUMBER
    assert plan.passages > 30


def test_what_is_known_is_not_read_again(reader: ReaderProcess, tmp_path: Path) -> None:
    file = tmp_path / "通知.zip"
    file.write_bytes(building.archive_bytes())
    plan, *_ = documents(reader, file)
    assert isinstance(plan, Understood)
    again = documents(reader, file, {plan.inside: plan.content_hash})
    assert again[0] == Known(plan.inside)
    assert all(isinstance(d, Understood) for d in again[1:])


def test_a_file_that_takes_too_long_is_given_up_and_the_next_is_read(
    reader: ReaderProcess, tmp_path: Path
) -> None:
    endless, good = tmp_path / "a.txt", tmp_path / "b.txt"
    endless.write_text("一、做好工作，抓好落实，请于5月底前报送\n" * 600_000, encoding="utf-8")
    good.write_text("关于值班的通知\n值班电话：5550101。", encoding="utf-8")
    (refused,) = documents(reader, endless)
    assert isinstance(refused, Refused)
    assert refused.error.startswith("a.txt：读了很久没有读完")
    assert isinstance(documents(reader, good)[0], Understood)


def test_a_file_that_takes_too_much_memory_is_refused_and_the_next_is_read(
    reader: ReaderProcess, tmp_path: Path
) -> None:
    huge, good = tmp_path / "a.html", tmp_path / "b.txt"
    huge.write_bytes(b"<p>" * (16 << 20))
    good.write_text("关于值班的通知\n值班电话：5550101。", encoding="utf-8")
    (refused,) = documents(reader, huge)
    assert isinstance(refused, Refused)
    assert "\n" not in refused.error
    assert isinstance(documents(reader, good)[0], Understood)


def test_secrets_are_not_handed_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CEWEN_TELEGRAM_TOKEN", "secret-of-the-bot")
    file = tmp_path / "a.txt"
    file.write_text("关于值班的通知\n值班电话：5550101。", encoding="utf-8")
    with ReaderProcess() as reader:
        documents(reader, file)
        children = [p for p in Path("/proc").glob("[0-9]*") if _parent(p) == os.getpid()]
        assert any(b"reader_child" in (p / "cmdline").read_bytes() for p in children)
        assert not any(b"secret-of-the-bot" in (p / "environ").read_bytes() for p in children)


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError):
        return 0
