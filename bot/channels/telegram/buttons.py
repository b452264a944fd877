"""What an inline button carries: signed for one chat, expiring, the same after a restart, at most 64 bytes.

    base64url(expiry ‖ HMAC-SHA256(key, expiry ‖ chat ‖ content)[:8]) ‖ content

Expiry counts minutes since 1970 in four bytes. The content is `t` and a text that counts as typed, `k` and the
key of such a text in the store, where it is too long, or `p` and a payload. (Limit: core.telegram.org/bots/api,
InlineKeyboardButton; Telegram refuses the whole message beyond it.)
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.store.database import Database, utc_text

MAX_DATA = 64
"""Bytes of a button's data."""
LIFETIME = timedelta(days=2)

_SEAL = 16
"""Characters before the content."""
_EXPIRY = 4
_MAC = 8


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a button stands for: a text that counts as typed, or a payload."""

    text: str = ""
    payload: str = ""


class LongTexts:
    """Texts too long for a button, by a key made of them; kept until the last button with them expires."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, text: str, now: datetime) -> str:
        """The key under which the text is kept from now on."""
        key = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:12]).decode()
        with self._database.transaction():
            self._database.execute(
                "DELETE FROM telegram_button WHERE expires_at <= :now", {"now": utc_text(now)}
            )
            self._database.execute(
                "INSERT INTO telegram_button (key, text, expires_at) VALUES (:key, :text, :expires_at)"
                " ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at",
                {"key": key, "text": text, "expires_at": utc_text(now + LIFETIME)},
            )
        return key

    def find(self, key: str) -> str:
        """The text kept under a key; "" if it is there no longer."""
        rows = self._database.query("SELECT text FROM telegram_button WHERE key = :key", {"key": key})
        return str(rows[0]["text"]) if rows else ""


class Buttons:
    """Makes and reads the data of buttons. `key` signs; `clock` gives aware datetimes."""

    def __init__(self, key: bytes, long_texts: LongTexts, clock: Callable[[], datetime]) -> None:
        self._key = key
        self._long_texts = long_texts
        self._clock = clock

    def data(self, chat: str, pressed: Pressed) -> str:
        """The data of a button in a chat. Raises ValueError for a payload of over 47 bytes."""
        now = self._clock()
        content = f"p{pressed.payload}" if pressed.payload else f"t{pressed.text}"
        if _SEAL + len(content.encode()) > MAX_DATA:
            if pressed.payload:
                raise ValueError(f"a button's payload has more than {MAX_DATA - _SEAL - 1} bytes")
            content = f"k{self._long_texts.keep(pressed.text, now)}"
        expiry = int((now + LIFETIME).timestamp() // 60).to_bytes(_EXPIRY)
        seal = expiry + self._mac(expiry, chat, content)
        return base64.urlsafe_b64encode(seal).decode() + content

    def read(self, chat: str, data: str) -> Pressed | None:
        """What a pressed button stands for; None if it has expired, or was not made by us for this chat."""
        head, content = data[:_SEAL], data[_SEAL:]
        try:
            seal = base64.urlsafe_b64decode(head)
        except ValueError:
            return None
        expiry, mac = seal[:_EXPIRY], seal[_EXPIRY:]
        if not hmac.compare_digest(mac, self._mac(expiry, chat, content)):
            return None
        if int.from_bytes(expiry) * 60 <= self._clock().timestamp():
            return None
        match content[:1]:
            case "p":
                return Pressed(payload=content[1:])
            case "t":
                return Pressed(text=content[1:])
            case _:
                text = self._long_texts.find(content[1:])
                return Pressed(text=text) if text else None

    def _mac(self, expiry: bytes, chat: str, content: str) -> bytes:
        signed = b"\0".join((expiry, chat.encode(), content.encode("utf-8", "surrogatepass")))
        return hmac.digest(self._key, signed, "sha256")[:_MAC]
