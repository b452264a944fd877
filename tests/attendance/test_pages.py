"""The lectures' pages over HTTP: who may see what, entries that count once, web check-in, verification."""

import io
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import openpyxl
import pytest
from lecture_hall import KEY, START
from lecture_site import Site, open_site

from bot.attendance import check_ins, people, staff
from bot.attendance.model import Admits, Lecture, Purpose
from bot.attendance.outcomes import CodeReplayed
from bot.attendance.staff import Role
from bot.channels.model import Update, UpdateKind
from bot.desk.links import STAFF
from bot.members.model import Identity
from bot.passes import Passes

NONCE = "n" * 32


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with open_site(tmp_path, START) as site:
        yield site


@pytest.fixture
async def web(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(site.url, cookie_jar=jar) as session:
        yield session


async def enter(web: aiohttp.ClientSession, desk: str, **entry: object) -> str:
    """Sends one entry; gives what came of it."""
    whole = {"nonce": NONCE, "ago": 0, "reason": "现场核对", **entry}
    async with web.post(f"{desk}/entries", json={"entries": [whole]}) as response:
        assert response.status == 200, await response.text()
        [result] = (await response.json())["results"]
        return str(result["result"])


async def text(web: aiohttp.ClientSession, path: str, status: int = 200) -> str:
    async with web.get(path) as response:
        assert response.status == status
        return await response.text()


async def test_a_pass_opens_the_pages_of_its_role_and_lecture_alone(
    site: Site, web: aiohttp.ClientSession
) -> None:
    lecture, other = site.hall.lecture(), site.hall.lecture(title="另一场")
    site.hall.scan(site.hall.member("李四", user="b"), other)
    screen, desk = site.path("screen", lecture, Role.SCREEN), site.path("desk", lecture, Role.ASSISTANT)
    await text(web, screen)
    await text(web, desk)
    await text(web, desk.replace("/desk/", "/screen/"))
    for page in ("", "/list", "/list.xlsx", "/list.csv", "/report", "/sheet"):
        await text(web, screen.replace("/screen/", "/desk/") + page, 403)
    for page in ("", "/list", "/list.csv", "/report", "/sheet"):
        assert "另一场" not in await text(web, desk + page)
        assert "李四" not in await text(web, desk + page)
    [line] = people.participants(site.hall.database, other.id)
    assert await enter(web, desk, act="undo", person=line.id) == "no_such_person"


async def test_an_expired_altered_or_revoked_pass_opens_nothing(
    site: Site, web: aiohttp.ClientSession
) -> None:
    lecture = site.hall.lecture()
    desk = site.path("desk", lecture, Role.ASSISTANT, hours=1)
    await text(web, desk)
    flipped = desk[:-1] + ("A" if desk[-1] != "A" else "B")
    await text(web, flipped, 403)
    await text(web, "/desk/x", 403)
    until = START + timedelta(hours=1)
    await text(web, f"/desk/{Passes(KEY).give('session', 'id1', until)}", 403)
    site.clock.now = until
    await text(web, desk, 403)
    site.clock.now = START
    staff.dismiss(site.hall.database, lecture.id, "王老师", START)
    await text(web, desk, 403)


async def test_an_entry_sent_twice_counts_once(site: Site, web: aiohttp.ClientSession) -> None:
    lecture = site.hall.lecture()
    desk = site.path("desk", lecture, Role.ASSISTANT)
    for _ in range(3):
        assert await enter(web, desk, act="add", name="赵六", unit="图书馆", ago=60_000) == "done"
    [line] = people.participants(site.hall.database, lecture.id)
    [made] = check_ins.of_lecture(site.hall.database, lecture.id)
    assert (line.name, made.at) == ("赵六", START - timedelta(minutes=1))
    traces = site.hall.database.query("SELECT action, actor, reason FROM attendance_trace")
    assert traces == [{"action": "add", "actor": "王老师", "reason": "现场核对"}]


async def test_an_undone_check_in_leaves_a_trace_and_its_code_serves_no_more(
    site: Site, web: aiohttp.ClientSession
) -> None:
    lecture, who = site.hall.lecture(), site.hall.member("张三")
    site.hall.scan(who, lecture)
    desk = site.path("desk", lecture, Role.ASSISTANT)
    [line] = people.participants(site.hall.database, lecture.id)
    assert await enter(web, desk, act="undo", person=line.id, reason="不在现场") == "done"
    assert check_ins.count(site.hall.database, lecture.id) == 0
    assert site.hall.scan(who, lecture, START + timedelta(seconds=9), START) == CodeReplayed(lecture)
    assert await enter(web, desk, act="let_in", person=line.id, nonce="m" * 32) == "done"
    assert await enter(web, desk, act="let_in", person=line.id, nonce="k" * 32) == "nothing_to_do"


async def test_staff_close_and_open_and_call_the_roll(site: Site, web: aiohttp.ClientSession) -> None:
    lecture = site.hall.lecture()
    desk = site.path("desk", lecture, Role.ASSISTANT)
    who = site.hall.member("张三")
    site.hall.scan(who, lecture)
    site.clock.now = START + timedelta(minutes=20)
    assert await enter(web, desk, act="close", nonce="1" * 32) == "done"
    site.clock.now += timedelta(minutes=1)
    assert json.loads(await text(web, f"{desk}/list"))["open"] is False
    assert await enter(web, desk, act="open", nonce="2" * 32) == "done"
    assert json.loads(await text(web, f"{desk}/list"))["open"] is True
    assert await enter(web, desk, act="call_roll", nonce="3" * 32) == "done"
    assert await enter(web, desk, act="call_roll", nonce="4" * 32) == "nothing_to_do"
    assert "点名：请再扫一次" in await text(web, desk.replace("/desk/", "/screen/"))
    site.hall.scan(who, lecture, site.clock.now, purpose=Purpose.ROLL_CALL)
    assert await enter(web, desk, act="end_roll", nonce="5" * 32) == "done"
    assert "1/1" in await text(web, f"{desk}/list.csv")
    report = re.sub(r"<[^>]+>|\s", "", await text(web, f"{desk}/report"))
    assert "0应到1实到1准时0迟到0缺席1未报名到场" in report


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        "[]",
        '{"entries": [{"nonce": "short", "act": "undo", "ago": 0}]}',
        '{"entries": [{"nonce": "' + NONCE + '", "act": "explode", "ago": 0}]}',
        '{"entries": [{"nonce": "' + NONCE + '", "act": "undo", "ago": -1}]}',
        '{"entries": [{"nonce": "' + NONCE + '", "act": "undo", "ago": 0, "extra": 1}]}',
        "not json",
    ],
)
async def test_a_malformed_entry_is_refused_and_nothing_is_entered(
    site: Site, web: aiohttp.ClientSession, body: str
) -> None:
    desk = site.path("desk", site.hall.lecture(), Role.ASSISTANT)
    headers = {"Content-Type": "application/json"}
    async with web.post(f"{desk}/entries", data=body, headers=headers) as response:
        assert response.status == 400
    assert site.hall.database.query("SELECT * FROM staff_entry") == []


async def test_the_list_as_a_workbook_holds_what_was_typed_as_text(
    site: Site, web: aiohttp.ClientSession
) -> None:
    lecture = site.hall.lecture()
    desk = site.path("desk", lecture, Role.ASSISTANT)
    await enter(web, desk, act="add", name="=1+1", unit="@SUM(A1)")
    async with web.get(f"{desk}/list.xlsx") as response:
        book = openpyxl.load_workbook(io.BytesIO(await response.read()))
    cell = book["名单"]["B3"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    assert "'=1+1,'@SUM(A1)" in await text(web, f"{desk}/list.csv")
    assert book.sheetnames == ["名单", "单位", "到场时间"]


async def test_markup_in_a_name_is_text_on_every_page(site: Site, web: aiohttp.ClientSession) -> None:
    lecture = site.hall.lecture(title="<script>alert(1)</script>")
    desk = site.path("desk", lecture, Role.ASSISTANT)
    await enter(web, desk, act="add", name="<img src=x>", unit="<b>")
    for page in (desk, f"{desk}/report", f"{desk}/sheet", desk.replace("/desk/", "/screen/")):
        html = await text(web, page)
        assert "<script>alert" not in html
        assert "<img src=x>" not in html


def payload(site: Site, lecture: Lecture) -> str:
    return site.hall.codes.payload(lecture, Purpose.CHECK_IN, site.clock())


async def test_a_web_link_checks_in_whoever_has_logged_in_from_the_chat(
    site: Site, web: aiohttp.ClientSession
) -> None:
    lecture = site.hall.lecture()
    who = site.hall.member("张三")
    link = f"/c/{payload(site, lecture)}"
    assert "请先登录" in await text(web, link)
    login = site.login(who)
    assert "登录签到" in await text(web, login)
    async with web.post(login) as response:
        assert "已登录" in await response.text()
    async with web.post(login) as response:
        assert response.status == 403
    assert check_ins.count(site.hall.database, lecture.id) == 0
    await text(web, link)
    assert check_ins.count(site.hall.database, lecture.id) == 0, "a look changes nothing"
    async with web.post(link) as response:
        assert "签到成功，09:00，您是第 1 位。" in await response.text()
    [made] = check_ins.of_lecture(site.hall.database, lecture.id)
    assert made.means == "web"
    assert made.device


async def test_one_browser_for_two_people_is_flagged(site: Site, web: aiohttp.ClientSession) -> None:
    lecture = site.hall.lecture()
    for name in ("张三", "李四"):
        async with web.post(site.login(site.hall.member(name))):
            pass
        async with web.post(f"/c/{payload(site, lecture)}"):
            pass
    desk = site.path("desk", lecture, Role.ASSISTANT)
    listed = json.loads(await text(web, f"{desk}/list"))
    assert [person["flags"] for person in listed["people"]] == [["一台设备签多人"]] * 2


async def test_a_name_that_is_missing_is_asked_for_on_the_page(
    site: Site, web: aiohttp.ClientSession
) -> None:
    lecture = site.hall.lecture(admits=Admits.ANYONE)
    async with web.post(site.login(Identity("wechat", "new"))):
        pass
    link = f"/c/{payload(site, lecture)}"
    async with web.post(link) as response:
        assert 'name="name"' in await response.text()
    async with web.post(link, data={"name": "张三", "unit": "物理学院"}) as response:
        assert "签到成功" in await response.text()


async def test_a_forged_link_says_so(site: Site, web: aiohttp.ClientSession) -> None:
    assert "这个码不对" in await text(web, f"/c/{'A' * 28}", 404)


async def test_a_certificate_is_verified_by_its_code_and_shows_the_least(
    site: Site, web: aiohttp.ClientSession
) -> None:
    lecture, who = site.hall.lecture(), site.hall.member("欧阳修文", "文学院")
    site.hall.scan(who, lecture)
    update = Update(
        who.channel, who.user, who.user, "k", UpdateKind.TEXT, site.clock(), text="2026年学时证明"
    )
    reply = await site.desk.reply(update)
    assert reply is not None
    code = re.search(r"验证码：(\w{12})", reply.text)
    link = re.search(r"(/certificates/\S+)", reply.text)
    assert code
    assert link
    page = await text(web, f"/verify/{code[1]}")
    assert "有效" in page
    assert "欧＊＊" in page
    assert "欧阳" not in page
    assert "文学院" not in page
    spaced = f"{code[1][:4]}-{code[1][4:8]}-{code[1][8:]}".lower()
    assert "有效" in await text(web, f"/verify?code={spaced}")
    assert "没有这个验证码" in await text(web, "/verify/000000000000", 404)
    async with web.get(link[1]) as response:
        assert (await response.read()).startswith(b"%PDF")
    [line] = people.participants(site.hall.database, lecture.id)
    check_ins.remove(site.hall.database, line.id)
    assert "记录已更正" in await text(web, f"/verify/{code[1]}")
    site.clock.now += timedelta(hours=24)
    await text(web, link[1], 403)


async def test_the_stream_tells_the_count_and_ends_when_the_pass_does(
    site: Site, web: aiohttp.ClientSession
) -> None:
    lecture = site.hall.lecture()
    screen = site.path("screen", lecture, Role.SCREEN)
    async with web.get(f"{screen}/stream") as response:
        first = json.loads((await response.content.readline()).removeprefix(b"data: "))
        assert first["state"]["count"] == 0
        assert len(first["codes"]) == 4
        assert first["codes"][0]["until"] == first["codes"][1]["from"]
        await response.content.readline()
        site.hall.scan(site.hall.member("张三"), lecture)
        news = json.loads((await response.content.readline()).removeprefix(b"data: "))
        assert (news["state"]["count"], news["state"]["names"]) == (1, ["张＊"])
        await response.content.readline()
        staff.dismiss(site.hall.database, lecture.id, "王老师", site.clock())
        assert await response.content.readline() == b""


async def test_no_page_comes_without_its_headers(site: Site, web: aiohttp.ClientSession) -> None:
    lecture = site.hall.lecture()
    desk = site.path("desk", lecture, Role.ASSISTANT)
    for path in (desk, desk.replace("/desk/", "/screen/"), f"{desk}/report", "/verify", "/c/x", "/desk/x"):
        async with web.get(path) as response:
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]
            assert response.headers["Referrer-Policy"] == "no-referrer"


def test_a_pass_of_one_purpose_is_none_of_another() -> None:
    passes = Passes(KEY)
    given = passes.give(STAFF, "id1", START + timedelta(hours=1))
    assert passes.take(STAFF, given, START) == "id1"
    assert passes.take("session", given, START) is None
    assert passes.take(STAFF, given, START + timedelta(hours=1)) is None
