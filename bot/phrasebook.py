"""In whose words somebody is answered: those of the language that they chose, else of their client and question."""

from bot.channels.model import Update
from bot.languages import language_for
from bot.members.model import Identity
from bot.members.preferences import PreferenceTable
from bot.messages.catalogue import Catalogue, Messages


class Phrasebook:
    """The texts of each language, and who reads which."""

    def __init__(self, catalogue: Catalogue, preferences: PreferenceTable) -> None:
        self.catalogue = catalogue
        self._preferences = preferences

    def reply_to(self, update: Update) -> Messages:
        """The texts for the reply to an update."""
        chosen = self._preferences.language(Identity(update.channel, update.member))
        return self.catalogue[chosen or language_for(update.language, update.text)]

    def written_to(self, who: Identity) -> Messages:
        """The texts for somebody who is written to first."""
        return self.catalogue[self._preferences.language(who) or language_for("", "")]

    def refusal(self, update: Update, key: str, seconds: int) -> str:
        """What somebody is told whose update is over a limit, and has to wait so long."""
        return self.reply_to(update)(key, seconds=seconds)
