"""Whom to ask: each number with its person, and with the office or the matter that it belongs to."""

import pytest

from corpus.blocks import Cell, Grid, Line
from corpus.contacts import contacts_in, contacts_of
from corpus.notice import Contact
from corpus.tree import read_notice


def numbers(found: list[Contact]) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    return [(c.unit, c.names, c.phones) for c in found]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (
            "联系人：李林（83590101） 张玮（83590102）",
            [("", ("李林",), ("83590101",)), ("", ("张玮",), ("83590102",))],
        ),
        ("保卫处：55501100（东校区），55501200（西校区）", [("保卫处", (), ("55501100", "55501200"))]),
        ("论文征集：省科协学会部  文  征  0740-5556120", [("省科协学会部", ("文征",), ("0740-5556120",))]),
        ("图书、短文：阮青，0741-5550215", [("图书、短文", ("阮青",), ("0741-5550215",))]),
        ("市科协组织人事部  孙晓萌  0536-5551327", [("市科协组织人事部", ("孙晓萌",), ("0536-5551327",))]),
        (
            "场地咨询：综合部 0589-5555016；团体预约：观众部 0589-5555008；价格投诉：12315。",
            [
                ("综合部", (), ("0589-5555016",)),
                ("观众部", (), ("0589-5555008",)),
                ("价格投诉", (), ("12315",)),
            ],
        ),
        (
            "4．政策咨询电话：13900005065，13900005265；技术咨询电话：0931—5558492。",
            [
                ("政策咨询", (), ("13900005065", "13900005265")),
                ("技术咨询", (), ("0931—5558492",)),
            ],
        ),
        ("会务联系人：卢  谦  13900007741（微信同号）", [("会务", ("卢谦",), ("13900007741",))]),
    ],
)
def test_each_number_stays_with_its_name_and_office(
    line: str, found: list[tuple[str, tuple[str, ...], tuple[str, ...]]]
) -> None:
    assert numbers(contacts_of(line)) == found


@pytest.mark.parametrize(
    "line", ["一次性奖励人民币10，000元／人", "时间：2025年9月2日上午9:00", "请各学院认真组织。"]
)
def test_prose_amounts_and_times_are_no_contacts(line: str) -> None:
    assert contacts_of(line) == []


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        ("志愿者QQ群：798180000", ("QQ群", "798180000")),
        ("开户行：云州银行北街支行", ("开户行", "云州银行北街支行")),
        ("账  号：8012 0300 0456", ("账号", "8012 0300 0456")),
        ("学会地址：云台市水利巷9号，邮编：430990", ("邮编", "430990")),
    ],
)
def test_what_is_neither_person_nor_number_keeps_its_label(line: str, detail: tuple[str, str]) -> None:
    assert [c.details for c in contacts_of(line)] == [(detail,)]


def test_lines_that_follow_each_other_are_one_contact() -> None:
    (found,) = contacts_in(["联系人：沈岚", "电话：0589-5550188", "邮箱：a@example.org"])
    assert (found.names, found.phones, found.emails) == (("沈岚",), ("0589-5550188",), ("a@example.org",))


def test_an_address_common_to_two_people_is_a_contact_of_its_own() -> None:
    found = contacts_in(["张三，电话：0551-55545678；李四，电话：0551-55545679", "电子邮箱：a@example.org"])
    assert [(c.names, c.emails) for c in found] == [
        (("张三",), ()),
        (("李四",), ()),
        ((), ("a@example.org",)),
    ]


def test_an_office_on_the_line_above_is_the_unit() -> None:
    (found,) = contacts_in(["机电工程学院", "周  来，0516-55590758", "邮箱：b@example.org"])
    assert (found.unit, found.names) == ("机电工程学院", ("周来",))


def test_a_row_of_a_table_is_a_contact_of_its_office() -> None:
    rows = (
        ("日期", "值班人", "地点", "电话", "部门"),
        ("5月1日", "赵老师", "101办公室", "65550590", "学位办"),
    )
    grid = Grid(tuple(tuple(Cell(c) for c in row) for row in rows), header_rows=1)
    found = read_notice([Line("假期值班安排公告"), Line("值班安排如下："), grid])
    assert numbers(list(found.contacts)) == [("学位办", ("赵老师",), ("65550590",))]
