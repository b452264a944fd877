"""Gives the platform the menu of HOME/wechat.toml, when it is another than the one it was given last."""

import logging
from collections.abc import Callable
from datetime import datetime

from bot.channels.tencent.api import ApiError, Unreachable
from bot.channels.wechat.api import WeChatApi
from bot.channels.wechat.script import Script
from bot.store.database import Database, utc_text
from bot.store.writer import Writer

log = logging.getLogger(__name__)


async def push_menu(
    api: WeChatApi, script: Script, writer: Writer, appid: str, clock: Callable[[], datetime]
) -> None:
    """As push, if the menu has changed; what goes wrong goes to the log."""
    known = await writer.write(lambda database: pushed_digest(database, appid))
    if known == script.menu_digest() or not (known or script.menu):
        return
    try:
        await push(api, script, writer, appid, clock)
        log.info("微信公众号的菜单已更新")
    except (ApiError, Unreachable) as error:
        log.warning("微信公众号的菜单没有更新（%s）。请运行 cewen doctor。", error)


async def push(
    api: WeChatApi, script: Script, writer: Writer, appid: str, clock: Callable[[], datetime]
) -> None:
    """Gives the platform the menu, or takes the platform's away where the file has none.

    Raises ApiError, Unreachable.
    """
    if script.menu:
        await api.set_menu(script.menu_content())
    else:
        await api.delete_menu()
    digest, now = script.menu_digest(), clock()
    await writer.write(lambda database: _pushed(database, appid, digest, now))


def pushed_digest(database: Database, appid: str) -> str:
    """Which menu the platform was given last; "" for none."""
    rows = database.query("SELECT digest FROM wechat_menu WHERE account = :account", {"account": appid})
    return str(rows[0]["digest"]) if rows else ""


def _pushed(database: Database, appid: str, digest: str, now: datetime) -> None:
    database.execute(
        "INSERT INTO wechat_menu (account, digest, pushed_at) VALUES (:account, :digest, :now)"
        " ON CONFLICT (account) DO UPDATE SET digest = excluded.digest, pushed_at = excluded.pushed_at",
        {"account": appid, "digest": digest, "now": utc_text(now)},
    )
