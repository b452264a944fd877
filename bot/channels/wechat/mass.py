"""Mass sendings: asked for once, and what the platform says became of them.

The platform only queues: errcode 0 says that it will send, an event says later to how many it did. A client id of our
own keeps a repeated call from sending twice, on the platform's side and here.
"""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime

from bot.channels.delivery import Delivered, Delivery
from bot.channels.tencent.api import ApiError, Unreachable
from bot.channels.wechat.api import MassContent, WeChatApi
from bot.channels.wechat.codec import MassResult
from bot.channels.wechat.outcomes import outcome
from bot.store.database import Database, utc_text
from bot.store.writer import Writer

QUEUED_BEFORE = 45065
"""A sending with this client id was queued before."""


class MassSender:
    """Sends to all followers; `clock` gives aware datetimes."""

    def __init__(self, api: WeChatApi, writer: Writer, clock: Callable[[], datetime]) -> None:
        self._api = api
        self._writer = writer
        self._clock = clock

    async def preview(self, member: str, kind: MassContent, content: str) -> Delivery:
        """Shows one member what all would receive."""
        try:
            await self._api.preview(member, kind, content)
        except (ApiError, Unreachable) as error:
            return outcome(error, self._clock())
        return Delivered()

    async def send(self, client_id: str, kind: MassContent, content: str, tag: int | None = None) -> Delivery:
        """Has the platform send to all, or those with the tag. Delivered says that it has queued it, with its id.

        The same client id again sends nothing again.
        """
        if job := await self._writer.write(lambda database: _job(database, client_id)):
            return Delivered(job)
        try:
            job = await self._api.send_to_all(client_id, kind, content, tag)
        except (ApiError, Unreachable) as error:
            if not isinstance(error, ApiError) or error.code != QUEUED_BEFORE:
                return outcome(error, self._clock())
            job = str(error.answer.get("msg_id", ""))
        now = self._clock()
        await self._writer.write(lambda database: _queued(database, client_id, job, now))
        return Delivered(job)

    async def result(self, client_id: str) -> MassResult | None:
        """What became of a sending; None until the platform has told."""
        return await self._writer.write(lambda database: _result(database, client_id))


async def note_result(writer: Writer, result: MassResult) -> None:
    """Stores what the platform tells of a sending that has ended."""
    await writer.write(lambda database: _ended(database, result))


def _job(database: Database, client_id: str) -> str:
    rows = database.query("SELECT job FROM wechat_mass WHERE client_id = :id", {"id": client_id})
    return str(rows[0]["job"]) if rows else ""


def _queued(database: Database, client_id: str, job: str, now: datetime) -> None:
    database.execute(
        "INSERT INTO wechat_mass (client_id, job, queued_at) VALUES (:client_id, :job, :now)"
        " ON CONFLICT (client_id) DO NOTHING",
        {"client_id": client_id, "job": job, "now": utc_text(now)},
    )


def _ended(database: Database, result: MassResult) -> None:
    database.execute(
        "INSERT INTO wechat_mass_result (job, status, total, filtered, sent, failed)"
        " VALUES (:job, :status, :total, :filtered, :sent, :failed) ON CONFLICT (job) DO NOTHING",
        asdict(result),
    )


def _result(database: Database, client_id: str) -> MassResult | None:
    rows = database.query(
        "SELECT r.job, r.status, r.total, r.filtered, r.sent, r.failed"
        " FROM wechat_mass_result r JOIN wechat_mass m ON m.job = r.job WHERE m.client_id = :id",
        {"id": client_id},
    )
    if not rows:
        return None
    told = rows[0]
    counts = (int(told[name] or 0) for name in ("total", "filtered", "sent", "failed"))
    return MassResult(str(told["job"]), str(told["status"]), *counts)
