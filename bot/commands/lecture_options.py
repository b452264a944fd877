"""What the commands about lectures have in common: options, times as they are typed, lectures as they are shown."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from bot.app import Home, open_home
from bot.attendance import lectures
from bot.attendance.calendar import SHANGHAI, local
from bot.attendance.lectures import LectureUnusable
from bot.attendance.model import Area, Lecture
from bot.documents.wording import span
from bot.settings import load_settings

HomeOption = Annotated[Path | None, typer.Option("--home", help="数据目录；默认 $CEWEN_HOME，再默认 ./data")]
NumberArgument = Annotated[int, typer.Argument(min=1, help="讲座编号，见 cewen lectures list")]


@contextmanager
def opened(home: Path | None) -> Iterator[Home]:
    """The home, in one transaction: a command does all or nothing."""
    with open_home(load_settings(home)) as found, found.database.transaction():
        yield found


def fail(sentence: str, status: int = 1) -> NoReturn:
    """Ends the command with a line on stderr."""
    print(sentence, file=sys.stderr)
    raise typer.Exit(status)


def moment(text: str) -> datetime:
    """2026-05-09 14:30, as clocks in Shanghai show it. Raises LectureUnusable."""
    try:
        return datetime.strptime(text.strip().replace("T", " "), "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)
    except ValueError:
        raise LectureUnusable(f"“{text}”不是时间，请写成 2026-05-09 14:30（北京时间）。") from None


def hours(text: str) -> Decimal:
    """Learning hours. Raises LectureUnusable."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise LectureUnusable(f"“{text}”不是学时数，请写成 2 或 1.5。") from None
    if not found.is_finite():
        raise LectureUnusable(f"“{text}”不是学时数，请写成 2 或 1.5。")
    return found


def area(text: str) -> Area | None:
    """29.563,106.551,300 as a place and metres around it; none for "". Raises LectureUnusable."""
    if not text:
        return None
    try:
        latitude, longitude, radius = (float(part) for part in text.replace("，", ",").split(","))
    except ValueError:
        raise LectureUnusable(f"“{text}”不是范围，请写成 纬度,经度,米，例如 29.563,106.551,300。") from None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180 and 10 <= radius <= 100_000):
        raise LectureUnusable("纬度在 ±90、经度在 ±180、半径在 10 到 100000 米之间。")
    return Area(latitude, longitude, int(radius))


def the_lecture(home: Home, number: int) -> Lecture:
    """The lecture with a number. Raises LectureUnusable."""
    return lectures.required(home.database, number)


def shown(lecture: Lecture) -> str:
    """A lecture in a line."""
    times = lecture.schedule
    about = "，".join(filter(None, (lecture.place, lecture.speaker)))
    state = "（已取消）" if lecture.is_cancelled else ""
    return f"{lecture.number}  {span(times.starts_at, times.ends_at)}  《{lecture.title}》{about}{state}"


def details(lecture: Lecture) -> Iterator[str]:
    """All about a lecture, a line each."""
    times = lecture.schedule
    yield shown(lecture)
    yield f"签到：{local(times.opens_at):%H:%M} 开放，{local(times.late_after):%H:%M} 后迟到，{local(times.closes_at):%H:%M} 截止"
    yield f"名额：{lecture.capacity or '不限'}；{'只限已报名的人' if lecture.admits.value == 'registered' else '未报名也可签到'}"
    yield f"学时：{lecture.hours}；{'要签退' if lecture.check_out else '不签退'}；换码 {lecture.rotation} 秒；记录保存 {lecture.keep_days} 天"
    if lecture.area:
        yield f"须在 {lecture.area.latitude},{lecture.area.longitude} 周围 {lecture.area.radius} 米内签到"
    if lecture.paper:
        yield "已启用纸质码"
