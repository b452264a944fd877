"""Each update is handled once, in order within its chat, however often the platform delivers it.

A redelivery that comes while the first is being answered waits for the same reply; one that comes later gets
the reply that was kept. Only the update's key and the reply are kept, for a day: never who asked, nor what.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from bot.channels.model import Choice, Reply, Responder, Update
from bot.faults import quiet_traceback
from bot.store.database import Database, utc_text

KEPT = timedelta(hours=24)

log = logging.getLogger(__name__)


class Inbox:
    """Wraps a responder; `respond` is a Responder itself. `clock` gives aware datetimes."""

    def __init__(
        self, responder: Responder, database: Database, *, apology: str, clock: Callable[[], datetime]
    ) -> None:
        self._responder = responder
        self._database = database
        self._apology = Reply(apology)
        self._clock = clock
        self._running: dict[tuple[str, str], asyncio.Task[Reply | None]] = {}
        self._chats: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def respond(self, update: Update) -> Reply | None:
        """The reply to the update, the same one for each redelivery; the apology if it could not be made.

        A caller that gives up waiting doesn't stop the work: the platform's next try finds it done.
        """
        name = (update.channel, update.key)
        task = self._running.get(name)
        if task is None:
            task = asyncio.create_task(self._answer(update))
            self._running[name] = task
            task.add_done_callback(lambda _: self._running.pop(name, None))
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Waits for what is still being answered; call it before the database is closed."""
        if self._running:
            await asyncio.wait(self._running.values())

    async def _answer(self, update: Update) -> Reply | None:
        # a lock lives as long as a task holds or awaits it: the table forgets idle chats by itself
        async with self._chats.setdefault((update.channel, update.chat), asyncio.Lock()):
            try:
                kept = self._kept(update)
                if kept is None:
                    kept = self._keep(update, await self._responder(update))
                return _reply(kept)
            except Exception as error:  # whatever it was, the member is owed a sentence and the log the place
                log.error(
                    "no reply to a %s update on %s\n%s", update.kind, update.channel, quiet_traceback(error)
                )
                return self._apology

    def _kept(self, update: Update) -> str | None:
        rows = self._database.query(
            "SELECT reply FROM inbox WHERE channel = :channel AND key = :key AND replied_at > :oldest",
            {"channel": update.channel, "key": update.key, "oldest": utc_text(self._clock() - KEPT)},
        )
        return str(rows[0]["reply"]) if rows else None

    def _keep(self, update: Update, reply: Reply | None) -> str:
        """Stores the reply and drops those of yesterday; gives what is stored, be it another process's."""
        now = self._clock()
        values = {"channel": update.channel, "key": update.key, "reply": _json(reply), "now": utc_text(now)}
        with self._database.transaction():
            self._database.execute(
                "DELETE FROM inbox WHERE replied_at <= :oldest", {"oldest": utc_text(now - KEPT)}
            )
            self._database.execute(
                "INSERT INTO inbox (channel, key, reply, replied_at) VALUES (:channel, :key, :reply, :now)"
                " ON CONFLICT (channel, key) DO NOTHING",
                values,
            )
            return str(self._kept(update))


def _json(reply: Reply | None) -> str:
    """A reply as it is stored; null says that none was due."""
    if reply is None:
        return "null"
    choices = [[c.label, c.text] for c in reply.choices]
    return json.dumps({"text": reply.text, "choices": choices, "source": reply.source})


def _reply(stored: str) -> Reply | None:
    fields = json.loads(stored)
    if fields is None:
        return None
    return Reply(
        fields["text"], tuple(Choice(label, text) for label, text in fields["choices"]), fields["source"]
    )
