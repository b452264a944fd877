"""What is around a message of WeChat and WeCom: signatures, their freshness, encryption; not what is inside.

signature     = sha1 of the sorted and joined token, timestamp, nonce: proves the request, not the body
msg_signature = sha1 of the same with the ciphertext: proves the body too
ciphertext    = base64 of AES-256-CBC, IV the key's first half, PKCS#7 to 32 bytes, over
                16 random bytes, the message's length in 4 bytes, the message, the receiver's id (appid or corpid)

With a key only encrypted bodies are taken. In compatible mode, where a body carries the message twice, the
encrypted one counts; without a key the plain one does.
"""

import binascii
import hashlib
import hmac
import re
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from bot.channels.tencent.limits import FRESH_SECONDS
from corpus.errors import CewenError

_TIMESTAMP = re.compile(r"[0-9]{10}")
_ENCRYPT = re.compile(rb"<Encrypt>(?:<!\[CDATA\[)?([A-Za-z0-9+/=]+)(?:\]\]>)?</Encrypt>")
# no XML parser sees a body before its signature is known to be right
_BLOCK = 32
_RANDOM = 16
_HEAD = _RANDOM + 4


class Misconfigured(CewenError):
    """The settings can't work; the sentence says which."""


class Fault(StrEnum):
    """What an operator would have to mend if a refused request was the platform's after all."""

    TOKEN = "token"  # noqa: S105  # a name, no secret
    CLOCK = "clock"
    KEY = "key"
    MODE = "mode"


class Unproven(Exception):
    """The request doesn't prove that it comes from the platform; the text says why, for the log."""

    def __init__(self, fault: Fault, reason: str) -> None:
        super().__init__(reason)
        self.fault = fault


class Unreadable(Exception):
    """The request is the platform's, but no message can be read from it; the text says why, for the log."""


class ChainedCipher:
    """AES-256-CBC whose every message goes on where the one before ended; for one thread.

    In CBC what stands before a message, the IV or an earlier block, is part of nothing but its first block. Here
    that is random and thrown away by whoever decrypts: so one context serves for all messages, and the cost of
    setting one up, ten times that of the work, is saved.
    """

    def __init__(self, key: bytes) -> None:
        cipher = Cipher(AES(key), CBC(key[:_RANDOM]))
        self._encryptor = cipher.encryptor()
        self._decryptor = cipher.decryptor()

    def encrypt(self, plain: bytes) -> bytes:
        """The ciphertext of whole blocks, the first of them random."""
        return self._encryptor.update(plain)

    def decrypt(self, encrypted: bytes) -> bytes:
        """What was encrypted but for the first block, which comes out as rubbish. Raises ValueError for half blocks."""
        if len(encrypted) % _RANDOM:  # they would stay in the context and spoil the next message
            raise ValueError("no whole blocks")
        return self._decryptor.update(encrypted)


@dataclass(frozen=True, slots=True)
class SettingNames:
    """What an operator knows an account's settings as."""

    token: str
    aes_key: str
    receiver: str


@dataclass(frozen=True, slots=True)
class Account:
    """What is agreed with the platform; `cipher` is None in plain mode. Prints no secrets.

    `receiver` is the appid or corpid.
    """

    token: str = field(repr=False)
    receiver: str
    cipher: "ChainedCipher | None" = field(repr=False)
    names: SettingNames = field(repr=False)


def make_account(token: str, receiver: str, aes_key: str, names: SettingNames) -> Account:
    """The account; `aes_key` is the EncodingAESKey, or "" for plain mode. Raises Misconfigured."""
    if not aes_key:
        return Account(token, receiver, None, names)
    if not re.fullmatch(r"[A-Za-z0-9]{43}", aes_key):
        raise Misconfigured(f"{names.aes_key} 应为 43 位字母或数字。请从后台的接收消息设置里重新复制。")
    if not receiver:
        raise Misconfigured(f"设置了 {names.aes_key}，还需要 {names.receiver}。请从后台复制。")
    return Account(token, receiver, ChainedCipher(binascii.a2b_base64(aes_key + "=")), names)


def sign(token: str, *parts: str) -> str:
    """The platform's signature over the token and the parts, in hex."""
    joined = "".join(sorted((token, *parts)))
    return hashlib.sha1(joined.encode("utf-8", "surrogatepass")).hexdigest()  # noqa: S324  # the platform's choice


def check_query(account: Account, query: Mapping[str, str], now: datetime) -> None:
    """Checks that the platform sent this, and just now. Raises Unproven."""
    _check(account, query, "signature", now)


def open_echo(account: Account, query: Mapping[str, str], now: datetime) -> bytes:
    """What the platform wants to hear back when the address is registered. Raises Unproven.

    An official account sends it plain, whatever its mode; with a msg_signature it is encrypted.
    """
    echo = query.get("echostr", "")
    if "msg_signature" not in query:
        check_query(account, query, now)
        return echo.encode("utf-8", "replace")
    _check(account, query, "msg_signature", now, echo)
    return _decrypt(account, echo.encode("utf-8", "replace"))


def open_body(account: Account, query: Mapping[str, str], body: bytes, now: datetime) -> bytes:
    """The message's XML; in plain mode, for a query that was checked, the body itself. Raises Unproven, Unreadable."""
    # the last: before it, in compatible mode, may stand what a member typed
    found = _ENCRYPT.match(body, max(0, body.rfind(b"<Encrypt>")))
    if account.cipher is None:
        if found and b"<MsgType>" not in body:
            raise Unreadable(
                f"收到加密消息，但没有设置 {account.names.aes_key}；请设置，或在后台改用明文模式"
            )
        return body
    if not found:
        raise Unproven(Fault.MODE, f"设置了 {account.names.aes_key}，只接受加密消息；请在后台改用安全模式")
    _check(account, query, "msg_signature", now, found[1].decode("ascii"))
    return _decrypt(account, found[1])


def seal(account: Account, xml: str, now: datetime) -> bytes:
    """The reply as it leaves: encrypted and signed where there is a key."""
    if account.cipher is None:
        return xml.encode()
    encrypted = encrypt(account.cipher, xml.encode(), account.receiver)
    timestamp, nonce = str(int(now.timestamp())), secrets.token_hex(8)
    signature = sign(account.token, timestamp, nonce, encrypted)
    return (
        f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
    ).encode("ascii")


def encrypt(cipher: ChainedCipher, message: bytes, receiver: str) -> str:
    """The message for a receiver as it stands in an envelope."""
    plain = b"".join(
        (secrets.token_bytes(_RANDOM), len(message).to_bytes(4, "big"), message, receiver.encode())
    )
    padding = _BLOCK - len(plain) % _BLOCK
    sealed = cipher.encrypt(plain + bytes((padding,)) * padding)
    return binascii.b2a_base64(sealed, newline=False).decode("ascii")


class Replays:
    """Holds a plain-mode query to the first body that came with it.

    The platform's signature doesn't cover a plain body: whoever has seen one request could send any body with its
    query, for as long as it is fresh. An honest retry has the same body. `kept` queries are remembered.
    """

    def __init__(self, kept: int = 100_000) -> None:
        self._kept = kept
        self._seen: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    def check(self, query: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Raises Unproven for another body than the one that came with this query. Expects a checked query."""
        oldest = now.timestamp() - 2 * FRESH_SECONDS
        while self._seen and (len(self._seen) > self._kept or next(iter(self._seen.values()))[0] < oldest):
            self._seen.popitem(last=False)
        digest = hashlib.blake2b(body, digest_size=16).digest()
        first = self._seen.setdefault(query["signature"], (now.timestamp(), digest))
        if first[1] != digest:
            raise Unproven(Fault.MODE, "同一签名带来了另一条消息：疑似伪造，建议改用安全模式")


def _check(account: Account, query: Mapping[str, str], name: str, now: datetime, *parts: str) -> None:
    timestamp = query.get("timestamp", "")
    expected = sign(account.token, timestamp, query.get("nonce", ""), *parts)
    given = query.get(name, "").encode("utf-8", "surrogatepass")
    if not hmac.compare_digest(given, expected.encode()):
        raise Unproven(Fault.TOKEN, f"{name} 不符；若是平台发来的，请检查 {account.names.token}")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise Unproven(Fault.CLOCK, "timestamp 不是秒数")
    drift = int(now.timestamp()) - int(timestamp)
    if abs(drift) > FRESH_SECONDS:
        raise Unproven(Fault.CLOCK, f"timestamp 与本机时钟相差 {drift} 秒；若是平台发来的，请校准时钟")


def _decrypt(account: Account, encrypted: bytes) -> bytes:
    """The message. What doesn't come apart as it should was made with another key, or for another account."""
    if account.cipher is None:
        raise Unproven(Fault.KEY, f"收到加密请求，但没有设置 {account.names.aes_key}")
    try:
        plain = account.cipher.decrypt(binascii.a2b_base64(encrypted))
    except ValueError:  # binascii.Error is one: no base64, or no whole blocks
        plain = b""
    padding = plain[-1] if plain else 0
    end = _HEAD + int.from_bytes(plain[_RANDOM:_HEAD], "big")
    body = plain[: len(plain) - padding]
    is_whole = 1 <= padding <= _BLOCK and end <= len(body)
    if not is_whole or not hmac.compare_digest(body[end:], account.receiver.encode()):
        raise Unproven(Fault.KEY, f"解不开；请检查 {account.names.aes_key} 和 {account.names.receiver}")
    return body[_HEAD:end]
