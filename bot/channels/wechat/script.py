"""What an association says itself on its official account: the menu, the reply on following, keyword replies.

A server of one's own turns the platform's own off, so they stand in HOME/wechat.toml:

    follow = "欢迎关注××学会。"

    [[keyword]]
    words = ["入会", "怎么入会"]
    whole = true                 # the whole message is one of the words; else it is enough that one occurs
    reply = "入会申请：https://…"

    [[menu]]
    name = "最新通知"
    say = "最新的通知有哪些？"      # a tap counts as if this was typed

    [[menu]]
    name = "关于我们"
    [[menu.item]]
    name = "官网"
    link = "https://…"
"""

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from bot.channels.model import Update, UpdateKind
from bot.channels.tencent.envelope import Misconfigured
from bot.channels.tencent.limits import MAX_TEXT_BYTES

FILE = "wechat.toml"

# 自定义菜单 (developers.weixin.qq.com): 3 buttons of 16 bytes, 5 below each of 60 bytes, keys of 128, links of 1024
MAX_BUTTONS, MAX_ITEMS = 3, 5
MAX_BUTTON_BYTES, MAX_ITEM_BYTES, MAX_SAY_BYTES, MAX_LINK_BYTES = 16, 60, 128, 1024

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Keyword(_Strict):
    """A reply of the association's own to certain words."""

    words: tuple[Text, ...] = Field(min_length=1)
    reply: Text
    whole: bool = False

    def fits(self, text: str) -> bool:
        """Whether a member's text asks for this reply."""
        return text in self.words if self.whole else any(word in text for word in self.words)

    @model_validator(mode="after")
    def _check(self) -> "Keyword":
        _within(self.reply, MAX_TEXT_BYTES, "reply")
        return self


class Item(_Strict):
    """A button of the menu, or an entry below one: it says something or opens a link."""

    name: Text
    say: Text | None = None
    link: Text | None = None

    @model_validator(mode="after")
    def _check(self) -> "Item":
        _within(self.name, MAX_ITEM_BYTES, "name")
        _within(self.say or "", MAX_SAY_BYTES, "say")
        _within(self.link or "", MAX_LINK_BYTES, "link")
        return self

    def button(self) -> dict[str, Any]:
        """As the API wants it."""
        if self.link:
            return {"type": "view", "name": self.name, "url": self.link}
        return {"type": "click", "name": self.name, "key": self.say}


class Entry(Item):
    """An entry below a button."""

    @model_validator(mode="after")
    def _check_use(self) -> "Entry":
        if (self.say is None) == (self.link is None):
            raise ValueError(f"“{self.name}”要有 say 或 link 之一")
        return self


class Button(Item):
    """A button at the bottom of the chat."""

    item: tuple[Entry, ...] = Field(default=(), max_length=MAX_ITEMS)

    @model_validator(mode="after")
    def _check_use(self) -> "Button":
        _within(self.name, MAX_BUTTON_BYTES, "name")
        if sum(bool(use) for use in (self.say, self.link, self.item)) != 1:
            raise ValueError(f"“{self.name}”要有 say、link 或 item 之一")
        return self

    def button(self) -> dict[str, Any]:
        if self.item:
            return {"name": self.name, "sub_button": [entry.button() for entry in self.item]}
        return super().button()


class Script(_Strict):
    """All that the file says; empty where there is none."""

    follow: str = ""
    keyword: tuple[Keyword, ...] = ()
    menu: tuple[Button, ...] = Field(default=(), max_length=MAX_BUTTONS)

    @model_validator(mode="after")
    def _check(self) -> "Script":
        _within(self.follow, MAX_TEXT_BYTES, "follow")
        return self

    def keyword_reply(self, update: Update) -> str | None:
        """The association's own reply to an update."""
        if update.kind is not UpdateKind.TEXT:
            return None
        return next((k.reply for k in self.keyword if k.fits(update.text)), None)

    def menu_content(self) -> dict[str, Any]:
        """The menu as the API wants it."""
        return {"button": [button.button() for button in self.menu]}

    def menu_digest(self) -> str:
        """Tells one menu from another."""
        return hashlib.sha256(json.dumps(self.menu_content(), sort_keys=True).encode()).hexdigest()


def read_script(home: Path) -> Script:
    """What the file in `home` says. Raises Misconfigured with a line for the operator."""
    file = home / FILE
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Script()
    except (OSError, ValueError) as error:
        raise Misconfigured(f"{file} 读不出来：{error}。请检查该文件的写法。") from None
    try:
        return Script.model_validate(content)
    except ValidationError as error:
        places = "；".join(f"{'.'.join(map(str, e['loc']))}：{e['msg']}" for e in error.errors())
        raise Misconfigured(f"{file} 有误（{places}）。请改正后重试。") from None


def _within(text: str, most: int, field: str) -> None:
    length = len(text.encode())
    if length > most:
        raise ValueError(f"{field} 有 {length} 字节，最多 {most} 字节（一个汉字 3 字节）")
