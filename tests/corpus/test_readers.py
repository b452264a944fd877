"""Files as they come: formats, encodings, and all that is no notice at all."""

import contextlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib import pdfencrypt
from reportlab.pdfgen.canvas import Canvas

from corpus.blocks import Grid, Line
from corpus.errors import NoticeUnreadable
from corpus.formats import SUFFIXES
from corpus.readers import read

LARGEST = 1 << 20
TEXT = "关于放假的通知\n各单位：\n\t全体放假，注意安全。\n"

Make = Callable[[str, bytes], Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def write(name: str, content: bytes) -> Path:
        file = tmp_path / name
        file.write_bytes(content)
        return file

    return write


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_is_read_in_the_encodings_that_offices_use(make: Make, encoding: str) -> None:
    blocks = read(make("a.txt", TEXT.encode(encoding)), LARGEST)
    assert [b.text for b in blocks if isinstance(b, Line)] == TEXT.split("\n")


def test_markdown_gives_headings_lists_and_tables(make: Make) -> None:
    blocks = read(
        make("a.md", "# 通知\n\n1. 第一**点**\n\n|名称|地点|\n|-|-|\n|讲座|一楼|\n".encode()), LARGEST
    )
    assert blocks[0] == Line("通知", 1)
    assert blocks[1] == Line("1.第一点")
    assert isinstance(blocks[2], Grid)
    assert [c.text for c in blocks[2].rows[1]] == ["讲座", "一楼"]


def test_word_writes_out_automatic_numbers(make: Make) -> None:
    document = docx.Document()
    for text in ("到场", "签到"):
        document.add_paragraph(text, style="List Number")
    buffer = io.BytesIO()
    document.save(buffer)
    blocks = read(make("a.docx", buffer.getvalue()), LARGEST)
    assert [b.text for b in blocks if isinstance(b, Line)] == ["1.到场", "2.签到"]


def test_a_web_page_in_gbk_is_read_by_its_own_declaration(make: Make) -> None:
    page = "<html><head><meta charset='gbk'></head><body><p>会议延期</p></body></html>".encode("gbk")
    assert read(make("a.html", page), LARGEST) == [Line("会议延期")]


def scanned_pdf() -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    canvas.drawInlineImage(Image.new("RGB", (60, 60), "grey"), 100, 100, 400, 600)
    canvas.save()
    return buffer.getvalue()


def encrypted_pdf() -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, encrypt=pdfencrypt.StandardEncryption("secret", canPrint=0))
    canvas.drawString(10, 10, "hidden")
    canvas.save()
    return buffer.getvalue()


def docx_bytes() -> bytes:
    document = docx.Document()
    document.add_paragraph("文字" * 400)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(9):
            archive.writestr(f"{number}.xml", bytes(50 << 20))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.txt", b"", "空"),
        ("blank.txt", b" \n\t\n", "空"),
        ("binary.txt", bytes(range(256)) * 4, "二进制"),
        ("word.txt", docx_bytes(), "扩展名"),
        ("text.docx", b"hello", "不是 .docx"),
        ("text.pdf", b"hello", "不是 .pdf"),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "LibreOffice"),
        ("old.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "密码"),
        ("cut.docx", docx_bytes()[:2000], "损坏"),
        ("cut.pdf", b"%PDF-1.7\n1 0 obj\n<<", "损坏"),
        ("scan.pdf", scanned_pdf(), "OCR"),
        ("locked.pdf", encrypted_pdf(), "加密"),
        ("bomb.docx", bomb(), "过大"),
        ("large.txt", b"x" * (LARGEST + 1), "超过上限"),
        ("a.xyz", b"hello", "不支持"),
    ],
)
def test_what_is_no_notice_is_refused_with_one_clear_sentence(
    make: Make, name: str, content: bytes, says: str
) -> None:
    with pytest.raises(NoticeUnreadable) as error:
        read(make(name, content), LARGEST)
    sentence = str(error.value)
    assert sentence.startswith(f"{name}：")
    assert says in sentence
    assert "\n" not in sentence


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    for path, says in ((tmp_path / "none.txt", "不存在"), (tmp_path, "文件夹")):
        with pytest.raises(NoticeUnreadable, match=says):
            read(path, LARGEST)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    suffix=st.sampled_from(sorted(SUFFIXES)),
    start=st.sampled_from([b"", b"%PDF-1.7\n", b"PK\x03\x04"]),
    content=st.binary(max_size=400),
)
def test_random_bytes_are_read_or_refused_never_a_traceback(
    tmp_path: Path, suffix: str, start: bytes, content: bytes
) -> None:
    file = tmp_path / f"fuzz{suffix}"
    file.write_bytes(start + content)
    with contextlib.suppress(NoticeUnreadable):
        assert read(file, LARGEST)
