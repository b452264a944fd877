"""Signatures, their freshness, and encryption of WeChat's and WeCom's callbacks, with wechatpy as the oracle."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature

from bot.channels.tencent.envelope import (
    Fault,
    Misconfigured,
    Replays,
    SettingNames,
    Unproven,
    Unreadable,
    check_query,
    make_account,
    open_body,
    open_echo,
    seal,
    sign,
)

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
STAMP = str(int(NOON.timestamp()))
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
NAMES = SettingNames("CEWEN_WECHAT_TOKEN", "CEWEN_WECHAT_AES_KEY", "CEWEN_WECHAT_APPID")
SAFE = make_account("token", "wx1", AES_KEY, NAMES)
PLAIN = make_account("token", "wx1", "", NAMES)
PLATFORM = WeChatCrypto("token", AES_KEY, "wx1")


def text(content: str) -> str:
    return f"<xml><MsgType>text</MsgType><Content><![CDATA[{content}]]></Content></xml>"


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
        with pytest.raises(Unproven, match="时钟"):
            check_query(PLAIN, self.query(str(int(STAMP) + seconds)), NOON)

    @pytest.mark.parametrize("timestamp", ["", "soon", STAMP + "000", "+" + STAMP, "１７０９２９４４００"])
    def test_a_signed_timestamp_that_is_no_time_is_refused(self, timestamp: str) -> None:
        with pytest.raises(Unproven, match="秒"):
            check_query(PLAIN, self.query(timestamp), NOON)

    @pytest.mark.parametrize("wrong", ["", "é", "0" * 40, "\udcff", "A" * 9000])
    def test_a_wrong_signature_is_refused(self, wrong: str) -> None:
        with pytest.raises(Unproven, match="signature"):
            check_query(PLAIN, {**self.query(STAMP), "signature": wrong}, NOON)

    def test_an_empty_query_is_refused(self) -> None:
        with pytest.raises(Unproven, match="signature"):
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
        assert open_body(SAFE, query, body, NOON).decode() == text("报名截止到哪天？")

    def test_what_is_sealed_the_platform_opens(self) -> None:
        xml = text("答：三月 😀")
        envelope = seal(SAFE, xml, NOON).decode()
        fields = ElementTree.fromstring(envelope)  # noqa: S314
        proof = [fields.findtext(name) for name in ("MsgSignature", "TimeStamp", "Nonce")]
        assert PLATFORM.decrypt_message(envelope, *proof) == xml

    def test_a_plain_account_sends_plain(self) -> None:
        assert seal(PLAIN, "<xml/>", NOON) == b"<xml/>"

    def test_a_plain_body_is_refused_where_there_is_a_key(self) -> None:
        with pytest.raises(Unproven, match="安全模式"):
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
        with pytest.raises(Unproven, match="msg_signature"):
            open_body(SAFE, query, body, NOON)

    @pytest.mark.parametrize(
        "crypto", [WeChatCrypto("token", "B" * 43, "wx1"), WeChatCrypto("token", AES_KEY, "wx2")]
    )
    def test_another_key_or_app_is_refused_with_a_hint(self, crypto: WeChatCrypto) -> None:
        query, body = self.sealed(text("甲"), crypto)
        with pytest.raises(Unproven, match="APPID"):
            open_body(SAFE, query, body, NOON)

    @given(st.text("ABC/+=", min_size=1))
    def test_signed_rubbish_is_refused_and_nothing_worse(self, rubbish: str) -> None:
        query = {"timestamp": STAMP, "nonce": "n", "msg_signature": sign("token", STAMP, "n", rubbish)}
        with pytest.raises(Unproven):
            open_body(SAFE, query, f"<xml><Encrypt>{rubbish}</Encrypt></xml>".encode(), NOON)

    def test_an_encrypted_body_without_a_key_says_what_is_missing(self) -> None:
        query, body = self.sealed(text("甲"))
        with pytest.raises(Unreadable, match="CEWEN_WECHAT_AES_KEY"):
            open_body(PLAIN, query, body, NOON)

    def test_no_secret_is_printed(self) -> None:
        assert repr(make_account("s3cret", "wx1", AES_KEY, NAMES)) == "Account(receiver='wx1')"

    @pytest.mark.parametrize(("key", "appid"), [("short", "wx1"), (AES_KEY + "A", "wx1"), (AES_KEY, "")])
    def test_a_key_that_cant_work_is_told_at_once(self, key: str, appid: str) -> None:
        with pytest.raises(Misconfigured, match="CEWEN_WECHAT") as caught:
            make_account("token", appid, key, NAMES)
        assert key not in str(caught.value)


class TestOneCipherForAllMessages:
    """Each message is chained to the one before; whoever decrypts can't tell."""

    def test_thousands_of_messages_both_ways_come_out_as_they_went_in(self) -> None:
        account = make_account("token", "wx1", AES_KEY, NAMES)
        chance = random.Random(7)  # noqa: S311
        for _ in range(1500):
            said = text("".join(chance.choices("甲乙<>&😀 ab", k=chance.randrange(300))))
            query, body = TestEncryption.sealed(said)
            assert open_body(account, query, body, NOON).decode() == said
            envelope = seal(account, said, NOON).decode()
            fields = ElementTree.fromstring(envelope)  # noqa: S314
            proof = [fields.findtext(name) for name in ("MsgSignature", "TimeStamp", "Nonce")]
            assert PLATFORM.decrypt_message(envelope, *proof) == said

    @pytest.mark.parametrize("rubbish", ["A", "AAAA", "AAAA" * 5 + "AA==", "=", "A" * 63, "AAAA" * 16])
    def test_a_message_that_cant_be_opened_doesnt_spoil_the_next(self, rubbish: str) -> None:
        signed = {"timestamp": STAMP, "nonce": "n", "msg_signature": sign("token", STAMP, "n", rubbish)}
        with pytest.raises(Unproven):
            open_body(SAFE, signed, f"<xml><Encrypt>{rubbish}</Encrypt></xml>".encode(), NOON)
        query, body = TestEncryption.sealed(text("甲"))
        assert open_body(SAFE, query, body, NOON).decode() == text("甲")

    def test_two_replies_alike_look_different(self) -> None:
        assert seal(SAFE, text("甲"), NOON) != seal(SAFE, text("甲"), NOON)


class TestCompatibleMode:
    def test_what_a_member_typed_is_not_taken_for_the_ciphertext(self) -> None:
        query, body = TestEncryption.sealed(text("甲"))
        both = text("<Encrypt>AAAA</Encrypt>").encode().replace(b"</xml>", body.removeprefix(b"<xml>"))
        assert open_body(SAFE, query, both, NOON).decode() == text("甲")


class TestHandshake:
    def test_an_encrypted_echo_is_opened(self) -> None:
        query, body = TestEncryption.sealed("5820345981734")
        echo = ElementTree.fromstring(body).findtext("Encrypt") or ""  # noqa: S314
        assert open_echo(SAFE, {**query, "echostr": echo}, NOON) == b"5820345981734"

    def test_a_plain_one_is_returned_as_it_came(self) -> None:
        query = TestSignatures.query(STAMP) | {"echostr": "58"}
        assert open_echo(SAFE, query, NOON) == b"58"

    def test_an_echo_that_was_not_signed_is_refused(self) -> None:
        query, body = TestEncryption.sealed("58")
        echo = ElementTree.fromstring(body).findtext("Encrypt") or ""  # noqa: S314
        with pytest.raises(Unproven):
            open_echo(SAFE, {**query, "echostr": echo, "nonce": "m"}, NOON)


class TestReplays:
    """In plain mode the signature doesn't cover the body."""

    def test_the_same_body_may_come_again_but_no_other_with_the_same_query(self) -> None:
        replays, query = Replays(), TestSignatures.query(STAMP)
        replays.check(query, b"first", NOON)
        replays.check(query, b"first", NOON)
        with pytest.raises(Unproven, match="伪造"):
            replays.check(query, b"second", NOON)

    def test_what_is_no_longer_fresh_is_forgotten(self) -> None:
        replays = Replays()
        replays.check(TestSignatures.query(STAMP), b"first", NOON)
        for minutes in range(1, 60):
            now = NOON + timedelta(minutes=minutes)
            replays.check(TestSignatures.query(str(int(now.timestamp()))), b"a", now)
        assert len(replays._seen) <= 11

    def test_it_remembers_no_more_than_it_may(self) -> None:
        replays = Replays(kept=10)
        for n in range(100):
            replays.check({"signature": str(n)}, b"a", NOON)
        assert len(replays._seen) <= 11


@pytest.mark.parametrize(
    ("account", "query", "fault"),
    [
        (SAFE, {"timestamp": STAMP, "nonce": "n", "signature": "0" * 40}, Fault.TOKEN),
        (SAFE, TestSignatures.query(str(int(STAMP) - 900)), Fault.CLOCK),
    ],
)
def test_a_refusal_says_what_an_operator_would_have_to_mend(
    account: object, query: dict[str, str], fault: Fault
) -> None:
    with pytest.raises(Unproven) as caught:
        check_query(account, query, NOON)  # type: ignore[arg-type]
    assert caught.value.fault is fault
