"""Between the official account's XML and the model."""

import re
from contextlib import suppress
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy import parse_message

from bot.channels.model import Reply, UpdateKind
from bot.channels.tencent.envelope import Unreadable
from bot.channels.tencent.text import message_text
from bot.channels.tencent.updates import Asked, render_picture, render_text
from bot.channels.wechat.codec import (
    Consent,
    Consents,
    MassResult,
    Received,
    read_message,
)

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
STAMP = str(int(NOON.timestamp()))
MEMBER, ACCOUNT = "oMember0001", "gh_cewen"


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


def told(xml: str) -> Received:
    return read_message(xml.encode("utf-8", "surrogatepass"), NOON)


def read(xml: str) -> Asked:
    received = told(xml)
    assert isinstance(received, Asked)
    return received


def content_of(xml: str) -> str:
    return ElementTree.fromstring(xml).findtext("Content") or ""  # noqa: S314  # our own XML


class TestReading:
    def test_a_text_carries_who_what_when_and_until_when(self) -> None:
        received = read(text("短视频征集由哪个部门负责？"))
        update = received.update
        assert (update.channel, update.member, update.chat) == ("wechat", MEMBER, MEMBER)
        assert (update.kind, update.text) == (UpdateKind.TEXT, "短视频征集由哪个部门负责？")
        assert update.received_at == NOON
        assert (received.account, update.wants_reply) == (ACCOUNT, True)

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
            (event("VIEW", "https://a.cn/"), UpdateKind.OTHER, "", "view", False),
            (event("LOCATION"), UpdateKind.LOCATION, "", ",", False),
            (event("TEMPLATESENDJOBFINISH"), UpdateKind.OTHER, "", "templatesendjobfinish", False),
            (event("user_authorization_revoke"), UpdateKind.OTHER, "", "user_authorization_revoke", False),
            (event("来年才有的"), UpdateKind.OTHER, "", "来年才有的", False),
            (of_type("image"), UpdateKind.OTHER, "", "image", True),
            (of_type("file"), UpdateKind.FILE, "", "", True),
            (of_type("来年才有的"), UpdateKind.OTHER, "", "来年才有的", True),
        ],
    )
    def test_what_a_member_does_has_its_kind(
        self, xml: str, kind: UpdateKind, typed: str, payload: str, wants_reply: bool
    ) -> None:
        received = read(xml)
        update = received.update
        assert (update.kind, update.text, update.payload) == (kind, typed, payload)
        assert update.wants_reply is wants_reply

    def test_a_place_that_was_picked_on_the_map_is_a_location_as_the_world_counts_it(self) -> None:
        place = "<Location_X>29.5</Location_X><Location_Y>106.5</Location_Y><MsgId>8</MsgId>"
        update = read(incoming(f"<MsgType><![CDATA[location]]></MsgType>{place}")).update
        assert (update.kind, update.payload) == (UpdateKind.LOCATION, "29.502736,106.496154")

    def test_a_place_that_a_phone_reports_is_a_location_too(self) -> None:
        place = "<MsgType>event</MsgType><Event>LOCATION</Event><Latitude>29.5</Latitude><Longitude>106.5</Longitude>"
        update = read(incoming(place)).update
        assert (update.kind, update.payload, update.wants_reply) == (UpdateKind.LOCATION, "29.5,106.5", False)

    def test_a_voice_is_what_the_platform_has_heard(self) -> None:
        voice = "<MsgType>voice</MsgType><MediaId>m</MediaId><Format>amr</Format><MsgId>9</MsgId>"
        heard = voice + "<Recognition><![CDATA[截止到哪天]]></Recognition>"
        assert read(incoming(heard)).update.text == "截止到哪天"
        assert read(incoming(voice)).update.kind is UpdateKind.OTHER

    def test_a_code_scanned_from_the_menu_is_a_scan(self) -> None:
        scanned = (
            "<MsgType>event</MsgType><Event>scancode_waitmsg</Event><EventKey>k</EventKey>"
            "<ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult><![CDATA[chk-7]]></ScanResult></ScanCodeInfo>"
        )
        update = read(incoming(scanned)).update
        assert (update.kind, update.payload) == (UpdateKind.SCAN, "chk-7")

    def test_consents_are_told_template_by_template(self) -> None:
        answers = "".join(
            f"<List><TemplateId>{template}</TemplateId><SubscribeStatusString>{status}</SubscribeStatusString></List>"
            for template, status in (("t1", "accept"), ("t2", "reject"))
        )
        for name, inner in (("popup", "SubscribeMsgPopupEvent"), ("change", "SubscribeMsgChangeEvent")):
            body = f"<MsgType>event</MsgType><Event>subscribe_msg_{name}_event</Event><{inner}>{answers}</{inner}>"
            received = told(incoming(body))
            assert isinstance(received, Consents)
            changes = [(c.member, c.template, c.change) for c in received.changes]
            taken_back = [(MEMBER, "t2", None)] if name == "change" else []
            assert changes == [(MEMBER, "t1", 1), *taken_back]

    def test_a_message_that_was_sent_has_used_up_a_consent(self) -> None:
        sent = "<List><TemplateId>t1</TemplateId><MsgID>77</MsgID><ErrorCode>0</ErrorCode></List>"
        body = f"<MsgType>event</MsgType><Event>subscribe_msg_sent_event</Event><X>{sent}</X>"
        assert told(incoming(body)) == Consents((Consent("sent:77", MEMBER, "t1", -1),))

    def test_the_end_of_a_mass_sending_is_told_in_numbers(self) -> None:
        body = (
            "<MsgType>event</MsgType><Event>MASSSENDJOBFINISH</Event><MsgID>3147</MsgID><Status>send success</Status>"
            "<TotalCount>100</TotalCount><FilterCount>80</FilterCount><SentCount>75</SentCount>"
            "<ErrorCount>5</ErrorCount><CopyrightCheckResult><Count>2</Count></CopyrightCheckResult>"
        )
        assert told(incoming(body)) == MassResult("3147", "send success", 100, 80, 75, 5)

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
            event("SCAN").replace("<CreateTime>1709294400", "<CreateTime>noon"),
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
            received = told(damaged)
            assert not isinstance(received, Asked) or received.update.member


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

    def test_a_picture_goes_back_by_its_media_id(self) -> None:
        reply = ElementTree.fromstring(render_picture(read(text("甲")), "media1", NOON))  # noqa: S314
        assert (reply.findtext("MsgType"), reply.findtext("Image/MediaId")) == ("image", "media1")


class TestBesideWechatpy:
    """wechatpy, as the oracle, reads the same from what the platform documents."""

    FIELDS = (
        text("报名截止到哪天？"),
        event("subscribe", "qrscene_0123"),
        event("SCAN", "chk-7"),
        event("CLICK", "最新通知"),
        event("unsubscribe"),
        incoming(
            "<MsgType>location</MsgType><Location_X>29.5</Location_X><Location_Y>106.5</Location_Y><MsgId>8</MsgId>"
        ),
    )

    @pytest.mark.parametrize("xml", FIELDS)
    def test_who_what_and_which_are_the_same(self, xml: str) -> None:
        theirs, ours = parse_message(xml), read(xml)
        assert (ours.update.member, ours.account) == (theirs.source, theirs.target)
        for name in ("content", "scene_id", "key"):
            if expected := getattr(theirs, name, None):
                assert expected in (ours.update.text, ours.update.payload)

    @given(st.text())
    def test_any_text_is_read_as_it_is(self, said: str) -> None:
        xml = text(said.replace("]]>", "]]]]><![CDATA[>"))
        cleaned = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", xml)
        assert read(xml).update.text == (parse_message(cleaned).content or "").strip()
