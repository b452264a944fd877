"""Updates and replies as the JSON text that the inbox keeps; lone surrogates and bytes survive."""

import base64
import json
from dataclasses import fields
from datetime import datetime
from typing import Any

from bot.channels.model import Attachment, Choice, Reply, Update, UpdateKind
from bot.store.database import utc_text

_NAMES = tuple(field.name for field in fields(Update))


def update_text(update: Update) -> str:
    """The update as text."""
    return json.dumps(
        {
            "channel": update.channel,
            "member": update.member,
            "chat": update.chat,
            "key": update.key,
            "kind": update.kind,
            "received_at": utc_text(update.received_at),
            "text": update.text,
            "payload": update.payload,
            "message": update.message,
            "wants_reply": update.wants_reply,
        }
    )


def read_update(text: str) -> Update:
    """The update again."""
    values = json.loads(text)
    kind, received_at = UpdateKind(values["kind"]), datetime.fromisoformat(values["received_at"])
    known = {name: values[name] for name in _NAMES if name in values}
    return Update(**known | {"kind": kind, "received_at": received_at})


def reply_text(reply: Reply | None) -> str:
    """The reply as text; null says that none was due."""
    if reply is None:
        return "null"
    values: dict[str, Any] = {"text": reply.text, "source": reply.source}
    if reply.choices:
        values["choices"] = [[choice.label, choice.text, choice.payload] for choice in reply.choices]
    if reply.attachment:
        a = reply.attachment
        values["attachment"] = [a.name, a.media_type, base64.b64encode(a.content).decode("ascii")]
    return json.dumps(values)


def read_reply(text: str) -> Reply | None:
    """The reply again."""
    values = json.loads(text)
    if values is None:
        return None
    choices = tuple(Choice(*fields) for fields in values.get("choices", ()))
    attachment = None
    if "attachment" in values:
        name, media_type, content = values["attachment"]
        attachment = Attachment(name, media_type, base64.b64decode(content))
    return Reply(values["text"], choices, values["source"], attachment)
