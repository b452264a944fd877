"""Workbooks and .csv: tables with their titles and notes, values as the sheet shows them."""

import io
from datetime import date, datetime, time, timedelta

import building
import openpyxl
import pytest

from corpus.blocks import Block, Grid, Line
from corpus.notice import Table
from corpus.readers import sheets
from corpus.readers.number_formats import Value, shown
from corpus.readers.source import Source, Tools
from corpus.tree import read_notice

DAY = datetime(2025, 5, 18)  # noqa: DTZ001 - sheets know no time zones


def workbook(*rows: tuple[object, ...]) -> list[Block]:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return list(sheets.read(Source("名单.xlsx", buffer.getvalue()), Tools()).blocks)


def csv(text: str) -> list[Block]:
    return list(sheets.read_csv(Source("名单.csv", text.encode("gb18030")), Tools()).blocks)


def cells(grid: Block) -> list[list[str]]:
    assert isinstance(grid, Grid)
    return [[c.text for c in row] for row in grid.rows]


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (0.6, "0%", "60%"),
        (0.125, "0.0%", "12.5%"),
        (12000, "#,##0", "12,000"),
        (12000, '#,##0.00"元"', "12,000.00元"),
        (1234.5, '"¥"#,##0.00', "¥1,234.50"),
        (7, "000", "007"),
        (3, "General", "3"),
        (0.1, "General", "0.1"),
        (2.5, "0", "3"),
        (-4, "0;(0)", "(4)"),
        (-4, "0", "-4"),
        (13800000000, "General", "13800000000"),
        (date(2025, 5, 18), 'm"月"d"日"', "5月18日"),
        (DAY, "yyyy/m/d", "2025/5/18"),
        (DAY, 'yyyy"年"m"月"d"日";@', "2025年5月18日"),
        (DAY.replace(hour=14, minute=30), "yyyy-mm-dd hh:mm", "2025-05-18 14:30"),
        (DAY, "[$-804]aaaa", "星期日"),
        (DAY, "General", "2025-05-18"),
        (time(9, 5), "h:mm", "9:05"),
        (time(14, 5), '上午/下午h"时"mm"分"', "下午2时05分"),
        (timedelta(hours=26, minutes=30), "[h]:mm", "26:30"),
    ],
)
def test_a_value_is_read_as_the_sheet_shows_it(value: Value, number_format: str, text: str) -> None:
    assert shown(value, number_format) == text


def test_title_table_and_note_are_told_apart() -> None:
    found = list(sheets.read(Source("讲座.xlsx", building.workbook_bytes()), Tools()).blocks)
    assert found[0] == Line("云州市科协2025年科普讲座安排表")
    assert cells(found[1])[2] == ["1", "走近北斗", "高远", "5月18日", "12,000", "60%"]
    assert found[2] == Line("注：讲座面向全体会员，免费参加。")


def test_a_header_over_two_rows_gives_names_of_both() -> None:
    found = read_notice(sheets.read(Source("讲座.xlsx", building.workbook_bytes()), Tools()).blocks)
    table = next(c for p in found.parts for s in p.body.walk() for c in s.content if isinstance(c, Table))
    assert table.header == ("序号", "讲座题目", "讲座主讲人", "时间", "经费金额（元）", "经费市级承担比例")
    assert len(table.rows) == 3


def test_a_hidden_sheet_is_left_out_and_named() -> None:
    reading = sheets.read(Source("讲座.xlsx", building.workbook_bytes()), Tools())
    assert reading.warnings == ("隐藏的工作表未读：草稿。",)
    assert not any("不该读到" in str(b) for b in reading.blocks)


def test_a_table_without_a_title_takes_the_name_of_its_file() -> None:
    assert workbook(("姓名", "电话"), ("高远", "5550101"))[0] == Line("名单", 1)


def test_two_tables_on_a_sheet_are_two() -> None:
    found = workbook(("姓名", "电话"), ("高远", "5550101"), (), ("单位", "名额"), ("临江区", 3))
    assert [cells(b) for b in found[1:]] == [
        [["姓名", "电话"], ["高远", "5550101"]],
        [["单位", "名额"], ["临江区", "3"]],
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_file_is_read_whatever_parts_its_columns(separator: str) -> None:
    found = csv(f"区县{separator}名额\n临江区{separator}12\n")
    assert cells(found[1]) == [["区县", "名额"], ["临江区", "12"]]


def test_rows_of_unequal_length_are_filled() -> None:
    assert cells(csv("甲,乙,丙\n1,2\n")[1]) == [["甲", "乙", "丙"], ["1", "2", ""]]
