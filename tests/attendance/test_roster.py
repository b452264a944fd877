"""Rosters as offices make them: titles above, merged cells, same names, sums below, ten thousand rows."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lecture_hall import START, Hall
from openpyxl import Workbook

from bot.attendance import lectures, people
from bot.attendance.roster import Imported, Roster, RosterUnreadable, import_roster, read_roster
from bot.store.database import Database
from corpus.readers import read


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    with Database.open(tmp_path / "cewen.sqlite3") as database:
        yield Hall(database)


def sheet(folder: Path, rows: list[list[object]], merged: tuple[str, ...] = ()) -> Roster:
    book = Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    for cells in merged:
        book.active.merge_cells(cells)  # type: ignore[union-attr]
    book.save(folder / "名单.xlsx")
    return read_roster(read(folder / "名单.xlsx", 50 << 20))


def taken(hall: Hall, roster: Roster, number: int = 0) -> Imported:
    lecture = lectures.required(hall.database, number) if number else hall.lecture()
    with hall.database.transaction():
        return import_roster(hall.database, lecture, roster, hall.new_id, START)


def test_a_title_merged_units_and_a_sum_are_told_from_people(tmp_path: Path) -> None:
    roster = sheet(
        tmp_path,
        [
            ["2026年讲座参会人员名单", None, None, None],
            ["序号", "姓 名", "工作单位", "联系电话"],
            [1, "张 三", "物理学院", 13800138001],
            [2, "李四", None, "138-0013-8002"],
            [3, "王五", "化学学院", None],
            [4, None, "化学学院", 13800138004],
            ["合计", "4人", None, None],
        ],
        merged=("A1:D1", "C3:C4"),
    )
    assert [(p.name, p.unit, p.phone_end) for p in roster.people] == [
        ("张三", "物理学院", "8001"),
        ("李四", "物理学院", "8002"),
        ("王五", "化学学院", ""),
    ]
    [(_, words)] = roster.unusable
    assert "化学学院" in words


def test_a_csv_as_excel_saves_it_in_china_is_read(tmp_path: Path) -> None:
    file = tmp_path / "名单.csv"
    file.write_bytes("姓名,单位,会员号\n欧阳明,图书馆,A001\n".encode("gb18030"))
    [one] = read_roster(read(file, 1 << 20)).people
    assert (one.name, one.unit, one.number) == ("欧阳明", "图书馆", "A001")


def test_a_table_without_names_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RosterUnreadable, match="姓名"):
        sheet(tmp_path, [["编号", "电话"], ["1", "13800138000"]])


def test_members_who_are_known_are_matched_and_the_others_are_shown(hall: Hall, tmp_path: Path) -> None:
    hall.member("张三", "物理学院")
    hall.member("李四", "数学学院", number="A02")
    roster = sheet(
        tmp_path,
        [
            ["姓名", "单位", "会员号"],
            ["张三", "云州大学物理学院", ""],
            ["李四", "别的学院", "A02"],
            ["王五", "化学学院", ""],
            ["张三", "化学学院", ""],
        ],
    )
    done = taken(hall, roster)
    assert (done.added, done.already) == (4, 0)
    assert [one.name for one in done.matched] == ["张三", "李四"]
    assert [(one.name, one.unit) for one in done.unmatched] == [("王五", "化学学院"), ("张三", "化学学院")]


def test_a_roster_imported_again_adds_only_who_is_new(hall: Hall, tmp_path: Path) -> None:
    head: list[object] = ["姓名", "单位", "手机"]
    lecture = hall.lecture()
    rows: list[list[object]] = [head, ["张三", "物理学院", 13800138001], ["李四", "物理学院", 13800138002]]
    assert taken(hall, sheet(tmp_path, rows), lecture.number).added == 2
    done = taken(hall, sheet(tmp_path, [*rows, ["王五", "物理学院", 13800138003]]), lecture.number)
    assert (done.added, done.already) == (1, 2)
    assert len(people.participants(hall.database, lecture.id)) == 3


def test_two_of_one_name_with_telephones_are_two_and_a_repeated_row_is_one(
    hall: Hall, tmp_path: Path
) -> None:
    rows: list[list[object]] = [["姓名", "手机"]]
    rows += [
        ["王伟", 13800138001],
        ["王伟", 13800138002],
        ["王伟", 13800138002],
        ["李娜", None],
        ["李娜", None],
    ]
    done = taken(hall, sheet(tmp_path, rows))
    assert (done.added, done.already) == (4, 1)
    assert [one.name for one in done.alike] == ["李娜"]


def test_ten_thousand_rows_are_taken(hall: Hall, tmp_path: Path) -> None:
    rows: list[list[object]] = [["姓名", "单位", "会员号"]]
    rows += [[f"张{n % 5000}", f"第{n % 37}学院", f"M{n:05}"] for n in range(10_000)]
    done = taken(hall, sheet(tmp_path, rows))
    assert (done.added, done.already, len(done.unusable)) == (10_000, 0, 0)


def test_of_a_telephone_only_the_end_is_kept(hall: Hall, tmp_path: Path) -> None:
    taken(hall, sheet(tmp_path, [["姓名", "手机"], ["张三", 13800138001]]))
    kept = str(hall.database.query("SELECT * FROM participant"))
    assert "8001" in kept
    assert "1380013" not in kept
