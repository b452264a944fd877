"""The departments and organisations that the notices list, found in a question in full or abbreviated (国际部)."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

_SHORT_NAME = re.compile(r"[\u4e00-\u9fff]{1,8}?(?:部|处|办|中心|馆|局|委|科协|学会|协会)")
_LONGEST_PLAIN_TAIL = 3
"""Characters from which the end of a name may stand for it (服务中心 for 科技服务中心)."""

_PLACED = re.compile(r"^[\u4e00-\u9fff]{0,8}?(?:[省市区县旗盟]|州(?!市))(?=[\u4e00-\u9fff]{2})(?!委)")
_WHOSE = re.compile(
    r"^[\u4e00-\u9fff]{0,10}?(?:科协|协会|局|厅|大学|学院)(?=[\u4e00-\u9fff]{2,10}(?:部|处|科|室|中心)$)"
)


def bare(name: str) -> str:
    """A name as members say it, without whose it is and where: 科普部 of 市科协科普部, 科协 of 青澜市科协."""
    return _WHOSE.sub("", _PLACED.sub("", name))


class Names:
    """Names by how they begin and end. Made anew when notices come or go."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_start: defaultdict[str, list[str]] = defaultdict(list)
        self._by_ends: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        self._by_last: defaultdict[str, list[str]] = defaultdict(list)
        for name in sorted(set(names), key=lambda n: (-len(n), n)):
            if len(name) > 1:
                self._by_start[name[:2]].append(name)
                self._by_ends[name[0], name[-1]].append(name)
                self._by_last[name[-1]].append(name)

    def find(self, text: str, said: Callable[[str], bool]) -> tuple[str, ...]:
        """The names that stand in the text, in full, then abbreviated; `said` tells whether any notice holds a word.

        What a notice holds as it is (市委组织部) is a body of its own, not the short name of another.
        """
        whole, rest = self._whole(text)
        short = [name for match in _SHORT_NAME.findall(rest) for name in self._meant(match, said)]
        return tuple(dict.fromkeys([*whole, *short]))

    def _whole(self, text: str) -> tuple[list[str], str]:
        """The names in full, the longest first at each place, and the text without them."""
        found: list[str] = []
        rest, at = "", 0
        while at < len(text):
            name = next((n for n in self._by_start.get(text[at : at + 2], ()) if text.startswith(n, at)), "")
            if name:
                found += [name, *(self._shortest(name) if _SHORT_NAME.fullmatch(name) else ())]
            rest += "　" if name else text[at]
            at += len(name) or 1
        return found, rest

    def _meant(self, short: str, said: Callable[[str], bool]) -> list[str]:
        """国际部 → 国际合作部; 科普部 → 科学技术普及部. The shortest name wins; of equal ones, all are given."""
        for tail in (short[i:] for i in range(len(short) - 2)):
            fits = self._shortest(tail)
            if fits or said(tail):
                return fits
        return []

    def _shortest(self, tail: str) -> list[str]:
        """The shortest of the names that a short one may stand for."""
        fits = list(self._fitting(tail))
        least = min(map(len, fits), default=0)
        return [n for n in fits if len(n) == least]

    def _fitting(self, tail: str) -> Iterator[str]:
        for name in self._by_ends.get((tail[0], tail[-1]), ()):
            if stands_for(tail, name):
                yield name
        if len(tail) >= _LONGEST_PLAIN_TAIL:
            yield from (n for n in self._by_last.get(tail[-1], ()) if n != tail and n.endswith(tail))


def stands_for(short: str, name: str) -> bool:
    """Whether the letters of a short name, of three or more, stand in a longer one in order, first and last alike."""
    if not 2 < len(short) < len(name) or short[0] != name[0] or short[-1] != name[-1]:
        return False
    letters = iter(name)
    return all(c in letters for c in short)
