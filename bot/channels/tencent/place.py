"""Places as Tencent's maps give them (GCJ-02, shifted by some hundred metres within China), and as the world does.

The shift is the published approximation of the Chinese survey's; taken back from a shifted place it is right to some
metres, far below what a hall needs.
"""

import math

_AXIS, _ECCENTRICITY = 6_378_245.0, 0.00669342162296594323
"""Krasovsky's ellipsoid: half axis in metres, eccentricity squared."""


def to_wgs84(latitude: float, longitude: float) -> tuple[float, float]:
    """A place on Tencent's maps in degrees of WGS 84; one outside of China's box is not shifted."""
    if not (0.83 < latitude < 55.83 and 72.0 < longitude < 137.84):
        return latitude, longitude
    x, y = longitude - 105.0, latitude - 35.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    north += _waves(x, 6, 2) + _waves_of(y, ((20.0, 1), (40.0, 1 / 3)), ((160.0, 1 / 12), (320.0, 1 / 30)))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    east += _waves(x, 6, 2) + _waves_of(x, ((20.0, 1), (40.0, 1 / 3)), ((150.0, 1 / 12), (300.0, 1 / 30)))
    sine = math.sin(math.radians(latitude))
    magic = 1 - _ECCENTRICITY * sine * sine
    root = math.sqrt(magic)
    north_degrees = math.degrees(north / (_AXIS * (1 - _ECCENTRICITY) / (magic * root)))
    east_degrees = math.degrees(east / (_AXIS / root * math.cos(math.radians(latitude))))
    return latitude - north_degrees, longitude - east_degrees


def _waves(x: float, first: float, second: float) -> float:
    return (20.0 * math.sin(first * x * math.pi) + 20.0 * math.sin(second * x * math.pi)) * 2.0 / 3.0


def _waves_of(
    t: float, short: tuple[tuple[float, float], ...], long: tuple[tuple[float, float], ...]
) -> float:
    return sum(a * math.sin(f * t * math.pi) for a, f in (*short, *long)) * 2.0 / 3.0
