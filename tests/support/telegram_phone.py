"""A member's phone and the platform behind it, as @vishtar/telegram-test-api plays it over HTTP."""

import asyncio
import base64
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.test_utils import unused_port

MEMBER = 7_000_000_001


async def until(condition: Callable[[], Awaitable[Any]], what: str) -> Any:
    """Waits until the condition gives something true, at most ten seconds, and gives that."""
    deadline = time.monotonic() + 10
    while not (result := await condition()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        await asyncio.sleep(0.02)
    return result


@contextmanager
def bot_api_standin(standins: Path) -> Iterator[str]:
    """The program that plays the Bot API, at work; gives its address. `standins` is the folder it is in."""
    port = unused_port()
    node = ["node", str(standins / "telegram.js"), str(port)]
    with subprocess.Popen(node, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"{port}\n"
        yield f"http://127.0.0.1:{port}"
        process.terminate()


class Telegram:
    """A member's phone, and the platform behind it."""

    def __init__(self, api: str, token: str, session: aiohttp.ClientSession) -> None:
        self.api = api
        self.token = token
        self._session = session
        self._received: list[dict[str, Any]] = []
        self._numbers = count(800_000)
        self._chat = {"id": MEMBER, "type": "private", "first_name": "张三"}
        self._from = {"id": MEMBER, "is_bot": False, "first_name": "张三"}

    async def say(self, text: str) -> None:
        await self._post("/sendMessage", **self._message(text))

    async def command(self, text: str) -> None:
        entity = {"type": "bot_command", "offset": 0, "length": len(text.split()[0])}
        await self._post("/sendCommand", **self._message(text), entities=[entity])

    async def edit(self, message_id: int, text: str, update_id: int) -> None:
        """The member corrects an earlier message."""
        now = int(time.time())
        message = {**self._message(text), "message_id": message_id, "date": now, "edit_date": now + 5}
        await self.deliver({"update_id": update_id, "edited_message": message})

    async def tap(self, sent: dict[str, Any], row: int) -> None:
        """Taps a button below a message that the bot sent."""
        markup = sent["message"]["reply_markup"]
        below = {"message_id": sent["messageId"], "date": 1, "chat": self._chat, "reply_markup": markup}
        data = markup["inline_keyboard"][row][0]["callback_data"]
        await self._post(
            "/sendCallback", **{"botToken": self.token, "from": self._from, "data": data}, message=below
        )

    async def deliver(self, update: dict[str, Any]) -> None:
        """The platform delivers any update."""
        await self._post("/deliver", token=self.token, update=update)

    async def lays_down(
        self, file_id: str, content: bytes, file_size: int | None = None, length: int = 0
    ) -> None:
        """The platform has a file that somebody sent; `file_size` is what it says of it.

        With a `length` it sends so many bytes in place of the content.
        """
        size = len(content) if file_size is None else file_size
        encoded = base64.b64encode(content).decode()
        await self._post("/file", file_id=file_id, content=encoded, file_size=size, length=length)

    async def sends_file(self, file_id: str, name: str) -> None:
        """The member sends a file that was laid down."""
        message = self._message("")
        del message["text"]
        document = {"file_id": file_id, "file_unique_id": file_id, "file_name": name}
        number = next(self._numbers)
        await self.deliver(
            {"update_id": number, "message": {**message, "message_id": number, "document": document}}
        )

    async def ask_inline(self, query: str, query_id: str = "q1", member: int = MEMBER) -> None:
        """Somebody types @bot and a question in some chat."""
        asking = {**self._from, "id": member}
        inline = {"id": query_id, "from": asking, "query": query, "offset": ""}
        await self.deliver({"update_id": next(self._numbers), "inline_query": inline})

    def text_update(self, update_id: int, text: str) -> dict[str, Any]:
        return {"update_id": update_id, "message": {**self._message(text), "message_id": update_id}}

    async def fails(self, method: str, status: int, description: str, **parameters: int) -> None:
        """The platform refuses the next call of a method that isn't refused already."""
        fault = {"status": status, "description": description, "parameters": parameters or None}
        await self._post("/fault", token=self.token, method=method, **fault)

    async def passes(self, method: str) -> None:
        """The platform takes the next call of a method, before it comes to what it refuses."""
        await self.fails(method, 200, "")

    async def received(self, count: int = 1) -> list[dict[str, Any]]:
        """All that the member has received, once there are `count` messages."""

        async def enough() -> bool:
            news = await self._post("/getUpdates", token=self.token, chatId=MEMBER)
            self._received += news["result"]
            return len(self._received) >= count

        await until(enough, f"{count} messages")
        return self._received

    async def texts_so_far(self) -> list[str]:
        """What the member has received, be it nothing."""
        return await self.texts(0)

    async def catches_up(self) -> None:
        """Whatever was received before is none of this phone's."""
        await self.received(0)
        self._received.clear()

    async def texts(self, count: int = 1) -> list[str]:
        return [sent["message"]["text"] for sent in await self.received(count)]

    async def calls(self, method: str) -> list[dict[str, Any]]:
        async with self._session.get(f"{self.api}/calls", params={"token": self.token}) as response:
            return [call for call in await response.json() if call["method"] == method]

    async def called(self, method: str, times: int = 1) -> list[dict[str, Any]]:
        """The calls of a method, once there are as many."""

        async def enough() -> list[dict[str, Any]] | None:
            calls = await self.calls(method)
            return calls if len(calls) >= times else None

        found: list[dict[str, Any]] = await until(enough, f"{times} × {method}")
        return found

    def _message(self, text: str) -> dict[str, Any]:
        return {"botToken": self.token, "from": self._from, "chat": self._chat, "date": 1, "text": text}

    async def _post(self, path: str, **body: Any) -> Any:
        async with self._session.post(self.api + path, json=body) as response:
            assert response.status == 200
            return await response.json()
