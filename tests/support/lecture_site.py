"""The lectures' pages on a real server, over a real store; the clock can be set."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from aiohttp import web
from lecture_hall import KEY, Hall

from bot.attendance import staff, web_logins
from bot.attendance.guesses import Guesses
from bot.attendance.model import Lecture, Purpose
from bot.attendance.staff import HandWork, Role, Staff
from bot.channels.web.headers import secure
from bot.desk.desk import Desk
from bot.desk.links import STAFF, Links
from bot.desk.record_book import RecordBook
from bot.members.model import Identity
from bot.members.preferences import PreferenceTable
from bot.members.register import Register
from bot.messages.catalogue import load_catalogue
from bot.passes import Passes
from bot.phrasebook import Phrasebook
from bot.screens.assistant import Assistant
from bot.screens.members_pages import MembersPages
from bot.screens.pages import Doorkeeper, Pages
from bot.screens.projector import Projector
from bot.screens.screens import Screens
from bot.screens.showing import Showing, code_links
from bot.store.database import Database
from bot.store.writer import Writer

PUBLIC = "https://bot.example.org"


class Clock:
    """The real time, or as far from it as a test wants."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.runs_since: datetime | None = None

    def __call__(self) -> datetime:
        if self.runs_since is None:
            return self.now
        return self.now + (datetime.now(self.now.tzinfo) - self.runs_since)

    def run(self) -> None:
        """The clock goes on from here."""
        self.runs_since = datetime.now(self.now.tzinfo)


@dataclass
class Site:
    url: str
    hall: Hall
    writer: Writer
    clock: Clock
    desk: Desk

    def path(self, page: str, lecture: Lecture, role: Role, name: str = "王老师", hours: float = 4) -> str:
        """The address of a page for somebody newly made staff."""
        until = self.clock() + timedelta(hours=hours)
        made = Staff(self.hall.new_id(), lecture.id, name, role, until)
        staff.appoint(self.hall.database, made)
        return f"/{page}/{Passes(KEY).give(STAFF, made.id, until)}"

    def login(self, who: Identity) -> str:
        return f"/login/{web_logins.give(self.hall.database, who, self.clock())}"


@asynccontextmanager
async def open_site(folder: Path, now: datetime) -> AsyncIterator[Site]:
    path, clock = folder / "cewen.sqlite3", Clock(now)
    with Database.open(path) as database:
        async with await Writer.open(path) as writer:
            hall = Hall(database)
            links = Links(PUBLIC, Passes(KEY), clock)
            members = Register(database, (), clock, hall.new_id)
            desk = Desk(
                database=database,
                writer=writer,
                members=members,
                door=hall.door,
                registration=hall.registration,
                codes=hall.codes,
                guesses=Guesses(),
                book=RecordBook(database, writer, members, links, clock),
                links=links,
                phrases=Phrasebook(load_catalogue(Path("nowhere")), PreferenceTable(database)),
                clock=clock,
            )
            links_of = partial(code_links, [], links.check_in)
            showing, pages = Showing(database, hall.codes, links_of), Pages()
            doorkeeper = Doorkeeper(database, links.passes, clock)
            screens = Screens(
                pages,
                Projector(database, showing, pages, doorkeeper, clock),
                Assistant(
                    database=database,
                    writer=writer,
                    hand_work=HandWork(hall.door, hall.new_id),
                    showing=showing,
                    pages=pages,
                    doorkeeper=doorkeeper,
                    codes_number=lambda lecture: hall.codes.number(lecture, Purpose.PAPER, clock()),
                    clock=clock,
                ),
                MembersPages(
                    database=database,
                    writer=writer,
                    codes=hall.codes,
                    talk=desk.reply,
                    passes=links.passes,
                    links_of=links_of,
                    verify_link=links.verify,
                    pages=pages,
                    clock=clock,
                ),
            )
            app = web.Application()
            secure(app)
            screens.add_to(app)
            runner = web.AppRunner(app, shutdown_timeout=2)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield Site(f"http://127.0.0.1:{runner.addresses[0][1]}", hall, writer, clock, desk)
            await runner.cleanup()
