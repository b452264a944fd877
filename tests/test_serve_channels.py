"""A whole conversation through the running program: WeChat in safe mode, wechatpy playing the platform."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

import pytest
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

SAMPLES = Path(__file__).parents[1] / "bot" / "samples" / "notices"
CEWEN = Path(sys.executable).with_name("cewen")
TOKEN, APPID, KEY = "token", "wx1234567890abcdef", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


def post(base: str, text: str, msg_id: int) -> str:
    """Sends a member's text as the platform does; gives the decrypted reply."""
    now = str(int(time.time()))
    crypto = WeChatCrypto(TOKEN, KEY, APPID)
    xml = (
        f"<xml><ToUserName>gh</ToUserName><FromUserName>member</FromUserName><CreateTime>{now}</CreateTime>"
        f"<MsgType>text</MsgType><Content><![CDATA[{text}]]></Content><MsgId>{msg_id}</MsgId></xml>"
    )
    sealed = crypto.encrypt_message(xml, "nonce", now)
    signature = sealed.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
    plain = WeChatSigner()
    plain.add_data(TOKEN, now, "nonce")
    query = urlencode(
        {
            "signature": plain.signature,
            "timestamp": now,
            "nonce": "nonce",
            "encrypt_type": "aes",
            "msg_signature": signature,
        }
    )
    request = urllib.request.Request(f"{base}/wechat?{query}", sealed.encode())  # noqa: S310 - our own server
    with urllib.request.urlopen(request, timeout=20) as response:  # noqa: S310
        body = response.read().decode()
    sent = body.split("<TimeStamp>")[1].split("</TimeStamp>")[0].removeprefix("<![CDATA[").removesuffix("]]>")
    nonce = body.split("<Nonce><![CDATA[")[1].split("]]>")[0]
    reply_signature = body.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
    reply: str = crypto.decrypt_message(body, reply_signature, sent, nonce)
    return reply


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    home = tmp_path_factory.mktemp("home")
    environment = os.environ | {
        "CEWEN_HOME": str(home),
        "CEWEN_WECHAT_TOKEN": TOKEN,
        "CEWEN_WECHAT_APPID": APPID,
        "CEWEN_WECHAT_AES_KEY": KEY,
    }
    subprocess.run([CEWEN, "ingest", SAMPLES], env=environment, check=True, capture_output=True)
    with subprocess.Popen(
        [CEWEN, "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    ) as server:
        assert server.stdout
        yield "http://" + server.stdout.readline().split("http://")[1].split("/")[0]
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=20) == 0


def test_a_member_asks_follows_up_and_asks_again_on_wechat(base: str) -> None:
    first = post(base, "短视频征集的联系人是谁", 1)
    assert "沈岚、邓亦飞" in first
    assert "云科协发〔2025〕27号" in first
    assert "video@yzkx.example.org" in post(base, "邮箱呢", 2)
    assert "没有找到" in post(base, "财务报销找哪个部门", 3)


def test_a_redelivery_gets_the_same_reply(base: str) -> None:
    assert (
        post(base, "四个一批指什么", 9).split("<Content>")[1]
        == post(base, "四个一批指什么", 9).split("<Content>")[1]
    )


def test_a_forged_message_is_refused(base: str) -> None:
    query = urlencode({"signature": "0" * 40, "timestamp": int(time.time()), "nonce": "n"})
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(f"{base}/wechat?{query}", b"<xml/>", timeout=20)  # noqa: S310
    assert error.value.code == 403
    error.value.close()
