"""A large collection made from small ones: 600 notices and 300 questions, the same at every run.

Paragraphs and table rows of the sample notices, and of ../shared/notices where they are present, are dealt out anew,
with other numbers and other departments in charge. Each notice gets a subject that no other has, and with it the
facts that are asked for; its neighbours share all the words of its subject, but never all of them at once.
"""

import itertools
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.batch import Row
from bot.intake import notice_files
from corpus.blocks import Block, Cell, Grid, Line
from corpus.notice import Clause, Notice, Section, Table
from corpus.readers import read
from corpus.tree import read_notice

ROOT = Path(__file__).parents[2]
FOLDERS = [ROOT / "bot" / "samples" / "notices", ROOT.parent / "shared" / "notices"]
NOTICES, QUESTIONS = 600, 300
_SEED = 20261124
_PARAGRAPHS, _ROWS = (6, 24), (4, 16)
"""How many of each a notice has."""

_PLACES = "青山 白水 临江 东湖 南坪 西岭 北苑 安宁 永丰 新桥 石门 龙泉".split()
_THEMES = "人工智能 生态环保 航空航天 防灾减灾 食品安全 现代农业 心理健康 水资源 新能源 生物多样性".split()
_FORMS = "科普周 创新大赛 讲师培训 作品征集 调研活动 志愿服务".split()
_OTHER_ANSWER = re.compile(r"\d{7}|@|截止|电话")
"""Paragraphs that would bring a second telephone number or closing date along are not dealt out."""
_UNKNOWN = "古建筑修缮 冰雪运动 校服采购 停车收费 食堂承包".split()
"""Subjects of questions that no notice answers."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is asked about a notice."""

    subject: str
    doc_number: str
    date: str
    department: str
    phone: str
    deadline: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the notice that answers it, "" for none."""

    row: Row
    notice_id: str


@dataclass(frozen=True, slots=True)
class Generated:
    notices: dict[str, Notice]
    questions: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class _Material:
    paragraphs: list[str]
    rows: list[tuple[str, str]]
    """Task and department."""
    departments: list[str]


@pytest.fixture(scope="session")
def generated() -> Generated:
    chance = random.Random(_SEED)  # noqa: S311
    material = _material()
    subjects = ["".join(parts) for parts in itertools.product(_PLACES, _THEMES, _FORMS)]
    facts = [_facts(i, s, material, chance) for i, s in enumerate(chance.sample(subjects, NOTICES))]
    notices = {f"n{i:03}": read_notice(list(_blocks(f, material, chance))) for i, f in enumerate(facts)}
    return Generated(notices, tuple(_questions(facts, chance)))


def _material() -> _Material:
    found = [read_notice(read(file, 50 << 20)) for file in notice_files(f for f in FOLDERS if f.is_dir())]
    contents = [
        c for notice in found for part in notice.parts for s in part.body.walk() for c in _contents(s)
    ]
    rows = [
        (row.cells[-2], row.cells[-1])
        for c in contents
        if isinstance(c, Table) and "责任" in c.header[-1]
        for row in c.rows
    ]
    names = {d for _, cell in rows for d in re.split("[、，\\s]+", cell) if 2 < len(d) < 12}
    texts = {
        c.text
        for c in contents
        if isinstance(c, Clause) and len(c.text) >= 20 and not _OTHER_ANSWER.search(c.text)
    }
    return _Material(sorted(texts), sorted(set(rows)), sorted(names))


def _contents(section: Section) -> Iterator[Clause | Table]:
    """The numbered clauses lose their markers: they are numbered anew."""
    for one in section.content:
        yield Clause(one.text.removeprefix(section.number)) if isinstance(one, Clause) else one


def _facts(number: int, subject: str, material: _Material, chance: random.Random) -> Facts:
    year, month, day = chance.randint(2021, 2025), chance.randint(1, 11), chance.randint(1, 28)
    return Facts(
        subject=subject,
        doc_number=f"云科协发〔{year}〕{number + 1}号",
        date=f"{year}年{month}月{day}日",
        department=chance.choice(material.departments),
        phone=f"（0999）5{chance.randrange(10**6):06}",
        deadline=f"{year}年{month + 1}月{chance.randint(1, 28)}日",
    )


def _blocks(facts: Facts, material: _Material, chance: random.Random) -> Iterator[Block]:
    yield Line(facts.doc_number)
    yield Line(f"关于开展{facts.subject}的通知")
    yield Line("各区县科协，各市级学会，各直属单位：")
    yield Line(f"为做好{facts.subject}，现将有关事项通知如下。")
    paragraphs = chance.sample(material.paragraphs, chance.randint(*_PARAGRAPHS))
    for number, text in zip("一二三", (paragraphs[0::3], paragraphs[1::3], paragraphs[2::3]), strict=True):
        yield Line(f"{number}、{chance.choice(['工作要求', '活动内容', '组织实施', '有关安排'])}")
        yield from (Line(_other_numbers(t, chance)) for t in text)
    yield Line("四、报名方式")
    yield Line(f"报名截止时间：{facts.deadline}。")
    yield Line(f"联系人：{chance.choice('赵钱孙李周吴郑王')}{chance.choice('明华芳敏静磊')}")
    yield Line(f"联系电话：{facts.phone}")
    yield Line("附件：任务分工表")
    yield Line("云州市科学技术协会")
    yield Line(facts.date)
    yield Line("附件")
    yield Line("任务分工表")
    yield _table(facts, material, chance)


def _table(facts: Facts, material: _Material, chance: random.Random) -> Grid:
    """The tasks of other notices, each with another department, and one task of this notice's own."""
    tasks = [
        (_other_numbers(t, chance), chance.choice(material.departments))
        for t, _ in chance.sample(material.rows, chance.randint(*_ROWS))
    ]
    tasks.insert(chance.randint(0, len(tasks)), (f"组织{facts.subject}启动仪式。", facts.department))
    rows = [("序号", "重点任务", "责任部室（单位）"), *((str(i), *t) for i, t in enumerate(tasks, 1))]
    return Grid(tuple(tuple(Cell(text) for text in row) for row in rows))


def _other_numbers(text: str, chance: random.Random) -> str:
    """Every number of two to four digits that is no year becomes another of as many."""
    return re.sub(
        r"(?<!\d)(?!20\d\d)\d{2,4}(?!\d)",
        lambda m: str(chance.randint(10 ** (len(m[0]) - 1), 10 ** len(m[0]) - 1)),
        text,
    )


def _questions(facts: list[Facts], chance: random.Random) -> Iterator[Asked]:
    """Six sorts in turn; the last is about what no notice has."""
    chosen = chance.sample(range(len(facts)), QUESTIONS)
    for number, i in enumerate(chosen):
        f = facts[i]
        forms = (
            ("department", f"{f.subject}启动仪式由哪个部门负责？", f.department),
            ("number", f"{f.subject}的通知文号是多少？", f.doc_number),
            ("date", f"{f.subject}的通知是什么时候印发的", f.date),
            ("contact", f"请问{f.subject}的联系电话是多少", f.phone),
            ("deadline", f"{f.subject}报名截止到哪天？", f.deadline),
            ("not_in_corpus", f"{chance.choice(_UNKNOWN)}由哪个部门负责？", ""),
        )
        kind, question, answer = forms[number % len(forms)]
        row = Row(
            f"b{number:03}", question, (), kind, bool(answer), (answer,) if answer else (), f.doc_number
        )
        yield Asked(row, f"n{i:03}" if answer else "")
