"""What members see of their own record in the chat: a year's lectures and hours, and certificates of them."""

from collections.abc import Callable
from datetime import datetime

from bot.attendance import lectures, people, records
from bot.attendance.calendar import local, year_span
from bot.attendance.model import Profile
from bot.attendance.records import Attended, Kind
from bot.channels.model import Attachment, Choice, Reply
from bot.desk.links import Links
from bot.desk.saying import day
from bot.documents.certificate import certificate_pdf
from bot.documents.wording import plain_hours
from bot.members.model import Identity
from bot.members.register import Register
from bot.messages.catalogue import Messages
from bot.store.database import Database
from bot.store.writer import Writer

SHOWN = 12
"""Lectures that are listed, the latest."""


class RecordBook:
    """Replies about a member's own record."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        members: Register,
        links: Links,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._writer = writer
        self._members = members
        self._links = links
        self._clock = clock

    def year(self, who: Identity, year: int, say: Messages) -> Reply:
        """How many lectures they attended in a year, and which."""
        _, found = self._of_year(who, year)
        if not found:
            return Reply(say("record.none", year=year))
        lines = "\n".join(
            say(
                "record.line",
                day=day(one.check_in.at, say),
                title=one.lecture.title,
                hours=plain_hours(one.hours),
            )
            for one in found[-SHOWN:]
        )
        hours = plain_hours(records.total(found))
        text = say("record.year", year=year, count=len(found), hours=hours, lines=lines)
        button = Choice(say("record.certificate_button", year=year), f"{year}年学时证明")
        return Reply(text, (button,))

    async def certificate(self, who: Identity, year: int, series: str, say: Messages) -> Reply:
        """A certificate as a file, with the code by which anybody can verify it."""
        if series:
            return await self._of_series(who, series, say)
        said, found = self._of_year(who, year)
        if said is None or not found:
            return Reply(say("record.none", year=year))
        return await self._issued(said, Kind.YEAR, str(year), found, say)

    async def _of_series(self, who: Identity, name: str, say: Messages) -> Reply:
        series, said = lectures.series_named(self._database, name), self._profile(who)
        if series is None:
            return Reply(say("record.no_series", series=name))
        found = records.in_series(self._database, said.member_id, series.id) if said else []
        if said is None or len(found) < series.required:
            missing = series.required - len(found)
            text = say(
                "record.series_unfinished",
                series=name,
                required=series.required,
                count=len(found),
                missing=missing,
            )
            return Reply(text)
        return await self._issued(said, Kind.SERIES, series.id, found, say)

    async def _issued(
        self, said: Profile, kind: Kind, about: str, found: list[Attended], say: Messages
    ) -> Reply:
        now = self._clock()
        code = await self._writer.write(
            lambda db: records.issue(db, said.member_id, kind, about, said.name, found, now)
        )
        issued = records.certificate(self._database, code)
        assert issued is not None  # noqa: S101  # it has just been written
        subject = (
            say("record.of_year", year=issued.subject)
            if kind is Kind.YEAR
            else say("record.of_series", series=issued.subject)
        )
        hours = plain_hours(issued.hours)
        lines = [say("record.certificate", subject=subject, count=issued.lectures, hours=hours, code=code)]
        if self._links.public_url:
            lines.append(say("record.verify", link=self._links.verify(code)))
            lines.append(say("record.download", link=self._links.certificate(code)))
        pdf = certificate_pdf(issued, found, self._links.verify(code))
        name = f"certificate-{local(now):%Y%m%d}.pdf"
        return Reply("\n".join(lines), attachment=Attachment(name, "application/pdf", pdf))

    def _of_year(self, who: Identity, year: int) -> tuple[Profile | None, list[Attended]]:
        said = self._profile(who)
        if said is None or not 2000 <= year <= 2200:
            return None, []
        return said, records.attended(self._database, said.member_id, *year_span(year))

    def _profile(self, who: Identity) -> Profile | None:
        member = self._members.find(who)
        return people.profile(self._database, member.id) if member else None
