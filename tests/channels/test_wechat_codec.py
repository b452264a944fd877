"""Between the official account's bytes and the model, with wechatpy as the platform's side."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature

from bot.channels.model import Choice, Reply, UpdateKind
from bot.channels.wechat.codec import Received, cut, message_text, read_message, render_text
from bot.channels.wechat.envelope import (
    Refused,
    Unreadable,
    WeChatMisconfigured,
    check_query,
    make_account,
    open_body,
    seal,
    sign,
)

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
STAMP = str(int(NOON.timestamp()))
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
MEMBER, ACCOUNT = "oMember0001", "gh_cewen"
SAFE = make_account("token", "wx1", AES_KEY)
PLAIN = make_account("token", "wx1", "")
PLATFORM = WeChatCrypto("token", AES_KEY, "wx1")


def incoming(body: str, member: str = MEMBER, sent: int = 1709294400) -> str:
    return (
        f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName><FromUserName><![CDATA[{member}]]></FromUserName>"
        f"<CreateTime>{sent}</CreateTime>{body}</xml>"
    )


def text(content: str, msg_id: str = "24000000000000001") -> str:
    body = f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{content}]]></Content>"
    return incoming(f"{body}<MsgId>{msg_id}</MsgId>")


def event(name: str, key: str = "", member: str = MEMBER, sent: int = 1709294400) -> str:
    body = f"<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[{name}]]></Event>"
    return incoming(f"{body}<EventKey><![CDATA[{key}]]></EventKey>", member, sent)


def of_type(name: str) -> str:
    return incoming(f"<MsgType><![CDATA[{name}]]></MsgType><MsgId>7</MsgId>")


def read(xml: str) -> Received:
    return read_message(xml, NOON)


def content_of(xml: str) -> str:
    return ElementTree.fromstring(xml).findtext("Content") or ""  # noqa: S314  # our own XML


class TestReading:
    def test_a_text_carries_who_what_when_and_until_when(self) -> None:
        received = read(text("短视频征集由哪个部门负责？"))
        update = received.update
        assert (update.channel, update.member, update.chat) == ("wechat", MEMBER, MEMBER)
        assert (update.kind, update.text) == (UpdateKind.TEXT, "短视频征集由哪个部门负责？")
        assert update.received_at == NOON
        assert (received.account, received.wants_reply) == (ACCOUNT, True)

    @pytest.mark.parametrize("blank", ["", " ", "\n \t", "\u3000"])
    def test_blank_text_is_empty_text(self, blank: str) -> None:
        assert read(text(blank)).update.text == ""

    def test_control_characters_are_dropped(self) -> None:
        assert read(text("报\x1d名\x00截\x0b止\uffff")).update.text == "报名截止"

    @pytest.mark.parametrize(
        ("xml", "kind", "typed", "payload", "wants_reply"),
        [
            (event("subscribe"), UpdateKind.FOLLOW, "", "", True),
            (event("subscribe", "qrscene_0123"), UpdateKind.FOLLOW, "", "0123", True),
            (event("SCAN", "chk-7"), UpdateKind.SCAN, "", "chk-7", True),
            (event("CLICK", "最新通知"), UpdateKind.BUTTON, "最新通知", "最新通知", True),
            (event("unsubscribe"), UpdateKind.UNFOLLOW, "", "", False),
            (event("VIEW", "https://a.cn/"), UpdateKind.OTHER, "", "https://a.cn/", False),
            (event("LOCATION"), UpdateKind.LOCATION, "", "0.0,0.0", False),
            (event("MASSSENDJOBFINISH"), UpdateKind.OTHER, "", "", False),
            (event("subscribe_msg_popup_event"), UpdateKind.OTHER, "", "", False),
            (of_type("image"), UpdateKind.OTHER, "", "", True),
            (of_type("file"), UpdateKind.FILE, "", "", True),
            (of_type("来年才有的"), UpdateKind.OTHER, "", "", True),
        ],
    )
    def test_what_a_member_does_has_its_kind(
        self, xml: str, kind: UpdateKind, typed: str, payload: str, wants_reply: bool
    ) -> None:
        received = read(xml)
        update = received.update
        assert (update.kind, update.text, update.payload) == (kind, typed, payload)
        assert received.wants_reply is wants_reply

    def test_a_place_that_was_sent_is_a_location(self) -> None:
        place = "<Location_X>29.5</Location_X><Location_Y>106.5</Location_Y><MsgId>8</MsgId>"
        update = read(incoming(f"<MsgType><![CDATA[location]]></MsgType>{place}")).update
        assert (update.kind, update.payload) == (UpdateKind.LOCATION, "29.5,106.5")

    def test_the_tries_of_a_message_share_its_id_as_key(self) -> None:
        assert read(text("甲", "5")).update.key == read(text("甲", "5")).update.key == "5"

    def test_events_differ_by_member_second_event_and_key(self) -> None:
        events = [
            event("SCAN", "a"),
            event("SCAN", "b"),
            event("CLICK", "a"),
            event("SCAN", "a", member="oMember0002"),
            event("SCAN", "a", sent=1709294401),
        ]
        keys = [read(e).update.key for e in events]
        assert len(set(keys)) == len(events)
        assert keys == [read(e).update.key for e in events]

    def test_an_events_key_doesnt_tell_the_member(self) -> None:
        assert MEMBER not in read(event("SCAN", "a")).update.key

    def test_messages_without_an_id_are_not_taken_for_one(self) -> None:
        body = "<MsgType><![CDATA[text]]></MsgType><Content>甲</Content>"
        keys = {read(incoming(body, member=m)).update.key for m in ("oA", "oB")}
        assert len(keys) == 2

    @pytest.mark.parametrize(
        "xml",
        [
            "",
            "<xml>",
            "<xml></xml>",
            "<html/>",
            "not XML at all",
            text("甲", "not a number"),
            incoming("<MsgType>text</MsgType><MsgType>text</MsgType>"),
            incoming("<MsgType>text</MsgType><Content>1</Content><Content>2</Content><MsgId>1</MsgId>"),
            incoming("<MsgType>text</MsgType><Content><b>1</b></Content><MsgId>1</MsgId>"),
            text("甲").replace("<CreateTime>1709294400", "<CreateTime>noon"),
            text("甲").replace(MEMBER, ""),
            text("甲").replace(MEMBER, "o" * 200),
            '<!DOCTYPE x [<!ENTITY a "b">]>' + text("甲"),
            '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><MsgType>&a;</MsgType></xml>',
        ],
    )
    def test_what_is_no_message_is_unreadable(self, xml: str) -> None:
        with pytest.raises(Unreadable):
            read(xml)

    @given(st.text())
    def test_any_other_text_is_unreadable_and_nothing_worse(self, xml: str) -> None:
        with pytest.raises(Unreadable):
            read(xml)

    @given(st.data())
    def test_a_damaged_message_is_read_or_unreadable_and_nothing_worse(self, data: st.DataObject) -> None:
        whole = data.draw(st.sampled_from([text("甲"), event("SCAN", "a"), event("subscribe", "qrscene_1")]))
        start = data.draw(st.integers(0, len(whole)))
        end = data.draw(st.integers(start, len(whole)))
        damaged = whole[:start] + data.draw(st.text(max_size=5)) + whole[end:]
        with suppress(Unreadable):
            assert read(damaged).update.member


class TestWriting:
    def test_a_reply_goes_back_to_whom_it_came_from(self) -> None:
        reply = ElementTree.fromstring(render_text(read(text("甲")), "答", NOON))  # noqa: S314
        fields = {child.tag: child.text for child in reply}
        assert fields == {
            "ToUserName": MEMBER,
            "FromUserName": ACCOUNT,
            "CreateTime": STAMP,
            "MsgType": "text",
            "Content": "答",
        }

    def test_the_end_of_cdata_in_a_reply_is_just_text(self) -> None:
        evil = "甲 ]]></Content><FuncFlag>1</FuncFlag><Content><![CDATA[ 乙 ]]]]>"
        xml = render_text(read(text("甲")), evil, NOON)
        assert content_of(xml) == evil
        assert "FuncFlag" not in [child.tag for child in ElementTree.fromstring(xml)]  # noqa: S314

    def test_the_end_of_cdata_in_a_name_is_just_text(self) -> None:
        received = read(incoming("<MsgType>text</MsgType><MsgId>1</MsgId>", member="o]]]]><![CDATA[>x"))
        reply = ElementTree.fromstring(render_text(received, "答", NOON))  # noqa: S314
        assert reply.findtext("ToUserName") == "o]]>x"

    @given(st.text(st.characters()))
    def test_any_reply_is_well_formed_and_within_the_limit(self, said: str) -> None:
        shown = message_text(Reply(said))
        assert len(shown.encode()) <= 2048
        returned = content_of(render_text(read(text("甲")), shown, NOON))
        assert returned == re.sub("\r\n?", "\n", shown)  # as XML has line ends

    def test_a_reply_that_fits_is_whole(self) -> None:
        said = "字" * 682 + "ab"
        assert len(said.encode()) == 2048
        assert message_text(Reply(said)) == said

    @pytest.mark.parametrize("character", ["a", "é", "字", "😀"])
    def test_a_long_reply_is_cut_between_characters(self, character: str) -> None:
        shown = message_text(Reply(character * 3000))
        assert set(shown) == {character, "…"}
        assert shown.endswith("…")
        assert 2048 - len(character.encode()) < len(shown.encode()) <= 2048

    def test_a_long_reply_ends_after_a_line_if_one_ends_near(self) -> None:
        assert cut("一二三四五六七八\n九十。十一十二", 36) == "一二三四五六七八…"

    def test_a_long_reply_ends_after_a_sentence_if_no_line_does(self) -> None:
        assert cut("一二三四五六七“八。”九十十一十二", 39) == "一二三四五六七“八。”…"

    def test_a_sentence_that_ended_long_ago_is_no_place_to_cut(self) -> None:
        assert cut("一。" + "二" * 20, 30) == "一。" + "二" * 7 + "…"

    def test_choices_are_numbered_below_the_text(self) -> None:
        reply = Reply("您是问：", (Choice("截止日期", "截止到哪天"), Choice("联系人", "找谁")))
        assert message_text(reply) == "您是问：\n1. 截止日期\n2. 联系人"

    def test_choices_outlive_the_cutting_of_the_text(self) -> None:
        shown = message_text(Reply("字" * 2000, (Choice("截止日期", "截止到哪天"),)))
        assert shown.endswith("字…\n1. 截止日期")
        assert len(shown.encode()) <= 2048

    def test_many_choices_are_cut_too(self) -> None:
        shown = message_text(Reply("选：", tuple(Choice("字" * 50, "字") for _ in range(50))))
        assert shown.startswith("选：\n1. 字")
        assert len(shown.encode()) <= 2048


class TestSignatures:
    @given(st.text(), st.text(), st.text())
    def test_the_signature_is_the_one_of_wechatpy(self, token: str, timestamp: str, nonce: str) -> None:
        check_signature(token, sign(token, timestamp, nonce), timestamp, nonce)

    @staticmethod
    def query(timestamp: str) -> dict[str, str]:
        return {"signature": sign("token", timestamp, "n"), "timestamp": timestamp, "nonce": "n"}

    @pytest.mark.parametrize("seconds", [-300, 0, 300])
    def test_a_request_of_five_minutes_around_is_fresh(self, seconds: int) -> None:
        check_query(PLAIN, self.query(str(int(STAMP) + seconds)), NOON)

    @pytest.mark.parametrize("seconds", [-301, 301, 86400])
    def test_an_older_request_is_refused_and_so_is_one_from_the_future(self, seconds: int) -> None:
        with pytest.raises(Refused, match="时钟"):
            check_query(PLAIN, self.query(str(int(STAMP) + seconds)), NOON)

    @pytest.mark.parametrize("timestamp", ["", "soon", STAMP + "000", "+" + STAMP, "１７０９２９４４００"])
    def test_a_signed_timestamp_that_is_no_time_is_refused(self, timestamp: str) -> None:
        with pytest.raises(Refused, match="秒"):
            check_query(PLAIN, self.query(timestamp), NOON)

    @pytest.mark.parametrize("wrong", ["", "é", "0" * 40, "\udcff", "A" * 9000])
    def test_a_wrong_signature_is_refused(self, wrong: str) -> None:
        with pytest.raises(Refused, match="signature"):
            check_query(PLAIN, {**self.query(STAMP), "signature": wrong}, NOON)

    def test_an_empty_query_is_refused(self) -> None:
        with pytest.raises(Refused, match="signature"):
            check_query(PLAIN, {}, NOON)


class TestEncryption:
    @staticmethod
    def sealed(xml: str, crypto: WeChatCrypto = PLATFORM) -> tuple[dict[str, str], bytes]:
        """What the platform sends: its query and body."""
        envelope = ElementTree.fromstring(crypto.encrypt_message(xml, "n", STAMP))  # noqa: S314
        query = {"timestamp": STAMP, "nonce": "n", "msg_signature": envelope.findtext("MsgSignature") or ""}
        encrypted = envelope.findtext("Encrypt")
        return query, f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode()

    def test_what_the_platform_encrypted_is_opened(self) -> None:
        query, body = self.sealed(text("报名截止到哪天？"))
        assert open_body(SAFE, query, body, NOON) == text("报名截止到哪天？")

    def test_what_is_sealed_the_platform_opens(self) -> None:
        xml = render_text(read(text("甲")), "答：三月 😀", NOON)
        envelope = seal(SAFE, xml, NOON)
        fields = ElementTree.fromstring(envelope)  # noqa: S314
        proof = [fields.findtext(name) for name in ("MsgSignature", "TimeStamp", "Nonce")]
        assert PLATFORM.decrypt_message(envelope, *proof) == xml

    def test_a_plain_account_sends_plain(self) -> None:
        assert seal(PLAIN, "<xml/>", NOON) == "<xml/>"

    def test_a_plain_body_is_refused_where_there_is_a_key(self) -> None:
        with pytest.raises(Refused, match="安全模式"):
            open_body(SAFE, {}, text("甲").encode(), NOON)

    @pytest.mark.parametrize(
        "tamper",
        [
            lambda query, body: ({**query, "msg_signature": ""}, body),
            lambda query, body: ({**query, "msg_signature": sign("token", STAMP, "n")}, body),
            lambda query, body: ({**query, "nonce": "m"}, body),
            lambda query, body: (query, body.replace(b"CDATA[", b"CDATA[A")),
        ],
        ids=["missing", "the other signature", "another nonce", "another ciphertext"],
    )
    def test_a_body_that_was_not_signed_is_refused(
        self, tamper: Callable[[dict[str, str], bytes], tuple[dict[str, str], bytes]]
    ) -> None:
        query, body = tamper(*self.sealed(text("甲")))
        with pytest.raises(Refused, match="msg_signature"):
            open_body(SAFE, query, body, NOON)

    @pytest.mark.parametrize(
        "crypto", [WeChatCrypto("token", "B" * 43, "wx1"), WeChatCrypto("token", AES_KEY, "wx2")]
    )
    def test_another_key_or_app_is_refused_with_a_hint(self, crypto: WeChatCrypto) -> None:
        query, body = self.sealed(text("甲"), crypto)
        with pytest.raises(Refused, match="APPID"):
            open_body(SAFE, query, body, NOON)

    @given(st.text("ABC/+=", min_size=1))
    def test_signed_rubbish_is_refused_and_nothing_worse(self, rubbish: str) -> None:
        query = {"timestamp": STAMP, "nonce": "n", "msg_signature": sign("token", STAMP, "n", rubbish)}
        with pytest.raises(Refused):
            open_body(SAFE, query, f"<xml><Encrypt>{rubbish}</Encrypt></xml>".encode(), NOON)

    def test_an_encrypted_body_without_a_key_says_what_is_missing(self) -> None:
        query, body = self.sealed(text("甲"))
        with pytest.raises(Unreadable, match="CEWEN_WECHAT_AES_KEY"):
            open_body(PLAIN, query, body, NOON)

    def test_no_secret_is_printed(self) -> None:
        assert repr(make_account("s3cret", "wx1", AES_KEY)) == "Account(appid='wx1')"

    @pytest.mark.parametrize(("key", "appid"), [("short", "wx1"), (AES_KEY + "A", "wx1"), (AES_KEY, "")])
    def test_a_key_that_cant_work_is_told_at_once(self, key: str, appid: str) -> None:
        with pytest.raises(WeChatMisconfigured, match="CEWEN_WECHAT") as caught:
            make_account("token", appid, key)
        assert key not in str(caught.value)


def test_a_long_answer_is_cut_before_its_source_never_in_it() -> None:
    source = "出处：云科协发〔2025〕12号《关于印发工作方案的通知》 附件 第7项（2025年3月18日）"
    text = message_text(Reply("长" * 2000, source=source))
    assert len(text.encode()) <= 2048
    assert text.endswith(f"…\n{source}")
