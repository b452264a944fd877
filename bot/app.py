"""The composition root: everything is made here, once, and handed what it needs."""

import importlib.metadata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bot import metrics, wording
from bot.answering.answering import Answering
from bot.answering.questions import default_synonyms
from bot.channels.model import Channel
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.web.channel import WebChannel
from bot.channels.wechat.channel import WeChatChannel
from bot.collection import Collection
from bot.conversation import Conversation
from bot.inbox import Inbox
from bot.intake import Intake
from bot.library import Library
from bot.settings import Settings
from bot.store.conversations import ConversationTable
from bot.store.database import Database
from bot.store.notices import NoticeTable
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
    with Database.open(settings.database) as database, ReaderProcess() as reader:
        notices = NoticeTable(database)
        intake = Intake(notices, reader, settings.max_file_mb << 20, wording.utc_now)
        yield Home(settings, database, notices, intake)


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


def channels(app: App, inbox: Inbox) -> list[Channel]:
    """The web page, and every platform that has its settings."""
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
        found.append(
            WeChatChannel(
                token=settings.wechat_token.get_secret_value(),
                appid=settings.wechat_appid,
                aes_key=settings.wechat_aes_key.get_secret_value(),
                responder=inbox.respond,
                clock=wording.utc_now,
            )
        )
    return found


def foreign_owners() -> list[str]:
    """Other distributions that own a package named bot, corpus or index here, and so may overwrite ours."""
    owners = importlib.metadata.packages_distributions()
    return sorted({d for name in ("bot", "corpus", "index") for d in owners.get(name, []) if d != "cewen"})
