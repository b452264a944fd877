"""python-telegram-bot's requests over aiohttp, as the rest of the server speaks HTTP.

A message costs a fraction of what it costs through httpx, and a failure says whether the request went out.
"""

from typing import Any

import aiohttp
from telegram.error import NetworkError
from telegram.request import BaseRequest, RequestData

CONNECTIONS = 256
CONNECT_SECONDS = 10.0
READ_SECONDS = 20.0
UPLOAD_SECONDS = 60.0


class NotSent(NetworkError):
    """The request didn't go out: no connection could be had."""


class NoAnswer(NetworkError):
    """The request went out, or may have, and no answer came."""


class AiohttpRequest(BaseRequest):
    """One pool of connections; open between `initialize` and `shutdown`."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        return READ_SECONDS

    async def initialize(self) -> None:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=CONNECTIONS)
            self._session = aiohttp.ClientSession(connector=connector, trust_env=True)  # HTTPS_PROXY

    async def shutdown(self) -> None:
        if self._session:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Status and body of the response. Raises NotSent and NoAnswer."""
        if self._session is None:
            raise NotSent("not connected")
        form = _form(request_data)
        seconds = read_timeout if isinstance(read_timeout, float | int) else READ_SECONDS
        timeout = aiohttp.ClientTimeout(
            connect=CONNECT_SECONDS, sock_read=seconds, total=seconds + CONNECT_SECONDS + UPLOAD_SECONDS
        )
        try:
            async with self._session.request(method, url, data=form, timeout=timeout) as response:
                return response.status, await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotSent(type(error).__name__) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NoAnswer(type(error).__name__) from error


def _form(request_data: RequestData | None) -> dict[str, str] | aiohttp.FormData | None:
    if request_data is None:
        return None
    if not request_data.multipart_data:
        return request_data.json_parameters
    form = aiohttp.FormData(request_data.json_parameters, quote_fields=False)  # names may be Chinese
    for name, (filename, content, media_type) in request_data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=media_type)
    return form
