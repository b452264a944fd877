"""Our fake of api.weixin.qq.com: an account with followers, tokens, quotas and error codes, over real HTTP.

Nobody has published one, so this is written from the platform's pages as stored copies have them; the npm client
co-wechat-api, which we did not write, keeps it honest (test_wechat_api.py). What the account may do and what is left
of its quotas are attributes that tests set.
"""

import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from aiohttp import web

Json = dict[str, Any]
TOKEN_SECONDS = 7200
MENU_FIELDS = {"click": ("key", 128, 40019), "view": ("url", 1024, 40020)}


class Refusal(Exception):
    """An errcode, and what goes with it."""

    def __init__(self, code: int, message: str, **more: object) -> None:
        super().__init__(message)
        self.answer: Json = {"errcode": code, "errmsg": message, **more}


@dataclass
class Contact:
    """How many customer-service messages a member may still be sent, and until when."""

    until: datetime
    left: int


@dataclass
class Job:
    """A mass sending."""

    id: int
    client_id: str
    content: Json
    state: str = "SENDING"


@dataclass
class FakeWeChat:
    """The platform's side of one account. `clock` gives aware datetimes."""

    clock: Callable[[], datetime]
    appid: str = "wx0123456789abcdef"
    secret: str = "a1b2c3d4e5f60718293a4b5c6d7e8f90"
    is_verified: bool = True
    is_listed: bool = True
    followers: list[str] = field(default_factory=list)
    contacts: dict[str, Contact] = field(default_factory=dict)
    consents: Counter[tuple[str, str]] = field(default_factory=Counter)
    mass_left: int = 1
    previews_left: int = 100
    calls_left: Counter[str] = field(default_factory=lambda: Counter())
    faults: list[int] = field(default_factory=list)
    menu: Json | None = None
    page: int = 10_000
    clock_offset: timedelta = timedelta()

    messages: list[Json] = field(default_factory=list)
    previews: list[Json] = field(default_factory=list)
    subscriptions: list[Json] = field(default_factory=list)
    drafts: dict[str, Json] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)
    scenes: dict[str, str] = field(default_factory=dict)
    media: dict[str, bytes] = field(default_factory=dict)
    fetched: Counter[str] = field(default_factory=Counter)
    called: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.address = ""
        self._tokens: dict[str, datetime] = {}
        self._current = ""
        self._dead: set[str] = set()
        self._ids = iter(range(1, 1_000_000))

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["FakeWeChat"]:
        """Serves at `address` while the block runs."""
        app = web.Application(client_max_size=10 << 20)
        app.router.add_route("*", "/{path:.*}", self._answer)
        app.on_response_prepare.append(self._date)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    def contact(self, member: str, is_tap: bool = False) -> None:
        """The member has written, or tapped, scanned or followed."""
        lasts, left = (timedelta(minutes=1), 3) if is_tap else (timedelta(hours=48), 5)
        self.contacts[member] = Contact(self.clock() + lasts, left)

    def expire_tokens(self) -> None:
        """All tokens are too old from now on."""
        self._tokens = dict.fromkeys(self._tokens, self.clock())

    def finish(self, job: Job, sent: int, failed: int = 0) -> str:
        """The event that tells of the end of a mass sending."""
        job.state = "SEND_SUCCESS"
        total = sent + failed
        return (
            "<xml><ToUserName><![CDATA[gh_cewen]]></ToUserName><FromUserName><![CDATA[oSystem]]></FromUserName>"
            f"<CreateTime>{int(self.clock().timestamp())}</CreateTime><MsgType><![CDATA[event]]></MsgType>"
            f"<Event><![CDATA[MASSSENDJOBFINISH]]></Event><MsgID>{job.id}</MsgID>"
            f"<Status><![CDATA[send success]]></Status><TotalCount>{total}</TotalCount>"
            f"<FilterCount>{total}</FilterCount><SentCount>{sent}</SentCount><ErrorCount>{failed}</ErrorCount>"
            "<CopyrightCheckResult><Count>0</Count><ResultList></ResultList></CopyrightCheckResult></xml>"
        )

    async def _date(self, _: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = format_datetime(self.clock() + self.clock_offset, usegmt=True)

    async def _answer(self, request: web.Request) -> web.Response:
        path = request.path.removeprefix("/cgi-bin/")
        self.called[path] += 1
        try:
            if self.faults and (code := self.faults.pop(0)):
                raise Refusal(code, "system error" if code == -1 else "as the test wants it")
            if path in ("token", "stable_token"):
                answer = await self._token(path, request)
            else:
                self._check_token(request.query.get("access_token", ""))
                self._check_quota(path)
                answer = await self._called(path, request)
        except Refusal as refusal:
            answer = refusal.answer
        # as the platform does, and in UTF-8 without escapes
        return web.Response(text=json.dumps(answer, ensure_ascii=False), content_type="text/plain")

    async def _token(self, kind: str, request: web.Request) -> Json:
        asked = dict(request.query) if kind == "token" else await request.json()
        if asked.get("grant_type") != "client_credential":
            raise Refusal(40002, "invalid grant_type")
        if asked.get("appid") != self.appid:
            raise Refusal(40013, "invalid appid")
        if asked.get("secret") != self.secret:
            raise Refusal(40125, "invalid appsecret")
        if not self.is_listed:
            raise Refusal(40164, "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist")
        self.fetched[kind] += 1
        is_fresh = self._current and self._tokens[self._current] > self.clock()
        if kind == "token" or asked.get("force_refresh") or not is_fresh:
            self._dead.add(self._current)
            self._current = f"{next(self._ids)}_{'t' * 130}"
            self._tokens[self._current] = self.clock() + timedelta(seconds=TOKEN_SECONDS)
        left = self._tokens[self._current] - self.clock()
        return {"access_token": self._current, "expires_in": int(left.total_seconds())}

    def _check_token(self, token: str) -> None:
        if not token:
            raise Refusal(41001, "access_token missing")
        if token not in self._tokens or token in self._dead:
            raise Refusal(40001, "invalid credential, access_token is invalid or not latest")
        if self._tokens[token] <= self.clock():
            raise Refusal(42001, "access_token expired")

    def _check_quota(self, path: str) -> None:
        if path in self.calls_left:
            if self.calls_left[path] <= 0:
                raise Refusal(45009, "reach max api daily quota limit")
            self.calls_left[path] -= 1

    async def _called(self, path: str, request: web.Request) -> Json:
        if path in ("media/upload", "material/add_material"):
            return await self._upload(request)
        asked: Json = json.loads(await request.text()) if request.method == "POST" else dict(request.query)
        if re.search(r"\\u[0-9a-f]{4}", await request.text() if request.method == "POST" else ""):
            raise Refusal(47001, "data format error: the platform would show the escapes")
        found = self._handlers().get(path)
        if found is None:
            raise Refusal(40066, "invalid url")
        handler, needs_verification = found
        if needs_verification and not self.is_verified:
            raise Refusal(48001, "api unauthorized")
        answer = await handler(asked)
        return {"errcode": 0, "errmsg": "ok", **answer}

    def _handlers(self) -> dict[str, tuple[Callable[[Json], Awaitable[Json]], bool]]:
        """What each address does, and whether only a verified account may ask it."""
        return {
            "message/custom/send": (self._send, True),
            "message/mass/preview": (self._preview, True),
            "message/mass/sendall": (self._send_all, True),
            "message/mass/send": (self._send_all, True),
            "message/mass/get": (self._mass_status, True),
            "message/subscribe/bizsend": (self._subscription, True),
            "qrcode/create": (self._code, True),
            "menu/create": (self._set_menu, False),
            "menu/delete": (self._delete_menu, False),
            "menu/get": (self._get_menu, False),
            "get_current_selfmenu_info": (self._current_menu, False),
            "user/get": (self._users, True),
            "draft/add": (self._add_draft, True),
            "draft/delete": (self._delete_draft, True),
            "openapi/quota/get": (self._quota, False),
            "getcallbackip": (self._callback_ips, False),
        }

    def _check_follower(self, member: str) -> None:
        if not member.startswith("o"):
            raise Refusal(40003, "invalid openid")
        if member not in self.followers:
            raise Refusal(43004, "require subscribe")

    async def _send(self, asked: Json) -> Json:
        member = asked["touser"]
        self._check_follower(member)
        contact = self.contacts.get(member)
        if contact is None or contact.until <= self.clock():
            raise Refusal(45015, "response out of time limit or subscription is canceled")
        if contact.left <= 0:
            raise Refusal(45047, "out of response count limit")
        self._check_content(asked)
        contact.left -= 1
        self.messages.append(asked)
        return {}

    def _check_content(self, asked: Json) -> None:
        match asked["msgtype"]:
            case "text":
                if not asked["text"]["content"]:
                    raise Refusal(44004, "empty content")
                if len(asked["text"]["content"].encode()) > 2048:
                    raise Refusal(45002, "content size out of limit")
            case "image":
                if asked["image"]["media_id"] not in self.media:
                    raise Refusal(40007, "invalid media_id")
            case "mpnews":
                if asked["mpnews"]["media_id"] not in self.drafts:
                    raise Refusal(40007, "invalid media_id")
            case _:
                raise Refusal(40008, "invalid message type")

    async def _preview(self, asked: Json) -> Json:
        self._check_follower(asked.get("touser", ""))
        if self.previews_left <= 0:
            raise Refusal(45009, "reach max api daily quota limit")
        self._check_content(asked)
        self.previews_left -= 1
        self.previews.append(asked)
        return {"msg_id": next(self._ids)}

    async def _send_all(self, asked: Json) -> Json:
        client_id = asked.get("clientmsgid", "")
        known = next((job for job in self.jobs if client_id and job.client_id == client_id), None)
        if known:
            raise Refusal(45065, "clientmsgid exist", msg_id=known.id)
        if self.mass_left <= 0:
            raise Refusal(45028, "has no masssend quota")
        self._check_content(asked)
        self.mass_left -= 1
        job = Job(3147483650 + next(self._ids), client_id, asked)
        self.jobs.append(job)
        return {"msg_id": job.id, "msg_data_id": next(self._ids)}

    async def _mass_status(self, asked: Json) -> Json:
        job = next((job for job in self.jobs if str(job.id) == str(asked["msg_id"])), None)
        if job is None:
            raise Refusal(40059, "invalid msg id")
        return {"msg_id": job.id, "msg_status": job.state}

    async def _subscription(self, asked: Json) -> Json:
        self._check_follower(asked["touser"])
        key = (asked["touser"], asked["template_id"])
        if self.consents[key] <= 0:
            raise Refusal(43101, "user refuse to accept the msg")
        if not all(isinstance(value, dict) and value.get("value") for value in asked["data"].values()):
            raise Refusal(47003, "argument invalid!")
        self.consents[key] -= 1
        self.subscriptions.append(asked)
        return {"msgid": next(self._ids)}

    async def _code(self, asked: Json) -> Json:
        scene = asked["action_info"]["scene"]
        text = str(scene.get("scene_str", scene.get("scene_id", "")))
        if not 1 <= len(text) <= 64:
            raise Refusal(40053, "invalid action info")
        seconds = int(asked.get("expire_seconds", 60))
        if asked["action_name"] not in ("QR_STR_SCENE", "QR_SCENE") or not 1 <= seconds <= 2592000:
            raise Refusal(40053, "invalid action info")
        ticket = f"ticket{next(self._ids)}"
        self.scenes[ticket] = text
        return {"ticket": ticket, "expire_seconds": seconds, "url": f"http://weixin.qq.com/q/{ticket}"}

    async def _set_menu(self, asked: Json) -> Json:
        buttons = asked.get("button", [])
        if not 1 <= len(buttons) <= 3:
            raise Refusal(40016, "invalid button size")
        for button in buttons:
            self._check_button(button, most=16)
            if len(button.get("sub_button", [])) > 5:
                raise Refusal(40023, "invalid sub button size")
            for inner in button.get("sub_button", []):
                self._check_button(inner, most=60)
        self.menu = asked
        return {}

    def _check_button(self, button: Json, most: int) -> None:
        if not 1 <= len(button["name"].encode()) <= most:
            raise Refusal(40018, "invalid button name size")
        if button.get("sub_button"):
            return
        if button.get("type") not in MENU_FIELDS:
            raise Refusal(40017, "invalid button type")
        name, longest, code = MENU_FIELDS[button["type"]]
        if not 1 <= len(button.get(name, "").encode()) <= longest:
            raise Refusal(code, f"invalid button {name} size")

    async def _delete_menu(self, _: Json) -> Json:
        self.menu = None
        return {}

    async def _get_menu(self, _: Json) -> Json:
        if self.menu is None:
            raise Refusal(46003, "menu no exist")
        return {"menu": {"button": [{"sub_button": [], **button} for button in self.menu["button"]]}}

    async def _current_menu(self, _: Json) -> Json:
        if self.menu is None:
            return {"is_menu_open": 0, "selfmenu_info": {}}
        buttons = [
            {**button, "sub_button": {"list": button["sub_button"]}} if "sub_button" in button else button
            for button in self.menu["button"]
        ]
        return {"is_menu_open": 1, "selfmenu_info": {"button": buttons}}

    async def _users(self, asked: Json) -> Json:
        after = asked.get("next_openid", "")
        start = self.followers.index(after) + 1 if after else 0
        found = self.followers[start : start + self.page]
        answer: Json = {
            "total": len(self.followers),
            "count": len(found),
            "next_openid": found[-1] if found else "",
        }
        return answer | ({"data": {"openid": found}} if found else {})

    async def _add_draft(self, asked: Json) -> Json:
        if any(article["thumb_media_id"] not in self.media for article in asked["articles"]):
            raise Refusal(40007, "invalid media_id")
        media = f"draft{next(self._ids)}"
        self.drafts[media] = asked
        return {"media_id": media}

    async def _delete_draft(self, asked: Json) -> Json:
        if self.drafts.pop(asked["media_id"], None) is None:
            raise Refusal(40007, "invalid media_id")
        return {}

    async def _quota(self, asked: Json) -> Json:
        path = asked["cgi_path"].removeprefix("/cgi-bin/")
        limit = 100_000
        left = self.calls_left.get(path, limit)
        return {"quota": {"daily_limit": limit, "used": limit - left, "remain": left}}

    async def _callback_ips(self, _: Json) -> Json:
        return {"ip_list": ["101.226.62.77", "101.226.62.78"]}

    async def _upload(self, request: web.Request) -> Json:
        part = (await request.post())["media"]
        if request.query.get("type") != "image" or not isinstance(part, web.FileField):
            raise Refusal(40004, "invalid media type")
        content = part.file.read()
        if not content or len(content) > 10 << 20:
            raise Refusal(40006, "invalid media size")
        media = f"media{next(self._ids)}"
        self.media[media] = content
        return {"type": "image", "media_id": media, "created_at": int(self.clock().timestamp())}
