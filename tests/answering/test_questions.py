"""Answers to whole question files, and to what no file foresees."""

from pathlib import Path

import pytest

from bot import batch
from bot.answering.answering import Answering
from bot.answering.model import Answer, State
from bot.evaluation.report import evaluation
from bot.evaluation.terminal import report_text
from corpus.blocks import Line
from corpus.tree import read_notice

SAMPLES = Path(__file__).parents[2] / "bot" / "samples"
SHARED = Path(__file__).parents[3] / "shared"


def ask(answering: Answering, *questions: str) -> Answer:
    """The answer to the last question of a conversation."""
    state = State()
    for question in questions[:-1]:
        _, state = answering.answer(question, state)
    return answering.answer(questions[-1], state)[0]


def test_the_sample_questions_are_answered_as_well_as_ever(samples: Answering) -> None:
    report = evaluation(samples, batch.rows(SAMPLES / "questions.jsonl"))
    assert (report.right or 0) >= 0.97, report_text(report)
    assert (report.cited or 0) >= 0.97, report_text(report)
    assert (report.abstained or 0) >= 0.97, report_text(report)


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared")
def test_the_questions_over_the_real_notices_are_answered_as_well_as_ever(real_notices: Answering) -> None:
    report = evaluation(real_notices, batch.rows(SHARED / "questions" / "dev.jsonl"))
    assert (report.right or 0) >= 0.97, report_text(report)
    assert (report.cited or 0) >= 0.98, report_text(report)
    assert (report.abstained or 0) >= 0.95, report_text(report)


def test_a_department_is_answered_with_the_cell_its_number_and_its_place(samples: Answering) -> None:
    answer = ask(samples, "“我眼中的科学”短视频征集由哪个部门负责？")
    assert answer.answer == "宣传文化部、科学技术普及部"
    first = answer.citations[0]
    assert (first.doc_number, first.locator) == ("云科协发〔2025〕12号", "附件 第7项")
    assert first.doc_number in answer.text
    assert first.locator in answer.text


def test_every_task_of_a_department_is_listed_not_the_best_few(samples: Answering) -> None:
    assert ask(samples, "组织人事部负责哪些任务").answer.count("\n") == 4


def test_a_follow_up_keeps_what_it_does_not_change(samples: Answering) -> None:
    assert "海智" in ask(samples, "战略研究部负责哪些任务", "那国际合作部呢").answer
    assert ask(samples, "短视频征集的联系人是谁", "邮箱呢").answer == "video@yzkx.example.org"


@pytest.mark.parametrize(
    "question", ["", "   ", "？？？", "🙂🙂", "\x00\x01", "a" * 10_000, "部门" * 5_000, "﷽" * 400]
)
def test_odd_input_gets_a_polite_reply(samples: Answering, question: str) -> None:
    answer = ask(samples, question)
    assert not answer.answered
    assert answer.text


@pytest.mark.parametrize(
    "question",
    [
        "科技暖心工作的联系电话是多少",
        "上海市科协的科普大篷车由谁负责",
        "短视频征集活动特等奖奖金多少",
        "财务报销找哪个部门",
    ],
)
def test_what_no_notice_states_is_an_honest_no(samples: Answering, question: str) -> None:
    answer = ask(samples, question)
    assert not answer.answered, answer.text
    assert answer.text.startswith("没有找到")


def test_a_removed_notice_answers_no_more(samples_copy: Answering) -> None:
    assert ask(samples_copy, "科普大篷车进乡村由哪个部门负责").answered
    library = samples_copy.library
    library.remove(next(h.id for h in library.held() if "科技暖心" in h.notice.title))
    assert not ask(samples_copy, "科普大篷车进乡村由哪个部门负责").answered


def test_a_notice_and_a_question_made_to_be_slow_are_bounded(samples_copy: Answering) -> None:
    blocks = [Line("关于科技的通知"), Line("正文。" + "由科技部负责、" * 15_000)]
    held = samples_copy.library.add("wild", "wild.txt", read_notice(blocks))
    samples_copy.learn(held)
    assert max(len(p.text) for p in held.passages) <= 620
    assert ask(samples_copy, "谁负责" * 160).text
