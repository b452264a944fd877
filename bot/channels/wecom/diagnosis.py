"""What `cewen doctor` finds out about the WeCom app, and where to mend it."""

from collections.abc import Callable, Sequence
from datetime import datetime

import aiohttp

from bot.channels.tencent.diagnosis import Place, callback, clock, looked, messages
from bot.channels.tencent.envelope import Account
from bot.channels.tencent.health import Seen
from bot.channels.wecom.api import WeComApi, outcome
from bot.findings import Finding

PLACE = Place("企业微信", "管理后台（work.weixin.qq.com）的“应用管理—接收消息”", "/wecom")


async def diagnose(
    session: aiohttp.ClientSession,
    account: Account,
    api: WeComApi | None,
    public_url: str,
    seen: Sequence[Seen],
    now: Callable[[], datetime],
) -> list[Finding]:
    """All findings. `now` gives aware datetimes."""
    findings = [
        await callback(session, account, PLACE, public_url, now()),
        *messages(account, PLACE, seen, now()),
    ]
    if api is None:
        says = "没有设置 CEWEN_WECOM_SECRET：只能被动回复，不能主动发消息"
        return [*findings, Finding("企业微信·接口", True, says)]
    access = await looked(
        "企业微信·接口",
        lambda: api.fetch_token(False),
        lambda _: (True, "凭据有效"),
        now(),
        outcome=outcome,
        setting="CEWEN_WECOM_API",
    )
    findings.append(access)
    drift = clock(PLACE, api.http.date, now())
    return [*findings, drift] if drift else findings
