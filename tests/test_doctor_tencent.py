"""`cewen doctor` on WeChat and WeCom: which of callback, token, key, IP list, clock, menu and quota is wrong."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from callbacks import Arrivals, Core, post, serving
from wechat_platform import FakeWeChat
from wechatpy.crypto import WeChatCrypto
from wecom_platform import FakeWeCom

from bot.channels.tencent.callback import Sentences
from bot.channels.tencent.envelope import sign
from bot.channels.wechat.channel import WeChatChannel
from bot.channels.wechat.script import Script, read_script
from bot.channels.wecom.channel import WeComChannel
from bot.findings import Finding
from bot.inbox.inbox import Inbox
from bot.inbox.inbox import Sentences as InboxSentences
from bot.settings import Settings, load_settings
from bot.store.writer import Writer
from bot.tencent import (
    examine_wechat,
    examine_wecom,
    push_wechat_menu,
    wechat_account,
    wecom_account,
    wecom_api,
)
from bot.wording import utc_now

AES_KEY, OTHER_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "B" * 43
MENU = "[[menu]]\nname = '最新通知'\nsay = '最新的通知'\n[[menu]]\nname = '关于'\n[[menu.item]]\nname = '官网'\nlink = 'https://a.cn'\n"


@pytest.fixture
async def platform() -> AsyncIterator[FakeWeChat]:
    async with FakeWeChat(utc_now).serving() as platform:
        yield platform


@pytest.fixture
async def writer(tmp_path: Path) -> AsyncIterator[Writer]:
    async with await Writer.open(tmp_path / "cewen.sqlite3") as writer:
        yield writer


@pytest.fixture
def configure(tmp_path: Path, platform: FakeWeChat) -> Callable[..., Settings]:
    def configure(**changed: str) -> Settings:
        settings = {
            "wechat_token": "s3cretToken",
            "wechat_appid": platform.appid,
            "wechat_secret": platform.secret,
            "wechat_aes_key": AES_KEY,
            "wechat_api": platform.address,
        } | changed
        (tmp_path / "cewen.toml").write_text("\n".join(f'{k} = "{v}"' for k, v in settings.items()))
        return load_settings(tmp_path)

    return configure


@pytest.fixture
async def serve(writer: Writer) -> AsyncIterator[Callable[[Settings], Awaitable[str]]]:
    """Runs the channel with these settings; gives the public address."""
    async with AsyncExitStack() as running:

        async def serve(settings: Settings) -> str:
            inbox = Inbox(Core().respond, writer, sentences=InboxSentences("抱歉", ""), clock=utc_now)
            running.push_async_callback(inbox.close)
            channel = WeChatChannel(
                account=wechat_account(settings),
                api=None,
                take=inbox.take,
                writer=writer,
                script=Script(),
                sentences=Sentences("", "", ""),
                clock=utc_now,
            )
            return await running.enter_async_context(serving(channel, Arrivals()))

        yield serve


async def examined(settings: Settings, writer: Writer) -> dict[str, Finding]:
    async with ClientSession() as session:
        found = await examine_wechat(settings, writer, session)
    return {finding.about.partition("·")[2]: finding for finding in found}


def sealed(settings: Settings, xml: str) -> tuple[str, dict[str, str]]:
    now = str(int(utc_now().timestamp()))
    account = wechat_account(settings)
    crypto = WeChatCrypto(account.token, settings.wechat_aes_key.get_secret_value(), account.receiver)
    body = crypto.encrypt_message(xml, "n", now)
    signature = body.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
    return body, {
        "timestamp": now,
        "nonce": "n",
        "signature": sign(account.token, now, "n"),
        "msg_signature": signature,
    }


XML = (
    "<xml><ToUserName>gh</ToUserName><FromUserName>o</FromUserName><CreateTime>1709294400</CreateTime>"
    "<MsgType>text</MsgType><Content>甲</Content><MsgId>1</MsgId></xml>"
)


async def test_where_all_is_well_it_says_so(
    configure: Callable[..., Settings],
    serve: Callable[[Settings], Awaitable[str]],
    writer: Writer,
    tmp_path: Path,
) -> None:
    (tmp_path / "wechat.toml").write_text(MENU)
    url = await serve(configure())
    settings = configure(public_url=url)
    assert (await post(f"{url}/wechat", *sealed(settings, XML)))[0] == 200
    async with ClientSession() as session:
        await push_wechat_menu(settings, writer, session)
    found = await examined(settings, writer)
    assert {about for about, finding in found.items() if not finding.well} == set()
    assert found.keys() == {"回调", "消息", "接口", "时钟", "菜单", "客服消息", "群发", "带参数的二维码"}
    assert "最近一次收到消息" in found["消息"].says


class TestCallback:
    async def test_an_address_that_nobody_set_is_asked_for(
        self, configure: Callable[..., Settings], writer: Writer
    ) -> None:
        finding = (await examined(configure(), writer))["回调"]
        assert not finding.well
        assert "CEWEN_PUBLIC_URL" in finding.says

    async def test_one_that_cant_be_opened(self, configure: Callable[..., Settings], writer: Writer) -> None:
        finding = (await examined(configure(public_url="http://127.0.0.1:1"), writer))["回调"]
        assert not finding.well
        assert "打不开" in finding.says

    async def test_one_where_a_server_runs_with_another_token(
        self,
        configure: Callable[..., Settings],
        serve: Callable[[Settings], Awaitable[str]],
        writer: Writer,
    ) -> None:
        url = await serve(configure(wechat_token="another"))
        finding = (await examined(configure(public_url=url), writer))["回调"]
        assert not finding.well
        assert "CEWEN_WECHAT_TOKEN" in finding.says

    async def test_one_where_something_else_answers(
        self, configure: Callable[..., Settings], writer: Writer
    ) -> None:
        runner = web.AppRunner(web.Application())
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        finding = (await examined(configure(public_url=url), writer))["回调"]
        await runner.cleanup()
        assert not finding.well
        assert "404" in finding.says

    async def test_in_plain_mode_too(
        self,
        configure: Callable[..., Settings],
        serve: Callable[[Settings], Awaitable[str]],
        writer: Writer,
    ) -> None:
        url = await serve(configure(wechat_aes_key=""))
        assert (await examined(configure(wechat_aes_key="", public_url=url), writer))["回调"].well


class TestWhatThePlatformSent:
    async def test_nothing_yet(self, configure: Callable[..., Settings], writer: Writer) -> None:
        finding = (await examined(configure(), writer))["消息"]
        assert not finding.well
        assert "基本配置" in finding.says

    @pytest.mark.parametrize(
        ("theirs", "about", "setting"),
        [
            ({"wechat_token": "another"}, "令牌", "CEWEN_WECHAT_TOKEN"),
            ({"wechat_aes_key": OTHER_KEY}, "密钥", "CEWEN_WECHAT_AES_KEY"),
            ({"wechat_appid": "wx_other"}, "密钥", "CEWEN_WECHAT_APPID"),
        ],
    )
    async def test_signed_or_sealed_with_something_else(
        self,
        configure: Callable[..., Settings],
        serve: Callable[[Settings], Awaitable[str]],
        writer: Writer,
        theirs: dict[str, str],
        about: str,
        setting: str,
    ) -> None:
        url = await serve(configure())
        assert (await post(f"{url}/wechat", *sealed(configure(**theirs), XML)))[0] == 403
        finding = (await examined(configure(public_url=url), writer))[about]
        assert not finding.well
        assert setting in finding.says

    async def test_not_encrypted_though_there_is_a_key(
        self,
        configure: Callable[..., Settings],
        serve: Callable[[Settings], Awaitable[str]],
        writer: Writer,
    ) -> None:
        url = await serve(configure())
        _, query = sealed(configure(), XML)
        assert (await post(f"{url}/wechat", XML, query))[0] == 403
        finding = (await examined(configure(public_url=url), writer))["加解密方式"]
        assert "安全模式" in finding.says

    async def test_what_was_mended_since_is_not_told(
        self,
        configure: Callable[..., Settings],
        serve: Callable[[Settings], Awaitable[str]],
        writer: Writer,
    ) -> None:
        url = await serve(configure())
        await post(f"{url}/wechat", *sealed(configure(wechat_token="another"), XML))
        await post(f"{url}/wechat", *sealed(configure(), XML))
        assert "令牌" not in await examined(configure(public_url=url), writer)


class TestApi:
    async def test_without_a_secret_it_says_what_there_is_not(
        self, configure: Callable[..., Settings], writer: Writer
    ) -> None:
        finding = (await examined(configure(wechat_secret=""), writer))["接口"]
        assert finding.well
        assert "只能被动回复" in finding.says

    @pytest.mark.parametrize(
        ("changed", "setting"),
        [
            ({"wechat_secret": "wrong"}, "CEWEN_WECHAT_SECRET"),
            ({"wechat_appid": "wx_no"}, "CEWEN_WECHAT_APPID"),
        ],
    )
    async def test_wrong_credentials_are_named(
        self,
        configure: Callable[..., Settings],
        writer: Writer,
        changed: dict[str, str],
        setting: str,
    ) -> None:
        found = await examined(configure(**changed), writer)
        assert not found["接口"].well
        assert setting in found["接口"].says
        assert "菜单" not in found

    async def test_an_address_that_is_not_on_the_list_is_named(
        self, configure: Callable[..., Settings], writer: Writer, platform: FakeWeChat
    ) -> None:
        platform.is_listed = False
        finding = (await examined(configure(), writer))["接口"]
        assert not finding.well
        assert "白名单" in finding.says
        assert "203.0.113.7" in finding.says

    async def test_an_api_that_cant_be_reached(
        self, configure: Callable[..., Settings], writer: Writer
    ) -> None:
        finding = (await examined(configure(wechat_api="http://127.0.0.1:1"), writer))["接口"]
        assert not finding.well
        assert "网络" in finding.says

    @pytest.mark.parametrize(("minutes", "word"), [(6, "慢"), (-6, "快")])
    async def test_a_clock_that_is_wrong(
        self,
        configure: Callable[..., Settings],
        writer: Writer,
        platform: FakeWeChat,
        minutes: int,
        word: str,
    ) -> None:
        platform.clock_offset = timedelta(minutes=minutes)
        finding = (await examined(configure(), writer))["时钟"]
        assert not finding.well
        assert word in finding.says

    async def test_a_menu_that_is_another(
        self,
        configure: Callable[..., Settings],
        writer: Writer,
        platform: FakeWeChat,
        tmp_path: Path,
    ) -> None:
        (tmp_path / "wechat.toml").write_text(MENU)
        platform.menu = {"button": [{"type": "click", "name": "旧的", "key": "旧"}]}
        finding = (await examined(configure(), writer))["菜单"]
        assert not finding.well
        assert "cewen wechat menu" in finding.says
        assert read_script(tmp_path).menu

    async def test_a_quota_that_is_used_up(
        self, configure: Callable[..., Settings], writer: Writer, platform: FakeWeChat
    ) -> None:
        platform.calls_left["message/custom/send"] = 0
        found = await examined(configure(), writer)
        assert not found["客服消息"].well
        assert "零点恢复" in found["客服消息"].says
        assert found["群发"].well


class TestWeCom:
    @pytest.fixture
    async def app(self) -> AsyncIterator[FakeWeCom]:
        async with FakeWeCom(members={"zhangsan"}).serving() as app:
            yield app

    def configure(self, home: Path, app: FakeWeCom, **changed: str) -> Settings:
        settings = {
            "wecom_token": "s3cretToken",
            "wecom_corp_id": app.corp_id,
            "wecom_agent_id": str(app.agent_id),
            "wecom_secret": app.secret,
            "wecom_aes_key": AES_KEY,
            "wecom_api": app.address,
        } | changed
        (home / "cewen.toml").write_text("\n".join(f'{k} = "{v}"' for k, v in settings.items()))
        return load_settings(home)

    async def test_callback_and_credentials_are_looked_at(
        self, tmp_path: Path, app: FakeWeCom, writer: Writer
    ) -> None:
        settings = self.configure(tmp_path, app)
        inbox = Inbox(Core().respond, writer, sentences=InboxSentences("抱歉", ""), clock=utc_now)
        async with ClientSession() as session:
            channel = WeComChannel(
                account=wecom_account(settings),
                api=wecom_api(settings, writer, session),
                take=inbox.take,
                writer=writer,
                sentences=Sentences("", "", ""),
                clock=utc_now,
                seconds=asyncio.get_running_loop().time,
            )
            async with serving(channel, Arrivals()) as url:
                found = await examine_wecom(self.configure(tmp_path, app, public_url=url), writer, session)
            wrong = await examine_wecom(self.configure(tmp_path, app, wecom_secret="wrong"), writer, session)
        await inbox.close()
        by_name = {finding.about: finding for finding in found}
        assert by_name["企业微信·回调"].well
        assert by_name["企业微信·接口"].well
        told = {finding.about: finding for finding in wrong}["企业微信·接口"]
        assert not told.well
        assert "CEWEN_WECOM_SECRET" in told.says

    async def test_an_api_that_is_not_reached(self, tmp_path: Path, app: FakeWeCom, writer: Writer) -> None:
        settings = self.configure(tmp_path, app, wecom_api="http://127.0.0.1:1")
        async with ClientSession() as session:
            found = {finding.about: finding for finding in await examine_wecom(settings, writer, session)}
        assert not found["企业微信·接口"].well
        assert "CEWEN_WECOM_API" in found["企业微信·接口"].says
