"""The hall's screen and the assistant's phone in a real browser, in light and dark halls, with and without a network.

Needs Chromium (apt-get install chromium) and the package playwright; without them the tests are skipped.
CEWEN_SCREENSHOTS=DIR keeps pictures of the pages.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from lecture_hall import START
from lecture_site import Site, open_site

from bot.attendance import check_ins, people
from bot.attendance.model import Lecture, Origin, Participant, Purpose, State
from bot.attendance.staff import Role

pytest.importorskip("playwright.async_api", reason="needs the package playwright")
from playwright.async_api import Browser, Page, async_playwright, expect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium"),
]

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
QUIET += ["--disable-sync", "--no-first-run"]
PHONE = {"width": 390, "height": 844}
HALL = {"width": 1920, "height": 1080}
NAMES = "张三 李四 王五 赵六 欧阳明 孙七 周八 吴九".split()


@pytest_asyncio.fixture(loop_scope="module")
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with open_site(tmp_path, START + timedelta(minutes=2)) as site:
        yield site


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page; a complaint of the browser, say of a blocked script, fails the test."""
    context = await browser.new_context(viewport=PHONE, locale="zh-CN")
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    yield page
    await context.close()
    assert complaints == []


def lecture_with_people(site: Site, **changes: Any) -> Lecture:
    lecture = site.hall.lecture(place="云州科技馆一楼报告厅", speaker="林致远教授", **changes)
    for name in NAMES:
        line = Participant(
            site.hall.new_id(),
            lecture.id,
            None,
            name,
            "物理学院",
            "",
            "",
            State.REGISTERED,
            Origin.ROSTER,
            START,
        )
        people.enter(site.hall.database, line, None)
    return lecture


async def there(site: Site, lecture: Lecture, count: int) -> None:
    """Waits until so many have checked in."""
    deadline = asyncio.get_running_loop().time() + 15
    while check_ins.count(site.hall.database, lecture.id) != count:  # the browser tells nothing
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.05)


async def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("CEWEN_SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png")


async def test_the_screen_shows_a_code_the_digits_and_a_count_that_rises(site: Site, page: Page) -> None:
    lecture = lecture_with_people(site)
    await page.set_viewport_size(HALL)
    await page.goto(site.url + site.path("screen", lecture, Role.SCREEN))
    await expect(page.locator("#count strong")).to_have_text("0")
    await expect(page.locator("#codes img")).to_be_visible()
    site.hall.scan(site.hall.member("欧阳明"), lecture, site.clock())
    await expect(page.locator("#count strong")).to_have_text("1")
    await expect(page.locator("#names li")).to_have_text(["欧＊＊"])
    await page.get_by_role("button", name="只显示人数").click()
    await expect(page.locator("#names")).to_be_hidden()


async def test_the_code_changes_by_itself(site: Site, page: Page) -> None:
    lecture = lecture_with_people(site, rotation=5)
    site.clock.run()
    await page.goto(site.url + site.path("screen", lecture, Role.SCREEN))
    image = page.locator("#codes img").first
    first = await image.get_attribute("src")
    await expect(image).not_to_have_attribute("src", str(first), timeout=15_000)


async def test_a_lost_connection_is_bridged_then_said_and_recovers(site: Site, page: Page) -> None:
    lecture = lecture_with_people(site)
    await page.clock.install(time=site.clock())
    await page.goto(site.url + site.path("screen", lecture, Role.SCREEN))
    await expect(page.locator("#codes img")).to_be_visible()
    await page.route("**/stream", lambda route: route.abort())
    await page.context.set_offline(True)
    await page.clock.fast_forward(31_000)
    await expect(page.locator("#trouble")).to_contain_text("屏幕上的码还能用")
    await expect(page.locator("#codes img")).to_be_visible()
    await page.clock.fast_forward(31_000)
    await expect(page.locator("#trouble")).to_contain_text("签到码已停用")
    await expect(page.locator("#codes img")).to_have_count(0)
    site.clock.now += timedelta(minutes=2)
    await page.unroute("**/stream")
    await page.context.set_offline(False)
    await page.clock.run_for(12_000)
    await expect(page.locator("#codes img")).to_be_visible()


async def test_without_scripts_the_screen_still_shows_a_code(site: Site, browser: Browser) -> None:
    lecture = lecture_with_people(site)
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(site.url + site.path("screen", lecture, Role.SCREEN))
    await expect(page.locator("#codes img")).to_be_visible()
    assert await page.locator("meta[http-equiv=refresh]").count() == 1
    await context.close()


async def test_an_assistant_finds_somebody_lets_them_in_and_undoes_it(site: Site, page: Page) -> None:
    lecture = lecture_with_people(site)
    await page.goto(site.url + site.path("desk", lecture, Role.ASSISTANT))
    await page.get_by_label("找人").fill("欧阳")
    row = page.locator("#people li")
    await expect(row).to_have_count(1)
    await row.get_by_role("button", name="签到").click()
    await there(site, lecture, 1)
    await expect(row.locator(".state")).to_contain_text("第 1 位")
    await row.get_by_role("button", name="撤销").click()
    await page.get_by_label("原因").last.fill("人不在")
    await page.get_by_role("button", name="确定").click()
    await there(site, lecture, 0)
    await expect(row.locator(".state")).to_have_text("未到")


async def test_entries_made_without_a_network_survive_a_reload_and_count_once(site: Site, page: Page) -> None:
    lecture = lecture_with_people(site)
    await page.goto(site.url + site.path("desk", lecture, Role.ASSISTANT))
    await expect(page.locator("#people li")).to_have_count(len(NAMES))
    await page.route("**/entries", lambda route: route.abort())
    await page.route("**/list", lambda route: route.abort())
    await page.locator("#people li").first.get_by_role("button", name="签到").click()
    await page.get_by_label("姓名").fill("钱十")
    await page.get_by_label("原因").first.fill("没带手机")
    await page.get_by_role("button", name="补录并签到").click()
    await expect(page.locator("#net")).to_contain_text("2 条未送")
    await expect(page.locator("#people .pending")).to_have_count(1)
    await picture(page, "phone-offline")
    await page.reload()
    await expect(page.locator("#waiting")).to_have_text("2")
    await page.unroute("**/list")
    await page.unroute("**/entries")
    await there(site, lecture, 2)
    await expect(page.locator("#net")).to_have_text("已全部送到", timeout=15_000)
    await page.reload()
    await expect(page.locator("#count")).to_have_text("2")
    assert len(site.hall.database.query("SELECT * FROM staff_entry")) == 2


async def test_a_reply_that_was_lost_does_not_count_twice(site: Site, page: Page) -> None:
    lecture = lecture_with_people(site)
    await page.goto(site.url + site.path("desk", lecture, Role.ASSISTANT))
    lost: list[bool] = []

    async def lose(route: Any) -> None:
        if lost:
            await route.continue_()
            return
        lost.append(True)
        await route.fetch()
        await route.abort()

    await page.route("**/entries", lose)
    await page.get_by_label("姓名").fill("钱十")
    await page.get_by_label("原因").first.fill("没带手机")
    await page.get_by_role("button", name="补录并签到").click()
    await expect(page.locator("#net")).to_have_text("已全部送到", timeout=15_000)
    assert check_ins.count(site.hall.database, lecture.id) == 1


CONTRASTS = """
() => {
  const light = (color) => {
    const parts = color.match(/[\\d.]+/g).map(Number);
    const [r, g, b] = parts.slice(0, 3).map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    const color = getComputedStyle(node).backgroundColor;
    return color === "rgba(0, 0, 0, 0)" && node.parentElement ? ground(node.parentElement) : color;
  };
  const written = (node) => [...node.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  const nodes = [...document.body.querySelectorAll("*")]
    .filter((n) => written(n) && n.checkVisibility() && !n.closest("svg"));
  return nodes.map((node) => {
    const [a, b] = [light(getComputedStyle(node).color), light(ground(node))];
    return [node.id || node.className || node.tagName, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
  });
}
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_is_readable_in_light_and_dark_halls(site: Site, page: Page, scheme: Any) -> None:
    lecture = lecture_with_people(site)
    for n, name in enumerate(NAMES[:5]):
        site.hall.scan(site.hall.member(name), lecture, site.clock() - timedelta(seconds=40 * n))
    await page.emulate_media(color_scheme=scheme)
    desk, screen = site.path("desk", lecture, Role.ASSISTANT), site.path("screen", lecture, Role.SCREEN)
    pages = {"hall": screen, "phone": desk, "report": f"{desk}/report", "sheet": f"{desk}/sheet"}
    pages |= {"verify": "/verify", "first": f"/c/{payload(site, lecture)}"}
    for name, path in pages.items():
        viewport = HALL if name in ("hall", "report") else PHONE
        await page.set_viewport_size(viewport)
        await page.goto(site.url + path)
        await expect(page.locator("h1")).to_be_visible()
        if name == "phone":
            await expect(page.locator("#people li")).to_have_count(len(NAMES))
        await picture(page, f"{name}-{scheme}")
        pale = [(where, round(c, 2)) for where, c in await page.evaluate(CONTRASTS) if c < 4.5]
        assert pale == [], name
        assert await page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], name


async def test_what_is_tapped_on_the_phone_is_large_enough_for_a_finger(site: Site, page: Page) -> None:
    lecture = lecture_with_people(site)
    await page.goto(site.url + site.path("desk", lecture, Role.ASSISTANT))
    await expect(page.locator("#people li")).to_have_count(len(NAMES))
    for control in await page.locator("button:visible, input:visible, .links a").all():
        box = await control.bounding_box()
        assert box is not None
        assert box["height"] >= 44, await control.inner_text()


def payload(site: Site, lecture: Lecture) -> str:
    return site.hall.codes.payload(lecture, Purpose.CHECK_IN, site.clock())
