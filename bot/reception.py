"""The core that every channel shares: an update in, a reply out. What it is about decides who answers."""

from bot.account import Account
from bot.channels.model import Reply, Update, UpdateKind
from bot.conversation import Conversation
from bot.desk.desk import Desk
from bot.filing import Filing
from bot.members.contacts import Contacts
from bot.members.model import Identity
from bot.phrasebook import Phrasebook


class Reception:
    """Sends an update to the member's account, the filing, the lectures' desk or the conversation.

    To none of them `in_maintenance`. Before that it notes who has come and who has left.
    """

    def __init__(
        self,
        account: Account,
        filing: Filing,
        desk: Desk,
        conversation: Conversation,
        contacts: Contacts,
        phrases: Phrasebook,
        in_maintenance: bool,
    ) -> None:
        self._account = account
        self._filing = filing
        self._desk = desk
        self._conversation = conversation
        self._contacts = contacts
        self._phrases = phrases
        self._in_maintenance = in_maintenance

    async def reply(self, update: Update) -> Reply | None:
        """The reply to an update; None where none is due."""
        self._note(update)
        if not update.wants_reply:
            return None
        if self._in_maintenance:
            return Reply(self._phrases.reply_to(update)("limits.maintenance"))
        for part in (self._account, self._filing, self._desk, self._conversation):
            reply = await part.reply(update)
            if reply is not None:
                return reply
        return None

    def _note(self, update: Update) -> None:
        """Whoever follows or starts the bot may be written to; a group is nobody."""
        if not update.is_private:
            return
        who = Identity(update.channel, update.member)
        if update.kind is UpdateKind.UNFOLLOW:
            self._contacts.left(who)
        elif update.kind is UpdateKind.FOLLOW or (
            update.kind is UpdateKind.COMMAND and update.payload == "start"
        ):
            self._contacts.came(who)
