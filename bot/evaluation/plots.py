"""Where the marks of the report's plots lie, in SVG units; the template only draws them.

Pure geometry: numbers in, coordinates out. y grows downwards, as in SVG.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from bot.evaluation.calibration import Bin, Threshold


@dataclass(frozen=True, slots=True)
class Frame:
    """A drawing area and the margins around it that axes and labels take."""

    width: int = 440
    height: int = 310
    left: int = 50
    right: int = 14
    top: int = 14
    bottom: int = 46

    def x(self, share: float) -> float:
        """0 is the left edge, 1 the right one."""
        return round(self.left + share * (self.width - self.left - self.right), 1)

    def y(self, share: float) -> float:
        """0 is the bottom, 1 the top."""
        return round(self.height - self.bottom - share * (self.height - self.top - self.bottom), 1)


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A bin of answers: its place, the ends of its interval, its size, and the numbers behind it."""

    x: float
    y: float
    low: float
    high: float
    radius: float
    of: Bin


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    count: int


@dataclass(frozen=True, slots=True)
class Reliability:
    frame: Frame
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Sweep:
    """Each line as the points of an SVG polyline; "" where the questions have none of that sort."""

    frame: Frame
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    right: str
    refused: str
    best: float | None
    """Where the best threshold stands, if it is not 0."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """`across` are the edges of the bars."""

    frame: Frame
    across: tuple[Tick, ...]
    bars: tuple[Bar, ...]


_LARGEST_DOT = 13.0


def reliability(bins: Sequence[Bin]) -> Reliability:
    """Confidence across, share right up; a dot's area tells how many answers it stands for."""
    frame = Frame()
    most = max((b.count for b in bins), default=0)
    dots = tuple(_dot(frame, b, most) for b in bins if b.count)
    return Reliability(frame, _shares_across(frame), _shares_up(frame), dots)


def _dot(frame: Frame, one: Bin, most: int) -> Dot:
    return Dot(
        x=frame.x(one.confidence or 0.0),
        y=frame.y(one.right or 0.0),
        low=frame.y(one.right_low or 0.0),
        high=frame.y(one.right_high or 0.0),
        radius=round(max(3.0, _LARGEST_DOT * sqrt(one.count / most)), 1),
        of=one,
    )


def sweep(thresholds: Sequence[Threshold], best: Threshold) -> Sweep:
    """Thresholds across, both shares up."""
    frame = Frame()
    return Sweep(
        frame,
        _shares_across(frame),
        _shares_up(frame),
        right=_steps(frame, [(t.at, t.right) for t in thresholds]),
        refused=_steps(frame, [(t.at, t.refused) for t in thresholds]),
        best=frame.x(best.at) if best.at else None,
    )


def _steps(frame: Frame, points: Sequence[tuple[float, float | None]]) -> str:
    """A staircase: a share holds from the threshold where it is first reached; points on a flat are left out."""
    found: list[tuple[float, float]] = []
    for at, value in points:
        if value is None:
            return ""
        x, y = frame.x(at), frame.y(value)
        if found and found[-1][1] != y:
            found += [(x, found[-1][1]), (x, y)]
        elif not found:
            found.append((x, y))
    if found:
        found.append((frame.x(1.0), found[-1][1]))
    return " ".join(f"{x},{y}" for x, y in found)


def histogram(times: Sequence[float]) -> Histogram:
    """Times across on a scale of 1, 2, 5, 10, 20, 50 … ms, each step equally wide; questions up."""
    frame = Frame(height=230)
    edges = _edges(times)
    counts = [0] * (len(edges) - 1)
    for time in times:
        counts[min(bisect_right(edges, time), len(counts)) - 1] += 1
    step = 1 / max(len(counts), 1)
    bars = tuple(_bar(frame, i * step, step, count, max(counts)) for i, count in enumerate(counts))
    ticks = tuple(Tick(frame.x(i * step), _ms(edge)) for i, edge in enumerate(edges))
    return Histogram(frame, ticks, bars)


_EDGES = (0.0, *(base * 10**power for power in range(-1, 6) for base in (1, 2, 5)))


def _edges(times: Sequence[float]) -> tuple[float, ...]:
    """The neighbouring steps of the scale that hold all times, the last one whatever is longer; () of none."""
    if not times:
        return ()
    first = min(bisect_right(_EDGES, min(times)), len(_EDGES) - 1) - 1
    last = min(bisect_right(_EDGES, max(times)), len(_EDGES) - 1)
    return _EDGES[first : last + 1]


def _bar(frame: Frame, start: float, width: float, count: int, most: int) -> Bar:
    top = frame.y(0.92 * count / most)
    x = frame.x(start)
    return Bar(
        round(x + 1, 1), top, round(frame.x(start + width) - x - 2, 1), round(frame.y(0) - top, 1), count
    )


def _ms(value: float) -> str:
    return f"{value / 1000:g} s" if value >= 1000 else f"{value:g}"


def _shares_across(frame: Frame) -> tuple[Tick, ...]:
    return tuple(Tick(frame.x(i / 5), f"{i / 5:.1f}") for i in range(6))


def _shares_up(frame: Frame) -> tuple[Tick, ...]:
    return tuple(Tick(frame.y(i / 5), f"{i / 5:.1f}") for i in range(6))
