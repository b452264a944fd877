"""Pages for members and the public: checking in by web link, logging in from the chat, verifying certificates.

The web link is another way to the lectures' desk: what is sent here is what the member would have said in the chat.
"""

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta

from aiohttp import web
from ulid import ULID

from bot.attendance import check_ins, lectures, records, web_logins
from bot.attendance.calendar import year_span
from bot.attendance.codes import Codes
from bot.attendance.model import Lecture
from bot.attendance.records import Certificate, Kind
from bot.channels.model import Reply, Update, UpdateKind
from bot.channels.web.clients import client_of
from bot.desk.links import CERTIFICATE, SESSION
from bot.documents import wording
from bot.documents.certificate import certificate_pdf
from bot.members.model import Identity
from bot.passes import Passes
from bot.rates import RateLimit
from bot.screens.pages import Pages
from bot.screens.showing import LinksOf, masked
from bot.store.database import Database
from bot.store.writer import Writer

SESSION_TIME = timedelta(days=180)
_FIELDS = ("name", "unit", "hint", "place")
_SESSION, _DEVICE = "cewen_member", "cewen_device"

Talk = Callable[[Update, str], Awaitable[Reply | None]]
"""The lectures' desk: an update, and the device that it came from."""


class MembersPages:
    """Routes of the pages for members and the public."""

    def __init__(
        self,
        *,
        database: Database,
        writer: Writer,
        codes: Codes,
        talk: Talk,
        passes: Passes,
        links_of: LinksOf,
        verify_link: Callable[[str], str],
        pages: Pages,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._writer = writer
        self._codes = codes
        self._talk = talk
        self._passes = passes
        self._links_of = links_of
        self._verify_link = verify_link
        self._pages = pages
        self._clock = clock
        self._rates = RateLimit(per_second=50.0, burst=500)  # a whole hall may share one address

    def routes(self) -> Iterable[web.RouteDef]:
        return [
            web.get("/c/{payload}", self._get_check_in),
            web.post("/c/{payload}", self._post_check_in),
            web.get("/login/{token}", self._get_login),
            web.post("/login/{token}", self._post_login),
            web.get("/verify", self._get_verify),
            web.get("/verify/{code}", self._get_verify),
            web.get("/certificates/{token}", self._get_certificate),
        ]

    async def _get_check_in(self, request: web.Request) -> web.Response:
        """The page that a scanned web link opens; nothing happens yet."""
        lecture = self._lecture(request)
        if lecture is None:
            return self._pages.sorry(404, "这个码不对", "请重新扫描屏幕上的码，或找工作人员。")
        if self._member(request):
            return self._pages.html("check_in.html", lecture=lecture, words=wording, said="", awaits="")
        links = [
            link for link in await self._links_of(request.match_info["payload"], 60) if link.channel != "web"
        ]
        return self._pages.html("log_in_first.html", lecture=lecture, links=links, words=wording)

    async def _post_check_in(self, request: web.Request) -> web.Response:
        self._bound(request)
        lecture, who = self._lecture(request), self._member(request)
        if lecture is None or who is None:
            return self._pages.sorry(403, "请先登录", "请在聊天里回复“签到”，点开登录链接，再扫一次码。")
        form = await request.post()
        device = request.cookies.get(_DEVICE, "") or secrets.token_urlsafe(12)
        reply = await self._talk(self._update(who, request.match_info["payload"], form), _digest(device))
        kept = check_ins.kept_attempt(self._database, who, self._clock())
        said = reply.text if reply else ""
        response = self._pages.html(
            "check_in.html",
            lecture=lecture,
            words=wording,
            said=said or "没有看懂，请再填一次。",
            awaits=kept[1].value if kept else "",
        )
        self._set_cookie(request, response, _DEVICE, device)
        return response

    def _update(self, who: Identity, payload: str, form: Mapping[str, object]) -> Update:
        """What the member would have said in the chat: a name, a number, a place, else the scan."""
        said, kind, machine = "", UpdateKind.SCAN, payload
        fields = {name: str(form.get(name) or "").strip()[:100] for name in _FIELDS}
        if fields["name"]:
            said, kind, machine = f"姓名：{fields['name']} {fields['unit']}".strip(), UpdateKind.TEXT, ""
        elif fields["hint"]:
            said, kind, machine = fields["hint"], UpdateKind.TEXT, ""
        elif fields["place"]:
            kind, machine = UpdateKind.LOCATION, fields["place"]
        return Update(who.channel, who.user, who.user, str(ULID()), kind, self._clock(), said, machine)

    async def _get_login(self, _: web.Request) -> web.Response:
        """A button: links that chats look at beforehand use nothing up."""
        return self._pages.html("log_in.html", done=False)

    async def _post_login(self, request: web.Request) -> web.Response:
        self._bound(request)
        now, token = self._clock(), request.match_info["token"]
        who = await self._writer.write(lambda db: web_logins.use(db, token, now))
        if who is None:
            return self._pages.sorry(
                403, "登录链接已失效", "链接 10 分钟内有效，只能用一次。请在聊天里再回复一次“签到”。"
            )
        response = self._pages.html("log_in.html", done=True)
        content = f"{who.channel} {who.user}"
        self._set_cookie(request, response, _SESSION, self._passes.give(SESSION, content, now + SESSION_TIME))
        return response

    async def _get_verify(self, request: web.Request) -> web.Response:
        self._bound(request)
        code = request.match_info.get("code") or request.query.get("code", "")
        issued = records.certificate(self._database, code[:40]) if code else None
        if issued is None:
            return self._pages.html(
                "verify.html", 404 if code else 200, code=code[:40], found=None, words=wording
            )
        verified = records.verify(issued, self._behind(issued))
        return self._pages.html(
            "verify.html", code=issued.code, found=verified, name=masked(issued.name), words=wording
        )

    async def _get_certificate(self, request: web.Request) -> web.Response:
        code = self._passes.take(CERTIFICATE, request.match_info["token"], self._clock())
        issued = records.certificate(self._database, code) if code else None
        if issued is None:
            return self._pages.sorry(403, "下载链接已失效", "请在聊天里回复“学时证明”，取一个新的链接。")
        body = certificate_pdf(issued, self._behind(issued), self._verify_link(issued.code))
        headers = {"Content-Disposition": 'inline; filename="certificate.pdf"', "Cache-Control": "no-store"}
        return web.Response(body=body, content_type="application/pdf", headers=headers)

    def _behind(self, issued: Certificate) -> list[records.Attended]:
        year = year_span(int(issued.about)) if issued.kind is Kind.YEAR else None
        return records.behind(self._database, issued, year)

    def _lecture(self, request: web.Request) -> Lecture | None:
        sighting = self._codes.read(request.match_info["payload"])
        return lectures.by_number(self._database, sighting.lecture_number) if sighting else None

    def _member(self, request: web.Request) -> Identity | None:
        """Whose browser it is."""
        content = self._passes.take(SESSION, request.cookies.get(_SESSION, ""), self._clock())
        channel, _, user = (content or "").partition(" ")
        return Identity(channel, user) if user else None

    def _bound(self, request: web.Request) -> None:
        """Raises HTTPTooManyRequests for whoever comes too often."""
        client = client_of(request)
        if client is not None and self._rates.take(client):
            raise web.HTTPTooManyRequests(text="请求太多了，请稍等几秒再试。", headers={"Retry-After": "5"})

    def _set_cookie(self, request: web.Request, response: web.Response, name: str, value: str) -> None:
        is_secure = request.secure or request.headers.get("X-Forwarded-Proto") == "https"
        seconds = int(SESSION_TIME.total_seconds())
        response.set_cookie(name, value, max_age=seconds, httponly=True, secure=is_secure, samesite="Lax")


def _digest(device: str) -> str:
    return hashlib.sha256(device.encode("utf-8", "surrogatepass")).hexdigest()[:16]
