"""Numbers and dates of a sheet in the form that their cell's number format gives them (ECMA-376, part 1, 18.8.30).

Covers what office tables use: decimals, thousands, percent, text around the number, dates and times in Chinese and
Western forms. A format beyond that shows the plain value.
"""

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

Value = int | float | datetime | date | time | timedelta

_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_PLACES = re.compile(r"[#0?][#0?,]*(?:\.[0#?]+)?|\.[0#?]+")
_DATE_PARTS = re.compile(
    r'yyyy|yy|mmmm|mmm|mm|m|aaaa|aaa|dddd|ddd|dd|d|hh|h|ss|s|AM/PM|上午/下午|"[^"]*"|\\.|\[[^\]]*\]|[^"\\\[]',
    re.IGNORECASE,
)
_WEEKDAYS = "一二三四五六日"


def shown(value: Value, number_format: str) -> str:
    """The text that a spreadsheet program shows."""
    sections = number_format.split(";")
    if isinstance(value, datetime | date | time):
        return _dated(value, sections[0])
    if isinstance(value, timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
    section = sections[1] if value < 0 and len(sections) > 1 else sections[0]
    return _numbered(value, section, signed=value < 0 and len(sections) == 1)


def _numbered(value: int | float, section: str, *, signed: bool) -> str:
    literals = _LITERAL.sub(
        lambda m: m[0][1:-1] if m[0][0] == '"' else m[0][1] if m[0][0] == "\\" else "", section
    )
    places = _PLACES.search(_LITERAL.sub("", section))
    if not places or section in ("General", "@", "") or re.search(r"[eE]\+|/", section):
        return _plain(value)
    percent = "%" in section
    number = abs(Decimal(str(value))) * (100 if percent else 1)
    decimals = places[0].partition(".")[2]
    number = number.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    text = f"{number:,}" if "," in places[0] else str(number)
    if "#" in decimals:
        text = text.rstrip("0").rstrip(".")
    whole, point, rest = text.partition(".")
    text = whole.zfill(places[0].partition(".")[0].count("0")) + point + rest
    before, _, after = literals.partition(places[0])
    return ("-" if signed else "") + before.strip() + text + after.strip()


def _plain(value: int | float) -> str:
    """Up to eleven digits, as the format General shows."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else f"{value:.11g}"


def _dated(value: datetime | date | time, section: str) -> str:
    if isinstance(value, datetime) and section in ("General", "@", ""):
        section = "yyyy-mm-dd hh:mm" if (value.hour, value.minute) != (0, 0) else "yyyy-mm-dd"
    parts = [m[0] for m in _DATE_PARTS.finditer(section)]
    halves = any(p.upper() == "AM/PM" or p == "上午/下午" for p in parts)
    text = "".join(_date_part(value, part, parts, at, halves) for at, part in enumerate(parts))
    return text.strip() or value.isoformat()


def _date_part(value: datetime | date | time, part: str, parts: list[str], at: int, halves: bool) -> str:
    sign = part.lower()
    if part[0] == '"':
        return part[1:-1]
    if part[0] in "\\[":
        return part[1:] if part[0] == "\\" else ""
    if sign in ("m", "mm") and _is_minutes(parts, at):
        sign = "n" * len(sign)
    day = value if isinstance(value, date) else None
    moment = value if isinstance(value, datetime | time) else None
    if day and sign in ("yyyy", "yy", "mmmm", "mmm", "mm", "m", "aaaa", "aaa", "dddd", "ddd", "dd", "d"):
        return {
            "yyyy": f"{day.year:04}",
            "yy": f"{day.year % 100:02}",
            "mm": f"{day.month:02}",
            "dd": f"{day.day:02}",
            "d": str(day.day),
            "aaaa": f"星期{_WEEKDAYS[day.weekday()]}",
            "aaa": _WEEKDAYS[day.weekday()],
            "dddd": f"星期{_WEEKDAYS[day.weekday()]}",
            "ddd": f"周{_WEEKDAYS[day.weekday()]}",
        }.get(sign, str(day.month))
    hour = moment.hour if moment else 0
    shown_hour = (hour % 12 or 12) if halves else hour
    minute, second = (moment.minute, moment.second) if moment else (0, 0)
    clock = {
        "hh": f"{shown_hour:02}",
        "h": str(shown_hour),
        "nn": f"{minute:02}",
        "n": str(minute),
        "ss": f"{second:02}",
        "s": str(second),
        "am/pm": "上午" if hour < 12 else "下午",
        "上午/下午": "上午" if hour < 12 else "下午",
    }
    return clock.get(sign, "" if sign in ("@",) else part)


def _is_minutes(parts: list[str], at: int) -> bool:
    """Whether an m stands beside hours or seconds."""
    signs = [p.lower() for p in parts if re.fullmatch(r"[ymdhs]+", p, re.IGNORECASE)]
    place = sum(bool(re.fullmatch(r"[ymdhs]+", p, re.IGNORECASE)) for p in parts[:at])
    before, after = signs[place - 1] if place else "", signs[place + 1] if place + 1 < len(signs) else ""
    return before.startswith("h") or after.startswith("s")
