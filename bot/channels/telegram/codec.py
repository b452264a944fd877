"""Between Telegram's updates and ours: pure functions, no network.

In a group the bot answers only what is meant for it: its commands, mentions of its name, replies to it.
Telegram counts text in UTF-16 units: 4,096 a message once entities are parsed, so text is split first and
escaped after. (Limits: core.telegram.org/bots/api, read through python-telegram-bot 22.8; not tried live.)
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import telegram
from telegram.constants import ChatMemberStatus, ChatType, MessageEntityType
from telegram.ext.filters import StatusUpdate

from bot.channels.model import Choice, Reply, Update, UpdateKind

MAX_UNITS = 4096
"""UTF-16 units of one message."""
MAX_CALLBACK_BYTES = 64

COMMANDS = {"start": "开始使用", "ask": "提问，例如：/ask 报名截止到哪天", "help": "使用说明"}

_GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)
_GONE = (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED)
_COMMAND = re.compile(r"/(?P<name>\w+)(?:@(?P<bot>\w+))?\s*(?P<rest>.*)", re.DOTALL | re.ASCII)
_ENDS = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (r".*\n\s*\n", r".*\n", r".*(?:[。！？；…][”’」』）]*|[.!?;]\s)", r".*\s")
)
"""Where text may be cut, best first: after a paragraph, a line, a sentence, a word."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to send: plain text of at most MAX_UNITS, and the buttons below it."""

    text: str
    buttons: telegram.InlineKeyboardMarkup | None = None

    @property
    def html(self) -> str:
        return html.escape(self.text, quote=False)


def read_update(update: telegram.Update, me: telegram.User, received_at: datetime) -> Update | None:
    """What a person did, or None where nothing is due: edits, channel posts, group talk not meant for the bot.

    `me` is the bot's own account; `received_at` is aware, in UTC.
    """
    if update.message:
        return _read_message(update, update.message, me, received_at)
    if update.callback_query:
        return _read_button(update, update.callback_query, received_at)
    if update.my_chat_member and update.my_chat_member.chat.type == ChatType.PRIVATE:
        gone = update.my_chat_member.new_chat_member.status in _GONE
        return _update(update, UpdateKind.UNFOLLOW if gone else UpdateKind.FOLLOW, received_at)
    return None


def outgoing(reply: Reply) -> list[Outgoing]:
    """The messages that carry a reply, in order; the choices stand below the last. A blank reply gives none."""
    pieces = [piece for piece in split(_well_formed(reply.whole)) if piece.strip()]
    messages = [Outgoing(piece) for piece in pieces]
    if messages and reply.choices:
        messages[-1] = Outgoing(pieces[-1], _keyboard(reply.choices))
    return messages


def split(text: str, limit: int = MAX_UNITS) -> list[str]:
    """Pieces of at most `limit` UTF-16 units (at least 2) that joined give the text, cut where it ends best."""
    pieces = []
    while text:
        cut = _cut(text, limit)
        pieces.append(text[:cut])
        text = text[cut:]
    return pieces


def address(chat: str) -> tuple[int, int | None]:
    """Chat id and topic of an Update's `chat`."""
    chat_id, _, topic = chat.partition(":")
    return int(chat_id), int(topic) if topic else None


def _read_message(
    update: telegram.Update, message: telegram.Message, me: telegram.User, received_at: datetime
) -> Update | None:
    if StatusUpdate.ALL.check_update(update):  # joined, pinned, renamed: nobody said anything
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
    said = (message.text or message.caption or "") if text is None else text
    return _update(update, _kind(message), received_at, said)


def _kind(message: telegram.Message) -> UpdateKind:
    if message.text is not None:
        return UpdateKind.TEXT
    if message.document:
        return UpdateKind.FILE
    return UpdateKind.LOCATION if message.location else UpdateKind.OTHER


def _read_button(
    update: telegram.Update, query: telegram.CallbackQuery, received_at: datetime
) -> Update | None:
    """A tapped choice: its text stands in the button's data, or, where too long for that, on the button."""
    chosen = (query.data or "").removeprefix("t:")
    if chosen == query.data:
        markup = query.message.reply_markup if isinstance(query.message, telegram.Message) else None
        buttons = [button for row in markup.inline_keyboard for button in row] if markup else []
        chosen = next((button.text for button in buttons if button.callback_data == query.data), "")
    if not chosen:
        return None
    return _update(update, UpdateKind.BUTTON, received_at, chosen, query.data or "")


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


def _keyboard(choices: tuple[Choice, ...]) -> telegram.InlineKeyboardMarkup:
    """A row a choice. Data survives restarts: the text itself, or the number of a button that shows the text."""
    return telegram.InlineKeyboardMarkup([[_button(n, choice)] for n, choice in enumerate(choices)])


def _button(n: int, choice: Choice) -> telegram.InlineKeyboardButton:
    label, text = _well_formed(choice.label), _well_formed(choice.text)
    if len(f"t:{text}".encode()) <= MAX_CALLBACK_BYTES:
        return telegram.InlineKeyboardButton(label, callback_data=f"t:{text}")
    return telegram.InlineKeyboardButton(text, callback_data=f"c:{n}")


def _cut(text: str, limit: int) -> int:
    """The length of the first piece: all that fits, back to the best end that leaves it half full."""
    fits = _fitting(text, limit)
    if fits == len(text):
        return fits
    return next((end for end in _last_ends(text[:fits]) if end > fits // 2), fits)


def _last_ends(window: str) -> Iterator[int]:
    for end in _ENDS:
        if found := end.match(window):
            yield found.end()


def _fitting(text: str, limit: int) -> int:
    """How many leading characters make at most `limit` UTF-16 units."""
    units = 0
    for n, character in enumerate(text[: limit + 1]):
        units += 2 if character > "\uffff" else 1
        if units > limit:
            return n
    return len(text)


def _well_formed(text: str) -> str:
    """Half of a surrogate pair, which no UTF-8 can carry, becomes U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
