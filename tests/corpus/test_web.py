"""Web pages: the text without the site, as government sites and WeChat really build their pages."""

import building
import pytest

from corpus.blocks import Block, Grid, Line
from corpus.readers import web
from corpus.readers.source import Source, Tools


def texts(found: list[Block]) -> list[str]:
    return [b.text for b in found if isinstance(b, Line)]


@pytest.fixture(scope="module")
def page() -> list[Block]:
    return list(web.read(Source("a.html", building.PAGE.encode("gb18030")), Tools()).blocks)


def test_nothing_of_the_site_is_left(page: list[Block]) -> None:
    text = "".join(texts(page))
    for word in (
        "首页",
        "栏目导航",
        "当前位置",
        "打印",
        "分享",
        "浏览",
        "责任编辑",
        "上一篇",
        "备案",
        "无障碍",
        "5550100",
    ):
        assert word not in text


def test_date_title_and_number_are_kept(page: list[Block]) -> None:
    assert texts(page)[:3] == [
        "发布时间：2025-04-10 09:30",
        "关于开展2025年科技志愿服务的通知",
        "云科协发〔2025〕20号",
    ]


def test_an_attachment_is_named(page: list[Block]) -> None:
    assert texts(page)[-1] == "附件：科技志愿服务申报表.doc"


def test_a_table_within_a_layout_of_tables_is_a_table_with_two_header_rows(page: list[Block]) -> None:
    (grid,) = (b for b in page if isinstance(b, Grid))
    assert grid.header_rows == 2
    assert [c.text for c in grid.rows[3]] == ["2", "科普进社区", "科学技术普及部", "临江区科协"]


def test_a_page_without_any_marks_is_read_where_its_prose_is() -> None:
    found = web.blocks(
        "<html><body><div><a>首页</a><a>新闻</a><a>公告</a></div><div><div><p>关于放假的通知</p>"
        "<p>根据上级安排，现将放假事项通知如下，请各单位遵照执行。</p><p>放假三天，请注意安全。</p></div></div>"
        "<div><a>友情链接</a><a>中国科协</a><a>省科协</a></div></body></html>"
    )
    assert texts(found)[0] == "关于放假的通知"
    assert not any("首页" in t or "友情链接" in t for t in texts(found))


def test_an_article_of_wechat_is_read() -> None:
    found = web.blocks(
        '<html><head><title>讲座预告</title></head><body><div id="js_article"><h1>讲座预告：走近北斗</h1>'
        '<div id="js_content" style="visibility: hidden"><section><section><span>时间：</span><span>5月18日9:00</span></section>'
        "<p>地点：云州科技馆报告厅，欢迎参加。</p></section></div></div><div>微信扫一扫关注该公众号</div></body></html>"
    )
    assert texts(found) == ["讲座预告：走近北斗", "时间：5月18日9:00", "地点：云州科技馆报告厅，欢迎参加。"]


def test_hidden_parts_and_menus_within_the_text_are_left_out() -> None:
    found = web.blocks(
        '<article><p>放假三天，请注意安全。</p><p style="display: none">草稿</p>'
        "<ul><li><a href='/1'>关于一</a></li><li><a href='/2'>关于二</a></li><li><a href='/3'>关于三</a></li></ul></article>"
    )
    assert texts(found) == ["放假三天，请注意安全。"]


def test_a_list_of_attachments_is_no_menu() -> None:
    links = "".join(f"<li><a href='/f{n}.doc'>附件{n}</a></li>" for n in (1, 2, 3))
    assert texts(web.blocks(f"<article><p>请填写下列各表，按时报送。</p><ul>{links}</ul></article>"))[1:] == [
        "附件1",
        "附件2",
        "附件3",
    ]
