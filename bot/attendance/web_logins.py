"""One-time logins: a link that the chat gives to a member, and one browser uses once within ten minutes."""

import hashlib
import secrets
from datetime import datetime, timedelta

from bot.members.model import Identity
from bot.store.database import Database, utc_text

LIFETIME = timedelta(minutes=10)


def give(database: Database, who: Identity, now: datetime) -> str:
    """A token for whoever asked; only its digest is kept. Drops those that have expired."""
    token = secrets.token_urlsafe(16)
    database.execute("DELETE FROM web_login WHERE expires_at <= :now", {"now": utc_text(now)})
    database.execute(
        "INSERT INTO web_login (digest, channel, user_id, expires_at) VALUES (:digest, :channel, :user, :until)",
        {
            "digest": _digest(token),
            "channel": who.channel,
            "user": who.user,
            "until": utc_text(now + LIFETIME),
        },
    )
    return token


def use(database: Database, token: str, now: datetime) -> Identity | None:
    """Whose token it is; it serves no second time."""
    rows = database.query(
        "SELECT channel, user_id FROM web_login WHERE digest = :digest AND expires_at > :now",
        {"digest": _digest(token), "now": utc_text(now)},
    )
    touched = database.execute("DELETE FROM web_login WHERE digest = :digest", {"digest": _digest(token)})
    if not rows or touched != 1:
        return None
    return Identity(str(rows[0]["channel"]), str(rows[0]["user_id"]))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
