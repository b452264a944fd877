"""What an association says itself on its official account: HOME/wechat.toml, and the menu that it makes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession
from callbacks import NOON, Clock
from typer.testing import CliRunner
from wechat_platform import FakeWeChat

from bot.channels.model import Update, UpdateKind
from bot.channels.tencent.envelope import Misconfigured
from bot.channels.wechat.api import WeChatApi
from bot.channels.wechat.menu import push_menu
from bot.channels.wechat.script import Script, read_script
from bot.cli import cli
from bot.store.writer import Writer

WHOLE = """
follow = "欢迎关注××学会。"

[[keyword]]
words = ["你好", "您好"]
whole = true
reply = "您好，请直接提问。"

[[keyword]]
words = ["入会"]
reply = "入会申请请看官网。"

[[menu]]
name = "最新通知"
say = "最新的通知有哪些？"

[[menu]]
name = "关于"
[[menu.item]]
name = "官网"
link = "https://example.org/"
[[menu.item]]
name = "联系我们"
say = "怎么联系学会？"
"""


def said(text: str, kind: UpdateKind = UpdateKind.TEXT) -> Update:
    return Update("wechat", "o", "o", "1", kind, NOON, text)


def script(home: Path, content: str = WHOLE) -> Script:
    (home / "wechat.toml").write_text(content, encoding="utf-8")
    return read_script(home)


class TestReading:
    def test_without_a_file_nothing_is_said_and_there_is_no_menu(self, tmp_path: Path) -> None:
        empty = read_script(tmp_path)
        assert empty == Script()
        assert empty.keyword_reply(said("入会")) is None

    @pytest.mark.parametrize(
        ("text", "reply"),
        [
            ("你好", "您好，请直接提问。"),
            ("你好，截止到哪天", None),
            ("怎么入会", "入会申请请看官网。"),
            ("截止到哪天", None),
        ],
    )
    def test_a_keyword_is_the_whole_text_or_part_of_it_as_the_file_says(
        self, tmp_path: Path, text: str, reply: str | None
    ) -> None:
        assert script(tmp_path).keyword_reply(said(text)) == reply

    def test_only_what_was_typed_is_looked_at(self, tmp_path: Path) -> None:
        assert script(tmp_path).keyword_reply(said("入会", UpdateKind.BUTTON)) is None

    def test_the_menu_is_as_the_api_wants_it(self, tmp_path: Path) -> None:
        assert script(tmp_path).menu_content() == {
            "button": [
                {"type": "click", "name": "最新通知", "key": "最新的通知有哪些？"},
                {
                    "name": "关于",
                    "sub_button": [
                        {"type": "view", "name": "官网", "url": "https://example.org/"},
                        {"type": "click", "name": "联系我们", "key": "怎么联系学会？"},
                    ],
                },
            ]
        }

    @pytest.mark.parametrize(
        ("content", "complaint"),
        [
            ("follow = ", "读不出来"),
            ("greeting = '您好'", "greeting"),
            ("[[menu]]\nname = '最新通知最新通知'\nsay = '甲'", "最多 16 字节"),
            ("[[menu]]\nname = '甲'", "say、link 或 item"),
            ("[[menu]]\nname = '甲'\nsay = '乙'\nlink = 'https://a.cn'", "say、link 或 item"),
            ("[[menu]]\nname = '甲'\n[[menu.item]]\nname = '乙'", "say 或 link"),
            ("[[menu]]\nname = '甲'\nsay = '乙'\n" * 4, "menu"),
            (f"[[menu]]\nname = '甲'\nsay = '{'字' * 50}'", "最多 128 字节"),
            ("[[keyword]]\nwords = []\nreply = '甲'", "words"),
            (f"follow = '{'字' * 700}'", "最多 2048 字节"),
        ],
    )
    def test_what_is_wrong_is_said_at_once(self, tmp_path: Path, content: str, complaint: str) -> None:
        with pytest.raises(Misconfigured, match=complaint) as caught:
            script(tmp_path, content)
        assert "wechat.toml" in str(caught.value)


class TestPushing:
    @pytest.fixture
    async def platform(self) -> AsyncIterator[FakeWeChat]:
        async with FakeWeChat(Clock()).serving() as platform:
            yield platform

    @pytest.fixture
    async def writer(self, tmp_path: Path) -> AsyncIterator[Writer]:
        async with await Writer.open(tmp_path / "cewen.sqlite3") as writer:
            yield writer

    @pytest.fixture
    async def api(self, platform: FakeWeChat, writer: Writer) -> AsyncIterator[WeChatApi]:
        async with ClientSession() as session:
            yield WeChatApi(
                session,
                writer,
                appid=platform.appid,
                secret=platform.secret,
                base=platform.address,
                clock=Clock(),
            )

    async def test_a_menu_is_pushed_when_it_has_changed_and_only_then(
        self, platform: FakeWeChat, writer: Writer, api: WeChatApi, tmp_path: Path
    ) -> None:
        for content in (WHOLE, WHOLE, WHOLE.replace("最新通知", "新通知")):
            await push_menu(api, script(tmp_path, content), writer, platform.appid, Clock())
        assert platform.called["menu/create"] == 2
        assert platform.menu
        assert platform.menu["button"][0]["name"] == "新通知"

    async def test_a_menu_that_is_no_longer_in_the_file_is_taken_away(
        self, platform: FakeWeChat, writer: Writer, api: WeChatApi, tmp_path: Path
    ) -> None:
        await push_menu(api, script(tmp_path), writer, platform.appid, Clock())
        await push_menu(api, script(tmp_path, ""), writer, platform.appid, Clock())
        assert platform.menu is None

    async def test_where_there_never_was_one_nothing_is_asked(
        self, platform: FakeWeChat, writer: Writer, api: WeChatApi
    ) -> None:
        await push_menu(api, Script(), writer, platform.appid, Clock())
        assert platform.called == {}

    async def test_a_refusal_goes_to_the_log_and_is_tried_at_the_next_start(
        self,
        platform: FakeWeChat,
        writer: Writer,
        api: WeChatApi,
        tmp_path: Path,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        platform.is_listed = False
        await push_menu(api, script(tmp_path), writer, platform.appid, Clock())
        assert "40164" in caplog.text
        platform.is_listed = True
        await push_menu(api, script(tmp_path), writer, platform.appid, Clock())
        assert platform.menu is not None


class TestCommand:
    async def run(self, home: Path) -> tuple[int, str]:
        """`cewen wechat menu` in a thread of its own, as it has a loop of its own."""
        result = await asyncio.to_thread(CliRunner().invoke, cli, ["wechat", "menu", "--home", str(home)])
        return result.exit_code, result.output + str(result.exception or "")

    async def test_it_pushes_the_menu(self, tmp_path: Path) -> None:
        script(tmp_path)
        async with FakeWeChat(Clock()).serving() as platform:
            (tmp_path / "cewen.toml").write_text(
                f'wechat_appid = "{platform.appid}"\nwechat_secret = "{platform.secret}"\nwechat_api = "{platform.address}"'
            )
            code, output = await self.run(tmp_path)
        assert (code, platform.menu is not None) == (0, True)
        assert "最新通知、关于" in output

    async def test_without_a_secret_it_says_what_is_missing(self, tmp_path: Path) -> None:
        script(tmp_path)
        code, output = await self.run(tmp_path)
        assert code == 1
        assert "CEWEN_WECHAT_SECRET" in output
