"""Whom to ask: the names, telephones, e-mails and addresses of the notice's contact lines, or of a table's columns."""

import re
from collections.abc import Iterable
from dataclasses import replace

from bot.answering.evidence import coverage
from bot.answering.finders import columns
from bot.answering.model import Candidate, Question, Word
from bot.library import Found, HeldNotice
from corpus.contacts import contact_of
from corpus.notice import Contact
from corpus.passages import Passage, PassageKind
from index.text import normalise

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
    candidates = columns.cells(question, found, _COLUMN[question.detail]) + _in_rows(question, found)
    for held, rank in notices:
        candidates += _of_notice(question, held, rank)
    return candidates


def _of_notice(question: Question, held: HeldNotice, rank: float) -> list[Candidate]:
    """The notice's contacts; the one that the question names (人社局那边) first, all together where it names none."""
    fitting = [(c, value) for c in held.notice.contacts if (value := _value(c, question.detail))]
    named = [sum(w.weight for w in question.words if _stands(w, c.quote)) for c, _ in fitting]
    most = max(named, default=0.0)
    found = []
    for (contact, value), own in zip(fitting, named, strict=True):
        number, passage = _place(held, contact)
        first = "|".join(p.text for p in held.passages[:2])
        share = coverage(question, held, number, f"{first}|{contact.quote}")
        locator = passage.locator if passage else "联系方式"
        fit = 1.0 if own == most else 0.75
        if _SPECIAL.search(contact.quote) and not _SPECIAL.search(question.text):
            fit *= 0.8  # who takes complaints or mends the web site is not whom to ask
        found.append(Candidate(value, held, locator, contact.quote, share, fit, rank))
    return _together(found) + found


_SPECIAL = re.compile("监督|举报|投诉|技术支持|系统|网站|平台")


def _together(found: list[Candidate]) -> list[Candidate]:
    """Contacts that fit equally well are given together."""
    best = max((c.coverage * c.fit for c in found), default=0.0)
    equal = [c for c in found if c.coverage * c.fit >= best - 0.001]
    if len(equal) < 2:
        return []
    lead = equal[0]
    value = "；".join(f"{_unit(c.quote)}{c.value}" for c in equal)
    return [replace(lead, value=value, fit=min(1.0, lead.fit * 1.01))]


def _unit(quote: str) -> str:
    """Whose line it is: what stands before the numbers."""
    unit = re.split(r"[：:\s\d，,（(]", quote.strip("（("))[0]
    return f"{unit} " if len(unit) >= 3 and not re.match("联系|电话|咨询|邮箱|地址", unit) else ""


def _stands(word: Word, quote: str) -> bool:
    return any(f in normalise(quote) for f in word.forms)


def _in_rows(question: Question, found: list[tuple[Found, float]]) -> list[Candidate]:
    """Numbers and names that stand in a cell of another name (业务咨询) of the row that the question is about."""
    candidates = []
    for hit, rank in found:
        if hit.passage.row is None:
            continue
        for cell in hit.passage.row.cells:
            contact = contact_of(cell)
            value = _value(contact, question.detail) if contact else ""
            if value:
                share = coverage(question, hit.held, hit.number)
                quote = hit.passage.text
                candidates.append(Candidate(value, hit.held, hit.passage.locator, quote, share, 1.0, rank))
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
