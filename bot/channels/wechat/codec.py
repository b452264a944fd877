"""What the official account's XML tells beyond updates, and its links in texts: pure functions."""

import re
from dataclasses import dataclass
from datetime import datetime

from bot.channels.model import Choice
from bot.channels.tencent.updates import Asked, event_key, is_event, read_update
from bot.channels.tencent.xml import Document, clean, parse

CHANNEL = "wechat"

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


def read_message(xml: bytes, received_at: datetime) -> Received:
    """What a member did, or what the platform tells. `received_at` is aware, in UTC. Raises Unreadable."""
    found = parse(xml)
    if is_event(found):
        event = found.get("Event").lower()
        if event.startswith("subscribe_msg_"):
            return _consents(event, found)
        if event == "masssendjobfinish":
            return _mass_result(found)
    return read_update(found, CHANNEL, received_at)


def sent_key(message: str) -> str:
    """The key of the consent that a subscription message used up; `message` is its id on the platform."""
    return f"sent:{message}"


def choice_link(number: int, choice: Choice) -> str:
    """A choice that sends its text when it is tapped; just its label where the text would break the link."""
    label = clean(choice.label).replace("<", "＜")
    if _BREAKS_A_LINK.search(choice.text) or not choice.text:
        return label
    address = f"weixin://bizmsgmenu?msgmenucontent={clean(choice.text)}&msgmenuid={number}"
    return f'<a href="{address}">{label}</a>'


def _consents(event: str, found: Document) -> Consents:
    member, once = found.name("FromUserName"), event_key(found)
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


def _mass_result(found: Document) -> MassResult:
    return MassResult(
        job=found.get("MsgID"),
        status=found.get("Status"),
        total=found.number("TotalCount"),
        filtered=found.number("FilterCount"),
        sent=found.number("SentCount"),
        failed=found.number("ErrorCount"),
    )
