"""The documents within a file: attachments with their titles, and what is forwarded with its own head."""

from corpus.blocks import Line
from corpus.notice import Clause, Notice
from corpus.tree import read_notice


def notice(*lines: str) -> Notice:
    return read_notice([Line(line) for line in lines])


def texts(found: Notice, part: int) -> list[str]:
    return [c.text for s in found.parts[part].body.walk() for c in s.content if isinstance(c, Clause)]


FORWARDED = (
    "关于转发《江渚省科协关于征文的通知》的通知",
    "各学会：",
    "现转发给你们，请认真落实。",
    "云州市科学技术协会",
    "2025年4月1日",
    "附件",
    "江渚省科协关于征文的通知",
    "江科协〔2025〕7号",
    "各市科协：",
    "请组织征文。",
    "江渚省科学技术协会",
    "2025年3月20日",
)


def test_a_forwarded_document_keeps_its_own_head() -> None:
    own, forwarded = notice(*FORWARDED).parts
    assert (own.title, own.issuer.value, own.date.value) == (FORWARDED[0], "云州市科学技术协会", "2025-04-01")
    assert (forwarded.label, forwarded.title, forwarded.doc_number.value) == (
        "附件",
        "江渚省科协关于征文的通知",
        "江科协〔2025〕7号",
    )
    assert (forwarded.issuer.value, forwarded.date.value) == ("江渚省科学技术协会", "2025-03-20")


def test_a_forwarded_documents_head_is_not_the_notices() -> None:
    found = notice(*FORWARDED)
    assert (found.doc_number.value, found.date.value, texts(found, 1)) == ("", "2025-04-01", ["请组织征文。"])


def test_the_list_of_attachments_is_read_and_no_clause() -> None:
    found = notice(
        "关于报名的通知", "各单位：", "请报名。", "附件：1．报名表", "2．汇总表", "云州市科协", "2025年4月1日"
    )
    assert found.attachments == ("报名表", "汇总表")
    assert texts(found, 0) == ["请报名。"]


def test_attachments_are_parts_with_their_labels_and_titles() -> None:
    found = notice(
        *("关于评奖的通知", "各单位：", "请推荐。", "云州市科协", "2025年4月1日"),
        *("附件1", "评奖办法", "一、标准公开。", "二、结果公示。", "附件2：推荐名额分配表", "各县区各两名。"),
    )
    assert [(p.label, p.title) for p in found.parts[1:]] == [
        ("附件1", "评奖办法"),
        ("附件2", "推荐名额分配表"),
    ]


def test_below_the_frame_of_a_page_nothing_is_the_notices() -> None:
    found = notice(
        *("关于放假的通知", "放假三天，请注意安全。", "云州市科协", "2025年4月1日"),
        *("云州市人民政府 版权所有　主办单位：市府办　联系我们：0589-5550100", "热线电话：5550101"),
    )
    assert found.contacts == ()


def test_whom_to_ask_below_the_signature_is_still_the_notices() -> None:
    found = notice(
        "关于放假的通知", "放假三天。", "云州市科协", "2025年4月1日", "（联系人：沈岚，联系电话：5550188）"
    )
    assert [(c.names, c.phones) for c in found.contacts] == [(("沈岚",), ("5550188",))]
