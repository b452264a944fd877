"""The pages' common ground: templates, their styles and scripts, and the door for those who run a lecture."""

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.attendance import staff
from bot.attendance.staff import Role, Staff
from bot.desk.links import STAFF
from bot.passes import Passes
from bot.store.database import Database

_STATIC = Path(__file__).parent / "static"
_TYPES = {".css": "text/css", ".js": "text/javascript"}


class Pages:
    """Renders templates and serves what they refer to, all from memory."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=PackageLoader("bot.screens", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._assets = {file.name: file.read_bytes() for file in _STATIC.iterdir() if file.suffix in _TYPES}

    def routes(self) -> Iterable[web.RouteDef]:
        return [web.get("/static/screens/{name}", self._get_asset)]

    def html(self, template: str, status: int = 200, **values: object) -> web.Response:
        """A page; it is never kept by anybody on the way."""
        text = self._templates.get_template(template).render(**values)
        headers = {"Cache-Control": "no-store"}
        return web.Response(
            text=text, status=status, content_type="text/html", charset="utf-8", headers=headers
        )

    def sorry(self, status: int, heading: str, sentence: str) -> web.Response:
        """A page that says what is wrong and what to do."""
        return self.html("sorry.html", status, heading=heading, sentence=sentence)

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


class Doorkeeper:
    """Knows who may run a lecture, by the pass in the address; asks the store at every request."""

    def __init__(self, database: Database, passes: Passes, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._passes = passes
        self._clock = clock

    def admit(self, request: web.Request, *roles: Role) -> Staff:
        """The staff whose pass it is. Raises HTTPForbidden for whoever has no such role (any more)."""
        now = self._clock()
        staff_id = self._passes.take(STAFF, request.match_info["token"], now)
        found = staff.find(self._database, staff_id, now) if staff_id else None
        if found is None or found.role not in roles:
            raise web.HTTPForbidden(text="这个链接已失效，或不能用于这一页。请向讲座负责人要一个新的。")
        return found
