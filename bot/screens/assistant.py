"""The assistant's page on a phone: /desk/PASS, its list, its entries, and what is taken away as files.

Entries come with a nonce each, alone or in a heap after a time without a network, and count once.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.attendance import check_ins, lectures, reports
from bot.attendance.calendar import local
from bot.attendance.model import Lecture, Purpose
from bot.attendance.reports import Line, Report
from bot.attendance.staff import EARLIEST, LONGEST_REASON, Act, Entry, HandWork, Role, Staff
from bot.documents import wording
from bot.documents.page import report_plots
from bot.documents.tables import report_csv, report_xlsx
from bot.screens.pages import Doorkeeper, Pages
from bot.screens.showing import Showing
from bot.store.database import Database
from bot.store.writer import Writer

MAX_ENTRIES = 200
MAX_BODY = 256 * 1024
"""Bytes of a heap of entries."""


class SentEntry(BaseModel):
    """An entry as the page sends it; `ago` is how many milliseconds before sending it was made."""

    model_config = ConfigDict(extra="forbid", strict=True)

    nonce: str = Field(pattern=r"^[A-Za-z0-9_-]{16,64}$")
    act: Act = Field(strict=False)
    ago: int = Field(ge=0)
    person: str = Field(default="", max_length=64)
    name: str = Field(default="", max_length=40)
    unit: str = Field(default="", max_length=60)
    reason: str = Field(default="", max_length=LONGEST_REASON)


class Sent(BaseModel):
    """A heap of entries, the first first."""

    model_config = ConfigDict(extra="forbid", strict=True)

    entries: list[SentEntry] = Field(max_length=MAX_ENTRIES)


class Assistant:
    """Routes of the assistant's page."""

    def __init__(
        self,
        *,
        database: Database,
        writer: Writer,
        hand_work: HandWork,
        showing: Showing,
        pages: Pages,
        doorkeeper: Doorkeeper,
        codes_number: Callable[[Lecture], str],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._writer = writer
        self._hand_work = hand_work
        self._showing = showing
        self._pages = pages
        self._doorkeeper = doorkeeper
        self._codes_number = codes_number
        self._clock = clock

    def routes(self) -> Iterable[web.RouteDef]:
        return [
            web.get("/desk/{token}", self._get_page),
            web.get("/desk/{token}/list", self._get_list),
            web.post("/desk/{token}/entries", self._post_entries),
            web.get("/desk/{token}/report", self._get_report),
            web.get("/desk/{token}/sheet", self._get_sheet),
            web.get("/desk/{token}/list.xlsx", self._get_xlsx),
            web.get("/desk/{token}/list.csv", self._get_csv),
        ]

    def _admit(self, request: web.Request) -> tuple[Staff, Lecture]:
        by = self._doorkeeper.admit(request, Role.ASSISTANT)
        lecture = lectures.find(self._database, by.lecture_id)
        if lecture is None:
            raise web.HTTPNotFound(text="没有这场讲座。")
        return by, lecture

    async def _get_page(self, request: web.Request) -> web.Response:
        by, lecture = self._admit(request)
        return self._pages.html(
            "assistant.html", lecture=lecture, by=by, base=f"/desk/{request.match_info['token']}"
        )

    async def _get_list(self, request: web.Request) -> web.Response:
        """Everybody, unless nothing has changed since what the page has."""
        _, lecture = self._admit(request)
        found = self._listed(lecture)
        body = json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()
        tag = hashlib.sha256(body).hexdigest()[:16]
        if any(seen.value == tag for seen in request.if_none_match or ()):
            response = web.Response(status=304)
        else:
            response = web.Response(body=body, content_type="application/json", charset="utf-8")
        response.etag = tag
        response.headers["Cache-Control"] = "no-store"
        return response

    def _listed(self, lecture: Lecture) -> dict[str, object]:
        found, now = reports.report(self._database, lecture), self._clock()
        times = lecture.schedule
        return {
            "title": lecture.title,
            "window": f"{local(times.opens_at):%H:%M}–{local(times.closes_at):%H:%M}",
            "open": lecture.is_open(now),
            "roll": check_ins.open_roll_call(self._database, lecture.id) is not None,
            "count": found.there,
            "listed": found.listed,
            "people": [_row(line) for line in found.lines],
        }

    async def _post_entries(self, request: web.Request) -> web.Response:
        by, _ = self._admit(request)
        try:
            sent = Sent.model_validate_json(await _bounded(request))
        except ValidationError as error:
            reason = error.errors()[0]
            where = ".".join(map(str, reason["loc"]))
            return web.json_response({"error": f"{where}：{reason['msg']}"}, status=400)
        now = self._clock()
        entries = [_entry(one, now) for one in sent.entries]
        results = await self._writer.write(
            lambda db: [(entry.nonce, self._hand_work.enter(db, by, entry)) for entry in entries]
        )
        return web.json_response({"results": [{"nonce": n, "result": r.value} for n, r in results]})

    async def _get_report(self, request: web.Request) -> web.Response:
        _, lecture = self._admit(request)
        found = reports.report(self._database, lecture)
        return self._pages.html(
            "report.html",
            report=found,
            plots=report_plots(found),
            words=wording,
            Status=reports.Status,
            made=self._clock(),
        )

    async def _get_sheet(self, request: web.Request) -> web.Response:
        """The printed code, for a hall whose screen is dark; it holds where the lecture allows paper."""
        _, lecture = self._admit(request)
        return self._pages.html(
            "sheet.html",
            lecture=lecture,
            pictures=await self._showing.printed(lecture, Purpose.PAPER),
            number=self._codes_number(lecture),
            words=wording,
        )

    async def _get_xlsx(self, request: web.Request) -> web.Response:
        return self._file(request, report_xlsx, "xlsx", _XLSX)

    async def _get_csv(self, request: web.Request) -> web.Response:
        return self._file(request, report_csv, "csv", "text/csv")

    def _file(
        self, request: web.Request, write: Callable[[Report], bytes], suffix: str, media_type: str
    ) -> web.Response:
        _, lecture = self._admit(request)
        name = f"attendance-{lecture.number}-{local(lecture.schedule.starts_at):%Y%m%d}.{suffix}"
        return web.Response(
            body=write(reports.report(self._database, lecture)),
            content_type=media_type,
            headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
        )


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _row(line: Line) -> dict[str, Any]:
    """A person as the page shows them."""
    made = line.made
    row: dict[str, Any] = {"id": line.person.id, "name": line.person.name, "unit": line.person.unit}
    if line.person.number or line.person.phone_end:
        row["number"] = line.person.number or f"尾号{line.person.phone_end}"
    if made:
        row |= {"place": made.place, "at": f"{local(made.at):%H:%M}", "late": made.is_late}
        if made.left_at:
            row["left"] = f"{local(made.left_at):%H:%M}"
    else:
        row["waiting"] = line.status is reports.Status.WAITING
    if line.flags:
        row["flags"] = [wording.FLAGS[flag] for flag in line.flags]
    return row


def _entry(sent: SentEntry, now: datetime) -> Entry:
    """The entry on the server's clock, whatever the phone's says."""
    ago = min(timedelta(milliseconds=min(sent.ago, 10**9)), EARLIEST)
    return Entry(sent.nonce, sent.act, now - ago, sent.person, sent.name, sent.unit, sent.reason)


async def _bounded(request: web.Request) -> bytes:
    """The body, if it is JSON and not too large."""
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    body = bytearray()
    async for chunk in request.content.iter_chunked(65536):
        body += chunk
        if len(body) > MAX_BODY:
            raise web.HTTPRequestEntityTooLarge(max_size=MAX_BODY, actual_size=len(body))
    return bytes(body)
