"""The web's front door over HTTP: the page, its assets, POST /api/ask, and what each refuses."""

import json
import logging
import re
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from bot.channels.model import Channel
from bot.channels.web.channel import WebChannel
from bot.channels.web.headers import secure
from bot.rates import RateLimit

Client = TestClient[web.Request, web.Application]
StartClient = Callable[[web.Application], Awaitable[Client]]

JSON = {"Content-Type": "application/json"}
ANSWER: dict[str, object] = {"answered": True, "answer": "宣传部", "text": "宣传部\n出处…", "confidence": 0.9}


class Core:
    """An `ask` that notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.fault: Exception | None = None

    async def ask(self, question: str, session: str | None) -> dict[str, object]:
        self.asked.append((question, session))
        if self.fault:
            raise self.fault
        return ANSWER


@pytest.fixture
def core() -> Core:
    return Core()


@pytest.fixture
def examples() -> list[str]:
    return ["谁负责短视频征集？"]


@pytest.fixture
async def client(core: Core, examples: list[str], aiohttp_client: StartClient) -> Client:
    channel = WebChannel(core.ask, "策问 <云溪>", lambda: examples, RateLimit(burst=3, clock=lambda: 0.0))
    app = web.Application()
    secure(app)
    app.add_routes(channel.routes())
    return await aiohttp_client(app)


async def post(client: Client, body: Any, **headers: str) -> tuple[int, dict[str, Any]]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = await client.post("/api/ask", data=content, headers={**JSON, **headers})
    return response.status, await response.json()


def test_it_is_a_channel(core: Core) -> None:
    channel: Channel = WebChannel(core.ask, "策问", list)
    assert channel.name == "web"


async def test_a_question_gets_its_answer_in_readable_utf8(client: Client, core: Core) -> None:
    response = await client.post("/api/ask", json={"question": "谁负责？", "session": "s1"})
    assert response.status == 200
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    assert "宣传部" in (await response.read()).decode()
    assert await response.json() == ANSWER
    assert core.asked == [("谁负责？", "s1")]


@pytest.mark.parametrize("session", [{}, {"session": None}, {"session": ""}])
async def test_the_session_may_be_left_out(client: Client, core: Core, session: dict[str, Any]) -> None:
    assert await post(client, {"question": "谁负责？", **session}) == (200, ANSWER)
    assert core.asked == [("谁负责？", None)]


@pytest.mark.parametrize("question", ["", "  ", "问" * 10_000, "\x00\x07问", "🙂"])
async def test_odd_questions_are_left_to_the_core(client: Client, core: Core, question: str) -> None:
    assert await post(client, {"question": question}) == (200, ANSWER)
    assert core.asked == [(question, None)]


async def test_half_a_surrogate_pair_reaches_the_core_as_valid_text(client: Client, core: Core) -> None:
    body = b'{"question": "\\ud83d\\u95ee\\ud83d\\ude42", "session": "\\udc00"}'
    assert await post(client, body) == (200, ANSWER)
    assert core.asked == [("\ufffd问🙂", "\ufffd")]


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"", "JSON"),
        (b"{", "JSON"),
        (b"\xff\xfe\xfa", "JSON"),
        (b"[" * 60_000, "JSON"),
        (b"9" * 10_000, "JSON"),
        ([], "JSON 对象"),
        ("谁负责？", "JSON 对象"),
        ({}, "question"),
        ({"question": None}, "question"),
        ({"question": 5}, "question"),
        ({"question": ["谁负责？"]}, "question"),
        ({"question": "谁负责？", "session": 5}, "session"),
        ({"question": "谁负责？", "session": "s" * 201}, "session"),
    ],
)
async def test_bad_input_is_refused_in_a_sentence(
    client: Client, core: Core, body: Any, complaint: str
) -> None:
    status, answer = await post(client, body)
    assert status == 400
    assert list(answer) == ["error"]
    assert complaint in answer["error"]
    assert answer["error"].endswith("。")
    assert core.asked == []


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_another_sites_form_cannot_ask(client: Client, core: Core, kind: str) -> None:
    status, answer = await post(client, {"question": "谁负责？"}, **{"Content-Type": kind})
    assert (status, core.asked) == (400, [])
    assert "application/json" in answer["error"]


async def test_a_body_over_64_kib_is_refused(client: Client, core: Core) -> None:
    frame = len(json.dumps({"question": ""}))
    assert (await post(client, {"question": "a" * (64 * 1024 - frame)}))[0] == 200
    status, answer = await post(client, {"question": "a" * (64 * 1024 - frame + 1)})
    assert (status, answer) == (413, {"error": "请求太长，最多 64 KB。"})
    assert len(core.asked) == 1


async def test_a_small_body_that_unpacks_to_a_large_one_is_refused(client: Client) -> None:
    bomb = zlib.compress(json.dumps({"question": "a" * 50_000_000}).encode())
    assert len(bomb) < 64 * 1024
    status, _ = await post(client, bomb, **{"Content-Encoding": "deflate"})
    assert status == 413


async def test_a_fault_in_the_core_is_an_apology_and_a_trace_without_the_question(
    client: Client, core: Core, caplog: pytest.LogCaptureFixture
) -> None:
    core.fault = ValueError("我的电话是13800000000")
    with caplog.at_level(logging.ERROR):
        status, answer = await post(client, {"question": "我的电话是13800000000"})
    assert status == 500
    assert "抱歉" in answer["error"]
    assert "ValueError" in caplog.text
    assert "test_web.py" in caplog.text
    assert "13800000000" not in caplog.text


async def test_a_client_that_asks_too_fast_is_told_when_to_come_back(client: Client, core: Core) -> None:
    for _ in range(3):
        assert (await post(client, {"question": "?"}, **{"X-Forwarded-For": "203.0.113.7"}))[0] == 200
    response = await client.post(
        "/api/ask", json={"question": "?"}, headers={"X-Forwarded-For": "203.0.113.7"}
    )
    assert response.status == 429
    assert response.headers["Retry-After"] == "1"
    assert await response.json() == {"error": "问得太快了，请稍等几秒再试。"}
    assert len(core.asked) == 3
    assert (await post(client, {"question": "?"}, **{"X-Forwarded-For": "203.0.113.8"}))[0] == 200


async def test_a_program_on_this_machine_may_ask_as_fast_as_it_likes(client: Client) -> None:
    for _ in range(10):
        assert (await post(client, {"question": "?"}))[0] == 200


async def test_the_page_offers_the_examples_of_the_moment_escaped(
    client: Client, examples: list[str]
) -> None:
    examples[:] = ["<script>alert(1)</script>", '"引号" & $title']
    response = await client.get("/")
    page = await response.text()
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<title>策问 &lt;云溪&gt;</title>" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;</button>" in page
    assert "&quot;引号&quot; &amp; $title</button>" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("path", ["/", "/static/chat/chat.css", "/static/chat/chat.js"])
async def test_the_page_has_nothing_inline_and_nothing_from_outside(client: Client, path: str) -> None:
    text = await (await client.get(path)).text()
    assert "://" not in text.replace("http://www.w3.org/2000/svg", "")  # the name of SVG, not an address
    assert not re.search(r"<style|style=|\son\w+=|<script(?! src=)|innerHTML|javascript:|@import", text)


@pytest.mark.parametrize(("name", "kind"), [("chat.css", "text/css"), ("chat.js", "text/javascript")])
async def test_assets_are_typed_and_revalidated(client: Client, name: str, kind: str) -> None:
    response = await client.get(f"/static/chat/{name}")
    assert response.status == 200
    assert response.headers["Content-Type"] == f"{kind}; charset=utf-8"
    again = await client.get(f"/static/chat/{name}", headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status, await again.read()) == (304, b"")


@pytest.mark.parametrize("name", ["page.html", "..%2fchannel.py", "%2e%2e%2f%2e%2e%2fmodel.py", "none.js"])
async def test_nothing_but_the_assets_is_served(client: Client, name: str) -> None:
    assert (await client.get(f"/static/chat/{name}")).status == 404


@pytest.mark.parametrize("path", ["/", "/static/chat/chat.js", "/api/ask", "/nothing"])
async def test_every_response_carries_the_security_headers(client: Client, path: str) -> None:
    headers = (await client.get(path)).headers
    assert "default-src 'none'; script-src 'self';" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


async def test_a_handler_may_set_a_header_of_its_own(aiohttp_client: StartClient) -> None:
    async def report(_: web.Request) -> web.Response:
        return web.Response(headers={"Content-Security-Policy": "default-src 'none'"})

    app = web.Application()
    secure(app)
    app.router.add_get("/report", report)
    client = await aiohttp_client(app)
    assert (await client.get("/report")).headers["Content-Security-Policy"] == "default-src 'none'"


@pytest.mark.parametrize("encoding", ["deflate", "gzip"])
async def test_a_body_that_does_not_unpack_is_refused(client: Client, core: Core, encoding: str) -> None:
    status, answer = await post(client, b"\xff" * 100, **{"Content-Encoding": encoding})
    assert (status, core.asked) == (400, [])
    assert "Content-Encoding" in answer["error"]
