"""Whom to ask: the names, telephones, e-mails and addresses of the notice's contact lines, or of a table's columns."""

import re
from collections.abc import Iterable

from bot.answering.evidence import coverage
from bot.answering.finders import columns
from bot.answering.model import Candidate, Question
from bot.library import Found, HeldNotice
from corpus.notice import Contact
from corpus.passages import Passage, PassageKind

_COLUMN = {
    "phone": re.compile("电话|手机|联系方式|热线"),
    "email": re.compile("邮箱|邮件|e-?mail", re.IGNORECASE),
    "person": re.compile("联系人|联络人|负责人"),
    "all": re.compile("联系方式|电话|联系人"),
    "address": re.compile("地址"),
    "website": re.compile("网址|网站"),
}


def find(
    question: Question, notices: Iterable[tuple[HeldNotice, float]], found: list[tuple[Found, float]]
) -> list[Candidate]:
    """The contact of each notice that the question may mean, and cells of the rows that it is about."""
    candidates = columns.cells(question, found, _COLUMN[question.detail])
    for held, rank in notices:
        for contact in held.notice.contacts:
            value = _value(contact, question.detail)
            number, passage = _place(held, contact)
            if value:
                first = "|".join(p.text for p in held.passages[:2])
                share = coverage(question, held, number, f"{first}|{contact.quote}")
                locator = passage.locator if passage else "联系方式"
                candidates.append(Candidate(value, held, locator, contact.quote, share, 1.0, rank))
    return candidates


def _value(contact: Contact, detail: str) -> str:
    parts = {
        "person": contact.names,
        "phone": contact.phones,
        "email": contact.emails,
        "address": contact.addresses,
        "website": contact.websites,
    }
    if detail == "all":
        return "；".join("、".join(v) for v in (contact.names, contact.phones, contact.emails) if v)
    return "、".join(dict.fromkeys(parts[detail]))


def _place(held: HeldNotice, contact: Contact) -> tuple[int | None, Passage | None]:
    for number, passage in enumerate(held.passages):
        if passage.kind is PassageKind.CONTACT and passage.contact is contact:
            return number, passage
    return None, None
