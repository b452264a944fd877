"""The official account's API: one token for all, typed refusals, windows, consents and mass sendings."""

import asyncio
import json
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import assert_never

import pytest
from aiohttp import ClientSession, web
from callbacks import NOON, Clock
from wechat_platform import FakeWeChat

from bot.channels.delivery import (
    Delivered,
    Delivery,
    Gone,
    NoConsent,
    NoQuota,
    NotAllowed,
    Rejected,
    RetryAt,
    Unclear,
    WindowClosed,
)
from bot.channels.model import Attachment, Choice, Reply, Update, UpdateKind
from bot.channels.tencent.api import ApiError, Unreachable
from bot.channels.wechat.api import Article, MassContent, WeChatApi
from bot.channels.wechat.codec import Consent, Consents, MassResult, read_message
from bot.channels.wechat.consents import ConsentBook
from bot.channels.wechat.mass import MassSender, note_result
from bot.channels.wechat.messages import ServiceMessages
from bot.channels.wechat.outcomes import outcome
from bot.channels.wechat.windows import Windows
from bot.store.writer import Writer

MEMBER, OTHER = "oMember01", "oMember02"
PICTURE = Attachment("a.png", "image/png", b"\x89PNG")
TEMPLATE = "template1"


@pytest.fixture
async def platform(clock: Clock) -> AsyncIterator[FakeWeChat]:
    async with FakeWeChat(clock, followers=[MEMBER, OTHER]).serving() as platform:
        yield platform


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


def make_api(
    platform: FakeWeChat, session: ClientSession, writer: Writer, clock: Clock, secret: str = ""
) -> WeChatApi:
    return WeChatApi(
        session,
        writer,
        appid=platform.appid,
        secret=secret or platform.secret,
        base=platform.address,
        clock=clock,
    )


@pytest.fixture
def api(platform: FakeWeChat, session: ClientSession, writer: Writer, clock: Clock) -> WeChatApi:
    return make_api(platform, session, writer, clock)


async def followers(api: WeChatApi) -> list[str]:
    return [member async for member in api.followers()]


class TestToken:
    async def test_many_that_need_it_at_once_fetch_it_once(
        self, api: WeChatApi, platform: FakeWeChat
    ) -> None:
        await asyncio.gather(*(api.mass_status("1") for _ in range(100)), return_exceptions=True)
        assert platform.fetched == {"stable_token": 1}

    async def test_one_that_has_died_is_replaced_once_for_all_and_the_call_made_again(
        self, api: WeChatApi, platform: FakeWeChat
    ) -> None:
        await followers(api)
        platform.expire_tokens()
        found = await asyncio.gather(*(followers(api) for _ in range(20)))
        assert found == [[MEMBER, OTHER]] * 20
        assert platform.fetched == {"stable_token": 2}

    async def test_one_that_never_works_costs_two_calls_and_no_more(
        self, api: WeChatApi, platform: FakeWeChat
    ) -> None:
        await api.menu()
        platform.faults = [40001, 0, 0, 40001]
        with pytest.raises(ApiError, match="40001"):
            await api.menu()
        assert platform.called["get_current_selfmenu_info"] == 3
        assert platform.called["stable_token"] == 3  # the same one came back, so a new one was asked for

    async def test_it_is_stored_with_its_end_so_a_restart_fetches_none(
        self, api: WeChatApi, platform: FakeWeChat, session: ClientSession, writer: Writer, clock: Clock
    ) -> None:
        await followers(api)
        clock.now += timedelta(seconds=7000)
        await followers(make_api(platform, session, writer, clock))
        assert platform.fetched == {"stable_token": 1}
        clock.now += timedelta(seconds=200)
        await followers(make_api(platform, session, writer, clock))
        assert platform.fetched == {"stable_token": 2}

    async def test_one_that_another_process_has_renewed_is_taken_from_the_store(
        self, api: WeChatApi, platform: FakeWeChat, session: ClientSession, writer: Writer, clock: Clock
    ) -> None:
        await followers(api)
        platform.expire_tokens()
        await followers(make_api(platform, session, writer, clock))
        await followers(api)
        assert platform.fetched == {"stable_token": 2}

    async def test_a_wrong_secret_is_told_and_not_printed(
        self,
        platform: FakeWeChat,
        session: ClientSession,
        writer: Writer,
        clock: Clock,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        api = make_api(platform, session, writer, clock, secret="s3cretOfNobody")
        with pytest.raises(ApiError, match="40125") as caught:
            await followers(api)
        assert "s3cretOfNobody" not in str(caught.value) + caplog.text

    async def test_a_network_failure_names_neither_address_nor_token(
        self, api: WeChatApi, platform: FakeWeChat, clock: Clock, writer: Writer, session: ClientSession
    ) -> None:
        platform.address = "http://127.0.0.1:1"
        with pytest.raises(Unreachable) as caught:
            await followers(make_api(platform, session, writer, clock))
        assert not caught.value.may_have_arrived
        assert platform.secret not in repr(caught.value)
        assert "127.0.0.1" not in repr(caught.value)


async def refused(api: WeChatApi, code: int, platform: FakeWeChat) -> Delivery:
    await followers(api)  # has a token
    platform.faults = [code, 0, 0, code]  # a dead token is renewed and tried again
    with pytest.raises(ApiError) as caught:
        await api.send_text(MEMBER, "甲")
    return outcome(caught.value, NOON)


class TestOutcomes:
    @pytest.mark.parametrize(
        ("code", "kind"),
        [
            (-1, RetryAt),
            (40001, NotAllowed),
            (40003, Gone),
            (40014, NotAllowed),
            (40164, NotAllowed),
            (42001, NotAllowed),
            (43004, Gone),
            (43101, NoConsent),
            (45009, NoQuota),
            (45011, RetryAt),
            (45015, WindowClosed),
            (45028, NoQuota),
            (45047, NoQuota),
            (48001, NotAllowed),
            (48004, NotAllowed),
            (45002, Rejected),
            (99999, Rejected),
        ],
    )
    async def test_every_code_has_its_outcome(
        self, api: WeChatApi, platform: FakeWeChat, code: int, kind: type[Delivery]
    ) -> None:
        became = await refused(api, code, platform)
        assert type(became) is kind
        assert not isinstance(became, Delivered)
        assert str(code) in became.reason

    async def test_a_daily_quota_begins_anew_at_midnight_in_shanghai(
        self, api: WeChatApi, platform: FakeWeChat
    ) -> None:
        match await refused(api, 45009, platform):
            case NoQuota(until):
                assert until == datetime(2024, 3, 1, 16, tzinfo=UTC)
            case other:
                pytest.fail(f"{other}")

    def test_whoever_sends_can_match_them_all(self) -> None:
        def word(outcome: Delivery) -> str:
            match outcome:
                case Delivered() | RetryAt() | Unclear() | Gone() | WindowClosed():
                    return "a"
                case NoQuota() | NoConsent() | NotAllowed() | Rejected():
                    return "b"
                case _:
                    assert_never(outcome)

        assert word(Delivered()) == "a"


def contact(kind: UpdateKind = UpdateKind.TEXT, at: datetime = NOON, wants_reply: bool = True) -> Update:
    return Update("wechat", MEMBER, MEMBER, "1", kind, at, wants_reply=wants_reply)


class TestServiceMessages:
    @pytest.fixture
    def windows(self, writer: Writer, clock: Clock) -> Windows:
        return Windows(writer, clock)

    @pytest.fixture
    def service(self, api: WeChatApi, windows: Windows, clock: Clock) -> ServiceMessages:
        return ServiceMessages(api, windows, clock)

    async def send(self, service: ServiceMessages, count: int) -> list[str]:
        return [type(await service.send(MEMBER, Reply("甲"))).__name__ for _ in range(count)]

    async def test_a_message_allows_five_in_48_hours(
        self, service: ServiceMessages, windows: Windows, platform: FakeWeChat, clock: Clock
    ) -> None:
        windows.open(contact())
        platform.contact(MEMBER)
        clock.now += timedelta(hours=47)
        assert await self.send(service, 6) == ["Delivered"] * 5 + ["WindowClosed"]
        assert platform.called["message/custom/send"] == 5

    async def test_after_48_hours_none_is_tried(
        self, service: ServiceMessages, windows: Windows, platform: FakeWeChat, clock: Clock
    ) -> None:
        windows.open(contact())
        clock.now += timedelta(hours=48)
        assert await self.send(service, 1) == ["WindowClosed"]
        assert platform.called["message/custom/send"] == 0

    @pytest.mark.parametrize("kind", [UpdateKind.SCAN, UpdateKind.BUTTON, UpdateKind.FOLLOW])
    async def test_a_tap_a_scan_and_following_allow_three_in_a_minute(
        self,
        service: ServiceMessages,
        windows: Windows,
        platform: FakeWeChat,
        clock: Clock,
        kind: UpdateKind,
    ) -> None:
        windows.open(contact(kind))
        platform.contact(MEMBER, is_tap=True)
        clock.now += timedelta(seconds=59)
        assert await self.send(service, 4) == ["Delivered"] * 3 + ["WindowClosed"]
        clock.now += timedelta(seconds=1)
        assert await self.send(service, 1) == ["WindowClosed"]

    async def test_the_window_that_closes_first_is_used_first(
        self, service: ServiceMessages, windows: Windows, platform: FakeWeChat, clock: Clock
    ) -> None:
        windows.open(contact())
        windows.open(contact(UpdateKind.SCAN))
        platform.contact(MEMBER)
        await self.send(service, 3)
        clock.now += timedelta(minutes=1)
        platform.contact(MEMBER)
        assert await self.send(service, 6) == ["Delivered"] * 5 + ["WindowClosed"]

    async def test_a_new_message_begins_a_new_allowance(
        self, service: ServiceMessages, windows: Windows, platform: FakeWeChat
    ) -> None:
        for _ in range(2):
            windows.open(contact())
            platform.contact(MEMBER)
            assert await self.send(service, 5) == ["Delivered"] * 5

    async def test_windows_outlive_a_restart(
        self, api: WeChatApi, windows: Windows, platform: FakeWeChat, writer: Writer, clock: Clock
    ) -> None:
        windows.open(contact())
        windows.flush()
        platform.contact(MEMBER)
        restarted = ServiceMessages(api, Windows(writer, clock), clock)
        assert await self.send(restarted, 6) == ["Delivered"] * 5 + ["WindowClosed"]

    @pytest.mark.parametrize("kind", [UpdateKind.LOCATION, UpdateKind.OTHER, UpdateKind.UNFOLLOW])
    async def test_what_nobody_did_on_purpose_allows_nothing(
        self, service: ServiceMessages, windows: Windows, kind: UpdateKind
    ) -> None:
        windows.open(contact(kind, wants_reply=False))
        assert await self.send(service, 1) == ["WindowClosed"]

    async def test_whoever_leaves_is_not_written_to(
        self, service: ServiceMessages, windows: Windows, platform: FakeWeChat
    ) -> None:
        windows.open(contact())
        windows.open(contact(UpdateKind.UNFOLLOW, wants_reply=False))
        assert await self.send(service, 1) == ["WindowClosed"]
        assert platform.called["message/custom/send"] == 0

    @pytest.mark.parametrize("code", [45047, 45015])
    async def test_the_platform_has_the_last_word(
        self, service: ServiceMessages, windows: Windows, platform: FakeWeChat, api: WeChatApi, code: int
    ) -> None:
        windows.open(contact())
        await followers(api)
        platform.faults = [code]
        await self.send(service, 2)
        assert platform.called["message/custom/send"] == 1

    async def test_what_was_not_sent_is_not_counted(
        self, service: ServiceMessages, windows: Windows, platform: FakeWeChat, api: WeChatApi
    ) -> None:
        windows.open(contact())
        platform.contact(MEMBER)
        await followers(api)
        platform.faults = [-1, -1]
        assert await self.send(service, 7) == ["RetryAt"] * 2 + ["Delivered"] * 5

    async def test_an_account_without_the_right_is_not_asked_again_for_an_hour(
        self, service: ServiceMessages, windows: Windows, platform: FakeWeChat, clock: Clock
    ) -> None:
        windows.open(contact())
        platform.contact(MEMBER)
        platform.is_verified = False
        assert await self.send(service, 3) == ["NotAllowed"] * 3
        assert platform.called["message/custom/send"] == 1
        platform.is_verified = True
        clock.now += timedelta(hours=1)
        assert await self.send(service, 5) == ["Delivered"] * 5

    async def test_choices_are_links_and_a_picture_follows_its_text(
        self, service: ServiceMessages, windows: Windows, platform: FakeWeChat
    ) -> None:
        windows.open(contact())
        platform.contact(MEMBER)
        reply = Reply("您是问：", (Choice("截止日期", "截止到哪天"),), attachment=PICTURE)
        assert await service.send(MEMBER, reply) == Delivered()
        text, picture = platform.messages
        link = '<a href="weixin://bizmsgmenu?msgmenucontent=截止到哪天&msgmenuid=1">截止日期</a>'
        assert text["text"]["content"] == f"您是问：\n1. {link}"
        assert platform.media[picture["image"]["media_id"]] == PICTURE.content

    async def test_a_lost_answer_leaves_it_unclear(
        self, writer: Writer, clock: Clock, session: ClientSession, windows: Windows
    ) -> None:
        async def hang_up(request: web.Request) -> web.Response:
            if request.path.endswith("token"):
                return web.json_response({"access_token": "t", "expires_in": 7200})
            assert request.transport
            request.transport.close()
            return web.Response()

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", hang_up)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        api = WeChatApi(session, writer, appid="a", secret="s", base=base, clock=clock)
        windows.open(contact())
        service = ServiceMessages(api, windows, clock)
        assert isinstance(await service.send(MEMBER, Reply("甲")), Unclear)
        await runner.cleanup()


class TestConsents:
    @pytest.fixture
    def book(self, writer: Writer, clock: Clock) -> ConsentBook:
        return ConsentBook(writer, clock)

    @staticmethod
    def event(name: str, *items: str, second: int = 0) -> Consents:
        kind = {
            "popup": "SubscribeMsgPopupEvent",
            "change": "SubscribeMsgChangeEvent",
            "sent": "SubscribeMsgSentEvent",
        }
        listed = "".join(f"<List>{item}</List>" for item in items)
        xml = (
            f"<xml><ToUserName>gh</ToUserName><FromUserName>{MEMBER}</FromUserName><CreateTime>{1709294400 + second}"
            f"</CreateTime><MsgType>event</MsgType><Event>subscribe_msg_{name}_event</Event>"
            f"<{kind[name]}>{listed}</{kind[name]}></xml>"
        )
        read = read_message(xml.encode(), NOON)
        assert isinstance(read, Consents)
        return read

    @staticmethod
    def answer(status: str, template: str = TEMPLATE) -> str:
        return (
            f"<TemplateId><![CDATA[{template}]]></TemplateId>"
            f"<SubscribeStatusString>{status}</SubscribeStatusString><PopupScene>2</PopupScene>"
        )

    async def test_each_yes_is_one_message_and_counted_once_however_often_it_is_told(
        self, book: ConsentBook
    ) -> None:
        yes = self.event("popup", self.answer("accept"), self.answer("reject", "template2"))
        for event in (yes, yes, self.event("popup", self.answer("accept"), second=1)):
            await book.note(event)
        assert await book.remaining(MEMBER, TEMPLATE) == 2
        assert await book.remaining(MEMBER, "template2") == 0
        assert await book.remaining(OTHER, TEMPLATE) == 0

    async def test_a_message_uses_one_up_whether_we_tell_or_the_platform_or_both(
        self, book: ConsentBook, api: WeChatApi, platform: FakeWeChat
    ) -> None:
        platform.consents[MEMBER, TEMPLATE] = 1
        for second in range(2):
            await book.note(self.event("popup", self.answer("accept"), second=second))
        message = await api.send_subscription(MEMBER, TEMPLATE, {"thing1": "讲座提醒"})
        await book.spend(MEMBER, TEMPLATE, message)
        sent = f"<TemplateId>{TEMPLATE}</TemplateId><MsgID>{message}</MsgID><ErrorCode>0</ErrorCode>"
        await book.note(self.event("sent", sent, second=9))
        assert await book.remaining(MEMBER, TEMPLATE) == 1

    async def test_taking_it_back_takes_all_back_and_a_later_yes_counts(self, book: ConsentBook) -> None:
        for second in range(3):
            await book.note(self.event("popup", self.answer("accept"), second=second))
        no = self.event("change", self.answer("reject"), second=5)
        await book.note(no)
        assert await book.remaining(MEMBER, TEMPLATE) == 0
        await book.note(self.event("popup", self.answer("accept"), second=6))
        await book.note(no)  # delivered again
        assert await book.remaining(MEMBER, TEMPLATE) == 1

    async def test_a_message_that_failed_uses_none_up(self, book: ConsentBook) -> None:
        await book.note(self.event("popup", self.answer("accept")))
        failed = f"<TemplateId>{TEMPLATE}</TemplateId><MsgID>1</MsgID><ErrorCode>1</ErrorCode>"
        await book.note(self.event("sent", failed))
        assert await book.remaining(MEMBER, TEMPLATE) == 1

    async def test_without_consent_the_platform_refuses(self, api: WeChatApi) -> None:
        with pytest.raises(ApiError) as caught:
            await api.send_subscription(MEMBER, TEMPLATE, {"thing1": "讲座提醒"})
        assert isinstance(outcome(caught.value, NOON), NoConsent)

    async def test_whoever_leaves_takes_their_consents_with_them(self, book: ConsentBook) -> None:
        await book.note(Consents((Consent("k", MEMBER, TEMPLATE, 1),)))
        book.forget(MEMBER)
        assert await book.remaining(MEMBER, TEMPLATE) == 0


class TestMassSending:
    @pytest.fixture
    def sender(self, api: WeChatApi, writer: Writer, clock: Clock) -> MassSender:
        return MassSender(api, writer, clock)

    async def test_it_is_queued_then_sent_and_the_result_is_told(
        self, sender: MassSender, platform: FakeWeChat, writer: Writer
    ) -> None:
        queued = await sender.send("notice-1", MassContent.TEXT, "讲座改期")
        [job] = platform.jobs
        assert queued == Delivered(str(job.id))
        assert job.content["filter"] == {"is_to_all": True}
        assert await sender.result("notice-1") is None
        result = read_message(platform.finish(job, sent=98, failed=2).encode(), NOON)
        assert isinstance(result, MassResult)
        for _ in range(2):
            await note_result(writer, result)
        assert await sender.result("notice-1") == MassResult(str(job.id), "send success", 100, 100, 98, 2)

    async def test_the_same_sending_again_sends_nothing_again(
        self, sender: MassSender, platform: FakeWeChat
    ) -> None:
        platform.mass_left = 2
        first = await sender.send("notice-1", MassContent.TEXT, "讲座改期")
        assert await sender.send("notice-1", MassContent.TEXT, "讲座改期") == first
        assert len(platform.jobs) == 1

    async def test_one_whose_answer_was_lost_is_found_by_its_own_id(
        self, sender: MassSender, api: WeChatApi, platform: FakeWeChat
    ) -> None:
        job = await api.send_to_all("notice-1", MassContent.TEXT, "讲座改期")  # the process died here
        assert await sender.send("notice-1", MassContent.TEXT, "讲座改期") == Delivered(job)
        assert len(platform.jobs) == 1

    async def test_without_quota_it_is_an_outcome(self, sender: MassSender, platform: FakeWeChat) -> None:
        platform.mass_left = 0
        assert isinstance(await sender.send("notice-1", MassContent.TEXT, "讲座改期"), NoQuota)

    async def test_a_preview_goes_to_one_member(self, sender: MassSender, platform: FakeWeChat) -> None:
        assert await sender.preview(MEMBER, MassContent.TEXT, "讲座改期") == Delivered()
        assert [preview["touser"] for preview in platform.previews] == [MEMBER]
        assert platform.jobs == []
        assert isinstance(await sender.preview("oGone", MassContent.TEXT, "讲座改期"), Gone)

    async def test_articles_go_as_a_draft(
        self, sender: MassSender, api: WeChatApi, platform: FakeWeChat
    ) -> None:
        cover = await api.upload_cover(PICTURE)
        draft = await api.add_draft([Article("讲座改期", "<p>改到周五</p>", cover)])
        assert isinstance(await sender.send("notice-2", MassContent.ARTICLES, draft), Delivered)
        assert platform.jobs[0].content["mpnews"] == {"media_id": draft}
        await api.delete_draft(draft)
        assert platform.drafts == {}

    async def test_the_platform_can_be_asked_how_it_goes(
        self, sender: MassSender, api: WeChatApi, platform: FakeWeChat
    ) -> None:
        queued = await sender.send("notice-1", MassContent.TEXT, "讲座改期")
        assert isinstance(queued, Delivered)
        assert await api.mass_status(queued.message) == "SENDING"


class TestOtherCalls:
    async def test_a_code_brings_its_scene(self, api: WeChatApi, platform: FakeWeChat) -> None:
        code = await api.create_code("chk-7-42-mac", 90)
        assert platform.scenes[code.picture.rpartition("=")[2]] == "chk-7-42-mac"
        assert code.expires_seconds == 90

    @pytest.mark.parametrize(("scene", "seconds"), [("", 60), ("a" * 65, 60), ("a", 0), ("a", 2592001)])
    async def test_a_code_that_the_platform_would_not_make_is_refused_here(
        self, api: WeChatApi, platform: FakeWeChat, scene: str, seconds: int
    ) -> None:
        with pytest.raises(ValueError, match="scene"):
            await api.create_code(scene, seconds)
        assert platform.called["qrcode/create"] == 0

    async def test_all_followers_are_listed_page_by_page(self, api: WeChatApi, platform: FakeWeChat) -> None:
        platform.followers = [f"o{n}" for n in range(25)]
        platform.page = 10
        assert await followers(api) == platform.followers

    async def test_chinese_goes_as_it_is(self, api: WeChatApi, platform: FakeWeChat) -> None:
        platform.contact(MEMBER)
        await api.send_text(MEMBER, "讲座改期\ud800😀")
        assert platform.messages[0]["text"]["content"] == "讲座改期😀"

    async def test_what_is_left_of_a_quota_can_be_asked(self, api: WeChatApi, platform: FakeWeChat) -> None:
        platform.calls_left["message/custom/send"] = 7
        assert (await api.quota("/cgi-bin/message/custom/send")).remaining == 7


async def test_a_client_by_others_gets_along_with_our_fake(platform: FakeWeChat, standins: Path) -> None:
    platform.contact(MEMBER)
    menu = {"button": [{"type": "click", "name": "最新通知", "key": "最新通知"}]}
    job = {
        "prefix": f"{platform.address}/cgi-bin/",
        "appid": platform.appid,
        "secret": platform.secret,
        "member": MEMBER,
        "scene": "chk-7",
        "menu": menu,
        "text": "讲座改期",
    }
    node = await asyncio.create_subprocess_exec(
        *("node", "--no-deprecation", str(standins / "wechat_api.js")), stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    out, err = await node.communicate(json.dumps(job).encode())
    assert node.returncode == 0, err.decode()
    told = json.loads(out)
    assert told["wrongSecret"] == {"code": 40125}
    assert told["sendToStranger"] == {"code": 43004}
    assert platform.messages[0]["text"]["content"] == "讲座改期"
    assert platform.scenes[told["code"]["ticket"]] == "chk-7"
    assert told["menu"]["menu"]["button"][0]["key"] == "最新通知"
    assert told["menuConfig"]["is_menu_open"] == 1
    assert told["followers"]["data"]["openid"] == [MEMBER, OTHER]
    assert told["massAgain"] == {"code": 45065}
    assert told["massStatus"]["msg_status"] == "SENDING"
    assert told["noMenu"] == {"code": 46003}
    assert told["afterDeath"]["total"] == 2
    assert platform.fetched["token"] == 3
