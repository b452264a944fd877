"""Makes what is needed for WeChat and WeCom from the settings: for the server, the command line and the doctor."""

import time

from aiohttp import ClientSession

from bot.channels.tencent.api import ApiError, Unreachable
from bot.channels.tencent.callback import Sentences
from bot.channels.tencent.envelope import Account, Misconfigured, SettingNames, make_account
from bot.channels.tencent.health import seen
from bot.channels.wechat import diagnosis as wechat
from bot.channels.wechat.api import WeChatApi
from bot.channels.wechat.channel import WeChatChannel
from bot.channels.wechat.codec import CHANNEL as WECHAT
from bot.channels.wechat.menu import push
from bot.channels.wechat.script import Script, read_script
from bot.channels.wecom import diagnosis as wecom
from bot.channels.wecom.api import WeComApi
from bot.channels.wecom.channel import CHANNEL as WECOM
from bot.channels.wecom.channel import WeComChannel
from bot.findings import Finding
from bot.inbox.inbox import Inbox
from bot.languages import Language
from bot.phrasebook import Phrasebook
from bot.settings import Settings
from bot.store.writer import Writer
from bot.wording import utc_now
from corpus.errors import CewenError


class MenuNotPushed(CewenError):
    """The platform did not take the menu."""


_WECOM = SettingNames("CEWEN_WECOM_TOKEN", "CEWEN_WECOM_AES_KEY", "CEWEN_WECOM_CORP_ID")
_WECHAT = SettingNames("CEWEN_WECHAT_TOKEN", "CEWEN_WECHAT_AES_KEY", "CEWEN_WECHAT_APPID")


def wechat_channel(
    settings: Settings, inbox: Inbox, writer: Writer, session: ClientSession, phrases: Phrasebook
) -> WeChatChannel:
    """The official account. Raises Misconfigured."""
    return WeChatChannel(
        account=wechat_account(settings),
        api=wechat_api(settings, writer, session),
        take=inbox.take,
        writer=writer,
        script=read_script(settings.home),
        sentences=_sentences(phrases),
        clock=utc_now,
    )


def wechat_account(settings: Settings) -> Account:
    """What is agreed with WeChat. Raises Misconfigured."""
    return make_account(
        settings.wechat_token.get_secret_value(),
        settings.wechat_appid,
        settings.wechat_aes_key.get_secret_value(),
        _WECHAT,
    )


def wechat_api(settings: Settings, writer: Writer, session: ClientSession) -> WeChatApi | None:
    """The official account's API; None where its secret is not set."""
    secret = settings.wechat_secret.get_secret_value()
    if not secret:
        return None
    return WeChatApi(
        session,
        writer,
        appid=settings.wechat_appid,
        secret=secret,
        base=settings.wechat_api,
        clock=utc_now,
    )


def wecom_channel(
    settings: Settings, inbox: Inbox, writer: Writer, session: ClientSession, phrases: Phrasebook
) -> WeComChannel:
    """The WeCom app. Raises Misconfigured."""
    return WeComChannel(
        account=wecom_account(settings),
        api=wecom_api(settings, writer, session),
        take=inbox.take,
        writer=writer,
        sentences=_sentences(phrases),
        clock=utc_now,
        seconds=time.monotonic,
    )


def wecom_account(settings: Settings) -> Account:
    """What is agreed with WeCom, which knows no plain mode. Raises Misconfigured."""
    key = settings.wecom_aes_key.get_secret_value()
    if not key:
        raise Misconfigured(
            "设置了 CEWEN_WECOM_TOKEN，还需要 CEWEN_WECOM_AES_KEY。请从应用的“接收消息”设置里复制。"
        )
    return make_account(settings.wecom_token.get_secret_value(), settings.wecom_corp_id, key, _WECOM)


def wecom_api(settings: Settings, writer: Writer, session: ClientSession) -> WeComApi | None:
    """The WeCom app's API; None where its secret is not set. Raises Misconfigured."""
    secret = settings.wecom_secret.get_secret_value()
    if not secret:
        return None
    if not settings.wecom_agent_id:
        raise Misconfigured("设置了 CEWEN_WECOM_SECRET，还需要 CEWEN_WECOM_AGENT_ID。请从应用详情页复制。")
    return WeComApi(
        session,
        writer,
        corp_id=settings.wecom_corp_id,
        agent_id=settings.wecom_agent_id,
        secret=secret,
        base=settings.wecom_api,
        clock=utc_now,
    )


async def examine_wechat(settings: Settings, writer: Writer, session: ClientSession) -> list[Finding]:
    """What is well and what is wrong with the official account; nothing where it is not set up. Raises CewenError."""
    if not settings.wechat_token.get_secret_value():
        return []
    told = await writer.write(lambda database: seen(database, WECHAT))
    account, api = wechat_account(settings), wechat_api(settings, writer, session)
    script = read_script(settings.home)
    return await wechat.diagnose(session, account, api, script, settings.public_url, told, utc_now)


async def examine_wecom(settings: Settings, writer: Writer, session: ClientSession) -> list[Finding]:
    """What is well and what is wrong with the WeCom app; nothing where it is not set up. Raises CewenError."""
    if not settings.wecom_token.get_secret_value():
        return []
    told = await writer.write(lambda database: seen(database, WECOM))
    account, api = wecom_account(settings), wecom_api(settings, writer, session)
    return await wecom.diagnose(session, account, api, settings.public_url, told, utc_now)


async def push_wechat_menu(settings: Settings, writer: Writer, session: ClientSession) -> Script:
    """Gives the platform the menu of HOME/wechat.toml. Raises CewenError."""
    script, api = read_script(settings.home), wechat_api(settings, writer, session)
    if api is None:
        raise Misconfigured("推送菜单需要 CEWEN_WECHAT_SECRET。请从公众平台“基本配置”页复制。")
    try:
        await push(api, script, writer, settings.wechat_appid, utc_now)
    except (ApiError, Unreachable) as error:
        raise MenuNotPushed(f"菜单没有推送成：{error}。请运行 cewen doctor 查看原因。") from None
    return script


def _sentences(phrases: Phrasebook) -> Sentences:
    words = phrases.catalogue[Language.CHINESE]  # the platforms don't tell a member's language
    return Sentences(words("late.waiting"), words("limits.busy"), words("late.no_files"))
