"""The web's front door: the chat page and the API that it and other programs ask, POST /api/ask."""

import hashlib
import json
import logging
import math
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template

from aiohttp import web

from bot.channels.model import Capabilities, Markup, WritesFirst
from bot.channels.web.clients import client_of
from bot.channels.web.questions import BadQuestion, read_question
from bot.faults import quiet_traceback
from bot.rates import RateLimit

Ask = Callable[[str, str | None], Awaitable[dict[str, object]]]
"""Question and session to an Answer in the shape of the API."""

_CHAT = Path(__file__).parent / "chat"
_TYPES = {".css": "text/css", ".js": "text/javascript"}

log = logging.getLogger(__name__)


class WebChannel:
    """Serves GET /, its style and script below /static/chat/, and POST /api/ask.

    `title` heads the page; `examples` gives the questions that it offers at the start, asked at each load.
    The server adds the security headers (headers.secure) to these responses as to all others.
    """

    name = "web"
    capabilities = Capabilities(
        max_text=100_000,
        counts_bytes=False,
        buttons=True,
        markup=Markup.HTML,
        reply_seconds=None,
        writes_first=WritesFirst.NOBODY,
    )

    def __init__(
        self, ask: Ask, title: str, examples: Callable[[], Sequence[str]], rates: RateLimit | None = None
    ) -> None:
        self._ask = ask
        self._title = title
        self._examples = examples
        self._rates = rates or RateLimit()
        self._page = Template((_CHAT / "page.html").read_text(encoding="utf-8"))
        self._assets = {f.name: f.read_bytes() for f in _CHAT.iterdir() if f.suffix in _TYPES}

    def routes(self) -> Iterable[web.RouteDef]:
        return [
            web.get("/", self._get_page),
            web.get("/static/chat/{name}", self._get_asset),
            web.post("/api/ask", self._post_question),
        ]

    async def start(self) -> None:
        """Nothing to open: the page was read when the channel was made."""

    async def stop(self) -> None:
        """Nothing to close."""

    async def _get_page(self, _: web.Request) -> web.Response:
        chips = (
            f'<li><button type="button" class="chip">{escape(example)}</button></li>'
            for example in self._examples()
        )
        page = self._page.substitute(title=escape(self._title), examples="\n".join(chips))
        headers = {"Cache-Control": "no-cache"}
        return web.Response(text=page, content_type="text/html", charset="utf-8", headers=headers)

    async def _get_asset(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        body = self._assets.get(name)
        if body is None:
            raise web.HTTPNotFound
        tag = hashlib.sha256(body).hexdigest()[:16]
        if any(seen.value == tag for seen in request.if_none_match or ()):
            response = web.Response(status=304)
        else:
            response = web.Response(body=body, content_type=_TYPES[Path(name).suffix], charset="utf-8")
        response.etag = tag
        response.headers["Cache-Control"] = "no-cache"
        return response

    async def _post_question(self, request: web.Request) -> web.Response:
        client = client_of(request)
        wait = 0.0 if client is None else self._rates.take(client)
        if wait:
            return _refusal(429, "问得太快了，请稍等几秒再试。", {"Retry-After": str(math.ceil(wait))})
        try:
            asked = await read_question(request)
        except BadQuestion as error:
            return _refusal(error.status, str(error))
        try:
            return _json(200, await self._ask(asked.question, asked.session))
        except (
            Exception
        ) as error:  # the last place before the wire: the log gets the fault, the asker a sentence
            log.error("no answer on the web\n%s", quiet_traceback(error))
            return _refusal(500, "抱歉，刚才出了点问题，请稍后再问一次。")


def _refusal(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> web.Response:
    return _json(status, {"error": sentence}, headers)


def _json(
    status: int, content: Mapping[str, object], headers: Mapping[str, str] | None = None
) -> web.Response:
    return web.Response(
        status=status,
        body=json.dumps(content, ensure_ascii=False).encode("utf-8", "replace"),
        content_type="application/json",
        charset="utf-8",
        headers={"Cache-Control": "no-store", **(headers or {})},
    )
