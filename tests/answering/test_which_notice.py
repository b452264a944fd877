"""Which of several notices answers: those in force before those overtaken, the newer of those that answer alike."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.answering.answering import Answering
from bot.answering.model import State

MEASURE = """青岚市科学技术协会文件
青科协发〔{year}〕{number}号

关于印发《青岚市科普讲解员补贴办法》的通知

各区县科协：
现将《青岚市科普讲解员补贴办法》印发给你们，请遵照执行。

青岚市科学技术协会
{year}年3月8日

青岚市科普讲解员补贴办法

第一条 为加强科普讲解员队伍建设，制定本办法。
第二条 科普讲解员每讲一场补贴{amount}元。
第三条 补贴由市科协科普部按季度发放。
第四条 {ending}
"""
ABOLISHES = "本办法自2025年4月1日起施行，《关于印发〈青岚市科普讲解员补贴办法〉的通知》（青科协发〔2021〕7号）同时废止。"
QUESTION = "科普讲解员讲一场补贴多少钱"

Bot = Callable[[str], Answering]


@pytest.fixture
def bot(answering_over: Callable[[Path], Answering], tmp_path: Path) -> Bot:
    """Answers from the measure of 2021 and that of 2025, which ends as given."""

    def make(ending: str) -> Answering:
        old = MEASURE.format(year=2021, number=7, amount=150, ending="本办法由市科协负责解释。")
        (tmp_path / "old.txt").write_text(old, encoding="utf-8")
        new = MEASURE.format(year=2025, number=11, amount=260, ending=ending)
        (tmp_path / "new.txt").write_text(new, encoding="utf-8")
        return answering_over(tmp_path)

    return make


def test_what_is_abolished_does_not_answer_beside_its_successor(bot: Bot) -> None:
    answer, _ = bot(ABOLISHES).answer(QUESTION, State())
    assert answer.answer == "260元"
    assert "150" not in answer.text


def test_what_is_abolished_answers_who_asks_for_it_by_its_number(bot: Bot) -> None:
    answer, _ = bot(ABOLISHES).answer("青科协发〔2021〕7号里讲解员每场补贴多少", State())
    assert answer.answer == "150元"
    assert "废止" in answer.text


def test_of_two_notices_that_answer_alike_the_newer_is_said_first_and_the_other_named(bot: Bot) -> None:
    answer, _ = bot("本办法由市科协负责解释。").answer(QUESTION, State())
    assert answer.answer == "260元"
    assert "150" in answer.text
    assert [c.doc_number for c in answer.citations] == ["青科协发〔2025〕11号", "青科协发〔2021〕7号"]


def test_two_notices_that_say_the_same_are_no_contradiction(bot: Bot) -> None:
    answer, _ = bot("本办法由市科协负责解释。").answer("科普讲解员补贴由哪个部门发放", State())
    assert "科普部" in answer.answer
    assert len(answer.citations) == 1


def test_a_question_that_any_notice_answers_is_asked_back(samples: Answering) -> None:
    answer, _ = samples.answer("联系电话是多少", State())
    assert not answer.answered
    assert len(answer.choices) > 1
