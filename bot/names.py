"""The departments and organisations that the notices list, found in a question in full or abbreviated (国际部)."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

_SHORT_NAME = re.compile(r"[\u4e00-\u9fff]{1,8}?(?:部|处|办|中心|馆|局|委|科协|学会|协会)")
_LONGEST_PLAIN_TAIL = 3
"""Characters from which the end of a name may stand for it (服务中心 for 科技服务中心)."""


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
        found, rest, at = [], "", 0
        while at < len(text):
            name = next((n for n in self._by_start.get(text[at : at + 2], ()) if text.startswith(n, at)), "")
            found += [name] if name else []
            rest += "　" if name else text[at]
            at += len(name) or 1
        return found, rest

    def _meant(self, short: str, said: Callable[[str], bool]) -> list[str]:
        """国际部 → 国际合作部; 科普部 → 科学技术普及部. The shortest name wins; of equal ones, all are given."""
        for tail in (short[i:] for i in range(len(short) - 2)):
            fits = list(self._fitting(tail))
            if fits:
                least = min(map(len, fits))
                return [n for n in fits if len(n) == least]
            if said(tail):
                return []
        return []

    def _fitting(self, tail: str) -> Iterator[str]:
        for name in self._by_ends.get((tail[0], tail[-1]), ()):
            if len(name) > len(tail) and _in_order(tail, name):
                yield name
        if len(tail) >= _LONGEST_PLAIN_TAIL:
            yield from (n for n in self._by_last.get(tail[-1], ()) if n != tail and n.endswith(tail))


def _in_order(short: str, name: str) -> bool:
    letters = iter(name)
    return all(c in letters for c in short)
