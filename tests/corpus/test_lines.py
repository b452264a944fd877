"""Paragraphs: what stands around the text goes, what a line's end has cut is joined, words set apart are closed up."""

import pytest

from corpus.blocks import Line
from corpus.lines import column_width, joined, tidied
from corpus.tree import read_notice


def lines(*texts: str) -> list[str]:
    found = tidied([Line(t) for t in texts])
    return [b.text for b in joined(found, column_width(found)) if isinstance(b, Line)]


@pytest.mark.parametrize("text", ["000123", "特急", "秘密★1年", "机密 特急", "内部资料"])
def test_what_stands_above_a_red_head_is_dropped(text: str) -> None:
    assert lines(text, "云州市科学技术协会文件", "云科协发〔2025〕12号") == [
        "云州市科学技术协会文件",
        "云科协发〔2025〕12号",
    ]


@pytest.mark.parametrize(
    "text", ["- 3 -", "— 12 —", "第 2 页 共 9 页", "（此页无正文）", "（此件公开发布）", "（共印50份）"]
)
def test_page_numbers_and_remarks_on_the_print_are_dropped(text: str) -> None:
    assert lines("放假三天。", text, "注意安全。") == ["放假三天。", "注意安全。"]


def test_a_number_of_six_digits_within_the_text_stays() -> None:
    assert "650001" in lines(*("正文。",) * 8, "650001")


@pytest.mark.parametrize(
    ("printed", "closed_up"),
    [
        ("联 系 人：沈  岚    电　话：5550188", "联系人：沈  岚    电话：5550188"),
        ("关于做好防汛工作的通　知", "关于做好防汛工作的通知"),
        ("会　议　通　知", "会议通知"),
        ("江 苏 省 农 学 会", "江苏省农学会"),
        ("宋维嘉  宫  飞", "宋维嘉  宫  飞"),
        ("时  间：5月18日  地  点：一楼", "时间：5月18日  地点：一楼"),
        ("普通 知识竞赛", "普通 知识竞赛"),
    ],
)
def test_words_that_are_set_apart_are_closed_up(printed: str, closed_up: str) -> None:
    assert lines(printed) == [closed_up]


def test_a_red_head_gives_number_and_issuer_and_leaves_no_clause() -> None:
    found = read_notice(
        [
            Line(t)
            for t in (
                "000123",
                "特 急",
                "云 州 市 科 学 技 术 协 会 文 件",
                "云科协发〔2025〕12号    签发人：高远",
                "关于放假的通知",
                "各单位：",
                "放假三天，请注意安全。",
            )
        ]
    )
    assert found.doc_number.value == "云科协发〔2025〕12号"
    assert found.issuer.value == "云州市科学技术协会"
    assert [c.text for p in found.parts for c in p.body.content] == ["放假三天，请注意安全。"]  # type: ignore[union-attr]
