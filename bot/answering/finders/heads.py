"""What a notice says of itself: document number, date of issue, issuer; and the numbers of documents it refers to."""

import re
from collections.abc import Iterable

from bot.answering.evidence import said
from bot.answering.model import Candidate, Kind, Question, Via
from bot.library import HeldNotice
from bot.wording import chinese_date
from corpus.notice import Fact
from index.text import normalise

_HEAD, _FOOT = "文首", "落款"
_REFERRED = 0.97


def find(question: Question, notices: Iterable[tuple[HeldNotice, float]]) -> list[Candidate]:
    """The fact of each notice that the question may mean."""
    candidates = []
    for held, rank in notices:
        fact, value, locator = _fact(question.kind, question.cue, held)
        if value:
            # what a notice says of itself holds for the notice alone: a question about more than it means another
            titles = _all_titles(held)
            fit = said(question.words, f"{titles}|{held.identity}") if question.words else 1.0
            candidates.append(Candidate(value, held, None, locator, fact.quote, Via.HEAD, fit, rank, titles))
        if question.kind in (Kind.NUMBER, Kind.ISSUED):
            candidates += _references(question, held, rank)
    return candidates


def _all_titles(held: HeldNotice) -> str:
    """Titles and the first paragraph name what the notice is about; its issuer by its short name too."""
    first = held.passages[0].text if held.passages else ""
    return "|".join((held.notice.issuer.value.replace("科学技术协会", "科协"), first, held.notice.date.value))


def _fact(kind: Kind, cue: str, held: HeldNotice) -> tuple[Fact, str, str]:
    notice = held.notice
    if kind is Kind.NUMBER:
        return notice.doc_number, notice.doc_number.value, _HEAD
    if kind is Kind.ISSUED:
        return notice.date, chinese_date(notice.date.value), _FOOT
    if kind is Kind.RECIPIENTS:
        fact = notice.copy_to if "抄" in cue else notice.recipients
        return fact, fact.value, _FOOT if "抄" in cue else _HEAD
    return notice.issuer, notice.issuer.value, _FOOT


def _references(question: Question, held: HeldNotice, rank: float) -> list[Candidate]:
    """Numbers of other documents, where the question's words stand in the sentence that names them."""
    candidates = []
    for reference in held.notice.references:
        if not reference.doc_number or question.kind is not Kind.NUMBER:
            continue
        before = reference.quote.split(reference.title)[0]
        named = normalise(re.split(r"[）)]", before)[-1][-24:] + reference.title)
        total = sum(w.weight for w in question.words)
        share = (
            sum(w.weight for w in question.words if any(f in named for f in w.forms) or _spelt(w.text, named))
            / total
            if total
            else 0
        )
        if any(w.name and not any(f in named for f in w.forms) for w in question.words):
            share = 0.0
        number, locator = _place(held, reference.quote)
        candidates.append(
            Candidate(
                reference.doc_number,
                held,
                number,
                locator,
                reference.quote,
                Via.SPAN,
                _REFERRED * share,
                rank,
                named,
            )
        )
    return candidates


def _spelt(short: str, text: str) -> bool:
    """中宣部 for 中央宣传部: the letters of a short name in order, close together."""
    return (
        len(short) >= 3
        and short[-1] in "部委办局院会"
        and bool(re.search("[\u4e00-\u9fff]{0,2}".join(map(re.escape, short)), text))
    )


def _place(held: HeldNotice, quote: str) -> tuple[int | None, str]:
    """The passage that a quote stands in, and its locator."""
    for number, passage in enumerate(held.passages):
        if quote in passage.text or passage.text in quote:
            return number, passage.locator
    return None, "正文"
