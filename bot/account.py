"""What a member says about themself: their data, their settings, the link with their other channels.

Every wish is a phrase, so that it can be typed where there are no buttons. Nothing here is answered in a group.
"""

import json
import re
import unicodedata
from collections.abc import Awaitable, Callable, Iterable
from enum import Enum, auto

from bot.channels.model import Attachment, Choice, Reply, Update, UpdateKind
from bot.languages import Language
from bot.members.linking import (
    Linked,
    LinkedAlready,
    Linking,
    NoSuchCode,
    Offered,
    OwnCode,
    TooManyIdentities,
    TooOften,
)
from bot.members.model import Identity
from bot.members.preferences import PreferenceTable
from bot.members.register import MOST_IDENTITIES, Register
from bot.messages.catalogue import Messages
from bot.phrasebook import Phrasebook

EXPORT = "my-data.json"


class Wish(Enum):
    """What a member may want of their account."""

    SHOW = auto()
    SETTINGS = auto()
    OFFER_CODE = auto()
    REDEEM_CODE = auto()
    UNLINK = auto()
    EXPORT = auto()
    ASK_ERASE = auto()
    ERASE = auto()
    KEEP = auto()
    CHINESE = auto()
    ENGLISH = auto()


_PHRASES = {
    Wish.SHOW: ("我的资料", "my data"),
    Wish.SETTINGS: ("设置", "settings"),
    Wish.OFFER_CODE: ("绑定", "link"),
    Wish.UNLINK: ("解除绑定", "unlink"),
    Wish.EXPORT: ("导出我的资料", "export my data"),
    Wish.ASK_ERASE: ("删除我的资料", "delete my data"),
    Wish.ERASE: ("确定删除我的资料", "yes, delete my data"),
    Wish.KEEP: ("不删除我的资料", "keep my data"),
    Wish.CHINESE: ("使用中文", "use Chinese"),
    Wish.ENGLISH: ("使用英文", "use English"),
}
_COMMANDS = {"me": Wish.SHOW, "settings": Wish.SETTINGS}
_WISHES = {phrase.casefold(): wish for wish, phrases in _PHRASES.items() for phrase in phrases}
_CODE = re.compile(r"(?:绑定|link)[\s:：]*(?P<code>[0-9a-z]{4}[\s-]?[0-9a-z]{4})", re.IGNORECASE)

Tell = Callable[[Identity, str], Awaitable[None]]
"""Tells a member something on one of their channels, at once or at the next contact."""


class Account:
    """Replies to what members wish of their account; whatever else they say is not its business."""

    def __init__(
        self,
        register: Register,
        linking: Linking,
        preferences: PreferenceTable,
        phrases: Phrasebook,
        tell: Tell,
    ) -> None:
        self._register = register
        self._linking = linking
        self._preferences = preferences
        self._phrases = phrases
        self._tell = tell

    async def reply(self, update: Update) -> Reply | None:
        """The reply to a wish; None if the update holds none."""
        wish, code = _wish(update)
        if wish is None:
            return None
        say = self._phrases.reply_to(update)
        if not update.is_private:
            return Reply(say("account.private_only"))
        who = Identity(update.channel, update.member)
        match wish:
            case Wish.SHOW:
                return self._show(who, say)
            case Wish.SETTINGS:
                return self._settings(who, say)
            case Wish.OFFER_CODE:
                return self._offer(who, say)
            case Wish.REDEEM_CODE:
                return await self._redeem(code, who, say)
            case Wish.UNLINK:
                return await self._unlink(who, say)
            case Wish.EXPORT:
                return self._export(who, say)
            case Wish.ASK_ERASE:
                return Reply(say("account.erase_question"), _choices(say, Wish.ERASE, Wish.KEEP))
            case Wish.ERASE:
                return await self._erase(who, say)
            case Wish.KEEP:
                return Reply(say("account.kept"))
            case Wish.CHINESE:
                return self._choose(who, Language.CHINESE)
            case Wish.ENGLISH:
                return self._choose(who, Language.ENGLISH)

    def _show(self, who: Identity, say: Messages) -> Reply:
        held = self._register.export(who)
        if not held:
            return Reply(say("account.nothing_held"), _choices(say, Wish.OFFER_CODE, Wish.SETTINGS))
        lines = (
            say("account.held_line", kind=say(f"account.kind.{kind}"), count=len(records))
            for kind, records in held.items()
        )
        choices = _choices(say, Wish.EXPORT, Wish.ASK_ERASE, Wish.SETTINGS)
        return Reply(say("account.held", lines="\n".join(lines)), choices)

    def _settings(self, who: Identity, say: Messages) -> Reply:
        others = self._others(who)
        text = say("account.settings", language=say(f"language.{say.language}"), channels=_names(others, say))
        language = Wish.ENGLISH if say.language is Language.CHINESE else Wish.CHINESE
        return Reply(text, _choices(say, language, Wish.UNLINK if others else Wish.OFFER_CODE, Wish.SHOW))

    def _choose(self, who: Identity, language: Language) -> Reply:
        self._preferences.choose_language(self._register.obtain(who), language)
        return Reply(self._phrases.written_to(who)("account.language_chosen"))

    def _export(self, who: Identity, say: Messages) -> Reply:
        content = json.dumps(self._register.export(who), ensure_ascii=False, indent=2)
        return Reply(
            say("account.exported"), attachment=Attachment(EXPORT, "application/json", content.encode())
        )

    def _offer(self, who: Identity, say: Messages) -> Reply:
        match self._linking.offer(who):
            case Offered(code):
                return Reply(say("link.offered", code=code))
            case TooOften(minutes):
                return Reply(say("link.asked_too_often", minutes=minutes))

    async def _redeem(self, code: str, who: Identity, say: Messages) -> Reply:
        match self._linking.redeem(code, who):
            case Linked(member):
                for identity in member.identities:
                    if identity != who:
                        await self._tell(identity, self._now_linked(identity))
                return Reply(self._now_linked(who))
            case NoSuchCode():
                return Reply(say("link.no_such_code"))
            case OwnCode():
                return Reply(say("link.own_code"))
            case LinkedAlready():
                return Reply(say("link.linked_already"))
            case TooManyIdentities():
                return Reply(say("link.too_many", most=MOST_IDENTITIES))
            case TooOften(minutes):
                return Reply(say("link.guessed_too_often", minutes=minutes))

    async def _unlink(self, who: Identity, say: Messages) -> Reply:
        rest = self._register.leave(who)
        if rest is None:
            return Reply(say("link.nothing_to_undo"))
        for identity in rest.identities:
            theirs = self._phrases.written_to(identity)
            await self._tell(identity, theirs("link.other_left", channel=_names([who], theirs)))
        return Reply(say("link.undone", channels=_names(rest.identities, say)))

    async def _erase(self, who: Identity, say: Messages) -> Reply:
        erased = self._register.erase(who)
        for identity in erased.identities:
            if identity != who:
                theirs = self._phrases.written_to(identity)
                await self._tell(identity, theirs("account.erased_elsewhere", channel=_names([who], theirs)))
        return Reply(say("account.erased"))

    def _now_linked(self, who: Identity) -> str:
        say = self._phrases.written_to(who)
        return say("link.linked", channels=_names(self._others(who), say))

    def _others(self, who: Identity) -> list[Identity]:
        """The member's other identities."""
        member = self._register.find(who)
        return [identity for identity in member.identities if identity != who] if member else []


def _wish(update: Update) -> tuple[Wish | None, str]:
    """What a member wishes of their account, and the code with which, if any."""
    if update.kind is UpdateKind.COMMAND:
        return _COMMANDS.get(update.payload), ""
    if update.kind not in (UpdateKind.TEXT, UpdateKind.BUTTON):
        return None, ""
    typed = unicodedata.normalize("NFKC", update.text).strip(" 。.!")
    if redeemed := _CODE.fullmatch(typed):
        return Wish.REDEEM_CODE, redeemed["code"]
    return _WISHES.get(typed.casefold()), ""


def _choices(say: Messages, *wishes: Wish) -> tuple[Choice, ...]:
    """Wishes to tap; typed, they would be the phrases of the same language."""
    which = 1 if say.language is Language.ENGLISH else 0
    return tuple(Choice(say(f"account.button.{wish.name.lower()}"), _PHRASES[wish][which]) for wish in wishes)


def _names(identities: Iterable[Identity], say: Messages) -> str:
    """The channels of identities, each once."""
    names = dict.fromkeys(say(f"channel.{identity.channel}") for identity in identities)
    return say("list.comma").join(names) or say("list.none")
