"""Word's automatic numbering, written out as Word prints it (ECMA-376, 17.9).

Paragraphs share a counter by their abstract list; a level that counts on starts the deeper ones again.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import cn2an
from docx.oxml.ns import qn
from lxml.etree import _Element

_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_ROMAN = (
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
    (9, "ix"),
    (5, "v"),
    (4, "iv"),
    (1, "i"),
)


@dataclass(frozen=True, slots=True)
class _Level:
    form: str
    text: str
    start: int
    style: str
    """The paragraph style that is numbered at this level, or ""."""
    spaced: bool
    legal: bool
    """Whether all numbers are shown as digits."""


@dataclass(slots=True)
class Numbering:
    """The counters of one document; `number` must be called for its paragraphs in order."""

    _levels: dict[str, dict[int, _Level]] = field(default_factory=dict)
    _abstract: dict[str, str] = field(default_factory=dict)
    _restarts: dict[str, dict[int, int]] = field(default_factory=dict)
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, root: _Element | None) -> "Numbering":
        """The lists that numbering.xml defines; none where there is no such part."""
        numbering = cls()
        if root is None:
            return numbering
        abstract = {a.get(qn("w:abstractNumId"), ""): a for a in root.iterfind(qn("w:abstractNum"))}
        named = {name: a for a in abstract.values() if (name := _value(a, "w:styleLink"))}
        for num in root.iterfind(qn("w:num")):
            number, shared = num.get(qn("w:numId"), ""), _value(num, "w:abstractNumId")
            source = abstract.get(shared)
            if source is None:
                continue
            source = named.get(_value(source, "w:numStyleLink"), source)
            levels = dict(_levels(source.iterfind(qn("w:lvl"))))
            own = list(num.iterfind(qn("w:lvlOverride")))
            levels |= dict(_levels(lvl for o in own if (lvl := o.find(qn("w:lvl"))) is not None))
            numbering._levels[number] = levels
            numbering._abstract[number] = shared
            numbering._restarts[number] = {
                int(o.get(qn("w:ilvl"), "0")): int(start)
                for o in own
                if (start := _value(o, "w:startOverride"))
            }
        return numbering

    def number(self, num_id: str, level: int | None, style: str) -> str:
        """What Word prints before the next paragraph of this list, "" for a bullet or no list."""
        levels = self._levels.get(num_id, {})
        if level is None:
            level = next((n for n, one in levels.items() if style and one.style == style), 0)
        if level not in levels:
            return ""
        counts = self._counts.setdefault(self._abstract[num_id], {})
        for restarted, start in self._restarts.pop(num_id, {}).items():
            counts[restarted] = start - 1
        counts[level] = counts.get(level, levels[level].start - 1) + 1
        for deeper in [n for n in counts if n > level]:
            del counts[deeper]
        return _written(levels, level, counts)


def _written(levels: dict[int, _Level], level: int, counts: dict[int, int]) -> str:
    here = levels[level]
    if here.form in ("bullet", "none"):
        return ""

    def number(match: re.Match[str]) -> str:
        at = int(match[1]) - 1
        if at not in levels:
            return ""
        form = "decimal" if here.legal else levels[at].form
        return written(counts.setdefault(at, levels[at].start), form)

    text = re.sub(r"%(\d)", number, here.text)
    return text + " " if here.spaced and text[-1:].isalnum() else text


def _levels(elements: Iterator[_Element]) -> Iterator[tuple[int, _Level]]:
    for element in elements:
        yield (
            int(element.get(qn("w:ilvl"), "0")),
            _Level(
                form=_value(element, "w:numFmt") or "decimal",
                text=_value(element, "w:lvlText"),
                start=int(_value(element, "w:start") or "1"),
                style=_value(element, "w:pStyle"),
                spaced=_value(element, "w:suff") != "nothing",
                legal=element.find(qn("w:isLgl")) is not None,
            ),
        )


def _value(element: _Element, name: str) -> str:
    child = element.find(qn(name))
    return child.get(qn("w:val"), "") if child is not None else ""


def written(value: int, form: str) -> str:
    """A number in one of Word's formats (ST_NumberFormat); digits for those that Chinese documents don't use."""
    return _FORMS.get(form, str)(value) if value >= 0 else str(value)


def _chinese(value: int) -> str:
    return str(cn2an.an2cn(value)).removeprefix("一") if 10 <= value < 20 else str(cn2an.an2cn(value))


def _among(symbols: str) -> Callable[[int], str]:
    return lambda value: symbols[value - 1] if 0 < value <= len(symbols) else str(value)


def _letters(value: int) -> str:
    """a … z, aa … zz."""
    return chr(97 + (value - 1) % 26) * ((value - 1) // 26 + 1) if value else ""


def _roman(value: int) -> str:
    text = ""
    for size, sign in _ROMAN:
        text += sign * (value // size)
        value %= size
    return text


_FORMS: dict[str, Callable[[int], str]] = {
    **dict.fromkeys(
        (
            "chineseCounting",
            "chineseCountingThousand",
            "taiwaneseCounting",
            "taiwaneseCountingThousand",
            "japaneseCounting",
        ),
        _chinese,
    ),
    **dict.fromkeys(
        ("ideographDigital", "taiwaneseDigital", "japaneseDigitalTenThousand"),
        lambda v: "".join("〇一二三四五六七八九"[int(d)] for d in str(v)),
    ),
    **dict.fromkeys(
        ("chineseLegalSimplified", "ideographLegalTraditional"), lambda v: str(cn2an.an2cn(v, "up"))
    ),
    **dict.fromkeys(
        ("decimalEnclosedCircle", "decimalEnclosedCircleChinese"), _among("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳")
    ),
    "decimalEnclosedParen": _among("⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇"),
    "decimalEnclosedFullstop": _among("⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛"),
    "ideographEnclosedCircle": _among("㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉"),
    "ideographTraditional": _among("甲乙丙丁戊己庚辛壬癸"),
    "ideographZodiac": _among("子丑寅卯辰巳午未申酉戌亥"),
    "decimalFullWidth": lambda v: str(v).translate(_FULL_WIDTH),
    "decimalFullWidth2": lambda v: str(v).translate(_FULL_WIDTH),
    "decimalZero": lambda v: f"{v:02}",
    "lowerLetter": _letters,
    "upperLetter": lambda v: _letters(v).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda v: _roman(v).upper(),
}
