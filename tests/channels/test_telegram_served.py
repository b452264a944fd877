"""Whole conversations through the running program: `cewen serve`, a program by others playing Telegram."""

import asyncio
import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import unused_port
from telegram_phone import MEMBER, Telegram, bot_api_standin

from bot.filing import LONGEST_NAME, safe_name

SAMPLES = Path(__file__).parents[2] / "bot" / "samples" / "notices"
CEWEN = Path(sys.executable).with_name("cewen")
TOKEN = "123:" + "a" * 30
NOTICE = """青屿市天文爱好者协会关于举办流星雨观测活动的通知

青天协发〔2025〕3号

各会员：

定于2025年8月12日晚在青屿山观景台举办英仙座流星雨观测活动。活动联系人：鲁望舒，电话0571-88001234。

青屿市天文爱好者协会
2025年7月1日
"""


@pytest.fixture(scope="module")
def api(standins: Path) -> Iterator[str]:
    with bot_api_standin(standins) as address:
        yield address


@pytest.fixture(scope="module")
def program(api: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    port = unused_port()
    environment = os.environ | {
        "CEWEN_HOME": str(tmp_path_factory.mktemp("home")),
        "CEWEN_TELEGRAM_TOKEN": TOKEN,
        "CEWEN_TELEGRAM_API": api,
        "CEWEN_TELEGRAM_ADMINS": str(MEMBER),
    }
    subprocess.run([CEWEN, "ingest", SAMPLES], env=environment, check=True, capture_output=True)
    serve = [CEWEN, "serve", "--port", str(port)]
    with subprocess.Popen(
        serve, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as server:
        assert server.stdout
        assert server.stdout.readline()
        yield
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=30) == 0


@pytest.fixture
async def phone(program: None, api: str) -> AsyncIterator[Telegram]:
    async with aiohttp.ClientSession() as session:
        phone = Telegram(api, TOKEN, session)
        await phone.called("setMyCommands", 2)
        await phone.catches_up()
        yield phone


async def test_a_member_starts_asks_follows_up_and_looks_at_the_account(phone: Telegram) -> None:
    await phone.command("/start")
    assert "我是策问" in (await phone.texts(1))[0]
    await phone.say("短视频征集的联系人是谁")
    answer = (await phone.texts(2))[1]
    assert "沈岚、邓亦飞" in answer
    assert "云科协发〔2025〕27号" in answer
    await phone.say("邮箱呢")
    assert "video@yzkx.example.org" in (await phone.texts(3))[2]
    await phone.command("/checkin")
    assert (await phone.texts(4))[3] == "现在没有可以签到的讲座。"
    await phone.command("/me")
    shown = (await phone.received(5))[4]
    assert "可以给您发消息的渠道：1 条" in shown["message"]["text"]
    assert "对话的上下文（半小时后删除）：1 条" in shown["message"]["text"]
    await phone.tap(shown, row=0)
    [exported] = await phone.called("sendDocument")
    content = json.loads(base64_text(exported["body"]["document"]))
    assert content["contacts"][0]["channel"] == "telegram"
    await phone.tap(shown, row=1)
    await phone.tap((await phone.received(7))[6], row=0)
    assert (await phone.texts(8))[7] == "已删除。这里不再保存您的任何资料。"
    await phone.command("/me")
    assert "没有保存您的任何资料" in (await phone.texts(9))[8]


async def test_settings_change_the_language_of_what_is_said(phone: Telegram) -> None:
    await phone.command("/settings")
    await phone.tap((await phone.received(1))[0], row=0)
    assert (await phone.texts(2))[1].startswith("All right, I will reply in English.")
    await phone.command("/settings")
    await phone.tap((await phone.received(3))[2], row=0)
    assert (await phone.texts(4))[3] == "好的，以后用中文回复您。"


async def test_a_notice_that_an_administrator_sends_is_answered_from_at_once(phone: Telegram) -> None:
    await phone.lays_down("notice1", NOTICE.encode())
    await phone.sends_file("notice1", "../流星雨.txt")
    async with asyncio.timeout(60):
        said: list[str] = []
        while not said:
            said = await phone.texts_so_far()
            await asyncio.sleep(0.1)
    assert said[0].startswith(
        "已收录：青天协发〔2025〕3号《青屿市天文爱好者协会关于举办流星雨观测活动的通知》"
    )
    await phone.say("流星雨观测活动的联系人是谁")
    assert "鲁望舒" in (await phone.texts(2))[1]


async def test_a_question_in_any_chat_is_answered_from_the_notices(phone: Telegram) -> None:
    await phone.ask_inline("短视频征集的联系人是谁")
    [call] = await phone.called("answerInlineQuery")
    [result] = json.loads(call["body"]["results"])
    assert "沈岚" in result["title"]
    assert "云科协发〔2025〕27号" in result["description"]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("通知.docx", "通知.docx"),
        ("../../etc/passwd", "_.._etc_passwd"),
        (".hidden", "hidden"),
        ("a\x00b\\c:d.txt", "a_b_c_d.txt"),
        ("", "file"),
        ("...", "file"),
        ("长" * 300 + ".pdf", "长" * (LONGEST_NAME - 4) + ".pdf"),
    ],
)
def test_a_file_is_put_by_under_its_name_and_nowhere_else(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def base64_text(document: dict[str, Any]) -> str:
    return base64.b64decode(document["content"]).decode()
