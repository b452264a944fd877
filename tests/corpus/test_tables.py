"""Tables of every shape become named columns: titles above them, two rows of names, forms, matrices, cells on lines."""

from corpus.blocks import Block, Cell, Grid, Line
from corpus.notice import Table
from corpus.tree import read_notice


def grid(*rows: tuple[str, ...], header_rows: int = 0) -> Grid:
    """A cell that begins with ^ is filled from a merged one."""
    return Grid(
        tuple(tuple(Cell(c.lstrip("^"), c.startswith("^")) for c in row) for row in rows), header_rows
    )


def table_in(*blocks: Block) -> Table:
    found = read_notice([Line("关于安排的通知"), Line("各单位："), Line("安排如下："), *blocks])
    (table,) = (t for p in found.parts for s in p.body.walk() for t in s.content if isinstance(t, Table))
    return table


def cells(table: Table) -> list[tuple[str, ...]]:
    return [row.cells for row in table.rows]


def test_a_title_row_names_the_table_and_not_its_columns() -> None:
    title = "科普讲座安排表"
    table = table_in(
        grid((title, f"^{title}", f"^{title}"), ("时间", "主讲", "地点"), ("9月3日", "高远", "报告厅"))
    )
    assert (table.title, table.header) == (title, ("时间", "主讲", "地点"))
    assert cells(table) == [("9月3日", "高远", "报告厅")]


def test_two_rows_of_names_are_one_header() -> None:
    table = table_in(
        grid(("单位", "名额", "^名额"), ("^单位", "教师", "学生"), ("一中", "3", "12"), ("二中", "2", "8"))
    )
    assert table.header == ("单位", "名额教师", "名额学生")
    assert cells(table) == [("一中", "3", "12"), ("二中", "2", "8")]


def test_a_form_of_labels_and_values_gives_a_row_each() -> None:
    table = table_in(
        grid(("申报单位", "云州市农学会", "联系人", "沈岚"), ("通讯地址", "云州市北街1号", "电话", "5550188"))
    )
    assert table.header == ("", "")
    assert cells(table)[:2] == [("申报单位", "云州市农学会"), ("联系人", "沈岚")]


def test_a_matrix_keeps_its_first_column_as_names_of_rows() -> None:
    table = table_in(grid(("", "周一", "周二"), ("上午", "党课", "英语"), ("下午", "数学", "体育")))
    assert table.header == ("", "周一", "周二")
    assert cells(table)[1] == ("下午", "数学", "体育")


def test_cells_on_lines_of_their_own_become_rows_again() -> None:
    lines = "日期 值班人 电话 5月1日 高远 5550101 5月2日 沈岚 5550102 5月3日 季明 5550103".split()
    table = table_in(*map(Line, lines), Line("请按时到岗，做好交接。"))
    assert table.header == ("日期", "值班人", "电话")
    assert cells(table) == [
        ("5月1日", "高远", "5550101"),
        ("5月2日", "沈岚", "5550102"),
        ("5月3日", "季明", "5550103"),
    ]


def test_names_that_span_columns_stand_above_both_halves_of_a_timetable() -> None:
    names = "上午 下午 场次（代码） 时间 场次（代码） 时间".split()
    rows = "场次1 08:30-9:00 场次4 13:30-14:00 场次2 09:15-9:45 场次5 14:15-14:45 -- -- 场次6 15:00-15:30".split()
    table = table_in(*map(Line, [*names, *rows]), Line("请提前到场，凭证件入场。"))
    assert table.header == ("上午场次（代码）", "上午时间", "下午场次（代码）", "下午时间")
    assert cells(table)[2] == ("--", "--", "场次6", "15:00-15:30")


def test_the_signature_below_cells_on_lines_is_none_of_them() -> None:
    names = "考生相关 开始时间 结束时间".split()
    rows = "资格查询 3月11日09:00 3月20日17:00 网上报名 3月23日12:00 3月30日17:00 准考证打印 6月5日09:00 6月12日09:00".split()
    table = table_in(*map(Line, [*names, *rows]), Line("教 务 部"), Line("2025年3月10日"))
    assert table.header == tuple(names)
    assert cells(table)[-1] == ("准考证打印", "6月5日09:00", "6月12日09:00")
