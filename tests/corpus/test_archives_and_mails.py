"""Archives and mails: each document in them by itself, and nothing that a malicious one could do."""

import io
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import building
import pytest

from corpus.blocks import Line, Reading
from corpus.errors import NoticeUnreadable
from corpus.readers import documents
from corpus.readers.archive import MOST_FILES
from corpus.readers.source import Tools

LARGEST = 1 << 20
NOTICE = "关于值班的通知\n值班电话：5550101。\n".encode()
Write = Callable[[str, bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def make(name: str, content: bytes) -> Path:
        file = tmp_path / name
        file.write_bytes(content)
        return file

    return make


def packed(*files: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return buffer.getvalue()


def nested(depth: int) -> bytes:
    return packed(("inner.zip", nested(depth - 1)) if depth else ("a.txt", NOTICE))


def found(file: Path) -> dict[str, Reading | str]:
    """The documents in a file by the way to them: what was read, or the sentence that refuses them."""
    outcome: dict[str, Reading | str] = {}
    for document in documents(file, LARGEST, Tools()):
        try:
            outcome[document.inside] = document.reading()
        except NoticeUnreadable as error:
            outcome[document.inside] = str(error)
    return outcome


def test_names_are_read_as_a_chinese_windows_wrote_them(write: Write) -> None:
    assert list(found(write("通知.zip", building.archive_bytes()))) == [
        "!/通知/科普行动计划.docx",
        "!/通知/讲座安排.xlsx",
        "!/名额.zip!/quota.csv",
    ]


@pytest.mark.parametrize(
    "name", ["../../etc/a.txt", "/etc/a.txt", "..\\..\\etc\\a.txt", "C:\\etc\\a.txt", "./etc//a.txt"]
)
def test_no_name_leads_out_of_the_archive(write: Write, name: str) -> None:
    assert list(found(write("a.zip", packed((name, NOTICE))))) == ["!/etc/a.txt"]


def test_links_hidden_files_and_films_are_passed_over(write: Write) -> None:
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = 0o120777 << 16
    files = (
        (link, b"/etc/passwd"),
        ("__MACOSX/._a.txt", b"x"),
        ("~$a.docx", b"x"),
        (".a.txt", b"x"),
        ("a.mp4", b"x"),
    )
    assert list(found(write("a.zip", packed(*files, ("b.txt", NOTICE))))) == ["!/b.txt"]


def test_two_files_of_one_name_are_two_documents(write: Write) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = packed(("a.txt", NOTICE), ("a.txt", NOTICE))
    assert list(found(write("a.zip", content))) == ["!/a.txt", "!/a (2).txt"]


def test_a_locked_file_is_named_and_the_others_are_read(write: Write) -> None:
    content = bytearray(packed(("a.txt", NOTICE), ("b.txt", NOTICE)))
    central = content.index(b"PK\x01\x02")
    content[6] |= 1
    content[central + 8] |= 1
    outcome = found(write("a.zip", bytes(content)))
    assert outcome["!/a.txt"] == "a.txt：在压缩包里设有密码。请去掉密码重新打包后再试。"
    assert isinstance(outcome["!/b.txt"], Reading)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (packed(("a.txt", bytes(LARGEST + 1))), "超过上限 1 MB"),
        (packed(("a.rar", b"Rar!")), ".rar 压缩包读不了"),
        (packed(("a.mp4", b"x")), "没有能读的文件"),
        (packed(*((f"{n}.txt", NOTICE) for n in range(MOST_FILES + 1))), f"超过 {MOST_FILES} 个"),
        (nested(5), "套得太深"),
        (packed(("a.txt", NOTICE))[:-30], "不完整或已损坏"),
    ],
)
def test_what_can_not_be_unpacked_is_said(write: Write, content: bytes, says: str) -> None:
    refusals = [o for o in found(write("a.zip", content)).values() if isinstance(o, str)]
    assert len(refusals) == 1
    assert says in refusals[0]


def mail(text: str, *attached: tuple[str, bytes], subject: str = "转发：关于值班的通知") -> bytes:
    message = EmailMessage()
    message["Subject"] = subject
    message["Date"] = "Fri, 09 May 2025 23:30:00 +0000"
    message.set_content(text, charset="gb18030")
    for name, content in attached:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def test_a_mail_is_a_notice_and_so_is_what_is_attached(write: Write) -> None:
    outcome = found(
        write("a.eml", mail("各位会员：\n值班电话改为5550102，请大家相互转告。\n", ("附件1.txt", NOTICE)))
    )
    assert list(outcome) == ["", "!/附件1.txt"]
    body = outcome[""]
    assert isinstance(body, Reading)
    assert body.blocks[:2] == (Line("关于值班的通知", 1), Line("发送时间：2025年5月10日"))


@pytest.mark.parametrize("text", ["您好！\n请查收附件。\n谢谢！\n", "详见附件\n\n发自我的 iPhone\n"])
def test_a_mail_that_only_hands_over_is_no_notice(write: Write, text: str) -> None:
    assert list(found(write("a.eml", mail(text, ("附件1.txt", NOTICE))))) == ["!/附件1.txt"]


def test_a_mail_in_a_mail_is_read(write: Write) -> None:
    inner = mail("值班电话改为5550103，请大家相互转告周知。", subject="关于换班的通知")
    outer = EmailMessage()
    outer["Subject"] = "转发"
    outer.set_content("请查收")
    outer.add_attachment(inner, maintype="application", subtype="octet-stream", filename="inner.eml")
    assert list(found(write("a.eml", outer.as_bytes()))) == ["!/inner.eml"]


def test_a_page_as_body_is_read_as_a_page(write: Write) -> None:
    message = EmailMessage()
    message["Subject"] = "关于值班的通知"
    message.set_content(
        "<p>值班电话：</p><table><tr><td>甲</td><td>乙</td></tr><tr><td>1</td><td>2</td></tr></table>",
        subtype="html",
    )
    body = found(write("a.eml", message.as_bytes()))[""]
    assert isinstance(body, Reading)
    assert len(body.blocks) == 3


def test_what_is_no_mail_is_refused(write: Write) -> None:
    assert "不是电子邮件" in str(found(write("a.eml", b"\n\nhello"))[""])
