"""The lectures' desk in the chat: members check in, register, and see what they attended.

Whatever is said that has nothing to do with lectures is not its business. What is written goes through the group
committing writer: 500 scans in two minutes share their waits for the disk.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar, assert_never

from bot.attendance import check_ins, lectures, records, web_logins
from bot.attendance.calendar import local
from bot.attendance.codes import Codes, Sighting
from bot.attendance.door import Door
from bot.attendance.guesses import Guesses
from bot.attendance.model import Attempt, Awaits, Lecture, Means, Purpose
from bot.attendance.outcomes import (
    NameNeeded,
    NoSuchLecture,
    Outcome,
    TooManyGuesses,
    WrongCode,
)
from bot.attendance.registering import Registration
from bot.channels.model import Choice, Reply, Update, UpdateKind
from bot.desk.links import Links
from bot.desk.record_book import RecordBook
from bot.desk.saying import day, lecture_line, outcome_text, registration_line
from bot.desk.wishes import (
    GetCertificate,
    HowToCheckIn,
    ListLectures,
    MyAttendance,
    MyRegistrations,
    Register,
    Rename,
    Scan,
    TypedNumber,
    Wish,
    Withdraw,
    read_name,
    read_wish,
)
from bot.members.model import Identity
from bot.members.register import Register as MemberRegister
from bot.messages.catalogue import Messages
from bot.phrasebook import Phrasebook
from bot.store.database import Database
from bot.store.writer import Writer

LISTED = 8
"""Lectures that are offered at once."""
_BUTTON = 30
"""Characters of a title on a button."""

T = TypeVar("T")


class Desk:
    """Replies to what members want of lectures. `database` reads on the loop's thread, `writer` writes."""

    def __init__(
        self,
        *,
        database: Database,
        writer: Writer,
        members: MemberRegister,
        door: Door,
        registration: Registration,
        codes: Codes,
        guesses: Guesses,
        book: RecordBook,
        links: Links,
        phrases: Phrasebook,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._writer = writer
        self._members = members
        self._door = door
        self._registration = registration
        self._codes = codes
        self._guesses = guesses
        self._book = book
        self._links = links
        self._phrases = phrases
        self._clock = clock

    async def reply(self, update: Update, device: str = "") -> Reply | None:
        """The reply to what somebody wants of lectures; None if that is nothing.

        `device` is a digest of the browser that it came from, "" for a chat.
        """
        wish = read_wish(update, local(update.received_at).date())
        if wish is None:
            return await self._go_on(update)
        if isinstance(wish, TypedNumber) and not self._expects_numbers(update):
            return None
        say = self._phrases.reply_to(update)
        if not update.is_private:
            return Reply(say("account.private_only"))
        return await self._grant(wish, update, device, say)

    async def _grant(self, wish: Wish, update: Update, device: str, say: Messages) -> Reply:
        who, at = Identity(update.channel, update.member), update.received_at
        match wish:
            case Scan(payload):
                return await self._scanned(payload, who, at, device, say)
            case TypedNumber(digits):
                return await self._typed(digits, who, at, say)
            case HowToCheckIn():
                return await self._how(who, say)
            case ListLectures():
                return self._list(say)
            case Register(number):
                return await self._registered(number, who, at, say)
            case Withdraw(number):
                return await self._withdrawn(number, who, at, say)
            case MyRegistrations():
                return self._registrations(who, say)
            case MyAttendance(year):
                return self._book.year(who, year, say)
            case GetCertificate(year, series):
                return await self._book.certificate(who, year, series, say)
            case Rename(name, unit):
                return await self._renamed(who, name, unit, say)
            case _:
                assert_never(wish)

    async def _go_on(self, update: Update) -> Reply | None:
        """Goes on with what somebody is in the middle of, if this is what it waits for."""
        is_said = update.kind in (UpdateKind.TEXT, UpdateKind.LOCATION) and update.wants_reply
        if not is_said or not update.is_private:
            return None
        who = Identity(update.channel, update.member)
        kept = check_ins.kept_attempt(self._database, who, update.received_at)
        if kept is None:
            return None
        attempt, awaits = kept
        match awaits:
            case Awaits.NAME if named := read_name(update.text):
                outcome = await self._introduced(who, attempt, *named)
            case Awaits.NUMBER if update.text.strip().isalnum():
                hint = update.text.strip()
                outcome = await self._write(lambda db: self._door.attend(db, who, attempt, hint))
            case Awaits.LOCATION if place := _place(update):
                outcome = await self._write(lambda db: self._door.arrive(db, who, attempt, place))
            case _:
                return None
        return self._said(outcome, self._phrases.reply_to(update))

    async def _introduced(self, who: Identity, attempt: Attempt, name: str, unit: str) -> Outcome:
        """Somebody has said who they are, and goes on with what they wanted."""

        def introduce(database: Database) -> Outcome:
            self._door.introduce(database, who, name, unit)
            if attempt.purpose is Purpose.REGISTER:
                return self._registration.register(database, who, attempt.lecture_id, attempt.at)
            return self._door.attend(database, who, attempt)

        return await self._write(introduce)

    async def _scanned(self, payload: str, who: Identity, at: datetime, device: str, say: Messages) -> Reply:
        sighting = self._codes.read(payload)
        if sighting is None:
            return self._said(WrongCode(), say)
        lecture = lectures.by_number(self._database, sighting.lecture_number)
        if lecture is None:
            return self._said(NoSuchLecture(), say)
        if sighting.purpose is Purpose.REGISTER:
            return await self._registered(lecture.number, who, at, say)
        means = Means.WEB if device else Means.CODE
        return await self._attended(lecture, sighting, who, at, means, say, device)

    async def _typed(self, digits: str, who: Identity, at: datetime, say: Messages) -> Reply:
        if minutes := self._guesses.wait(who):
            return self._said(TooManyGuesses(minutes), say)
        seen = self._seen(digits, at)
        if len(seen) != 1:
            self._guesses.wrong(who)
            return self._said(WrongCode(), say)
        [(lecture, sighting)] = seen
        return await self._attended(lecture, sighting, who, at, Means.NUMBER, say)

    def _seen(self, digits: str, at: datetime) -> list[tuple[Lecture, Sighting]]:
        """The screens and sheets that show these digits."""
        return [
            (lecture, sighting)
            for lecture in lectures.running(self._database, at)
            for purpose in (Purpose.CHECK_IN, Purpose.CHECK_OUT, Purpose.ROLL_CALL, Purpose.PAPER)
            if (sighting := self._codes.sight(lecture, purpose, digits, at))
        ]

    def _expects_numbers(self, update: Update) -> bool:
        """Whether digits may be a code: said to be one, or some screen is on, and no attempt waits for digits."""
        if not update.text.strip().isdigit():
            return True
        who = Identity(update.channel, update.member)
        kept = check_ins.kept_attempt(self._database, who, update.received_at)
        waits_for_digits = kept is not None and kept[1] is Awaits.NUMBER
        return not waits_for_digits and bool(lectures.running(self._database, update.received_at))

    async def _attended(
        self,
        lecture: Lecture,
        sighting: Sighting,
        who: Identity,
        at: datetime,
        means: Means,
        say: Messages,
        device: str = "",
    ) -> Reply:
        if sighting.purpose is Purpose.PAPER:
            means = Means.PAPER
        attempt = Attempt(lecture.id, sighting.purpose, at, means, sighting.shown_at, device)
        outcome = await self._write(lambda db: self._door.attend(db, who, attempt))
        return self._said(outcome, say)

    async def _how(self, who: Identity, say: Messages) -> Reply:
        """How to check in, with a login for the browser, if a lecture is open."""
        now = self._clock()
        if not any(lecture.is_open(now) for lecture in lectures.running(self._database, now)):
            return Reply(say("checkin.none"))
        text = say("checkin.how")
        if self._links.public_url:
            token = await self._writer.write(lambda db: web_logins.give(db, who, now))
            text = f"{text}\n{say('checkin.login', link=self._links.login(token))}"
        return Reply(text)

    def _list(self, say: Messages) -> Reply:
        found = lectures.upcoming(self._database, self._clock(), LISTED)
        if not found:
            return Reply(say("lecture.none"))
        lines = "\n".join(lecture_line(lecture, say) for lecture in found)
        choices = tuple(
            Choice(
                say("lecture.register_button", number=lecture.number, title=lecture.title[:_BUTTON]),
                f"报名 {lecture.number}",
            )
            for lecture in found
        )
        return Reply(say("lecture.list", lines=lines, example=found[0].number), choices)

    async def _registered(self, number: int, who: Identity, at: datetime, say: Messages) -> Reply:
        lecture = lectures.by_number(self._database, number)
        if lecture is None:
            return Reply(say("lecture.unknown", number=number))
        outcome = await self._write(lambda db: self._registration.register(db, who, lecture.id, at))
        return self._said(outcome, say)

    async def _withdrawn(self, number: int, who: Identity, at: datetime, say: Messages) -> Reply:
        lecture = lectures.by_number(self._database, number)
        if lecture is None:
            return Reply(say("lecture.unknown", number=number))
        outcome = await self._write(lambda db: self._registration.withdraw(db, who, lecture.id, at))
        return self._said(outcome, say)

    def _registrations(self, who: Identity, say: Messages) -> Reply:
        member = self._members.find(who)
        found = records.registrations(self._database, member.id, self._clock()) if member else []
        if not found:
            return Reply(say("lecture.mine_none"))
        lines = "\n".join(registration_line(one, say) for one in found)
        choices = tuple(
            Choice(
                say("lecture.withdraw_button", number=one.lecture.number, title=one.lecture.title[:_BUTTON]),
                f"取消报名 {one.lecture.number}",
            )
            for one in found
        )
        return Reply(say("lecture.mine", lines=lines), choices)

    async def _renamed(self, who: Identity, name: str, unit: str, say: Messages) -> Reply:
        """They correct their name; where an attempt waits for one, it goes on with it."""
        kept = check_ins.kept_attempt(self._database, who, self._clock())
        if kept and kept[1] is Awaits.NAME:
            return self._said(await self._introduced(who, kept[0], name, unit), say)
        await self._write(lambda db: self._door.introduce(db, who, name, unit))
        return Reply(say("lecture.renamed", name=name, unit=f"（{unit}）" if unit else ""))

    async def _write(self, work: Callable[[Database], T]) -> T:
        return await self._writer.write(work)

    def _said(self, outcome: Outcome, say: Messages) -> Reply:
        match outcome:
            case NameNeeded(lecture, at) if at < lecture.schedule.opens_at:
                until = day(lecture.kept_until, say)
                return Reply(say("lecture.name_needed", title=lecture.title, until=until))
            case _:
                return Reply(outcome_text(outcome, say))


def _place(update: Update) -> tuple[float, float] | None:
    """The degrees of a location that was sent."""
    if update.kind is not UpdateKind.LOCATION:
        return None
    latitude, _, longitude = update.payload.partition(",")
    try:
        return float(latitude), float(longitude)
    except ValueError:
        return None
