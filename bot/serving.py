"""Runs the server until it is told to stop (SIGINT, SIGTERM): what is in flight is finished first."""

import asyncio
import logging
import signal
import time
from collections.abc import AsyncIterator, Callable

from aiohttp import ClientSession, web

from bot.answering.model import State
from bot.app import App, channels, foreign_owners, make_desk, make_filing, make_inbox, make_screens
from bot.channels.model import FileSource, Messenger
from bot.desk.notifier import Notifier
from bot.inbox.inbox import Inbox
from bot.server import make_server
from bot.store.writer import Writer
from bot.wording import utc_now
from corpus.errors import CewenError

log = logging.getLogger(__name__)


class CannotListen(CewenError):
    """The address is taken or not ours."""


def serve_until_stopped(app: App, host: str, port: int, say: Callable[[str], None]) -> None:
    """Serves; `say` is told the address once it answers. Raises CannotListen."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for owner in foreign_owners():
        log.warning(
            "软件包 %s 也带有名为 bot、corpus 或 index 的包，可能覆盖本程序。请为策问单独建一个环境。", owner
        )
    app.answering.answer(app.answering.example(), State())  # the first member waits no longer than the others
    asyncio.run(_serve(app, host, port, say))


async def _serve(app: App, host: str, port: int, say: Callable[[str], None]) -> None:
    started = time.perf_counter()
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    async with await Writer.open(app.home.database.path) as writer, ClientSession() as session:
        filing, desk = make_filing(app), make_desk(app, writer)
        inbox = make_inbox(app, filing, desk, writer)
        found = channels(app, inbox, writer, session)
        filing.attach(channel for channel in found if isinstance(channel, FileSource))
        messengers = {channel.name: channel for channel in found if isinstance(channel, Messenger)}
        inbox.attach(messengers.values())
        server = make_server(found, lambda: _is_ready(app))
        make_screens(app, writer, desk, found).add_to(server)
        server.cleanup_ctx.append(_while_open(inbox))
        server.cleanup_ctx.append(_notifying(Notifier(writer, messengers, app.phrases, utc_now)))
        runner = web.AppRunner(server, access_log=None, handle_signals=False)
        await runner.setup()
        try:
            bound = await _listen(runner, host, port)
            names = "、".join(c.name for c in found)
            say(
                f"策问已启动：http://{host}:{bound}/ （渠道：{names}；通知 {len(app.library)} 份）按 Ctrl+C 停止。"
            )
            log.info("ready in %.2f s", time.perf_counter() - started)
            await stopped.wait()
        finally:
            await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> int:
    """The port that it listens on."""
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise CannotListen(f"{host}:{port} 不能监听：{error.strerror}。请换一个端口（--port）。") from None
    return int(runner.addresses[0][1])


def _while_open(inbox: Inbox) -> Callable[[web.Application], AsyncIterator[None]]:
    """Takes up what was left when the channels have started, and closes the inbox before they stop."""

    async def run(_: web.Application) -> AsyncIterator[None]:
        await inbox.start()
        yield
        await inbox.close()

    return run


def _notifying(notifier: Notifier) -> Callable[[web.Application], AsyncIterator[None]]:
    """Tells participants what is due as long as the server runs."""

    async def run(_: web.Application) -> AsyncIterator[None]:
        running = asyncio.create_task(notifier.run())
        yield
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    return run


def _is_ready(app: App) -> bool:
    app.collection.refresh()
    return True
