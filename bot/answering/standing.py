"""Where a notice stands today: in force, abolished, lapsed, or with its deadlines past. Days are Asia/Shanghai's."""

import re
from dataclasses import dataclass
from datetime import date

from bot.library import HeldNotice, Library
from bot.wording import chinese_date
from corpus.validity import Deadline

_JOINING = re.compile("报名|申报|申请|投稿|征集|推荐|报送|提交|上报|申领|认定|交|报")
"""Deeds by which members take part; when all their days are past, the notice is of the past."""


@dataclass(frozen=True, slots=True)
class Standing:
    """`state` is what stands beside the source; `overtaken` ranks a notice behind those in force."""

    state: str
    overtaken: bool = False


def standing(held: HeldNotice, library: Library, today: date) -> Standing:
    """The state of a notice, as far as the notices of the library tell."""
    later = library.successor(held.id)
    if later:
        by = later.notice.doc_number.value or f"《{later.notice.title}》"
        return Standing(f"已被{by}废止", True)
    expires = held.validity.expires.value
    if expires and expires < today.isoformat():
        return Standing(f"{chinese_date(expires)}有效期满", True)
    in_force = held.validity.in_force.value
    if in_force and in_force > today.isoformat():
        return Standing(f"{chinese_date(in_force)}起施行")
    last = closing(held)
    if last and last.day < today.isoformat():
        return Standing(f"{last.deed}已截止")
    return Standing("现行")


def closing(held: HeldNotice) -> Deadline | None:
    """The last of the days by which members can take part."""
    joining = [d for d in held.validity.deadlines if _JOINING.fullmatch(d.deed)]
    return max(joining, key=lambda d: d.day, default=None)


def days_left(day: str, today: date) -> str:
    """已截止, 今天截止 or 还有3天, for an ISO day."""
    left = (date.fromisoformat(day) - today).days
    if left < 0:
        return "已截止"
    return "今天截止" if left == 0 else f"还有{left}天"
