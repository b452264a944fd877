"""Tells participants what is due: reminders, changes, seats that came free; and forgets what is old.

Each message goes to one of the member's channels, the one that may be written to most freely; where none may be now,
it is dropped: a reminder that comes with the next contact comes too late.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import assert_never

from bot.attendance import messages
from bot.attendance.holdings import forget_old
from bot.attendance.messages import Due
from bot.channels.delivery import (
    Delivered,
    Gone,
    NoConsent,
    NoQuota,
    NotAllowed,
    Rejected,
    RetryAt,
    Unclear,
    WindowClosed,
)
from bot.channels.model import Messenger, Reply, WritesFirst
from bot.desk.saying import message_text
from bot.faults import quiet_traceback
from bot.phrasebook import Phrasebook
from bot.store.database import Database
from bot.store.writer import Writer

LOOK_SECONDS = 20.0
PAUSE = 0.05
"""Seconds between two messages: no platform's limit is near."""
LOOKS_TO_TIDY = 180
LATEST = timedelta(minutes=10)
"""A platform that wants more time than this is not waited for longer."""
_ORDER = {WritesFirst.KNOWN: 0, WritesFirst.RECENT: 1}

log = logging.getLogger(__name__)


class Notifier:
    """Looks for what is due and sends it."""

    def __init__(
        self,
        writer: Writer,
        messengers: Mapping[str, Messenger],
        phrases: Phrasebook,
        clock: Callable[[], datetime],
    ) -> None:
        self._writer = writer
        self._messengers = messengers
        self._phrases = phrases
        self._clock = clock

    async def run(self) -> None:
        """Looks and sends until it is cancelled."""
        count = 0
        while True:
            try:
                await self.look()
                if count % LOOKS_TO_TIDY == 0:
                    await self._writer.write(self._forget)
            except Exception as error:  # the store or a channel may be well again at the next look
                log.error("participants could not be told\n%s", quiet_traceback(error))
            count += 1
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> int:
        """Sends all that is due; gives how many messages were taken up."""
        taken = 0
        while due := await self._writer.write(self._claim):
            taken += len(due)
            for one in due:
                await self._tell(one)
                await asyncio.sleep(PAUSE)
        return taken

    def _claim(self, database: Database) -> list[Due]:
        now = self._clock()
        messages.remind(database, now)
        return messages.claim(database, now)

    def _forget(self, database: Database) -> int:
        return forget_old(database, self._clock())

    async def _tell(self, due: Due) -> None:
        """Tells somebody on the first of their channels that takes it."""
        known = [
            (identity, messenger)
            for identity in due.identities
            if (messenger := self._messengers.get(identity.channel))
            and messenger.capabilities.writes_first in _ORDER
        ]
        known.sort(key=lambda one: _ORDER[one[1].capabilities.writes_first])
        for identity, messenger in known:
            text = message_text(due.kind, due.lecture, self._phrases.written_to(identity))
            outcome = await messenger.send(identity.user, Reply(text))
            match outcome:
                case Delivered() | Unclear():
                    return await self._finish(due, "sent")
                case RetryAt(moment):
                    return await self._postpone(due, moment)
                case Gone() | WindowClosed() | NoQuota() | NoConsent() | NotAllowed() | Rejected():
                    continue
                case _:
                    assert_never(outcome)
        await self._finish(due, "unreachable")

    async def _finish(self, due: Due, outcome: str) -> None:
        now = self._clock()
        await self._writer.write(lambda database: messages.finish(database, due, outcome, now))

    async def _postpone(self, due: Due, moment: datetime) -> None:
        until = min(moment, self._clock() + LATEST)
        await self._writer.write(lambda database: messages.postpone(database, due, until))
