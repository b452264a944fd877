"""What somebody wants of a lecture, read from what they scanned, tapped or typed. Pure functions.

Every wish is a phrase, so that it can be typed where there are no buttons.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from bot.channels.model import Update, UpdateKind
from corpus.facts import is_person


@dataclass(frozen=True, slots=True)
class Scan:
    """A payload was scanned, or came with a link."""

    payload: str


@dataclass(frozen=True, slots=True)
class TypedNumber:
    """The digits on the screen or on paper were typed."""

    digits: str


@dataclass(frozen=True, slots=True)
class HowToCheckIn:
    """Somebody wants to check in and has no code yet."""


@dataclass(frozen=True, slots=True)
class ListLectures:
    """What lectures there will be."""


@dataclass(frozen=True, slots=True)
class Register:
    lecture_number: int


@dataclass(frozen=True, slots=True)
class Withdraw:
    lecture_number: int


@dataclass(frozen=True, slots=True)
class MyRegistrations:
    """What they are registered for."""


@dataclass(frozen=True, slots=True)
class MyAttendance:
    """Where they have been in a year."""

    year: int


@dataclass(frozen=True, slots=True)
class GetCertificate:
    """A certificate of a year's learning hours, or of a series by its name."""

    year: int
    series: str = ""


@dataclass(frozen=True, slots=True)
class Rename:
    """They correct who they are."""

    name: str
    unit: str


Wish = (
    Scan
    | TypedNumber
    | HowToCheckIn
    | ListLectures
    | Register
    | Withdraw
    | MyRegistrations
    | MyAttendance
    | GetCertificate
    | Rename
)

PAYLOAD = re.compile(r"[A-Za-z0-9_-]{28}", re.ASCII)

_NUMBER = re.compile(
    r"(?:签到|签退|点名|check ?in|check ?out)?[\s:：,，]*(\d{6}|\d{4}\s?\d{4})", re.IGNORECASE
)
_REGISTER = re.compile(r"(?:报名|register)[\s:：]*(?:第)?(\d{1,6})号?", re.IGNORECASE)
_WITHDRAW = re.compile(r"(?:取消报名|退出报名|withdraw)[\s:：]*(?:第)?(\d{1,6})号?", re.IGNORECASE)
_CERTIFICATE = re.compile(
    r"(?:我的)?(?:(?P<when>\d{4}|今|去|本)年?(?:的)?)?(?:学时|参加|讲座)?证明", re.IGNORECASE
)
_SERIES = re.compile(r"证明\s+(?P<series>\S.{0,60})|certificate\s+(?P<named>\S.{0,60})", re.IGNORECASE)
_ATTENDED = re.compile(
    r"我?(?P<when>\d{4}|今|去|本)?年?我?(?:一共|总共|都)?(?:参加|听|去)(?:过|了)?(?:几|多少|哪些|哪几)(?:次|场|个)?(?:的)?讲座.{0,2}"
    r"|我?的?(?P<when2>\d{4}|今|去|本)?年?(?:有|得|的)?(?:多少)?学时.{0,4}|我的(?:签到|讲座|出勤|讲座记录|签到记录)"
    r"|my lectures",
    re.IGNORECASE,
)
_RENAME = re.compile(r"(?:改名|更正姓名|my name is)[\s:：]*(?P<rest>.{1,100})", re.IGNORECASE)
_PHRASES: dict[str, Wish] = {
    "签到": HowToCheckIn(),
    "讲座签到": HowToCheckIn(),
    "check in": HowToCheckIn(),
    "讲座": ListLectures(),
    "近期讲座": ListLectures(),
    "最近有什么讲座": ListLectures(),
    "讲座报名": ListLectures(),
    "报名": ListLectures(),
    "lectures": ListLectures(),
    "我的报名": MyRegistrations(),
    "my registrations": MyRegistrations(),
}


def read_wish(update: Update, today: date) -> Wish | None:
    """What an update wants of lectures; None if nothing. `today` is the member's day."""
    match update.kind:
        case UpdateKind.SCAN | UpdateKind.FOLLOW:
            return _scanned(update.payload)
        case UpdateKind.COMMAND if update.payload == "start":
            return _scanned(update.text.strip())
        case UpdateKind.COMMAND if update.payload == "checkin":
            return _typed(update.text, today) or HowToCheckIn()
        case UpdateKind.TEXT | UpdateKind.BUTTON:
            return _typed(update.text, today)
    return None


def _scanned(payload: str) -> Wish | None:
    return Scan(payload) if PAYLOAD.fullmatch(payload) else None


def _typed(text: str, today: date) -> Wish | None:
    said = unicodedata.normalize("NFKC", text).strip().strip("。.!?？")
    if said.casefold() in _PHRASES:
        return _PHRASES[said.casefold()]
    if found := _NUMBER.fullmatch(said):
        return TypedNumber(re.sub(r"\s", "", found[1]))
    if found := _WITHDRAW.fullmatch(said):
        return Withdraw(int(found[1]))
    if found := _REGISTER.fullmatch(said):
        return Register(int(found[1]))
    if found := _CERTIFICATE.fullmatch(said):
        return GetCertificate(_year(found["when"], today))
    if found := _SERIES.fullmatch(said):
        return GetCertificate(today.year, (found["series"] or found["named"]).strip())
    if found := _ATTENDED.fullmatch(said):
        return MyAttendance(_year(found["when"] or found["when2"], today))
    if found := _RENAME.fullmatch(said):
        named = read_name(found["rest"])
        return Rename(*named) if named else None
    return None


def _year(said: str | None, today: date) -> int:
    if said == "去":
        return today.year - 1
    return int(said) if said and said.isdigit() else today.year


_NAME = re.compile(
    r"(?P<named>我叫|我是|姓名[:\s]*)?"
    r"(?P<name>[\u3400-\u9fff]{1,6}·?[\u3400-\u9fff]{1,10}|[A-Za-z][A-Za-z.'-]*(?: [A-Za-z][A-Za-z.'-]*){0,3})"
    r"(?:[\s,、;/]+(?:单位[:\s]*)?(?P<unit>[^?!\n]{2,60}))?"
)
_ASKS = re.compile(
    r"什么|几|哪|谁|吗|怎|多少|是否|能否|可以|时间|地点|时候|讲座|签到|报名|证明|通知|联系|电话"
)
_LONGEST = 4
"""Characters of a Chinese name without a dot."""


def read_name(text: str) -> tuple[str, str] | None:
    """A name and perhaps a unit, as in 张三 物理学院; None for what reads like anything else.

    Without a known surname it may hold nothing that questions are made of: 讲座几点 is nobody.
    """
    said = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip(" 。.")
    found = _NAME.fullmatch(said)
    if not found:
        return None
    name, unit = found["name"], (found["unit"] or "").strip()
    if name[0].isascii() or "·" in name or found["named"]:
        return name, unit
    by_surname = is_person(name) and not name.endswith(("谁", "吗", "呢"))
    if len(name) > _LONGEST or _ASKS.search(unit if by_surname else said):
        return None
    return name, unit
