"""Between the official account's XML and the model: pure functions, nothing of signatures or encryption."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from bot.channels.model import Choice, Update, UpdateKind
from bot.channels.tencent.callback import Asked
from bot.channels.tencent.place import to_wgs84
from bot.channels.tencent.xml import Document, cdata, clean, parse

CHANNEL = "wechat"

_SCENE = "qrscene_"
_BREAKS_A_LINK = re.compile(r"[&\"'<>#%+=?\s]")


@dataclass(frozen=True, slots=True)
class Consent:
    """A member's answer for one template of subscription messages, or a message that used one up.

    `change` is 1 for one message more that they allow, -1 for one that was sent, None if they take back all.
    `key` is the same for every redelivery.
    """

    key: str
    member: str
    template: str
    change: int | None


@dataclass(frozen=True, slots=True)
class Consents:
    """What one event tells of consents."""

    changes: tuple[Consent, ...]


@dataclass(frozen=True, slots=True)
class MassResult:
    """A mass sending has ended. The numbers are followers; `status` is the platform's, `send success` if well."""

    job: str
    status: str
    total: int
    filtered: int
    sent: int
    failed: int


Received = Asked | Consents | MassResult


@dataclass(frozen=True, slots=True)
class _Content:
    kind: UpdateKind
    text: str = ""
    payload: str = ""
    wants_reply: bool = True


def read_message(xml: bytes, received_at: datetime) -> Received:
    """What a member did, or what the platform tells. `received_at` is aware, in UTC. Raises Unreadable."""
    found = parse(xml)
    kind = found.name("MsgType").lower()
    if kind != "event":
        return _asked(found, _message_key(found), _message(kind, found), received_at)
    event = found.get("Event").lower()
    match event:
        case "subscribe_msg_popup_event" | "subscribe_msg_change_event" | "subscribe_msg_sent_event":
            return _consents(event, found)
        case "masssendjobfinish":
            return _mass_result(found)
    return _asked(found, _event_key(found), _event(event, found), received_at)


def render_text(asked: Asked, text: str, sent_at: datetime) -> str:
    """The passive reply in XML; `text` as message_text gives it."""
    return _passive(asked, "text", f"<Content>{cdata(text)}</Content>", sent_at)


def render_picture(asked: Asked, media: str, sent_at: datetime) -> str:
    """The passive reply that is a picture, uploaded before."""
    return _passive(asked, "image", f"<Image><MediaId>{cdata(media)}</MediaId></Image>", sent_at)


def choice_link(number: int, choice: Choice) -> str:
    """A choice that sends its text when it is tapped; just its label where the text would break the link."""
    label = clean(choice.label).replace("<", "＜")
    if _BREAKS_A_LINK.search(choice.text) or not choice.text:
        return label
    address = f"weixin://bizmsgmenu?msgmenucontent={clean(choice.text)}&msgmenuid={number}"
    return f'<a href="{address}">{label}</a>'


def _asked(found: Document, key: str, content: _Content, received_at: datetime) -> Asked:
    member = found.name("FromUserName")
    update = Update(
        channel=CHANNEL,
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


def _message(kind: str, found: Document) -> _Content:
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


def _place(found: Document) -> str:
    """The place that a member picked on the map, in degrees of WGS 84; "" if it is none."""
    try:
        latitude, longitude = to_wgs84(float(found.get("Location_X")), float(found.get("Location_Y")))
    except ValueError:
        return ""
    return f"{latitude:.6f},{longitude:.6f}"


def _event(event: str, found: Document) -> _Content:
    key = found.get("EventKey")
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


def _consents(event: str, found: Document) -> Consents:
    member, once = found.name("FromUserName"), _event_key(found)
    changes = []
    for told in found.each("*/List"):
        template = told.get("TemplateId")
        key = f"{once}:{template}"
        if event == "subscribe_msg_sent_event":
            if told.number("ErrorCode") == 0:
                changes.append(Consent(sent_key(told.get("MsgID")), member, template, -1))
        elif told.get("SubscribeStatusString") == "accept":
            changes.append(Consent(key, member, template, 1))
        elif event == "subscribe_msg_change_event":
            changes.append(Consent(key, member, template, None))
    return Consents(tuple(changes))


def sent_key(message: str) -> str:
    """The key of the consent that a subscription message used up; `message` is its id on the platform."""
    return f"sent:{message}"


def _mass_result(found: Document) -> MassResult:
    return MassResult(
        job=found.get("MsgID"),
        status=found.get("Status"),
        total=found.number("TotalCount"),
        filtered=found.number("FilterCount"),
        sent=found.number("SentCount"),
        failed=found.number("ErrorCount"),
    )


def _message_key(found: Document) -> str:
    return str(found.number("MsgId") or _event_key(found))


def _event_key(found: Document) -> str:
    """An event has no id: who, when, what and which, hashed, as the key is stored for a day.

    The second and the member alone would take a scan and the following that goes with it for one.
    """
    names = ("FromUserName", "MsgType", "Event", "EventKey", "MsgID", "Ticket")
    parts = [str(found.number("CreateTime")), *(found.get(field) for field in names)]
    return "e" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _passive(asked: Asked, kind: str, content: str, sent_at: datetime) -> str:
    return (
        f"<xml><ToUserName>{cdata(asked.update.member)}</ToUserName>"
        f"<FromUserName>{cdata(asked.account)}</FromUserName>"
        f"<CreateTime>{int(sent_at.timestamp())}</CreateTime>"
        f"<MsgType>{cdata(kind)}</MsgType>{content}</xml>"
    )
