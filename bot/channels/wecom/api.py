"""A WeCom app's API, as far as Cewen needs it, and what it says as outcomes of a delivery.

Addresses, fields and codes are of the pages at developer.work.weixin.qq.com as stored copies have them; no real
server was asked.
"""

from collections.abc import Callable
from datetime import datetime

import aiohttp

from bot.channels.delivery import Delivery, Gone, NotAllowed, Rejected
from bot.channels.model import Attachment
from bot.channels.tencent.api import Api, ApiError, Http, Json, Tokens, Unreachable
from bot.channels.tencent.outcomes import busy, too_often, unreached
from bot.store.writer import Writer

_NOT_ALLOWED = {
    40001: "Secret 不对：请检查 CEWEN_WECOM_SECRET",
    40013: "企业 ID 不对：请检查 CEWEN_WECOM_CORP_ID",
    40014: "access_token 不对：请检查 CEWEN_WECOM_SECRET",
    40056: "应用 ID 不对：请检查 CEWEN_WECOM_AGENT_ID",
    42001: "access_token 总是过期：请检查本机时钟",
    48002: "应用没有这个接口的权限",
    60011: "应用的可见范围不含这位成员",
    60020: "本机的 IP 不在可信 IP 里：请在应用的“企业可信IP”里加上",
    301002: "Secret 与应用 ID 不是同一个应用的：请检查 CEWEN_WECOM_AGENT_ID 和 CEWEN_WECOM_SECRET",
}
_GONE = {40003: "没有这位成员", 60111: "没有这位成员", 81013: "没有这位成员，或不在应用的可见范围里"}


class WeComApi:
    """The app's API. `base` is its address; `clock` gives aware datetimes. Calls raise ApiError, Unreachable."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        writer: Writer,
        *,
        corp_id: str,
        agent_id: int,
        secret: str,
        base: str,
        clock: Callable[[], datetime],
    ) -> None:
        self.http = Http(session, base)
        self._corp_id = corp_id
        self._agent_id = agent_id
        self._secret = secret
        self._api = Api(self.http, Tokens(f"wecom:{corp_id}:{agent_id}", self.fetch_token, writer, clock))

    async def fetch_token(self, _: bool) -> tuple[str, int]:
        """The app's token and its seconds; the platform gives the same one while it is good."""
        answer = await self.http.ask(
            "/cgi-bin/gettoken", {"corpid": self._corp_id, "corpsecret": self._secret}
        )
        return str(answer["access_token"]), int(answer["expires_in"])

    async def send_text(self, member: str, text: str) -> str:
        """Sends a text; gives the message's id."""
        return await self._send(member, "text", {"content": text})

    async def send_attachment(self, member: str, attachment: Attachment) -> str:
        """Sends a picture or a file; gives the message's id."""
        kind = "image" if attachment.is_picture else "file"

        def form() -> aiohttp.FormData:
            data = aiohttp.FormData()
            data.add_field(
                "media",
                attachment.content,
                filename=attachment.name,
                content_type=attachment.media_type,
            )
            return data

        uploaded = await self._api.call("/cgi-bin/media/upload", query={"type": kind}, form=form)
        return await self._send(member, kind, {"media_id": uploaded["media_id"]})

    async def _send(self, member: str, kind: str, content: Json) -> str:
        answer = await self._api.call(
            "/cgi-bin/message/send",
            {"touser": member, "msgtype": kind, "agentid": self._agent_id, kind: content},
        )
        if answer.get("invaliduser"):
            raise ApiError({"errcode": 81013, "errmsg": "invaliduser"})
        return str(answer.get("msgid", ""))


def outcome(error: ApiError | Unreachable, now: datetime) -> Delivery:
    """What became of a message that the API would not take. `now` is aware."""
    if isinstance(error, Unreachable):
        return unreached(error, now)
    said = f"（{error.code} {error.reason}）"
    match error.code:
        case -1 | 45033:
            return busy(said, now)
        case 45009:
            return too_often(said, now)
        case code if code in _GONE:
            return Gone(_GONE[code] + said)
        case code if code in _NOT_ALLOWED:
            return NotAllowed(_NOT_ALLOWED[code] + said)
    return Rejected("平台不收这条消息" + said)
