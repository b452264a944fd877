"""Wrong characters: words typed by their sound (付责, 短视屏, 国际合作不) are taken for the words they sound like.

Sounds are compared without tones, and as people confuse them: zh/z, ch/c, sh/s, n/l, ang/an, eng/en, ing/in.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from pypinyin import lazy_pinyin

from bot.answering.cues import STOP
from index.text import Segmenter

_ASKED = "负责 哪个 部门 牵头 什么时候 联系人 电话 邮箱 地址 地点 时间 截止 文号 报名 申报 条件 材料 流程 奖金 名额 多少 承办 主办 印发 讲座 签到 通知 活动 任务 责任 单位 处室".split()
_CONFUSED = (("zh", "z"), ("ch", "c"), ("sh", "s"))
_LONGEST = 8
_SHORT = 3
"""Characters; so short a stretch is left alone when it holds a function word (谁管 is not 水管)."""


@lru_cache(maxsize=65536)
def sound(text: str) -> tuple[str, ...]:
    """The sound of each character, confusable ones made equal."""
    found = []
    for syllable in lazy_pinyin(text):
        for double, single in _CONFUSED:
            syllable = re.sub(f"^{double}", single, syllable)
        syllable = re.sub("^l", "n", syllable)
        found.append(re.sub("([aei])ng$", r"\1n", syllable))
    return tuple(found)


class Correction:
    """Knows the words of the notices by their sound."""

    def __init__(self, segmenter: Segmenter) -> None:
        self._segmenter = segmenter
        self._by_sound: dict[tuple[str, ...], dict[str, None]] = {}
        self._known: set[str] = set()
        self.learn(_ASKED)

    def learn(self, words: Iterable[str]) -> None:
        """Takes in words and names that a question may mean."""
        for word in words:
            if 2 <= len(word) <= 16 and word not in self._known and re.fullmatch(r"[\u4e00-\u9fff]+", word):
                self._known.add(word)
                self._by_sound.setdefault(sound(word), {})[word] = None

    def corrected(self, text: str) -> str:
        """The text with each misspelt stretch replaced; longest stretches first, known words left alone."""
        at = 0
        while at < len(text):
            for length in range(min(_LONGEST, len(text) - at), 1, -1):
                window = text[at : at + length]
                meant = self._meant(window)
                if meant:
                    text = text[:at] + meant + text[at + length :]
                    at += length - 1
                    break
            at += 1
        return re.sub("那(?=个(?:部门|部|处室|单位|科室))", "哪", text)

    def _meant(self, window: str) -> str:
        """The known word that the window sounds like but for at most half of its characters, or ""."""
        if len(window) <= _SHORT and any(c in STOP for c in window):
            return ""
        if window in self._known or not re.fullmatch(r"[\u4e00-\u9fff]+", window):
            return ""
        if self._segmenter.is_word(window) or (len(window) > 2 and self._is_made_of_words(window)):
            return ""
        candidates = self._by_sound.get(sound(window), {})
        best = max(candidates, key=lambda w: _same(w, window), default="")
        return best if best and _same(best, window) * 2 >= len(window) else ""

    def _is_made_of_words(self, window: str) -> bool:
        """Whether the window is sensible as it is: it consists of words of two and more characters."""
        return all(len(w) >= 2 and (w in self._known or self._segmenter.is_word(w)) for w in self._segmenter.words(window))


def _same(a: str, b: str) -> int:
    return sum(x == y for x, y in zip(a, b, strict=True))
