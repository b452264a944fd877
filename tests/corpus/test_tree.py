"""From the blocks of a file to the document tree: heads, numbering, tables, contacts, locators."""

from pathlib import Path

import pytest

from corpus.blocks import Block, Line
from corpus.notice import Notice, Table
from corpus.passages import PassageKind, passages
from corpus.readers import read
from corpus.tree import read_notice

SAMPLES = Path(__file__).parents[2] / "bot" / "samples" / "notices"
SHARED = Path(__file__).parents[3] / "shared" / "notices"
LARGEST = 50 << 20


def notice(text: str) -> Notice:
    return read_notice([Line(line) for line in text.split("\n")])


def sample(name: str) -> Notice:
    return read_notice(read(SAMPLES / name, LARGEST))


def only_table(found: Notice) -> Table:
    tables = [c for p in found.parts for s in p.body.walk() for c in s.content if isinstance(c, Table)]
    assert len(tables) == 1
    return tables[0]


def test_the_head_gives_number_title_issuer_recipients_and_date() -> None:
    found = sample("01-work-plan.txt")
    assert found.doc_number.value == "云科协发〔2025〕12号"
    assert found.title == "关于印发《“科技暖心”品牌建设工作方案》的通知"
    assert found.issuer.value == "云州市科学技术协会"
    assert found.date.value == "2025-03-18"
    assert found.recipients.value.startswith("各区县科协")
    assert found.attachments == ("“科技暖心”品牌建设重点任务清单",)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("云科协发[2025]12号", "云科协发〔2025〕12号"),
        ("云科协发（2025） 12 号", "云科协发〔2025〕12号"),
        ("2025年第3号", "2025年第3号"),
    ],
)
def test_a_document_number_is_read_in_the_forms_that_offices_type(written: str, number: str) -> None:
    found = notice(f"{written}\n关于放假的通知\n各单位：\n现将有关事项通知如下。\n办公室\n2025年1月2日")
    assert found.doc_number.value == number


def test_a_number_below_the_title_is_the_notices_own() -> None:
    assert sample("06-video-call.txt").doc_number.value == "云科协发〔2025〕27号"


def test_a_date_in_chinese_numerals_is_read() -> None:
    found = notice("关于放假的通知\n各单位：\n放假三天。\n市科协\n二〇二五年十月一日")
    assert found.date.value == "2025-10-01"


def test_a_notice_without_number_or_date_is_still_read() -> None:
    found = notice("关于食堂开放的说明\n食堂每天开放，欢迎就餐。")
    assert found.title == "关于食堂开放的说明"
    assert (found.doc_number.value, found.date.value) == ("", "")


def test_a_flattened_table_becomes_rows_with_named_columns_again() -> None:
    table = only_table(sample("01-work-plan.txt"))
    assert table.header == ("序号", "类别", "重点任务", "责任部室（单位）")
    assert len(table.rows) == 18
    assert table.rows[5].cells == (
        "6",
        "以科学普及惠民生",
        "推动科普大篷车进乡村、进校园、进社区。",
        "科学技术普及部",
    )


def test_column_names_repeated_by_a_page_break_are_no_row() -> None:
    assert [r.cells[0] for r in only_table(sample("01-work-plan.txt")).rows] == [str(n) for n in range(1, 19)]


def test_cells_on_lines_without_tabs_become_rows_too() -> None:
    text = "任务分工\n序号\n任务\n责任部门\n1\n建站\n甲部\n2\n办班\n乙部\n3\n评奖\n甲部、丙部\n"
    table = only_table(notice(text))
    assert [r.cells for r in table.rows] == [
        ("1", "建站", "甲部"),
        ("2", "办班", "乙部"),
        ("3", "评奖", "甲部、丙部"),
    ]


def test_a_merged_cell_of_a_word_table_counts_for_each_of_its_rows() -> None:
    table = only_table(sample("02-events.docx"))
    assert [r.cells[0] for r in table.rows] == ["5月", "5月", "7月", "9月", "11月"]
    assert table.rows[1].cells[1:4] == ("实验室开放日", "云州大学", "学会学术部")


def test_a_row_that_spans_rows_of_a_web_table_counts_for_each() -> None:
    table = only_table(sample("03-award-selection.html"))
    assert table.rows[1].cells == ("区县科协", "望山县科协", "2名")


def test_navigation_and_footer_of_a_web_page_are_left_out() -> None:
    text = "".join(p.text for p in passages(sample("03-award-selection.html")))
    assert "首页" not in text
    assert "版权所有" not in text


def test_sections_nest_by_their_numbering() -> None:
    found = notice(
        "方案\n一、任务\n（一）学习。要学习好。\n1.读书。多读书。\n（二）宣传。要宣传好。\n二、要求\n专栏1：行动\n1.行。走路。\n（一）保障。要保障好。"
    )
    body = found.parts[-1].body
    assert [s.number for s in body.sections] == ["一、", "二、"]
    assert [s.number for s in body.sections[0].sections] == ["（一）", "（二）"]
    assert body.sections[0].sections[0].sections[0].number == "1."
    assert [s.number for s in body.sections[1].sections] == ["专栏1", "（一）"]


def test_articles_lie_in_their_chapters() -> None:
    found = sample("04-funding-rules.pdf")
    chapters = found.parts[-1].body.sections
    assert [c.number for c in chapters] == ["第一章", "第二章", "第三章", "第四章"]
    assert [a.number for a in chapters[1].sections] == ["第三条", "第四条", "第五条"]


def test_a_paragraph_cut_by_a_page_is_one_again() -> None:
    lines = "为深入贯彻落实关于科技创新的各项决策部署，现就有关工作提出如下意见，请认真学习领会，切\n\n实抓好落实。"
    assert "切实抓好落实" in passages(notice(f"关于工作的意见\n{lines}"))[0].text


def test_contacts_on_lines_side_by_side_belong_together() -> None:
    contact = sample("06-video-call.txt").contacts[-1]
    assert contact.names == ("沈岚", "邓亦飞")
    assert contact.phones == ("（0999）5550146", "5550147")
    assert contact.emails == ("video@yzkx.example.org",)


@pytest.mark.parametrize(
    ("name", "locator", "words"),
    [
        ("01-work-plan.txt", "附件 第7项", "我眼中的科学"),
        ("07-opinion.txt", "二、（一）2.", "打造一批品牌活动"),
        ("04-funding-rules.pdf", "第二章第四条", "学术会议每项资助"),
        ("09-literacy-plan.txt", "一、专栏1 2.", "组建社区科普团队"),
        ("06-video-call.txt", "文末第1段", "沈  岚"),
    ],
)
def test_a_passage_knows_its_place(name: str, locator: str, words: str) -> None:
    assert any(p.locator == locator and words in p.text for p in passages(sample(name)))


def source_text(blocks: list[Block]) -> str:
    texts = [b.text if isinstance(b, Line) else "".join(c.text for r in b.rows for c in r) for b in blocks]
    return "".join("".join(texts).split())


@pytest.mark.parametrize("file", sorted(SAMPLES.iterdir()), ids=lambda f: f.name)
def test_every_passage_of_the_samples_stands_word_for_word_in_its_source(file: Path) -> None:
    assert_word_for_word(file)


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/notices")
def test_every_passage_of_the_real_notices_stands_word_for_word_in_its_source() -> None:
    for file in SHARED.glob("*.txt"):
        assert_word_for_word(file)


def assert_word_for_word(file: Path) -> None:
    blocks = read(file, LARGEST)
    source = source_text(blocks)
    found = passages(read_notice(blocks))
    assert found
    for passage in found:
        if passage.kind is not PassageKind.ROW:
            assert "".join(passage.text.split()) in source


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/notices")
def test_the_25_tasks_of_the_real_table_have_their_departments() -> None:
    table = only_table(read_notice(read(next(SHARED.glob("004_*.txt")), LARGEST)))
    assert len(table.rows) == 25
    assert all(all(cell for cell in row.cells) for row in table.rows)
