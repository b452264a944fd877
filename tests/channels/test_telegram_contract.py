"""What we send and what we read, held against Telegram's own schema as aiogram's generated models have it.

aiogram is another library by others, generated from the Bot API's documentation; it stands in for the schema.
"""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import aiogram.methods
import pytest
import telegram
from aiogram import types
from aiogram.methods.base import TelegramMethod
from telegram.request import BaseRequest, RequestData

from bot.channels.model import Attachment, Choice, Reply, Update, UpdateKind
from bot.channels.telegram.buttons import Pressed
from bot.channels.telegram.inline import InlineMode
from bot.channels.telegram.menu import menus
from bot.channels.telegram.reading import read_update
from bot.channels.telegram.sending import Sender
from bot.languages import Language
from bot.messages.catalogue import Messages, built_in
from bot.rates import RateLimit

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
CATALOGUE = {language: Messages(language, built_in(language)) for language in Language}
ME = telegram.User(666, "策问", True, username="CewenBot")
PERSON = types.User(id=7, is_bot=False, first_name="张三", language_code="zh-hans")
PRIVATE = types.Chat(id=7, type="private")
GROUP = types.Chat(id=-100, type="supergroup", title="科普群", is_forum=True)

METHODS: dict[str, type[TelegramMethod[Any]]] = {
    method.__api_method__: method
    for method in vars(aiogram.methods).values()
    if isinstance(method, type) and issubclass(method, TelegramMethod) and method is not TelegramMethod
}
STRUCTURED = {"reply_markup", "link_preview_options", "reply_parameters", "commands", "results", "button"}


class Schema(BaseRequest):
    """A transport that takes only what Telegram's schema knows, and notes it."""

    def __init__(self) -> None:
        self.calls: list[TelegramMethod[Any]] = []

    @property
    def read_timeout(self) -> float | None:
        return None

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **__: Any
    ) -> tuple[int, bytes]:
        known = METHODS[url.rpartition("/")[2]]
        given: dict[str, Any] = dict(request_data.json_parameters) if request_data else {}
        for name in STRUCTURED & given.keys():
            given[name] = json.loads(given[name])
        for name in request_data.multipart_data or () if request_data else ():
            given[name] = types.BufferedInputFile(b"", "file")
        assert given.keys() <= known.model_fields.keys()
        self.calls.append(known.model_validate(given))
        message = {"message_id": 1, "date": 0, "chat": {"id": 7, "type": "private"}}
        result = True if known.__returning__ is bool else message
        return 200, json.dumps({"ok": True, "result": result}).encode()


@pytest.fixture
def schema() -> Schema:
    return Schema()


@pytest.fixture
def bot(schema: Schema) -> telegram.Bot:
    return telegram.Bot("1:a", request=schema, get_updates_request=schema)


class PlainButtons:
    """Buttons that carry what they say: signing is another test's."""

    def data(self, chat: str, pressed: Pressed) -> str:
        return pressed.payload or pressed.text


def asked(chat: str = "7", edited: bool = False) -> Update:
    return Update("telegram", "7", chat, "1", UpdateKind.TEXT, NOON, "问", message="5", edited=edited)


REPLIES = [
    Reply("张三", source="出处：一号文"),
    Reply("哪一份？", (Choice("第一份", "第一份"), Choice("有用", "有用", "fb:A7K3Q:+"))),
    Reply("长" * 9000),
    Reply("资料", attachment=Attachment("a.json", "application/json", b"{}")),
    Reply("二维码", (Choice("再来", "再来"),), attachment=Attachment("a.png", "image/png", b"x")),
]


@pytest.mark.parametrize("reply", REPLIES)
@pytest.mark.parametrize("chat", ["7", "-100:3"])
async def test_every_kind_of_reply_is_what_telegram_takes(
    bot: telegram.Bot, schema: Schema, reply: Reply, chat: str
) -> None:
    sender = Sender(bot, PlainButtons(), lambda: NOON)  # type: ignore[arg-type]
    await sender.deliver(asked(chat), reply)
    await sender.deliver(asked(chat, edited=True), reply)
    assert schema.calls
    for call in schema.calls:
        assert str(call.chat_id) == chat.partition(":")[0]  # type: ignore[attr-defined]


async def test_the_menus_are_what_telegram_takes(bot: telegram.Bot, schema: Schema) -> None:
    for language, commands in menus(CATALOGUE):
        await bot.set_my_commands(commands, language_code=language)
    for call in schema.calls:
        assert isinstance(call, aiogram.methods.SetMyCommands)
        for command in call.commands:  # core.telegram.org/bots/api#botcommand
            assert command.command.islower()
            assert len(command.command) <= 32
            assert 1 <= len(command.description) <= 256


@pytest.mark.parametrize("reply", [REPLIES[0], REPLIES[2], None])
async def test_an_inline_answer_is_what_telegram_takes(
    bot: telegram.Bot, schema: Schema, reply: Reply | None
) -> None:
    async def ask(_: str) -> Reply | None:
        return reply

    mode = InlineMode(bot, ask, CATALOGUE, RateLimit())
    person = telegram.User(7, "张三", False)
    mode.take(telegram.InlineQuery("q1", person, "谁负责短视频？", ""))
    await asyncio.gather(*mode._latest.values())
    [call] = schema.calls
    assert isinstance(call, aiogram.methods.AnswerInlineQuery)
    for result in call.results:  # core.telegram.org/bots/api#inlinequeryresult
        assert 1 <= len(result.id.encode()) <= 64


async def test_of_keys_pressed_one_after_another_only_the_last_state_is_answered(
    bot: telegram.Bot, schema: Schema
) -> None:
    looked_up: list[str] = []

    async def ask(question: str) -> Reply | None:
        looked_up.append(question)
        return REPLIES[0]

    mode = InlineMode(bot, ask, CATALOGUE, RateLimit(per_second=1, burst=5, clock=lambda: 0.0))
    person = telegram.User(7, "张三", False)
    for end in range(1, 7):  # the sixth is over the limit
        mode.take(telegram.InlineQuery(f"q{end}", person, "谁负责短视频"[:end], ""))
    await asyncio.gather(*mode._latest.values())
    assert looked_up == ["谁负责短视"]
    assert [call.inline_query_id for call in schema.calls] == ["q5"]  # type: ignore[attr-defined]


def received(**what: Any) -> Update | None:
    """An update as aiogram writes it, as we read it."""
    written = types.Update(update_id=5, **what).model_dump_json(exclude_none=True, by_alias=True)
    update = telegram.Update.de_json(json.loads(written), None)
    return read_update(update, ME, NOON, lambda _, data: Pressed(data))


def message(chat: types.Chat = PRIVATE, **content: Any) -> types.Message:
    return types.Message(message_id=9, date=NOON, chat=chat, from_user=PERSON, **content)


FILE = types.Document(file_id="f", file_unique_id="u", file_name="通知.docx")
COMMAND = types.MessageEntity(type="bot_command", offset=0, length=4)
STATUS = {"user": types.User(id=666, is_bot=True, first_name="策问")}


@pytest.mark.parametrize(
    ("what", "kind", "text", "payload"),
    [
        ({"message": message(text="谁负责？")}, UpdateKind.TEXT, "谁负责？", ""),
        ({"message": message(text="/ask 谁？", entities=[COMMAND])}, UpdateKind.COMMAND, "谁？", "ask"),
        ({"message": message(document=FILE)}, UpdateKind.FILE, "通知.docx", "f"),
        ({"message": message(location=types.Location(latitude=29.5, longitude=106.5))}, UpdateKind.LOCATION, "", "29.5,106.5"),
        ({"message": message(sticker=types.Sticker(file_id="f", file_unique_id="u", type="regular", width=1, height=1, is_animated=False, is_video=False))}, UpdateKind.OTHER, "", ""),
        ({"edited_message": message(text="谁？", edit_date=int(NOON.timestamp()) + 9)}, UpdateKind.TEXT, "谁？", ""),
        ({"callback_query": types.CallbackQuery(id="1", from_user=PERSON, chat_instance="1", data="更多", message=message())}, UpdateKind.BUTTON, "更多", ""),
        ({"my_chat_member": types.ChatMemberUpdated(chat=PRIVATE, from_user=PERSON, date=NOON, old_chat_member=types.ChatMemberMember(**STATUS), new_chat_member=types.ChatMemberBanned(**STATUS, until_date=NOON))}, UpdateKind.UNFOLLOW, "", ""),
        ({"my_chat_member": types.ChatMemberUpdated(chat=GROUP, from_user=PERSON, date=NOON, old_chat_member=types.ChatMemberLeft(**STATUS), new_chat_member=types.ChatMemberMember(**STATUS))}, UpdateKind.FOLLOW, "", ""),
    ],
)  # fmt: skip
def test_what_aiogram_writes_is_read_as_what_it_is(
    what: dict[str, Any], kind: UpdateKind, text: str, payload: str
) -> None:
    update = received(**what)
    assert update is not None
    assert (update.kind, update.text, update.payload) == (kind, text, payload)


def test_a_topic_and_a_reply_to_the_bot_are_read_as_aiogram_writes_them() -> None:
    said = types.Message(message_id=4, date=NOON, chat=GROUP, from_user=STATUS["user"], text="答")
    update = received(message=message(GROUP, text="那电话呢？", reply_to_message=said, message_thread_id=3, is_topic_message=True))  # fmt: skip
    assert update is not None
    assert (update.chat, update.text, update.is_private) == ("-100:3", "那电话呢？", False)
