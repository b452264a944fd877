"""Rosters: who is expected, read from a table of any make, and matched with the members who are known.

A row needs a name. Cells that a merged one fills (a unit beside ten names) count for each row; titles above the
table, sums below it and rows that repeat an earlier one are told apart from people.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.attendance import people
from bot.attendance.model import Lecture, Origin, Participant, State
from bot.store.database import Database
from corpus.blocks import Block, Cell, Grid, Line
from corpus.errors import CewenError

MOST_ROWS = 20_000
_COLUMNS = {
    "name": re.compile(r"(?:参会|参加|学员|会员|报名)?(?:人员)?(?:姓名|名字)|人员|name", re.IGNORECASE),
    "unit": re.compile(
        r"(?:所在|工作|所属)?(?:单位|部门|学院|院系|科室|机构)(?:名称)?|unit|department", re.IGNORECASE
    ),
    "number": re.compile(r"(?:会员|工|学|职工|人员)(?:证)?(?:号|编号)|编号|id|number", re.IGNORECASE),
    "phone": re.compile(r"(?:联系|移动)?(?:电话|手机)(?:号码?)?|phone|mobile|tel", re.IGNORECASE),
}
_NOBODY = re.compile(r"合计|总计|小计|共计|备注|说明|注[:：].*|填表.*|制表.*")


class RosterUnreadable(CewenError):
    """No table with a column of names is in the file."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A row of a roster; `row` counts from 1 within the tables of the file."""

    row: int
    name: str
    unit: str
    number: str
    phone_end: str


@dataclass(frozen=True, slots=True)
class Roster:
    """The people of a file, and the rows of which none could be read, with what stands in them."""

    people: tuple[Expected, ...]
    unusable: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a roster: `matched` are known members, `alike` can't be told apart by anything but their order."""

    added: int
    already: int
    matched: tuple[Expected, ...]
    unmatched: tuple[Expected, ...]
    alike: tuple[Expected, ...]
    unusable: tuple[tuple[int, str], ...]


def read_roster(blocks: Sequence[Block]) -> Roster:
    """The people in a file's tables, or in its lines below one that says 姓名. Raises RosterUnreadable."""
    found: list[Expected] = []
    unusable: list[tuple[int, str]] = []
    columns: dict[str, int] | None = None
    for number, row in enumerate(_rows(blocks), 1):
        if number > MOST_ROWS:
            raise RosterUnreadable(f"名单超过 {MOST_ROWS} 行，请拆分后再导入。")
        if head := _head(row):
            columns = head
        elif columns and (one := _expected(number, row, columns)):
            if isinstance(one, Expected):
                found.append(one)
            else:
                unusable.append((number, one))
    if columns is None:
        raise RosterUnreadable("没有找到“姓名”一列。请在表头写上“姓名”，可再有“单位”“编号”“手机”。")
    return Roster(tuple(found), tuple(unusable))


def import_roster(
    database: Database, lecture: Lecture, roster: Roster, new_id: Callable[[], str], at: datetime
) -> Imported:
    """Enters the people of a roster who are not at the lecture yet; runs inside a write."""
    known = _Known(database)
    here = Counter(_key(person) for person in people.participants(database, lecture.id))
    seen: Counter[tuple[str, ...]] = Counter()
    added = already = 0
    matched: list[Expected] = []
    unmatched: list[Expected] = []
    alike: list[Expected] = []
    for one in roster.people:
        key = _key(one)
        seen[key] += 1
        if seen[key] > 1 and (one.number or one.phone_end):
            already += 1  # the same person twice in the file
            continue
        if seen[key] > 1:
            alike.append(one)
        member = known.member(one)
        if seen[key] <= here[key] or (member and people.of_member(database, lecture.id, member)):
            already += 1
            continue
        (matched if member else unmatched).append(one)
        people.enter(database, _participant(new_id(), lecture, one, member, at), None)
        added += 1
    return Imported(added, already, tuple(matched), tuple(unmatched), tuple(alike), roster.unusable)


class _Known:
    """The members who have said who they are, by number and by name."""

    def __init__(self, database: Database) -> None:
        rows = database.query("SELECT member_id, name, unit, number FROM attendee ORDER BY member_id")
        self._by_number = {str(row["number"]): str(row["member_id"]) for row in rows if row["number"]}
        self._by_name: dict[str, list[tuple[str, str]]] = {}
        for row in rows:
            self._by_name.setdefault(str(row["name"]), []).append((str(row["member_id"]), str(row["unit"])))
        self._taken: set[str] = set()

    def member(self, one: Expected) -> str | None:
        """The only member who can be meant, each for one row."""
        found = self._by_number.get(one.number) if one.number else None
        if found is None:
            same = [m for m, unit in self._by_name.get(one.name, ()) if people.same_unit(unit, one.unit)]
            found = same[0] if len(same) == 1 else None
        if found is None or found in self._taken:
            return None
        self._taken.add(found)
        return found


def _rows(blocks: Sequence[Block]) -> Iterator[tuple[Cell, ...]]:
    for block in blocks:
        match block:
            case Grid():
                yield from block.rows
            case Line():
                yield (Cell(block.text),)


def _head(row: Sequence[Cell]) -> dict[str, int] | None:
    """Which column is what, if the row names columns and one of them is names."""
    texts = [_plain(cell.text) for cell in row]
    found = {
        what: next((n for n, text in enumerate(texts) if pattern.fullmatch(text)), -1)
        for what, pattern in _COLUMNS.items()
    }
    return {what: n for what, n in found.items() if n >= 0} if found["name"] >= 0 else None


def _expected(number: int, row: Sequence[Cell], columns: dict[str, int]) -> Expected | str | None:
    """The person in a row; its words if there is none but should be; None for what is no person's row."""
    at = columns["name"]
    words = " ".join(dict.fromkeys(cell.text.strip() for cell in row if cell.text.strip()))
    if not words or any(_NOBODY.fullmatch(_plain(cell.text)) for cell in row):
        return None
    if at >= len(row) or row[at].merged:  # a title across the table, or a second row of the same person
        return None
    name = people.tidy_name(row[at].text)
    if not name or len(name) > people.LONGEST_NAME or name.isdigit():
        return words[:60]

    def value(what: str) -> str:
        column = columns.get(what, -1)
        return unicodedata.normalize("NFKC", row[column].text).strip() if 0 <= column < len(row) else ""

    digits = re.sub(r"\D", "", _whole(value("phone")))
    return Expected(
        number,
        name,
        value("unit")[: people.LONGEST_UNIT],
        _whole(value("number"))[: people.LONGEST_NAME],
        digits[-4:] if len(digits) >= 7 else "",
    )


def _whole(text: str) -> str:
    """13800138000.0, as spreadsheets have it, without the point."""
    return text.removesuffix(".0") if re.fullmatch(r"\d+\.0", text) else text


def _plain(text: str) -> str:
    return re.sub(r"[\s*＊]|[（(].*?[）)]", "", unicodedata.normalize("NFKC", text))


def _key(one: Expected | Participant) -> tuple[str, ...]:
    return one.name, one.unit, one.number, one.phone_end


def _participant(new: str, lecture: Lecture, one: Expected, member: str | None, at: datetime) -> Participant:
    return Participant(
        new,
        lecture.id,
        member,
        one.name,
        one.unit,
        one.number,
        one.phone_end,
        State.REGISTERED,
        Origin.ROSTER,
        at,
    )
