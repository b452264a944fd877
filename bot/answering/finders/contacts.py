"""Whom to ask: names, telephones, e-mails and addresses of a notice's contact lines, or of the cells of a row."""

import re
from collections.abc import Iterable, Iterator

from bot.answering.model import Candidate, Question, Via, in_passage
from bot.library import Found, HeldNotice
from corpus.contacts import contact_of
from corpus.notice import Contact
from corpus.passages import PassageKind
from index.text import normalise

_SPECIAL = re.compile("监督|举报|投诉|技术支持|系统|网站|平台|值班|财务")
"""Whom one calls for a special reason: not whom to ask about the matter itself."""
_ASKS_PERSON = re.compile("谁|联系人|哪位|哪个人|联络人")
_ASKS_NUMBER = re.compile("电话|号码|手机|怎么联系|联系方式|热线")


def find(
    question: Question, notices: Iterable[tuple[HeldNotice, float]], found: list[tuple[Found, float]]
) -> Iterator[Candidate]:
    """Each contact of the notices that the question may mean, all of a notice together, and those in rows."""
    yield from _in_rows(question, found)
    for held, rank in notices:
        yield from _of_notice(question, held, rank)


def _of_notice(question: Question, held: HeldNotice, rank: float) -> Iterator[Candidate]:
    fitting = [(c, value) for c in held.notice.contacts if (value := _value(c, question))]
    plain = [
        (c, v) for c, v in fitting if bool(_SPECIAL.search(c.quote)) <= bool(_SPECIAL.search(question.text))
    ]
    for contact, value in fitting:
        number, locator, path = _place(held, contact)
        special = _SPECIAL.search(contact.quote)
        fit = 0.7 if special and special[0] not in question.text else 0.95
        clause = f"{contact.quote}|{path}"
        yield Candidate(value, held, number, locator, contact.quote, Via.CONTACT, fit, rank, clause)
    if len(plain) > 1:
        first = plain[0][0]
        number, locator, _ = _place(held, first)
        together = "；".join(f"{_unit(c.quote)}{v}" for c, v in plain)
        yield Candidate(
            together, held, number, locator, first.quote, Via.CONTACT, 0.8, rank, held.notice.title
        )


def _unit(quote: str) -> str:
    """Whose line it is: what stands before the numbers."""
    unit = re.split(r"[：:\s\d，,（(]", quote.strip("（("))[0]
    return f"{unit} " if len(unit) >= 3 and not re.match("联系|电话|咨询|邮箱|地址", unit) else ""


def _in_rows(question: Question, found: list[tuple[Found, float]]) -> Iterator[Candidate]:
    """Numbers and names that stand in a cell (业务咨询) of a row, or in its other cells."""
    for hit, rank in found:
        passage = hit.passage
        if passage.row is None or passage.table is None:
            continue
        contact = contact_of(
            "　".join(f"{n}：{c}" for n, c in zip(passage.table.header, passage.row.cells, strict=True))
        )
        for one in (contact, *(contact_of(cell) for cell in passage.row.cells)):
            if one and (value := _value(one, question)):
                yield in_passage(hit, value, Via.CELL, 0.95, rank, normalise("|".join(passage.row.cells)))


def _value(contact: Contact, question: Question) -> str:
    """What the question asks of a contact; a person comes with a number to call."""
    names, phones = "、".join(contact.names), "、".join(dict.fromkeys(contact.phones))
    emails = "、".join(contact.emails)
    both = _ASKS_PERSON.search(question.text) and _ASKS_NUMBER.search(question.text)
    match question.detail:
        case "person":
            return "，".join(x for x in (names, phones or emails) if x) if names or both else phones
        case "phone":
            return "，".join(x for x in (names if both else "", phones) if x) if phones else ""
        case "email":
            return emails
        case "address":
            return "、".join(contact.addresses)
        case "website":
            return "、".join(contact.websites)
        case _:
            return "；".join(x for x in (names, phones, emails) if x)


def _place(held: HeldNotice, contact: Contact) -> tuple[int | None, str, str]:
    """Number and locator of a contact's passage, and the headings above it."""
    for number, passage in enumerate(held.passages):
        if passage.kind is PassageKind.CONTACT and passage.contact is contact:
            return number, passage.locator, "|".join(passage.path[-1:])
    return None, "联系方式", ""
