"""Sends replies, piece by piece; what Telegram answers comes back as a typed outcome, and nothing here waits.

A reply that broke off goes on where it stopped. A chat that Telegram wants left alone is left alone, and no
other. A reply to a corrected message takes the place of the reply to what stood there before.
"""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar

import telegram
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, TelegramError

from bot.channels.delivery import Delivered, Delivery, RetryAt
from bot.channels.model import Choice, Reply, Update, UpdateKind
from bot.channels.telegram.buttons import Buttons, Pressed
from bot.channels.telegram.outcomes import outcome
from bot.channels.telegram.reading import address
from bot.channels.telegram.rendering import Outgoing, outgoing

REMEMBERED = 10_000
"""Chats, replies under way and replies that may be corrected: of each, the latest so many."""

_NO_PREVIEW = telegram.LinkPreviewOptions(is_disabled=True)

K = TypeVar("K")
V = TypeVar("V")


class _Latest(OrderedDict[K, V], Generic[K, V]):
    """A table that forgets its oldest entry."""

    def __setitem__(self, key: K, value: V) -> None:
        super().__setitem__(key, value)
        if len(self) > REMEMBERED:
            self.popitem(last=False)


class Sender:
    """Sends through a bot. `clock` gives aware datetimes in UTC."""

    def __init__(self, bot: telegram.Bot, buttons: Buttons, clock: Callable[[], datetime]) -> None:
        self._bot = bot
        self._buttons = buttons
        self._clock = clock
        self._paused: _Latest[int, RetryAt] = _Latest()
        self._begun: _Latest[str, list[str]] = _Latest()
        self._replied: _Latest[tuple[str, str], str] = _Latest()

    async def deliver(self, update: Update, reply: Reply) -> Delivery:
        """Sends the reply to an update; called again, it goes on with what had not been sent."""
        pieces = self._pieces(update.chat, reply)
        said_before = self._replied.get((update.chat, update.message)) if update.edited else None
        if said_before and len(pieces) == 1 and pieces[0].attachment is None:
            edited = await self._edit(update.chat, said_before, pieces[0])
            if edited is not None:
                return edited
        sent = self._begun[update.key] = self._begun.get(update.key, [])
        answers = int(update.message) if update.message and not update.is_private else None
        for piece in pieces[len(sent) :]:
            result = await self._send_piece(update.chat, piece, answers)
            if not isinstance(result, Delivered):
                return result
            sent.append(result.message)
        self._begun.pop(update.key, None)
        self._remember(update, sent)
        return Delivered(sent[-1] if sent else "")

    async def send(self, chat: str, reply: Reply) -> Delivery:
        """Writes to a chat; the outcome is that of the first piece that could not be sent, or of the last."""
        result: Delivery = Delivered()
        for piece in self._pieces(chat, reply):
            result = await self._send_piece(chat, piece, None)
            if not isinstance(result, Delivered):
                break
        return result

    def _pieces(self, chat: str, reply: Reply) -> list[Outgoing]:
        def data(choice: Choice) -> str:
            return self._buttons.data(chat, Pressed(choice.text, choice.payload))

        return outgoing(reply, data)

    def _remember(self, update: Update, sent: list[str]) -> None:
        """A reply of one message to typed words may have to be corrected with them."""
        if len(sent) == 1 and update.kind in (UpdateKind.TEXT, UpdateKind.COMMAND):
            self._replied[update.chat, update.message] = sent[0]

    async def _send_piece(self, chat: str, piece: Outgoing, answers: int | None) -> Delivery:
        chat_id, topic = address(chat)
        paused = self._paused.get(chat_id)
        if paused and paused.moment > self._clock():
            return paused
        try:
            return await self._post(chat_id, topic, piece, answers)
        except ChatMigrated as moved:
            return await self._after_migration(moved.new_chat_id, piece)
        except TelegramError as error:
            return self._failed(chat_id, error)

    async def _after_migration(self, chat_id: int, piece: Outgoing) -> Delivery:
        """The group has become a supergroup: it has another id, and its messages have other numbers."""
        try:
            return await self._post(chat_id, None, piece, None)
        except TelegramError as error:
            return self._failed(chat_id, error)

    def _failed(self, chat_id: int, error: TelegramError) -> Delivery:
        result = outcome(error, self._clock())
        if isinstance(result, RetryAt):
            self._paused[chat_id] = result
        return result

    async def _post(self, chat_id: int, topic: int | None, piece: Outgoing, answers: int | None) -> Delivered:
        """One message; where Telegram can't read our markup the text goes plain. Raises TelegramError."""
        try:
            return await self._post_as(ParseMode.HTML, chat_id, topic, piece, answers)
        except BadRequest as error:
            if "entities" not in error.message:
                raise
            return await self._post_as(None, chat_id, topic, piece, answers)

    async def _post_as(
        self, mode: ParseMode | None, chat_id: int, topic: int | None, piece: Outgoing, answers: int | None
    ) -> Delivered:
        text = piece.html if mode else piece.text
        answered = telegram.ReplyParameters(answers, allow_sending_without_reply=True) if answers else None
        common: dict[str, Any] = {
            "parse_mode": mode,
            "message_thread_id": topic,
            "reply_markup": piece.buttons,
            "reply_parameters": answered,
        }
        file = piece.attachment
        if file is None:
            sent = await self._bot.send_message(chat_id, text, link_preview_options=_NO_PREVIEW, **common)
        elif file.is_picture:
            sent = await self._bot.send_photo(chat_id, file.content, caption=text or None, **common)
        else:
            sent = await self._bot.send_document(
                chat_id, file.content, caption=text or None, filename=file.name, **common
            )
        return Delivered(str(sent.message_id))

    async def _edit(self, chat: str, message: str, piece: Outgoing) -> Delivery | None:
        """Puts a piece in place of a message of ours; None if that can't be edited any more."""
        chat_id, _ = address(chat)
        try:
            await self._bot.edit_message_text(
                piece.html,
                chat_id,
                int(message),
                parse_mode=ParseMode.HTML,
                reply_markup=piece.buttons,
                link_preview_options=_NO_PREVIEW,
            )
        except BadRequest as error:
            return Delivered(message) if "not modified" in error.message else None
        except TelegramError as error:
            return self._failed(chat_id, error)
        return Delivered(message)
