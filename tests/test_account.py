"""What members wish of their account, in the words in which they say it, and what they are told."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from bot.account import Account
from bot.channels.model import Reply, Update, UpdateKind
from bot.members.linking import TRIES, LinkCodes, Linking
from bot.members.model import Identity
from bot.members.preferences import PreferenceTable
from bot.members.register import Register
from bot.messages.catalogue import load_catalogue
from bot.phrasebook import Phrasebook
from bot.store.database import Database

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
PHONE = Identity("telegram", "7000000001")
WECHAT = Identity("wechat", "oABC")


@dataclass
class Office:
    """Somebody who talks with the bot on several channels."""

    database: Database
    told: list[tuple[Identity, str]] = field(default_factory=list)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        preferences, codes = PreferenceTable(self.database), LinkCodes(self.database, lambda: NOON)
        numbers = count(1)
        self.register = Register(
            self.database, [preferences, codes], lambda: NOON, lambda: f"m{next(numbers)}"
        )
        linking = Linking(codes, self.register, self.database, lambda: self.seconds)
        phrases = Phrasebook(load_catalogue(Path("nowhere")), preferences)
        self.account = Account(self.register, linking, preferences, phrases, self._hear_of)

    async def _hear_of(self, who: Identity, text: str) -> None:
        self.told.append((who, text))

    async def hears(
        self,
        who: Identity,
        text: str,
        kind: UpdateKind = UpdateKind.TEXT,
        payload: str = "",
        chat: str = "",
        client: str = "",
    ) -> Reply | None:
        chat = chat or who.user
        update = Update(who.channel, who.user, chat, "1", kind, NOON, text, payload, language=client)
        return await self.account.reply(update)

    async def says(self, who: Identity, text: str, client: str = "") -> str:
        reply = await self.hears(who, text, client=client)
        assert reply is not None
        return reply.text

    async def code(self, who: Identity) -> str:
        return (await self.says(who, "绑定")).split("绑定码：")[1].split("\n")[0]

    async def link(self, one: Identity, other: Identity) -> None:
        await self.says(other, f"绑定 {await self.code(one)}")
        self.told.clear()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Database.open(tmp_path / "cewen.sqlite3") as database:
        yield Office(database)


@pytest.mark.parametrize(
    "text", ["绑定联系人是谁？", "绑定", "设置一个账号要什么材料？", "我", "如何删除我的资料？", "unlinked"]
)
async def test_a_question_is_none_of_its_business(office: Office, text: str) -> None:
    reply = await office.hears(PHONE, text)
    assert (reply is None) is (text != "绑定")


async def test_only_what_is_typed_tapped_or_commanded_is_a_wish(office: Office) -> None:
    assert await office.hears(PHONE, "绑定", UpdateKind.FILE) is None
    assert await office.hears(PHONE, "绑定", UpdateKind.COMMAND, "ask") is None
    assert await office.hears(PHONE, "绑定", UpdateKind.BUTTON) is not None
    assert await office.hears(PHONE, "", UpdateKind.COMMAND, "me") is not None
    assert await office.hears(PHONE, "", UpdateKind.COMMAND, "settings") is not None


async def test_both_sides_are_told_of_a_link_in_one_sentence_each(office: Office) -> None:
    said = await office.says(WECHAT, f"绑定 {await office.code(PHONE)}")
    assert said.startswith("已与您在 Telegram 上的账号绑定")
    [(who, text)] = office.told
    assert who == PHONE
    assert text.startswith("已与您在微信公众号上的账号绑定")
    assert "解除绑定" in text


@pytest.mark.parametrize("form", ["绑定{}", "绑定：{}", "link {}", "绑定 {}。"])
async def test_the_code_may_be_sent_in_any_usual_form(office: Office, form: str) -> None:
    await office.says(WECHAT, form.format((await office.code(PHONE)).lower()))
    assert len(office.told) == 1


async def test_a_wrong_an_own_and_a_used_code_each_get_a_sentence(office: Office) -> None:
    code = await office.code(PHONE)
    assert "就是在这里取的" in await office.says(PHONE, f"绑定 {code}")
    await office.says(WECHAT, f"绑定 {code}")
    assert "没有这个绑定码" in await office.says(WECHAT, f"绑定 {code}")
    assert "已经绑定过了" in await office.says(WECHAT, f"绑定 {await office.code(PHONE)}")


async def test_who_tries_too_often_is_told_how_long_to_wait(office: Office) -> None:
    for _ in range(TRIES):
        await office.says(WECHAT, "绑定 0000-0000")
        await office.says(PHONE, "绑定")
    assert "请过 2 分钟再试" in await office.says(WECHAT, "绑定 0000-0000")
    assert "请过 2 分钟再试" in await office.says(PHONE, "绑定")


async def test_undoing_a_link_is_told_to_both_sides_too(office: Office) -> None:
    await office.link(PHONE, WECHAT)
    assert await office.says(PHONE, "解除绑定") == "已解除绑定，这里不再与微信公众号共用设置和记录。"
    assert office.told == [(WECHAT, "您在 Telegram 上的账号已与这里解除绑定。")]
    assert "没有绑定" in await office.says(PHONE, "解除绑定")


async def test_settings_show_language_and_links_and_offer_what_can_be_done(office: Office) -> None:
    reply = await office.hears(PHONE, "设置")
    assert reply is not None
    assert "语言：中文" in reply.text
    assert "已绑定：无" in reply.text
    assert [choice.text for choice in reply.choices] == ["使用英文", "绑定", "我的资料"]
    await office.link(PHONE, WECHAT)
    reply = await office.hears(PHONE, "设置")
    assert reply is not None
    assert "已绑定：微信公众号" in reply.text
    assert [choice.text for choice in reply.choices] == ["使用英文", "解除绑定", "我的资料"]


async def test_every_choice_that_is_offered_is_a_wish_that_is_understood(office: Office) -> None:
    await office.link(PHONE, WECHAT)
    for chosen in ("使用中文", "使用英文"):
        await office.says(PHONE, chosen)
        for wish in ("设置", "我的资料", "删除我的资料"):
            reply = await office.hears(PHONE, wish)
            assert reply is not None
            for choice in reply.choices:
                if choice.text not in ("确定删除我的资料", "yes, delete my data"):
                    assert await office.hears(PHONE, choice.text) is not None


async def test_a_language_once_chosen_holds_on_every_linked_channel(office: Office) -> None:
    await office.link(PHONE, WECHAT)
    assert "English" in await office.says(PHONE, "use English")
    await office.says(WECHAT, "解除绑定")
    assert office.told == [(PHONE, "Your account on WeChat is no longer linked with this one.")]
    assert await office.says(PHONE, "使用中文") == "好的，以后用中文回复您。"


async def test_nothing_is_held_about_somebody_who_only_asks(office: Office) -> None:
    reply = await office.hears(PHONE, "", UpdateKind.COMMAND, "me")
    assert reply is not None
    assert "没有保存您的任何资料" in reply.text
    assert office.register.find(PHONE) is None


async def test_what_is_held_is_shown_and_exported_as_a_file(office: Office) -> None:
    await office.link(PHONE, WECHAT)
    await office.says(PHONE, "use English")
    shown = await office.hears(PHONE, "我的资料")
    assert shown is not None
    assert "Linked channels: 2" in shown.text
    assert "Preferences: 1" in shown.text
    exported = await office.hears(PHONE, "导出我的资料")
    assert exported is not None
    assert exported.attachment is not None
    assert (exported.attachment.name, exported.attachment.media_type) == ("my-data.json", "application/json")
    assert json.loads(exported.attachment.content) == {
        "preferences": [{"language": "en"}],
        "identities": [{"channel": "telegram", "user": "7000000001"}, {"channel": "wechat", "user": "oABC"}],
    }


async def test_erasure_takes_a_second_tap_and_is_told_on_every_channel(office: Office) -> None:
    await office.link(PHONE, WECHAT)
    asked = await office.hears(PHONE, "删除我的资料")
    assert asked is not None
    assert office.register.find(PHONE) is not None
    erase, keep = (choice.text for choice in asked.choices)
    assert await office.says(PHONE, keep) == "好的，没有删除。"
    assert office.register.find(PHONE) is not None
    assert await office.says(PHONE, erase) == "已删除。这里不再保存您的任何资料。"
    assert office.register.export(PHONE) == office.register.export(WECHAT) == {}
    assert [who for who, _ in office.told] == [WECHAT]


@pytest.mark.parametrize("wish", ["我的资料", "绑定", "删除我的资料", "导出我的资料", "设置"])
async def test_nothing_of_it_is_said_in_a_group(office: Office, wish: str) -> None:
    reply = await office.hears(PHONE, wish, chat="-100123")
    assert reply == Reply("这一项请在与我的私聊里使用。")


async def test_english_members_read_english(office: Office) -> None:
    assert (await office.says(PHONE, "link", "en")).startswith("Link code: ")
    assert "shared by your channels" in await office.says(PHONE, "settings", "en-GB")
