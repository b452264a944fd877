"""What the official account's API says, as outcomes of a delivery.

The codes are of the page 全局返回码 (developers.weixin.qq.com) as stored copies have it; no real server was asked.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.channels.delivery import (
    Delivery,
    Gone,
    NoConsent,
    NoQuota,
    NotAllowed,
    Rejected,
    WindowClosed,
)
from bot.channels.tencent.api import ApiError, Unreachable
from bot.channels.tencent.outcomes import busy, too_often, unreached

SHANGHAI = ZoneInfo("Asia/Shanghai")

_NOT_ALLOWED = {
    40001: "AppSecret 或 access_token 不对：请检查 CEWEN_WECHAT_SECRET",
    40013: "AppID 不对：请检查 CEWEN_WECHAT_APPID",
    40014: "access_token 不对：请检查 CEWEN_WECHAT_SECRET，或是否有别的程序在刷新它",
    40125: "AppSecret 不对：请在公众平台“基本配置”页重置后填入 CEWEN_WECHAT_SECRET",
    40164: "本机的 IP 不在白名单：请在公众平台“基本配置”页的 IP 白名单里加上",
    42001: "access_token 总是过期：请检查本机时钟，或是否有别的程序在刷新它",
    48001: "账号没有这个接口的权限：未认证的账号只能被动回复",
    48004: "接口被封禁：请在公众平台查看通知",
    50002: "账号受限：请在公众平台查看通知",
}
_GONE = {40003: "没有这个用户", 43004: "用户没有关注"}
_NO_CONSENT = {43101: "用户没有订阅，或订阅的次数用完了", 48002: "用户关闭了接收消息"}
_NO_QUOTA = {45047: "客服消息的条数用完了，等用户再发消息", 45028: "群发的次数用完了"}


def outcome(error: ApiError | Unreachable, now: datetime) -> Delivery:
    """What became of a message that the API would not take. `now` is aware."""
    if isinstance(error, Unreachable):
        return unreached(error, now)
    said = f"（{error.code} {error.reason}）"
    match error.code:
        case -1:
            return busy(said, now)
        case 45011 | 45066:
            return too_often(said, now)
        case 45009:
            return NoQuota(next_day(now), "今天的调用次数用完了" + said)
        case 45015:
            return WindowClosed("用户超过 48 小时没有来消息" + said)
        case code if code in _NO_QUOTA:
            return NoQuota(None, _NO_QUOTA[code] + said)
        case code if code in _NO_CONSENT:
            return NoConsent(_NO_CONSENT[code] + said)
        case code if code in _GONE:
            return Gone(_GONE[code] + said)
        case code if code in _NOT_ALLOWED:
            return NotAllowed(_NOT_ALLOWED[code] + said)
    return Rejected("平台不收这条消息" + said)


def next_day(now: datetime) -> datetime:
    """The next midnight in Shanghai, when daily quotas begin anew; aware."""
    day = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + timedelta(days=1)
