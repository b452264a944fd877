"""Wrong characters: words typed by their sound (付责, 短视屏, 国际合作不) are taken for the words they sound like.

Sounds are compared without tones, and as people confuse them: zh/z, ch/c, sh/s, n/l, ang/an, eng/en, ing/in.
Pinyin typed in place of characters (duanshipin shui fuze) becomes the words of the notices that are spelt so.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from pypinyin import lazy_pinyin

from bot.answering.cues import STOP
from index.text import Segmenter

_ASKED = "负责 哪个 部门 牵头 什么时候 联系人 电话 邮箱 地址 地点 时间 截止 文号 报名 申报 条件 材料 流程 奖金 名额 多少 承办 主办 印发 讲座 签到 通知 活动 任务 责任 单位 处室".split()
_ASKING_CHARACTERS = "谁 哪 什么 怎么 几 多少 的 了 吗 呢 有 在 是 要 个 和 由 归 交 办 管 去 能 可以 何时 哪里 哪天 地 得".split()
_LATIN = re.compile("[a-z]{5,}")
"""Runs of letters that may be pinyin; shorter ones are taken for what they are: ai, vr, mail."""
_CONFUSED = (("zh", "z"), ("ch", "c"), ("sh", "s"))
_LONGEST = 8
_LONGEST_SPELLING = 40
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
        self._by_spelling: dict[str, str] = {}
        self._known: set[str] = set()
        for word in _ASKING_CHARACTERS:
            self._by_spelling[_spelling(word)] = word
        self.learn(_ASKED)

    def learn(self, words: Iterable[str]) -> None:
        """Takes in words and names that a question may mean."""
        for word in words:
            if 2 <= len(word) <= 16 and word not in self._known and re.fullmatch(r"[\u4e00-\u9fff]+", word):
                self._known.add(word)
                self._by_sound.setdefault(sound(word), {})[word] = None
                self._by_spelling.setdefault(_spelling(word), word)

    def corrected(self, text: str) -> str:
        """The text with each misspelt stretch replaced, the longest first; what makes words as it is stays."""
        text = _LATIN.sub(lambda run: self._spelt(run[0]), text)
        text = re.sub("那(?=个(?:部门|部|处室|单位|科室))", "哪", text)
        starts, ends, doubtful = self._cuts(text)
        at = 0
        while at < len(text):
            for length in range(min(_LONGEST, len(text) - at), 1, -1):
                whole = at in starts and at + length in ends
                in_doubt = whole and any(d in doubtful for d in range(at, at + length))
                meant = self._meant(text[at : at + length], in_doubt)
                if meant:
                    text = text[:at] + meant + text[at + length :]
                    at += length - 1
                    break
            at += 1
        return text

    def _spelt(self, letters: str) -> str:
        """The words that a run of letters spells in pinyin, the longest preferred; the run itself if it spells none.

        best[i] is the best reading of the first i letters, by the sum of its words' squared lengths.
        """
        best: list[tuple[int, str] | None] = [(0, ""), *[None] * len(letters)]
        for end in range(1, len(letters) + 1):
            for start in range(max(0, end - _LONGEST_SPELLING), end):
                before, word = best[start], self._by_spelling.get(letters[start:end])
                if before and word:
                    reading = before[0] + (end - start) ** 2, before[1] + word
                    best[end] = max(best[end] or reading, reading, key=lambda r: r[0])
        whole = best[-1]
        return whole[1] if whole and len(whole[1]) * 6 >= len(letters) and len(whole[1]) > 1 else letters

    def _cuts(self, text: str) -> tuple[set[int], set[int], set[int]]:
        """Where tokens start and end, and the starts of those that are no words (短 视屏, 付责)."""
        starts, ends, doubtful = set(), set(), set()
        at = 0
        for word in self._segmenter.words(text):
            at = text.index(word, at)
            starts.add(at)
            ends.add(at + len(word))
            if (len(word) == 1 and word not in STOP) or not self._segmenter.is_word(word):
                doubtful.add(at)
            at += len(word)
        return starts, ends, doubtful

    def _meant(self, window: str, doubtful: bool) -> str:
        """The known word that the window sounds like, or ""; a long name may differ by one character anywhere."""
        if (
            not re.fullmatch(r"[\u4e00-\u9fff]+", window)
            or window in self._known
            or self._segmenter.is_word(window)
        ):
            return ""
        if len(window) <= _SHORT and any(c in STOP for c in window):
            return ""
        candidates = self._by_sound.get(sound(window), {})
        best = max(candidates, key=lambda w: _same(w, window), default="")
        is_name = len(best) > _SHORT and _same(best, window) >= len(window) - 1
        return best if best and (is_name or doubtful) and _same(best, window) * 2 >= len(window) else ""


def _spelling(word: str) -> str:
    return "".join(lazy_pinyin(word))


def _same(a: str, b: str) -> int:
    return sum(x == y for x, y in zip(a, b, strict=True))
