"""Who acts in a notice and where: departments, organisations, and the places that their names and addresses begin with.

No dictionary is used: a place is told by its ending, so that small and invented ones are found too.
"""

import re
from collections.abc import Iterable, Iterator

from corpus.facts import ORGANISATION, ORGANISATION_ENDINGS
from corpus.notice import Clause, Contact, Notice, Part, Table

_ROLES = r"(?:主办|承办|协办|指导|支持|责任|牵头|配合|组织|受理|监督|报送|推荐|实施|参与|协助|联合主办|技术支持|冠名)(?:单位|部门|机构|方|部室|处室)?"
_ROLE_ALONE = re.compile(_ROLES)
_ROLE = re.compile(_ROLES + r"\s*[：:]\s*(?P<names>[^。；;\n]{2,120})")
_BY = re.compile(
    rf"(?:由|会同|委托)(?P<names>(?:[\u4e00-\u9fa5“”]{{2,24}}?(?:{ORGANISATION_ENDINGS})[、和与及]?){{1,6}}?)(?=负责|牵头|承办|主办|协办|组织|统一|会同|提供|受理|审核|具体|统筹|另行|公布|颁发|实施|落实|$|[，、；])"
)
_LEADS = re.compile(
    rf"(?:^|[，。；：])(?P<names>(?:[\u4e00-\u9fa5“”]{{2,24}}?(?:{ORGANISATION_ENDINGS})[、和与及]?){{1,6}}?)(?:共同)?(?=牵头|负责|承办|主办|会同)"
)
_LONGEST_TEXT = 1000
"""Characters of a paragraph that is searched for names."""
_SPLIT = re.compile(r"[、，,；;：:\s/]|[（(][^）)]*[）)]")
_AND = re.compile(r"[和与及](?=[\u4e00-\u9fa5]{3})")
_NO_NAME = re.compile(
    r"^(?:各|区县|县区|市县|有关|相关|本|该|所在|其他|由|请|向|经|全|每|及|并|对|在|按|上级|下级|同级|所属|主管|属地|学校各|推荐|申报|参赛|参与|指导|组织(?!人事|宣传|部|科|处)|主办|承办|协办|责任|牵头|配合)|^(?:市直|县直|区直|省直|校内|市级|县级|省级|科研|医疗|有关|高等)(?:学校|单位|部门|机构|学会|协会|院所|院校)|^(?:科研院所|实验室|单位|部门|机构|学院|大学|中心|委员会|办公室|组委会|评委会|领导小组|工作组|学校|公司|协会|学会)$"
)
_NO_WORD_OF_A_NAME = re.compile(
    "[由的把被将至]|同意|要求|负责|检查|并报|参加|接待|实施|提供|完成|听取|楼|展厅|影院|大厅|报告厅|功能厅|会议室|研修室|教室|机房"
)
_PLACE = re.compile(
    r"(?:[\u4e00-\u9fa5]{2,6}?(?:自治区|自治州|自治县|省|市|州|盟|县|旗|区|镇|乡|街道)|[\u4e00-\u9fa5]{2,12}?(?:大学|学院))"
)
_NO_PLACE = re.compile(
    r"科学院$|第.{1,4}届|(?:社|小|园|景|辖|主城|老城|市城|心城|灾|远山|困山|牧|郊|库|片|分|矿|考|赛|厂|营|战|专|功|时|误|禁|老|自治|行政)区$|(?:城|超|股|集|上|门|都|全|本|我|各|地|直辖|省|夜)市$|(?:全|各|我|外|本|节|反)省$|(?:各|全|我|本|区|郡)县$|(?:城|下|返|回|家|同)乡$|(?:城|乡)镇$|(?:红|国|团|升|锦|军)旗$|^(?:二级|各|本|我|该|所在|相关|有关|全国|全省|全市|县级|市级|省级|区级)"
)
_ADDRESS = re.compile(r"(?:地点|地址|场所|会场|报到处|报送地点)\s*[：:]\s*(?P<place>[^。；;\n]{2,60})")


def acting_names(parts: Iterable[Part], issuers: str, contacts: Iterable[Contact]) -> tuple[str, ...]:
    """Departments and organisations: the issuers, those in table cells, those said to do something, those to ask."""
    found = dict.fromkeys(issuers.split("、") if issuers else ())
    for part in parts:
        for section in part.body.walk():
            for item in section.content:
                texts = [c for r in item.rows for c in r.cells] if isinstance(item, Table) else []
                found.update(dict.fromkeys(_listed(texts)))
                if isinstance(item, Clause):
                    below_role = bool(_ROLE_ALONE.fullmatch(section.heading))
                    found.update(
                        dict.fromkeys([*(_listed([item.text]) if below_role else ()), *_acting(item.text)])
                    )
        found.update(dict.fromkeys(part.issuer.value.split("、") if part.issuer.value else ()))
    found.update(dict.fromkeys(_listed(c.unit for c in contacts)))
    return tuple(found)


def _listed(texts: Iterable[str]) -> Iterator[str]:
    """Names from texts that hold nothing else: 宣传文化部、科学技术普及部."""
    for text in texts:
        pieces = _pieces(text)
        if pieces and all(_is_name(p) for p in pieces):
            yield from pieces


def _acting(text: str) -> Iterator[str]:
    for pattern in (_ROLE, _BY, _LEADS):
        for match in pattern.finditer(text[:_LONGEST_TEXT]):
            yield from (p for p in _pieces(match["names"]) if _is_name(p))


def _pieces(text: str) -> list[str]:
    """The names of a list; 实验室与设备管理处 is one, for 实验室 alone names nobody."""
    pieces: list[str] = []
    for listed in filter(None, _SPLIT.split(text.strip("。"))):
        halves = [h for h in _AND.split(listed) if h]
        pieces += halves if all(_is_name(h) for h in halves) else [listed]
    return pieces


def _is_name(text: str) -> bool:
    return (
        2 <= len(text) <= 24
        and bool(ORGANISATION.fullmatch(text))
        and not _NO_NAME.search(text)
        and not _NO_WORD_OF_A_NAME.search(text)
    )


def places(notice: Notice) -> tuple[str, ...]:
    """Provinces, cities, counties, towns, universities that the notice's bodies and addresses begin with.

    The colleges of a university are its departments, no places.
    """
    texts = [
        notice.issuer.value,
        *_titles(notice),
        *notice.names,
        *(a for c in notice.contacts for a in c.addresses),
    ]
    for part in notice.parts:
        texts.append(part.issuer.value)
        for section in part.body.walk():
            texts += [
                m["place"]
                for c in section.content
                if isinstance(c, Clause)
                for m in _ADDRESS.finditer(c.text)
            ]
    found = tuple(
        dict.fromkeys(p for t in texts for name in re.split("[、，]", t) for p in _places_at_start(name))
    )
    if found and found[0].endswith("大学"):
        return tuple(p for p in found if not p.endswith("学院"))
    return found


def _titles(notice: Notice) -> list[str]:
    """The titles that may begin with a body."""
    return [
        t for t in (notice.title, *(p.title for p in notice.parts)) if not re.match("关于|转发|印发|举办", t)
    ]


def _places_at_start(name: str) -> Iterator[str]:
    """江渚省青澜市临湖区科协 → 江渚省, 青澜市, 临湖区."""
    at = re.match("中共|共青团|中国共产党|国家税务总局|关于", name)
    start = at.end() if at else 0
    while match := _PLACE.match(name, start):
        if _NO_PLACE.search(match[0]):
            return
        yield match[0]
        start = match.end()
