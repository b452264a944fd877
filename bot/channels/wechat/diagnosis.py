"""What `cewen doctor` finds out about the official account, and where to mend it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import aiohttp

from bot.channels.tencent.diagnosis import Place, callback, clock, looked, messages
from bot.channels.tencent.envelope import Account
from bot.channels.tencent.health import Seen
from bot.channels.wechat.api import WeChatApi
from bot.channels.wechat.outcomes import outcome
from bot.channels.wechat.script import FILE, Script
from bot.findings import Finding

PLACE = Place("微信公众号", "公众平台（mp.weixin.qq.com）的“设置与开发—基本配置”", "/wechat")

_QUOTAS = {
    "客服消息": "/cgi-bin/message/custom/send",
    "群发": "/cgi-bin/message/mass/sendall",
    "带参数的二维码": "/cgi-bin/qrcode/create",
}


async def diagnose(
    session: aiohttp.ClientSession,
    account: Account,
    api: WeChatApi | None,
    script: Script,
    public_url: str,
    seen: Sequence[Seen],
    now: Callable[[], datetime],
) -> list[Finding]:
    """All findings; what can't be asked for want of a token is left out. `now` gives aware datetimes."""
    findings = [
        await callback(session, account, PLACE, public_url, now()),
        *messages(account, PLACE, seen, now()),
    ]
    if api is None:
        says = "没有设置 CEWEN_WECHAT_SECRET：只能被动回复，没有客服消息、菜单、群发和二维码"
        return [*findings, Finding("微信公众号·接口", True, says)]
    look = partial(looked, outcome=outcome, setting="CEWEN_WECHAT_API")
    access = await look(
        "微信公众号·接口", lambda: api.fetch_token(False), lambda _: (True, "凭据有效"), now()
    )
    findings.append(access)
    if drift := clock(PLACE, api.http.date, now()):
        findings.append(drift)
    if not access.well:
        return findings
    findings.append(await look("微信公众号·菜单", api.menu, lambda menu: _menu(script, menu), now()))
    for name, path in _QUOTAS.items():
        findings.append(
            await look(f"微信公众号·{name}", lambda path=path: api.quota(path), _quota, now())  # type: ignore[misc]
        )
    return findings


def _quota(quota: Any) -> tuple[bool, str]:
    says = f"今天还可调用 {quota.remaining} 次（上限 {quota.limit}）"
    return (True, says) if quota.remaining else (False, f"{says}，到明天零点恢复")


def _menu(script: Script, theirs: dict[str, Any] | None) -> tuple[bool, str]:
    if _flat(script.menu_content()) == _flat(theirs or {}):
        return True, f"与 {FILE} 一致" if script.menu else f"没有菜单（可在 {FILE} 里设置）"
    return False, f"与 {FILE} 里的不同。请运行 cewen wechat menu 推送，或改正 {FILE}。"


def _flat(menu: dict[str, Any]) -> list[tuple[object, ...]]:
    """A menu's buttons as they are compared, in the form that it is given in or in the one that it is told in."""
    found: list[tuple[object, ...]] = []
    for button in menu.get("button", []):
        inner = button.get("sub_button") or []
        entries = inner.get("list", []) if isinstance(inner, dict) else inner
        found.append(
            (button["name"], button.get("key"), button.get("url")) if not entries else (button["name"],)
        )
        found += [("", entry["name"], entry.get("key"), entry.get("url")) for entry in entries]
    return found
