"""A Bot API quick enough for floods: it takes messages, and gives updates until they are confirmed."""

import asyncio
import json
from collections import defaultdict
from typing import Any

from aiohttp import web


class BotApi:
    """What a bot has said by chat, in order; what is still to be fetched."""

    def __init__(self) -> None:
        self.said: dict[str, list[str]] = defaultdict(list)
        self.waiting: dict[int, dict[str, Any]] = {}
        self._news = asyncio.Event()
        self._said_more = asyncio.Condition()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        return app

    def give(self, update: dict[str, Any]) -> None:
        """An update that can be fetched until it is confirmed."""
        self.waiting[update["update_id"]] = update
        self._news.set()

    async def reach(self, chats: int) -> None:
        """Waits until so many chats have been spoken to."""
        async with asyncio.timeout(120), self._said_more:
            await self._said_more.wait_for(lambda: len(self.said) >= chats)

    async def _call(self, request: web.Request) -> web.Response:
        given = {**request.query, **{str(k): str(v) for k, v in (await request.post()).items()}}
        match request.match_info["method"]:
            case "getMe":
                result: Any = {"id": 666, "is_bot": True, "first_name": "策问", "username": "CewenBot"}
            case "sendMessage":
                async with self._said_more:
                    self.said[given["chat_id"]].append(given["text"])
                    self._said_more.notify_all()
                chat = {"id": int(given["chat_id"]), "type": "private"}
                result = {"message_id": 1, "date": 1, "chat": chat, "text": given["text"]}
            case "getUpdates":
                result = await self._updates(int(given.get("offset", 0)))
            case _:
                result = True
        return web.json_response(
            {"ok": True, "result": result}, dumps=lambda x: json.dumps(x, ensure_ascii=False)
        )

    async def _updates(self, offset: int) -> list[dict[str, Any]]:
        for confirmed in [number for number in self.waiting if number < offset]:
            del self.waiting[confirmed]
        if not self.waiting:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), 0.5)
            except TimeoutError:
                return []
        return [self.waiting[number] for number in sorted(self.waiting)][:100]
