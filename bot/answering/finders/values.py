"""Values that stand in a sentence: quantities, times, deadlines, places, frequencies, persons.

A sentence offers values of the kind asked for; the one in the clause that says most of the question is taken.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from bot.answering.cues import MEASURES, UNITS
from bot.answering.evidence import coverage, own_subject
from bot.answering.finders import columns
from bot.answering.model import Candidate, Kind, Question
from bot.library import Found, HeldNotice
from corpus.facts import CHINESE_NUMERALS, EMAIL, is_person
from corpus.passages import Passage, PassageKind
from index.text import normalise

_NUMBER = rf"(?:\d[\d,]*(?:\.\d+)?|[{CHINESE_NUMERALS}]+|半)"
_RANGE = rf"{_NUMBER}\s*(?:(?:至|到|—|－|-|~|～)\s*{_NUMBER})?"
_CLOCK = r"(?:\d{1,2}[:：]\d{2}|\d{1,2}\s*[点时](?:\d{1,2}分|半|整)?)"
_DAY = r"(?:(?:(?:19|20)\d{2}\s*年\s*)?\d{1,2}\s*月(?:\s*\d{1,2}\s*[日号]|[上中下]旬|底|初|份)?|(?:19|20)\d{2}\s*年(?:\s*(?:底|年底|初|上半年|下半年))?|每年\d{1,2}月(?:\d{1,2}日|[上中下]旬|底)?|\d{1,2}\s*日)"
_MOMENT = (
    rf"{_DAY}(?:\s*[（(][^（）()]{{1,8}}[）)])?(?:\s*(?:上午|下午|晚上|中午|晚|早上|凌晨))?(?:\s*{_CLOCK})?"
)
MOMENT = re.compile(
    rf"{_MOMENT}(?:\s*(?:至|到|—+|－|-|~|～|起至)\s*(?:{_MOMENT}|(?:上午|下午|晚上)?\s*{_CLOCK}))?(?:\s*(?:前|之前|以前|止|为止|起))?|(?:每周[一二三四五六日天]|星期[一二三四五六日天]|工作日|节假日)[^，。；]{{0,6}}?(?:上午|下午|晚上)?\s*{_CLOCK}(?:\s*(?:至|到|—+|-|~|～)\s*(?:上午|下午)?\s*{_CLOCK})?"
)
_FREQUENCY = re.compile(
    rf"每(?:个?月|年度?|季度?|周|学期|半年|两年|三年|[{CHINESE_NUMERALS}\d]+(?:年|个?月|周|天))(?:[^，。；、]{{0,8}}?(?:不少于|至少|不低于)?\s*{_RANGE}\s*次)?|{_NUMBER}(?:年|个?月|周)(?:{_NUMBER})?(?:一次|一届|一评|一报)|按(?:月|季度?|年|周)|(?:不)?定期"
)
_LABELS = {
    Kind.TIME: re.compile(r"(?:时间|日期|日程)"),
    Kind.DEADLINE: re.compile(
        r"截止|截至|期限|时限|报名时间|申报时间|征集时间|提交时间|报送时间|完成时限|推荐时间"
    ),
    Kind.PLACE: re.compile(r"地点|地址|会场|场地|场所|集合点|报到处"),
    Kind.WHO: re.compile(r"主讲|专家|授课|报告人|嘉宾|主持人|组长|负责人|姓名|讲师|评委|主任"),
    Kind.FREQUENCY: re.compile(r"频次|频率|周期|次数"),
    Kind.QUANTITY: re.compile(r"名额|数量|人数|指标|金额|经费|标准|分值|奖金|学时|规模|限额"),
}
_BEFORE = re.compile(r"截止|截至|前|之前|止|不晚于|逾期|最迟|以前")
_LABEL_LINE = re.compile(
    r"^\s*(?:[（(]?[一二三四五六七八九十\d]+[）)、.．]\s*)?(?P<label>[\u4e00-\u9fa5 　]{2,12})[：:]\s*(?P<value>.+)$",
    re.DOTALL,
)
_HELD_AT = re.compile(
    r"(?:报送|寄送|邮寄|寄|送达|送交|报|交|提交|递交|发送|送)(?:至|到|往)(?P<sent>[\u4e00-\u9fa5A-Za-z0-9（）()“”·、\-]{2,60}?)(?=[，。；]|$|处(?![\u4e00-\u9fa5]))|"
    r"(?:在|于|到|赴|至)(?P<value>[\u4e00-\u9fa5A-Za-z0-9（）()“”·、]{2,40}?)(?=(?:隆重|正式|集中|统一|现场)?(?:举行|举办|召开|开展|进行|报到|集合|签到|领取|办理|办公|上课|参加|开幕|递交|提交|报名|咨询))|(?:搬迁至|迁至|搬至|搬到|调整(?:到|至|为)|改(?:在|到|为))(?P<moved>[\u4e00-\u9fa5A-Za-z0-9（）()“”·]{3,40})"
)
_IS_PLACE = re.compile(
    r"(?:馆|厅|室|楼|层|中心|大学|学院|学校|校区|中学|小学|酒店|宾馆|广场|公园|市|区|县|镇|乡|村|基地|街道|大厦|号|院|剧场|礼堂|社区|园|站|所|平台|公众号|网站|系统|窗口|处|局)$"
)
ROLE = re.compile(
    r"(?:组长|副组长|主任|副主任|会长|秘书长|理事长|主席|主持人?|主讲人?|评委|召集人|负责人|成员|队长|所长|馆长|团长|第一责任人|专家|嘉宾)"
)
_PERSON = r"[\u4e00-\u9fa5·、（）()]{2,30}?"


def find(question: Question, found: list[tuple[Found, float]]) -> list[Candidate]:
    """Values of the kind asked for: in table cells, in labelled lines (时间：…), in sentences."""
    label = _column(question)
    candidates = columns.cells(question, found, label) if label else []
    if question.kind is Kind.QUANTITY:
        candidates += columns.named_cells(question, found)
    for hit, rank in found:
        passage = hit.passage
        if passage.kind is PassageKind.HEADING and "：" not in passage.text and ":" not in passage.text:
            continue
        share = coverage(question, hit.held, hit.number)
        for value, fit in _values(_about_aspect(question, hit.held), passage):
            candidates.append(Candidate(value, hit.held, passage.locator, passage.text, share, fit, rank))
    return candidates


def _about_aspect(question: Question, held: HeldNotice) -> Question:
    """The question less the words that only name the notice: no clause of it repeats them."""
    aspect = own_subject(question, held)
    return replace(question, words=aspect) if aspect else question


def _column(question: Question) -> re.Pattern[str] | None:
    """The columns that hold what is asked for; for a quantity, those of its measure."""
    if question.kind is not Kind.QUANTITY:
        return _LABELS.get(question.kind)
    by_measure = next((column for words, _, column in MEASURES if words.search(question.text)), None)
    return by_measure or (re.compile(re.escape(question.detail[-1])) if question.detail else None)


def _values(question: Question, passage: Passage) -> Iterator[tuple[str, float]]:
    yield from _labelled(question, passage)
    reader = _READERS[question.kind]
    parts = comma_parts(passage.text)
    for before, part in zip(["", *parts], parts, strict=False):
        alone, together = said(question, part), said(question, before + part)
        aside = _PART_OF.match(part.strip()) and not alone
        for value, fit in reader(question, part):
            yield value, fit * (0.7 + 0.3 * max(alone, 0.9 * together)) * (0.85 if aside else 1.0)


_PART_OF = re.compile("其中|另外|此外|特别")


def comma_parts(text: str) -> list[str]:
    """What stands between full stops, semicolons and commas."""
    return [p for p in re.split(r"(?<=[，。；！？\n])", text) if p.strip()]


def said(question: Question, text: str) -> float:
    """The share of the question's content words in a text."""
    here = normalise(text)
    total = sum(w.weight for w in question.words)
    return sum(w.weight for w in question.words if any(f in here for f in w.forms)) / total if total else 0.0


def _labelled(question: Question, passage: Passage) -> Iterator[tuple[str, float]]:
    """时间：2025年5月10日 under a question for the time."""
    wanted = _LABELS.get(question.kind)
    match = _LABEL_LINE.match(passage.text)
    if (
        wanted
        and not match
        and passage.path
        and wanted.search(passage.path[-1])
        and _stands_alone(question, passage)
    ):
        yield passage.text.rstrip("。"), 0.93
    if not (wanted and match):
        return
    value = match["value"].strip().rstrip("。；")
    label = re.sub(r"\s", "", match["label"])
    other = question.kind is Kind.WHO and re.search("地点|时间|内容|日期|单位|电话", label)
    if wanted.search(label) and not other and len(value) <= 120:
        if question.kind in (Kind.TIME, Kind.DEADLINE) and not MOMENT.search(value):
            return
        yield value, 0.97


def _stands_alone(question: Question, passage: Passage) -> bool:
    """Whether a short line below a heading (二、主讲人) is the value that the heading announces."""
    if question.kind not in (Kind.WHO, Kind.PLACE) or passage.kind is not PassageKind.CLAUSE:
        return False
    return len(passage.text) <= 60 and not re.search("[。；].", passage.text)


def _moments(question: Question, clause: str) -> Iterator[tuple[str, float]]:
    for match in MOMENT.finditer(clause):
        value = match[0].strip()
        if re.fullmatch(r"(?:19|20)\d{2}\s*年", value) and "年" not in question.cue:
            continue
        is_limit = bool(_BEFORE.search(clause[match.start() : match.end() + 6])) or bool(
            re.search("截止|截至|最迟|有效期", clause)
        )
        if question.kind is Kind.DEADLINE:
            until = _SPAN.search(value) and _DEED.search(clause) and not _EVENT.search(clause)
            yield value, 0.95 if is_limit else 0.85 if until else 0.45
        else:
            moved = re.search(r"(?:延期|推迟|改|调整)[到至为]?$|[至为到]$", clause[: match.start()])
            was = re.search(r"原定?于?$", clause[: match.start()])
            yield value, 0.97 if moved else 0.5 if was else 0.7 if is_limit else 0.9


_SPAN = re.compile("至|到|—|-|~|～")
_DEED = re.compile("报名|申报|申请|投稿|征集|推荐|报送|提交|填报|缴费|受理|登记|预约|申领")
_EVENT = re.compile("举行|举办|召开|开展活动|比赛|决赛|培训时间|会期")


def _places(question: Question, clause: str) -> Iterator[tuple[str, float]]:
    for match in _HELD_AT.finditer(clause):
        value = match["value"] or match["moved"] or match["sent"]
        if match["sent"]:
            if not EMAIL.search(value):
                yield value, 0.95 if _SENDS.search(question.text) else 0.5
            continue
        if not re.search(r"\d+[月日时点]|基础上|过程中|方面|期间|之间|领域|范围内", value):
            yield (
                value,
                0.92 if match["moved"] or _IS_PLACE.search(re.sub("（[^（）]*）", "", value)) else 0.5,
            )


_SENDS = re.compile("寄|送|交|报(?!到|名|告)|提交|递")


def _frequencies(question: Question, clause: str) -> Iterator[tuple[str, float]]:
    for match in _FREQUENCY.finditer(clause):
        yield match[0], 0.6 if "定期" in match[0] else 0.95


def _persons(question: Question, clause: str) -> Iterator[tuple[str, float]]:
    role = ROLE.search(question.text)
    wanted = re.escape(role[0]) if role else ROLE.pattern
    patterns = (
        rf"(?P<value>{_PERSON})(?:任|担任|为|兼任|出任)(?:[\u4e00-\u9fa5]{{0,10}}?)(?<!副)(?:{wanted})",
        rf"(?<!副)(?:{wanted})(?:由|：|:|为|是)(?P<value>[\u4e00-\u9fa5·、]{{2,30}}?)(?=担任|兼任|主讲|$|[，。；])",
        rf"(?:由|请|邀请)(?P<value>{_PERSON})(?:主讲|作[\u4e00-\u9fa5]{{0,12}}报告|授课|主持|担任|审批|批准|审定|评审|签批|审核)",
    )
    for pattern in patterns[:2] if role else patterns:
        for match in re.finditer(pattern, clause):
            value = re.sub("^(?:由|请|邀请)", "", match["value"])
            yield (
                value,
                (0.93 if role else 0.85)
                * (1.0 if _NAMES_PERSONS.search(question.text) is None or _has_person(value) else 0.5),
            )


_NAMES_PERSONS = re.compile("评委|专家|嘉宾|姓名|名字|主讲|授课|讲课|主持人")


def _has_person(value: str) -> bool:
    return (
        any(is_person(p) for p in re.split(r"[、，和及（）()\s]+", value) if p)
        or bool(ROLE.search(value))
        or bool(re.search("教授|研究员|院士|书记|市长|局长|部长|主席", value))
    )


def _quantities(question: Question, clause: str) -> Iterator[tuple[str, float]]:
    """Numbers with the unit asked for; 多少 without a unit takes amounts and counts."""
    for unit in _units(question):
        percent = unit in ("%", "百分之", "％")
        pattern = (
            rf"{_RANGE}\s*[%％]|百分之{_NUMBER}|{_RANGE}个百分点"
            if percent
            else rf"(?:第)?(?:近|约|超过|不少于|不超过|不低于|最高|至少)?\s*{_RANGE}\s*余?(?:多)?{re.escape(unit)}(?!月|工作日|百分点|学时|小时|部门)(?:次(?!数))?(?:左右|以上|以下|以内|/人|/年|每人)?(?:（含）|\(含\))?"
        )
        for match in re.finditer(pattern, clause):
            value = match[0].strip()
            if value.startswith("第") or (
                re.search(r"^[一二三四五六七八九十]个(?!月|工作日)", value) and unit == "个"
            ):
                continue
            exact = unit == question.detail or percent
            alike = 0.6 if question.detail == "个" and unit in _SPECIAL_UNITS else 0.8
            yield value, (0.95 if exact else alike) * _limit_fit(question, clause, value)
    if question.detail in _MONEY and _NOTHING.search(clause):
        yield clause.strip("，。；"), 0.8


_SPECIAL_UNITS = frozenset("届 期 轮 份 条 处 站 次 幅 首".split())
_MONEY = ("钱", "元", "块", "块钱", "万元")
_NOTHING = re.compile(
    "不发(?:放)?(?:奖金|补贴)|不收(?:取)?[^，。]{0,12}费|免费|免收|自理|不予(?:补助|资助|奖励)|不设奖金"
)
_ASKS_LIMIT = re.compile("最多|至多|上限|最高|限报|能报|可以报|能推")
_LIMIT = re.compile("限报|限|不超过|不得超过|最多|至多|最高|上限")
_ASKS_TOTAL = re.compile("总共|一共|总计|合计|总的|共")
_TOTAL = re.compile("总|共|合计|累计")


def _limit_fit(question: Question, clause: str, value: str) -> float:
    """A limit answers 最多…, a total answers 总共…; a single figure answers neither as well."""
    fit = 1.0
    if _ASKS_LIMIT.search(question.text):
        fit *= 1.04 if _LIMIT.search(clause) else 0.85
    if _ASKS_TOTAL.search(question.text):
        fit *= 1.04 if _TOTAL.search(clause) else 0.85
    return fit


def _units(question: Question) -> list[str]:
    asked = question.detail
    measured = next((units for words, units, _ in MEASURES if words.search(question.text)), ())
    if measured and asked in ("", "钱", "块", "块钱", "个"):
        return [*measured, *([asked] if asked == "个" else [])]
    if not asked:
        return [
            "元",
            "万元",
            "亿元",
            "名",
            "人",
            "个",
            "家",
            "项",
            "场",
            "次",
            "期",
            "篇",
            "件",
            "份",
            "%",
            "天",
            "个工作日",
            "小时",
            "学时",
            "岁",
            "周岁",
            "分",
            "字",
            "分钟",
        ]
    alike = {u for group in UNITS if asked in group for u in group}
    return [asked, *sorted(alike - {asked})]


_READERS: dict[Kind, Callable[[Question, str], Iterable[tuple[str, float]]]] = {
    Kind.TIME: _moments,
    Kind.DEADLINE: _moments,
    Kind.PLACE: _places,
    Kind.FREQUENCY: _frequencies,
    Kind.WHO: _persons,
    Kind.QUANTITY: _quantities,
}
