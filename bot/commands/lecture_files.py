"""cewen lectures export, series-report, hours, brief: what is taken away as files."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from bot.attendance import lectures, reports
from bot.attendance.calendar import local, month_span, year_span
from bot.commands.lecture_options import HomeOption, NumberArgument, fail, opened, the_lecture
from bot.documents.brief import Brief, brief_docx
from bot.documents.tables import report_csv, report_xlsx, totals_xlsx
from bot.wording import utc_now

files_cli = typer.Typer()

FileArgument = Annotated[Path, typer.Argument(help="写到哪个文件")]


@files_cli.command("export")
def export(number: NumberArgument, file: FileArgument, home: HomeOption = None) -> None:
    """签到名单，.xlsx 或 .csv。"""
    writers = {".xlsx": report_xlsx, ".csv": report_csv}
    if file.suffix.lower() not in writers:
        fail("文件名应以 .xlsx 或 .csv 结尾。", 2)
    with opened(home) as found:
        report = reports.report(found.database, the_lecture(found, number))
    _write(file, writers[file.suffix.lower()](report))
    print(f"实到 {report.there} 人，名单内 {report.listed} 人，已写入 {file}。")


@files_cli.command("series-report")
def series_report(
    name: Annotated[str, typer.Argument(help="系列名称")], file: FileArgument, home: HomeOption = None
) -> None:
    """系列讲座的完成情况，.xlsx。"""
    with opened(home) as found:
        series = lectures.series_named(found.database, name)
        if series is None:
            fail(f"没有名为“{name}”的系列。")
        rows = reports.completion(found.database, series)
    _write(file, totals_xlsx(f"{name}（参加 {series.required} 次算完成）", rows))
    print(f"{len(rows)} 人参加，{sum(row.is_complete for row in rows)} 人完成，已写入 {file}。")


@files_cli.command("hours")
def year_hours(
    year: Annotated[int, typer.Argument(min=2000, max=2200, help="年份")],
    file: FileArgument,
    home: HomeOption = None,
) -> None:
    """一年里每个人的讲座次数和学时，.xlsx。"""
    with opened(home) as found:
        rows = reports.hours_in(found.database, *year_span(year))
    _write(file, totals_xlsx(f"{year} 年学时", rows))
    print(f"{len(rows)} 人，已写入 {file}。")


@files_cli.command("brief")
def brief(
    month: Annotated[str, typer.Argument(help="月份，如 2026-05")],
    file: FileArgument,
    association: Annotated[str, typer.Option("--association", help="单位名称")] = "",
    home: HomeOption = None,
) -> None:
    """月度工作简报，.docx：讲座、参加情况、公告。"""
    year, _, number = month.partition("-")
    if not (year.isdigit() and number.isdigit() and 2000 <= int(year) <= 2200 and 1 <= int(number) <= 12):
        fail(f"“{month}”不是月份，请写成 2026-05。", 2)
    start, end = month_span(int(year), int(number))
    with opened(home) as found:
        held = [reports.report(found.database, one) for one in lectures.between(found.database, start, end)]
    title = f"{int(year)}年{int(number)}月工作简报"
    first, last = local(start).date(), local(end - timedelta(days=1)).date()
    _write(file, brief_docx(Brief(association, title, first, last, held, (), utc_now())))
    print(f"{len(held)} 场讲座，已写入 {file}。")


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        fail(f"{file} 写不了：{error.strerror}。请检查路径和权限。")
