"""The monthly work report of an association (工作简报) as .docx: lectures, attendance, announcements of a period."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from docx import Document
from docx.document import Document as DocumentType
from docx.oxml.ns import qn
from docx.shared import Pt

from bot.attendance.reports import Report, Status
from bot.documents.wording import NO_UNIT, day, plain_hours, share, span

BODY, HEAD = "仿宋", "黑体"
"""The fonts of official documents; where they are missing, the reader's program takes others."""
UNITS = 10


@dataclass(frozen=True, slots=True)
class Announced:
    """An announcement of the period: when, its title, and how many it reached."""

    at: datetime
    title: str
    reached: int


@dataclass(frozen=True, slots=True)
class Brief:
    """What a work report tells. `reports` are those of the lectures of the period, by time."""

    association: str
    title: str
    first: date
    last: date
    reports: Sequence[Report]
    announced: Sequence[Announced]
    made: datetime


def brief_docx(brief: Brief) -> bytes:
    """The report as a file to be finished by hand."""
    document = Document()
    _set_fonts(document)
    document.add_heading(brief.title, 0)
    document.add_paragraph(f"{brief.association}　{day(brief.made)}".strip("　"))
    held = [report for report in brief.reports if not report.lecture.is_cancelled]
    _summary(document, brief, held)
    _lectures(document, held)
    _units(document, held)
    _announced(document, brief.announced)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _summary(document: DocumentType, brief: Brief, held: Sequence[Report]) -> None:
    document.add_heading("一、概况", 1)
    there = sum(report.there for report in held)
    hours = sum((line.hours for report in held for line in report.lines), Decimal(0))
    cancelled = len(brief.reports) - len(held)
    sentence = (
        f"{_day(brief.first)}至{_day(brief.last)}，共举办讲座 {len(held)} 场，参加 {there} 人次，"
        f"计 {plain_hours(hours)} 学时"
    )
    if cancelled:
        sentence += f"；另有 {cancelled} 场取消"
    document.add_paragraph(f"{sentence}。发布公告 {len(brief.announced)} 条。")


def _lectures(document: DocumentType, held: Sequence[Report]) -> None:
    document.add_heading("二、讲座", 1)
    if not held:
        document.add_paragraph("本期没有举办讲座。")
        return
    rows = [
        (
            report.lecture.title,
            span(report.lecture.schedule.starts_at, report.lecture.schedule.ends_at),
            "、".join(filter(None, (report.lecture.speaker, report.lecture.place))),
            str(report.listed),
            str(report.there),
            str(report.count(Status.LATE)),
        )
        for report in held
    ]
    _table(document, ("讲座", "时间", "主讲人、地点", "应到", "实到", "迟到"), rows)


def _units(document: DocumentType, held: Sequence[Report]) -> None:
    document.add_heading("三、单位参加情况", 1)
    listed: dict[str, int] = {}
    there: dict[str, int] = {}
    for report in held:
        for unit in report.units:
            listed[unit.unit] = listed.get(unit.unit, 0) + unit.listed
            there[unit.unit] = there.get(unit.unit, 0) + unit.there
    names = sorted(there, key=lambda unit: (-there[unit], unit))[:UNITS]
    if not names:
        document.add_paragraph("本期没有签到记录。")
        return
    rows = [
        (unit or NO_UNIT, str(listed[unit]), str(there[unit]), share(there[unit], listed[unit]))
        for unit in names
    ]
    _table(document, ("单位", "应到", "实到", "到会率"), rows)


def _announced(document: DocumentType, announced: Sequence[Announced]) -> None:
    document.add_heading("四、公告", 1)
    if not announced:
        document.add_paragraph("本期没有发布公告。")
    for number, one in enumerate(announced, 1):
        document.add_paragraph(f"{number}. {day(one.at)}　{one.title}　送达 {one.reached} 人")


def _table(document: DocumentType, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = document.add_table(rows=1, cols=len(head))
    table.style = "Table Grid"
    for cell, text in zip(table.rows[0].cells, head, strict=True):
        cell.paragraphs[0].add_run(text).bold = True
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text


def _set_fonts(document: DocumentType) -> None:
    for name, font, size in (("Normal", BODY, 12), ("Heading 1", HEAD, 14), ("Title", HEAD, 20)):
        style = document.styles[name]
        style.font.name, style.font.size = font, Pt(size)
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _day(at: date) -> str:
    return f"{at.year}年{at.month}月{at.day}日"
