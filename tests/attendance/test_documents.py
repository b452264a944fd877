"""What is taken away as files: the work report, certificates, hours by person; and the commands that write them."""

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pdfplumber
import pytest
from docx import Document
from lecture_hall import START, Hall

from bot.attendance import check_ins, lectures, people, records, reports
from bot.attendance.calendar import month_span, year_span
from bot.attendance.model import Purpose, Series
from bot.attendance.records import Kind
from bot.attendance.registering import cancel
from bot.documents.brief import Announced, Brief, brief_docx
from bot.documents.certificate import certificate_pdf
from bot.documents.page import report_plots
from bot.documents.tables import report_xlsx, totals_xlsx
from bot.store.database import Database

CEWEN = Path(sys.executable).with_name("cewen")
SAMPLES = Path(__file__).parents[2] / "bot" / "samples" / "notices"


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    with Database.open(tmp_path / "cewen.sqlite3") as database:
        yield Hall(database)


def test_the_work_report_tells_the_months_lectures_units_and_announcements(hall: Hall) -> None:
    lecture = hall.lecture(place="九号厅")
    for n, unit in enumerate(["物理学院", "物理学院", "图书馆"]):
        hall.scan(hall.member(f"张{n}", unit), lecture, START + timedelta(minutes=5 * n))
    cancel(hall.database, hall.lecture(START + timedelta(days=1), title="取消的"))
    hall.lecture(START + timedelta(days=40), title="下月的")
    held = [
        reports.report(hall.database, one) for one in lectures.between(hall.database, *month_span(2026, 5))
    ]
    told = [Announced(START, "关于讲座改期的公告", 120)]
    brief = Brief("云州科协", "2026年5月工作简报", date(2026, 5, 1), date(2026, 5, 31), held, told, START)
    document = Document(io.BytesIO(brief_docx(brief)))
    text = "\n".join(p.text for p in document.paragraphs)
    assert "共举办讲座 1 场，参加 3 人次，计 6 学时；另有 1 场取消。发布公告 1 条。" in text
    assert "1. 2026年5月9日　关于讲座改期的公告　送达 120 人" in text
    assert [cell.text for cell in document.tables[0].rows[1].cells][3:] == ["0", "3", "0"]
    assert [cell.text for cell in document.tables[1].rows[1].cells][:3] == ["物理学院", "0", "2"]
    assert "下月的" not in text


def test_a_certificate_names_its_person_lectures_hours_and_code(hall: Hall) -> None:
    lecture, who = hall.lecture(), hall.member("张三")
    hall.scan(who, lecture)
    [line] = people.participants(hall.database, lecture.id)
    assert line.member_id
    of = records.attended(hall.database, line.member_id, *year_span(2026))
    code = records.issue(hall.database, line.member_id, Kind.YEAR, "2026", "张三", of, START)
    issued = records.certificate(hall.database, code)
    assert issued is not None
    pdf = certificate_pdf(issued, of, f"https://bot.example.org/verify/{code}")
    with pdfplumber.open(io.BytesIO(pdf)) as opened:
        text = re.sub(r"\s", "", opened.pages[0].extract_text())
        assert len(opened.pages) == 1
    for said in (
        "学时证明",
        "张三",
        "2026年",
        "共1次讲座，计2学时",
        "人工智能与材料设计",
        f"{code[:4]}-{code[4:8]}",
    ):
        assert said in text


def test_hours_are_earned_by_checking_out_where_a_lecture_has_it(hall: Hall) -> None:
    lecture = hall.lecture(check_out=True)
    stays, leaves = hall.member("张三"), hall.member("李四")
    for who in (stays, leaves):
        hall.scan(who, lecture)
    hall.scan(stays, lecture, START + timedelta(hours=2), purpose=Purpose.CHECK_OUT)
    rows = reports.hours_in(hall.database, *year_span(2026))
    assert [(row.name, row.attended, str(row.hours)) for row in rows] == [("张三", 1, "2"), ("李四", 1, "0")]


def test_a_year_ends_at_midnight_in_shanghai(hall: Hall) -> None:
    who = hall.member("张三")
    new_year = month_span(2027, 1)[0]
    for start in (new_year - timedelta(seconds=1), new_year):
        hall.scan(who, hall.lecture(start), start)
    member = hall.register_of(hall.database).find(who)
    assert member
    counts = [len(records.attended(hall.database, member.id, *year_span(y))) for y in (2026, 2027)]
    assert counts == [1, 1]


def test_a_series_is_complete_for_whoever_came_often_enough(hall: Hall) -> None:
    lectures.add_series(hall.database, Series("s", "科技讲坛", 2))
    often, once = hall.member("张三"), hall.member("李四")
    for n in range(2):
        lecture = hall.lecture(START + timedelta(days=n), series_id="s")
        hall.scan(often, lecture, lecture.schedule.starts_at)
    hall.scan(once, lecture, lecture.schedule.starts_at)
    series = lectures.series_named(hall.database, "科技讲坛")
    assert series
    rows = reports.completion(hall.database, series)
    assert [(row.name, row.attended, row.is_complete) for row in rows] == [
        ("张三", 2, True),
        ("李四", 1, False),
    ]
    book = openpyxl.load_workbook(io.BytesIO(totals_xlsx("科技讲坛", rows)))
    assert [cell.value for cell in book["学时"][3]] == ["张三", None, 2, "4", "是"]


def test_a_report_counts_by_status_unit_and_minute(hall: Hall) -> None:
    lecture = hall.lecture()
    on_time, late, absent = (hall.member(name, "物理学院") for name in ("张三", "李四", "王五"))
    for who in (on_time, late, absent):
        hall.registration.register(hall.database, who, lecture.id, START - timedelta(days=1))
    hall.scan(on_time, lecture)
    hall.scan(late, lecture, START + timedelta(minutes=11))
    hall.scan(hall.member("赵六", "图书馆"), lecture, START + timedelta(minutes=1))
    found = reports.report(hall.database, lecture)
    assert [found.count(status) for status in reports.Status] == [2, 1, 1, 0]
    assert [(u.unit, u.listed, u.there) for u in found.units] == [("物理学院", 3, 2), ("图书馆", 0, 1)]
    assert sum(count for _, count in found.arrivals) == 3
    assert len(found.arrivals) == 12
    plots = report_plots(found)
    assert plots.late_x is not None
    assert all(bar.x >= 0 and bar.x + bar.width <= 600 and bar.y >= 0 for bar in plots.arrivals)
    book = openpyxl.load_workbook(io.BytesIO(report_xlsx(found)))
    assert [row[4].value for row in list(book["名单"].rows)[2:]] == ["准时", "迟到", "准时", "缺席"]
    assert check_ins.count(hall.database, lecture.id) == 3


def test_a_lecture_from_its_notice_to_the_exported_list_by_commands(tmp_path: Path) -> None:
    environment = os.environ | {"CEWEN_HOME": str(tmp_path), "CEWEN_PUBLIC_URL": "https://bot.example.org"}

    def cewen(*words: str, status: int = 0) -> str:
        done = subprocess.run([CEWEN, *words], env=environment, capture_output=True, text=True)
        assert done.returncode == status, done.stderr
        return done.stdout + done.stderr

    cewen("ingest", str(SAMPLES / "05-lecture.md"))
    [notice] = re.findall(r'"id": "(\w+)"', cewen("notices", "--json"))
    assert "加 --confirm" in cewen("lectures", "draft", notice)
    assert cewen("lectures", "list") == ""
    assert "已新建：1" in cewen("lectures", "draft", notice, "--confirm")
    assert "已有：" in cewen("lectures", "draft", notice, "--confirm")
    (tmp_path / "名单.csv").write_text("姓名,单位\n张三,物理学院\n李四,\n", encoding="utf-8")
    assert "新增 2 人" in cewen("lectures", "roster", "1", str(tmp_path / "名单.csv"))
    assert "https://bot.example.org/desk/" in cewen("lectures", "link", "1", "--name", "王老师")
    assert "已收回 1 个" in cewen("lectures", "dismiss", "1", "王老师")
    cewen("lectures", "export", "1", str(tmp_path / "签到.xlsx"))
    book = openpyxl.load_workbook(tmp_path / "签到.xlsx")
    assert [row[1].value for row in list(book["名单"].rows)[2:]] == ["张三", "李四"]
    assert "没有编号为 9 的讲座" in cewen("lectures", "show", "9", status=1)
    assert "不是时间" in cewen("lectures", "add", "测试", "--start", "明天", status=1)
