"""Who acts in a notice, and the places that bodies and addresses begin with, small and invented ones too."""

import pytest

from corpus.blocks import Cell, Grid, Line
from corpus.notice import Notice
from corpus.tree import read_notice


def notice(*lines: str, issuer: str = "青澜市临湖区科学技术协会") -> Notice:
    texts = ("关于举办论坛的通知", "各单位：", *lines, "特此通知。", issuer, "2025年3月1日")
    return read_notice([Line(text) for text in texts])


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("主办单位：云州市农学会、石溪县科协", ["云州市农学会", "石溪县科协"]),
        ("校赛由招生就业处牵头负责。", ["招生就业处"]),
        ("由实验室与设备管理处负责安全检查。", ["实验室与设备管理处"]),
    ],
)
def test_bodies_that_act_are_named_after_the_issuer(line: str, names: list[str]) -> None:
    assert list(notice(line).names) == ["青澜市临湖区科学技术协会", *names]


@pytest.mark.parametrize("line", ["由各单位负责组织。", "主办单位：市直学校、科研院所", "由相关部门负责。"])
def test_words_for_bodies_in_general_are_no_names(line: str) -> None:
    assert notice(line).names == ("青澜市临湖区科学技术协会",)


def test_the_cells_of_a_table_name_bodies() -> None:
    rows = (("任务", "责任部门"), ("科普讲座", "科学普及部"), ("人才举荐", "组织人事部"))
    grid = Grid(tuple(tuple(Cell(c) for c in row) for row in rows), header_rows=1)
    found = read_notice([Line("关于分工的通知"), Line("分工如下："), grid])
    assert {"科学普及部", "组织人事部"} <= set(found.names)


def test_places_are_read_from_issuer_names_and_addresses() -> None:
    found = notice("主办单位：石溪县科协、鹤山区科协", "地点：白渡县青山镇文化站")
    assert found.places == ("青澜市", "临湖区", "石溪县", "鹤山区", "白渡县", "青山镇")


def test_colleges_of_a_university_are_no_places() -> None:
    assert notice("承办单位：音乐学院、文学院", issuer="云麓大学学生工作处").places == ("云麓大学",)


def test_a_college_of_its_own_is_a_place() -> None:
    assert "青澜师范学院" in notice("承办单位：青澜师范学院").places


def test_a_body_below_the_heading_of_its_role_is_named() -> None:
    found = notice("一、主办单位", "云州市农学会", "二、承办单位：", "石溪县科协、苍岭市科技馆")
    assert {"云州市农学会", "石溪县科协", "苍岭市科技馆"} <= set(found.names)
