"""Makes what is needed for WeChat and WeCom from the settings: for the server, the command line and the doctor."""

import time

from aiohttp import ClientSession

from bot.channels.tencent.callback import Sentences
from bot.channels.tencent.envelope import Account, Misconfigured, SettingNames, make_account
from bot.channels.wechat.api import WeChatApi
from bot.channels.wechat.channel import WeChatChannel
from bot.channels.wechat.script import read_script
from bot.channels.wecom.api import WeComApi
from bot.channels.wecom.channel import WeComChannel
from bot.inbox.inbox import Inbox
from bot.languages import Language
from bot.phrasebook import Phrasebook
from bot.settings import Settings
from bot.store.writer import Writer
from bot.wording import utc_now

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


def _sentences(phrases: Phrasebook) -> Sentences:
    words = phrases.catalogue[Language.CHINESE]  # the platforms don't tell a member's language
    return Sentences(words("late.waiting"), words("limits.busy"), words("late.no_files"))
