"""Fetches a file that somebody has sent to the bot, within bounds."""

import aiohttp
import telegram
from telegram.error import TelegramError

from corpus.errors import CewenError

MAX_FILE = 20 << 20
"""Bytes; Telegram gives bots no larger ones (core.telegram.org/bots/api, getFile)."""
SECONDS = 120.0


class FileUnavailable(CewenError):
    """The file is too large, or could not be fetched."""


async def download(
    bot: telegram.Bot, file_id: str, session: aiohttp.ClientSession, most: int = MAX_FILE
) -> bytes:
    """The content of a file. Raises FileUnavailable, with a sentence that never holds the token."""
    try:
        file = await bot.get_file(file_id)
    except TelegramError as error:
        if "too big" in error.message:
            raise _too_large(most) from None
        raise FileUnavailable(f"文件没能从 Telegram 取来（{type(error).__name__}），请再发一次。") from None
    if file.file_size and file.file_size > most:
        raise _too_large(most)
    if not (file.file_path or "").startswith(("https://", "http://")):
        raise FileUnavailable("文件没能从 Telegram 取来：它给的地址不对，请再发一次。")
    try:
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        async with session.get(file.file_path or "", timeout=timeout, raise_for_status=True) as response:
            return await _bounded(response, most)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise FileUnavailable(f"文件没能从 Telegram 取来（{type(error).__name__}），请再发一次。") from None


async def _bounded(response: aiohttp.ClientResponse, most: int) -> bytes:
    content = bytearray()
    async for chunk in response.content.iter_chunked(1 << 16):
        content += chunk
        if len(content) > most:
            raise _too_large(most)
    return bytes(content)


def _too_large(most: int) -> FileUnavailable:
    return FileUnavailable(f"文件太大，最多 {most >> 20} MB。请压缩或拆分后再发。")
