"""The desk in the chat: whole exchanges, through the real writer and store."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from lecture_hall import KEY, START, Hall

from bot.attendance import check_ins, people
from bot.attendance.codes import Codes
from bot.attendance.guesses import OF_ONE, Guesses
from bot.attendance.model import Admits, Area, Lecture, Origin, Participant, Purpose, State
from bot.channels.model import Reply, Update, UpdateKind
from bot.desk.desk import Desk
from bot.desk.links import Links
from bot.desk.record_book import RecordBook
from bot.members.preferences import PreferenceTable
from bot.members.register import Register
from bot.messages.catalogue import load_catalogue
from bot.passes import Passes
from bot.phrasebook import Phrasebook
from bot.store.database import Database
from bot.store.writer import Writer

URL = "https://bot.example.org"


class Chat:
    """Members who write, scan and send places; `now` is the clock of all."""

    def __init__(self, hall: Hall, writer: Writer) -> None:
        self.hall = hall
        self.now = START
        database = hall.database
        members = Register(database, (), self.clock, hall.new_id)
        links = Links(URL, Passes(KEY), self.clock)
        self.desk = Desk(
            database=database,
            writer=writer,
            members=members,
            door=hall.door,
            registration=hall.registration,
            codes=hall.codes,
            guesses=Guesses(lambda: self.now.timestamp()),
            book=RecordBook(database, writer, members, links, self.clock),
            links=links,
            phrases=Phrasebook(load_catalogue(Path("nowhere")), PreferenceTable(database)),
            clock=self.clock,
        )
        self._keys = count()

    def clock(self) -> datetime:
        return self.now

    async def _send(
        self, who: str, kind: UpdateKind, text: str = "", payload: str = "", chat: str = ""
    ) -> Reply | None:
        key = str(next(self._keys))
        update = Update("wechat", who, chat or who, key, kind, self.now, text=text, payload=payload)
        return await self.desk.reply(update)

    async def says(self, who: str, text: str, chat: str = "") -> str | None:
        reply = await self._send(who, UpdateKind.TEXT, text, chat=chat)
        return reply.text if reply else None

    async def reply_to(self, who: str, text: str) -> Reply:
        reply = await self._send(who, UpdateKind.TEXT, text)
        assert reply is not None
        return reply

    async def scans(self, who: str, lecture: Lecture, purpose: Purpose = Purpose.CHECK_IN) -> str:
        return await self.scans_payload(who, self.hall.codes.payload(lecture, purpose, self.now))

    async def scans_payload(self, who: str, payload: str) -> str:
        reply = await self._send(who, UpdateKind.SCAN, payload=payload)
        assert reply is not None
        return reply.text

    async def is_at(self, who: str, place: str) -> str | None:
        reply = await self._send(who, UpdateKind.LOCATION, payload=place)
        return reply.text if reply else None


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[Chat]:
    path = tmp_path / "cewen.sqlite3"
    with Database.open(path) as database:
        async with await Writer.open(path) as writer:
            yield Chat(Hall(database), writer)


async def test_a_known_member_scans_and_is_done(chat: Chat) -> None:
    lecture = chat.hall.lecture()
    chat.hall.member("张三", user="a")
    chat.now = START + timedelta(minutes=2)
    text = await chat.scans("a", lecture)
    assert text == "签到成功，09:02，您是第 1 位。\n张三，《人工智能与材料设计》"


async def test_a_new_member_scans_says_a_name_and_is_in_with_the_time_of_the_scan(chat: Chat) -> None:
    lecture = chat.hall.lecture()
    text = await chat.scans("a", lecture)
    assert "已记下您 09:00 扫码" in text
    assert "保存到 2028年5月8日" in text
    chat.now += timedelta(minutes=12)
    assert await chat.says("a", "讲座几点开始？") is None
    assert (
        await chat.says("a", "张三 物理学院")
        == "签到成功，09:00，您是第 1 位。\n张三，《人工智能与材料设计》"
    )
    assert await chat.says("a", "张三 物理学院") is None
    other = chat.hall.lecture()
    chat.now = START + timedelta(minutes=3)
    assert (await chat.scans("a", other)).startswith("签到成功")


async def test_digits_on_the_screen_are_typed_where_there_is_no_scanning(chat: Chat) -> None:
    lecture = chat.hall.lecture()
    chat.hall.member("张三", user="a")
    digits = chat.hall.codes.number(lecture, Purpose.CHECK_IN, chat.now)
    assert "签到成功" in str(await chat.says("a", f"签到 {digits}"))


async def test_digits_hold_for_the_minute_after_they_left_the_screen_and_no_longer(chat: Chat) -> None:
    lecture = chat.hall.lecture()
    digits = chat.hall.codes.number(lecture, Purpose.CHECK_IN, START)
    chat.hall.member("张三", user="a")
    chat.now = START + timedelta(seconds=120)
    assert "不对" in str(await chat.says("a", digits))
    chat.now = START + timedelta(seconds=119)
    assert "签到成功" in str(await chat.says("a", digits))


async def test_guessing_is_stopped_after_five_wrong_numbers_even_if_the_next_were_right(chat: Chat) -> None:
    lecture = chat.hall.lecture()
    right = chat.hall.codes.number(lecture, Purpose.CHECK_IN, chat.now)
    for n in range(OF_ONE):
        assert "不对" in str(await chat.says("a", f"{(int(right) + n + 7) % 1_000_000:06}"))
    assert await chat.says("a", right) == "数字试错太多了，请过 2 分钟再试，或直接扫码、找工作人员。"
    assert "已记下" in str(await chat.says("b", right))
    chat.now += timedelta(minutes=2)
    now_right = chat.hall.codes.number(lecture, Purpose.CHECK_IN, chat.now)
    assert "已记下" in str(await chat.says("a", now_right))


async def test_six_digits_are_no_code_while_no_screen_is_on(chat: Chat) -> None:
    assert await chat.says("a", "482913") is None


async def test_an_altered_code_and_one_of_another_key_are_refused(chat: Chat) -> None:
    lecture = chat.hall.lecture()
    chat.hall.member("张三", user="a")
    payload = chat.hall.codes.payload(lecture, Purpose.CHECK_IN, chat.now)
    swapped = payload[:9] + ("A" if payload[9] != "A" else "B") + payload[10:]
    foreign = Codes(b"x" * 32).payload(lecture, Purpose.CHECK_IN, chat.now)
    for wrong in (swapped, foreign):
        assert "签到码不对" in await chat.scans_payload("a", wrong)
    assert check_ins.count(chat.hall.database, lecture.id) == 0


async def test_the_place_is_asked_for_once_and_a_far_one_says_how_far(chat: Chat) -> None:
    lecture = chat.hall.lecture(area=Area(29.5630, 106.5516, 300))
    chat.hall.member("张三", user="a")
    assert "请发送您的位置" in await chat.scans("a", lecture)
    assert "约 1112 米" in str(await chat.is_at("a", "29.5730,106.5516"))
    assert "签到成功" in str(await chat.is_at("a", "29.5631,106.5517"))
    assert await chat.is_at("a", "29.5631,106.5517") is None


async def test_registering_waiting_and_withdrawing_by_chat(chat: Chat) -> None:
    chat.hall.lecture(capacity=1, place="九号厅")
    chat.now = START - timedelta(days=3)
    chat.hall.member("张三", user="a")
    offered = await chat.reply_to("a", "讲座")
    assert "1. 5月9日（星期六）09:00《人工智能与材料设计》，九号厅" in offered.text
    assert [choice.text for choice in offered.choices] == ["报名 1"]
    assert "报名成功" in str(await chat.says("a", "报名 1"))
    assert "已经报过名" in str(await chat.says("a", "报名 1"))
    assert "请回复“姓名 单位”" in str(await chat.says("b", "报名 1"))
    assert "候补第 1 位" in str(await chat.says("b", "李四"))
    assert "已取消报名" in str(await chat.says("a", "取消报名 1"))
    assert "已报名" in str(await chat.says("b", "我的报名"))
    assert "没有报名" in str(await chat.says("a", "我的报名"))
    assert "没有编号为 9" in str(await chat.says("a", "报名 9"))


async def test_people_of_one_name_are_asked_for_a_number(chat: Chat) -> None:
    lecture = chat.hall.lecture(admits=Admits.REGISTERED)
    for number in ("A01", "A02"):
        line = Participant(
            chat.hall.new_id(),
            lecture.id,
            None,
            "王伟",
            "物理学院",
            number,
            "",
            State.REGISTERED,
            Origin.ROSTER,
            START,
        )
        people.enter(chat.hall.database, line, None)
    chat.hall.member("王伟", "物理学院", user="a")
    assert "有 2 位“王伟”" in await chat.scans("a", lecture)
    assert "签到成功" in str(await chat.says("a", "A02"))


async def test_nothing_about_lectures_is_done_in_a_group(chat: Chat) -> None:
    chat.hall.lecture()
    assert await chat.says("a", "签到", chat="group") == "这一项请在与我的私聊里使用。"


async def test_how_to_check_in_comes_with_a_login_that_serves_one_browser(chat: Chat) -> None:
    assert await chat.says("a", "签到") == "现在没有可以签到的讲座。"
    chat.hall.lecture()
    text = str(await chat.says("a", "签到"))
    assert f"{URL}/login/" in text
    token = text.rsplit("/", 1)[1]
    assert token not in str(chat.hall.database.query("SELECT * FROM web_login"))


async def test_a_years_lectures_and_a_certificate_of_them(chat: Chat) -> None:
    chat.hall.member("张三", user="a")
    for n in range(3):
        lecture = chat.hall.lecture(START + timedelta(days=n), title=f"第{n + 1}讲")
        chat.now = lecture.schedule.starts_at
        await chat.scans("a", lecture)
    chat.now = datetime(2026, 12, 30, tzinfo=UTC)
    told = await chat.reply_to("a", "我今年参加了几次讲座？")
    assert told.text.startswith("2026 年您参加了 3 次讲座，共 6 学时：\n· 2026年5月9日《第1讲》2 学时")
    certificate = await chat.reply_to("a", told.choices[0].text)
    assert certificate.attachment is not None
    assert certificate.attachment.content.startswith(b"%PDF")
    assert f"{URL}/verify/" in certificate.text
    again = await chat.reply_to("a", "学时证明")
    assert again.text.split("验证码：")[1][:12] == certificate.text.split("验证码：")[1][:12]
    assert await chat.says("b", "我今年参加了几次讲座") == "2026 年没有您的签到记录。"
    assert await chat.says("a", "2025年学时证明") == "2025 年没有您的签到记录。"


async def test_a_name_is_corrected_for_the_next_time(chat: Chat) -> None:
    chat.hall.member("张山", user="a")
    assert (
        await chat.says("a", "改名 张三 物理学院") == "好的，已改为：张三（物理学院）。以后的签到用这个姓名。"
    )
    assert "张三" in await chat.scans("a", chat.hall.lecture())
