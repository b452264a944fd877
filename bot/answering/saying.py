"""From findings to what is said: the answer with its source and the notice's state, a question back, or a no."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot.answering import finding
from bot.answering.examples import short_title, suggested
from bot.answering.finding import Findings
from bot.answering.judging import Judged
from bot.answering.model import Answer, Candidate, Choice, Citation, Kind, Question, Via
from bot.answering.standing import days_left, standing
from bot.library import HeldNotice, Library
from bot.wording import Wording, chinese_date, facts_line
from corpus.validity import days_in

_STILL = re.compile(
    r"还能|还可以|还来得及|能不能|可不可以|可以.{0,6}[吗么]|过期|截止了[吗没]|结束了[吗没]|晚了吗"
)
_MOST_CHOICES = 4


def answered(
    question: Question, judged: Judged, library: Library, today: date, wording: Wording, page: int = 0
) -> tuple[Answer, int]:
    """The answer, and the number of the page that comes next (0: none)."""
    best = judged.candidate
    notice = best.held.notice
    state = standing(best.held, library, today).state
    value, following = wording.page(best.value, page)
    value, remark = _against_today(question, value, best, today)
    source = wording.source_line(
        notice.doc_number.value, notice.title, best.locator, notice.date.value, state
    )
    text = wording.answer_text(value, best.quote, source, remark)
    confidence = round(min(0.99, judged.probability), 2)
    related = tuple(dict.fromkeys(_related(best.held, question)))[:3]
    answer = Answer(True, value, text, question.kind.value, confidence, (citation(best),), related, source)
    return answer, following


def _against_today(question: Question, value: str, best: Candidate, today: date) -> tuple[str, str]:
    """A deadline measured against today: 还能报名吗 gets 可以 or 已截止; any deadline gets what is left."""
    days = days_in(value, best.held.notice.date.value[:4]) if question.kind is Kind.DEADLINE else []
    if not days:
        return value, ""
    left = days_left(days[-1], today)
    if not _STILL.search(question.text):
        return value, f"（{left}）"
    return (f"不能，已截止（{value}）", "") if left == "已截止" else (f"可以，{value}，{left}", "")


def _related(held: HeldNotice, question: Question) -> list[str]:
    """Other questions that the same notice answers."""
    return [text for kind, text in suggested(held) if kind != question.kind.value and text != question.text]


def refused(question: Question, findings: Findings, wording: Wording) -> Answer:
    """No, with the words that no notice holds, what is said about the subject, and the nearest notices."""
    unknown = [w.text for w in findings.unknown]
    near = (
        [h.notice.title for h, share in findings.notices[:2] if share >= 0.5]
        if len(unknown) < len(question.words)
        else []
    )
    known = finding.about(findings) if not unknown else None
    text = wording.not_found(unknown[:3], near, known.candidate.value if known else "")
    return Answer(False, "", text, question.kind.value, 0.0, (), tuple(near))


def ask_which(question: Question, candidates: Sequence[Candidate], wording: Wording) -> Answer:
    """A question back: which notice is meant, with two to four choices."""
    choices = tuple(
        Choice(_name(c.held), f"《{c.held.notice.title}》{question.text}") for c in candidates[:_MOST_CHOICES]
    )
    text = wording.which([c.label for c in choices])
    return Answer(False, "", text, Kind.CHOICE.value, 0.0, (), tuple(c.label for c in choices), "", choices)


def also(answer: Answer, other: Candidate, wording: Wording) -> Answer:
    """The answer of the newer notice, with the word that another one says something else."""
    notice = other.held.notice
    year = chinese_date(notice.date.value)
    line = wording.say(
        "answer.also", name=_name(other.held), when=year, value=" ".join(other.value.split())[:60]
    )
    text = answer.text.removesuffix(answer.source) + f"{line}\n{answer.source}"
    return replace(answer, text=text, citations=(*answer.citations, citation(other)))


def together(labels: Sequence[str], said: Sequence[Answer], wording: Wording) -> Answer:
    """The answers to the questions of one message, a line each, with the sources below."""
    lines = [
        f"{label}：{a.answer if a.answered else wording.say('answer.not_stated')}"
        for label, a in zip(labels, said, strict=True)
    ]
    sources = list(dict.fromkeys(a.source for a in said if a.source))
    value = "\n".join(lines)
    return Answer(
        True,
        value,
        "\n".join((value, *sources)),
        Kind.SEVERAL.value,
        min(a.confidence for a in said if a.answered),
        tuple(c for a in said for c in a.citations),
        (),
        "\n".join(sources),
    )


def side_by_side(
    notices: Sequence[HeldNotice], more: str, library: Library, today: date, wording: Wording
) -> Answer:
    """Two notices by what they say of themselves; 更早 and 更新 are told from their dates."""
    lines = [facts_line(_name(h), _facts(h, library, today)) for h in notices]
    dated = sorted((h.notice.date.value, _name(h)) for h in notices if h.notice.date.value)
    if more and len(dated) == len(notices):
        lines.insert(0, dated[0 if more in "早先" else -1][1])
    value = "\n".join(lines)
    heads = [Candidate(value, h, None, "文首", h.notice.title, Via.STATE) for h in notices]
    sources = [
        wording.source_line(
            h.notice.doc_number.value,
            h.notice.title,
            "文首",
            h.notice.date.value,
            standing(h, library, today).state,
        )
        for h in notices
    ]
    return Answer(
        True,
        value,
        "\n".join((value, *sources)),
        Kind.COMPARISON.value,
        0.8,
        tuple(citation(c) for c in heads),
        (),
        "\n".join(sources),
    )


def _facts(held: HeldNotice, library: Library, today: date) -> list[tuple[str, str]]:
    notice, validity = held.notice, held.validity
    found = [
        ("印发单位", notice.issuer.value),
        ("印发日期", chinese_date(notice.date.value)),
        ("施行日期", chinese_date(validity.in_force.value)),
        ("有效期至", chinese_date(validity.expires.value)),
        ("截止日期", "、".join(dict.fromkeys(chinese_date(d.day) for d in validity.deadlines[:3]))),
        ("状态", standing(held, library, today).state),
    ]
    return [(name, value) for name, value in found if value]


def _name(held: HeldNotice) -> str:
    title = short_title(held.notice.title) or held.notice.title
    return f"{title}（{held.notice.doc_number.value}）" if held.notice.doc_number.value else title


def citation(best: Candidate) -> Citation:
    """Where a candidate stands."""
    notice = best.held.notice
    return Citation(
        best.held.id,
        notice.doc_number.value,
        notice.title,
        notice.issuer.value,
        notice.date.value,
        best.locator,
        best.quote,
    )
