"""The composition root: everything is made here, once, and handed what it needs."""

import importlib.metadata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from aiohttp import ClientSession

from bot import metrics, wording
from bot.answering.answering import Answering
from bot.answering.questions import default_synonyms
from bot.channels.model import Channel
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.tencent.envelope import Account, SettingNames, make_account
from bot.channels.web.channel import WebChannel
from bot.channels.wechat import channel as wechat
from bot.channels.wechat.api import WeChatApi
from bot.channels.wechat.channel import WeChatChannel
from bot.channels.wechat.script import read_script
from bot.collection import Collection
from bot.conversation import Conversation
from bot.inbox.inbox import Inbox
from bot.intake import Intake
from bot.library import Library
from bot.settings import Settings
from bot.store.conversations import ConversationTable
from bot.store.database import Database
from bot.store.notices import NoticeTable
from bot.store.writer import Writer
from corpus.errors import CewenError
from index.text import Segmenter

WECHAT_SETTINGS = SettingNames("CEWEN_WECHAT_TOKEN", "CEWEN_WECHAT_AES_KEY", "CEWEN_WECHAT_APPID")


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
class App:
    """A home that answers."""

    home: Home
    library: Library
    collection: Collection
    answering: Answering
    conversation: Conversation


@contextmanager
def open_home(settings: Settings) -> Iterator[Home]:
    """Opens the home, makes it if need be. Raises HomeUnusable and DatabaseUnusable."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HomeUnusable(
            f"数据目录 {settings.home} 建不了：{error.strerror}。请换一个目录（--home）或检查权限。"
        ) from None
    with Database.open(settings.database) as database:
        notices = NoticeTable(database)
        yield Home(settings, database, notices, Intake(notices, settings.max_file_mb << 20, wording.utc_now))


@contextmanager
def open_app(settings: Settings) -> Iterator[App]:
    """Opens the home and builds the index over its notices."""
    with open_home(settings) as home:
        library = Library(Segmenter())
        answering = Answering(library, default_synonyms(), wording.utc_now)
        collection = Collection(home.notices, library, answering)
        states = ConversationTable(home.database)
        collection.refresh()
        metrics.NOTICES.set_function(lambda: len(library))
        conversation = Conversation(answering, collection, states, wording.utc_now)
        yield App(home, library, collection, answering, conversation)


def channels(app: App, inbox: Inbox, writer: Writer, session: ClientSession) -> list[Channel]:
    """The web page, and every platform that has its settings. Raises Misconfigured."""
    settings = app.home.settings
    found: list[Channel] = [WebChannel(app.conversation.ask_api, wording.TITLE, app.conversation.examples)]
    if settings.telegram_token.get_secret_value():
        found.append(
            TelegramChannel(
                token=settings.telegram_token.get_secret_value(),
                mode=settings.telegram_mode,
                secret=settings.telegram_secret.get_secret_value(),
                api=settings.telegram_api,
                public_url=settings.public_url,
                responder=inbox.respond,
                clock=wording.utc_now,
            )
        )
    if settings.wechat_token.get_secret_value():
        found.append(_wechat(settings, inbox, writer, session))
    return found


def _wechat(settings: Settings, inbox: Inbox, writer: Writer, session: ClientSession) -> WeChatChannel:
    return WeChatChannel(
        account=wechat_account(settings),
        api=wechat_api(settings, writer, session),
        take=inbox.take,
        writer=writer,
        script=read_script(settings.home),
        sentences=wechat.Sentences(wording.WAITING, wording.BUSY, wording.NO_FILES),
        clock=wording.utc_now,
    )


def wechat_account(settings: Settings) -> Account:
    """What is agreed with WeChat. Raises Misconfigured."""
    return make_account(
        settings.wechat_token.get_secret_value(),
        settings.wechat_appid,
        settings.wechat_aes_key.get_secret_value(),
        WECHAT_SETTINGS,
    )


def wechat_api(settings: Settings, writer: Writer, session: ClientSession) -> WeChatApi | None:
    """The official account's API; None where its secret is not set."""
    secret = settings.wechat_secret.get_secret_value()
    if not secret:
        return None
    return WeChatApi(
        session,
        writer,
        appid=settings.wechat_appid,
        secret=secret,
        base=settings.wechat_api,
        clock=wording.utc_now,
    )


def foreign_owners() -> list[str]:
    """Other distributions that own a package named bot, corpus or index here, and so may overwrite ours."""
    owners = importlib.metadata.packages_distributions()
    return sorted({d for name in ("bot", "corpus", "index") for d in owners.get(name, []) if d != "cewen"})
