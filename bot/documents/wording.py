"""The words of what staff and members take away as files."""

from datetime import datetime

from bot.attendance.calendar import local
from bot.attendance.flags import Flag
from bot.attendance.model import Means
from bot.attendance.reports import Status

STATUS = {Status.ON_TIME: "准时", Status.LATE: "迟到", Status.ABSENT: "缺席", Status.WAITING: "候补"}
MEANS = {
    Means.CODE: "扫码",
    Means.NUMBER: "输入数字",
    Means.PAPER: "纸质码",
    Means.WEB: "网页",
    Means.STAFF: "工作人员",
}
FLAGS = {
    Flag.OLD_CODE: "码已离屏",
    Flag.BURST: "多人集中用同一个码",
    Flag.SHARED_DEVICE: "一台设备签多人",
    Flag.PAPER: "纸质码",
}
LIST_COLUMNS = "序号 姓名 单位 编号 状态 签到时间 方式 签退时间 在场分钟 学时 名单内 点名应答 待核实".split()
UNIT_COLUMNS = "单位 应到 实到 到会率".split()
TOTAL_COLUMNS = "姓名 单位 次数 学时 完成".split()
NO_UNIT = "（未填单位）"


def clock(moment: datetime | None) -> str:
    """09:02:15, or "" for none."""
    return f"{local(moment):%H:%M:%S}" if moment else ""


def day(moment: datetime) -> str:
    """2026年5月9日."""
    at = local(moment)
    return f"{at.year}年{at.month}月{at.day}日"


def span(start: datetime, end: datetime) -> str:
    """2026年5月9日 09:00—11:00."""
    last = (
        f"{local(end):%H:%M}"
        if local(start).date() == local(end).date()
        else f"{day(end)} {local(end):%H:%M}"
    )
    return f"{day(start)} {local(start):%H:%M}—{last}"


def plain_hours(hours: object) -> str:
    """2.0 as 2, 1.5 as it is."""
    text = str(hours)
    return text.rstrip("0").rstrip(".") if "." in text else text


def share(part: int, whole: int) -> str:
    """83%, or – of nothing."""
    return f"{100 * part / whole:.0f}%" if whole else "–"
