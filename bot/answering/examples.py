"""Questions that a notice's structure answers: shown at the start of a chat, and offered after an answer."""

import re
from collections.abc import Iterable, Iterator

from bot.answering.finders import tables
from bot.answering.finders.tables import responsible_column
from bot.library import HeldNotice

_LONGEST_SUBJECT = 24


def examples(notices: Iterable[HeldNotice]) -> list[str]:
    """Up to four questions that the newest notices answer, each about another thing."""
    newest = sorted(notices, key=lambda h: (h.notice.date.value, h.id), reverse=True)
    found: dict[str, str] = {}
    for held in newest:
        for kind, text in suggested(held):
            found.setdefault(kind, text)
    return [found[kind] for kind in ("department", "contact", "number", "date") if kind in found]


def suggested(held: HeldNotice) -> Iterator[tuple[str, str]]:
    """Kinds and questions that this notice answers."""
    subject = short_title(held.notice.title)
    for passage in held.passages:
        if passage.row and passage.table and responsible_column(passage.table.header, "") is not None:
            task = re.split("[，。；、]", tables.subject_cell(passage.table, passage.row))[0]
            if 6 <= len(task) <= _LONGEST_SUBJECT and "\n" not in task:
                yield "department", f"{task}由哪个部门负责？"
                break
    if any(c.phones for c in held.notice.contacts) and subject:
        yield "contact", f"{subject}的联系电话是多少？"
    if held.validity.deadlines and subject:
        yield "deadline", f"{subject}什么时候截止？"
    if held.notice.doc_number.value and subject:
        yield "number", f"{subject}的文号是多少？"
    if held.notice.date.value and subject:
        yield "date", f"{subject}是什么时候印发的？"


def short_title(title: str) -> str:
    """What a title is about: 关于印发《…方案》的通知 → …方案; 关于举办…的通知 → …; "" when too long to type."""
    inner = re.search("《(.+)》", title)
    subject = (
        inner[1]
        if inner
        else re.sub(r"^.*?关于(?:印发|举办|开展|做好|组织|召开|申报|征集)?|的?(?:通知|公告|通告)$", "", title)
    )
    return subject if len(subject) <= _LONGEST_SUBJECT else ""
