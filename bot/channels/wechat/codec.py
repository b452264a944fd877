"""Between the platform's XML and the model: pure functions, nothing of signatures or encryption.

Text of others stands in CDATA, where "]]>" would end it and let what follows become markup; control characters
would make the whole document unreadable. Both are made harmless on the way in and on the way out.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wechatpy import parse_message
from wechatpy.events import (
    BaseEvent,
    ClickEvent,
    LocationEvent,
    ScanEvent,
    SubscribeEvent,
    SubscribeScanEvent,
    UnsubscribeEvent,
    ViewEvent,
)
from wechatpy.messages import LocationMessage, TextMessage

from bot.channels.model import Reply, Update, UpdateKind
from bot.channels.wechat.envelope import Unreadable
from bot.channels.wechat.limits import MAX_TEXT_BYTES

MAX_NAME = 128
"""Characters of an openid or account name that are believed; real ones have 28 or fewer."""

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ENDS = tuple(re.compile(p, re.DOTALL) for p in (r".*\n", r".*(?:[。！？；…][”’」』）]*|[.!?;]\s)"))
"""Where a text is cut best: after a line, else after a sentence."""


@dataclass(frozen=True, slots=True)
class Received:
    """An update, and what its reply needs: the account it was sent to, and whether the member waits for one."""

    update: Update
    account: str
    wants_reply: bool


@dataclass(frozen=True, slots=True)
class _Content:
    kind: UpdateKind
    text: str = ""
    payload: str = ""
    wants_reply: bool = True


def read_message(xml: str, received_at: datetime) -> Received:
    """What a member did, or what the platform tells. `received_at` is aware, in UTC. Raises Unreadable."""
    try:
        return _received(parse_message(_clean(xml)), received_at)
    except Exception as error:  # wechatpy raises a dozen types, some only when a field is read
        raise Unreadable(type(error).__name__) from None


def message_text(reply: Reply) -> str:
    """The reply as one text of at most MAX_TEXT_BYTES, the choices numbered below; "" where nothing is to be said."""
    text = _clean(reply.text).strip()
    source = f"\n{_clean(reply.source)}" if reply.source else ""
    choices = "".join(f"\n{n}. {_clean(choice.label)}" for n, choice in enumerate(reply.choices, 1))
    length = len(choices.encode())
    if length > MAX_TEXT_BYTES // 2:
        return cut(text + source + choices, MAX_TEXT_BYTES)
    room = MAX_TEXT_BYTES - length - len(source.encode())
    if room < MAX_TEXT_BYTES // 4:
        return cut(text + source, MAX_TEXT_BYTES - length) + choices
    return cut(text, room) + source + choices


def cut(text: str, limit: int) -> str:
    """The text, or as much as fits into `limit` bytes of UTF-8 (at least 3) with an ellipsis.

    It ends after a line or a sentence if that costs no more than a quarter.
    """
    encoded = text.encode()
    if len(encoded) <= limit:
        return text
    fits = encoded[: limit - len("…".encode())].decode("utf-8", "ignore")
    for end in _ENDS:
        found = end.match(fits)
        if found and found.end() > len(fits) * 3 // 4:
            return found[0].rstrip() + "…"
    return fits + "…"


def render_text(received: Received, text: str, sent_at: datetime) -> str:
    """The passive reply in XML; `text` as message_text gives it."""
    return (
        f"<xml><ToUserName>{_cdata(received.update.member)}</ToUserName>"
        f"<FromUserName>{_cdata(received.account)}</FromUserName>"
        f"<CreateTime>{int(sent_at.timestamp())}</CreateTime>"
        f"<MsgType>{_cdata('text')}</MsgType><Content>{_cdata(text)}</Content></xml>"
    )


def _received(message: Any, received_at: datetime) -> Received:
    content = _content(message)
    member = _name(message.source)
    update = Update(
        channel="wechat",
        member=member,
        chat=member,
        key=_key(message),
        kind=content.kind,
        received_at=received_at,
        text=content.text.strip(),
        payload=content.payload,
    )
    return Received(update, _name(message.target), content.wants_reply)


def _content(message: Any) -> _Content:
    match message:
        case TextMessage():
            return _Content(UpdateKind.TEXT, text=_string(message.content))
        case LocationMessage():
            return _Content(UpdateKind.LOCATION, payload=f"{message.location_x},{message.location_y}")
        case SubscribeScanEvent():  # a new follower, who came by a code: the scene goes with it
            return _Content(UpdateKind.FOLLOW, payload=_string(message.scene_id))
        case SubscribeEvent():
            return _Content(UpdateKind.FOLLOW)
        case ScanEvent():
            return _Content(UpdateKind.SCAN, payload=_string(message.scene_id))
        case ClickEvent():  # the menu's key counts as typed
            key = _string(message.key)
            return _Content(UpdateKind.BUTTON, text=key, payload=key)
        case UnsubscribeEvent():
            return _Content(UpdateKind.UNFOLLOW, wants_reply=False)
        case LocationEvent():  # sent by the phone every few seconds, not by its owner
            place = f"{message.latitude},{message.longitude}"
            return _Content(UpdateKind.LOCATION, payload=place, wants_reply=False)
        case ViewEvent():
            return _Content(UpdateKind.OTHER, payload=_string(message.url), wants_reply=False)
    if _is_event(message):  # jobs that ended, consents, devices: nobody has said anything
        return _Content(UpdateKind.OTHER, wants_reply=False)
    is_file = message._data["MsgType"].lower() == "file"
    return _Content(UpdateKind.FILE if is_file else UpdateKind.OTHER)


def _is_event(message: Any) -> bool:
    return isinstance(message, BaseEvent) or message._data["MsgType"].lower() == "event"


def _key(message: Any) -> str:
    """A message has an id. An event has none: who, when, what and which, hashed, as the key is stored for a day."""
    sent = int(message.time)
    if message.id and not _is_event(message):
        return str(int(message.id))
    fields = message._data
    names = ("FromUserName", "MsgType", "Event", "EventKey", "MsgID")
    parts = [str(sent), *(str(fields.get(name) or "") for name in names)]
    return "e" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _name(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_NAME:
        raise ValueError("not a name")
    return value


def _string(value: Any) -> str:
    """A field's text; an empty or blank element is None."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError("an element where text belongs")
    return value


def _clean(text: str) -> str:
    """Without what no XML can carry."""
    return _NOT_XML.sub("", text)


def _cdata(text: str) -> str:
    return f"<![CDATA[{_clean(text).replace(']]>', ']]]]><![CDATA[>')}]]>"
