"""The official account's API, as far as Cewen needs it. Each call raises ApiError or Unreachable.

Addresses and fields are of the pages at developers.weixin.qq.com/doc/service as stored copies have them.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import aiohttp

from bot.channels.model import Attachment
from bot.channels.tencent.api import Api, Http, Json, Tokens
from bot.store.writer import Writer

MAX_SCENE_SECONDS = 30 * 24 * 3600
MAX_SCENE = 64
"""Characters of a QR code's scene."""


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code with a scene: its picture's address, and the link that it holds."""

    picture: str
    link: str
    expires_seconds: int


@dataclass(frozen=True, slots=True)
class Quota:
    """An API's allowance for today."""

    limit: int
    used: int
    remaining: int


@dataclass(frozen=True, slots=True)
class Article:
    """An article of a draft. `picture` is the media id of its cover, a permanent picture; `content` is HTML."""

    title: str
    content: str
    picture: str
    author: str = ""
    digest: str = ""
    source: str = ""


class MassContent(StrEnum):
    """What a mass sending sends: a text, or the draft or picture with a media id."""

    TEXT = "text"
    ARTICLES = "mpnews"
    PICTURE = "image"


class WeChatApi:
    """The account's API. `base` is its address; `clock` gives aware datetimes."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        writer: Writer,
        *,
        appid: str,
        secret: str,
        base: str,
        clock: Callable[[], datetime],
    ) -> None:
        self.http = Http(session, base)
        self._appid = appid
        self._secret = secret
        self._api = Api(self.http, Tokens(f"wechat:{appid}", self.fetch_token, writer, clock))

    async def fetch_token(self, force: bool) -> tuple[str, int]:
        """A token and its seconds; the one that is good still, unless `force`, which is allowed 20 times a day."""
        answer = await self.http.ask(
            "/cgi-bin/stable_token",
            content={
                "grant_type": "client_credential",
                "appid": self._appid,
                "secret": self._secret,
                "force_refresh": force,
            },
        )
        return str(answer["access_token"]), int(answer["expires_in"])

    async def send_text(self, member: str, text: str) -> None:
        """Sends a customer-service message."""
        await self._send(member, "text", {"content": text})

    async def send_picture(self, member: str, media: str) -> None:
        """Sends an uploaded picture as a customer-service message."""
        await self._send(member, "image", {"media_id": media})

    async def _send(self, member: str, kind: str, content: Json) -> None:
        await self._api.call(
            "/cgi-bin/message/custom/send", {"touser": member, "msgtype": kind, kind: content}
        )

    async def upload_picture(self, picture: Attachment) -> str:
        """The media id, good for three days."""
        return await self._upload("/cgi-bin/media/upload", picture)

    async def upload_cover(self, picture: Attachment) -> str:
        """The media id of a permanent picture, as articles need it."""
        return await self._upload("/cgi-bin/material/add_material", picture)

    async def _upload(self, path: str, picture: Attachment) -> str:
        def form() -> aiohttp.FormData:
            data = aiohttp.FormData()
            data.add_field("media", picture.content, filename=picture.name, content_type=picture.media_type)
            return data

        answer = await self._api.call(path, query={"type": "image"}, form=form)
        return str(answer["media_id"])

    async def create_code(self, scene: str, seconds: int) -> QrCode:
        """A QR code that brings `scene` (1 to 64 characters) with whoever scans it, for `seconds` (to 30 days)."""
        if not 1 <= len(scene) <= MAX_SCENE or not 1 <= seconds <= MAX_SCENE_SECONDS:
            raise ValueError("a scene has 1 to 64 characters and lasts 30 days at most")
        answer = await self._api.call(
            "/cgi-bin/qrcode/create",
            {
                "expire_seconds": seconds,
                "action_name": "QR_STR_SCENE",
                "action_info": {"scene": {"scene_str": scene}},
            },
        )
        picture = f"https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket={answer['ticket']}"
        return QrCode(picture, str(answer["url"]), int(answer["expire_seconds"]))

    async def menu(self) -> Json | None:
        """The menu as the API gave it; None if there is none. Raises ApiError but for that."""
        answer = await self._api.call("/cgi-bin/get_current_selfmenu_info")
        return answer.get("selfmenu_info") if answer.get("is_menu_open") else None

    async def set_menu(self, menu: Json) -> None:
        """Replaces the menu."""
        await self._api.call("/cgi-bin/menu/create", menu)

    async def delete_menu(self) -> None:
        """Takes the menu away."""
        await self._api.call("/cgi-bin/menu/delete")

    async def preview(self, member: str, kind: MassContent, content: str) -> None:
        """Sends one member what would be sent to all; 100 times a day."""
        await self._api.call(
            "/cgi-bin/message/mass/preview", {"touser": member, "msgtype": kind, **_mass(kind, content)}
        )

    async def send_to_all(
        self, client_id: str, kind: MassContent, content: str, tag: int | None = None
    ) -> str:
        """Queues a mass sending to all followers, or those with the tag; gives the job's id.

        `client_id` (to 64 characters) keeps a repeated call from sending twice. What becomes of it is told by
        MassResult, or asked by mass_status.
        """
        filters: Json = {"is_to_all": True} if tag is None else {"is_to_all": False, "tag_id": tag}
        answer = await self._api.call(
            "/cgi-bin/message/mass/sendall",
            {"filter": filters, "msgtype": kind, "clientmsgid": client_id, **_mass(kind, content)},
        )
        return str(answer["msg_id"])

    async def send_to(self, client_id: str, kind: MassContent, content: str, members: Sequence[str]) -> str:
        """As send_to_all, to 2 to 10,000 members."""
        answer = await self._api.call(
            "/cgi-bin/message/mass/send",
            {"touser": list(members), "msgtype": kind, "clientmsgid": client_id, **_mass(kind, content)},
        )
        return str(answer["msg_id"])

    async def mass_status(self, job: str) -> str:
        """SEND_SUCCESS, SENDING, SEND_FAIL or DELETE."""
        answer = await self._api.call("/cgi-bin/message/mass/get", {"msg_id": job})
        return str(answer["msg_status"])

    async def send_subscription(
        self, member: str, template: str, values: Mapping[str, str], link: str = ""
    ) -> str:
        """Sends a subscription message, which uses up one consent; gives its id, "" if the platform gives none."""
        content: Json = {
            "touser": member,
            "template_id": template,
            "data": {field: {"value": value} for field, value in values.items()},
        }
        if link:
            content["page"] = link
        answer = await self._api.call("/cgi-bin/message/subscribe/bizsend", content)
        return str(answer.get("msgid", ""))

    async def followers(self) -> AsyncIterator[str]:
        """Every follower."""
        after = ""
        while True:
            answer = await self._api.call("/cgi-bin/user/get", query={"next_openid": after})
            for member in answer.get("data", {}).get("openid", ()):
                yield str(member)
            after = str(answer.get("next_openid") or "")
            if not after or not answer.get("count"):
                return

    async def add_draft(self, articles: Sequence[Article]) -> str:
        """Makes a draft of 1 to 8 articles; gives its media id, which a mass sending takes."""
        content = [
            {
                "title": article.title,
                "author": article.author,
                "digest": article.digest,
                "content": article.content,
                "content_source_url": article.source,
                "thumb_media_id": article.picture,
            }
            for article in articles
        ]
        answer = await self._api.call("/cgi-bin/draft/add", {"articles": content})
        return str(answer["media_id"])

    async def delete_draft(self, media: str) -> None:
        """Deletes a draft."""
        await self._api.call("/cgi-bin/draft/delete", {"media_id": media})

    async def quota(self, path: str) -> Quota:
        """What is left today of the API at `path`."""
        answer = await self._api.call("/cgi-bin/openapi/quota/get", {"cgi_path": path})
        told = answer["quota"]
        return Quota(int(told["daily_limit"]), int(told["used"]), int(told["remain"]))


def _mass(kind: MassContent, content: str) -> Json:
    match kind:
        case MassContent.TEXT:
            return {"text": {"content": content}}
        case MassContent.ARTICLES:
            return {"mpnews": {"media_id": content}, "send_ignore_reprint": 1}
        case MassContent.PICTURE:
            return {"image": {"media_id": content}}
