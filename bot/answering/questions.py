"""Understanding a question: its kind, its content words, and what binds it (names, places, years, numbers)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from importlib.resources import files
from itertools import islice

import cn2an

from bot.answering.correction import Correction
from bot.answering.cues import ASIDE, CUES, GENRE, SPECIAL_DEED, STOP
from bot.answering.model import Ask, Kind, Question, State, Word
from bot.library import Library
from bot.names import stands_for
from corpus.facts import DOC_NUMBER, chinese_number, tidy_doc_number
from index.text import normalise

_MOST_WORDS = 24
"""Content words; a question of more is a text pasted in, and what comes after is not weighed."""
LONGEST_QUESTION = 500
"""Characters; what comes after is not read."""
_GENRE_WEIGHT = 0.35
_LIGHT, _FRAGMENT = 0.3, 0.6
_FIGURE = re.compile(r"[\d.]+|[一二三四五六七八九十\d]+[\u4e00-\u9fff]{1,2}")
_WHETHER = re.compile(r"(.)[不没]\1.?")
_TAGGED = {"v": 0.6} | dict.fromkeys("dmqpcuye", 0.15) | dict.fromkeys("rtf", 0.3)
"""What words count for that name nothing, by part of speech: verbs less than nouns, the rest hardly."""
_CONTINUES = re.compile(
    r"^(?:那么?|还有|换成|另外)(?!些|位|个(?:部门|部|处室|单位|科室)|个?时候)|呢[？?。!！]*$"
)
_VALUES = (
    Kind.DEPARTMENT,
    Kind.WHO,
    Kind.CONTACT,
    Kind.DEADLINE,
    Kind.TIME,
    Kind.PLACE,
    Kind.QUANTITY,
    Kind.FREQUENCY,
    Kind.ISSUED,
)
"""Kinds that a short value answers: two of them can be asked for at once."""
_OPEN = (Kind.ELIGIBILITY, Kind.MATERIALS, Kind.STEPS)
_CLOSED = re.compile("[吗么嘛不](?:$|[？?，。])|能不能|可不可以|能否|可否|是否")
"""A question that yes or no answers asks for the sentence that tells it, not for the whole list of conditions."""
_ASKS = re.compile("谁|哪|几|多少|多久|什么|啥|何|电话|怎么")
_TELLING = 0.9
"""The weight from which a word says what is asked about."""
_LONGEST_FOLLOW_UP = 24
_KEPT_UNITS = ("钱", "元", "万元", "岁", "周岁", "平方米")
_CUE_HAS_SUBJECT = (Kind.LIST, Kind.DEFINITION, Kind.COUNT, Kind.YES_NO, Kind.CONTENT, Kind.QUANTITY)
"""Kinds whose cue may hold what is asked about: 重点任务有哪些."""
_OF_THE_NOTICE = (Kind.NUMBER, Kind.ISSUED, Kind.ISSUER, Kind.RECIPIENTS, Kind.CONTACT)
"""Kinds that a notice answers once for all that it holds."""
_LEANS = re.compile(
    r"^(?:它|他们?|这个|该|此|上面|刚才|前面|那个)|(?:这|那|该|此|上述|上面|刚才)(?:个|份|项|次|则)?(?:通知|文件|活动|方案|意见|办法|公告|讲座|比赛|会议|培训|项目|任务)|它"
)
_POLITE = re.compile(
    r"请问一?下?|我?想(?:问|了解|知道|咨询|查)一?下?|麻烦(?:问|告诉我?|您|你)?一?下?|帮我?(?:查|看|找)一?下?|能不能告诉我|告诉我|你知道|谁知道|有没有人知道|你好[,，!！]?|您好[,，!！]?|谢谢[你您]?"
)
_NAMED_SET = re.compile(r"[一二三四五六七八九十两](?:个|大|项)?[\u4e00-\u9fff]{2,5}")
_ASKING = re.compile(r"哪|什么|啥|几(?!何)|多少|怎|如何|何(?:时|地|人|处)")
_COUNTING = re.compile(
    r"[一二三四五六七八九十几多少两]+[个项条种类点批步部次年月日天岁名位家篇场期班人]?|[一二三四五六七八九十几两]大"
)
_NUMERAL = r"[一二三四五六七八九十百零\d]{1,4}"
_ORDINAL = re.compile(
    rf"第\s*(?P<part>{_NUMERAL})\s*部分(?:的?第?\s*[（(](?P<sub>{_NUMERAL})[）)]\s*[项条款点]?)?"
    rf"|第?\s*[（(](?P<item>{_NUMERAL})[）)]\s*[项条款点]"
    rf"|第\s*{_NUMERAL}\s*(?:项|条|章|款|行)|专栏\s*(?:\d+|[一二三四五六七八九十])"
)
"""第11项, 第三条, 第二部分第（三）项: the place in a notice that a question names."""
_EDITION = re.compile(
    rf"第(?P<number>{_NUMERAL})(?P<unit>期|届|批|轮|讲|次|周|层|学期)|(?<!\d)(?P<figure>\d{{1,4}})(?P<of>层|楼|号楼|号线|栋|室)"
)
_SEASON = re.compile("[上下]半年|[春秋夏冬]季|[寒暑]假|[初复决]赛|终评|初评")
_GENERIC_PLACE = re.compile(
    "[各本全该每哪几多两城小社校园地景市山牧林矿]|.*(?:社区|校区|园区|地区|城区|小区|景区|市区|山区|新区|学区|片区)"
)
_PLACE_LIKE = re.compile(
    r"[\u4e00-\u9fff]{2,6}(?:省|市|区|县|自治州|旗|镇|乡|大学|学院|中学|小学|医院|公司|集团)"
)
"""Names of places and bodies that no dictionary has are told by how they end."""
_BODY_LIKE = re.compile(
    r"(?:部|处|馆|中心|局|委|办|办公室|科协|学会|协会|院|所|站|科|组|公司|大学|学校|单位)(?:都|还|主要|具体|一共|需要|要|应该?|的)*$"
)
_DAY = re.compile(r"(?<!\d)(\d{1,2})月(\d{1,2})[日号]")
_AGE = re.compile(r"(?:我|本人|今年|孩子|年满|已经)\D{0,3}\d{1,2}(?:周?岁|了)|\d{1,2}周?岁")
_DAY_WEIGHT = 4.0
_YEAR = re.compile(r"((?:19|20)\d{2})年?(?:度)?")


def understand(text: str, library: Library, correction: Correction, synonyms: "Synonyms") -> Question:
    """The question by itself, as typed."""
    plain = correction.corrected(normalise(text[:LONGEST_QUESTION]))
    plain = _POLITE.sub("", plain) or plain
    doc_numbers = tuple(normalise(tidy_doc_number(m[0])) for m in DOC_NUMBER.finditer(plain))
    kind, cue, detail = _kind_of(plain)
    more = _more(plain, cue) if kind in _VALUES else ()
    names = library.names.find(plain, library.says)
    if kind in _OPEN and _CLOSED.search(plain):
        kind, detail = Kind.YES_NO, ""
    if kind is Kind.REVERSE and not names and not _BODY_LIKE.search(plain.split(cue)[0]):
        kind, detail = Kind.LIST, ""
    ordinal = _ORDINAL.search(plain)
    keeps_cue = kind in _CUE_HAS_SUBJECT and not (kind is Kind.QUANTITY and detail)
    deed = SPECIAL_DEED.search(cue)
    content = plain if keeps_cue or not cue else plain.replace(cue, f"|{deed[0] if deed else ''}|", 1)
    content = content.replace(ordinal[0], "|", 1) if ordinal else content
    editions = tuple(_spellings(m) for m in _EDITION.finditer(plain))
    content = _DAY.sub("|", _EDITION.sub("|", content))
    content_words = _words(content, names, ASIDE.get(kind, frozenset()), library, synonyms)
    words = (*_named_sets(plain, library), *_days(plain), *_age(plain), *islice(content_words, _MOST_WORDS))
    if not (words or ordinal or names):
        words = tuple(_remainder(content, library))
    places = tuple(w.text for w in words if library.segmenter.is_place(w.text))
    years = tuple(dict.fromkeys(_YEAR.findall(plain)))
    place = _locator_of(ordinal) if ordinal else ""
    focus = _focus(plain, cue, words)
    return Question(
        plain, kind, words, cue, detail, more, names, places, years, doc_numbers, place, editions, focus
    )


def in_context(question: Question, state: State, library: Library) -> Question:
    """The question as meant after the one before it: 那国际合作部呢, 邮箱呢, 它什么时候印发的."""
    before = state.question
    if before is None or question.kind is Kind.SMALL_TALK:
        return question
    telling = [w for w in question.words if w.weight >= _TELLING]
    short = len(question.text) <= _LONGEST_FOLLOW_UP
    if not question.cue and telling and _CONTINUES.search(question.text) and short:
        return _of_another(question, before, state, library, telling)
    if question.cue and not telling and question.kind in _OF_THE_NOTICE:
        return replace(question, words=(), notice_id=state.notice_id)
    if question.cue and not telling:
        return replace(
            question, words=before.words, places=before.places, years=before.years, notice_id=state.notice_id
        )
    if _LEANS.search(question.text):
        return replace(question, notice_id=state.notice_id)
    if question.cue and short and _may_lean(question, state, library):
        return replace(question, leaning=state.notice_id)
    return question


def _of_another(
    question: Question, before: Question, state: State, library: Library, telling: list[Word]
) -> Question:
    """那三等奖呢: what was asked before, of another thing, in the same notice if it speaks of that thing."""
    held = library.get(state.notice_id)
    here = held is not None and all(any(f in held.text for f in w.forms) for w in telling)
    kept = [
        w for w in before.words if w.name and held and _is_day(w) and not any(map(_is_day, question.words))
    ]
    # another thing is counted in other units (几期培训班, 那学习心得呢), but money stays money
    detail = "" if before.kind is Kind.QUANTITY and before.detail not in _KEPT_UNITS else before.detail
    return replace(
        before,
        text=f"{question.text.rstrip('呢？?')}{before.cue}",
        words=(*question.words, *kept),
        names=question.names,
        places=question.places,
        detail=detail,
        notice_id="",
        leaning=state.notice_id if here else "",
    )


def _is_day(word: Word) -> bool:
    return _DAY.fullmatch(word.text) is not None


def _may_lean(question: Question, state: State, library: Library) -> bool:
    """Whether a short question names no notice of its own, and the one before speaks of all that it names."""
    if state.notice_id not in library or question.places or question.years or question.doc_numbers:
        return False
    held = library[state.notice_id]
    return all(any(f in held.text for f in w.forms) for w in question.words if w.weight >= _TELLING)


def _kind_of(text: str) -> tuple[Kind, str, str]:
    """Kind, the words that told it, and its detail (unit, sort of contact, number of things)."""
    for cue in CUES:
        match = cue.pattern.search(text)
        if match:
            unit = match.groupdict().get("unit") or ("%" if match[0].startswith("百分之") else "")
            return cue.kind, match[0], cue.detail or unit
    return Kind.CONTENT, "", ""


def _spellings(edition: re.Match[str]) -> tuple[str, ...]:
    """第7次 and 第七次."""
    if edition["figure"]:
        return (edition[0],)
    number = chinese_number(edition["number"])
    both = {edition["number"], str(number), cn2an.an2cn(number)} if number else {edition["number"]}
    return tuple(f"第{n}{edition['unit']}" for n in sorted(both))


def _focus(text: str, cue: str, words: Sequence[Word]) -> Word | None:
    """The word right behind the question word (给多少讲课费), else the last one before it (书记是谁)."""
    at = text.find(cue) if cue else len(text)
    end = at + len(cue)
    placed = [(text.find(w.text), w) for w in words if w.text in text and not w.name]
    behind = [(start, w) for start, w in placed if end <= start <= end + 1]
    before = [(start, w) for start, w in placed if start < at]
    nearest = min(behind, default=None, key=lambda p: p[0]) or max(before, default=None, key=lambda p: p[0])
    return nearest[1] if nearest else None


def _locator_of(ordinal: re.Match[str]) -> str:
    """What a locator holds for the place named: 二、(三) for 第二部分第（三）项."""
    if ordinal["part"]:
        return f"{ordinal['part']}、" + (f"({ordinal['sub']})" if ordinal["sub"] else "")
    return f"({ordinal['item']})" if ordinal["item"] else ordinal[0].replace(" ", "")


def _more(text: str, cue: str) -> tuple[Ask, ...]:
    """What else a question asks for, told by a second question word behind or before the first: 哪天在哪."""
    rest = text.replace(cue, "|", 1)
    if not _ASKS.search(rest):
        return ()
    kind, second, detail = _kind_of(rest)
    if kind not in _VALUES or not _ASKS.search(second) or second in cue:
        return ()
    return (Ask(kind, second, detail),)


def _words(
    content: str, names: Sequence[str], aside: frozenset[str], library: Library, synonyms: "Synonyms"
) -> Iterable[Word]:
    """Content words with their weights. Function words do not count, nor do those that only repeat the kind."""
    seen: set[str] = set()
    for word in _whole_words(library.segmenter.words(content)):
        text = word if library.segmenter.is_word(word) else _bare(word)
        if not text or text in STOP or text in aside or text in seen or _is_empty(text):
            continue
        full = (n for n in names if n != text and stands_for(text, n))
        forms = tuple(f for f in (text, *synonyms.of(text), *full) if len(f) > 1 or f.isascii())
        if not forms or (len(text) == 1 and not text.isascii() and not synonyms.heads(text)):
            continue  # a single character says nothing, unless it is short for a word (抄 for 抄袭)
        seen.add(text)
        weight = _weight(forms, library) * _lightness(text, forms, library)
        if text in GENRE:
            weight = min(weight, 1.0) * _GENRE_WEIGHT
        yield Word(text, weight, forms, _is_name(text, names, library))


def _is_name(text: str, names: Sequence[str], library: Library) -> bool:
    """Whether an answer that lacks the word is about somebody, some place or some season else."""
    if library.segmenter.is_place(text) or any(text in n for n in names) or _SEASON.fullmatch(text):
        return True
    like = _PLACE_LIKE.fullmatch(text) and not _GENERIC_PLACE.match(text)
    return bool(like) and not library.segmenter.is_common(text)


def _is_empty(word: str) -> bool:
    """Question words, bare counts, and 卡不卡."""
    return bool(_ASKING.match(word) or _COUNTING.fullmatch(word) or _WHETHER.fullmatch(word))


def _lightness(text: str, forms: Sequence[str], library: Library) -> float:
    """Words that name nothing count less; so do figures and fragments that no notice and no dictionary has."""
    known = any(library.index.document_frequency(f) for f in forms)
    if not library.segmenter.is_word(text):
        if _FIGURE.fullmatch(text) and not known:
            return _LIGHT
        if len(text) == 2 and len(forms) == 1:
            return _FRAGMENT if known else _LIGHT
    return _TAGGED.get(library.segmenter.tag(text), 1.0)


def _named_sets(text: str, library: Library) -> Iterator[Word]:
    """四个一批, 五个强化: what a notice puts in quotes is one word, though it is made of common ones."""
    for match in _NAMED_SET.finditer(text):
        for length in range(len(match[0]), 2, -1):
            term = match[0][:length]
            if term in library.quoted:
                yield Word(term, library.index.weight(term), (term,))
                break


def _days(text: str) -> Iterator[Word]:
    """9月17号 is one word, and binds: a row about another day answers another question."""
    for match in _DAY.finditer(text):
        yield Word(
            f"{int(match[1])}月{int(match[2])}日", _DAY_WEIGHT, (f"{int(match[1])}月{int(match[2])}日",), True
        )


def _age(text: str) -> Iterator[Word]:
    """我59了 speaks of an age."""
    if _AGE.search(text):
        yield Word("年龄", _DAY_WEIGHT, ("年龄", "周岁", "岁"))


def _remainder(content: str, library: Library) -> Iterator[Word]:
    """A question made of single characters (办展) is about all of them together."""
    for rest in re.findall(r"[\u4e00-\u9fff]{2,8}", content):
        words = library.segmenter.words(rest)
        if any(w not in STOP and not _ASKING.match(w) for w in words):
            yield Word(rest, library.index.weight(rest), (rest,))


def _bare(word: str) -> str:
    """A word that no dictionary has, less the function words that were guessed into it: 之家要 → 家."""
    while len(word) > 1 and word[0] in STOP:
        word = word[1:]
    while len(word) > 1 and word[-1] in STOP:
        word = word[:-1]
    return word


def _whole_words(words: Iterable[str]) -> Iterator[str]:
    """Words, single characters side by side joined again: 蓉 漂 is a name that the dictionary does not know."""
    single = ""
    for word in words:
        if len(word) == 1 and "\u4e00" <= word <= "\u9fff" and word not in STOP:
            single += word
            continue
        if single:
            yield single
        single = ""
        yield word
    if single:
        yield single


def _weight(forms: Sequence[str], library: Library) -> float:
    """A word is as telling as the commonest of its synonyms; one that no notice holds is the most telling."""
    known = [f for f in forms if library.index.document_frequency(f)]
    return min(map(library.index.weight, known or forms))


class Synonyms:
    """Groups of words that mean the same, from synonyms.txt (one group a line)."""

    def __init__(self, text: str) -> None:
        self._groups: dict[str, list[str]] = {}
        self._heads: set[str] = set()
        for line in text.splitlines():
            group = [normalise(w) for w in line.split()] if not line.startswith("#") else []
            self._heads.update(group[:1])
            for word in group:
                self._groups.setdefault(word, []).extend(w for w in group if w != word)

    def heads(self, word: str) -> bool:
        """Whether a group begins with it."""
        return word in self._heads

    def words(self) -> list[str]:
        """Every word of every group."""
        return list(self._groups)

    def of(self, word: str) -> list[str]:
        """The other words of its groups."""
        return self._groups.get(word, [])


def default_synonyms() -> Synonyms:
    """The synonyms that come with the program."""
    return Synonyms(files("bot.answering").joinpath("synonyms.txt").read_text(encoding="utf-8"))
