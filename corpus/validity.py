"""What a notice says of time: from when and until when it holds, what it abolishes, and by when members have to act.

Read from the tree, so that it needs no store of its own and grows better with the program.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from corpus.facts import chinese_number, iso_date, references, sentences
from corpus.notice import UNSTATED, Clause, Fact, Notice, Reference, Table

_IN_FORCE = re.compile(
    r"自\s*(?P<when>[^，。；]{2,24}?)\s*起\s*(?:正式)?(?:施行|实施|执行|生效|试行)"
    r"|(?P<later>[^，。；]{0,16}\d\s*日)\s*起\s*(?:正式)?(?:施行|实施|执行|生效|试行)"
)
_SELF_DATED = re.compile(r"印发|发布|公布|下发|颁布|本(?:办法|通知|规定|方案|细则|意见|规则|制度)之日")
_LASTS = re.compile(
    r"有效期(?:限)?(?:为|是|至|到)?\s*(?:(?P<until>(?:19|20)\d{2}\s*年[^，。；]{0,12}日)|(?P<years>[一二三四五六七八九十两\d]{1,3})\s*年)"
)
_OF_THE_NOTICE = re.compile(
    r"施行|实施|执行|生效|印发|发布|本(?:办法|通知|规定|方案|细则|意见|规则|制度|公告)"
)
_ABOLISHES = re.compile(r"废止|停止执行|不再执行|予以取代|失效|以本[\u4e00-\u9fa5]{1,4}为准")
_NOT_ABOLISHED = re.compile(r"不(?:予)?废止|继续有效")

_DEED = "报名|申报|申请|投稿|征集|推荐|报送|提交|上报|缴费|缴纳|确认|预约|登记|反馈|填报|报到|公示|寄送|寄|送达|选送|上传|申领|领取|认定|注册|交|报"
_DEADLINE_LABEL = re.compile(
    rf"(?:{_DEED}|受理|活动|作品)?(?:的)?(?:截止|截至|期限|时限)|(?:{_DEED})(?:的)?(?:时间|日期)"
)
_BEFORE = re.compile(
    r"\s*(?:\d{1,2}[:：时点]\d{0,2}分?)?\s*(?:[（(][^（）()]{1,10}[）)])?\s*(?:上午|下午|中午|晚上?)?\s*(?:\d{1,2}[:：时点]\d{0,2}分?)?\s*(?:之前|以前|前|止|为止|截止)"
)
_UNTIL = re.compile(r"(?:截止|截至|最迟|不晚于|不迟于|至|到|—+|－|-|~|～)[^，。；]{0,8}$")
_DAY = re.compile(r"(?:(?P<year>(?:19|20)\d{2})\s*年\s*)?(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号]")


@dataclass(frozen=True, slots=True)
class Deadline:
    """A last day (ISO) for a deed (报名, 申报, …; "" where the notice doesn't say), and the words it was read from."""

    deed: str
    day: str
    quote: str


@dataclass(frozen=True, slots=True)
class Validity:
    """`in_force` and `expires` are ISO dates, "" where the notice states none; `abolishes` what it ends."""

    in_force: Fact = UNSTATED
    expires: Fact = UNSTATED
    abolishes: tuple[Reference, ...] = ()
    deadlines: tuple[Deadline, ...] = ()


def read_validity(notice: Notice) -> Validity:
    """Everything the notice says of when it holds, and of deadlines."""
    texts = [*_texts(notice)]
    in_force = next((f for text in texts if (f := _in_force(text, notice.date.value)).value), UNSTATED)
    start = in_force.value or notice.date.value
    expires = next((f for text in texts if (f := _expires(text, start)).value), UNSTATED)
    abolishes = tuple(r for text in texts for r in _abolished(text))
    deadlines = tuple(d for text in texts for d in _deadlines(text, notice.date.value))
    return Validity(in_force, expires, abolishes, deadlines)


def _texts(notice: Notice) -> Iterator[str]:
    """Clauses, and table rows under their column names, in reading order."""
    for part in notice.parts:
        for section in part.body.walk():
            for item in section.content:
                if isinstance(item, Clause):
                    yield item.text
                elif isinstance(item, Table):
                    for row in item.rows:
                        yield "；".join(f"{h}：{c}" for h, c in zip(item.header, row.cells, strict=True) if c)


def days_in(text: str, year: str) -> list[str]:
    """The days that a text names, as ISO, in its order; those without a year are of the one before, else of `year`."""
    matches = _DAY.finditer(text)
    found = [_day(m, _year_before(text, m.start()) or year) for m in matches]
    return [day for day in found if day]


def _in_force(text: str, issued: str) -> Fact:
    for sentence in sentences(text):
        match = _IN_FORCE.search(sentence)
        if match and "《" not in sentence[: match.start()].split("，")[-1]:
            when = match["when"] or match["later"]
            day = iso_date(when) or (issued if _SELF_DATED.search(when) else "")
            if day:
                return Fact(day, sentence.strip())
    return UNSTATED


def _expires(text: str, start: str) -> Fact:
    for sentence in sentences(text):
        match = _LASTS.search(sentence)
        if not match or not _OF_THE_NOTICE.search(sentence):
            continue
        if match["until"]:
            return Fact(iso_date(match["until"]), sentence.strip())
        years = chinese_number(match["years"])
        if years and start:
            return Fact(f"{int(start[:4]) + years:04}{start[4:]}", sentence.strip())
    return UNSTATED


def _abolished(text: str) -> Iterator[Reference]:
    """The documents of a sentence that ends them: 《…》（…〔2019〕3号）同时废止."""
    for sentence in sentences(text):
        ends = _ABOLISHES.search(sentence)
        if ends and not _NOT_ABOLISHED.search(sentence):
            yield from references(sentence.strip())


def _deadlines(text: str, issued: str) -> Iterator[Deadline]:
    for sentence in sentences(text):
        label = _DEADLINE_LABEL.search(sentence)
        for match in _DAY.finditer(sentence):
            limit = _BEFORE.match(sentence, match.end()) or _UNTIL.search(sentence[: match.start()])
            if not limit or (not label and not re.search(_DEED, sentence)):
                continue
            if (
                not label
                and _UNTIL.search(sentence[: match.start()])
                and not _BEFORE.match(sentence, match.end())
            ):
                continue  # a span of days (5月1日至5月7日) is a deadline only where a label says so
            day = _day(match, _year_before(sentence, match.start()) or issued[:4])
            deed = _deed(sentence, match.start())
            if day:
                yield Deadline(deed, day, sentence.strip())


def _year_before(sentence: str, at: int) -> str:
    """The year of the date before (2024年5月1日至6月1日)."""
    years = re.findall(r"((?:19|20)\d{2})\s*年", sentence[:at])
    return years[-1] if years else ""


def _day(match: re.Match[str], year: str) -> str:
    year = match["year"] or year
    try:
        return date(int(year), int(match["month"]), int(match["day"])).isoformat() if year else ""
    except ValueError:
        return ""


def _deed(sentence: str, at: int) -> str:
    """What has to be done by then: the deed nearest to the date, before it rather than after."""
    before: list[str] = re.findall(_DEED, sentence[max(0, at - 24) : at])
    after: list[str] = re.findall(_DEED, sentence[at : at + 60])
    return (before or [""])[-1] or (after or [""])[0]
