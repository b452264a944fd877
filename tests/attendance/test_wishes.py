"""What is a wish about lectures, and what is a question that the notices answer."""

from datetime import UTC, date, datetime

import pytest

from bot.channels.model import Update, UpdateKind
from bot.desk.wishes import (
    GetCertificate,
    HowToCheckIn,
    ListLectures,
    MyAttendance,
    MyRegistrations,
    Register,
    Rename,
    Scan,
    TypedNumber,
    Wish,
    Withdraw,
    read_name,
    read_wish,
)

TODAY = date(2026, 12, 30)
PAYLOAD = "EQAAAAFp_3qQb1b2b3b4b5b6b7b8"


def wish(text: str, kind: UpdateKind = UpdateKind.TEXT, payload: str = "") -> Wish | None:
    now = datetime.now(UTC)
    return read_wish(Update("wechat", "m", "m", "k", kind, now, text=text, payload=payload), TODAY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("签到 482913", TypedNumber("482913")),
        ("签到：482913", TypedNumber("482913")),
        ("签到４８２９１３", TypedNumber("482913")),
        ("482913", TypedNumber("482913")),
        ("签到 4829 1376", TypedNumber("48291376")),
        ("签到", HowToCheckIn()),
        ("讲座", ListLectures()),
        ("报名 12", Register(12)),
        ("取消报名 12", Withdraw(12)),
        ("我的报名", MyRegistrations()),
        ("我今年参加了几次讲座", MyAttendance(2026)),
        ("我今年参加了几次讲座？", MyAttendance(2026)),
        ("我去年听过多少场讲座", MyAttendance(2025)),
        ("2025年我参加了哪些讲座", MyAttendance(2025)),
        ("我的学时", MyAttendance(2026)),
        ("2026年学时证明", GetCertificate(2026)),
        ("学时证明", GetCertificate(2026)),
        ("证明 科技讲坛", GetCertificate(2026, "科技讲坛")),
        ("改名 张三 物理学院", Rename("张三", "物理学院")),
    ],
)
def test_a_wish_is_a_phrase(text: str, expected: Wish) -> None:
    assert wish(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "讲座几点开始？",
        "签到要求是什么",
        "报名截止时间是哪天",
        "怎么报名？",
        "48291",
        "讲座计几学时",
        "需要提供什么证明",
        "参加讲座有什么要求",
        "联系电话是多少",
    ],
)
def test_a_question_is_left_to_the_notices(text: str) -> None:
    assert wish(text) is None


def test_a_scan_a_follow_by_scan_and_a_start_link_carry_the_same_payload() -> None:
    assert wish("", UpdateKind.SCAN, PAYLOAD) == Scan(PAYLOAD)
    assert wish("", UpdateKind.FOLLOW, PAYLOAD) == Scan(PAYLOAD)
    assert wish(PAYLOAD, UpdateKind.COMMAND, "start") == Scan(PAYLOAD)
    assert wish("", UpdateKind.FOLLOW) is None
    assert wish("", UpdateKind.COMMAND, "start") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("张三 物理学院", ("张三", "物理学院")),
        ("张三", ("张三", "")),
        ("张三，物理学院", ("张三", "物理学院")),
        ("我叫欧阳修", ("欧阳修", "")),
        ("阿依古丽·买买提 附属医院", ("阿依古丽·买买提", "附属医院")),
        ("蹇某 图书馆", ("蹇某", "图书馆")),
        ("Zhang San, Physics", ("Zhang San", "Physics")),
    ],
)
def test_a_name_is_read_with_its_unit(text: str, expected: tuple[str, str]) -> None:
    assert read_name(text) == expected


@pytest.mark.parametrize(
    "text",
    ["讲座几点开始", "讲座时间", "什么时候报名？", "张三是谁", "好的谢谢你们了啊", "讲座 几点开始", "1"],
)
def test_what_reads_like_a_question_is_no_name(text: str) -> None:
    assert read_name(text) is None
