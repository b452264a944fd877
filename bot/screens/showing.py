"""What the hall's screen shows at a moment: which code, what for, how many came. Pictures are made here, too."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import segno

from bot.attendance import check_ins
from bot.attendance.calendar import local
from bot.attendance.codes import Codes, turn_start
from bot.attendance.model import Lecture, Purpose
from bot.channels.model import Linker
from bot.store.database import Database

AHEAD = 4
"""Turns of which the screen gets the codes, so that a minute without a network is bridged."""
NAMES = 6
_PICTURES = 64


@dataclass(frozen=True, slots=True)
class CodeLink:
    """What a code holds, and for which channel: "web" where any scanner will do."""

    channel: str
    url: str


LinksOf = Callable[[str, int], Awaitable[Sequence[CodeLink]]]
"""The links for a payload that holds for some seconds; none where nothing can be scanned."""


async def code_links(
    linkers: Sequence[Linker], web_link: Callable[[str], str], payload: str, seconds: int
) -> list[CodeLink]:
    """A code for each channel that has one; and a web link, unless WeChat, which opens any, has its own."""
    found = [
        CodeLink(linker.name, url) for linker in linkers if (url := await linker.code_link(payload, seconds))
    ]
    if not any(link.channel == "wechat" for link in found) and (url := web_link(payload)):
        found.append(CodeLink("web", url))
    return found


class Showing:
    """Makes what screens show."""

    def __init__(self, database: Database, codes: Codes, links_of: LinksOf) -> None:
        self._database = database
        self._codes = codes
        self._links_of = links_of
        self._pictures: OrderedDict[str, list[dict[str, str]]] = OrderedDict()

    def purpose(self, lecture: Lecture, now: datetime) -> Purpose | None:
        """What people can do now with a code from the screen."""
        if check_ins.open_roll_call(self._database, lecture.id):
            return Purpose.ROLL_CALL
        if lecture.lets_out(now):
            return Purpose.CHECK_OUT
        return Purpose.CHECK_IN if lecture.is_open(now) else None

    def state(self, lecture: Lecture, now: datetime) -> dict[str, object]:
        """All that changes slowly, for the page's script; times are milliseconds since 1970."""
        purpose = self.purpose(lecture, now)
        names = check_ins.latest_names(self._database, lecture.id, NAMES)
        times = lecture.schedule
        is_over = lecture.is_cancelled or now > times.closes_at
        return {
            "title": lecture.title,
            "speaker": lecture.speaker,
            "place": lecture.place,
            "time": f"{local(times.starts_at):%H:%M}–{local(times.ends_at):%H:%M}",
            "purpose": purpose.name.lower() if purpose else "over" if is_over else "before",
            "opens": f"{local(times.opens_at):%H:%M}",
            "late": purpose is Purpose.CHECK_IN and now > times.late_after,
            "count": check_ins.count(self._database, lecture.id),
            "names": [masked(name) for name in names],
        }

    async def codes(self, lecture: Lecture, now: datetime) -> list[dict[str, object]]:
        """The codes of this turn and the next ones, each with its pictures and the digits to type."""
        purpose = self.purpose(lecture, now)
        if purpose is None:
            return []
        turn, start = timedelta(seconds=lecture.rotation), turn_start(now, lecture.rotation)
        found: list[dict[str, object]] = []
        for n in range(AHEAD):
            shown = start + n * turn
            pictures = await self._of(self._codes.payload(lecture, purpose, shown), lecture.rotation)
            found.append(
                {
                    "from": _ms(shown),
                    "until": _ms(shown + turn),
                    "pictures": pictures,
                    "number": self._codes.number(lecture, purpose, shown),
                }
            )
        return found

    async def printed(self, lecture: Lecture, purpose: Purpose) -> list[dict[str, str]]:
        """The pictures of a printed code."""
        return await self._of(self._codes.payload(lecture, purpose, lecture.schedule.opens_at), 30 * 86_400)

    async def _of(self, payload: str, rotation: int) -> list[dict[str, str]]:
        """The pictures of a payload; those that were made lately are kept."""
        if payload not in self._pictures:
            links = await self._links_of(payload, rotation * (AHEAD + 2))
            made = [
                {"channel": link.channel, "svg": await asyncio.to_thread(svg, link.url), "url": link.url}
                for link in links
            ]
            self._pictures[payload] = made
            if len(self._pictures) > _PICTURES:
                self._pictures.popitem(last=False)
        return self._pictures[payload]


def svg(text: str) -> str:
    """A QR code as a data URI, dark on white whatever is around it: scanners ask for that."""
    return segno.make(text, error="m", micro=False).svg_data_uri(
        scale=1, border=2, dark="#000", light="#fff", omitsize=True, xmldecl=False
    )


def masked(name: str) -> str:
    """张＊＊: what a hall may read of a name."""
    return name[:1] + "＊" * min(2, max(1, len(name) - 1)) if name else "＊"


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
