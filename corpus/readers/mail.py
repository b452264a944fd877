"""Mails (.eml) and web pages saved with all they show (.mht): the body, and what is attached."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage, MIMEPart
from email.policy import default
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from corpus.blocks import Block, Line, Reading
from corpus.errors import NoticeUnreadable
from corpus.readers import web
from corpus.readers.plain import clean, decode
from corpus.readers.source import Source

_SHANGHAI = ZoneInfo("Asia/Shanghai")
_COURTESIES = re.compile(
    r"\s*(?:>.*|您好.*|大家好.*|各位.{0,20}|尊敬的.{0,20}|此致|敬礼|谢谢.{0,4}|祝好.{0,4}|发自我的.*|sent from .*|-{2,}.*|.{0,8}(?:请|详)?见附件.{0,6}|.{0,12}请查收.{0,6}|附件.{0,20}请.{0,10})\s*",
    re.IGNORECASE,
)
_FEWEST_LETTERS = 20
"""Letters that the body of a mail with attachments must have, courtesies aside, to be a notice of its own."""


def read(source: Source) -> tuple[Reading | None, list[Source]]:
    """What the mail itself says, None where it only hands over its attachments; and the attachments."""
    message = message_from_bytes(source.content, policy=default)
    if not isinstance(message, EmailMessage) or not message.keys():
        raise NoticeUnreadable("这不是电子邮件。请从邮箱里导出 .eml 文件。")
    attachments = list(_attachments(message))
    body = _body(message)
    letters = sum(
        len(re.findall(r"\w", b.text)) if isinstance(b, Line) and not _COURTESIES.fullmatch(b.text) else 0
        for b in body
    )
    if attachments and letters < _FEWEST_LETTERS and all(isinstance(b, Line) for b in body):
        return None, attachments
    return Reading((*_head(message), *body)), attachments


def _head(message: EmailMessage) -> Iterator[Line]:
    subject = re.sub(
        r"^(?:(?:回复|答复|转发|Re|Fw|Fwd)\s*[：:]\s*)+", "", _header(message, "subject"), flags=re.IGNORECASE
    )
    if subject:
        yield Line(subject, 1)
    try:
        sent = parsedate_to_datetime(str(message.get("date", "")))
    except ValueError:
        return
    day = sent.astimezone(_SHANGHAI) if sent.tzinfo else sent
    yield Line(f"发送时间：{day.year}年{day.month}月{day.day}日")


def _header(message: EmailMessage, name: str) -> str:
    """A header as text; one in raw bytes, against the rules, is GB18030 or UTF-8."""
    text = str(message.get(name, ""))
    if any("\udc80" <= c <= "\udcff" for c in text):
        text = decode(text.encode("utf-8", "surrogateescape"))
    return " ".join(clean(str(make_header(decode_header(text)))).split())


def _body(message: EmailMessage) -> list[Block]:
    """The plain text, or the page where there is no text worth the name."""
    part = message.get_body(("plain", "html"))
    if part is None:
        return []
    if part.get_content_subtype() == "plain" and not _text(part).strip():
        part = message.get_body(("html",)) or part
    if part.get_content_subtype() == "html":
        return web.blocks(_text(part))
    return [Line(line.rstrip()) for line in _text(part).splitlines()]


def _text(part: MIMEPart) -> str:
    """The text of a part; what it declares as GB2312 is read as its superset GB18030."""
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    charset = (part.get_content_charset() or "").lower()
    try:
        return clean(content.decode("gb18030" if charset in ("gb2312", "gbk") else charset or "utf-8"))
    except (LookupError, UnicodeDecodeError):
        return decode(content)


def _attachments(message: EmailMessage) -> Iterator[Source]:
    """Files that are attached; pictures within the text, such as a signature's, are not."""
    for number, part in enumerate(message.iter_attachments(), 1):
        if part.get_content_disposition() == "inline" and part.get_content_maintype() == "image":
            continue
        name = _file_name(part)
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload(0) if part.is_multipart() else None
            if isinstance(inner, EmailMessage):
                yield Source(name or f"{_header(inner, 'subject') or number}.eml", inner.as_bytes())
            continue
        content = part.get_payload(decode=True)
        if name and isinstance(content, bytes):
            yield Source(name, content)


def _file_name(part: EmailMessage) -> str:
    name = part.get_filename() or ""
    if any("\udc80" <= c <= "\udcff" for c in name):
        name = decode(name.encode("utf-8", "surrogateescape"))
    return re.sub(r"[/\\\s]+", " ", clean(str(make_header(decode_header(name))))).strip()
