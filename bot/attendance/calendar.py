"""Days and years as members have them: in Shanghai."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def local(moment: datetime) -> datetime:
    """A moment as clocks on the wall show it."""
    return moment.astimezone(SHANGHAI)


def moment(day: date, at: time) -> datetime:
    """The moment of a day and a time of day on the wall."""
    return datetime.combine(day, at, SHANGHAI).astimezone(UTC)


def year_span(year: int) -> tuple[datetime, datetime]:
    """From the first moment of a year until the first of the next."""
    return moment(date(year, 1, 1), time()), moment(date(year + 1, 1, 1), time())


def month_span(year: int, month: int) -> tuple[datetime, datetime]:
    """From the first moment of a month until the first of the next."""
    after = date(year + month // 12, month % 12 + 1, 1)
    return moment(date(year, month, 1), time()), moment(after, time())
