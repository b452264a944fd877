"""Each update is stored, answered once and in order within its chat, and its reply gets to the member.

A channel has the inbox `take` an update; once that returns the update is stored, and the platform may be told so.
Then either the request waits for the reply (`Receipt.reply`), or the channel lets go of it (`Receipt.hand_over`)
and the inbox has the channel's messenger deliver the reply when it is there. A redelivery attaches to what is
under way, be it in another process. A reply that can't be delivered is kept for the member's next contact. What a
dead process has left open is taken over by another, or at the next start.

Only what is open says who asked what. Of what is done the key is kept for a day, and the reply, which the platform
may ask for again.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

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
from bot.channels.model import Messenger, NotTaken, Receipt, Reply, Responder, Update, UpdateKind
from bot.faults import quiet_traceback
from bot.inbox.delivering import deliver
from bot.inbox.records import read_reply, read_update, reply_text, update_text
from bot.inbox.work import Chat, Listening, Work
from bot.limits import Gate
from bot.store import inbox as table
from bot.store import processes
from bot.store.connection import DatabaseUnusable
from bot.store.database import Database, utc_text
from bot.store.inbox import Key, Row
from bot.store.processes import Process
from bot.store.writer import Writer

MAX_UNDER_WAY = 10_000
SILENCE = 20.0
MAX_TAKEOVERS = 3
"""An update that was under way in more processes that died is answered with the apology."""
WATCH_SECONDS = 0.1
"""How often another process's work is looked at: two processes have nothing in common but the store."""
BEATS_TO_TIDY = 20
GRACE = 10.0
"""Seconds in which the work under way may end when the inbox is closed."""
FETCHING = 2
"""Characters of a text that merely fetches a reply that was kept."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sentences:
    """What the inbox says itself: where no reply could be made, and before one that was kept."""

    apology: str
    earlier: str


class InboxReceipt:
    """The Receipt that an inbox gives."""

    __slots__ = ("_inbox", "_work", "tries")

    def __init__(self, inbox: "Inbox", work: Work, tries: int) -> None:
        self._inbox = inbox
        self._work = work
        self.tries = tries

    async def reply(
        self, seconds: float | None = None, is_listening: Listening = lambda: True
    ) -> Reply | None:
        return await self._inbox.await_reply(self._work, seconds, is_listening)

    def hand_over(self) -> None:
        self._inbox.hand_over(self._work)


class Inbox:
    """Wraps a responder.

    `clock` gives aware datetimes; `process` is who this is among those of the store; `gate` refuses what is over the
    limits. `silence` is how many seconds after its last request a platform asks no more; `max_under_way` how many
    updates are under way at once.
    """

    def __init__(
        self,
        responder: Responder,
        writer: Writer,
        *,
        sentences: Sentences,
        clock: Callable[[], datetime],
        process: Process | None = None,
        gate: Gate | None = None,
        silence: float = SILENCE,
        max_under_way: int = MAX_UNDER_WAY,
    ) -> None:
        self._responder = responder
        self._writer = writer
        self._sentences = sentences
        self._clock = clock
        self._process = process or processes.this_process()
        self._gate = gate
        self._silence = silence
        self._max_under_way = max_under_way
        self._messengers: dict[str, Messenger] = {}
        self._works: dict[Key, Work] = {}
        self._kept: dict[Chat, list[Work]] = {}
        self._last: dict[Chat, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._beating: asyncio.Task[None] | None = None

    def attach(self, messengers: Iterable[Messenger]) -> None:
        """Names the channels that can deliver; before the first update is taken."""
        self._messengers = {messenger.name: messenger for messenger in messengers}

    async def start(self) -> None:
        """Takes up what dead processes have left open; the channels have started."""
        await self.beat()
        self._beating = asyncio.create_task(self._beat())

    async def close(self) -> None:
        """Ends what can be ended soon; what is still open is taken up at the next start."""
        if self._beating:
            self._beating.cancel()
        for work in self._works.values():
            work.set_alarm(None)
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=GRACE)
            for task in late:
                task.cancel()
        await self._writer.write(lambda database: processes.leave(database, self._process))

    async def take(self, update: Update) -> Receipt:
        """Stores the update, unless it is here already, and sets about answering it.

        Raises Refused if it is over a limit, and NotTaken.
        """
        work = self._works.get((update.channel, update.key))
        is_new = work is None
        if work is None:
            if len(self._works) >= self._max_under_way:
                raise NotTaken(f"有 {len(self._works)} 条消息在处理，新消息没有收下。")
            work = self._let_in(update)
        await work.stored.wait()
        if work.fault:
            raise NotTaken(f"消息没有存下：{work.fault}") from work.fault
        if not is_new:
            row = await self._writer.write(lambda database: table.count_try(database, work.key))
            work.tries = row.tries if row else work.tries + 1
        return InboxReceipt(self, work, work.tries)

    async def tell(self, update: Update, reply: Reply) -> None:
        """Has a member told something that they didn't ask for, now or at their next contact.

        `update` says where; its key is new. Raises DatabaseUnusable if it could not be stored.
        """
        work = Work(update)
        work.stored.set()
        work.is_handed_over = True
        row = Row(work.key, self._process.id, 1, 0, update_text(update), reply_text(reply))
        await self._writer.write(lambda database: table.owe(database, row, update.received_at))
        self._begin(work, row)

    async def respond(self, update: Update) -> Reply | None:
        """Takes the update and waits for its reply, however long it takes: a Responder."""
        return await (await self.take(update)).reply()

    async def await_reply(self, work: Work, seconds: float | None, is_listening: Listening) -> Reply | None:
        """Receipt.reply."""
        if not work.is_answered:
            try:
                await work.wait(seconds, is_listening)
            except TimeoutError:
                self._expect_silence(work, self._silence)
                raise
        if not work.is_done:
            if is_listening():
                await self._close(work)
            else:  # hung up just before: if nobody asks again, the reply is still owed
                self._expect_silence(work, self._silence)
        return work.reply

    def hand_over(self, work: Work) -> None:
        """Receipt.hand_over."""
        if not work.is_handed_over and not work.is_done:
            work.is_handed_over = True
            if work.is_answered:
                self._go(self._deliver(work))

    async def beat(self) -> None:
        """Says that this process is alive, and takes up what dead ones have left open."""
        now = self._clock()

        def take_over(database: Database) -> list[Row]:
            processes.beat(database, self._process, now)
            processes.forget_dead(database, self._process, now)
            return table.take_over(database, self._process)

        self._take_up(await self._writer.write(take_over))

    async def tidy(self) -> None:
        """Forgets what is a day old, and takes up again what a fault kept this process from finishing."""
        now = self._clock()
        for chat, kept in list(self._kept.items()):
            self._kept[chat] = [work for work in kept if work.update.received_at > now - table.KEPT]
            if not self._kept[chat]:
                del self._kept[chat]

        def forget(database: Database) -> list[Row]:
            table.forget_old(database, now)
            return table.open_rows(database, self._process.id)

        self._take_up(await self._writer.write(forget))

    async def _beat(self) -> None:
        count = 0
        while True:
            await asyncio.sleep(processes.BEAT_SECONDS)
            count += 1
            try:
                await self.beat()
                if count % BEATS_TO_TIDY == 0:
                    await self.tidy()
            except Exception as error:  # the store may be well again at the next
                log.error("the inbox could not be looked after\n%s", quiet_traceback(error))

    def _take_up(self, left: list[Row]) -> None:
        kept = {work.key for works in self._kept.values() for work in works}
        for row in left:
            if row.open is None or row.key in self._works or row.key in kept:
                continue
            work = Work(read_update(row.open))
            work.stored.set()
            messenger = self._messengers.get(row.key[0])
            if messenger and messenger.capabilities.reply_seconds is None:
                work.is_handed_over = True
            else:  # the platform may still ask for it
                age = (self._clock() - work.update.received_at).total_seconds()
                self._expect_silence(work, max(0.0, self._silence - age))
            self._begin(work, row)

    def _let_in(self, update: Update) -> Work:
        """Begins with a new update, unless it is over a limit."""
        gate = self._gate
        if gate:
            gate.enter(update)
        work = Work(update)
        task = self._begin(work, None)
        if gate:
            task.add_done_callback(lambda _: gate.leave(update))
        return work

    def _begin(self, work: Work, row: Row | None) -> asyncio.Task[None]:
        self._works[work.key] = work
        task = self._go(self._carry(work, row, self._last.get(work.chat)))
        self._last[work.chat] = task
        task.add_done_callback(
            lambda done: self._last.pop(work.chat) if self._last.get(work.chat) is done else None
        )
        return task

    def _go(self, steps: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(steps)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _carry(self, work: Work, row: Row | None, before: asyncio.Task[None] | None) -> None:
        """Brings one update from its arrival to its reply."""
        try:
            if row is None:
                row = await self._store(work)
            if row and row.reply is None and row.owner != self._process.id:
                row = await self._watch(work)
            if before:
                await asyncio.wait([before])
            if row and row.reply is not None:
                work.settle(read_reply(row.reply))
                work.is_done = row.open is None
            else:
                await self._answer(work, row)
            if work.is_handed_over and not work.is_done:
                await self._deliver(work)
        except Exception as error:
            self._give_up(work, error)
        if work.is_done:
            self._forget(work)

    async def _store(self, work: Work) -> Row | None:
        """Claims the update; gives its row if it was there already."""
        update = work.update
        text, received_at = update_text(update), utc_text(update.received_at)
        is_new = await self._writer.write(
            lambda database: table.claim(database, work.key, self._process.id, received_at, text)
        )
        row = None
        if not is_new:
            row = await self._writer.write(lambda database: table.count_try(database, work.key))
            work.tries = row.tries if row else 1
        work.stored.set()
        return row

    async def _watch(self, work: Work) -> Row | None:
        """Waits until another process has answered, or has died and left it to this one."""
        while True:
            row = await self._writer.write(lambda database: table.find(database, work.key))
            if row is None or row.reply is not None or row.owner == self._process.id:
                return row
            await asyncio.sleep(WATCH_SECONDS)

    async def _answer(self, work: Work, row: Row | None) -> None:
        """Makes the reply, with what was kept for this chat before it, and stores it."""
        earlier = self._kept.pop(work.chat, []) if work.update.wants_reply else []
        if row and row.takeovers > MAX_TAKEOVERS:
            reply: Reply | None = Reply(self._sentences.apology)
        elif _merely_fetches(work.update, earlier):
            reply = None
        else:
            reply = await self._respond(work.update)
        made = self._joined(earlier, reply)
        text = reply_text(made)
        is_done = text == "null" or work.is_awaited

        def keep(database: Database) -> str:
            for other in earlier:
                table.close(database, other.key)
            return table.keep(database, work.key, self._process.id, text, is_done)

        work.is_done = is_done
        kept = await self._writer.write(keep)
        reply = made if kept == text else read_reply(kept)
        if not work.settle(reply) and is_done and reply is not None:
            await self._reopen(work)  # whoever waited has given up meanwhile

    async def _respond(self, update: Update) -> Reply | None:
        try:
            return await self._responder(update)
        except Exception as error:  # whatever it was, the member is owed a sentence and the log the place
            log.error(
                "no reply to a %s update on %s\n%s", update.kind, update.channel, quiet_traceback(error)
            )
            return Reply(self._sentences.apology)

    def _joined(self, earlier: list[Work], reply: Reply | None) -> Reply | None:
        """The replies that were kept, and then the one that was asked for now, in one."""
        kept = [(work.update.wants_reply, work.reply) for work in earlier if work.reply]
        if not kept:
            return reply
        is_asked_now = reply is not None
        if reply is None:
            _, reply = kept.pop()
        before = "".join(
            f"{self._sentences.earlier if is_asked_now and was_asked else ''}{other.whole}\n\n"
            for was_asked, other in kept
        )
        return Reply(before + reply.text, reply.choices, reply.source, reply.attachment)

    async def _deliver(self, work: Work) -> None:
        if work.reply is None or work.is_done:
            return
        channel = work.update.channel
        outcome = await deliver(self._messengers.get(channel), work.update, work.reply, self._clock)
        match outcome:
            case Delivered():
                await self._close(work, erase=True)
            case Gone() | Rejected():
                log.info("a reply on %s can't arrive: %s", channel, outcome.reason)
                await self._close(work, erase=True)
            case RetryAt() | Unclear():
                log.warning("a reply on %s is sent later: %s", channel, outcome.reason)
                self._works.pop(work.key, None)  # tidy takes it up again
            case WindowClosed() | NoQuota() | NoConsent() | NotAllowed():
                log.info("a reply on %s is kept for the member's next contact: %s", channel, outcome.reason)
                self._works.pop(work.key, None)
                self._kept.setdefault(work.chat, []).append(work)
            case _:
                assert_never(outcome)

    async def _reopen(self, work: Work) -> None:
        work.is_done = False
        self._expect_silence(work, self._silence)
        await self._writer.write(lambda database: table.reopen(database, work.key, update_text(work.update)))

    async def _close(self, work: Work, erase: bool = False) -> None:
        """Nothing more is owed. Whoever was pushed a reply is not given it again: it can be erased."""
        work.is_done = True
        self._forget(work)
        try:
            await self._writer.write(lambda database: table.close(database, work.key, erase))
        except DatabaseUnusable as error:  # the member has the reply; at the worst they will have it twice
            log.error("%s", error)

    def _forget(self, work: Work) -> None:
        self._works.pop(work.key, None)
        work.set_alarm(None)
        if kept := self._kept.get(work.chat):
            self._kept[work.chat] = [other for other in kept if other.key != work.key]

    def _expect_silence(self, work: Work, seconds: float) -> None:
        """If nobody asks for the reply any more, the messenger is to deliver it."""
        if not work.is_handed_over and not work.is_awaited:
            work.set_alarm(asyncio.get_running_loop().call_later(seconds, self.hand_over, work))

    def _give_up(self, work: Work, error: Exception) -> None:
        """The store is in trouble, or this program: whoever waits gets the apology, tidy tries again."""
        self._works.pop(work.key, None)
        work.set_alarm(None)
        if not work.stored.is_set():
            work.fault = error
            work.stored.set()
            return
        log.error("an update on %s is left for later\n%s", work.update.channel, quiet_traceback(error))
        if not work.is_answered:
            work.settle(Reply(self._sentences.apology))


def _merely_fetches(update: Update, earlier: list[Work]) -> bool:
    """Whether somebody who waits for an answer that was kept has typed any character to get it."""
    is_waiting = any(work.update.wants_reply for work in earlier)
    return is_waiting and update.kind is UpdateKind.TEXT and len(update.text) <= FETCHING
