"""Keys that the program makes for itself and keeps, so that what it has signed outlives a restart."""

import secrets
from datetime import datetime

from bot.store.database import Database, utc_text


def signing_key(database: Database, purpose: str, now: datetime) -> bytes:
    """The 32 bytes kept for a purpose, made at the first call; every process gets the same. `now` is aware."""
    with database.transaction():
        database.execute(
            "INSERT INTO signing_key (purpose, key, made_at) VALUES (:purpose, :key, :now)"
            " ON CONFLICT (purpose) DO NOTHING",
            {"purpose": purpose, "key": secrets.token_hex(32), "now": utc_text(now)},
        )
        [row] = database.query("SELECT key FROM signing_key WHERE purpose = :purpose", {"purpose": purpose})
    return bytes.fromhex(str(row["key"]))
