"""Fetches updates by long polling. An update is confirmed to Telegram only once it has been stored.

python-telegram-bot's own updater confirms what it has fetched, stored or not, and gives up a whole batch for one
update that it can't read; so the fetching is ours, the transport the library's.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import urlencode

import telegram
from telegram.error import TelegramError

SECONDS = 25
"""How long Telegram may hold a request while there is nothing new."""
SLACK = 10.0
"""Seconds beyond that before the connection counts as dead."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds between tries after a failure, doubled each time."""

Take = Callable[[dict[str, Any]], Awaitable[None]]
"""Stores one update as Telegram sent it; whatever it raises, the update is fetched again."""


class Polling:
    """Fetches until it is cancelled. `report` is told each failure to fetch or to store, and None once all is well."""

    def __init__(
        self,
        bot: telegram.Bot,
        allowed: Sequence[str],
        take: Take,
        report: Callable[[Exception | None], None],
    ) -> None:
        self._address = f"{bot.base_url}/getUpdates"
        self._request = bot.request
        self._allowed = json.dumps(allowed)
        self._take = take
        self._report = report
        self._offset = 0

    async def run(self) -> None:
        """Never returns."""
        pause = FIRST_PAUSE
        while True:
            try:
                await self._fetch()
            except Exception as error:  # whatever it was: the network, Telegram, the store; polling goes on
                self._report(error)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                self._report(None)
                pause = FIRST_PAUSE

    async def _fetch(self) -> None:
        """One request: confirms what is stored, and stores what is new, in its order."""
        query = {"timeout": SECONDS, "allowed_updates": self._allowed}
        if self._offset:
            query["offset"] = self._offset
        fetched = await self._request.post(
            f"{self._address}?{urlencode(query)}", read_timeout=SECONDS + SLACK
        )
        if not isinstance(fetched, list):
            raise TelegramError("getUpdates gave no list")
        outcomes = await asyncio.gather(*map(self._take, fetched), return_exceptions=True)
        for update, failure in zip(fetched, outcomes, strict=True):
            if failure is not None:
                raise failure
            self._offset = update["update_id"] + 1
