"""The texts that members read: complete in every language, used as they are written, replaced one by one."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot
from bot.languages import Language, language_for
from bot.messages.catalogue import FILE, LONGEST, MessagesInvalid, built_in, load_catalogue, placeholders

CHINESE = built_in(Language.CHINESE)
SOURCES = sorted(Path(bot.__file__).parent.rglob("*.py"))


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call in the program whose first argument is a text's key, by that key."""
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                key = node.args[0].value
                if isinstance(key, str) and key in CHINESE:
                    yield key, node


def computed_prefixes() -> set[str]:
    """What stands before the braces in an f-string: account.kind. and its like."""
    return {
        str(node.values[0].value)
        for source in SOURCES
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant)
    }


@pytest.mark.parametrize("language", Language)
def test_every_language_has_the_same_texts_with_the_same_placeholders(language: Language) -> None:
    texts = built_in(language)
    # answers quote Chinese notices, and are said in Chinese
    expected = {key for key in CHINESE if language is Language.CHINESE or not key.startswith("answer.")}
    assert texts.keys() == expected
    for key, text in texts.items():
        assert placeholders(text) == placeholders(CHINESE[key])
        assert text.strip()
        assert len(text) <= LONGEST


def test_every_text_is_used_and_its_placeholders_are_filled() -> None:
    used = set()
    for key, call in calls():
        used.add(key)
        assert {word.arg for word in call.keywords} == placeholders(CHINESE[key]), (
            f"{key}, line {call.lineno}"
        )
    prefixes = {prefix for prefix in computed_prefixes() if any(key.startswith(prefix) for key in CHINESE)}
    unused = {key for key in CHINESE.keys() - used if not key.startswith(tuple(prefixes - {""}))}
    assert unused == set()


def test_without_a_file_the_built_in_texts_are_used(tmp_path: Path) -> None:
    assert load_catalogue(tmp_path)[Language.CHINESE]("account.kept") == "好的，没有删除。"


def test_an_association_replaces_single_texts_in_each_language(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(
        '[account]\nkept = "没删。"\n[en.link]\nown_code = "Not here."\n', encoding="utf-8"
    )
    catalogue = load_catalogue(tmp_path)
    assert catalogue[Language.CHINESE]("account.kept") == "没删。"
    assert catalogue[Language.ENGLISH]("link.own_code") == "Not here."
    assert catalogue[Language.ENGLISH]("account.kept") == "All right, nothing was deleted."


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('[account]\nkpet = "没删。"', "account.kpet 不是已有的文字名，是不是 account.kept？"),
        ('xyz = "啊"', "xyz 不是已有的文字名。"),
        ('[link]\noffered = "给您一个码"', "link.offered 缺少 {code}。"),
        ('[account]\nkept = "没删，{name}。"', "account.kept 多了 {name}（可用的：没有）。"),
        ('[account]\nkept = "没删{。"', "account.kept 里的花括号不对"),
        ('[account]\nkept = "没删{a.__class__}。"', "account.kept 里的花括号不对"),
        ('[account]\nkept = " "', "account.kept 是空的"),
        ("[account]\nkept = 5", "account.kept 是空的，或不是文字"),
        (
            f'[account]\nkept = "{"长" * (LONGEST + 1)}"',
            f"account.kept 有 {LONGEST + 1} 个字，最多 {LONGEST} 个。",
        ),
        ('[en.account]\nkept = " "', "en.account.kept 是空的"),
        ('en = "x"', "en 应是一节"),
        ("[account\n", "读不出来"),
    ],
)
def test_what_is_wrong_in_the_file_is_told_in_a_sentence(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / FILE).write_text(content, encoding="utf-8")
    with pytest.raises(MessagesInvalid) as error:
        load_catalogue(tmp_path)
    assert said in str(error.value)
    assert str(error.value).startswith(FILE)
    assert str(error.value).endswith("。")


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('[account]\nkept = ""\nkpet = "x"\n', encoding="utf-8")
    with pytest.raises(MessagesInvalid) as error:
        load_catalogue(tmp_path)
    assert len(str(error.value).splitlines()) == 2


@pytest.mark.parametrize(
    "content", ["\xff\xfe".encode("latin-1"), "[account]\nkept = '没有删除'".encode("gb18030")]
)
def test_a_file_in_another_encoding_is_refused_with_the_one_that_is_needed(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(MessagesInvalid, match="UTF-8"):
        load_catalogue(tmp_path)


@pytest.mark.parametrize(
    ("client", "text", "language"),
    [
        ("en", "/help", Language.ENGLISH),
        ("en-GB", "When is the deadline?", Language.ENGLISH),
        ("en", "谁负责？", Language.CHINESE),
        ("", "ok", Language.CHINESE),
        ("zh-hans", "ok", Language.CHINESE),
        ("de", "", Language.CHINESE),
    ],
)
def test_english_is_for_english_clients_that_write_no_chinese(
    client: str, text: str, language: Language
) -> None:
    assert language_for(client, text) is language
