"""The sentences that need more than a placeholder: sources, quotes, lists, pages. Their words are the catalogue's.

Rules return values; only this module and whoever holds a catalogue (bot/messages) speak.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from bot.messages.catalogue import Messages

SHANGHAI = ZoneInfo("Asia/Shanghai")

LONGEST_ANSWER = 900
"""Characters of a list; what is longer is cut after a whole item."""
LONGEST_QUOTE = 220


def chinese_date(iso: str) -> str:
    """2024-03-01 → 2024年3月1日; "" stays ""."""
    if not iso:
        return ""
    year, month, day = iso.split("-")
    return f"{int(year)}年{int(month)}月{int(day)}日"


def utc_now() -> datetime:
    """The server's clock."""
    return datetime.now(UTC)


def shanghai_day(moment: datetime) -> date:
    """The day that members have at an aware moment."""
    return moment.astimezone(SHANGHAI).date()


class Wording:
    """Says what an answer consists of, in the words of `say`."""

    def __init__(self, say: Messages) -> None:
        self.say = say

    def source_line(self, doc_number: str, title: str, locator: str, issued: str, state: str) -> str:
        """出处：渝科协发〔2024〕10号《…》 附件 第11项（2024年3月1日，现行）."""
        when = "，".join(x for x in (chinese_date(issued), state) if x)
        return self.say("answer.source", notice=f"{doc_number}{titled(title)}", locator=locator, when=when)

    def answer_text(self, answer: str, quote: str, source: str, remark: str = "") -> str:
        """The whole message: the answer, a remark if there is one, the words it rests on, the source.

        An answer that is the quoted words is not quoted again, nor is a list, unless it was drawn from one
        sentence.
        """
        shown = " ".join(quote.split())
        if len(shown) > LONGEST_QUOTE:
            shown = shown[: LONGEST_QUOTE - 1] + "…"
        parts = [answer]
        if remark:
            parts.append(remark)
        listed = "\n" in answer and not all(_item(line) in shown for line in answer.split("\n"))
        if not listed and "".join(shown.split()).strip("。") not in "".join(answer.split()):
            parts.append(self.say("answer.quote", quote=shown))
        parts.append(source)
        return "\n".join(parts)

    def not_found(self, subject: Sequence[str], nearest: Sequence[str], known: str = "") -> str:
        """The honest no: what no notice holds, what is known about the subject, and the nearest notices."""
        if subject:
            lines = [self.say("answer.no_such_words", words="”“".join(subject))]
        elif known:
            lines = [self.say("answer.not_stated_there")]
        else:
            lines = [self.say("answer.not_found")]
        if known:
            lines.append(self.say("answer.known", known=known))
        if nearest:
            lines.append(self.say("answer.nearest", notices="；".join(map(titled, nearest))))
        lines.append(self.say("answer.ask_otherwise"))
        return "\n".join(lines)

    def page(self, text: str, number: int) -> tuple[str, int]:
        """Page `number` (from 0) of a list, of at most LONGEST_ANSWER characters in whole lines, and the next one's.

        The next page is 0 after the last one. A text of one line is no list: it is cut.
        """
        pages = _pages(text.split("\n"))
        if len(pages) == 1:
            return pages[0], 0
        lines = text.count("\n") + 1
        shown = pages[min(number, len(pages) - 1)]
        if number + 1 >= len(pages):
            return f"{shown}\n{self.say('answer.last_page', count=lines)}", 0
        return f"{shown}\n{self.say('answer.more_pages', count=lines)}", number + 1

    def which(self, names: Sequence[str]) -> str:
        """Which notice is meant?"""
        return "\n".join([self.say("answer.which"), *(f"{n}. {name}" for n, name in enumerate(names, 1))])


def titled(title: str) -> str:
    """A title between 《 and 》."""
    return title if title.startswith("《") and title.endswith("》") else f"《{title}》"


def facts_line(name: str, facts: Sequence[tuple[str, str]]) -> str:
    """…方案：印发日期 2024年3月1日，状态 现行."""
    return f"{name}：" + "，".join(f"{label} {value}" for label, value in facts)


def _item(line: str) -> str:
    """A line of a numbered list without its number."""
    return line.partition(". ")[2] or line


def _pages(lines: Sequence[str]) -> list[str]:
    pages: list[list[str]] = [[]]
    for line in lines:
        kept = line if len(line) <= LONGEST_ANSWER else line[: LONGEST_ANSWER - 1] + "…"
        if pages[-1] and sum(len(x) + 1 for x in pages[-1]) + len(kept) > LONGEST_ANSWER:
            pages.append([])
        pages[-1].append(kept)
    return ["\n".join(p) for p in pages]
