"""Reports as tables: .xlsx and .csv. What people have typed is text in them, never a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from bot.attendance.reports import Line, Report, Total
from bot.documents.wording import (
    FLAGS,
    LIST_COLUMNS,
    MEANS,
    NO_UNIT,
    STATUS,
    TOTAL_COLUMNS,
    UNIT_COLUMNS,
    clock,
    plain_hours,
    share,
    span,
)

Row = Sequence[str | int]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def report_xlsx(report: Report) -> bytes:
    """Three sheets: the list, the units, the minutes in which people came."""
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)  # noqa: S101  # a new workbook has one
    first.title = "名单"
    lecture = report.lecture
    head = f"{lecture.title}　{span(lecture.schedule.starts_at, lecture.schedule.ends_at)}　{lecture.place}"
    _fill(first, [(head,), tuple(LIST_COLUMNS), *_list_rows(report)], bold=2)
    _fill(book.create_sheet("单位"), [tuple(UNIT_COLUMNS), *_unit_rows(report)], bold=1)
    arrivals: list[Row] = [(clock(at)[:5], count) for at, count in report.arrivals]
    _fill(book.create_sheet("到场时间"), [("时间", "人数"), *arrivals], bold=1)
    return _bytes(book)


def totals_xlsx(title: str, rows: Iterable[Total]) -> bytes:
    """Lectures and hours by person: of a series, or of a year."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101  # a new workbook has one
    sheet.title = "学时"
    body: list[Row] = [
        (row.name, row.unit, row.attended, plain_hours(row.hours), "是" if row.is_complete else "")
        for row in rows
    ]
    _fill(sheet, [(title,), tuple(TOTAL_COLUMNS), *body], bold=2)
    return _bytes(book)


def report_csv(report: Report) -> bytes:
    """The list, in UTF-8 with the mark by which spreadsheets know it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(LIST_COLUMNS)
    writer.writerows([_harmless(value) for value in row] for row in _list_rows(report))
    return out.getvalue().encode("utf-8-sig")


def _list_rows(report: Report) -> list[Row]:
    return [_list_row(report, number, line) for number, line in enumerate(report.lines, 1)]


def _list_row(report: Report, number: int, line: Line) -> Row:
    person, made = line.person, line.made
    return (
        number,
        person.name,
        person.unit,
        person.number or (f"尾号{person.phone_end}" if person.phone_end else ""),
        STATUS[line.status],
        clock(made.at) if made else "",
        MEANS[made.means] if made else "",
        clock(made.left_at) if made else "",
        line.minutes if made else "",
        plain_hours(line.hours) if made else "",
        "是" if line.is_listed else "否",
        f"{line.answered}/{report.roll_calls}" if made and report.roll_calls else "",
        "、".join(FLAGS[flag] for flag in line.flags),
    )


def _unit_rows(report: Report) -> list[Row]:
    return [
        (unit.unit or NO_UNIT, unit.listed, unit.there, share(unit.there, unit.listed))
        for unit in report.units
    ]


def _fill(sheet: Worksheet, rows: Iterable[Row], bold: int) -> None:
    """Writes rows, the first `bold` ones as heads that stay in sight."""
    widths: dict[int, int] = {}
    for r, row in enumerate(rows, 1):
        for c, value in enumerate(row, 1):
            cell = sheet.cell(r, c)
            if isinstance(value, str):
                cell.value = _printable(value)
                cell.data_type = "s"  # a text that begins with = is still a text
            else:
                cell.value = value
            if r <= bold:
                cell.font = Font(bold=True)
            if r >= bold:
                widths[c] = max(widths.get(c, 6), min(40, _width(str(value)) + 2))
    for column, width in widths.items():
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = f"A{bold + 1}"


def _width(text: str) -> int:
    """Columns of a terminal: Chinese characters take two."""
    return sum(2 if character > "\u2e7f" else 1 for character in text)


def _printable(text: str) -> str:
    """Without control characters, which a workbook can't hold."""
    return "".join(c for c in text if c >= " " or c in "\n\t")


def _harmless(value: str | int) -> str | int:
    """A text that a spreadsheet would take for a formula, made one that it doesn't."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _bytes(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
