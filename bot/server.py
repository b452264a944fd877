"""The one aiohttp server: every channel's routes, health, metrics. Channels start with it and stop with it."""

from collections.abc import AsyncIterator, Callable, Sequence

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.channels.model import Channel
from bot.channels.web.headers import secure


def make_server(channels: Sequence[Channel], is_ready: Callable[[], bool]) -> web.Application:
    """The application to run. `is_ready` tells whether questions can be answered now."""
    app = web.Application()
    secure(app)
    app.router.add_get("/healthz", _get_health)
    app.router.add_get("/metrics", _get_metrics)

    async def get_readiness(_: web.Request) -> web.Response:
        return (
            web.json_response({"ready": True})
            if is_ready()
            else web.json_response({"ready": False}, status=503)
        )

    app.router.add_get("/readyz", get_readiness)
    for channel in channels:
        app.router.add_routes(channel.routes())

    async def run_channels(_: web.Application) -> AsyncIterator[None]:
        started: list[Channel] = []
        try:
            for channel in channels:
                await channel.start()
                started.append(channel)
            yield
        finally:
            for channel in reversed(started):
                await channel.stop()

    app.cleanup_ctx.append(run_channels)
    return app


async def _get_health(_: web.Request) -> web.Response:
    return web.json_response({"alive": True})


async def _get_metrics(_: web.Request) -> web.Response:
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
