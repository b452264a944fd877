"""The commands that Telegram offers at the input line, described in the language of the member's client."""

from bot.languages import Language
from bot.messages.catalogue import Catalogue

COMMANDS = ("start", "ask", "checkin", "me", "settings", "help")


def menus(catalogue: Catalogue) -> list[tuple[str | None, list[tuple[str, str]]]]:
    """A menu for each set of clients: its language code, None for all that have no menu of their own."""
    return [
        (
            None if language is Language.CHINESE else language.value,
            [(name, say(f"telegram.command.{name}")) for name in COMMANDS],
        )
        for language, say in catalogue.items()
    ]
