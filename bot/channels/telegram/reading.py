"""From Telegram's updates to ours: pure functions, no network.

In a group the bot hears only what is meant for it: its commands, mentions of its name, replies to it. What is
sent through its own inline mode, or by another bot, is no question.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import telegram
from telegram.constants import ChatMemberStatus, ChatType, MessageEntityType
from telegram.ext.filters import StatusUpdate

from bot.channels.model import Update, UpdateKind
from bot.channels.telegram.buttons import Pressed
from bot.channels.telegram.menu import COMMANDS

EDITS_HEARD = timedelta(minutes=15)
"""How long after a message was sent a correction of it is answered."""

_GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)
_GONE = (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED)
_COMMAND = re.compile(r"/(?P<name>\w+)(?:@(?P<bot>\w+))?\s*(?P<rest>.*)", re.DOTALL | re.ASCII)

Press = Callable[[str, str], Pressed | None]
"""What a button with some data in a chat stands for."""


def read_update(
    update: telegram.Update, me: telegram.User, received_at: datetime, press: Press
) -> Update | None:
    """What a person did, or None where nothing is due: channel posts, group talk not meant for the bot.

    `me` is the bot's own account; `received_at` is aware, in UTC.
    """
    if update.message:
        return _read_message(update, update.message, me, received_at)
    if update.edited_message and _is_heard(update.edited_message):
        return _read_message(update, update.edited_message, me, received_at)
    if update.callback_query:
        return _read_button(update, update.callback_query, received_at, press)
    if update.my_chat_member:
        return _read_standing(update, update.my_chat_member, received_at)
    return None


def address(chat: str) -> tuple[int, int | None]:
    """Chat id and topic of an Update's `chat`."""
    chat_id, _, topic = chat.partition(":")
    return int(chat_id), int(topic) if topic else None


def _is_heard(edited: telegram.Message) -> bool:
    """Whether a correction is one of words, and in time; a live location is corrected all the time."""
    return bool(edited.text and edited.edit_date and edited.edit_date - edited.date <= EDITS_HEARD)


def _read_message(
    update: telegram.Update, message: telegram.Message, me: telegram.User, received_at: datetime
) -> Update | None:
    if StatusUpdate.ALL.check_update(update):  # joined, pinned, renamed: nobody said anything
        return None
    if message.via_bot or (message.from_user and message.from_user.is_bot):
        return None
    text = _without_mentions(message, me)
    in_group = message.chat.type in _GROUPS
    command = _COMMAND.fullmatch(message.text or "") if _is_command(message) else None
    if command:
        name, bot = command["name"].lower(), (command["bot"] or "").lower()
        ours = bot == (me.username or "").lower() if bot else name in COMMANDS
        if in_group and not ours:
            return None
        return _update(update, UpdateKind.COMMAND, received_at, command["rest"].strip(), name)
    if in_group and text is None and not _is_answer_to(message, me):
        return None
    said = (message.text or "") if text is None else text
    return _read_content(update, message, received_at, said)


def _read_content(
    update: telegram.Update, message: telegram.Message, received_at: datetime, said: str
) -> Update | None:
    if message.text is not None:
        return _update(update, UpdateKind.TEXT, received_at, said)
    if message.document:
        name = message.document.file_name or ""
        return _update(update, UpdateKind.FILE, received_at, name, message.document.file_id)
    if message.location:
        where = f"{message.location.latitude},{message.location.longitude}"
        return _update(update, UpdateKind.LOCATION, received_at, payload=where)
    return _update(update, UpdateKind.OTHER, received_at)


def _read_button(
    update: telegram.Update, query: telegram.CallbackQuery, received_at: datetime, press: Press
) -> Update | None:
    found = _update(update, UpdateKind.BUTTON, received_at)
    pressed = press(found.chat, query.data or "") if found else None
    return replace(found, text=pressed.text, payload=pressed.payload) if found and pressed else None


def _read_standing(
    update: telegram.Update, change: telegram.ChatMemberUpdated, received_at: datetime
) -> Update | None:
    """The bot was blocked or unblocked by a person, or put into or out of a group."""
    if change.chat.type == ChatType.CHANNEL:
        return None
    was_in, is_in = (m.status not in _GONE for m in (change.old_chat_member, change.new_chat_member))
    if was_in == is_in:  # rights were changed
        return None
    found = _update(update, UpdateKind.FOLLOW if is_in else UpdateKind.UNFOLLOW, received_at)
    # whoever unblocks the bot has Telegram send /start besides, and that is answered
    waits = is_in and change.chat.type in _GROUPS
    return replace(found, wants_reply=waits) if found else None


def _update(
    update: telegram.Update, kind: UpdateKind, received_at: datetime, text: str = "", payload: str = ""
) -> Update | None:
    user, chat, message = update.effective_user, update.effective_chat, update.effective_message
    if user is None or chat is None:
        return None
    # only a forum's topics are addressed by thread: elsewhere a thread is just a chain of replies
    is_topic = isinstance(message, telegram.Message) and message.is_topic_message
    topic = f":{message.message_thread_id}" if message and is_topic else ""
    return Update(
        channel="telegram",
        member=str(user.id),
        chat=f"{chat.id}{topic}",
        key=str(update.update_id),
        kind=kind,
        received_at=received_at,
        text=text,
        payload=payload,
        message=str(message.message_id) if message else "",
        edited=update.edited_message is not None,
        language=user.language_code or "",
    )


def _is_command(message: telegram.Message) -> bool:
    return any(e.type == MessageEntityType.BOT_COMMAND and e.offset == 0 for e in message.entities)


def _is_answer_to(message: telegram.Message, me: telegram.User) -> bool:
    answered = message.reply_to_message
    return bool(answered and answered.from_user and answered.from_user.id == me.id)


def _without_mentions(message: telegram.Message, me: telegram.User) -> str | None:
    """The text or caption without mentions of the bot; None if there are none."""
    raw = (message.text or message.caption or "").encode("utf-16-le", "surrogatepass")
    kept = raw
    for entity in reversed(message.entities or message.caption_entities):
        start, end = entity.offset * 2, (entity.offset + entity.length) * 2
        name = raw[start:end].decode("utf-16-le", "replace")
        by_name = entity.type == MessageEntityType.MENTION and name.lower() == f"@{me.username}".lower()
        if by_name or (entity.user and entity.user.id == me.id):
            kept = kept[:start] + kept[end:]
    return None if kept == raw else kept.decode("utf-16-le", "replace").strip()
