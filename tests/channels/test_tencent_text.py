"""A reply as one text within the platform's bytes: cut where it hurts least, source and choices whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.model import Choice, Reply
from bot.channels.tencent.text import cut, message_text
from bot.channels.wechat.codec import choice_link


def test_a_reply_that_fits_is_whole() -> None:
    said = "字" * 682 + "ab"
    assert len(said.encode()) == 2048
    assert message_text(Reply(said)) == said


@pytest.mark.parametrize("character", ["a", "é", "字", "😀"])
def test_a_long_reply_is_cut_between_characters(character: str) -> None:
    shown = message_text(Reply(character * 3000))
    assert set(shown) == {character, "…"}
    assert shown.endswith("…")
    assert 2048 - len(character.encode()) < len(shown.encode()) <= 2048


def test_a_long_reply_ends_after_a_line_if_one_ends_near() -> None:
    assert cut("一二三四五六七八\n九十。十一十二", 36) == "一二三四五六七八…"


def test_a_long_reply_ends_after_a_sentence_if_no_line_does() -> None:
    assert cut("一二三四五六七“八。”九十十一十二", 39) == "一二三四五六七“八。”…"


def test_a_sentence_that_ended_long_ago_is_no_place_to_cut() -> None:
    assert cut("一。" + "二" * 20, 30) == "一。" + "二" * 7 + "…"


def test_choices_are_numbered_below_the_text() -> None:
    reply = Reply("您是问：", (Choice("截止日期", "截止到哪天"), Choice("联系人", "找谁")))
    assert message_text(reply) == "您是问：\n1. 截止日期\n2. 联系人"


def test_choices_outlive_the_cutting_of_the_text() -> None:
    shown = message_text(Reply("字" * 2000, (Choice("截止日期", "截止到哪天"),)))
    assert shown.endswith("字…\n1. 截止日期")
    assert len(shown.encode()) <= 2048


def test_many_choices_are_cut_too() -> None:
    shown = message_text(Reply("选：", tuple(Choice("字" * 50, "字") for _ in range(50))))
    assert shown.startswith("选：\n1. 字")
    assert len(shown.encode()) <= 2048


def test_a_long_answer_is_cut_before_its_source_never_in_it() -> None:
    source = "出处：云科协发〔2025〕12号《关于印发工作方案的通知》 附件 第7项（2025年3月18日）"
    text = message_text(Reply("长" * 2000, source=source))
    assert len(text.encode()) <= 2048
    assert text.endswith(f"…\n{source}")


class TestLinks:
    def test_a_choice_is_a_link_that_types_it_and_has_a_number_for_those_who_cant_tap(self) -> None:
        reply = Reply("您是问：", (Choice("截止日期", "截止到哪天"), Choice("联系人", "找谁")))
        assert message_text(reply, choice_link) == (
            "您是问：\n"
            '1. <a href="weixin://bizmsgmenu?msgmenucontent=截止到哪天&msgmenuid=1">截止日期</a>\n'
            '2. <a href="weixin://bizmsgmenu?msgmenucontent=找谁&msgmenuid=2">联系人</a>'
        )

    @pytest.mark.parametrize("said", ["a&b", '"', "<b>", "a b", "50%", "a+b", "#1", "a\nb", ""])
    def test_a_choice_that_would_break_its_link_is_just_numbered(self, said: str) -> None:
        assert message_text(Reply("选：", (Choice("甲", said),)), choice_link) == "选：\n1. 甲"

    def test_links_that_leave_too_little_room_are_just_numbers(self) -> None:
        reply = Reply("字" * 600, tuple(Choice(f"选项{n}", "字" * 40) for n in range(6)))
        shown = message_text(reply, choice_link)
        assert "href" not in shown
        assert shown.endswith("6. 选项5")
        assert len(shown.encode()) <= 2048

    @pytest.mark.parametrize("evil", ['<a href="https://evil">点我</a>', "<A HREF=x>", "</a>", "< a"])
    def test_a_notice_cant_make_links(self, evil: str) -> None:
        shown = message_text(Reply(evil, (Choice(evil, "好"),), source=evil), choice_link)
        assert shown.count("<a") == 1
        assert shown.count("</a") == 1
        assert "<A" not in shown

    def test_other_marks_stay_as_the_notice_has_them(self) -> None:
        assert message_text(Reply("得分<60或>90，<附件1>")) == "得分<60或>90，<附件1>"


@given(st.text(st.characters()), st.lists(st.tuples(st.text(), st.text()), max_size=5), st.text())
def test_whatever_is_said_fits(said: str, choices: list[tuple[str, str]], source: str) -> None:
    reply = Reply(said * 3, tuple(Choice(*choice) for choice in choices), source)
    for link in (None, choice_link):
        assert len(message_text(reply, link).encode()) <= 2048
