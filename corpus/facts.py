"""Values of fixed form, read with patterns: document numbers, dates, telephones, references, organisations.

Forms of document numbers and dates follow GB/T 9704-2012, 党政机关公文格式, and what offices really write.
"""

import re
import string
import unicodedata

import cn2an

from corpus.notice import Reference

DIGITS = "〇○零一二三四五六七八九"
CHINESE_NUMERALS = "〇○零一二三四五六七八九十百两"

DOC_NUMBER = re.compile(
    r"[\u4e00-\u9fa5]{1,18}[字]?\s*[〔﹝\[［（(【]\s*(?:19|20)\d{2}\s*[〕﹞\]］）)】]\s*第?\s*\d{1,5}\s*号"
)
"""渝科协发〔2024〕10号, with the brackets that are typed in their place."""

DATE = re.compile(
    r"(?P<year>(?:19|20)\d{2}|[〇○零一二三四五六七八九]{4})\s*[年./-]\s*"
    r"(?P<month>\d{1,2}|[一二三四五六七八九十]{1,3})\s*[月./-]\s*"
    r"(?P<day>\d{1,2}|[一二三四五六七八九十]{1,3})\s*[日号]?"
)

EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
WEBSITE = re.compile(r"(?:https?://|www\.)[A-Za-z0-9./?=&%_~:#-]+[A-Za-z0-9/]")
PHONE = re.compile(
    r"(?:[（(]\s*0\d{2,3}\s*[）)]\s*|0\d{2,3}\s*[-—–－]\s*|\b0\d{2,3}\s)?(?<!\d)\d{7,8}(?:\s*[-转]\s*\d{1,5})?(?!\d)"
    r"|(?<!\d)1[3-9]\d[-\s]?\d{4}[-\s]?\d{4}(?!\d)|(?<!\d)(?:400|800)[-\s]?\d{3,4}[-\s]?\d{3,4}(?!\d)|(?:0\d{2,3}\s*[-—–－]+\s*)?(?<!\d)12\d{3}(?!\d)"
)
REFERENCE = re.compile(
    r"《(?P<title>(?:[^《》]|《[^《》]*》){4,120})》\s*(?:[（(]\s*(?P<number>[^（）()]{0,20}?〔\s*\d{4}\s*〕\s*第?\s*\d+\s*号)[^）)]{0,12}[）)])?"
)

ORGANISATION_ENDINGS = (
    "办公室|党组|党委|委员会|协会|学会|研究会|科协|基金会|服务中心|中心|科技馆|博物馆|图书馆|纪念馆|文化馆|档案馆|美术馆|少年宫|"
    "办事处|管理处|人事处|教务处|科研处|财务处|总务处|处|科室|总局|分局|局|厅|委|学院|大学|医院|集团|公司|联合会|总工会|工会|团委|妇联|"
    "学校|幼儿园|研究院|研究所|科学院|工程院|出版社|报社|电视台|居委会|村委会|街道办|指挥部|领导小组|工作组|专班|支队|大队|总队|"
    "银行|法院|检察院|派出所|社区|部|科|组|院|站|馆|所|室|队"
)
ORGANISATION = re.compile(rf"[\u4e00-\u9fa5]{{2,22}}?(?:{ORGANISATION_ENDINGS})(?![\u4e00-\u9fa5])")


def plain(text: str) -> str:
    """NFKC, with all white space removed: the form in which texts are compared."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def chinese_number(text: str) -> int | None:
    """Reads 12, 十二, 二十, 一百零三, 两; None when it is no number."""
    text = unicodedata.normalize("NFKC", text).strip()
    if not text or any(c not in CHINESE_NUMERALS and c not in string.digits for c in text):
        return None
    try:
        return int(cn2an.cn2an(text, "smart"))
    except ValueError:
        return None


def iso_date(text: str) -> str:
    """The first full date in a text as 2024-03-01, or ""."""
    for match in DATE.finditer(unicodedata.normalize("NFKC", text)):
        year = match["year"]
        if not year.isdigit():
            year = "".join(str(max(DIGITS.index(c) - 2, 0)) for c in year)
        month, day = chinese_number(match["month"]), chinese_number(match["day"])
        if month and day and 1 <= month <= 12 and 1 <= day <= 31:
            return f"{int(year):04}-{month:02}-{day:02}"
    return ""


def doc_numbers(text: str) -> list[str]:
    """Every document number in a text, in the usual form 渝科协发〔2024〕10号."""
    return [tidy_doc_number(m[0]) for m in DOC_NUMBER.finditer(text)]


def tidy_doc_number(text: str) -> str:
    """渝科协发 [2024] 10 号 → 渝科协发〔2024〕10号."""
    text = re.sub(r"\s+", "", text)
    text = re.sub(r"[﹝\[［（(【](\d{4})[﹞\]］）)】]", r"〔\1〕", text)
    return re.sub(r"^.*?(?:根据|按照|依据|文件|关于|参照|执行)(?=[\u4e00-\u9fa5]{2})", "", text)


def references(text: str) -> list[Reference]:
    """The documents that a sentence names by 《title》（number）."""
    found = []
    for match in REFERENCE.finditer(text):
        number = tidy_doc_number(match["number"]) if match["number"] else ""
        found.append(Reference(match["title"], number, text))
    return found


_SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章云苏潘葛奚范彭郎鲁韦昌马苗凤方俞任袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元顾孟黄穆萧尹姚邵汪祁毛禹狄米贝明臧成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫房裘缪干解应宗丁宣邓郁单杭洪包诸左石崔吉龚程邢裴陆荣翁荀甄家封储靳段焦谷车侯宓全班仰秋仲伊宫宁仇甘厉祖武符刘景詹束龙叶幸司韶黎白蒲邰赖卓蔺屠蒙池乔阴胥苍闻莘党翟谭贡劳姬申扶冉雍桑桂牛寿边燕冀尚农温庄晏柴瞿阎连习艾鱼容古易慎戈廖庾终居衡步耿满弘匡国文寇广东欧利蔚越夔隆师巩聂晁勾敖冷辛那简饶曾关肖涂岳游竺权计伏昝经贲钮嵇滑羊於惠曲芮羿汲邴糜松井富巫乌巴弓牧隗山蓬郗栾暴钭戎郜蓟薄宿怀鄂索咸籍逄堵宰郦濮扈郏浦充慕茹宦暨禄阙沃融訾阚沙鞠丰巢蒯查荆桓晋展官揭占鹿门仝亓苑覃区麦檀卜顿况候粟冼牟禤欧阳司马上官诸葛闫付代祖佟佘原逯"
)


def is_person(text: str) -> bool:
    """Whether a text reads as a name of two to four characters, with or without 老师, 同志 …; judged by the surname."""
    bare = re.sub("(?:老师|同志|主任|科长|处长|部长|工程师|工|女士|先生)$", "", text)
    return (
        bool(re.fullmatch("[\u4e00-\u9fa5·]{1,4}", bare))
        and bare[0] in _SURNAMES
        and not ORGANISATION.fullmatch(text)
    )


def phone_numbers(text: str) -> list[str]:
    """Telephone numbers as printed, area code included."""
    found = []
    for match in PHONE.finditer(text):
        before = text[max(0, match.start() - 1) : match.start()]
        if before not in ("〔", "第") and not re.match(r"\s*(?:年|元|人|号令)", text[match.end() :]):
            found.append(match[0].strip())
    return found


_SENTENCE_END = re.compile(r"[。！？!?](?:[”’』」）)》]*)|；(?=[^；]{12,})|\n")

_BRACKETED = re.compile(
    r"（(?:[^（）\n]|（[^（）\n]{0,80}）){1,160}）|\([^()\n]{1,160}\)|《[^《》\n]{1,120}》"
)
"""What is cut nowhere; what is longer, or never closed, is prose."""


def sentences(text: str) -> list[str]:
    """Sentences, closing quotes included; long ones are cut at ； too, none within brackets. Joined they give the text."""
    whole = [m.span() for m in _BRACKETED.finditer(text)]
    cuts = [m.end() for m in _SENTENCE_END.finditer(text) if not any(a < m.start() < b - 1 for a, b in whole)]
    starts = [0, *cuts]
    return [s for a, b in zip(starts, [*cuts, len(text)], strict=True) if (s := text[a:b]).strip()]
