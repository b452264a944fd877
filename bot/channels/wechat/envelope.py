"""What is around a message: signatures, their freshness, encryption. Pure functions; what is inside is not read.

signature     = sha1 of the sorted and joined token, timestamp, nonce: proves the request, not the body
msg_signature = sha1 of the same with the ciphertext: proves the body too
With an AES key only encrypted bodies are taken. In compatible mode, where a body carries the message twice, the
encrypted one counts; without a key the plain one does.
"""

import base64
import hashlib
import hmac
import re
import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from wechatpy.crypto import PrpCrypto
from wechatpy.exceptions import InvalidAppIdException

from bot.channels.wechat.limits import FRESH_SECONDS
from corpus.errors import CewenError

_TIMESTAMP = re.compile(r"[0-9]{10}")
_ENCRYPT = re.compile(r"<Encrypt>(?:<!\[CDATA\[)?([A-Za-z0-9+/=]+)(?:\]\]>)?</Encrypt>")
# no XML parser sees a body before its signature is known to be right


class WeChatMisconfigured(CewenError):
    """The settings can't work; the sentence says which."""


class Refused(Exception):
    """The request doesn't prove that it comes from the platform; the text says why, for the log."""


class Unreadable(Exception):
    """The request is the platform's, but no message can be read from it; the text says why, for the log."""


class _Cipher(PrpCrypto):  # type: ignore[misc]  # wechatpy has no types
    """wechatpy's AES-256-CBC. With the fixed IV that the platform asks for, the random prefix has to be secret."""

    def get_random_string(self) -> str:
        return secrets.token_urlsafe(12)  # 16 characters


@dataclass(frozen=True, slots=True)
class Account:
    """What is agreed with the platform; `cipher` is None in plain mode. Prints no secrets."""

    token: str = field(repr=False)
    appid: str
    cipher: _Cipher | None = field(repr=False)


def make_account(token: str, appid: str, aes_key: str) -> Account:
    """The account; `aes_key` is the EncodingAESKey, or "" for plain mode. Raises WeChatMisconfigured."""
    if not aes_key:
        return Account(token, appid, None)
    if not re.fullmatch(r"[A-Za-z0-9]{43}", aes_key):
        raise WeChatMisconfigured(
            "CEWEN_WECHAT_AES_KEY 应为 43 位字母或数字。请从公众平台“基本配置”页重新复制。"
        )
    if not appid:
        raise WeChatMisconfigured(
            "设置了 CEWEN_WECHAT_AES_KEY，还需要 CEWEN_WECHAT_APPID。请从“基本配置”页复制。"
        )
    return Account(token, appid, _Cipher(base64.b64decode(aes_key + "=")))


def sign(token: str, *parts: str) -> str:
    """The platform's signature over the token and the parts, in hex."""
    joined = "".join(sorted((token, *parts)))
    return hashlib.sha1(joined.encode("utf-8", "surrogatepass")).hexdigest()  # noqa: S324  # the platform's choice


def check_query(account: Account, query: Mapping[str, str], now: datetime) -> None:
    """Checks that the platform sent this, and just now. Raises Refused."""
    _check(account, query, "signature", now)


def open_echo(account: Account, query: Mapping[str, str], now: datetime) -> str:
    """What the platform wants to hear back when the address is registered. Raises Refused.

    An official account sends it plain, whatever its mode; with a msg_signature it is encrypted.
    """
    echo = query.get("echostr", "")
    if "msg_signature" not in query:
        check_query(account, query, now)
        return echo
    _check(account, query, "msg_signature", now, echo)
    return _decrypt(account, echo)


def open_body(account: Account, query: Mapping[str, str], body: bytes, now: datetime) -> str:
    """The message's XML. Expects a checked query. Raises Refused, Unreadable."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise Unreadable("不是 UTF-8") from None
    found = _ENCRYPT.search(text)
    if account.cipher is None:
        if found and "<MsgType>" not in text:
            raise Unreadable(
                "收到加密消息，但没有设置 CEWEN_WECHAT_AES_KEY；请设置，或在公众平台改用明文模式"
            )
        return text
    if found is None:
        raise Refused("设置了 CEWEN_WECHAT_AES_KEY，只接受加密消息；请在公众平台改用安全模式")
    _check(account, query, "msg_signature", now, found[1])
    return _decrypt(account, found[1])


def seal(account: Account, xml: str, now: datetime) -> str:
    """The reply as it leaves: encrypted and signed where there is a key."""
    if account.cipher is None:
        return xml
    encrypted = account.cipher.encrypt(xml, account.appid).decode("ascii")
    timestamp, nonce = str(int(now.timestamp())), secrets.token_hex(8)
    signature = sign(account.token, timestamp, nonce, encrypted)
    return (
        f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
    )


def _check(account: Account, query: Mapping[str, str], name: str, now: datetime, *parts: str) -> None:
    timestamp = query.get("timestamp", "")
    expected = sign(account.token, timestamp, query.get("nonce", ""), *parts)
    given = query.get(name, "").encode("utf-8", "surrogatepass")
    if not hmac.compare_digest(given, expected.encode()):
        raise Refused(f"{name} 不符；若是公众平台发来的，请检查 CEWEN_WECHAT_TOKEN")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise Refused("timestamp 不是秒数")
    drift = int(now.timestamp()) - int(timestamp)
    if abs(drift) > FRESH_SECONDS:
        raise Refused(f"timestamp 与本机时钟相差 {drift} 秒；若是公众平台发来的，请校准时钟")


def _decrypt(account: Account, encrypted: str) -> str:
    if account.cipher is None:
        raise Refused("收到加密请求，但没有设置 CEWEN_WECHAT_AES_KEY")
    try:
        return str(account.cipher.decrypt(encrypted, account.appid))
    except (ValueError, IndexError, struct.error, InvalidAppIdException):
        raise Refused("解不开；请检查 CEWEN_WECHAT_AES_KEY 和 CEWEN_WECHAT_APPID") from None
