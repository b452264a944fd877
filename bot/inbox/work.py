"""An update on its way through this process: who waits for its reply, and how far it has come."""

import asyncio

from bot.channels.model import Reply, Update
from bot.store.inbox import Key

Chat = tuple[str, str]
"""Channel and chat: what happens in one chat happens in order."""


class Work:
    """An update under way. Belongs to the inbox, which alone changes it."""

    def __init__(self, update: Update) -> None:
        self.update = update
        self.tries = 1  # deliveries by the platform so far
        self.stored = asyncio.Event()
        self.fault: Exception | None = None  # why it could not be stored
        self.reply: Reply | None = None
        self.is_answered = False
        self.is_handed_over = False  # the messenger is to deliver the reply
        self.is_done = False  # nothing more is owed: the row is closed
        self._waiters: set[asyncio.Future[None]] = set()
        self._alarm: asyncio.TimerHandle | None = None

    @property
    def key(self) -> Key:
        return self.update.channel, self.update.key

    @property
    def chat(self) -> Chat:
        return self.update.channel, self.update.chat

    @property
    def is_awaited(self) -> bool:
        """Whether a request waits for the reply."""
        return bool(self._waiters)

    async def wait(self, seconds: float | None) -> None:
        """Waits until the reply is there. Raises TimeoutError after `seconds`."""
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()
        timer = None if seconds is None else loop.call_later(seconds, _expire, waiter)
        self._waiters.add(waiter)
        try:
            await waiter
        finally:
            self._waiters.discard(waiter)
            if timer:
                timer.cancel()

    def settle(self, reply: Reply | None) -> bool:
        """The reply is there: tells those who wait for it, and whether there were any."""
        self.reply, self.is_answered = reply, True
        waiting = [waiter for waiter in self._waiters if not waiter.done()]
        for waiter in waiting:
            waiter.set_result(None)
        return bool(waiting)

    def set_alarm(self, alarm: asyncio.TimerHandle | None) -> None:
        """What happens if nobody asks for the reply for a while; replaces an earlier alarm, None takes it off."""
        if self._alarm:
            self._alarm.cancel()
        self._alarm = alarm


def _expire(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_exception(TimeoutError())
