"""The table of lectures and of the series that they belong to."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from decimal import Decimal

from bot.attendance.model import Admits, Area, Lecture, Schedule, Series
from bot.store.database import Database, Value, utc_text
from corpus.errors import CewenError

PLANNED, CANCELLED = "planned", "cancelled"
LONGEST_TEXT = 200
"""Characters of a title, a speaker, a place."""
_AROUND = timedelta(hours=1)


class LectureUnusable(CewenError):
    """A lecture can't be as it is wished; the sentence says what is wrong and how it would do."""


_TIMES = tuple(field.name for field in fields(Schedule))
_COLUMNS = (
    "id number title speaker place starts_at ends_at opens_at late_after closes_at check_out capacity admits paper"
    " rotation hours series_id notice_id latitude longitude radius keep_days state"
).split()
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM lecture"
_ORDER = "ORDER BY starts_at, number"


def add(database: Database, lecture: Lecture) -> Lecture:
    """Enters a lecture, which gets the next number. Raises LectureUnusable."""
    check(lecture)
    [row] = database.query("SELECT COALESCE(MAX(number), 0) + 1 AS number FROM lecture")
    values = {**_values(lecture), "number": row["number"]}
    names = [*_COLUMNS, "last_place"]
    database.execute(
        f"INSERT INTO lecture ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)})",
        {**values, "last_place": 0},
    )
    return required(database, int(row["number"] or 0))


def save(database: Database, lecture: Lecture) -> None:
    """Puts a changed lecture in place of what it was. Raises LectureUnusable."""
    check(lecture)
    changes = ", ".join(f"{name} = :{name}" for name in _COLUMNS if name not in ("id", "number"))
    database.execute(f"UPDATE lecture SET {changes} WHERE id = :id", _values(lecture))


def check(lecture: Lecture) -> None:
    """Raises LectureUnusable for a lecture that can't be."""
    times = lecture.schedule
    if not lecture.title.strip():
        raise LectureUnusable("讲座没有标题，请写上标题。")
    if max(map(len, (lecture.title, lecture.speaker, lecture.place))) > LONGEST_TEXT:
        raise LectureUnusable(f"标题、主讲人、地点各不超过 {LONGEST_TEXT} 字，请缩短。")
    if not times.starts_at < times.ends_at:
        raise LectureUnusable("结束时间应在开始时间之后，请检查日期和时刻。")
    if not times.opens_at <= times.late_after <= times.closes_at:
        raise LectureUnusable("签到时间应是：开放 ≤ 迟到 ≤ 截止，请检查这三个时刻。")
    if lecture.capacity is not None and lecture.capacity < 1:
        raise LectureUnusable("名额应至少是 1；不限名额请不要填写。")
    if not 5 <= lecture.rotation <= 600:
        raise LectureUnusable("签到码的更换间隔应在 5 到 600 秒之间。")
    if not 0 <= lecture.hours <= 100 or lecture.hours != lecture.hours.quantize(Decimal("0.1")):
        raise LectureUnusable("学时应在 0 到 100 之间，最多一位小数。")
    if not 1 <= lecture.keep_days <= 3650:
        raise LectureUnusable("签到记录的保存天数应在 1 到 3650 之间。")


def find(database: Database, lecture_id: str) -> Lecture | None:
    rows = database.query(f"{_SELECT} WHERE id = :id", {"id": lecture_id})
    return _lecture(rows[0]) if rows else None


def by_number(database: Database, number: int) -> Lecture | None:
    rows = database.query(f"{_SELECT} WHERE number = :number", {"number": number})
    return _lecture(rows[0]) if rows else None


def required(database: Database, number: int) -> Lecture:
    """The lecture with a number. Raises LectureUnusable."""
    found = by_number(database, number)
    if found is None:
        raise LectureUnusable(f"没有编号为 {number} 的讲座。用 cewen lectures list 查看。")
    return found


def between(database: Database, start: datetime, end: datetime) -> list[Lecture]:
    """The lectures that start in a period (from `start` until before `end`), cancelled ones too, by time."""
    rows = database.query(
        f"{_SELECT} WHERE starts_at >= :start AND starts_at < :end {_ORDER}",
        {"start": utc_text(start), "end": utc_text(end)},
    )
    return [_lecture(row) for row in rows]


def upcoming(database: Database, now: datetime, most: int) -> list[Lecture]:
    """The next lectures that will take place and have not ended."""
    rows = database.query(
        f"{_SELECT} WHERE state = 'planned' AND ends_at > :now {_ORDER} LIMIT :most",
        {"now": utc_text(now), "most": most},
    )
    return [_lecture(row) for row in rows]


def running(database: Database, at: datetime) -> list[Lecture]:
    """The lectures whose numbers could be typed at a moment: before their windows open until well after their ends."""
    rows = database.query(
        f"{_SELECT} WHERE state = 'planned' AND opens_at <= :soon AND (closes_at >= :before OR ends_at >= :before)"
        f" {_ORDER}",
        {"soon": utc_text(at + _AROUND), "before": utc_text(at - _AROUND)},
    )
    return [_lecture(row) for row in rows]


def touch(database: Database, lecture_id: str) -> None:
    """Has writers to one lecture come one after another, where the store lets them in side by side."""
    database.execute("UPDATE lecture SET last_place = last_place WHERE id = :id", {"id": lecture_id})


def next_place(database: Database, lecture_id: str) -> int:
    """The next place: the first who comes is the first."""
    database.execute("UPDATE lecture SET last_place = last_place + 1 WHERE id = :id", {"id": lecture_id})
    [row] = database.query("SELECT last_place FROM lecture WHERE id = :id", {"id": lecture_id})
    return int(row["last_place"] or 0)


def add_series(database: Database, series: Series) -> None:
    """Enters a series, or changes how many of its lectures make it complete."""
    database.execute(
        "INSERT INTO series (id, name, required) VALUES (:id, :name, :required)"
        " ON CONFLICT (name) DO UPDATE SET required = excluded.required",
        {"id": series.id, "name": series.name, "required": series.required},
    )


def series_named(database: Database, name: str) -> Series | None:
    rows = database.query("SELECT id, name, required FROM series WHERE name = :name", {"name": name})
    return _series(rows[0]) if rows else None


def all_series(database: Database) -> list[Series]:
    return [_series(row) for row in database.query("SELECT id, name, required FROM series ORDER BY name")]


def of_series(database: Database, series_id: str) -> Sequence[Lecture]:
    """The lectures of a series that were not cancelled, by time."""
    rows = database.query(
        f"{_SELECT} WHERE series_id = :series AND state <> 'cancelled' {_ORDER}", {"series": series_id}
    )
    return [_lecture(row) for row in rows]


def _values(lecture: Lecture) -> dict[str, Value]:
    area = lecture.area
    return {
        "id": lecture.id,
        "number": lecture.number,
        "title": lecture.title.strip(),
        "speaker": lecture.speaker,
        "place": lecture.place,
        **{name: utc_text(getattr(lecture.schedule, name)) for name in _TIMES},
        "check_out": int(lecture.check_out),
        "capacity": lecture.capacity,
        "admits": lecture.admits.value,
        "paper": int(lecture.paper),
        "rotation": lecture.rotation,
        "hours": str(lecture.hours),
        "series_id": lecture.series_id,
        "notice_id": lecture.notice_id,
        "latitude": area.latitude if area else None,
        "longitude": area.longitude if area else None,
        "radius": area.radius if area else None,
        "keep_days": lecture.keep_days,
        "state": CANCELLED if lecture.is_cancelled else PLANNED,
    }


def _lecture(row: dict[str, Value]) -> Lecture:
    area = None
    if row["radius"] is not None:
        area = Area(float(row["latitude"] or 0), float(row["longitude"] or 0), int(row["radius"]))
    return Lecture(
        id=str(row["id"]),
        number=int(row["number"] or 0),
        title=str(row["title"]),
        schedule=Schedule(*(datetime.fromisoformat(str(row[name])) for name in _TIMES)),
        speaker=str(row["speaker"]),
        place=str(row["place"]),
        check_out=bool(row["check_out"]),
        capacity=None if row["capacity"] is None else int(row["capacity"]),
        admits=Admits(str(row["admits"])),
        paper=bool(row["paper"]),
        rotation=int(row["rotation"] or 0),
        hours=Decimal(str(row["hours"])),
        series_id=None if row["series_id"] is None else str(row["series_id"]),
        notice_id=str(row["notice_id"]),
        area=area,
        keep_days=int(row["keep_days"] or 0),
        is_cancelled=row["state"] == CANCELLED,
    )


def _series(row: dict[str, Value]) -> Series:
    return Series(str(row["id"]), str(row["name"]), int(row["required"] or 0))
