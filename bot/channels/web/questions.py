"""What POST /api/ask takes: a JSON object with a question and perhaps a session, read with bounds."""

import json
from dataclasses import dataclass

from aiohttp import web

from corpus.errors import CewenError

MAX_BODY = 64 * 1024
"""Bytes, after decompression."""
MAX_SESSION = 200
"""Characters."""


class BadQuestion(CewenError):
    """The body is not what the API takes; `status` is the HTTP status that says so."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True, slots=True)
class WebQuestion:
    question: str
    session: str | None


async def read_question(request: web.Request) -> WebQuestion:
    """The question in the request's body. Raises BadQuestion."""
    if request.content_type != "application/json":
        raise BadQuestion("请求的 Content-Type 应为 application/json。")
    body = await _bounded_body(request)
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        raise BadQuestion('请求不是有效的 JSON，应形如 {"question": "…"}。') from None
    if not isinstance(fields, dict):
        raise BadQuestion('请求应是一个 JSON 对象，形如 {"question": "…"}。')
    question, session = fields.get("question"), fields.get("session")
    if not isinstance(question, str):
        raise BadQuestion("缺少 question，或它不是字符串。")
    if session is not None and (not isinstance(session, str) or len(session) > MAX_SESSION):
        raise BadQuestion(f"session 应是不超过 {MAX_SESSION} 个字符的字符串。")
    return WebQuestion(_well_formed(question), _well_formed(session) if session else None)


async def _bounded_body(request: web.Request) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.content.iter_chunked(8192):
            body += chunk
            if len(body) > MAX_BODY:
                raise BadQuestion(f"请求太长，最多 {MAX_BODY // 1024} KB。", 413)
    except web.RequestPayloadError:
        raise BadQuestion("请求的内容解不开，请检查 Content-Encoding 和传输格式。") from None
    return bytes(body)


def _well_formed(text: str) -> str:
    """JSON can carry half of a surrogate pair, which no UTF-8 can: it becomes U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
