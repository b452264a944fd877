"""What a passage says as a whole: a sentence, of a long one the stretch that says most, a row with its cells named."""

import re
from collections.abc import Iterable, Iterator

from bot.answering.evidence import own_subject, said
from bot.answering.finders.values import LABELLED
from bot.answering.model import Candidate, Question, Via, in_passage
from bot.library import Found
from corpus.passages import Passage, PassageKind

_LONGEST = 160
"""Characters of a direct answer; what is longer is a stretch of the sentence."""
_NAMED = 0.5
"""What share of what is asked a label must name, for what stands behind it to answer."""
_WORK = re.compile("哪(?:一)?(?:部|本|首|篇|出|份文件)")
_TITLES = re.compile("《[^《》]+》")


def find(question: Question, found: Iterable[tuple[Found, float]]) -> Iterator[Candidate]:
    """Each passage as an answer of its own."""
    for hit, rank in found:
        passage = hit.passage
        if passage.kind is PassageKind.HEADING:
            continue
        value = _said(question, passage)
        fit = 0.75
        label = LABELLED.match(passage.text)
        if label and len(label["value"]) <= _LONGEST:
            aspect = own_subject(question, hit.held)
            named = said(aspect, re.sub(r"\s", "", label["label"])) if aspect else 0.0
            if named >= _NAMED:
                yield in_passage(
                    hit,
                    label["value"].strip().rstrip("。；"),
                    Via.LABEL,
                    0.6 + 0.35 * named,
                    rank,
                    passage.text,
                )
        titles = list(dict.fromkeys(_TITLES.findall(passage.text)))
        if titles and _WORK.search(question.text):
            yield in_passage(hit, "、".join(titles[:3]), Via.SPAN, 0.8, rank, passage.text)
        yield in_passage(hit, value, Via.SENTENCE, fit, rank, value)


def _said(question: Question, passage: Passage) -> str:
    if passage.row is not None:
        return row_text(passage)
    if len(passage.text) <= _LONGEST:
        return passage.text.replace("\n", "；")
    return best_stretch(question, passage.text, _LONGEST)


def row_text(passage: Passage) -> str:
    """A row with its columns named: 讲座：…；时间：…."""
    if passage.row is None or passage.table is None:
        return passage.text
    cells = zip(passage.table.header, passage.row.cells, strict=True)
    named = [
        f"{name}：{cell}" if name else cell for name, cell in cells if cell and name not in ("序号", "编号")
    ]
    return "；".join(named)


def best_stretch(question: Question, text: str, longest: int) -> str:
    """The run of comma parts, at most `longest` characters, that says most of the question; word for word."""
    parts = [p for p in re.split(r"(?<=[，。；！？\n])", text) if p]
    best, best_score = text[:longest], -1.0
    for start in range(len(parts)):
        run = ""
        for part in parts[start:]:
            if run and len(run) + len(part) > longest:
                break
            run += part
        score = said(question.words, run) - 0.001 * start
        if score > best_score:
            best, best_score = run, score
    return best[:longest].strip().rstrip("，；")
