"""The texts that members read, by key: one TOML file a language, of which an association replaces single texts.

zh.toml is the reference: it says which keys there are and which {placeholders} each has; what another language
lacks is said in Chinese. HOME/messages.toml has the same shape for Chinese, and below [en] for English. All that is wrong in it is told at the start: which text,
what about it, what to do.
"""

import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from string import Formatter

from bot.languages import Language
from corpus.errors import CewenError

FILE = "messages.toml"
LONGEST = 600
"""Characters of a text; WeChat takes some 680 a message."""

Texts = Mapping[str, str]
"""Texts by key, such as limits.too_fast."""


class MessagesInvalid(CewenError):
    """HOME/messages.toml can't be used; the text has a line for each thing that is wrong."""


class Messages:
    """The texts of one language: `messages("limits.too_fast", minutes=2)`."""

    def __init__(self, language: Language, texts: Texts) -> None:
        self.language = language
        self._texts = texts

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key with its placeholders filled."""
        return self._texts[key].format(**values)


Catalogue = Mapping[Language, Messages]


def load_catalogue(home: Path) -> Catalogue:
    """The texts of every language, those of HOME/messages.toml first. Raises MessagesInvalid."""
    own = _read(home / FILE)
    problems = [problem for language in Language for problem in _problems(own[language], language)]
    if problems:
        raise MessagesInvalid("\n".join(f"{FILE} 里的 {problem}" for problem in problems))
    chinese = built_in(Language.CHINESE)
    return {
        language: Messages(language, {**chinese, **built_in(language), **own[language]})
        for language in Language
    }


def built_in(language: Language) -> Texts:
    """The texts that come with the program."""
    file = files("bot.messages") / f"{language.value}.toml"
    return dict(_flat(tomllib.loads(file.read_text(encoding="utf-8"))))


def placeholders(text: str) -> set[str]:
    """The names between braces. Raises ValueError for braces that don't match, or hold more than a name."""
    found = set()
    for _, name, form, conversion in Formatter().parse(text):
        if name is None:
            continue
        if not name.isidentifier() or form or conversion:
            raise ValueError(name)
        found.add(name)
    return found


def _read(file: Path) -> Mapping[Language, Texts]:
    """An association's own texts by language; none where there is no file."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    except (OSError, ValueError) as error:
        raise MessagesInvalid(f"{FILE} 读不出来：{error}。请检查该文件的写法和编码（UTF-8）。") from None
    english = content.pop(Language.ENGLISH, {})
    if not isinstance(english, dict):
        raise MessagesInvalid(f"{FILE} 里的 en 应是一节，写成 [en]，下面写英文文字。")
    return {Language.CHINESE: dict(_flat(content)), Language.ENGLISH: dict(_flat(english))}


def _flat(tables: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    """The texts of nested tables by dotted keys; what is no text comes as "", which is refused."""
    for name, value in tables.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value if isinstance(value, str) else ""


def _problems(own: Texts, language: Language) -> Iterator[str]:
    """A sentence for each text that can't be used."""
    reference = built_in(Language.CHINESE)
    shown = "" if language is Language.CHINESE else f"{language.value}."
    for key, text in own.items():
        if key not in reference:
            near = get_close_matches(key, reference, 1)
            hint = f"，是不是 {near[0]}？" if near else "。"
            yield f"{shown}{key} 不是已有的文字名{hint}请改正或删去。"
        elif problem := _problem(text, placeholders(reference[key])):
            yield f"{shown}{key} {problem}"


def _problem(text: str, needed: set[str]) -> str:
    """What is wrong with a text that needs these placeholders; "" if nothing is."""
    if not text.strip():
        return "是空的，或不是文字。请用引号写上文字，或删去这一条。"
    if len(text) > LONGEST:
        return f"有 {len(text)} 个字，最多 {LONGEST} 个。请缩短。"
    try:
        found = placeholders(text)
    except ValueError:
        return "里的花括号不对：只能是 {名称}，要显示花括号本身请写 {{ 和 }}。"
    missing, extra = sorted(needed - found), sorted(found - needed)
    if missing:
        return f"缺少 {'、'.join(f'{{{name}}}' for name in missing)}。请补上，程序会在那里填入内容。"
    if extra:
        known = "、".join(f"{{{name}}}" for name in sorted(needed)) or "没有"
        return f"多了 {'、'.join(f'{{{name}}}' for name in extra)}（可用的：{known}）。请删去。"
    return ""
