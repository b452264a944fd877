"""Word documents: what Word would print, in order, and nothing that it would not."""

import io
import zipfile

import building
import docx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from corpus.blocks import Block, Grid, Line
from corpus.readers import word
from corpus.readers.source import Source, Tools
from corpus.readers.word_numbers import written


def blocks(content: bytes) -> list[Block]:
    return list(word.read(Source("a.docx", content), Tools()).blocks)


def saved(document: docx.document.Document) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def texts(found: list[Block]) -> list[str]:
    return [b.text for b in found if isinstance(b, Line)]


@pytest.fixture(scope="module")
def plan() -> list[Block]:
    return blocks(building.word_bytes())


def test_generated_numbers_are_written_as_they_are_printed(plan: list[Block]) -> None:
    headings = [t for t in texts(plan) if t.startswith(("一", "二", "（"))]
    assert headings == ["一、总体安排", "（一）实施时间", "（二）经费标准", "二、工作要求"]


def test_inserted_text_is_read_and_deleted_text_is_not(plan: list[Block]) -> None:
    assert "行动自2025年4月1日起，至2025年11月30日止。" in texts(plan)


def test_a_text_box_is_read_once(plan: list[Block]) -> None:
    assert texts(plan).count("项目咨询热线：0999-5550177") == 1


def test_headers_and_footers_are_left_out(plan: list[Block]) -> None:
    assert not any("刊头" in t or "第 1 页" in t for t in texts(plan))


def test_a_merged_cell_counts_for_each_of_its_rows_and_the_header_is_known(plan: list[Block]) -> None:
    (grid,) = (b for b in plan if isinstance(b, Grid))
    assert grid.header_rows == 2
    assert [c.text for c in grid.rows[1]] == ["序号", "类别", "重点任务", "牵头部门", "配合部门"]
    assert {r[1].text for r in grid.rows[2:12]} == {"科普活动"}
    assert [r[1].merged for r in grid.rows[2:12]] == [False] + [True] * 9


def test_a_document_with_macros_is_read_without_them() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(building.word_bytes())) as before, zipfile.ZipFile(buffer, "w") as after:
        for name in before.namelist():
            part = before.read(name)
            if name == "[Content_Types].xml":
                part = part.replace(
                    b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
                    b"application/vnd.ms-word.document.macroEnabled.main+xml",
                )
            after.writestr(name, part)
    assert building.TITLE in texts(blocks(buffer.getvalue()))


def test_a_content_control_is_transparent() -> None:
    document = docx.Document()
    inner = "<w:sdtContent><w:p><w:r><w:t>乙</w:t></w:r></w:p></w:sdtContent>"
    document.add_paragraph("甲")._p.addnext(parse_xml(f"<w:sdt {nsdecls('w')}>{inner}</w:sdt>"))
    document.add_paragraph("丙")
    assert texts(blocks(saved(document))) == ["甲", "乙", "丙"]


def test_a_footnote_follows_the_paragraph_that_refers_to_it() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("会员可以报名")
    paragraph._p.append(parse_xml(f"<w:r {nsdecls('w')}><w:footnoteReference w:id='5'/></w:r>"))
    document.add_paragraph("下一段")
    note = f"<w:footnotes {nsdecls('w')}><w:footnote w:id='5'><w:p><w:r><w:t>注：限本会会员。</w:t></w:r></w:p></w:footnote></w:footnotes>"
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    part = Part(PackURI("/word/footnotes.xml"), kind, note.encode(), document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    assert texts(blocks(saved(document))) == ["会员可以报名", "注：限本会会员。", "下一段"]


def test_a_table_within_a_table_follows_it_and_a_frame_of_one_column_is_no_table() -> None:
    document = docx.Document()
    outer = document.add_table(rows=2, cols=2)
    outer.cell(0, 0).text = "甲"
    inner = outer.cell(1, 1).add_table(rows=1, cols=2)
    inner.cell(0, 0).text = "子"
    frame = document.add_table(rows=1, cols=1)
    frame.cell(0, 0).text = "框内文字"
    found = blocks(saved(document))
    assert [[c.text for c in r] for b in found if isinstance(b, Grid) for r in b.rows] == [
        ["甲", ""],
        ["", ""],
        ["子", ""],
    ]
    assert texts(found) == ["框内文字"]


def test_a_list_that_starts_again_counts_from_its_new_start() -> None:
    document = docx.Document()
    numbering = document.part.numbering_part.element
    level = (
        '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="第%1条"/></w:lvl>'
    )
    numbering.insert(
        0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="70">{level}</w:abstractNum>')
    )
    again = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    for number, override in (("71", ""), ("72", again)):
        numbering.append(
            parse_xml(
                f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="70"/>{override}</w:num>'
            )
        )
    for number in ("71", "71", "72", "71"):
        paragraph = document.add_paragraph("规定")
        properties = f'<w:numPr {nsdecls("w")}><w:ilvl w:val="0"/><w:numId w:val="{number}"/></w:numPr>'
        paragraph._p.get_or_add_pPr().append(parse_xml(properties))
    assert texts(blocks(saved(document))) == ["第1条 规定", "第2条 规定", "第1条 规定", "第2条 规定"]


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (12, "chineseCounting", "十二"),
        (21, "chineseCountingThousand", "二十一"),
        (105, "chineseCountingThousand", "一百零五"),
        (3, "decimalEnclosedCircleChinese", "③"),
        (2, "ideographTraditional", "乙"),
        (3, "chineseLegalSimplified", "叁"),
        (4, "lowerRoman", "iv"),
        (28, "upperLetter", "BB"),
        (7, "decimalZero", "07"),
        (7, "decimalFullWidth", "７"),
        (5, "someNewForm", "5"),
    ],
)
def test_a_number_is_written_in_its_format(value: int, form: str, text: str) -> None:
    assert written(value, form) == text
