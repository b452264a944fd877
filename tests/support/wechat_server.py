"""A server with the official account's callback alone, to be killed: python wechat_server.py STORE PORT API.

Answers 数N with 答：N, some at once, some late. Prints a line once it listens.
"""

import asyncio
import random
import sys
from pathlib import Path

from aiohttp import ClientSession, web

from bot.channels.model import Reply, Update
from bot.channels.tencent.callback import Sentences
from bot.channels.tencent.envelope import SettingNames, make_account
from bot.channels.tencent.limits import Patience
from bot.channels.wechat.api import WeChatApi
from bot.channels.wechat.channel import WeChatChannel
from bot.channels.wechat.script import Script
from bot.inbox.inbox import Inbox
from bot.inbox.inbox import Sentences as InboxSentences
from bot.store.writer import Writer
from bot.wording import utc_now

TOKEN, APPID, AES_KEY = "s3cretToken", "wx0123456789abcdef", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
NAMES = SettingNames("TOKEN", "AES_KEY", "APPID")
PATIENCE = Patience(reply_seconds=0.15, hold_seconds=0.25)
SECRET = "a1b2c3d4e5f60718293a4b5c6d7e8f90"


async def respond(update: Update) -> Reply:
    await asyncio.sleep(random.choice([0, 0, 0, 0.01, 0.3, 1.0]))  # noqa: S311
    return Reply(update.text.replace("数", "答："))


async def serve(store: Path, port: int, base: str) -> None:
    async with await Writer.open(store) as writer, ClientSession() as session:
        inbox = Inbox(respond, writer, sentences=InboxSentences("抱歉", ""), clock=utc_now, silence=1.0)
        channel = WeChatChannel(
            account=make_account(TOKEN, APPID, AES_KEY, NAMES),
            api=WeChatApi(session, writer, appid=APPID, secret=SECRET, base=base, clock=utc_now),
            take=inbox.take,
            writer=writer,
            script=Script(),
            sentences=Sentences("等一等", "太忙", ""),
            clock=utc_now,
            patience=PATIENCE,
        )
        inbox.attach([channel])
        app = web.Application()
        app.add_routes(channel.routes())
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
        await channel.start()
        await inbox.start()
        print("listening", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
