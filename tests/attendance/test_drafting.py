"""Lectures drawn from notices: labelled lines, headed sections, schedule tables."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from bot.attendance.drafting import drafts, read_span
from corpus.readers import read
from corpus.tree import read_notice

SAMPLES = Path(__file__).parents[2] / "bot" / "samples" / "notices"


def drawn(folder: Path, text: str) -> list[tuple[str, str, str, datetime]]:
    file = folder / "notice.md"
    file.write_text(text, encoding="utf-8")
    return [(d.title, d.speaker, d.place, d.starts_at) for d in drafts(read_notice(read(file, 1 << 20)))]


def test_a_lecture_notice_gives_its_lecture() -> None:
    [one] = drafts(read_notice(read(SAMPLES / "05-lecture.md", 1 << 20)))
    assert (one.title, one.speaker) == ("人工智能与材料设计", "林致远，云州大学材料学院教授")
    assert (one.place, one.capacity, one.hours) == ("云州科技馆一楼报告厅", 200, Decimal(2))
    assert (one.starts_at, one.ends_at) == (
        datetime(2025, 9, 12, 6, 30, tzinfo=UTC),
        datetime(2025, 9, 12, 8, 30, tzinfo=UTC),
    )
    assert one.doubts == ()


def test_a_schedule_table_gives_a_lecture_a_row(tmp_path: Path) -> None:
    found = drawn(
        tmp_path,
        "# 关于举办科普系列讲座的通知\n\n现将安排通知如下。\n\n地点：云州科技馆\n\n"
        "| 时间 | 主题 | 主讲人 |\n| --- | --- | --- |\n"
        "| 2026年5月16日9:00-11:00 | 航天 | 李四 |\n| 2026年5月9日14:30-16:00 | 海洋 | 张三 |\n\n云州科协\n\n2026年4月1日\n",
    )
    assert found == [
        ("海洋", "张三", "云州科技馆", datetime(2026, 5, 9, 6, 30, tzinfo=UTC)),
        ("航天", "李四", "云州科技馆", datetime(2026, 5, 16, 1, 0, tzinfo=UTC)),
    ]


def test_a_notice_without_a_time_gives_none(tmp_path: Path) -> None:
    assert (
        drawn(tmp_path, "# 关于报送材料的通知\n\n请于5月9日前报送材料。\n\n云州科协\n\n2026年4月1日\n") == []
    )


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026年5月9日14:30—16:30", "2026-05-09T06:30", "2026-05-09T08:30"),
        ("5月9日（周六）上午9时至11时30分", "2026-05-09T01:00", "2026-05-09T03:30"),
        ("5月9日下午2:30至4:30", "2026-05-09T06:30", "2026-05-09T08:30"),
        ("5月9日晚7点半", "2026-05-09T11:30", "2026-05-09T13:30"),
        ("1月5日9:00-10:00", "2027-01-05T01:00", "2027-01-05T02:00"),
    ],
)
def test_times_as_notices_write_them(text: str, start: str, end: str) -> None:
    issued = "2026-04-01" if "1月5日" not in text else "2026-12-20"
    found = read_span(text, issued)
    assert found is not None
    assert [moment.isoformat()[:16] for moment in found[:2]] == [start, end]


@pytest.mark.parametrize("text", ["", "另行通知", "5月9日", "2月30日9:00", "13月1日9:00", "5月9日25:00"])
def test_what_is_no_time_is_none(text: str) -> None:
    assert read_span(text, "2026-04-01") is None
