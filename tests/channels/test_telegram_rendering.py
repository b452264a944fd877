"""Replies as Telegram takes them: cut at its limits, escaped, with buttons and files where they belong."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.model import Attachment, Choice, Reply
from bot.channels.telegram.rendering import MAX_CAPTION, MAX_UNITS, outgoing, split

FILE = Attachment("资料.json", "application/json", b"{}")


def data(choice: Choice) -> str:
    return f"t{choice.text}"


def test_each_choice_has_a_row_with_its_label() -> None:
    [sent] = outgoing(Reply("哪份？", (Choice("第一份", "甲"), Choice("第二份", "乙"))), data)
    assert sent.buttons is not None
    rows = [[(b.text, b.callback_data) for b in row] for row in sent.buttons.inline_keyboard]
    assert rows == [[("第一份", "t甲")], [("第二份", "t乙")]]


def test_a_file_carries_a_short_text_as_its_caption_and_stands_after_a_long_one() -> None:
    [one] = outgoing(Reply("您的资料。", (Choice("更多", "更多"),), attachment=FILE), data)
    assert (one.text, one.attachment) == ("您的资料。", FILE)
    assert one.buttons is not None
    text, file = outgoing(Reply("长" * (MAX_CAPTION + 1), attachment=FILE), data)
    assert (text.attachment, file.text, file.attachment) == (None, "", FILE)
    [alone] = outgoing(Reply("", attachment=FILE), data)
    assert alone.attachment == FILE


def test_text_is_escaped_after_it_is_cut() -> None:
    text = "<b>&" * 2000
    sent = outgoing(Reply(text), data)
    assert [len(one.text) for one in sent] == [4096, 3904]
    assert "".join(html.unescape(one.html) for one in sent) == text
    assert all("<" not in one.html for one in sent)


def test_buttons_stand_below_the_last_message() -> None:
    first, last = outgoing(Reply("问" * 4000 + "\n" + "答" * 200, (Choice("更多", "更多"),)), data)
    assert first.buttons is None
    assert last.buttons is not None


def test_a_blank_reply_sends_nothing() -> None:
    assert outgoing(Reply(" \n", (Choice("更多", "更多"),)), data) == []


def test_half_a_surrogate_pair_becomes_a_sendable_character() -> None:
    [sent] = outgoing(Reply("问\ud83d答"), data)
    assert sent.html == "问\ufffd答"


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("一二三四五。\n\n六七八\n九十。", ["一二三四五。\n\n", "六七八\n九十。"]),
        ("一二三四五。\n六七。八九十", ["一二三四五。\n", "六七。八九十"]),
        ("一二三四“五。”六七八九十", ["一二三四“五。”", "六七八九十"]),
        ("abcdef ghijkl", ["abcdef ", "ghijkl"]),
        ("一二三四五六七八九十甲", ["一二三四五六七八九十", "甲"]),
        ("一。二三四五六七八九十甲", ["一。二三四五六七八九", "十甲"]),
        ("🙂🙂🙂🙂🙂🙂", ["🙂🙂🙂🙂🙂", "🙂"]),
    ],
)
def test_text_is_cut_at_the_best_end_that_leaves_a_piece_half_full(text: str, pieces: list[str]) -> None:
    assert split(text, 10) == pieces


prose = st.lists(st.sampled_from(["通知", "。", "\n", "\n\n", " ", "🙂", "<&>", "word", "”", "！"])).map(
    "".join
)


@given(st.one_of(st.text(), prose), st.integers(2, 40))
def test_pieces_joined_are_the_text_and_each_fits(text: str, limit: int) -> None:
    pieces = split(text, limit)
    assert "".join(pieces) == text
    assert all(0 < len(piece.encode("utf-16-le")) // 2 <= limit for piece in pieces)


@given(st.sampled_from(["通🙂知", "\n", " ", "”。", "。\n \n"]), st.integers(1, 6000))
def test_long_text_is_cut_at_telegrams_limit(part: str, times: int) -> None:
    pieces = split(part * times)
    assert "".join(pieces) == part * times
    assert all(0 < len(piece.encode("utf-16-le")) // 2 <= MAX_UNITS for piece in pieces)
