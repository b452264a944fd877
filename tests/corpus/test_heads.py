"""Title, number, issuer, date and addressees of a notice, wherever an office or a web page has put them."""

import pytest

from corpus.blocks import Cell, Grid, Line
from corpus.notice import Clause, Notice
from corpus.tree import read_notice


def notice(*lines: str) -> Notice:
    return read_notice([Line(line) for line in lines])


def clauses(found: Notice) -> list[str]:
    return [c.text for p in found.parts for s in p.body.walk() for c in s.content if isinstance(c, Clause)]


FOOT = ("请踊跃参加，名额有限。", "云州市科学技术协会", "2025年3月1日")


@pytest.mark.parametrize(
    "above",
    [
        "首页 > 通知公告 > 正文",
        "当前位置：首页>政务公开>政策文件",
        "云州大学学生中心 > 招聘 > 通知公告",
        "云州大学教务处",
    ],
)
def test_what_stands_above_a_title_is_not_glued_to_it(above: str) -> None:
    assert notice(above, "关于举办青年论坛的通知", "各学院：", *FOOT).title == "关于举办青年论坛的通知"


def test_a_title_over_several_lines_is_one() -> None:
    found = notice("云州大学教务处", "关于举办“书香云州”", "朗诵比赛的通知", "各学院：", *FOOT)
    assert found.title == "关于举办“书香云州”朗诵比赛的通知"
    assert found.recipients.value == "各学院"


@pytest.mark.parametrize(
    "title", ["云州市河湖管理条例", "云州市科技馆2025年收费公示表", "云州大学诚聘青年教师"]
)
def test_a_title_needs_no_words_of_its_own(title: str) -> None:
    assert notice(title, "本文件从三月一日起施行，各单位照此执行。").title == title


@pytest.mark.parametrize(
    "addressees",
    [
        "各镇（街道）科协，区直有关单位，各科普教育基地：",
        "各学院（系、所）：",
        "亲爱的观众朋友：",
        "有关企业：",
    ],
)
def test_addressees_are_no_clause(addressees: str) -> None:
    found = notice("关于举办青年论坛的通知", addressees, *FOOT)
    assert found.recipients.value == addressees.rstrip("：")
    assert clauses(found) == ["请踊跃参加，名额有限。"]


@pytest.mark.parametrize("lead", ["各单位要做到以下几点：", "各奖项标准如下："])
def test_a_sentence_that_leads_in_a_list_addresses_nobody(lead: str) -> None:
    assert notice("关于评奖的通知", lead, "一、公平。", "二、公开。").recipients.value == ""


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("教务字〔2025〕159 号", "教务字〔2025〕159号"),
        ("国办发明电〔2018〕15号", "国办发明电〔2018〕15号"),
        ("（2025）校字第8号", "〔2025〕校字第8号"),
        ("第12号", "第12号"),
        ("〔2025〕7号", "〔2025〕7号"),
    ],
)
def test_a_number_below_the_title_is_read_in_its_forms(line: str, number: str) -> None:
    assert notice("关于举办青年论坛的通知", line, "各学院：", *FOOT).doc_number.value == number


def test_a_number_that_a_page_break_put_into_the_text_is_taken_out_of_it() -> None:
    found = notice(
        "关于植树的通知",
        "各单位：",
        "三月组织植树。",
        "云林发〔2025〕8号",
        "请按时报名。",
        "云州市林业局",
        "2025年3月1日",
    )
    assert found.doc_number.value == "云林发〔2025〕8号"
    assert clauses(found) == ["三月组织植树。", "请按时报名。"]


def test_the_number_of_another_document_is_not_the_notices_own() -> None:
    found = notice("关于植树的通知", "根据《关于绿化的通知》（江林发〔2024〕3号）精神，请组织植树。")
    assert found.doc_number.value == ""


CATALOGUE = (
    ("索引号", "K-2025-01", "主题分类", "教育"),
    ("发文机关", "云州市教育局", "成文日期", "2025年2月1日"),
    ("发文字号", "云教发〔2025〕3号", "发布日期", "2025年2月5日"),
)


def test_a_catalogue_in_a_table_gives_facts_and_no_rows() -> None:
    grid = Grid(tuple(tuple(Cell(c) for c in row) for row in CATALOGUE))
    found = read_notice([grid, Line("关于放假的通知"), Line("各学校："), Line("放假三天，请注意安全。")])
    assert (found.doc_number.value, found.issuer.value, found.date.value) == (
        "云教发〔2025〕3号",
        "云州市教育局",
        "2025-02-01",
    )
    assert clauses(found) == ["放假三天，请注意安全。"]


def test_a_catalogue_in_lines_gives_facts_and_no_clauses() -> None:
    lines = [f"{row[i]}：{row[i + 1]}" for row in CATALOGUE for i in (0, 2)]
    found = notice(
        *lines, "标题：关于春季放假的通知", "关于春季放假的通知", "各学校：", "放假三天，请注意安全。"
    )
    assert (found.title, found.doc_number.value, found.date.value) == (
        "关于春季放假的通知",
        "云教发〔2025〕3号",
        "2025-02-01",
    )
    assert clauses(found) == ["放假三天，请注意安全。"]


@pytest.mark.parametrize(
    ("written", "day"),
    [("二〇二五年三月一日", "2025-03-01"), ("2025.3.1", "2025-03-01"), ("2025-03-01", "2025-03-01")],
)
def test_the_day_of_signing_is_read_in_its_spellings(written: str, day: str) -> None:
    assert notice("关于植树的通知", "请组织植树。", "云州市林业局", written).date.value == day


def test_a_signature_without_its_year_is_of_the_year_of_publication() -> None:
    found = notice(
        "寒假值班公告", "发布时间：2026-01-20 10:00", "寒假照常值班，请致电。", "研究生院", "1月26日"
    )
    assert found.date.value == "2026-01-26"


def test_all_who_sign_side_by_side_and_below_each_other_are_issuers() -> None:
    found = notice(
        "关于联合行动的通知", "请认真落实。", "云州市民政局　　云州市财政局", "云州市教育局", "2025年3月1日"
    )
    assert found.issuer.value == "云州市民政局、云州市财政局、云州市教育局"


def test_a_body_that_seals_for_another_is_not_the_issuer() -> None:
    found = notice(
        "关于检查的通知", "请认真落实。", "云州市绿化办公室", "（云州市林业局代章）", "2025年3月1日"
    )
    assert found.issuer.value == "云州市绿化办公室"


def test_a_regulation_is_of_the_day_of_its_last_amendment() -> None:
    found = notice(
        "云州市河湖管理条例",
        "（2019年5月6日云州市第八届人民代表大会常务委员会第三次会议通过　2023年7月8日修正）",
        "第一条 为了保护河湖，制定本条例。",
    )
    assert found.date.value == "2023-07-08"
    assert found.issuer.value == "云州市第八届人民代表大会常务委员会"


def test_an_order_is_of_the_government_that_it_names() -> None:
    found = notice("云州市人民政府令", "第12号", "《云州市养犬管理办法》已经通过，现予公布。", "2025年3月1日")
    assert (found.issuer.value, found.doc_number.value) == ("云州市人民政府", "第12号")


def test_copy_to_and_printing_line_are_no_clauses() -> None:
    found = notice(
        "关于检查的通知",
        "请认真落实。",
        "云州市民政局",
        "2025年3月1日",
        "抄送：市委办公室。",
        "云州市民政局办公室 2025年3月2日印发",
    )
    assert found.copy_to.value == "市委办公室。"
    assert clauses(found) == ["请认真落实。"]


def test_who_signs_short_is_named_as_the_head_names_it() -> None:
    found = notice(
        "云州大学教务部", "关于报名考试的通知", "各学院：", "请按时报名。", "教 务 部", "2025年3月10日"
    )
    assert found.issuer.value == "云州大学教务部"
