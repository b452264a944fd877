"""Calls to the platforms' HTTP APIs: a token fetched once for all who need it, one more try if it has died.

An access token is stored with the moment until which it is good, so that processes share it and a restart fetches
none. Answers carry an errcode: what is not 0 is an ApiError.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp

from bot.channels.tencent.xml import clean
from bot.store.database import Database, utc_text
from bot.store.writer import Writer

MARGIN = timedelta(minutes=1)
"""A token is not used in its last minute."""
TIMEOUT = aiohttp.ClientTimeout(total=10, sock_connect=5)
MAX_ANSWER = 16 << 20
DEAD_TOKEN = frozenset({40001, 40014, 42001})

log = logging.getLogger(__name__)

Json = dict[str, Any]


class ApiError(Exception):
    """The platform said no. `code` is its errcode, `reason` its errmsg, `answer` all it said."""

    def __init__(self, answer: Json) -> None:
        self.code = int(answer["errcode"])
        self.reason = str(answer.get("errmsg", ""))
        self.answer = answer
        super().__init__(f"{self.code} {self.reason}")


class Unreachable(Exception):
    """No answer came. `may_have_arrived` tells whether the request may have been carried out."""

    def __init__(self, reason: str, may_have_arrived: bool) -> None:
        super().__init__(reason)
        self.may_have_arrived = may_have_arrived


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and until when it is good (aware, UTC)."""

    value: str = field(repr=False)
    expires_at: datetime


Fetch = Callable[[bool], Awaitable[tuple[str, int]]]
"""Fetches a token and how many seconds it is good for; True asks for a new one even if the last still is."""


class Tokens:
    """The one token of an account. `account` names it in the store; `clock` gives aware datetimes."""

    def __init__(self, account: str, fetch: Fetch, writer: Writer, clock: Callable[[], datetime]) -> None:
        self._account = account
        self._fetch = fetch
        self._writer = writer
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token: Token | None = None

    async def get(self) -> str:
        """A token that should be good. Raises ApiError, Unreachable."""
        if self._token and self._is_good(self._token):
            return self._token.value
        async with self._lock:
            return await self._current(dead="")

    async def renew(self, dead: str) -> str:
        """Another token than the dead one: a fellow's, if one has been quicker. Raises ApiError, Unreachable."""
        async with self._lock:
            return await self._current(dead)

    async def _current(self, dead: str) -> str:
        if not self._may_use(self._token, dead):
            self._token = await self._writer.write(lambda database: _load(database, self._account))
        if not self._may_use(self._token, dead):
            value, seconds = await self._fetch(False)
            if value == dead:
                value, seconds = await self._fetch(True)
            token = Token(value, self._clock() + timedelta(seconds=seconds))
            await self._writer.write(lambda database: _save(database, self._account, token))
            self._token = token
        assert self._token  # noqa: S101  # for the type: it was loaded or fetched
        return self._token.value

    def _may_use(self, token: Token | None, dead: str) -> bool:
        return token is not None and token.value != dead and self._is_good(token)

    def _is_good(self, token: Token) -> bool:
        return self._clock() < token.expires_at - MARGIN


def _load(database: Database, account: str) -> Token | None:
    rows = database.query(
        "SELECT token, expires_at FROM access_token WHERE account = :account", {"account": account}
    )
    if not rows:
        return None
    return Token(str(rows[0]["token"]), datetime.fromisoformat(str(rows[0]["expires_at"])))


def _save(database: Database, account: str, token: Token) -> None:
    database.execute(
        "INSERT INTO access_token (account, token, expires_at) VALUES (:account, :token, :expires_at)"
        " ON CONFLICT (account) DO UPDATE SET token = excluded.token, expires_at = excluded.expires_at",
        {"account": account, "token": token.value, "expires_at": utc_text(token.expires_at)},
    )


class Http:
    """The platform's address, asked through a session. Knows nothing of tokens."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self._session = session
        self._base = base.rstrip("/")
        self.date: datetime | None = None
        """The platform's clock at its last answer, aware."""

    async def ask(
        self,
        path: str,
        query: Mapping[str, str] | None = None,
        content: Json | None = None,
        form: aiohttp.FormData | None = None,
    ) -> Json:
        """POSTs the content or form, else GETs; gives the answer's object. Raises ApiError, Unreachable."""
        # not as \u escapes: the platform would show them in menus and messages as they stand
        data = form if content is None else clean(json.dumps(content, ensure_ascii=False)).encode()
        method = "GET" if data is None else "POST"
        try:
            async with self._session.request(
                method, self._base + path, params=query, data=data, timeout=TIMEOUT
            ) as response:
                body = await response.content.read(MAX_ANSWER)
                self._note_date(response.headers.get("Date", ""))
                answer = json.loads(body)
        except aiohttp.ClientConnectorError as error:
            raise Unreachable(type(error).__name__, may_have_arrived=False) from None
        except (
            aiohttp.ClientError,
            TimeoutError,
            ValueError,
        ) as error:  # their texts hold the URL, and it the token
            raise Unreachable(type(error).__name__, may_have_arrived=True) from None
        if not isinstance(answer, dict):
            raise Unreachable("no object", may_have_arrived=True)
        if answer.get("errcode"):
            raise ApiError(answer)
        return answer

    def _note_date(self, text: str) -> None:
        try:
            date = parsedate_to_datetime(text)
        except ValueError:
            return
        self.date = date if date.tzinfo else date.replace(tzinfo=UTC)


class Api:
    """Calls that need a token."""

    def __init__(self, http: Http, tokens: Tokens) -> None:
        self._http = http
        self._tokens = tokens

    async def call(
        self,
        path: str,
        content: Json | None = None,
        query: Mapping[str, str] | None = None,
        form: Callable[[], aiohttp.FormData] | None = None,
    ) -> Json:
        """As Http.ask, with the token; with a fresh one if the platform says that it has died."""
        token = await self._tokens.get()
        try:
            return await self._with(token, path, content, query, form)
        except ApiError as error:
            if error.code not in DEAD_TOKEN:
                raise
        log.info("the access token has died before its time; a new one is fetched")
        return await self._with(await self._tokens.renew(token), path, content, query, form)

    async def _with(
        self,
        token: str,
        path: str,
        content: Json | None,
        query: Mapping[str, str] | None,
        form: Callable[[], aiohttp.FormData] | None,
    ) -> Json:
        asked = {"access_token": token, **(query or {})}
        return await self._http.ask(path, asked, content, form() if form else None)
