"""The composition root: everything is made here, once, and handed what it needs."""

import importlib.metadata
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from aiohttp import ClientSession
from ulid import ULID

from bot import metrics
from bot.account import Account
from bot.answering.answering import Answering
from bot.answering.questions import default_synonyms
from bot.attendance.codes import Codes
from bot.attendance.door import Door
from bot.attendance.guesses import Guesses
from bot.attendance.holdings import Attendance, Attendees, Certificates
from bot.attendance.model import Purpose
from bot.attendance.registering import Registration
from bot.attendance.staff import HandWork
from bot.channels.model import Channel, Linker, Reply, Update, UpdateKind
from bot.channels.telegram.bot_account import BotAccount
from bot.channels.telegram.buttons import Buttons, LongTexts
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.web.channel import WebChannel
from bot.collection import Collection
from bot.conversation import Conversation
from bot.desk.desk import Desk
from bot.desk.links import Links
from bot.desk.record_book import RecordBook
from bot.filing import Filing
from bot.inbox.inbox import Inbox, Sentences
from bot.intake import Intake
from bot.languages import Language
from bot.library import Library
from bot.limits import Gate, Limits
from bot.members.contacts import Contacts
from bot.members.context import Contexts
from bot.members.linking import LinkCodes, Linking
from bot.members.model import Holding, Identity
from bot.members.preferences import PreferenceTable
from bot.members.register import Register
from bot.messages.catalogue import load_catalogue
from bot.passes import Passes
from bot.phrasebook import Phrasebook
from bot.reception import Reception
from bot.screens.assistant import Assistant
from bot.screens.members_pages import MembersPages
from bot.screens.pages import Doorkeeper, Pages
from bot.screens.projector import Projector
from bot.screens.screens import Screens
from bot.screens.showing import Showing, code_links
from bot.settings import Settings
from bot.store.conversations import ConversationTable
from bot.store.database import Database
from bot.store.keys import signing_key
from bot.store.notices import NoticeTable
from bot.store.writer import Writer
from bot.tencent import wechat_channel, wecom_channel
from bot.wording import Wording, utc_now
from corpus.errors import CewenError
from corpus.reader_process import ReaderProcess
from index.text import Segmenter


class HomeUnusable(CewenError):
    """The home folder cannot be made or written to."""


@dataclass(frozen=True, slots=True)
class Home:
    """An open home: its settings, its store, and the way in for files."""

    settings: Settings
    database: Database
    notices: NoticeTable
    intake: Intake


@dataclass(frozen=True, slots=True)
class Members:
    """All that is known about members."""

    register: Register
    linking: Linking
    preferences: PreferenceTable
    contacts: Contacts


@dataclass(frozen=True, slots=True)
class App:
    """A home that answers."""

    home: Home
    library: Library
    collection: Collection
    answering: Answering
    conversation: Conversation
    phrases: Phrasebook
    members: Members


@contextmanager
def open_home(settings: Settings) -> Iterator[Home]:
    """Opens the home, makes it if need be. Raises HomeUnusable and DatabaseUnusable."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HomeUnusable(
            f"数据目录 {settings.home} 建不了：{error.strerror}。请换一个目录（--home）或检查权限。"
        ) from None
    with Database.open(settings.database) as database, ReaderProcess() as reader:
        notices = NoticeTable(database)
        intake = Intake(notices, reader, settings.max_file_mb << 20, utc_now)
        yield Home(settings, database, notices, intake)


@contextmanager
def open_app(settings: Settings) -> Iterator[App]:
    """Opens the home and builds the index over its notices."""
    with open_home(settings) as home:
        catalogue = load_catalogue(settings.home)
        library = Library(Segmenter())
        answering = Answering(library, default_synonyms(), Wording(catalogue[Language.CHINESE]), utc_now)
        collection = Collection(home.notices, library, answering)
        states = ConversationTable(home.database)
        collection.refresh()
        metrics.NOTICES.set_function(lambda: len(library))
        members = _members(home.database, states)
        phrases = Phrasebook(catalogue, members.preferences)
        conversation = Conversation(answering, collection, states, phrases, utc_now)
        yield App(home, library, collection, answering, conversation, phrases, members)


def new_id() -> str:
    """Sortable, like no other."""
    return str(ULID())


def register_of(database: Database) -> Register:
    """The register on a connection, for works that link nobody."""
    return Register(database, (), utc_now, new_id)


def _members(database: Database, states: ConversationTable) -> Members:
    preferences, codes = PreferenceTable(database), LinkCodes(database, utc_now)
    contacts = Contacts(database, utc_now)
    holdings: list[Holding] = [
        preferences,
        contacts,
        codes,
        Contexts(states),
        Attendees(database),
        Attendance(database),
        Certificates(database),
    ]
    register = Register(database, holdings, utc_now, new_id)
    linking = Linking(codes, register, database, time.monotonic)
    return Members(register, linking, preferences, contacts)


def make_filing(app: App) -> Filing:
    """The way in for the files that administrators send by chat."""
    settings = app.home.settings
    administrators = frozenset(Identity("telegram", user) for user in settings.telegram_administrators)
    return Filing(administrators, settings.home, app.phrases)


def make_inbox(app: App, filing: Filing, desk: Desk, writer: Writer) -> Inbox:
    """The inbox before the core: what comes in is let through the gate, stored, and answered."""
    settings = app.home.settings
    limits = Limits(settings.member_per_minute, settings.member_waiting, settings.total_per_second)

    async def tell(who: Identity, text: str) -> None:
        key, now = new_id(), utc_now()
        told = Update(who.channel, who.user, who.user, key, UpdateKind.OTHER, now, wants_reply=False)
        await inbox.tell(told, Reply(text))

    say = app.phrases.catalogue[Language.CHINESE]
    members = app.members
    account = Account(members.register, members.linking, members.preferences, app.phrases, tell)
    reception = Reception(
        account, filing, desk, app.conversation, members.contacts, app.phrases, settings.maintenance
    )
    inbox = Inbox(
        reception.reply,
        writer,
        sentences=Sentences(say("conversation.apology"), say("conversation.earlier")),
        clock=utc_now,
        gate=Gate(limits, app.phrases.refusal),
    )
    return inbox


def make_desk(app: App, writer: Writer) -> Desk:
    """What members do about lectures in the chat."""
    database, links = app.home.database, make_links(app.home)
    return Desk(
        database=database,
        writer=writer,
        members=app.members.register,
        door=Door(register_of, new_id),
        registration=Registration(register_of, new_id),
        codes=make_codes(database),
        guesses=Guesses(),
        book=RecordBook(database, writer, app.members.register, links, utc_now),
        links=links,
        phrases=app.phrases,
        clock=utc_now,
    )


def make_codes(database: Database) -> Codes:
    """The codes of lectures, with this home's key."""
    return Codes(signing_key(database, "lecture codes", utc_now()))


def make_links(home: Home) -> Links:
    """The web addresses that are given out."""
    key = signing_key(home.database, "passes", utc_now())
    return Links(home.settings.public_url, Passes(key), utc_now)


def make_screens(app: App, writer: Writer, desk: Desk, found: list[Channel]) -> Screens:
    """The pages of lectures; codes on them lead to the channels that were found."""
    database, links, codes, clock = (
        app.home.database,
        make_links(app.home),
        make_codes(app.home.database),
        utc_now,
    )
    linkers = [channel for channel in found if isinstance(channel, Linker)]
    links_of = partial(code_links, linkers, links.check_in)
    showing, pages = Showing(database, codes, links_of), Pages()
    doorkeeper = Doorkeeper(database, links.passes, clock)
    return Screens(
        pages,
        Projector(database, showing, pages, doorkeeper, clock),
        Assistant(
            database=database,
            writer=writer,
            hand_work=HandWork(Door(register_of, new_id), new_id),
            showing=showing,
            pages=pages,
            doorkeeper=doorkeeper,
            codes_number=lambda lecture: codes.number(lecture, Purpose.PAPER, clock()),
            clock=clock,
        ),
        MembersPages(
            database=database,
            writer=writer,
            codes=codes,
            talk=desk.reply,
            passes=links.passes,
            links_of=links_of,
            verify_link=links.verify,
            pages=pages,
            clock=clock,
        ),
    )


def channels(app: App, inbox: Inbox, writer: Writer, session: ClientSession) -> list[Channel]:
    """The web page, and every platform that has its settings. Raises Misconfigured."""
    settings = app.home.settings
    found: list[Channel] = [
        WebChannel(
            app.conversation.ask_api,
            app.phrases.catalogue[Language.CHINESE]("title"),
            app.conversation.examples,
        )
    ]
    if settings.telegram_token.get_secret_value():
        found.append(_telegram(app, inbox))
    if settings.wechat_token.get_secret_value():
        found.append(wechat_channel(settings, inbox, writer, session, app.phrases))
    if settings.wecom_token.get_secret_value():
        found.append(wecom_channel(settings, inbox, writer, session, app.phrases))
    return found


def _telegram(app: App, inbox: Inbox) -> TelegramChannel:
    settings, database = app.home.settings, app.home.database
    key = signing_key(database, "telegram buttons", utc_now())
    return TelegramChannel(
        BotAccount(
            token=settings.telegram_token.get_secret_value(),
            mode=settings.telegram_mode,
            secret=settings.telegram_secret.get_secret_value(),
            api=settings.telegram_api,
            public_url=settings.public_url,
        ),
        take=inbox.take,
        ask=app.conversation.ask_briefly,
        buttons=Buttons(key, LongTexts(database), utc_now),
        catalogue=app.phrases.catalogue,
        gone=lambda chat: app.members.contacts.left(Identity("telegram", chat)),
        clock=utc_now,
    )


def foreign_owners() -> list[str]:
    """Other distributions that own a package named bot, corpus or index here, and so may overwrite ours."""
    owners = importlib.metadata.packages_distributions()
    return sorted({d for name in ("bot", "corpus", "index") for d in owners.get(name, []) if d != "cewen"})
