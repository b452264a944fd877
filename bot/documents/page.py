"""The plots of a report's printable page: pure geometry in a box of 600 by 160, drawn by the template."""

from dataclasses import dataclass
from datetime import datetime

from bot.attendance.reports import Report
from bot.documents.wording import NO_UNIT, clock

WIDTH, HEIGHT, FOOT = 600, 160, 18
WIDEST = 40
MOST_UNITS = 12


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar with what is written below or beside it."""

    x: float
    y: float
    width: float
    height: float
    count: int
    label: str


@dataclass(frozen=True, slots=True)
class Share:
    """A unit's two bars: expected and there, as shares of the longest."""

    label: str
    listed: int
    there: int
    listed_width: float
    there_width: float


@dataclass(frozen=True, slots=True)
class Plots:
    """Arrivals over time, and units."""

    arrivals: tuple[Bar, ...]
    most: int
    late_x: float | None
    units: tuple[Share, ...]


def report_plots(report: Report) -> Plots:
    """The plots of a report."""
    counts = [count for _, count in report.arrivals]
    most = max(counts, default=0)
    width = min(WIDEST, WIDTH / len(counts)) if counts else WIDEST
    bars = tuple(
        Bar(
            x=n * width,
            y=HEIGHT - FOOT - (HEIGHT - FOOT - 8) * count / most,
            width=max(1.0, width - 1),
            height=(HEIGHT - FOOT - 8) * count / most,
            count=count,
            label=clock(at)[:5] if n % max(1, len(counts) // 8) == 0 else "",
        )
        for n, (at, count) in enumerate(report.arrivals)
    )
    return Plots(bars, most, _late_x(report, width), _units(report))


def _late_x(report: Report, width: float) -> float | None:
    """Where those begin who came late, if that lies within the plot."""
    if not report.arrivals:
        return None
    first: datetime = report.arrivals[0][0]
    minutes = (report.lecture.schedule.late_after - first).total_seconds() / 60
    x = (minutes + 1) * width
    return x if 0 <= x <= WIDTH else None


def _units(report: Report) -> tuple[Share, ...]:
    shown = report.units[:MOST_UNITS]
    longest = max((max(unit.listed, unit.there) for unit in shown), default=0) or 1
    return tuple(
        Share(
            unit.unit or NO_UNIT,
            unit.listed,
            unit.there,
            100 * unit.listed / longest,
            100 * unit.there / longest,
        )
        for unit in shown
    )
