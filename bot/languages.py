"""The languages that the bot speaks, and which of them somebody is answered in."""

import re
from enum import StrEnum

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


class Language(StrEnum):
    """By their tags of BCP 47."""

    CHINESE = "zh"
    ENGLISH = "en"


def language_for(client: str, text: str) -> Language:
    """English for an English client (a tag of BCP 47, "" if unknown) whose text has no Chinese in it."""
    english = client.lower().partition("-")[0] == "en" and not _HAN.search(text)
    return Language.ENGLISH if english else Language.CHINESE
