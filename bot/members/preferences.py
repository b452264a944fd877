"""What a member has chosen, once for all of their channels. Nothing chosen, nothing kept."""

from collections.abc import Sequence

from bot.languages import Language
from bot.members.model import Identity, Member, Record
from bot.store.database import Database


class PreferenceTable:
    """Preferences by member; a Holding."""

    name = "preferences"

    def __init__(self, database: Database) -> None:
        self._database = database

    def language(self, identity: Identity) -> Language | None:
        """The language that the person behind an identity has chosen."""
        rows = self._database.query(
            "SELECT language FROM preference JOIN identity ON identity.member_id = preference.member_id"
            " WHERE channel = :channel AND user_id = :user",
            {"channel": identity.channel, "user": identity.user},
        )
        return Language(str(rows[0]["language"])) if rows else None

    def choose_language(self, member: Member, language: Language) -> None:
        self._database.execute(
            "INSERT INTO preference (member_id, language) VALUES (:member, :language)"
            " ON CONFLICT (member_id) DO UPDATE SET language = excluded.language",
            {"member": member.id, "language": language.value},
        )

    def held(self, member: Member) -> Sequence[Record]:
        return self._database.query(
            "SELECT language FROM preference WHERE member_id = :member", {"member": member.id}
        )

    def erase(self, member: Member) -> None:
        self._database.execute("DELETE FROM preference WHERE member_id = :member", {"member": member.id})

    def hand_over(self, absorbed: Member, keeper: Member) -> None:
        if not self.held(keeper):
            self._database.execute(
                "UPDATE preference SET member_id = :keeper WHERE member_id = :absorbed",
                {"keeper": keeper.id, "absorbed": absorbed.id},
            )
        self.erase(absorbed)
