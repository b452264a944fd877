"""The core that every channel shares: an update in, a reply out. What it is about decides who answers."""

from bot.account import Account
from bot.channels.model import Reply, Update
from bot.conversation import Conversation
from bot.desk.desk import Desk
from bot.phrasebook import Phrasebook


class Reception:
    """Sends an update to the member's account, the lectures' desk or the conversation; to none `in_maintenance`."""

    def __init__(
        self,
        account: Account,
        desk: Desk,
        conversation: Conversation,
        phrases: Phrasebook,
        in_maintenance: bool,
    ) -> None:
        self._account = account
        self._desk = desk
        self._conversation = conversation
        self._phrases = phrases
        self._in_maintenance = in_maintenance

    async def reply(self, update: Update) -> Reply | None:
        """The reply to an update; None where none is due."""
        if self._in_maintenance:
            return Reply(self._phrases.reply_to(update)("limits.maintenance")) if update.wants_reply else None
        wished = await self._account.reply(update) or await self._desk.reply(update)
        return wished or await self._conversation.reply(update)
