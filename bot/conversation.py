"""Answers questions in the context of a chat, and what else is said in it; it knows no platform.

Remembers each chat's last question for half an hour, so that 那联系电话呢 is understood.
"""

import time
from collections.abc import Callable
from datetime import datetime

from pydantic import TypeAdapter

from bot import metrics
from bot.answering.answering import Answering, as_json
from bot.answering.model import Answer, State
from bot.channels.model import Reply, Update, UpdateKind
from bot.collection import Collection
from bot.phrasebook import Phrasebook
from bot.store.conversations import ConversationTable, conversation_key

_STATE = TypeAdapter(State)


class Conversation:
    """Answers in the context of a chat."""

    def __init__(
        self,
        answering: Answering,
        collection: Collection,
        states: ConversationTable,
        phrases: Phrasebook,
        clock: Callable[[], datetime],
    ) -> None:
        self._answering = answering
        self._collection = collection
        self._states = states
        self._phrases = phrases
        self._clock = clock

    async def reply(self, update: Update) -> Reply | None:
        """The reply to an update; None where none is due."""
        if not update.wants_reply:
            return None
        match update.kind:
            case UpdateKind.UNFOLLOW:
                return None
            case UpdateKind.FOLLOW:
                return Reply(self._welcome(update))
            case UpdateKind.COMMAND:
                return self._to_command(update)
            case UpdateKind.TEXT | UpdateKind.BUTTON:
                answer, _ = self.ask(
                    update.text, conversation_key(update.channel, update.chat, update.member)
                )
                return _reply(answer)
            case UpdateKind.SCAN | UpdateKind.FILE | UpdateKind.LOCATION | UpdateKind.OTHER:
                return Reply(self._phrases.reply_to(update)("conversation.text_only"))

    def _to_command(self, update: Update) -> Reply:
        match update.payload:
            case "start":
                return Reply(self._welcome(update))
            case "ask" if update.text.strip():
                answer, _ = self.ask(
                    update.text, conversation_key(update.channel, update.chat, update.member)
                )
                return _reply(answer)
            case _:
                return Reply(self._phrases.reply_to(update)("conversation.help"))

    def _welcome(self, update: Update) -> str:
        self._collection.refresh()
        example = self._answering.example()
        return self._phrases.reply_to(update)("conversation.welcome", example=example)

    def ask(self, question: str, chat: str | None) -> tuple[Answer, float]:
        """The answer and its wall time in ms; in the context of `chat`, unless that is None."""
        started = time.perf_counter()
        self._collection.refresh()
        now = self._clock()
        kept = self._states.load(chat, now) if chat else None
        before = _STATE.validate_json(kept) if kept else State()
        answer, after = self._answering.answer(question, before)
        if chat and after is not before:
            self._states.save(chat, _STATE.dump_json(after).decode(), now)
        elapsed = time.perf_counter() - started
        metrics.count_answer(answer.kind, answer.answered, elapsed)
        return answer, elapsed * 1000

    async def ask_briefly(self, question: str) -> Reply | None:
        """The answer to a question that belongs to no conversation, without what could be asked next; None for a no."""
        answer, _ = self.ask(question, None)
        return Reply(answer.answer, source=answer.source) if answer.answered else None

    async def ask_api(self, question: str, session: str | None) -> dict[str, object]:
        """The Answer of POST /api/ask."""
        answer, elapsed_ms = self.ask(question, f"web:{session}" if session else None)
        return as_json(answer, elapsed_ms)

    def examples(self) -> list[str]:
        """Questions that the chat page offers at the start."""
        self._collection.refresh()
        return self._answering.examples()


def _reply(answer: Answer) -> Reply:
    return Reply(answer.text.removesuffix(answer.source).rstrip("\n"), source=answer.source)
