"""The chat page in a real browser, phone and desk, light and dark: what a member sees and what can go wrong.

Needs Chromium (apt-get install chromium) and the package playwright; without them the tests are skipped.
CEWEN_SCREENSHOTS=DIR keeps pictures of the page.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from bot.channels.web.channel import WebChannel
from bot.channels.web.headers import secure

pytest.importorskip("playwright.async_api", reason="needs the package playwright")
from playwright.async_api import Browser, Page, Route, async_playwright, expect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium"),
]

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
QUIET += ["--disable-sync", "--no-first-run"]
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 860}

DEPARTMENT = "短视频征集活动由哪个部门负责？"
HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=1</script>'
EXAMPLES = [DEPARTMENT, "科普讲座几点开始？", "报名材料发到哪个邮箱？"]

QUOTE = (
    "11.科普短视频征集：面向全市征集原创科普短视频，评选优秀作品60部。责任部室：宣传联络部、青少年工作部。"
)
PLAN = {
    "notice_id": "n1",
    "doc_number": "云科协发〔2024〕10号",
    "title": "云溪市科学技术协会关于印发2024年重点工作安排的通知",
    "issuer": "云溪市科学技术协会",
    "date": "2024-03-01",
    "locator": "附件 第11项",
    "quote": QUOTE,
}
ANSWER: dict[str, object] = {
    "answered": True,
    "answer": "宣传联络部、青少年工作部",
    "text": f"宣传联络部、青少年工作部\n\n{QUOTE}",
    "kind": "department",
    "confidence": 0.97,
    "citations": [
        PLAN,
        {
            **PLAN,
            "doc_number": "",
            "date": "",
            "locator": "三、（二）第2段",
            "quote": "作品请于9月30日前报送。",
        },
    ],
    "related": ["短视频什么时候截止？", "宣传联络部还负责什么？"],
    "elapsed_ms": 1.9,
}
UNKNOWN: dict[str, object] = {
    "answered": False,
    "answer": "",
    "text": "没有找到。已收录的通知里没有提到食堂。换个说法再问，或看看这些通知。",
    "kind": "other",
    "confidence": 0.1,
    "citations": [],
    "related": ["关于举办秋季科普讲座的通知"],
    "elapsed_ms": 1.0,
}
PASSAGE: dict[str, object] = {
    **ANSWER,
    "answer": "一、指导思想。坚持面向基层、面向公众。\n二、主要任务。"
    + "组织开展科普讲座、展览和竞赛，" * 12,
    "related": [],
}
INJECTED: dict[str, object] = {
    "answered": True,
    "answer": HOSTILE,
    "text": HOSTILE,
    "citations": [dict.fromkeys(PLAN, HOSTILE)],
    "related": [HOSTILE, 5, None],
}
ODD: dict[str, object] = {"answered": True, "answer": 5, "text": None, "citations": "x", "related": {"a": 1}}
LONG = "https://example.org/" + "a" * 300


@dataclass
class Core:
    """A fake `ask`: notes what it is asked and answers by the question, once the gate is open."""

    asked: list[tuple[str, str | None]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    answers: dict[str, dict[str, object]] = field(default_factory=dict)
    default: dict[str, object] = field(default_factory=lambda: ANSWER)
    faults: int = 0

    async def ask(self, question: str, session: str | None) -> dict[str, object]:
        self.asked.append((question, session))
        await self.gate.wait()
        if self.faults:
            self.faults -= 1
            raise RuntimeError
        return self.answers.get(question, self.default)


@dataclass(frozen=True)
class Site:
    url: str
    core: list[Core]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def site() -> AsyncIterator[Site]:
    current: list[Core] = []

    async def ask(question: str, session: str | None) -> dict[str, object]:
        return await current[-1].ask(question, session)

    app = web.Application()
    secure(app)
    app.add_routes(WebChannel(ask, "策问 · 云溪市科协", lambda: [*EXAMPLES, HOSTILE]).routes())
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield Site(f"http://127.0.0.1:{runner.addresses[0][1]}/", current)
    await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def core(site: Site) -> Core:
    core = Core()
    core.gate.set()
    site.core.append(core)
    return core


@pytest_asyncio.fixture(loop_scope="module")
async def page(site: Site, browser: Browser, core: Core) -> AsyncIterator[Page]:
    """The page on a phone; a complaint of the browser, say of a blocked script, fails the test."""
    context = await browser.new_context(viewport=PHONE, locale="zh-CN")
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    await page.goto(site.url)
    yield page
    await context.close()
    assert [text for text in complaints if "Failed to load resource" not in text] == []


async def ask(page: Page, question: str) -> None:
    await page.get_by_label("您的问题").fill(question)
    await page.keyboard.press("Enter")
    await expect(page.locator(".exchange").last.locator(".reply:not(.waiting)")).to_be_visible()


async def test_an_answer_stands_out_and_its_source_stands_below(page: Page) -> None:
    await ask(page, DEPARTMENT)
    await expect(page.locator(".mine")).to_have_text(f"我：{DEPARTMENT}")
    await expect(page.locator(".direct")).to_have_text("宣传联络部、青少年工作部")
    source = page.locator(".source").first
    await expect(source.locator(".title")).to_have_text("云溪市科学技术协会关于印发2024年重点工作安排的通知")
    facts = ["附件 第11项", "云科协发〔2024〕10号", "云溪市科学技术协会", "2024年3月1日"]
    await expect(source.locator(".facts span")).to_have_text(facts)
    await expect(source.locator("blockquote")).to_have_text(QUOTE)
    await expect(source.locator("mark")).to_have_text("宣传联络部、青少年工作部")


async def test_further_sources_wait_behind_a_line(page: Page) -> None:
    await ask(page, DEPARTMENT)
    await expect(page.locator(".source")).to_have_count(2)
    await expect(page.locator(".source").last).to_be_hidden()
    await page.get_by_text("另有 1 处依据").click()
    await expect(page.locator(".source").last).to_be_visible()
    await expect(page.locator(".source").last.locator(".facts span")).to_have_text(
        ["三、（二）第2段", "云溪市科学技术协会"]
    )


async def test_a_question_without_an_answer_shows_the_whole_message(page: Page, core: Core) -> None:
    core.default = UNKNOWN
    await ask(page, "食堂几点开饭？")
    await expect(page.locator(".said")).to_have_text(str(UNKNOWN["text"]))
    await expect(page.locator(".source")).to_have_count(0)
    await expect(page.get_by_role("button", name="关于举办秋季科普讲座的通知")).to_be_visible()


async def test_examples_and_related_questions_are_asked_by_a_tap(page: Page, core: Core) -> None:
    await page.get_by_role("button", name="科普讲座几点开始？").click()
    await page.get_by_role("button", name="短视频什么时候截止？").click()
    await expect(page.locator(".direct")).to_have_count(2)
    assert [question for question, _ in core.asked] == ["科普讲座几点开始？", "短视频什么时候截止？"]


async def test_hostile_text_stays_text_everywhere(page: Page, core: Core) -> None:
    core.default = INJECTED
    await ask(page, HOSTILE)
    await page.get_by_role("button", name=HOSTILE).last.click()
    await expect(page.locator(".reply:not(.waiting)")).to_have_count(2)
    assert [question for question, _ in core.asked] == [HOSTILE, HOSTILE]
    assert await page.locator("img").count() == 0
    assert await page.locator("body script").count() == 0
    assert await page.title() == "策问 · 云溪市科协"
    await expect(page.locator(".source .title").first).to_have_text(HOSTILE)
    await expect(page.locator(".said").first).to_have_text(HOSTILE)


async def test_an_answer_of_an_odd_shape_does_not_break_the_page(page: Page, core: Core) -> None:
    core.default = ODD
    await ask(page, "一")
    core.default = ANSWER
    await ask(page, "二")
    await expect(page.locator(".direct")).to_have_text("宣传联络部、青少年工作部")


async def test_the_session_lasts_as_long_as_the_tab(page: Page, core: Core, site: Site) -> None:
    await ask(page, "一")
    await page.reload()
    await ask(page, "二")
    other = await page.context.new_page()
    await other.goto(site.url)
    await ask(other, "三")
    first, second, third = (session for _, session in core.asked)
    assert first
    assert first == second
    assert first != third


async def test_without_https_and_storage_there_is_a_session_all_the_same(
    page: Page, core: Core, site: Site
) -> None:
    plain = await page.context.new_page()
    await plain.add_init_script(
        "delete Crypto.prototype.randomUUID;"
        "Object.defineProperty(window, 'sessionStorage', {get() { throw new DOMException('denied') }});"
    )
    await plain.goto(site.url)
    await ask(plain, "一")
    await ask(plain, "二")
    [(_, first), (_, second)] = core.asked
    assert first
    assert first == second


async def test_enter_sends_and_shift_enter_starts_a_line(page: Page, core: Core) -> None:
    await page.get_by_label("您的问题").focus()
    await page.keyboard.type("第一行")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("第二行")
    assert core.asked == []
    await page.keyboard.press("Enter")
    await expect(page.locator(".direct")).to_be_visible()
    assert [question for question, _ in core.asked] == ["第一行\n第二行"]
    await expect(page.get_by_label("您的问题")).to_have_value("")


async def test_the_button_sends(page: Page, core: Core) -> None:
    await page.get_by_label("您的问题").fill("谁负责？")
    await page.get_by_role("button", name="发送").click()
    await expect(page.locator(".direct")).to_be_visible()
    assert [question for question, _ in core.asked] == ["谁负责？"]


async def test_an_enter_that_chooses_characters_does_not_send(page: Page, core: Core) -> None:
    """With an input method on, Enter ends the composition; Safari tells it only by the key code 229."""
    await page.get_by_label("您的问题").fill("duanshipin")
    for composing in ["isComposing: true", "keyCode: 229"]:
        await page.evaluate(
            "document.getElementById('question').dispatchEvent("
            f"new KeyboardEvent('keydown', {{key: 'Enter', bubbles: true, cancelable: true, {composing}}}))"
        )
    await expect(page.locator(".exchange")).to_have_count(0)
    await page.keyboard.press("Enter")
    await expect(page.locator(".exchange")).to_have_count(1)


async def test_blank_input_is_not_sent(page: Page, core: Core) -> None:
    await page.get_by_label("您的问题").fill("  \n ")
    await page.keyboard.press("Enter")
    await expect(page.locator(".exchange")).to_have_count(0)
    assert core.asked == []


async def test_while_an_answer_is_looked_up_the_page_says_so_and_sends_no_second(
    page: Page, core: Core
) -> None:
    core.gate.clear()
    await page.get_by_label("您的问题").fill("谁负责？")
    await page.keyboard.press("Enter")
    await expect(page.locator(".waiting")).to_have_text("正在查找")
    await expect(page.get_by_role("button", name="发送")).to_have_attribute("aria-disabled", "true")
    await page.get_by_label("您的问题").fill("下一个问题")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name=EXAMPLES[1]).click()
    await expect(page.locator(".exchange")).to_have_count(1)
    core.gate.set()
    await expect(page.locator(".direct")).to_be_visible()
    await expect(page.locator(".waiting")).to_have_count(0)
    await expect(page.get_by_label("您的问题")).to_have_value("下一个问题")
    await expect(page.get_by_role("button", name="发送")).to_have_attribute("aria-disabled", "false")


async def test_after_a_failure_what_was_typed_is_there_and_a_tap_tries_again(page: Page, core: Core) -> None:
    core.faults = 1
    await ask(page, "谁负责？")
    await expect(page.locator(".failed .said")).to_have_text("抱歉，刚才出了点问题，请稍后再问一次。")
    await expect(page.get_by_label("您的问题")).to_have_value("谁负责？")
    await page.get_by_role("button", name="重试").click()
    await expect(page.locator(".direct")).to_be_visible()
    await expect(page.locator(".failed")).to_have_count(0)
    await expect(page.get_by_label("您的问题")).to_have_value("")
    assert [question for question, _ in core.asked] == ["谁负责？", "谁负责？"]


async def test_a_server_out_of_reach_is_said_plainly(page: Page) -> None:
    await page.route("**/api/ask", lambda route: route.abort())
    await ask(page, "谁负责？")
    await expect(page.locator(".failed .said")).to_have_text("连不上服务器，请检查网络后重试。")
    await page.unroute("**/api/ask")
    await page.get_by_role("button", name="重试").click()
    await expect(page.locator(".direct")).to_be_visible()


async def test_a_proxys_error_page_is_not_shown_as_an_answer(page: Page) -> None:
    async def bad_gateway(route: Route) -> None:
        await route.fulfill(status=502, content_type="text/html", body="<h1>502</h1>")

    await page.route("**/api/ask", bad_gateway)
    await ask(page, "谁负责？")
    await expect(page.locator(".failed .said")).to_have_text("服务暂时不可用，请稍后重试。")


async def test_an_answer_that_never_comes_is_given_up(page: Page, core: Core) -> None:
    core.gate.clear()
    await page.clock.install()
    await page.get_by_label("您的问题").fill("谁负责？")
    await page.keyboard.press("Enter")
    await expect(page.locator(".waiting")).to_be_visible()
    await page.clock.fast_forward(31_000)
    await expect(page.locator(".failed .said")).to_have_text("等了太久还没有回答，请重试。")
    core.gate.set()


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_nothing_is_wider_than_the_screen(page: Page, core: Core, viewport: Any) -> None:
    await page.set_viewport_size(viewport)
    core.default = {**INJECTED, "answer": LONG, "citations": [{**PLAN, "title": LONG, "quote": LONG}]}
    await ask(page, LONG)
    assert await page.evaluate("document.documentElement.scrollWidth") == viewport["width"]


async def test_what_is_tapped_is_large_enough_for_a_finger(page: Page) -> None:
    await ask(page, DEPARTMENT)
    for control in await page.locator("button, summary, textarea").all():
        box = await control.bounding_box()
        assert box is not None
        assert box["height"] >= 44, await control.inner_text()


async def test_the_question_just_asked_is_in_view_below_the_head(page: Page) -> None:
    for number in range(4):
        await ask(page, f"第{number}个问题")
    head = await page.locator(".masthead").bounding_box()
    question = page.locator(".mine").last
    await expect(question).to_be_in_viewport()
    box = await question.bounding_box()
    assert head is not None
    assert box is not None
    assert box["y"] >= head["height"]


async def test_the_keyboard_reaches_everything_and_shows_where_it_is(page: Page) -> None:
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name=EXAMPLES[0])).to_be_focused()
    assert await page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    await page.keyboard.press("Enter")
    await expect(page.locator(".direct")).to_be_visible()
    await page.get_by_role("button", name="宣传联络部还负责什么？").focus()
    await page.keyboard.press("Tab")
    await expect(page.get_by_label("您的问题")).to_be_focused()


async def test_a_screen_reader_is_told_of_replies_and_who_speaks(page: Page) -> None:
    await expect(page.get_by_role("log", name="对话")).to_have_attribute("aria-live", "polite")
    await ask(page, DEPARTMENT)
    assert "策问：" in await page.get_by_role("log").inner_text()
    await expect(page.get_by_role("heading", level=1)).to_have_text("策问 · 云溪市科协")
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


async def test_nothing_moves_for_whoever_asked_for_calm(page: Page, core: Core) -> None:
    core.gate.clear()
    await page.emulate_media(reduced_motion="reduce")
    await page.get_by_label("您的问题").fill("谁负责？")
    await page.keyboard.press("Enter")
    await expect(page.locator(".waiting")).to_be_visible()
    assert await page.evaluate("document.getAnimations({subtree: true}).length") == 0
    assert await page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    core.gate.set()


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
  const nodes = [...document.body.querySelectorAll("*")].filter((n) => written(n) && n.checkVisibility());
  return nodes.map((node) => {
    const [a, b] = [light(getComputedStyle(node).color), light(ground(node))];
    return [node.className || node.tagName, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
  });
}
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_all_text_has_the_contrast_of_wcag_aa(
    page: Page, core: Core, scheme: Any, viewport: Any
) -> None:
    core.answers = {"食堂几点开饭？": UNKNOWN, "主要任务是什么？": PASSAGE}
    await page.set_viewport_size(viewport)
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await picture(page, f"{viewport['width']}-{scheme}-1-start")
    await ask(page, DEPARTMENT)
    await picture(page, f"{viewport['width']}-{scheme}-2-answer")
    await page.get_by_text("另有 1 处依据").click()
    await ask(page, "食堂几点开饭？")
    await ask(page, "主要任务是什么？")
    await picture(page, f"{viewport['width']}-{scheme}-3-passage")
    core.faults = 1
    await ask(page, "谁负责？")
    await page.get_by_label("您的问题").focus()
    await picture(page, f"{viewport['width']}-{scheme}-4-failure")
    pale = [(name, round(contrast, 2)) for name, contrast in await page.evaluate(CONTRASTS) if contrast < 4.5]
    assert pale == []


async def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("CEWEN_SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png")
