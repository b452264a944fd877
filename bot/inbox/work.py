"""An update on its way through this process: who waits for its reply, and how far it has come."""

import asyncio
from collections.abc import Callable

from bot.channels.model import Reply, Update
from bot.store.inbox import Key

Chat = tuple[str, str]
"""Channel and chat: what happens in one chat happens in order."""

Listening = Callable[[], bool]
"""Whether the other end of a request is still there."""


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
        self._waiters: dict[asyncio.Future[None], Listening] = {}
        self._alarm: asyncio.TimerHandle | None = None

    @property
    def key(self) -> Key:
        return self.update.channel, self.update.key

    @property
    def chat(self) -> Chat:
        return self.update.channel, self.update.chat

    @property
    def is_awaited(self) -> bool:
        """Whether a request waits for the reply, and its other end has not hung up."""
        return any(is_listening() for is_listening in self._waiters.values())

    async def wait(self, seconds: float | None, is_listening: Listening) -> None:
        """Waits until the reply is there. Raises TimeoutError after `seconds`."""
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()
        timer = None if seconds is None else loop.call_later(seconds, _expire, waiter)
        self._waiters[waiter] = is_listening
        try:
            await waiter
        finally:
            del self._waiters[waiter]
            if timer:
                timer.cancel()

    def settle(self, reply: Reply | None) -> bool:
        """The reply is there: tells those who wait for it, and whether any of them was listening."""
        self.reply, self.is_answered = reply, True
        was_heard = False
        for waiter, is_listening in self._waiters.items():
            if not waiter.done():
                was_heard = is_listening() or was_heard
                waiter.set_result(None)
        return was_heard

    def set_alarm(self, alarm: asyncio.TimerHandle | None) -> None:
        """What happens if nobody asks for the reply for a while; replaces an earlier alarm, None takes it off."""
        if self._alarm:
            self._alarm.cancel()
        self._alarm = alarm


def _expire(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_exception(TimeoutError())
