"""The bot's account with Telegram, checked before anything connects."""

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from corpus.errors import CewenError


class TelegramMisconfigured(CewenError):
    """The settings can't work together; the sentence says which."""


@dataclass(frozen=True, slots=True)
class BotAccount:
    """The bot's account and how updates come to it.

    `secret` guards the webhook; if empty it is derived from the token, so that every process has the same.
    `api` is the Bot API's address without /bot. Raises TelegramMisconfigured if a webhook is asked for that
    Telegram would refuse.
    """

    token: str = field(repr=False)
    mode: Literal["polling", "webhook"]
    secret: str = field(repr=False)
    api: str
    public_url: str

    def __post_init__(self) -> None:
        if self.mode == "webhook":
            self._check_webhook()

    @property
    def webhook(self) -> str:
        return self.public_url.rstrip("/") + "/telegram"

    @property
    def webhook_secret(self) -> str:
        return self.secret or hmac.new(self.token.encode(), b"cewen webhook", hashlib.sha256).hexdigest()

    def _check_webhook(self) -> None:
        scheme = urlsplit(self.public_url).scheme
        if scheme != "https" and not (scheme == "http" and _is_loopback(self.api)):
            raise TelegramMisconfigured(
                f"Telegram 的 webhook 要求 https 地址，而 CEWEN_PUBLIC_URL 是“{self.public_url}”。"
                "请改成 https://…，或把 CEWEN_TELEGRAM_MODE 设为 polling。"
            )
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", self.secret):
            raise TelegramMisconfigured(
                "CEWEN_TELEGRAM_SECRET 只能用字母、数字、下划线和连字符，最多 256 个字符。请换一个，或留空。"
            )


def _is_loopback(url: str) -> bool:
    """Whether the address is this machine's: there stand-ins and local API servers take http."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
