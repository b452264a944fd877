"""A crowd on WeChat whose platform behaves as badly as it may: it delivers up to three times, at once or later, cuts
requests in the middle or before their answer, and believes any status 200.
"""

import asyncio
import random
import re
import struct
import time
from dataclasses import dataclass
from urllib.parse import urlencode
from xml.etree import ElementTree

from wechatpy.crypto import WeChatCrypto

from bot.channels.tencent.envelope import sign

TOKEN, APPID, AES_KEY = "s3cretToken", "wx0123456789abcdef", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
TRIES = 3

_ANSWER = re.compile(r"答：(\d+)")


@dataclass
class Said:
    """A message of a member's, and whether the platform was told that it had been received."""

    number: int
    member: str
    is_acknowledged: bool = False


class Crowd:
    """Members who say numbers; `chance` decides what the network does to each delivery."""

    def __init__(self, chance: random.Random, members: int, gap: float) -> None:
        self._chance = chance
        self._members = [f"oMember{n:04d}" for n in range(members)]
        self._gap = gap
        self._crypto = WeChatCrypto(TOKEN, AES_KEY, APPID)
        self.said: list[Said] = []
        self.heard: list[str] = []  # what came back in answers to deliveries

    @property
    def members(self) -> list[str]:
        return self._members

    async def say(self, port: int, number: int) -> None:
        """One message, delivered as often as the platform does until it is answered."""
        said = Said(number, self._chance.choice(self._members))
        self.said.append(said)
        tries = [self._try(port, said) for _ in range(TRIES)]
        if self._chance.random() < 0.1:  # they overlap
            await asyncio.gather(*tries)
            return
        for delivery in tries:
            if said.is_acknowledged and self._chance.random() < 0.8:  # else it tries again all the same
                delivery.close()
                continue
            await delivery
            if not said.is_acknowledged:
                await asyncio.sleep(self._gap)

    async def fetch(self, port: int, member: str, number: int) -> None:
        """A word of the member's that fetches what was kept."""
        answer = await self._deliver(port, self.request(member, "好", number), cut=0)
        if answer:
            self.heard.append(answer[1])

    def unanswered(self, sent: list[str]) -> list[Said]:
        """What the platform was told had been received and nobody has answered; `sent` came otherwise."""
        answered = {int(number) for text in (*self.heard, *sent) for number in _ANSWER.findall(text)}
        return [s for s in self.said if s.is_acknowledged and s.number not in answered]

    def request(self, member: str, text: str, number: int) -> bytes:
        """A delivery in safe mode, as bytes on the wire."""
        now = str(int(time.time()))
        xml = (
            f"<xml><ToUserName>gh_cewen</ToUserName><FromUserName>{member}</FromUserName><CreateTime>{now}</CreateTime>"
            f"<MsgType>text</MsgType><Content>{text}</Content><MsgId>{number}</MsgId></xml>"
        )
        body = self._crypto.encrypt_message(xml, "n", now).encode()
        signature = body.split(b"<MsgSignature><![CDATA[")[1].split(b"]]>")[0].decode()
        query = {
            "signature": sign(TOKEN, now, "n"),
            "timestamp": now,
            "nonce": "n",
            "msg_signature": signature,
        }
        head = f"POST /wechat?{urlencode(query)} HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body

    def opened(self, reply: str) -> str:
        """The text of a reply; "" for success."""
        if not reply.startswith("<xml>"):
            return ""
        fields = ElementTree.fromstring(reply)  # noqa: S314  # our own XML
        proof = [fields.findtext(name) for name in ("MsgSignature", "TimeStamp", "Nonce")]
        xml = self._crypto.decrypt_message(reply, *proof)
        return ElementTree.fromstring(xml).findtext("Content") or ""  # noqa: S314

    async def _try(self, port: int, said: Said) -> None:
        cut = self._chance.choices([0, 1, 2], [0.8, 0.1, 0.1])[0]
        words = f"数{said.number:05}"  # longer than a text that merely fetches what was kept
        request = self.request(said.member, words, said.number)
        answer = await self._deliver(port, request, cut)
        if answer is None:
            return
        status, text = answer
        if status == 200:
            said.is_acknowledged = True
            self.heard.append(text)  # with what was kept for the member before, where there was any

    async def _connect(self, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Waits for a server that is coming up: its start takes longer here than a try of the platform's may."""
        async with asyncio.timeout(120):
            while True:
                try:
                    return await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(self._gap)

    async def _deliver(self, port: int, request: bytes, cut: int) -> tuple[int, str] | None:
        """Status and text; None where it was cut (1: in the middle, 2: before the answer) or failed."""
        reader, writer = await self._connect(port)
        try:
            writer.write(request[: len(request) * 2 // 3] if cut == 1 else request)
            await writer.drain()
            if cut:
                writer.get_extra_info("socket").setsockopt(
                    1, 13, struct.pack("ii", 1, 0)
                )  # SO_LINGER: a reset
                return None
            async with asyncio.timeout(20):
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = re.search(r"Content-Length: (\d+)", head)
                body = await reader.readexactly(int(length[1])) if length else b""
            return int(head.split(" ")[1]), self.opened(body.decode())
        except (OSError, EOFError, TimeoutError):
            return None
        finally:
            writer.close()
