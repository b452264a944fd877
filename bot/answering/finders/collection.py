"""Questions about the collection itself: how many notices of a year, an issuer or a subject, and which."""

import re
from collections.abc import Iterable
from datetime import date

from bot.answering.finders.lists import all_of
from bot.answering.model import Candidate, Question, Via
from bot.library import HeldNotice
from bot.wording import chinese_date

_GENRE = re.compile("公告|通告|公示|意见|方案|办法|细则|决定|函")
_RELATIVE = {"今年": 0, "本年": 0, "去年": 1, "上一年": 1, "前年": 2}
_NEWEST = re.compile("最新|最近|新发|近期")
_SHOWN_NEWEST = 5
_MONTH = re.compile(r"(?<!\d)(\d{1,2})月份?|本月|这个月|上个月|上月")


def find(question: Question, notices: Iterable[HeldNotice], today: date) -> list[Candidate]:
    """One candidate: the whole list, counted, newest first; none where no notice fits."""
    kept = sorted(
        (h for h in notices if _fits(question, h, today)),
        key=lambda h: (h.notice.date.value, h.id),
        reverse=True,
    )
    if not kept:
        return []
    head = f"已收录{_scope(question, today)}{len(kept)}份"
    shown = kept[:_SHOWN_NEWEST] if _NEWEST.search(question.text) else kept
    if len(shown) < len(kept):
        head = f"最新的{len(shown)}份（共收录{len(kept)}份）"
    first = shown[0]
    value = f"{head}：\n{all_of(map(_line, shown))}"
    return [Candidate(value, first, None, "文首", first.notice.title, Via.STATE)]


def _line(held: HeldNotice) -> str:
    notice = held.notice
    when = f"（{chinese_date(notice.date.value)}）" if notice.date.value else ""
    title = notice.title if notice.title.startswith("《") else f"《{notice.title}》"
    return f"{notice.doc_number.value}{title}{when}"


def _years(question: Question, today: date) -> tuple[str, ...]:
    meant = next((str(today.year - back) for word, back in _RELATIVE.items() if word in question.text), "")
    return question.years or ((meant,) if meant else ())


def _month(question: Question, today: date) -> str:
    match = _MONTH.search(question.text)
    if not match:
        return ""
    if match[1]:
        return f"-{int(match[1]):02}-"
    month = today.month - 1 if match[0].startswith("上") else today.month
    return f"-{month or 12:02}-"


def _fits(question: Question, held: HeldNotice, today: date) -> bool:
    years, day = _years(question, today), held.notice.date.value
    if years and day[:4] not in years:
        return False
    if _month(question, today) and _month(question, today) not in day:
        return False
    genre = _GENRE.search(question.cue)
    if genre and genre[0] not in held.notice.title:
        return False
    return all(any(f in held.identity for f in w.forms) for w in question.words if w.weight >= 1)


def _scope(question: Question, today: date) -> str:
    years = _years(question, today)
    genre = _GENRE.search(question.cue)
    month = _MONTH.search(question.text)
    about = "、".join(w.text for w in question.words if w.weight >= 1)
    return (
        (f"{'、'.join(years)}年" if years else "")
        + (month[0] if month else "")
        + (f"“{about}”的" if about else "")
        + (genre[0] if genre else "通知")
    )
