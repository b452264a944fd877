"""Typed values in a text: moments, amounts, persons, bodies, places, numbers to call. What a short answer can be.

A recogniser offers every value of its type; which of them answers a question is weighed elsewhere (signals.py).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from corpus.facts import (
    CHINESE_NUMERALS,
    EMAIL,
    ORGANISATION,
    ORGANISATION_ENDINGS,
    WEBSITE,
    is_person,
    phone_numbers,
)


class Type(StrEnum):
    """What a value is. DAY and CLOCK are both moments; BODY is an organisation or department."""

    DAY = "day"
    CLOCK = "clock"
    RHYTHM = "rhythm"
    AMOUNT = "amount"
    PERSON = "person"
    BODY = "body"
    PLACE = "place"
    PHONE = "phone"
    EMAIL = "email"
    WEBSITE = "website"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Span:
    """A value where it stands: `text` is `whole[start:end]` less white space around it; `unit` of an amount."""

    type: Type
    text: str
    start: int
    end: int
    unit: str = ""
    role: str = ""
    """For a body or person: the deed or office by which the text names it (负责, 承办, 组长)."""


_NUMBER = rf"(?:\d[\d,，]*(?:\.\d+)?|[{CHINESE_NUMERALS}]+|半)"
_RANGE = rf"{_NUMBER}\s*(?:(?:至|到|—+|－|-|~|～)\s*{_NUMBER})?"
_CLOCK = r"(?:\d{1,2}\s*[:：]\s*\d{2}|\d{1,2}\s*[点时](?:\d{1,2}分|半|整)?(?!间))"
_DAY = (
    r"(?:(?:(?:19|20)\d{2}\s*年\s*)?\d{1,2}\s*月(?:\s*\d{1,2}\s*[日号]|[上中下]旬|底|初|中旬|份)?"
    r"|(?:19|20)\d{2}\s*[年./-]\s*\d{1,2}\s*[月./-]\s*\d{1,2}\s*日?"
    r"|(?:19|20)\d{2}\s*年(?:\s*(?:底|年底|初|上半年|下半年|春季|秋季))?|\d{1,2}\s*日(?!内)"
    r"|(?:每)?周[一二三四五六日天]|星期[一二三四五六日天]|工作日|节假日|全年|长期)"
)
_MOMENT = (
    rf"{_DAY}(?:\s*[（(][^（）()]{{1,10}}[）)])?(?:\s*(?:上午|下午|晚上|中午|晚|早上|凌晨))?(?:\s*{_CLOCK})?"
)
_TO = r"\s*(?:至|到|—+|－|-|~|～|起至)\s*"
MOMENT = re.compile(
    rf"(?:{_MOMENT}(?:{_TO}(?:{_MOMENT}|(?:上午|下午|晚上|次日)?\s*{_CLOCK})(?:{_TO}{_CLOCK})?)?"
    rf"|(?:上午|下午|晚上|中午)?\s*{_CLOCK}(?:{_TO}(?:上午|下午|晚上|次日)?\s*{_CLOCK})?)"
    r"(?:\s*(?:前|之前|以前|止|为止|起))?"
)
_HAS_CLOCK = re.compile(_CLOCK)
_HAS_DAY = re.compile(_DAY)
_RHYTHM = re.compile(
    rf"每(?:逢)?(?:个?月|年度?|季度?|周|学期|天|日|半年|两年|三年|[{CHINESE_NUMERALS}\d]+个?(?:年|月|周|天|小时))"
    rf"(?:[^，。；、]{{0,8}}?(?:不少于|至少|不低于)?\s*{_RANGE}\s*次)?"
    rf"|{_NUMBER}个?(?:年|月|周)(?:{_NUMBER})?(?:一次|一届|一评|一报)|按(?:月|季度?|年|周)|(?:不)?定期|一年一度"
)
UNITS = (
    "周岁|岁|周年|万元|亿元|元|块|个百分点|名|位|人次|人|家|个工作日|工作日|个月|个小时|小时|个班|个|所|项|场|次|期|届|篇|部|件|条|份|支|台|辆|册|"
    "本|套|处|座|站|亩|平方米|平米|公里|千米|米|厘米|分钟|学时|课时|天|日|周|年|字|张|秒|mb|m|g|kb|分(?![钟之别项类组层]|为[几一二三四五六七八两])|级|类|批|对|户|"
    "村|倍|门|节|组|轮|队|开|寸|行|页|章|讲|句|首|幅|间|桌|席|床|点|度|元/人|人/组"
)
_AMOUNT = re.compile(
    rf"(?:(?:近|约|超过|不少于|不超过|不低于|不高于|不多于|不得超过|不大于|不小于|最高|最多|最少|至少|满|达到|达|前)\s*)?"
    rf"(?:{_RANGE}\s*(?:[%％‰]|百分点)|百分之{_NUMBER}|{_NUMBER}分之{_NUMBER}|{_RANGE}\s*余?多?\s*(?P<unit>{UNITS})"
    r"(?:\s*/\s*(?:人|年|天|场|组|次|月|件|篇|项|小时|份|台|半天|学期|学年|平方米|间|生)|每人)*(?:·天)?(?:左右|以上|以下|以内|（含）|\(含\))*)",
    re.IGNORECASE,
)
_BARE_YEAR = re.compile(r"(?:19|20)\d{2}\s*年")
_AFTER_MONTH = re.compile(r"(?:月|年|[-—~至到./])\s*$")
_NOUN = re.compile(r"[\u4e00-\u9fa5]{1,4}(?=[，。；、（）()\s]|$)")
_COUNTERS = frozenset("个 名 项 家 件 条 场 所".split())
_ACCOUNT = re.compile(r"(?<![\d-])\d{4}(?:[ ]?\d{4}){2,5}(?:[ ]?\d{1,4})?(?!\d)")

_BODY_TEXT = r"[\u4e00-\u9fa5（）()、“”·A-Za-z0-9]"
_DEED = (
    r"(?:负责|牵头|承办|主办|组织|实施|承担|管理|审核|审批|受理|评审|落实|统筹|协调|组成|管|办|指导|监督|担任|核定|认定|批准|发放|收集|汇总|制定|解释|"
    r"提供|搭建|建设|开展|举办|保管|审查|审定|接待|安排|配合|协助|协办|参与|报送|确定|联系|维护|评定|推荐|办理|初审|复核|验收|拨付|印制|颁发|公布|备案|核准|登记|存档|收取|开具)"
)
_NOT_BODY = r"(?!部|局|处|委|中心|办公|人员|机构|科|室|员|者|人|单位|制|费|法|书)"
_BY = re.compile(
    rf"(?:由|交由|经|报|向)(?P<body>{_BODY_TEXT}{{2,80}}?)(?:统一|具体|共同|分别|按[^，。；]{{2,8}})?(?P<role>{_DEED}){_NOT_BODY}"
)
_OF_PERSONS = frozenset("主讲 主讲人 主持 主持人 报告人 授课教师 负责人 联系人 组长 评委".split())
_SEATED = re.compile(rf"(?P<role>设在|挂靠在?|依托)(?P<body>{_BODY_TEXT}{{2,30}}?)(?=[，。；、]|$|承担|负责)")
_LABEL = re.compile(
    r"(?P<role>责任单位|责任部门|责任部室|牵头单位|牵头部门|主办单位|承办单位|协办单位|支持单位|配合单位|指导单位|主管部门|实施单位|受理部门|组织单位|主办方?|承办方?|协办方?|"
    r"主讲人?|主持人?|报告人|授课教师|负责人|联系人|组长|评委)\s*[：:为是]\s*(?P<body>[^。；;\n]{2,90})"
)
_SUBJECT = re.compile(
    rf"^(?:[（(]?[{CHINESE_NUMERALS}\d]{{1,3}}[）).、．]\s*)?(?P<body>{_BODY_TEXT}{{2,40}}?)(?:要|应当?|须|将|可以?|会|具体|统一|共同|切实|按照?[^，。；]{{2,10}})?(?P<role>{_DEED}|发挥|给予|报|对|为){_NOT_BODY}"
)
_SHALL = re.compile(rf"^(?P<body>{_BODY_TEXT}{{2,40}}?)(?P<role>要|应当|应|须|将)(?=[\u4e00-\u9fa5]{{2}})")
_VAGUE = re.compile(
    r"^(?:各级?|所属|有关|相关|本|其|该|全[市省区]|广大|对|请|如|凡|并|经|为|按|以|在|从|于|因|若)|(?:工作|活动|方案|精神|任务|责任|作用|项目|办法|规定|情况|材料|结果)$"
)
_IS_BODY = re.compile(
    rf"(?:{ORGANISATION_ENDINGS}|政府|单位|组织|部门|机构|学校|企业|书记|人员|专家|党委（党组）|组委会|委员会|股|[\u4e00-\u9fa5]{{2}}[）)])$"
)
ROLE = re.compile(
    r"(?:常务副)?(?:副)?(?:组长|主任|会长|秘书长|理事长|主席|主持人?|主讲人?|评委|召集人|负责人|成员|队长|所长|馆长|团长|院长|校长|书记|领队|记录人?|班主任)|专家|嘉宾"
)
_PERSON = r"[\u4e00-\u9fa5·、（）()]{2,30}?"
_NAMED = (
    re.compile(
        rf"(?P<body>{_PERSON})(?:任|担任|为|兼任|出任)[\u4e00-\u9fa5]{{0,10}}?(?P<role>{ROLE.pattern})"
    ),
    re.compile(
        rf"(?P<role>{ROLE.pattern})(?:由|：|:|为|是)\s*(?P<body>[\u4e00-\u9fa5·、 ]{{2,30}}?)(?=担任|兼任|主讲|$|[，。；（(\s])"
    ),
    re.compile(
        rf"(?:由|请|邀请)(?P<body>{_PERSON})(?P<role>主讲|作[\u4e00-\u9fa5]{{0,12}}报告|授课|主持|担任|审批|批准|审定|评审|签批|审核)"
    ),
    re.compile(
        rf"(?P<body>{_PERSON})(?:同志)?(?P<role>主持|作[\u4e00-\u9fa5]{{0,8}}(?:报告|讲话|动员)|致辞|主讲|带队|出席)"
    ),
)
_PLACES = (
    re.compile(
        r"(?:报送|寄送|邮寄|寄|送达|送交|报|交|提交|递交|发送|送)(?:至|到|往)(?P<place>[\u4e00-\u9fa5A-Za-z0-9（）()“”·、\-]{2,60}?)(?=[，。；]|$|处(?![\u4e00-\u9fa5]))"
    ),
    re.compile(
        r"(?:在|于|到|赴|至)(?P<place>[\u4e00-\u9fa5A-Za-z0-9（）()“”·、]{2,40}?)(?=(?:隆重|正式|集中|统一|现场|线下)?(?:举行|举办|召开|开展|进行|报到|集合|签到|领取|办理|办公|上课|参加|开幕|递交|提交|报名|咨询|发车|上车|统一发车))"
    ),
    re.compile(
        r"(?:搬迁至|迁至|搬至|搬到|调整(?:到|至|为)|改(?:在|到|为)|位于|设在|入住|住宿?[在于])(?P<place>[\u4e00-\u9fa5A-Za-z0-9（）()“”·\-]{3,40})"
    ),
    re.compile(
        r"(?:地\s*点|地\s*址|会\s*场|考\s*点|场\s*地|报到处|集合点|办公地点)(?:及[^：:]{1,6})?\s*[：:为]\s*(?P<place>[^，。；;\n]{2,60})"
    ),
    re.compile(
        r"(?P<place>[\u4e00-\u9fa5A-Za-z0-9]{2,20}(?:路|街|大道|巷)[\u4e00-\u9fa5A-Za-z0-9]{0,4}\d+号[\u4e00-\u9fa5A-Za-z0-9（）()]{0,24})"
    ),
    re.compile(
        r"(?P<place>[\u4e00-\u9fa5A-Za-z0-9“”·]{2,24}(?:报告厅|会议室|会议中心|酒店|宾馆|校区|体育馆|图书馆|科技馆|博物馆|礼堂|剧场|教室|广场|公园|大厦|党校|座\d+层|[一二三四五六七八九十\d]层|[一二三四五六七八九十\d]楼|[楼馆座区院][A-Z]?\d{3,4}室?|\d{3,4}室))[\u4e00-\u9fa5]{0,6}(?=[，。；（）()]|$)"
    ),
)
_NOT_PLACE = re.compile(r"\d+[月日时点]|基础上|过程中|方面|期间|之间|领域|范围内|邮箱|@")


@lru_cache(maxsize=65536)
def spans(text: str, wanted: Type) -> tuple[Span, ...]:
    """Every value of a type in a text, by place."""
    return tuple(s for s in _RECOGNISERS[wanted](text) if s.type is wanted)


def has(text: str, wanted: Type) -> bool:
    """Whether a text holds a value of a type."""
    return bool(spans(text, wanted))


def _moments(text: str) -> Iterator[Span]:
    for match in MOMENT.finditer(text):
        value = match[0].strip()
        kinds = [t for t, p in ((Type.DAY, _HAS_DAY), (Type.CLOCK, _HAS_CLOCK)) if p.search(value)]
        for kind in kinds:
            yield Span(kind, value, match.start(), match.end())


def _rhythms(text: str) -> Iterator[Span]:
    for match in _RHYTHM.finditer(text):
        yield Span(Type.RHYTHM, match[0], match.start(), match.end())


def _amounts(text: str) -> Iterator[Span]:
    for match in _AMOUNT.finditer(text):
        value, unit = match[0].strip(), (match["unit"] or "%").lower()
        before = text[max(0, match.start() - 3) : match.start()]
        if _BARE_YEAR.fullmatch(value) or before.endswith(("第", "〔", "[")):
            continue
        if unit in ("日", "号", "年", "月") and (
            _AFTER_MONTH.search(before) or (len(value) > 4 and unit == "年")
        ):
            continue
        end = match.end()
        noun = _NOUN.match(text, end) if unit in _COUNTERS else None
        if noun:
            value, end = value + noun[0], noun.end()
        yield Span(Type.AMOUNT, value, match.start(), end, unit)


def _bodies(text: str) -> Iterator[Span]:
    for match in _LABEL.finditer(text):
        if match["role"] in _OF_PERSONS and not _IS_BODY.search(match["body"]):
            continue
        yield Span(
            Type.BODY, match["body"].strip(" 　"), match.start("body"), match.end("body"), "", match["role"]
        )
    for match in _SEATED.finditer(text):
        yield Span(Type.BODY, match["body"], match.start("body"), match.end("body"), "", match["role"])
    at = 0
    for clause in re.split(r"(?<=[，。；：\n])", text):
        bare = clause.strip(" 　，。；：\n")
        offset = at + clause.find(bare) if bare else at
        for pattern in (_BY, _SUBJECT, _SHALL):
            named = pattern.search(bare)
            if named and not _VAGUE.search(named["body"]) and _IS_BODY.search(named["body"]):
                start = offset + named.start("body")
                yield Span(
                    Type.BODY, named["body"].strip(), start, start + len(named["body"]), "", named["role"]
                )
                break
        at += len(clause)


def _persons(text: str) -> Iterator[Span]:
    for pattern in _NAMED:
        for match in pattern.finditer(text):
            value = re.sub("^(?:由|请|邀请)", "", match["body"]).strip()
            if len(value) >= 2:
                yield Span(Type.PERSON, value, match.start("body"), match.end("body"), "", match["role"])


def _places(text: str) -> Iterator[Span]:
    for pattern in _PLACES:
        for match in pattern.finditer(text):
            if not _NOT_PLACE.search(match["place"]):
                yield Span(Type.PLACE, match["place"].strip(), match.start("place"), match.end("place"))


def _matching(kind: Type, pattern: re.Pattern[str]) -> Callable[[str], Iterator[Span]]:
    def found(text: str) -> Iterator[Span]:
        for match in pattern.finditer(text):
            yield Span(kind, match[0], match.start(), match.end())

    return found


def _phones(text: str) -> Iterator[Span]:
    rest = EMAIL.sub(lambda m: " " * len(m[0]), text)
    at = 0
    for phone in phone_numbers(rest):
        at = rest.index(phone, at)
        yield Span(Type.PHONE, phone, at, at + len(phone))
        at += len(phone)


_RECOGNISERS: dict[Type, Callable[[str], Iterator[Span]]] = {
    Type.DAY: _moments,
    Type.CLOCK: _moments,
    Type.RHYTHM: _rhythms,
    Type.AMOUNT: _amounts,
    Type.BODY: _bodies,
    Type.PERSON: _persons,
    Type.PLACE: _places,
    Type.PHONE: _phones,
    Type.EMAIL: _matching(Type.EMAIL, EMAIL),
    Type.WEBSITE: _matching(Type.WEBSITE, WEBSITE),
    Type.ACCOUNT: _matching(Type.ACCOUNT, _ACCOUNT),
}


def names_somebody(text: str) -> bool:
    """Whether a short text names a person, with or without office or title."""
    words = [w for w in re.split(r"[、，和及（）()\s]+", text) if w]
    return any(is_person(w) for w in words) or bool(
        ROLE.search(text) or re.search("教授|研究员|院士|市长|局长|部长|工程师|医师|馆员|老师", text)
    )


def names_body(text: str) -> bool:
    """Whether a short text is made of names of organisations."""
    words = [w for w in re.split(r"[、，,和及\s]+", text) if w]
    return bool(words) and all(_IS_BODY.search(w) or ORGANISATION.fullmatch(w) for w in words)
