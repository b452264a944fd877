"""Between the XML that WeChat and WeCom have in common and the model: pure functions, nothing of encryption."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from bot.channels.model import Update, UpdateKind
from bot.channels.tencent.place import to_wgs84
from bot.channels.tencent.xml import Document, cdata

_SCENE = "qrscene_"


@dataclass(frozen=True, slots=True)
class Asked:
    """An update, and the account it was sent to, which its reply comes from."""

    update: Update
    account: str


@dataclass(frozen=True, slots=True)
class _Content:
    kind: UpdateKind
    text: str = ""
    payload: str = ""
    wants_reply: bool = True


def is_event(found: Document) -> bool:
    """Whether the platform tells what happened, and a member has said nothing. Raises Unreadable."""
    return found.name("MsgType").lower() == "event"


def read_update(found: Document, channel: str, received_at: datetime) -> Asked:
    """What a member did. `received_at` is aware, in UTC. Raises Unreadable."""
    if is_event(found):
        key, content = event_key(found), _event(found)
    else:
        key, content = _message_key(found), _message(found)
    member = found.name("FromUserName")
    update = Update(
        channel=channel,
        member=member,
        chat=member,
        key=key,
        kind=content.kind,
        received_at=received_at,
        text=content.text.strip(),
        payload=content.payload,
        message=found.get("MsgId"),
        wants_reply=content.wants_reply,
    )
    return Asked(update, found.name("ToUserName"))


def event_key(found: Document) -> str:
    """An event has no id: who, when, what and which, hashed, as the key is stored for a day.

    The second and the member alone would take a scan and the following that goes with it for one. Raises Unreadable.
    """
    names = ("FromUserName", "MsgType", "Event", "EventKey", "MsgID", "Ticket")
    parts = [str(found.number("CreateTime")), *(found.get(field) for field in names)]
    return "e" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def render_text(asked: Asked, text: str, sent_at: datetime) -> str:
    """The passive reply in XML; `text` as message_text gives it."""
    return _passive(asked, "text", f"<Content>{cdata(text)}</Content>", sent_at)


def render_picture(asked: Asked, media: str, sent_at: datetime) -> str:
    """The passive reply that is a picture, uploaded before."""
    return _passive(asked, "image", f"<Image><MediaId>{cdata(media)}</MediaId></Image>", sent_at)


def _message_key(found: Document) -> str:
    return str(found.number("MsgId") or event_key(found))


def _message(found: Document) -> _Content:
    kind = found.get("MsgType").lower()
    match kind:
        case "text":
            return _Content(UpdateKind.TEXT, text=found.get("Content"))
        case "voice" if found.get("Recognition"):  # what the platform has heard
            return _Content(UpdateKind.TEXT, text=found.get("Recognition"))
        case "location":
            return _Content(UpdateKind.LOCATION, payload=_place(found))
        case "file":
            return _Content(UpdateKind.FILE, text=found.get("Title"), payload=found.get("MediaId"))
    return _Content(UpdateKind.OTHER, payload=kind)


def _event(found: Document) -> _Content:
    event, key = found.get("Event").lower(), found.get("EventKey")
    match event:
        case "subscribe":  # a new follower; who came by a code brings its scene
            return _Content(UpdateKind.FOLLOW, payload=key.removeprefix(_SCENE))
        case "unsubscribe":
            return _Content(UpdateKind.UNFOLLOW, wants_reply=False)
        case "scan":
            return _Content(UpdateKind.SCAN, payload=key)
        case "scancode_waitmsg":  # a code scanned from the menu
            return _Content(UpdateKind.SCAN, payload=found.inner("ScanCodeInfo/ScanResult"))
        case "click":  # the menu's key counts as typed
            return _Content(UpdateKind.BUTTON, text=key, payload=key)
        case "location":  # sent by the phone every few seconds, not by its owner
            place = f"{found.get('Latitude')},{found.get('Longitude')}"
            return _Content(UpdateKind.LOCATION, payload=place, wants_reply=False)
    return _Content(UpdateKind.OTHER, payload=event, wants_reply=False)  # nobody has said anything


def _passive(asked: Asked, kind: str, content: str, sent_at: datetime) -> str:
    return (
        f"<xml><ToUserName>{cdata(asked.update.member)}</ToUserName>"
        f"<FromUserName>{cdata(asked.account)}</FromUserName>"
        f"<CreateTime>{int(sent_at.timestamp())}</CreateTime>"
        f"<MsgType>{cdata(kind)}</MsgType>{content}</xml>"
    )


def _place(found: Document) -> str:
    """The place that a member picked on the map, in degrees of WGS 84; "" if it is none."""
    try:
        latitude, longitude = to_wgs84(float(found.get("Location_X")), float(found.get("Location_Y")))
    except ValueError:
        return ""
    return f"{latitude:.6f},{longitude:.6f}"
