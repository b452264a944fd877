"""What looks as if a code was passed on, for staff to look at; nobody is accused by it, and nothing is kept of it.

All of it is read from the check-ins: the age of the code at the scan, how many used one code after it had left the
screen or in a quiet time, and how many people one browser stood for.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum

from bot.attendance.codes import NUMBER_TURNS
from bot.attendance.model import CheckIn, Lecture, Means

BURST = 5
"""People on one code from which on it is a burst."""
QUIET = timedelta(minutes=3)
"""Around a code, the time that its burst is compared with."""


class Flag(StrEnum):
    """Why somebody's check-in is worth a look."""

    OLD_CODE = "old_code"  # the code had left the screen
    BURST = "burst"  # many came on one code that had left the screen, or while nearly nobody else came
    SHARED_DEVICE = "shared_device"  # one browser checked in several people
    PAPER = "paper"  # the printed code, which can be photographed


def flags(lecture: Lecture, made: Sequence[CheckIn]) -> Mapping[str, tuple[Flag, ...]]:
    """The flags of each participant who has any, by id."""
    found: defaultdict[str, list[Flag]] = defaultdict(list)
    bursts = _bursts(lecture, made)
    people_on = Counter(one.device for one in made if one.device)
    for one in made:
        mine = found[one.participant_id]
        if one.means is Means.PAPER:
            mine.append(Flag.PAPER)
        if is_old(lecture, one):
            mine.append(Flag.OLD_CODE)
        if one.code_at in bursts and one.means in (Means.CODE, Means.WEB):
            mine.append(Flag.BURST)
        if people_on[one.device] > 1:
            mine.append(Flag.SHARED_DEVICE)
    return {who: tuple(mine) for who, mine in found.items() if mine}


def is_old(lecture: Lecture, one: CheckIn) -> bool:
    """Whether the code had left the screen when it was used."""
    if one.code_at is None:
        return False
    turns = NUMBER_TURNS if one.means is Means.NUMBER else 1
    return one.at - one.code_at >= timedelta(seconds=lecture.rotation * turns)


def _bursts(lecture: Lecture, made: Sequence[CheckIn]) -> set[object]:
    """The codes on which a burst came, by when they were shown."""
    scanned = [one for one in made if one.code_at and one.means in (Means.CODE, Means.WEB)]
    uses = Counter(one.code_at for one in scanned)
    late_uses = Counter(one.code_at for one in scanned if is_old(lecture, one))
    found: set[object] = set()
    for shown, count in uses.items():
        if shown is None or count < BURST:
            continue
        near = sum(n for other, n in uses.items() if other and other != shown and abs(other - shown) <= QUIET)
        if late_uses[shown] >= BURST or near < count / 2:
            found.add(shown)
    return found
