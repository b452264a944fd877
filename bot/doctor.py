"""Looks at everything that an operator sets, and says how to mend what is wrong."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

from aiohttp import ClientSession

from bot.app import foreign_owners, open_app
from bot.findings import Finding
from bot.messages.catalogue import FILE, MessagesInvalid, load_catalogue
from bot.settings import Settings, load_settings
from bot.store.writer import Writer
from bot.tencent import examine_wechat, examine_wecom
from corpus.errors import CewenError
from corpus.extras import has_recognition, office_program


def examine(home: Path | None) -> list[Finding]:
    """All findings; what can't be looked at because of an earlier fault is left out."""
    try:
        settings = load_settings(home)
    except CewenError as error:
        return [Finding("设置", False, str(error))]
    findings = [Finding("设置", True, f"数据目录 {settings.home.absolute()}")]
    findings += [*_environment(), *_formats(), _messages(settings)]
    try:
        with open_app(settings) as app:
            findings.append(Finding("数据库", True, str(settings.database)))
            count = len(app.library)
            says = f"{count} 份通知可供回答" if count else "还没有通知，用 cewen ingest 收录"
            findings.append(Finding("索引", bool(count), says))
    except MessagesInvalid:
        pass  # told above
    except CewenError as error:
        findings.append(Finding("数据库", False, str(error)))
    return [*findings, *_telegram(settings), *_tencent(settings)]


def _environment() -> list[Finding]:
    owners = foreign_owners()
    if owners:
        return [
            Finding(
                "环境", False, f"{'、'.join(owners)} 也带有 bot、corpus 或 index 包。请为策问单独建一个环境。"
            )
        ]
    return [Finding("环境", True, "bot、corpus、index 只属于本程序")]


def _formats() -> Iterator[Finding]:
    """What the optional formats need; to be without it is no fault."""
    program = office_program()
    old = "旧版 Office（.doc .wps .rtf .odt .xls .et .ods .ppt .dps .odp）"
    yield Finding(
        "格式",
        True,
        f"{old}由 LibreOffice 读取（{program}）"
        if program
        else f"没有 LibreOffice，{old}读不了；需要时安装 libreoffice",
    )
    yield Finding(
        "格式",
        True,
        "扫描件和图片由文字识别（OCR）读取"
        if has_recognition()
        else "没有文字识别（OCR）组件，扫描件和图片读不了；需要时运行 pip install 'cewen[ocr]'",
    )


def _messages(settings: Settings) -> Finding:
    """The association's own texts."""
    try:
        load_catalogue(settings.home)
    except CewenError as error:
        return Finding("文字", False, str(error).replace("\n", "；"))
    own = (settings.home / FILE).exists()
    return Finding("文字", True, f"{FILE} 里的文字已采用" if own else f"用自带的文字，可在 {FILE} 里改")


def _telegram(settings: Settings) -> Iterator[Finding]:
    token = settings.telegram_token.get_secret_value()
    if not token:
        return
    if not re.fullmatch(r"\d+:[A-Za-z0-9_-]{20,}", token):
        yield Finding(
            "Telegram",
            False,
            "CEWEN_TELEGRAM_TOKEN 不像机器人令牌（数字:字母）。请从 @BotFather 复制完整令牌。",
        )
    elif settings.telegram_mode == "webhook" and not settings.public_url.startswith("https://"):
        yield Finding(
            "Telegram", False, "webhook 方式需要 CEWEN_PUBLIC_URL 以 https:// 开头。请填写，或改用 polling。"
        )
    else:
        yield Finding("Telegram", True, f"已设置（{settings.telegram_mode}）")


def _tencent(settings: Settings) -> list[Finding]:
    """WeChat and WeCom, asked over the network with the store at hand."""
    if not settings.wechat_token.get_secret_value() and not settings.wecom_token.get_secret_value():
        return []
    return asyncio.run(_asked_tencent(settings))


async def _asked_tencent(settings: Settings) -> list[Finding]:
    findings: list[Finding] = []
    async with await Writer.open(settings.database) as writer, ClientSession() as session:
        for about, examine in (("微信公众号", examine_wechat), ("企业微信", examine_wecom)):
            try:
                findings += await examine(settings, writer, session)
            except CewenError as error:
                findings.append(Finding(about, False, str(error)))
    return findings
