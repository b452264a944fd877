"""Looks at what WeChat and WeCom have in common: the address they call, what they have called with, clock and token.

The platform doesn't tell which token and key it was given. But whatever it sends shows that: the server keeps when the
last message was let in and when the last was refused, and why (health.py).
"""

import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from bot.channels.delivery import Delivered, Delivery
from bot.channels.tencent.api import ApiError, Unreachable
from bot.channels.tencent.envelope import Account, Fault, encrypt, sign
from bot.channels.tencent.health import ACCEPTED, Seen
from bot.findings import Finding

MOST_DRIFT = timedelta(seconds=60)
"""How far the clock may be off; signatures of five minutes and more are refused."""
RECENT = timedelta(days=1)
TIMEOUT = aiohttp.ClientTimeout(total=10)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an operator looks on the platform's side, in the platform's words."""

    about: str
    page: str
    path: str


async def looked(
    about: str,
    ask: Callable[[], Awaitable[Any]],
    judge: Callable[[Any], tuple[bool, str]],
    now: datetime,
    *,
    outcome: Callable[[ApiError | Unreachable, datetime], Delivery],
    setting: str,
) -> Finding:
    """What the API says when it is asked; `setting` names where its address stands."""
    try:
        return Finding(about, *judge(await ask()))
    except (ApiError, Unreachable) as error:
        became = outcome(error, now)
        assert not isinstance(became, Delivered)  # noqa: S101  # an error is none
        if isinstance(error, Unreachable):
            says = f"接口打不开（{became.reason}）。请检查网络，以及 {setting}。"
            return Finding(about, False, says)
        return Finding(about, False, f"{became.reason}。")


async def callback(
    session: aiohttp.ClientSession, account: Account, place: Place, public_url: str, now: datetime
) -> Finding:
    """Calls our own address as the platform does when it is registered there."""
    about = f"{place.about}·回调"
    if not public_url:
        return Finding(
            about, False, f"没有设置 CEWEN_PUBLIC_URL，{place.page}里要填的地址是它加上 {place.path}。"
        )
    url, echo = public_url.rstrip("/") + place.path, secrets.token_hex(8)
    try:
        async with session.get(url, params=_handshake(account, echo, now), timeout=TIMEOUT) as response:
            status, text = response.status, await response.text(errors="replace")
    except (aiohttp.ClientError, TimeoutError) as error:
        return Finding(
            about,
            False,
            f"{url} 打不开（{type(error).__name__}）。请检查域名、证书、反向代理，以及 cewen serve 是否在运行。",
        )
    if status == 200 and text == echo:
        return Finding(about, True, f"{url} 打得开，签名对得上")
    if status == 403:
        return Finding(
            about,
            False,
            f"{url} 拒绝了用本机设置签的名：那里运行的策问用的是另一套 {account.names.token}，请重启 cewen serve。",
        )
    return Finding(
        about,
        False,
        f"{url} 应答的不是策问（状态 {status}）。请检查反向代理是否把 {place.path} 转给 cewen serve。",
    )


def _handshake(account: Account, echo: str, now: datetime) -> Mapping[str, str]:
    timestamp, nonce = str(int(now.timestamp())), secrets.token_hex(4)
    if account.cipher is None:
        return {
            "signature": sign(account.token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "echostr": echo,
        }
    sealed = encrypt(account.cipher, echo.encode(), account.receiver)
    signature = sign(account.token, timestamp, nonce, sealed)
    return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce, "echostr": sealed}


def messages(account: Account, place: Place, seen: Sequence[Seen], now: datetime) -> Iterator[Finding]:
    """What the platform's messages, or what claimed to be such, have shown of token, key and mode."""
    accepted = max((s.at for s in seen if s.outcome == ACCEPTED), default=None)
    if accepted is None:
        yield Finding(
            f"{place.about}·消息",
            False,
            f"还没有收到过消息。请在{place.page}填写地址、令牌和密钥并启用，再给它发一条消息。",
        )
    else:
        yield Finding(f"{place.about}·消息", True, f"最近一次收到消息：{_ago(now - accepted)}前")
    for refused in seen:
        if refused.outcome == ACCEPTED or now - refused.at > RECENT:
            continue
        if accepted is None or refused.at > accepted:
            yield Finding(
                f"{place.about}·{_NAMES[Fault(refused.outcome)]}", False, _mend(account, place, refused, now)
            )


_NAMES = {Fault.TOKEN: "令牌", Fault.CLOCK: "时钟", Fault.KEY: "密钥", Fault.MODE: "加解密方式"}


def _mend(account: Account, place: Place, refused: Seen, now: datetime) -> str:
    when = f"{_ago(now - refused.at)}前拒绝过一个请求"
    match Fault(refused.outcome):
        case Fault.TOKEN:
            return f"{when}：签名不符。若那是平台发来的，请核对{place.page}里的令牌（Token）与 {account.names.token}。"
        case Fault.CLOCK:
            return f"{when}：时间相差太多。若那是平台发来的，请校准本机时钟（timedatectl set-ntp true）。"
        case Fault.KEY:
            return (
                f"{when}：解不开。请核对{place.page}里的 EncodingAESKey 与 {account.names.aes_key}，"
                f"以及 {account.names.receiver}。"
            )
        case Fault.MODE:
            return f"{when}：不是加密消息。请在{place.page}把消息加解密方式改为安全模式。"


def clock(place: Place, theirs: datetime | None, now: datetime) -> Finding | None:
    """How far the clock is off, if the platform has told its own; both aware."""
    if theirs is None:
        return None
    drift = now - theirs
    if abs(drift) <= MOST_DRIFT:
        return Finding(f"{place.about}·时钟", True, f"与平台相差 {abs(drift).seconds} 秒")
    word = "快" if drift > timedelta() else "慢"
    return Finding(
        f"{place.about}·时钟",
        False,
        f"本机时钟{word}了 {int(abs(drift).total_seconds())} 秒，平台的消息会被当成过期的。请校准（timedatectl set-ntp true）。",
    )


def _ago(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    if minutes < 60:
        return f"{minutes} 分钟"
    return f"{minutes // 60} 小时" if minutes < 48 * 60 else f"{minutes // 1440} 天"
