"""cewen lectures: lectures are made, changed, moved and cancelled; rosters come in; links go out to those who run them."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.app import make_links, new_id
from bot.attendance import lectures, staff
from bot.attendance.calendar import local
from bot.attendance.drafting import Draft, drafts
from bot.attendance.model import Admits, Lecture, Series, usual_schedule
from bot.attendance.registering import cancel as cancel_lecture
from bot.attendance.registering import change as change_lecture
from bot.attendance.registering import move as move_lecture
from bot.attendance.roster import import_roster, read_roster
from bot.attendance.staff import Role, Staff
from bot.commands.lecture_options import (
    HomeOption,
    NumberArgument,
    area,
    details,
    fail,
    hours,
    moment,
    opened,
    shown,
    the_lecture,
)
from bot.documents.wording import span
from bot.intake import TREE
from bot.store.database import Database
from bot.wording import utc_now
from corpus.reader_process import ReaderProcess

_PAST, _FAR = datetime(2000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)

lectures_cli = typer.Typer(no_args_is_help=True, help="讲座：新建、改期、名单、签到链接、报表。")

Title = Annotated[str, typer.Argument(help="讲座标题")]
Start = Annotated[str, typer.Option("--start", help="开始，如 2026-05-09 14:30（北京时间）")]
End = Annotated[str, typer.Option("--end", help="结束；默认开始后两小时")]
Speaker = Annotated[str | None, typer.Option("--speaker", help="主讲人")]
Place = Annotated[str | None, typer.Option("--place", help="地点")]
Capacity = Annotated[int | None, typer.Option("--capacity", help="名额；0 为不限")]
Registered = Annotated[
    bool | None, typer.Option("--only-registered/--anyone", help="只限已报名的人签到，或未报名也可")
]
CheckOut = Annotated[bool | None, typer.Option("--check-out/--no-check-out", help="要不要签退")]
Hours = Annotated[str | None, typer.Option("--hours", help="学时，如 2 或 1.5")]
Rotation = Annotated[int | None, typer.Option("--rotation", help="签到码几秒一换；默认 15")]
Near = Annotated[str | None, typer.Option("--near", help="须在现场：纬度,经度,米；空为不限")]
KeepDays = Annotated[int | None, typer.Option("--keep-days", help="签到记录保存几天；默认 730")]
SeriesName = Annotated[str | None, typer.Option("--series", help="所属系列的名称；空为不属于")]
Opens = Annotated[str | None, typer.Option("--opens", help="签到开放的时间；默认开始前 30 分钟")]
Late = Annotated[str | None, typer.Option("--late", help="此后算迟到；默认开始后 10 分钟")]
Closes = Annotated[str | None, typer.Option("--closes", help="签到截止；默认结束时")]
Paper = Annotated[bool | None, typer.Option("--paper/--no-paper", help="启用或停用纸质码")]


@lectures_cli.command("list")
def list_lectures(
    home: HomeOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，每行一个")] = False,
) -> None:
    """列出讲座，按时间。"""
    with opened(home) as found:
        known = lectures.between(found.database, _PAST, _FAR)
    for lecture in known:
        print(json.dumps(_fields(lecture), ensure_ascii=False) if as_json else shown(lecture))


@lectures_cli.command("show")
def show(number: NumberArgument, home: HomeOption = None) -> None:
    """一场讲座的全部设置。"""
    with opened(home) as found:
        for line in details(the_lecture(found, number)):
            print(line)


@lectures_cli.command("add")
def add(
    title: Title,
    start: Start,
    end: End = "",
    home: HomeOption = None,
    speaker: Speaker = None,
    place: Place = None,
    capacity: Capacity = None,
    only_registered: Registered = None,
    check_out: CheckOut = None,
    credit: Hours = None,
    rotation: Rotation = None,
    near: Near = None,
    keep_days: KeepDays = None,
    series: SeriesName = None,
    opens: Opens = None,
    late: Late = None,
    closes: Closes = None,
) -> None:
    """新建一场讲座。"""
    starts_at = moment(start)
    ends_at = moment(end) if end else starts_at + timedelta(hours=2)
    with opened(home) as found:
        lecture = Lecture(new_id(), 0, title, usual_schedule(starts_at, ends_at))
        lecture = _windows(lecture, opens, late, closes)
        lecture = replace(
            lecture,
            **_given(speaker, place, capacity, only_registered, check_out, credit, rotation, near, keep_days),
        )
        lecture = lectures.add(found.database, replace(lecture, series_id=_series_id(found.database, series)))
    print(f"已新建：{shown(lecture)}")


@lectures_cli.command("change")
def change(
    number: NumberArgument,
    home: HomeOption = None,
    title: Annotated[str | None, typer.Option("--title", help="标题")] = None,
    speaker: Speaker = None,
    capacity: Capacity = None,
    only_registered: Registered = None,
    check_out: CheckOut = None,
    credit: Hours = None,
    rotation: Rotation = None,
    near: Near = None,
    keep_days: KeepDays = None,
    paper: Paper = None,
    series: SeriesName = None,
    opens: Opens = None,
    late: Late = None,
    closes: Closes = None,
) -> None:
    """改设置；没有写的不变。改时间地点用 move，会通知已报名的人。"""
    with opened(home) as found:
        lecture = the_lecture(found, number)
        if title is not None:
            lecture = replace(lecture, title=title)
        if series is not None:
            lecture = replace(lecture, series_id=_series_id(found.database, series))
        lecture = _windows(lecture, opens, late, closes)
        lecture = replace(
            lecture,
            **_given(speaker, None, capacity, only_registered, check_out, credit, rotation, near, keep_days),
        )
        if paper is not None:
            lecture = replace(lecture, paper=paper)
        promoted = change_lecture(found.database, lecture)
    for line in details(lecture):
        print(line)
    if promoted:
        print(f"候补转正 {len(promoted)} 人，将通知他们。")


@lectures_cli.command("move")
def move(
    number: NumberArgument,
    start: Annotated[str, typer.Option("--start", help="新的开始时间；不写则不变")] = "",
    end: Annotated[str, typer.Option("--end", help="新的结束时间；不写则时长不变")] = "",
    place: Place = None,
    home: HomeOption = None,
) -> None:
    """改时间、地点；签到时间跟着移，已报名的人会收到通知。"""
    with opened(home) as found:
        lecture = the_lecture(found, number)
        times = lecture.schedule
        moved = times.moved(moment(start) - times.starts_at) if start else times
        if end:
            moved = replace(
                moved, ends_at=moment(end), closes_at=moved.closes_at + (moment(end) - moved.ends_at)
            )
        lecture = move_lecture(found.database, lecture, moved, lecture.place if place is None else place)
    print(f"已改为：{shown(lecture)}")


@lectures_cli.command("cancel")
def cancel(number: NumberArgument, home: HomeOption = None) -> None:
    """取消讲座；已报名的人会收到通知。"""
    with opened(home) as found:
        lecture = cancel_lecture(found.database, the_lecture(found, number))
    print(f"已取消：{shown(lecture)}")


@lectures_cli.command("draft")
def draft(
    notice_id: Annotated[str, typer.Argument(help="讲座通知的 ID，见 cewen notices")],
    confirm: Annotated[bool, typer.Option("--confirm", help="确认无误，照此新建")] = False,
    home: HomeOption = None,
) -> None:
    """从一份讲座通知里取出讲座；先看，确认后加 --confirm 新建。"""
    with opened(home) as found:
        notice = next((n for n in found.notices.all() if n.id == notice_id), None)
        if notice is None:
            fail(f"没有 ID 为 {notice_id} 的通知。用 cewen notices 查看。")
        drawn = drafts(TREE.validate_json(notice.tree))
        if not drawn:
            fail(f"《{notice.title}》里没有找到讲座的时间。请用 cewen lectures add 新建。")
        for one in drawn:
            _print_draft(one)
        if not confirm:
            print(
                "以上由通知读出，请核对。无误后加 --confirm 再运行一次；要改的可以新建后用 change、move 改。"
            )
            return
        known = {
            (le.notice_id, le.title, le.schedule.starts_at)
            for le in lectures.between(found.database, _PAST, _FAR)
        }
        for one in drawn:
            if (notice_id, one.title, one.starts_at) in known:
                print(f"已有：《{one.title}》")
                continue
            print(f"已新建：{shown(lectures.add(found.database, _from(one, notice_id)))}")


@lectures_cli.command("roster")
def roster(
    number: NumberArgument,
    file: Annotated[Path, typer.Argument(help="名单（.xlsx、.csv 等），有“姓名”一列")],
    home: HomeOption = None,
) -> None:
    """导入名单；手机号只保存后四位。"""
    with ReaderProcess() as reader:
        expected = read_roster(reader.blocks(file, 20 << 20))
    with opened(home) as found:
        lecture = the_lecture(found, number)
        done = import_roster(found.database, lecture, expected, new_id, utc_now())
    print(f"新增 {done.added} 人（其中 {len(done.matched)} 人已认出是会员），已在名单 {done.already} 人。")
    if done.unmatched:
        print(f"还没有对上会员的 {len(done.unmatched)} 人，将在签到时按姓名对上：")
        for one in done.unmatched[:20]:
            print(f"  第 {one.row} 行  {one.name}  {one.unit}  {one.number}")
    for one in done.alike:
        print(f"  第 {one.row} 行  {one.name}：与前面一行完全相同，分不清是不是同一人，请补上编号或手机。")
    for row, words in done.unusable:
        print(f"  第 {row} 行  没有姓名：{words}")


@lectures_cli.command("link")
def link(
    number: NumberArgument,
    name: Annotated[str, typer.Option("--name", help="给谁用；操作记录里写这个名字")],
    role: Annotated[Role, typer.Option("--role", help="screen：投屏；assistant：签到台")] = Role.ASSISTANT,
    last: Annotated[int, typer.Option("--hours", min=1, max=720, help="几小时内有效")] = 24,
    home: HomeOption = None,
) -> None:
    """给出投屏页或签到台的链接。有链接的人就能用，请只发给本人。"""
    with opened(home) as found:
        if not found.settings.public_url:
            fail(
                "还没有设置 CEWEN_PUBLIC_URL，给不出链接。请设为本机对外的网址，例如 https://bot.example.org。"
            )
        lecture, until = the_lecture(found, number), utc_now() + timedelta(hours=last)
        made = Staff(new_id(), lecture.id, name, role, until)
        staff.appoint(found.database, made)
        links = make_links(found)
        pages = [("投屏", "screen")] if role is Role.SCREEN else [("签到台", "desk"), ("投屏", "screen")]
        for label, page in pages:
            print(f"{label}：{links.staff(page, made.id, until)}")
    print(f"有效至 {local(until):%Y-%m-%d %H:%M}；收回：cewen lectures dismiss {number} {name}")


@lectures_cli.command("dismiss")
def dismiss(
    number: NumberArgument, name: Annotated[str, typer.Argument(help="谁的链接")], home: HomeOption = None
) -> None:
    """收回某人的全部链接，立即失效。"""
    with opened(home) as found:
        count = staff.dismiss(found.database, the_lecture(found, number).id, name, utc_now())
    if not count:
        fail(f"讲座 {number} 没有给 {name} 的有效链接。")
    print(f"已收回 {count} 个链接。")


@lectures_cli.command("series")
def series(
    name: Annotated[str, typer.Argument(help="系列名称")],
    required: Annotated[int, typer.Option("--required", min=1, help="参加几次算完成")],
    home: HomeOption = None,
) -> None:
    """新建系列，或改它的完成次数。"""
    with opened(home) as found:
        lectures.add_series(found.database, Series(new_id(), name, required))
    print(f"系列“{name}”：参加 {required} 次算完成。")


def _print_draft(one: Draft) -> None:
    print(f"《{one.title}》")
    print(f"  时间：{span(one.starts_at, one.ends_at)}（原文：{one.read_from}）")
    for label, value in (
        ("地点", one.place),
        ("主讲人", one.speaker),
        ("学时", one.hours),
        ("名额", one.capacity),
    ):
        if value:
            print(f"  {label}：{value}")
    for doubt in one.doubts:
        print(f"  请核对：{doubt}")


def _from(one: Draft, notice_id: str) -> Lecture:
    lecture = Lecture(
        new_id(),
        0,
        one.title,
        usual_schedule(one.starts_at, one.ends_at),
        one.speaker,
        one.place,
        capacity=one.capacity,
        notice_id=notice_id,
    )
    return replace(lecture, hours=one.hours) if one.hours is not None else lecture


def _series_id(database: Database, name: str | None) -> str | None:
    """The series with a name; None for no name. Raises LectureUnusable."""
    if not name:
        return None
    known = lectures.series_named(database, name)
    if known is None:
        raise lectures.LectureUnusable(
            f"没有名为“{name}”的系列。请先运行 cewen lectures series {name} --required 次数。"
        )
    return known.id


def _windows(lecture: Lecture, opens: str | None, late: str | None, closes: str | None) -> Lecture:
    """The lecture with the check-in times that were given."""
    times = lecture.schedule
    given = {"opens_at": opens, "late_after": late, "closes_at": closes}
    return lecture.with_schedule(
        replace(times, **{name: moment(text) for name, text in given.items() if text})
    )


def _fields(lecture: Lecture) -> dict[str, object]:
    times = lecture.schedule
    return {
        "number": lecture.number,
        "title": lecture.title,
        "speaker": lecture.speaker,
        "place": lecture.place,
        "starts_at": times.starts_at.isoformat(),
        "ends_at": times.ends_at.isoformat(),
        "capacity": lecture.capacity,
        "hours": str(lecture.hours),
        "cancelled": lecture.is_cancelled,
    }


def _given(
    speaker: str | None,
    place: str | None,
    capacity: int | None,
    only_registered: bool | None,
    check_out: bool | None,
    credit: str | None,
    rotation: int | None,
    near: str | None,
    keep_days: int | None,
) -> dict[str, Any]:
    """The fields of a lecture that were given."""
    fields: dict[str, Any] = {
        "speaker": speaker,
        "place": place,
        "check_out": check_out,
        "rotation": rotation,
        "keep_days": keep_days,
        "hours": None if credit is None else hours(credit),
    }
    given = {name: value for name, value in fields.items() if value is not None}
    if capacity is not None:
        given["capacity"] = capacity or None
    if only_registered is not None:
        given["admits"] = Admits.REGISTERED if only_registered else Admits.ANYONE
    if near is not None:
        given["area"] = area(near)
    return given
