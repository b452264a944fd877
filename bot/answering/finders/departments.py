"""Who is responsible: the cell of the responsibility table, or the body that a clause names as doing the thing."""

import re
from collections.abc import Iterable, Iterator

from bot.answering.cues import SPECIAL_DEED
from bot.answering.evidence import coverage
from bot.answering.finders import columns
from bot.answering.finders.values import said
from bot.answering.model import Candidate, Question
from bot.library import Found
from corpus.facts import ORGANISATION_ENDINGS
from corpus.passages import PassageKind
from index.text import normalise

_DOES = r"(?:具体|统一|共同|分别)?(?:负责|牵头|承办|主办|组织|实施|承担|管理|审核|审批|受理|评审|落实|统筹|协调|组成|管|办|指导|监督|担任|核定|认定|批准|发放|收集|汇总|制定|解释)(?!部|局|处|委|中心|办|人员|机构|科|室|员|者)"
_BODY = r"[\u4e00-\u9fa5（）()、“”·]"
_BY = re.compile(rf"(?:由|交由)(?P<body>{_BODY}{{2,40}}?)(?P<does>{_DOES})")
_SEATED = re.compile(rf"(?:设在|挂靠在?|依托)(?P<body>{_BODY}{{2,30}}?)(?=[，。；、]|$|承担|负责)")
_LABEL = re.compile(
    r"(?P<label>责任单位|责任部门|责任部室|牵头单位|牵头部门|主办单位|承办单位|协办单位|配合单位|指导单位|主管部门|实施单位|受理部门|组织单位|主办|承办|协办)\s*[：:为是]\s*(?P<body>[^。；;\n）)]{2,80})"
)
_SUBJECT = re.compile(
    rf"^(?P<body>{_BODY}{{2,40}}?)(?:要|应当?|须|将|可以?|会|具体|统一|共同|切实)?(?P<does>负责|牵头|承担|承办|主办|发挥|统筹|组织|审核|审批|受理|管理|解释|落实)(?!部|局|处|委|中心|办|人员|机构|科|室|员|者)"
)
_SHALL = re.compile(rf"^(?P<body>{_BODY}{{2,40}}?)(?:要|应当|应|须|将)(?=[\u4e00-\u9fa5]{{2}})")
_VAGUE = re.compile(
    r"^(?:各级?|所属|有关|相关|本|其|该|全[市省区]|广大)|(?:工作|活动|方案|精神|任务|责任|作用|项目)$"
)
_IS_BODY = re.compile(
    rf"(?:{ORGANISATION_ENDINGS}|政府|单位|组织|部门|机构|学校|企业|书记|人员|专家|党委（党组）|[\u4e00-\u9fa5]{2}[）)])$"
)
_ASKED_BODY = r"由?谁|哪个?(?:部门|单位|处室|科室|部室|部|机构)|什么(?:部门|单位|机构)"
_HELPS = re.compile(r"配合|协办|协助|参与")
_ASKS_FOR = re.compile(r"主办|承办|协办|配合|牵头|指导|受理|主管|实施|组织")


def find(question: Question, found: list[tuple[Found, float]]) -> list[Candidate]:
    """Cells first; a clause that names the body counts a little less."""
    cells = [] if "设在" in question.cue else columns.cells(question, found, None)
    return cells + list(_in_clauses(question, found))


def _in_clauses(question: Question, found: Iterable[tuple[Found, float]]) -> Iterator[Candidate]:
    for hit, rank in found:
        passage = hit.passage
        if passage.kind is not PassageKind.CLAUSE:
            continue
        share = coverage(question, hit.held, hit.number)
        for body, fit in bodies(question, passage.text):
            yield Candidate(body, hit.held, passage.locator, passage.text, share, fit, rank)


def bodies(question: Question, text: str) -> Iterator[tuple[str, float]]:
    """The bodies that a text names as doing something, with how well the deed fits the question."""
    asked = _ASKS_FOR.search(question.cue)
    for match in _LABEL.finditer(text):
        fits = not asked or asked[0] in match["label"] or match["label"].startswith("责任")
        yield match["body"].strip(" 　"), 0.95 if fits else 0.4
    for match in _SEATED.finditer(text):
        asks_seat = "设在" in question.cue or "设在" in question.text or "办公室" in question.text
        yield match["body"], 0.95 if asks_seat else 0.5
    for clause in re.split(r"[，。；：]", text):
        named = (m["body"].strip() for p in (_BY, _SUBJECT, _SHALL) if (m := p.search(clause.strip())))
        body = next((b for b in named if not _VAGUE.search(b)), None)
        if body is not None:
            yield body, _nearness(question, clause, body)


def _nearness(question: Question, clause: str, body: str) -> float:
    """A clause that itself speaks of the deed asked for is surer than one beside it; so is one that names a body."""
    tail = re.split(_ASKED_BODY, question.text)[-1]
    deed = shared_bigrams(tail, clause) if len(tail) >= 4 else 0.0
    fit = 0.55 + 0.3 * said(question, clause) + 0.2 * deed
    special = SPECIAL_DEED.search(question.cue)
    if special:
        fit += 0.25 if special[0] in clause else -0.15
    if _HELPS.search(clause) and not _HELPS.search(question.cue):
        fit *= 0.7
    return min(0.95, fit) if _IS_BODY.search(body) else fit * 0.5


def shared_bigrams(wanted: str, text: str) -> float:
    """The share of one text's character pairs that stand in another."""
    pairs = [wanted[i : i + 2] for i in range(len(wanted) - 1)]
    return sum(p in normalise(text) for p in pairs) / len(pairs) if pairs else 0.0
