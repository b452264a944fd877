"""PDF: reading order, paragraphs over lines and pages, tables over pages, running heads, pages that have no text."""

import io
from collections.abc import Callable, Sequence

import pytest
from PIL import Image
from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from corpus.blocks import Block, Grid, Line
from corpus.readers import pdf
from corpus.readers.source import Source, Tools

FONT = "STSong-Light"
PROSE = "为进一步做好科普工作，经研究，决定组织开展全市科普示范单位创建活动，请各单位高度重视，精心组织，确保取得实效，并于月底前报送总结。"
Draw = Callable[[Canvas], None]


def document(*pages: Draw, size: tuple[float, float] = A4) -> bytes:
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=size)
    for draw in pages:
        canvas.setFont(FONT, 12)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def read(content: bytes) -> list[Block]:
    return list(pdf.read(Source("a.pdf", content), Tools()).blocks)


def texts(content: bytes) -> list[str]:
    return [b.text for b in read(content) if isinstance(b, Line)]


def wrapped(text: str, width: int) -> list[str]:
    """As a justified paragraph is set: two letters of indent, then full lines."""
    text = "　　" + text
    return [text[i : i + width] for i in range(0, len(text), width)]


def column(lines: Sequence[str], x: float, top: float = 700) -> Draw:
    def draw(canvas: Canvas) -> None:
        for number, line in enumerate(lines):
            canvas.drawString(x, top - 22 * number, line)

    return draw


def table(rows: Sequence[Sequence[str]], top: float) -> Draw:
    def draw(canvas: Canvas) -> None:
        for y, row in enumerate(rows):
            for x, text in enumerate(row):
                canvas.rect(80 + x * 140, top - 24 * (y + 1), 140, 24)
                canvas.drawString(84 + x * 140, top - 24 * (y + 1) + 7, text)

    return draw


def both(*draws: Draw) -> Draw:
    def draw(canvas: Canvas) -> None:
        for one in draws:
            one(canvas)

    return draw


def test_lines_of_a_paragraph_are_one_and_paragraphs_stay_apart() -> None:
    lines = [*wrapped(PROSE, 32), *wrapped(PROSE, 32)]
    assert texts(document(column(lines, 80))) == [PROSE, PROSE]


def test_a_paragraph_goes_on_over_the_end_of_a_page() -> None:
    lines = wrapped(PROSE, 32)
    number = both(column(lines[:1], 80), column(["- 1 -"], 280, 30))
    assert texts(document(number, column(lines[1:], 80, 780))) == [PROSE]


def test_the_left_column_is_read_before_the_right_one() -> None:
    left, right = (wrapped(PROSE.replace("科普", word) * 3, 16) for word in ("左栏", "右栏"))
    found = "".join(texts(document(both(column(left, 60, 760), column(right, 320, 760)))))
    assert found.count("左栏") == found.count("右栏") == 6
    assert found.rindex("左栏") < found.index("右栏")


def test_a_page_that_is_printed_sideways_is_turned() -> None:
    def sideways(canvas: Canvas) -> None:
        canvas.rotate(90)
        canvas.translate(0, -A4[0])
        both(column(["表一"], 80, 520), table((("名称", "地点", "时间"), ("讲座", "一楼", "九点")), 480))(
            canvas
        )

    found = read(document(sideways))
    assert found[0] == Line("表一")
    assert isinstance(found[1], Grid)
    assert [c.text for c in found[1].rows[1]] == ["讲座", "一楼", "九点"]


def test_a_landscape_page_is_read_as_it_is() -> None:
    assert texts(document(column(["关于放假的通知"], 300, 500), size=landscape(A4))) == ["关于放假的通知"]


def grid(*pages: Draw) -> list[list[str]]:
    (found,) = (b for b in read(document(*pages)) if isinstance(b, Grid))
    return [[c.text for c in row] for row in found.rows]


HEADER = ("序号", "任务", "部门")


@pytest.mark.parametrize("repeated", [(HEADER,), ()], ids=["with its header again", "without"])
def test_a_table_goes_on_over_the_end_of_a_page(repeated: tuple[tuple[str, ...], ...]) -> None:
    first = table((HEADER, ("1", "建站", "甲部"), ("2", "办班", "乙部")), 200)
    second = table((*repeated, ("3", "评奖", "丙部")), 780)
    assert grid(first, second) == [
        list(HEADER),
        ["1", "建站", "甲部"],
        ["2", "办班", "乙部"],
        ["3", "评奖", "丙部"],
    ]


def test_a_row_that_the_end_of_a_page_cuts_is_one_row() -> None:
    first = table((HEADER, ("1", "建设流动", "甲部")), 200)
    second = table((("", "科技馆", ""), ("2", "办班", "乙部")), 780)
    assert grid(first, second) == [list(HEADER), ["1", "建设流动科技馆", "甲部"], ["2", "办班", "乙部"]]


def test_columns_without_rules_are_told_by_where_they_stand() -> None:
    rows = (("姓名", "单位", "电话"), ("高远", "云州大学", "5550101"), ("林若", "市科技馆", "5550102"))

    def draw(canvas: Canvas) -> None:
        for y, row in enumerate(rows):
            for x, text in enumerate(row):
                canvas.drawString(80 + x * 140, 700 - 24 * y, text)

    assert grid(draw) == [list(row) for row in rows]


def test_running_heads_and_page_numbers_are_left_out() -> None:
    pages = [
        both(
            column(["云州科协简报 2025年第3期"], 80, 810),
            column([f"第{n}段文字。"], 80, 600),
            column([f"第 {n} 页 共 3 页"], 260, 30),
        )
        for n in (1, 2, 3)
    ]
    assert texts(document(*pages)) == ["第1段文字。", "第2段文字。", "第3段文字。"]


def picture(canvas: Canvas) -> None:
    canvas.drawInlineImage(Image.new("RGB", (60, 60), "grey"), 100, 100, 400, 600)


def test_a_scanned_page_among_others_is_named_where_it_can_not_be_recognised() -> None:
    content = document(column(["关于放假的通知", "放假三天。"], 80), picture)
    reading = pdf.read(Source("a.pdf", content), Tools())
    assert [b.text for b in reading.blocks if isinstance(b, Line)] == ["关于放假的通知", "放假三天。"]
    (warning,) = reading.warnings
    assert warning.startswith("第2页没有可用的文字")
    assert "cewen[ocr]" in warning


def test_an_empty_page_is_no_scan() -> None:
    reading = pdf.read(
        Source("a.pdf", document(column(["关于放假的通知"], 80), lambda canvas: None)), Tools()
    )
    assert reading.warnings == ()


def test_radicals_in_the_place_of_characters_are_read_as_they_look() -> None:
    from corpus.readers.glyphs import plain_glyphs

    assert plain_glyphs("⾸⻚ ⼈⺠ ﬁle") == "首页 人民 file"
