"""A file of every format goes in, a question comes out answered: through the reading process, the store and the bot."""

from collections.abc import Callable
from pathlib import Path

import pytest
from building import MAKERS, Fixture

from bot.answering.answering import Answering
from bot.answering.model import Answer, State
from bot.answering.questions import default_synonyms
from bot.collection import Collection
from bot.intake import Ingested, Intake, Status
from bot.languages import Language
from bot.library import Library
from bot.messages.catalogue import Messages, built_in
from bot.store.database import Database
from bot.store.notices import NoticeTable
from bot.wording import Wording, utc_now
from corpus.reader_process import ReaderProcess
from index.text import Segmenter

WORDING = Wording(Messages(Language.CHINESE, built_in(Language.CHINESE)))
LARGEST = 50 << 20
Ask = Callable[[str], Answer]
TakeIn = Callable[[Path], tuple[list[Ingested], Ask]]


@pytest.fixture
def take_in(reader: ReaderProcess, segmenter: Segmenter, tmp_path: Path) -> TakeIn:
    """Takes a file into a home of its own; gives what became of it and a bot that answers from it alone."""

    def take(file: Path) -> tuple[list[Ingested], Ask]:
        with Database.open(tmp_path / "cewen.sqlite3") as database:
            notices = NoticeTable(database)
            outcomes = Intake(notices, reader, LARGEST, utc_now).take(file)
            answering = Answering(Library(segmenter), default_synonyms(), WORDING, utc_now)
            Collection(notices, answering.library, answering).refresh()
        return outcomes, lambda question: answering.answer(question, State())[0]

    return take


PLAN = (
    ("组织候鸟观测营由哪个部门牵头？", "青少年科技中心"),
    ("科普行动的实施方案什么时候报送？", "2025年3月20日"),
    ("每个项目补助多少钱？", "3万元"),
    ("科普行动计划的文号是多少？", "云科协发〔2025〕31号"),
)
LECTURES = (
    ("“黑洞之外”讲座是什么时候？", "9月20日"),
    ("苏敏的电话是多少？", "0999-5550122"),
    ("食物的旅行的金额是多少？", "8,500"),
)
CAMP = (("夏令营报名截止到哪天？", "2025年6月15日"), ("临江营有多少名额？", "80名"))
VOLUNTEERS = (
    ("义诊咨询由哪个部门牵头？", "学会学术部"),
    ("科普进社区由哪个部门牵头？", "科学技术普及部"),
    ("志愿服务的联系人是谁？", "周敏"),
)
CONTEST = (
    ("摄影比赛的征集什么时候截止？", "2025年8月31日"),
    ("二等奖奖金多少？", "3000元"),
    ("摄影比赛通知的文号是多少？", "云科协发〔2025〕46号"),
    ("摄影比赛的通知是什么时候印发的？", "2025年6月3日"),
)
CASES = (
    (PLAN, ("plan.docx", "plan.doc", "plan.wps", "plan.odt", "plan.rtf", "plan.pdf", "通知.zip", "mail.eml")),
    (LECTURES, ("lectures.xlsx", "lectures.xls", "lectures.ods", "通知.zip")),
    (CAMP, ("camp.pptx", "camp.ppt", "camp.odp")),
    ((("望山县有几名科普员？", "8名"),), ("科普员名额分配表.csv",)),
    (VOLUNTEERS, ("volunteers.html", "volunteers-printed.pdf")),
    (CONTEST, ("contest.png", "contest.jpg", "contest-scanned.pdf", "contest.tif")),
    ((("走近北斗讲座调整到什么时候？", "5月25日"),), ("mail.eml",)),
)


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_questions_are_answered_from_a_file_of_each_format(
    office_file: Fixture, take_in: TakeIn, name: str
) -> None:
    outcomes, ask = take_in(office_file(name))
    assert {o.status for o in outcomes} == {Status.ADDED}
    for questions, names in CASES:
        for question, expected in questions if name in names else ():
            answer = ask(question)
            assert answer.answered, question
            assert expected in answer.answer.replace(" ", ""), question
            assert answer.citations


def test_every_format_is_asked() -> None:
    assert {n for _, names in CASES for n in names} == set(MAKERS)
