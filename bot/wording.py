"""Every sentence that a member reads. Rules return values; only this module speaks."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

LONGEST_ANSWER = 900
"""Characters of a list; what is longer is cut after a whole item."""
LONGEST_QUOTE = 220

TITLE = "策问"

WELCOME = (
    "您好，我是策问。把想问的直接发给我，例如：“{example}”，我从已收录的通知里找答案，并注明文号和出处。"
)
HELP = "直接用一句话提问即可，例如：\n· 某项任务由哪个部门负责\n· 某个活动的截止日期、地点、联系人\n· 某份通知的文号、印发时间\n追问也可以，例如“那联系电话呢”。"
GREETING = "您好！请直接说想问的事，例如：“{example}”。"
EMPTY = "没有看到问题。请用一句话说出想问的事。"
TOO_LONG = "问题太长了（最多 500 字）。请用一句话说出想问的事。"
TEXT_ONLY = "目前只能回答文字问题。请用一句话说出想问的事。"
APOLOGY = "抱歉，刚才出了点问题，没能回答。请稍后再问一次。"
EARLIER = "您前面那个问题的答案：\n"
ALSO = "另外，{name}（{when}）里是：{value}"
NOT_STATED = "通知里没有写明"
NO_NOTICES = "还没有收录任何通知，暂时无法回答。"


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


def source_line(doc_number: str, title: str, locator: str, issued: str, state: str) -> str:
    """出处：渝科协发〔2024〕10号《…》 附件 第11项（2024年3月1日，现行）."""
    when = f"（{'，'.join(x for x in (chinese_date(issued), state) if x)}）"
    name = title if title.startswith("《") and title.endswith("》") else f"《{title}》"
    return f"出处：{doc_number}{name} {locator}{when}"


def answer_text(answer: str, quote: str, source: str, remark: str = "") -> str:
    """The whole message: the answer, a remark if there is one, the words it rests on, the source.

    An answer that is the quoted words is not quoted again, nor is a list, unless it was drawn from one sentence.
    """
    shown = " ".join(quote.split())
    if len(shown) > LONGEST_QUOTE:
        shown = shown[: LONGEST_QUOTE - 1] + "…"
    parts = [answer]
    if remark:
        parts.append(remark)
    listed = "\n" in answer and not all(_item(line) in shown for line in answer.split("\n"))
    if not listed and "".join(shown.split()).strip("。") not in "".join(answer.split()):
        parts.append(f"原文：“{shown}”")
    parts.append(source)
    return "\n".join(parts)


def _item(line: str) -> str:
    """A line of a numbered list without its number."""
    return line.partition(". ")[2] or line


def not_found(subject: Sequence[str], nearest: Sequence[str], known: str = "") -> str:
    """The honest no: what no notice holds, what is known about the subject, and the nearest notices."""
    lines = ["没有找到。"]
    if subject:
        lines[0] = f"没有找到：已收录的通知里没有提到“{'”“'.join(subject)}”。"
    elif known:
        lines[0] = "没有找到：通知里没有写明这一点。"
    if known:
        lines.append(f"与此有关的内容：{known}")
    if nearest:
        lines.append(
            "最接近的通知：" + "；".join(f"《{t}》" if not t.startswith("《") else t for t in nearest)
        )
    lines.append("可以换个说法再问，或向印发单位咨询。")
    return "\n".join(lines)


def page(text: str, number: int) -> tuple[str, int]:
    """Page `number` (from 0) of a list, of at most LONGEST_ANSWER characters in whole lines, and the next page's number.

    The next page is 0 after the last one. A text of one line is no list: it is cut.
    """
    pages = _pages(text.split("\n"))
    if len(pages) == 1:
        return pages[0], 0
    lines = text.count("\n") + 1
    shown = pages[min(number, len(pages) - 1)]
    if number + 1 >= len(pages):
        return f"{shown}\n（共 {lines} 项，完）", 0
    return f"{shown}\n……（共 {lines} 项，回复“更多”看其余）", number + 1


def _pages(lines: Sequence[str]) -> list[str]:
    pages: list[list[str]] = [[]]
    for line in lines:
        kept = line if len(line) <= LONGEST_ANSWER else line[: LONGEST_ANSWER - 1] + "…"
        if pages[-1] and sum(len(x) + 1 for x in pages[-1]) + len(kept) > LONGEST_ANSWER:
            pages.append([])
        pages[-1].append(kept)
    return ["\n".join(p) for p in pages]


def which(names: Sequence[str]) -> str:
    """Which notice is meant?"""
    lines = [f"{n}. {name}" for n, name in enumerate(names, 1)]
    return "\n".join(["您问的是哪一份通知？回复序号即可：", *lines])


def facts_line(name: str, facts: Sequence[tuple[str, str]]) -> str:
    """…方案：印发日期 2024年3月1日，状态 现行."""
    return f"{name}：" + "，".join(f"{label} {value}" for label, value in facts)
