"""Whether a notice still holds: abolished by which, lapsed when, from when in force; read from what the notices say."""

from collections.abc import Iterable
from datetime import date

from bot.answering.model import Candidate, Question, Via
from bot.answering.standing import standing
from bot.library import HeldNotice, Library
from bot.wording import chinese_date
from corpus.notice import UNSTATED, Fact


def find(
    question: Question, notices: Iterable[tuple[HeldNotice, float]], library: Library, today: date
) -> list[Candidate]:
    """The state of each notice that the question may mean."""
    found = []
    for held, rank in notices:
        value, source, fact = _state(held, library, today)
        number = next((n for n, p in enumerate(source.passages) if fact.quote and fact.quote in p.text), None)
        locator = source.passages[number].locator if number is not None else "文首"
        quote = fact.quote or held.notice.title
        found.append(
            Candidate(value, source, number, locator, quote, Via.STATE, 1.0, rank, held.notice.title)
        )
    return found


def _state(held: HeldNotice, library: Library, today: date) -> tuple[str, HeldNotice, Fact]:
    later = library.successor(held.id)
    if later:
        return (
            f"已废止：被{later.notice.doc_number.value}《{later.notice.title}》废止",
            later,
            _ending(later, held),
        )
    now = standing(held, library, today)
    validity = held.validity
    if now.overtaken:
        return f"已失效：{now.state}", held, validity.expires
    since = f"，自{chinese_date(validity.in_force.value)}起施行" if validity.in_force.value else ""
    until = f"，有效期至{chinese_date(validity.expires.value)}" if validity.expires.value else ""
    if since or until:
        return f"现行有效{since}{until}", held, validity.in_force if since else validity.expires
    return "现行：已收录的通知里没有废止或替代它的，文中也没有写明有效期", held, UNSTATED


def _ending(later: HeldNotice, held: HeldNotice) -> Fact:
    """The sentence of the later notice that ends the earlier one."""
    ends = later.validity.abolishes
    mine = [r for r in ends if r.doc_number and r.doc_number == held.notice.doc_number.value] or list(ends)
    return Fact(mine[0].title, mine[0].quote)
