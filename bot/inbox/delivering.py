"""Sends a reply through a channel's messenger, and again where the platform asks for time."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.channels.delivery import Delivery, NotAllowed, RetryAt, Unclear
from bot.channels.model import Messenger, Reply, Update
from bot.faults import quiet_traceback

LONGEST_WAIT = timedelta(minutes=1)
"""How long a chat waits for a platform that wants its time."""
UNCLEAR_WAIT = 2.0
"""Seconds before a message is sent again of which nobody knows whether it arrived: rather twice than never."""
MAX_SENDINGS = 5

log = logging.getLogger(__name__)


async def deliver(
    messenger: Messenger | None, update: Update, reply: Reply, clock: Callable[[], datetime]
) -> Delivery:
    """What became of the reply in the end; `clock` gives aware datetimes."""
    outcome = await _send(messenger, update, reply)
    for _ in range(MAX_SENDINGS - 1):
        match outcome:
            case RetryAt(moment) if moment - clock() <= LONGEST_WAIT:
                await asyncio.sleep(max(0.0, (moment - clock()).total_seconds()))
            case Unclear():
                await asyncio.sleep(UNCLEAR_WAIT)
            case _:
                break
        outcome = await _send(messenger, update, reply)
    return outcome


async def _send(messenger: Messenger | None, update: Update, reply: Reply) -> Delivery:
    if messenger is None:
        return NotAllowed("这个渠道不能主动发消息")
    try:
        return await messenger.deliver(update, reply)
    except Exception as error:  # a fault of the channel's: the reply is kept, the log gets the place
        log.error("a reply on %s was not sent\n%s", update.channel, quiet_traceback(error))
        return NotAllowed(type(error).__name__)
