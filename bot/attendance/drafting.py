"""Lectures drawn from a notice: from its labelled lines, its headed sections, or the rows of a schedule table.

What is drawn is a proposal: it says which words it was read from and what somebody has to check.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from bot.attendance.calendar import moment
from corpus.notice import Clause, Notice, Section, Table

_LABELS = {
    "title": r"(?:讲座|报告|授课|讲授|本期)?(?:主题|题目|名称|课题)|讲座内容|内容",
    "speaker": r"主讲(?:人|嘉宾|专家|老师)?|报告人|授课(?:人|专家|教师|老师)|讲座专家|主讲人员|专家",
    "time": r"(?:讲座|报告|活动|举办|授课|上课|培训)?(?:时间|日期)",
    "place": r"(?:讲座|报告|活动|举办|授课|上课|培训)?(?:地点|会场|场地|教室)",
}
_LABEL = re.compile("|".join(f"(?P<{what}>{pattern})" for what, pattern in _LABELS.items()))
_LABELLED = re.compile(
    r"(?:[（(]?[\d一二三四五六七八九十]{1,2}[.、）)]\s*)?(?P<label>[^:：]{2,8})[:：]\s*(?P<value>.+)"
)
_NUMBERING = re.compile(r"^[（(]?[\d一二三四五六七八九十]{1,3}[.、）)]\s*")
_DATE = re.compile(r"(?:(\d{4})[年./-])?(\d{1,2})[月./-](\d{1,2})日?")
_HALF = r"(上午|下午|晚上|晚|中午|早上)?"
_TIME = re.compile(rf"{_HALF}\s*(\d{{1,2}})\s*(?:[:时点]\s*(\d{{1,2}}|半)?分?)")
_CAPACITY = re.compile(
    r"(?:限|名额|不超过|人数)[^\d。，]{0,6}(\d{1,5})\s*[人名]|(\d{1,5})\s*[人名](?:以内|为限|，报满)"
)
_HOURS = re.compile(r"(\d{1,2}(?:\.5)?)\s*(?:个)?学时")
USUAL = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Draft:
    """A lecture as a notice has it; `read_from` are the words of its time, `doubts` what somebody has to check."""

    title: str
    speaker: str
    place: str
    starts_at: datetime
    ends_at: datetime
    hours: Decimal | None
    capacity: int | None
    read_from: str
    doubts: tuple[str, ...]


def drafts(notice: Notice) -> list[Draft]:
    """The lectures of a notice, by time; none if it states no time of any."""
    text = _all_text(notice)
    capacity = next((int(m[1] or m[2]) for m in _CAPACITY.finditer(text)), None)
    hours = next((Decimal(m[1]) for m in _HOURS.finditer(text)), None)
    rows = [row for table in _tables(notice) for row in _table_rows(table)]
    common = _labelled(notice)
    found = [
        draft
        for row in (rows or [common])
        if (draft := _draft(notice, {**(common if rows else {}), **row}, hours, capacity))
    ]
    return sorted(found, key=lambda draft: draft.starts_at)


def _draft(notice: Notice, said: dict[str, str], hours: Decimal | None, capacity: int | None) -> Draft | None:
    when = said.get("time", "")
    span = read_span(when, notice.date.value)
    if span is None:
        return None
    starts_at, ends_at, has_end = span
    doubts = [] if has_end else ["没有写结束时间，按两小时算"]
    title = said.get("title") or _own_title(notice)
    doubts += [
        f"没有找到{name}" for what, name in (("speaker", "主讲人"), ("place", "地点")) if not said.get(what)
    ]
    if not said.get("title"):
        doubts.append("标题取自通知标题")
    return Draft(
        title[:200],
        said.get("speaker", "")[:200],
        said.get("place", "")[:200],
        starts_at,
        ends_at,
        hours,
        capacity,
        when,
        tuple(doubts),
    )


def read_span(text: str, issued: str) -> tuple[datetime, datetime, bool] | None:
    """Start and end in 2025年9月12日（星期五）下午2:30至4:30, and whether an end was stated.

    A year that is left out is that of the notice, or the next if the day would lie half a year before it.
    """
    plain = unicodedata.normalize("NFKC", text)
    found = _DATE.search(plain)
    if not found:
        return None
    day = _day(found, issued)
    times = list(_TIME.finditer(plain, found.end()))
    if day is None or not times:
        return None
    start = _time(times[0], None)
    end = _time(times[1], start) if len(times) > 1 else None
    if start is None:
        return None
    starts_at = moment(day, start)
    if end is None or end <= start:
        return starts_at, starts_at + USUAL, False
    return starts_at, moment(day, end), True


def _day(found: re.Match[str], issued: str) -> date | None:
    year, month, day = found.groups()
    basis = date.fromisoformat(issued) if issued else None
    if year is None and basis is None:
        return None
    try:
        told = date(int(year) if year else basis.year, int(month), int(day))  # type: ignore[union-attr]
        if year is None and basis and (basis - told).days > 183:
            told = told.replace(year=told.year + 1)
    except ValueError:
        return None
    return told


def _time(found: re.Match[str], start: time | None) -> time | None:
    """A time of day; an end without 下午 is of the same half as its start."""
    half, hour, minute = found[1], int(found[2]), found[3]
    if (
        (half in ("下午", "晚上", "晚") and hour < 12)
        or (half == "中午" and hour < 6)
        or (half is None and start and hour < start.hour and hour < 12)
    ):
        hour += 12
    try:
        return time(hour, 30 if minute == "半" else int(minute or 0))
    except ValueError:
        return None


def _labelled(notice: Notice) -> dict[str, str]:
    """What the notice says of its one lecture, by label; the first that says it counts."""
    said: dict[str, str] = {}
    for section in _sections(notice):
        heading = _NUMBERING.sub("", section.heading).strip()
        clauses = [c.text.strip() for c in section.content if isinstance(c, Clause)]
        for text in clauses:
            for line in text.split("\n"):
                labelled = _LABELLED.fullmatch(line.strip())
                if labelled and (what := _what(labelled["label"])):
                    said.setdefault(what, labelled["value"].strip(" 。；;"))
        below = [
            text
            for text in clauses
            if _NUMBERING.sub("", text).strip() != heading and not _LABELLED.fullmatch(text)
        ]
        if (what := _what(heading)) and below:
            said.setdefault(what, below[0].strip(" 。；;"))
    return said


def _what(label: str) -> str | None:
    found = _LABEL.fullmatch(re.sub(r"\s", "", _NUMBERING.sub("", label)))
    return found.lastgroup if found else None


def _table_rows(table: Table) -> Iterator[dict[str, str]]:
    """The rows of a schedule: a table with a column of times and one of titles or speakers."""
    columns = {what: n for n, name in enumerate(table.header) if (what := _what(name))}
    if "time" not in columns or not columns.keys() & {"title", "speaker"}:
        return
    for row in table.rows:
        yield {what: row.cells[n].strip() for what, n in columns.items() if row.cells[n].strip()}


def _sections(notice: Notice) -> Iterator[Section]:
    for part in notice.parts:
        yield from part.body.walk()


def _tables(notice: Notice) -> Iterator[Table]:
    for section in _sections(notice):
        yield from (content for content in section.content if isinstance(content, Table))


def _all_text(notice: Notice) -> str:
    return unicodedata.normalize(
        "NFKC",
        "\n".join(c.text for s in _sections(notice) for c in s.content if isinstance(c, Clause)),
    )


def _own_title(notice: Notice) -> str:
    """What the notice is about: 举办“云州科技讲坛”第15期 of 关于举办…的通知."""
    bare = re.sub(r"^.*?关于(?:举办|召开|组织|开展|举行)?|的?(?:通知|公告|预告|函)$", "", notice.title)
    return bare.strip() or notice.title
