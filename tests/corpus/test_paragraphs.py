"""Wrapped lines are joined, whole documents on one line are parted, headings and items stay what they are."""

from corpus.blocks import Line
from corpus.notice import Clause, Notice, Section
from corpus.passages import passages
from corpus.tree import read_notice


def notice(*lines: str) -> Notice:
    return read_notice([Line(line) for line in lines])


def headings(section: Section) -> list[tuple[str, str]]:
    return [(s.number, s.heading) for s in section.sections]


WRAPPED = (
    "各县区科协要高度重视科学素质大赛的组织工作，广泛动员所属学会、企业、农技协、社",
    "区和学校积极参加，确保参赛人数不低于去年。对组织不力的单位予以通报，对表现突出",
    "的单位和个人给予表彰和奖励，名额另行通知，经费由各单位自行解决，所需场地由市科",
    "技馆统一安排，任何单位不得以任何名义向参赛人员收取费用，违者严肃处理并通报全市",
    "，请各单位于五月十日前报送名单。",
)


def test_lines_wrapped_to_a_column_are_one_paragraph() -> None:
    found = notice("关于举办大赛的通知", "各单位：", *WRAPPED)
    assert found.parts[0].body.content == (Clause("".join(WRAPPED)),)


def test_headings_and_items_are_not_swallowed_by_wrapped_lines() -> None:
    found = notice(
        "关于举办大赛的通知",
        "各单位：",
        "一、组织领导",
        *WRAPPED,
        "二、其他事项",
        "（一）请带证件；",
        "（二）请勿吸烟。",
    )
    body = found.parts[0].body
    assert headings(body) == [("一、", "组织领导"), ("二、", "其他事项")]
    assert [s.number for s in body.sections[1].sections] == ["（一）", "（二）"]


RUN_ON = (
    "一、选调范围和数量 2026年计划选调六十名，具体名单见附表，分配到各县工作。 另行招录的人员不列入选调范围，已签协议的毕业生也不列入。 "
    "二、选调条件 1．具有中国国籍，无境外永久居留权。 2．品行良好，身体健康，志愿到基层工作。 3．年龄在三十周岁以下，应届毕业。 "
    "三、选调程序 （一）推荐报名 由学校审核推荐，学生从网上下载填写登记表并签字。 （二）资格初审 由组织部门对报考人员的资格条件进行初审。 "
    "四、其他事宜 本次选调不收取任何费用，不指定辅导用书。"
)


def test_a_document_on_one_line_is_parted_into_its_sections() -> None:
    body = notice("云州市2026年选调公告", RUN_ON).parts[0].body
    assert [s.number for s in body.sections] == ["一、", "二、", "三、", "四、"]
    assert [s.number for s in body.sections[1].sections] == ["1．", "2．", "3．"]
    assert headings(body.sections[2]) == [("（一）", "推荐报名"), ("（二）", "资格初审")]


def test_a_label_with_its_value_on_one_line_is_heading_and_clause() -> None:
    (section,) = notice("关于论坛的通知", "三、活动时间：10月15日—11月20日").parts[0].body.sections
    assert (section.heading, section.content) == ("活动时间", (Clause("三、活动时间：10月15日—11月20日"),))


def test_the_sentence_that_leads_in_a_list_stands_in_the_path_of_its_items() -> None:
    found = notice(
        "关于评奖的通知",
        "一、申报条件",
        "申请人须符合下列条件：",
        "1．热爱科普工作，从业三年以上；",
        "2．没有不良记录，身体健康。",
    )
    item = next(p for p in passages(found) if p.text.startswith("1．"))
    assert item.path[-2:] == ("申报条件", "申请人须符合下列条件")
    assert item.locator == "一、1."


def test_contacts_after_the_last_section_stand_apart() -> None:
    found = notice("关于论坛的通知", "一、时间：5月1日", "二、请勿迟到。", "联系人：沈岚，电话：5550188")
    assert [s.number for s in found.parts[0].body.sections] == ["一、", "二、", ""]


def test_no_sentence_is_cut_within_brackets() -> None:
    text = "单人项目每项录取前八名（各项目不足三人的，合并分组；合并后仍不足的，取消该项目。），集体项目另行公布。"
    (section,) = notice("关于比赛的通知", f"（一）{text}").parts[0].body.sections
    assert section.heading == ""
    found = notice("关于比赛的通知", text + "请各单位遵照执行，认真组织，确保比赛安全有序。")
    assert [p.text for p in passages(found)] == [text, "请各单位遵照执行，认真组织，确保比赛安全有序。"]
