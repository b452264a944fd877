"""Our fake of qyapi.weixin.qq.com: one app, its members, its token, and the refusals that Cewen has to know."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Json = dict[str, Any]


@dataclass
class FakeWeCom:
    """The platform's side of one app."""

    corp_id: str = "ww0123456789abcdef"
    agent_id: int = 1000002
    secret: str = "s3cretOfTheApp"
    members: set[str] = field(default_factory=set)
    is_trusted: bool = True
    faults: list[int] = field(default_factory=list)
    messages: list[Json] = field(default_factory=list)
    media: dict[str, bytes] = field(default_factory=dict)
    called: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.address = ""
        self._token = "token1"
        self._ids = iter(range(2, 1_000_000))

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["FakeWeCom"]:
        """Serves at `address` while the block runs."""
        app = web.Application(client_max_size=20 << 20)
        app.router.add_route("*", "/cgi-bin/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    def expire_token(self) -> None:
        """The token is too old from now on."""
        self._token = f"token{next(self._ids)}"

    async def _answer(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        self.called[path] += 1
        code = self.faults.pop(0) if self.faults else 0
        answer = (
            {"errcode": code, "errmsg": "as the test wants it"} if code else await self._called(path, request)
        )
        return web.json_response(answer)

    async def _called(self, path: str, request: web.Request) -> Json:
        if path == "gettoken":
            return self._get_token(request)
        if request.query.get("access_token") != self._token:
            return {"errcode": 42001, "errmsg": "access_token expired"}
        if not self.is_trusted:
            return {"errcode": 60020, "errmsg": "not allow to access from your ip"}
        match path:
            case "message/send":
                return self._send(json.loads(await request.text()))
            case "media/upload":
                part = (await request.post())["media"]
                assert isinstance(part, web.FileField)
                media = f"media{next(self._ids)}"
                self.media[media] = part.file.read()
                return {"errcode": 0, "errmsg": "ok", "type": request.query["type"], "media_id": media}
        return {"errcode": 40066, "errmsg": "invalid url"}

    def _get_token(self, request: web.Request) -> Json:
        if request.query.get("corpid") != self.corp_id:
            return {"errcode": 40013, "errmsg": "invalid corpid"}
        if request.query.get("corpsecret") != self.secret:
            return {"errcode": 40001, "errmsg": "invalid credential"}
        return {"errcode": 0, "errmsg": "ok", "access_token": self._token, "expires_in": 7200}

    def _send(self, asked: Json) -> Json:
        if asked["agentid"] != self.agent_id:
            return {"errcode": 301002, "errmsg": "not allow operate another agent with this accesstoken"}
        if asked["touser"] not in self.members:
            return {"errcode": 81013, "errmsg": "user & party & tag all invalid"}
        self.messages.append(asked)
        return {"errcode": 0, "errmsg": "ok", "invaliduser": "", "msgid": f"m{next(self._ids)}"}
