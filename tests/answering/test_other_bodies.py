"""Notices of other kinds of bodies than the program was made for: a school authority, a finance bureau, a society."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.answering.answering import Answering
from bot.answering.model import State

NOTICES = Path(__file__).with_name("notices")


@pytest.fixture(scope="module")
def others(answering_over: Callable[[Path], Answering]) -> Answering:
    return answering_over(NOTICES)


@pytest.mark.parametrize(
    ("question", "value", "locator"),
    [
        ("小学什么时候报名", "6月10日至6月16日", "二、（一）"),
        ("随迁子女报名几号截止", "6月20日", "二、（三）"),
        ("小学每班最多多少人", "不超过45人", "四、"),
        ("招生工作哪个科室牵头", "基础教育科", "五、"),
        ("网上报名系统谁维护", "信息中心", "五、"),
        ("招生的举报电话是多少", "（0998）6660199", "五、"),
        ("清河小学的服务范围", "西街道、河口社区", "附件 第2行"),
        ("育才小学几个班", "4", "附件 第3行"),
        ("各校多久报一次招生进展", "每周", "六、（三）"),
        ("处级住宿标准多少钱一天", "450元", "第二条"),
        ("差旅费多少天内报销", "15个工作日", "第五条"),
        ("差旅费管理办法谁负责解释", "市财政局行政政法科", "第八条"),
        ("原来的差旅费暂行办法文号是多少", "松财行〔2019〕22号", "正文第1段"),
        ("中医培训在哪里举行", "云山市人民路88号康宁宾馆三楼会议室", "二、"),
        ("中医培训费多少", "600元", "五、"),
    ],
)
def test_the_value_and_its_place_are_found(
    others: Answering, question: str, value: str, locator: str
) -> None:
    answer, _ = others.answer(question, State())
    assert (answer.answer, answer.citations[0].locator if answer.citations else "") == (value, locator)


@pytest.mark.parametrize(
    "question",
    [
        "出国差旅费标准是多少",
        "幼儿园什么时候报名",
        "高中招生计划多少人",
        "差旅费咨询电话",
        "2026年小学什么时候报名",
        "护士可以参加中医培训吗",
    ],
)
def test_what_these_notices_do_not_state_is_refused(others: Answering, question: str) -> None:
    assert not others.answer(question, State())[0].answered
