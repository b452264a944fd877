"""Builds a file of every format from one invented notice, with the programs that offices use.

python-docx, openpyxl and python-pptx write the new office formats, LibreOffice the old ones and a PDF, Chromium
prints a PDF, Pillow renders what a scanner or a telephone would give.
"""

import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import docx
import openpyxl
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from openpyxl.styles import Font
from PIL import Image, ImageDraw, ImageFont
from pptx import Presentation
from pptx.util import Cm

Fixture = Callable[[str], Path]
"""Makes a file by its name."""
SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FONT = next(
    (
        p
        for p in map(
            Path,
            (
                "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
                "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
            ),
        )
        if p.exists()
    ),
    None,
)

NUMBER = "云科协发〔2025〕31号"
TITLE = "关于印发2025年科普行动计划的通知"
DEPARTMENTS = ("科学技术普及部", "学会学术部", "宣传文化部", "组织人事部", "青少年科技中心")
TASKS = (
    "举办科普讲解大赛", "建设社区科普馆", "开展院士进校园", "组织科普电影周", "编印科普年历", "评选科普使者",
    "修缮天文台圆顶", "开放重点实验室", "举办机器人表演赛", "组织老年数字课堂", "开展食品安全宣讲", "举办园艺科普日",
    "建设科普小院", "组织农技大集", "举办航模锦标赛", "开展防震演练", "组织观鸟活动", "举办数学文化节",
    "开展河湖水质监测", "评选科普图书", "组织医学义诊", "举办青年论坛", "开展碳中和展览", "组织候鸟观测营",
    "举办化学魔术秀", "开展航天讲座", "组织地质研学", "建设海洋展厅", "举办科幻征文", "开展垃圾分类竞赛",
)  # fmt: skip
GROUPS = ("科普活动", "科普设施", "科普创作")


def rows() -> list[tuple[str, str, str, str, str]]:
    """Number, category, task, department in charge, department that helps."""
    return [
        (str(n), GROUPS[(n - 1) // 10], f"{task}。", DEPARTMENTS[n % 5], DEPARTMENTS[(n + 2) % 5])
        for n, task in enumerate(TASKS, 1)
    ]


LONG = (
    "各单位要把科普行动摆上重要位置，主要负责同志亲自过问，分管负责同志具体落实，明确责任人和时间表，统筹用好场地、"
    "经费和志愿者力量，做到月初有安排、月中有检查、月末有小结，确保行动计划按期完成，年底前报送书面总结。"
)


def word() -> Document:
    """The notice as Word would have it: generated numbers, merged cells, a text box, a note, deleted text, page furniture."""
    document = docx.Document()
    section = document.sections[0]
    section.header.paragraphs[0].text = "云州市科学技术协会内部刊头"
    section.footer.paragraphs[0].text = "第 1 页"
    _abstract_lists(document)
    for text in ("000123", "特急", "云州市科学技术协会文件", NUMBER, TITLE):
        document.add_paragraph(text).alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.add_paragraph("各区县科协，各市级学会：")
    _indented(document, "现将2025年科普行动计划印发给你们，请认真组织实施。")
    _numbered(document, "总体安排", 0)
    _indented(document, LONG)
    _numbered(document, "实施时间", 1)
    changed = _indented(document, "行动自2025年4月1日起，")
    _deleted(changed, "至2025年9月30日止。")
    _inserted(changed, "至2025年11月30日止。")
    _numbered(document, "经费标准", 1)
    noted = _indented(document, "每个项目补助3万元。")
    _numbered(document, "工作要求", 0)
    _indented(document, "请于2025年3月20日前报送实施方案。")
    _text_box(noted, "项目咨询热线：0999-5550177")
    document.add_paragraph("附件：2025年科普行动任务分工表")
    document.add_paragraph("联 系 人：沈  岚    电  话：5550188")
    for text in ("云州市科学技术协会", "2025年3月6日"):
        document.add_paragraph(text).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    document.add_page_break()
    document.add_paragraph("附件")
    document.add_paragraph("2025年科普行动任务分工表").alignment = WD_ALIGN_PARAGRAPH.CENTER
    _table(document)
    return document


def _indented(document: Document, text: str) -> docx.text.paragraph.Paragraph:
    paragraph = document.add_paragraph(text)
    paragraph.paragraph_format.first_line_indent = Cm(0.85)
    return paragraph


def _abstract_lists(document: Document) -> None:
    """A list whose levels print 一、 and （一）, in the numbering part that every new document has."""
    levels = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:suff w:val="nothing"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for n, text in enumerate(("%1、", "（%2）"))
    )
    numbering = document.part.numbering_part.element
    abstract = parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="90">{levels}</w:abstractNum>')
    numbering.insert(0, abstract)
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))


def _numbered(document: Document, text: str, level: int) -> None:
    paragraph = document.add_paragraph(text)
    paragraph._p.get_or_add_pPr().append(
        parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="90"/></w:numPr>')
    )


_REVISION = 'w:id="7" w:author="a" w:date="2025-01-01T00:00:00Z"'


def _deleted(paragraph: docx.text.paragraph.Paragraph, text: str) -> None:
    paragraph._p.append(
        parse_xml(f"<w:del {nsdecls('w')} {_REVISION}><w:r><w:delText>{text}</w:delText></w:r></w:del>")
    )


def _inserted(paragraph: docx.text.paragraph.Paragraph, text: str) -> None:
    paragraph._p.append(parse_xml(f"<w:ins {nsdecls('w')} {_REVISION}><w:r><w:t>{text}</w:t></w:r></w:ins>"))


def _text_box(paragraph: docx.text.paragraph.Paragraph, text: str) -> None:
    """A box in the old form (VML) that Word, WPS and LibreOffice all read."""
    paragraph._p.append(
        parse_xml(
            f'<w:r {nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml"><w:pict>'
            '<v:shape style="width:200pt;height:40pt;position:absolute;margin-top:600pt" type="#_x0000_t202"><v:textbox><w:txbxContent>'
            f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
        )
    )


def _table(document: Document) -> None:
    """Thirty rows over several pages: a header of two rows that is repeated, a category merged over ten rows each."""
    table = document.add_table(rows=2, cols=5, style="Table Grid")
    for row, names in zip(
        table.rows,
        (("序号", "类别", "重点任务", "责任分工", ""), ("", "", "", "牵头部门", "配合部门")),
        strict=True,
    ):
        row._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
        for cell, name in zip(row.cells, names, strict=True):
            cell.text = name
    for column in range(3):
        table.cell(0, column).merge(table.cell(1, column))
    table.cell(0, 3).merge(table.cell(0, 4))
    for values in rows():
        for cell, value in zip(table.add_row().cells, values, strict=True):
            cell.text = value
    for start in (2, 12, 22):
        for row in range(start + 1, start + 10):
            table.cell(row, 1).text = ""
        table.cell(start, 1).merge(table.cell(start + 9, 1)).text = GROUPS[start // 10]
    for row in table.rows:
        for cell in row.cells:
            cell.text = cell.text.strip()


def word_bytes() -> bytes:
    buffer = io.BytesIO()
    word().save(buffer)
    return buffer.getvalue()


def workbook_bytes() -> bytes:
    """Two sheets: a title over all columns, a header of two rows, dates and shares as shown; and a list of contacts."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "讲座安排"
    sheet.append(["云州市科协2025年科普讲座安排表"])
    sheet.merge_cells("A1:F1")
    sheet.append(["序号", "讲座", None, "时间", "经费", None])
    sheet.append([None, "题目", "主讲人", None, "金额（元）", "市级承担比例"])
    for span in ("A2:A3", "B2:C2", "D2:D3", "E2:F2"):
        sheet.merge_cells(span)
    lectures = (
        (1, "走近北斗", "高远", date(2025, 5, 18), 12000, 0.6),
        (2, "食物的旅行", "林若", date(2025, 6, 7), 8500, 0.55),
        (3, "黑洞之外", "高远", date(2025, 9, 20), 15000, 0.75),
    )
    for lecture in lectures:
        sheet.append(lecture)
    for row in range(4, 7):
        sheet.cell(row, 4).number_format = 'm"月"d"日"'
        sheet.cell(row, 5).number_format = "#,##0"
        sheet.cell(row, 6).number_format = "0%"
    sheet.append(["注：讲座面向全体会员，免费参加。"])
    people = workbook.create_sheet("联系方式")
    for row in (
        ("部门", "联系人", "电话"),
        ("科学技术普及部", "马立新", "0999-5550121"),
        ("学会学术部", "苏敏", "0999-5550122"),
    ):
        people.append(row)
    people["A1"].font = Font(bold=True)
    workbook.create_sheet("草稿").sheet_state = "hidden"
    workbook["草稿"].append(["不该读到", "的内容"])
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def slides_bytes() -> bytes:
    presentation = Presentation()
    title = presentation.slides.add_slide(presentation.slide_layouts[0])
    title.shapes.title.text = "2025年科技夏令营说明会"
    title.placeholders[1].text = "云州市青少年科技中心"
    content = presentation.slides.add_slide(presentation.slide_layouts[5])
    content.shapes.title.text = "营期安排"
    table = content.shapes.add_table(4, 3, Cm(2), Cm(5), Cm(20), Cm(6)).table
    cells = (
        ("营地", "营期", "名额"),
        ("望山营", "7月10日至7月16日", "60名"),
        ("", "7月20日至7月26日", "45名"),
        ("临江营", "8月1日至8月7日", "80名"),
    )
    for y, row in enumerate(cells):
        for x, text in enumerate(row):
            table.cell(y, x).text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    text = presentation.slides.add_slide(presentation.slide_layouts[1])
    text.shapes.title.text = "报名办法"
    text.placeholders[1].text = "报名截止时间为2025年6月15日。\n每名营员收费1200元。"
    buffer = io.BytesIO()
    presentation.save(buffer)
    return buffer.getvalue()


CSV = "区县,科普员名额,联系电话\n临江区,12名,5550201\n望山县,8名,5550202\n白水县,5名,5550203\n".encode(
    "gb18030"
)

PAGE = """<!DOCTYPE html><html><head><meta charset="gb2312"><title>关于开展2025年科技志愿服务的通知_通知公告_云州市科学技术协会</title>
<style>table.data{border-collapse:collapse} table.data td,table.data th{border:1px solid #000;padding:4px}</style><script>var a=1;</script></head><body>
<div class="top"><a href="#">无障碍阅读</a> | <a href="#">繁体版</a> | <a href="#">登录</a></div>
<div class="menu"><ul><li><a href="/">首页</a></li><li><a href="/a">机构概况</a></li><li><a href="/b">通知公告</a></li></ul></div>
<table width="1000" border="0"><tr><td width="220"><table><tr><td>栏目导航</td></tr><tr><td><a href="#">工作动态</a></td></tr></table></td>
<td><div class="crumb">当前位置：<a href="/">首页</a> &gt; <a href="/b">通知公告</a> &gt; 正文</div>
<h1>关于开展2025年科技志愿服务的通知</h1>
<div class="info"><span>发布时间：2025-04-10 09:30</span> <span>来源：科普部</span> <span>浏览次数：128</span> <a>【打印本页】</a> <a>【关闭窗口】</a></div>
<div class="share">分享到：<a>微信</a><a>微博</a><a>QQ空间</a></div>
<div id="zoom" class="TRS_Editor"><p align="center">云科协发〔2025〕20号</p><p>各区县科协、各市级学会：</p>
<p>&nbsp;&nbsp;&nbsp;&nbsp;为弘扬科技志愿服务精神，决定开展2025年科技志愿服务。<br>&nbsp;&nbsp;现将有关事项通知如下。</p>
<p>　　一、服务时间</p><p>　　2025年5月至10月。</p><p>　　二、服务安排</p>
<table class="data"><tr><th rowspan="2">序号</th><th rowspan="2">服务项目</th><th colspan="2">责任分工</th></tr><tr><th>牵头部门</th><th>配合单位</th></tr>
<tr><td>1</td><td>科普进校园</td><td rowspan="2">科学技术普及部</td><td>青少年科技中心</td></tr><tr><td>2</td><td>科普进社区</td><td>临江区科协</td></tr>
<tr><td>3</td><td>义诊咨询</td><td>学会学术部</td><td>市医学会</td></tr></table>
<p>　　联 系 人：周敏&nbsp;&nbsp;电话：5550166</p>
<p align="right">云州市科学技术协会<br>2025年4月9日</p><p>附件：<a href="/files/P0202504.doc">科技志愿服务申报表.doc</a></p></div>
<div>责任编辑：李明</div><div>上一篇：<a>关于评选的通知</a><br>下一篇：<a>关于培训的通知</a></div></td></tr></table>
<div class="foot"><p>主办单位：云州市科学技术协会 地址：云州市人民路1号 电话：0999-5550100</p><p>版权所有 备案号：云ICP备12345678号 网站标识码：9900000012</p></div></body></html>"""

SCAN = (
    ("云州市科学技术协会文件", 58, "red", "centre"),
    ("云科协发〔2025〕46号", 30, "black", "centre"),
    ("关于举办科普摄影比赛的通知", 38, "black", "centre"),
    ("各区县科协，各市级学会：", 30, "black", "left"),
    ("　　为展示科普工作成果，决定举办2025年云州市科普摄影比", 30, "black", "left"),
    ("赛。现将有关事项通知如下。", 30, "black", "left"),
    ("　　一、征集时间", 30, "black", "left"),
    ("　　作品征集截止时间为2025年8月31日。", 30, "black", "left"),
    ("　　二、奖项设置", 30, "black", "left"),
)
SCAN_TABLE = (
    ("奖项", "名额", "奖金"),
    ("一等奖", "3名", "5000元"),
    ("二等奖", "6名", "3000元"),
    ("三等奖", "10名", "1000元"),
)
SCAN_FOOT = (
    ("　　联系人：苏敏　　电话：5550122", "left"),
    ("云州市科学技术协会", "right"),
    ("2025年6月3日", "right"),
)


def scan() -> Image.Image:
    """An A4 page at 150 dots an inch, with a red head and a ruled table."""
    image = Image.new("RGB", (1240, 1754), "white")
    draw = ImageDraw.Draw(image)
    y = 110.0
    for text, size, colour, place in SCAN:
        x = (1240 - draw.textlength(text, _font(size))) / 2 if place == "centre" else 150
        draw.text((x, y), text, font=_font(size), fill=colour)
        y += size * 1.75
    for r, row in enumerate(SCAN_TABLE):
        for c, text in enumerate(row):
            box = (180 + c * 290, y + 10 + r * 60, 180 + (c + 1) * 290, y + 70 + r * 60)
            draw.rectangle(box, outline="black", width=2)
            draw.text(
                ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2),
                text,
                font=_font(28),
                fill="black",
                anchor="mm",
            )
    y += 300
    for text, place in SCAN_FOOT:
        x = 1060 - draw.textlength(text, _font(30)) if place == "right" else 150
        draw.text((x, y), text, font=_font(30), fill="black")
        y += 54
    draw.line((150, 250, 1090, 250), fill="red", width=4)
    _stamp(draw, 960, y - 70)
    return image


def _stamp(draw: ImageDraw.ImageDraw, x: float, y: float) -> None:
    """A round seal over issuer and date."""
    draw.ellipse((x - 115, y - 115, x + 115, y + 115), outline=(215, 30, 30), width=7)
    draw.regular_polygon((x, y, 34), 5, fill=None, outline=(215, 30, 30))


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT), size, index=2)


def photograph() -> Image.Image:
    """The page as a telephone sees it: askew, grey, not quite sharp."""
    paper = scan().rotate(2.5, expand=True, fillcolor=(205, 200, 190), resample=Image.Resampling.BICUBIC)
    return Image.blend(paper, Image.new("RGB", paper.size, (150, 140, 120)), 0.15)


def image_bytes(image: Image.Image, form: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **({"quality": 80} if form in ("JPEG", "WEBP") else {}))
    return buffer.getvalue()


def mail_bytes() -> bytes:
    """A mail that says something itself, with the notice and a picture of a signature attached."""
    message = EmailMessage()
    message["Subject"] = "关于调整科普讲座时间的通知"
    message["From"] = "科普部 <kepu@yzkx.example.org>"
    message["To"] = "members@yzkx.example.org"
    message["Date"] = format_datetime(datetime(2025, 5, 9, 17, 30, tzinfo=timezone(timedelta(hours=8))))
    message.set_content(
        "各位会员：\n原定5月18日的“走近北斗”讲座调整到5月25日下午2点在云州科技馆举行。\n联系人：马立新  电话：5550121\n"
    )
    message.add_attachment(
        word_bytes(), maintype="application", subtype="octet-stream", filename="科普行动计划.docx"
    )
    return message.as_bytes()


def archive_bytes() -> bytes:
    """As a Chinese Windows packs it: names in GB18030 without a mark; folders, a film, an archive within."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("quota.csv", CSV)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_as_windows_names("通知/科普行动计划.docx"), word_bytes())
        archive.writestr(_as_windows_names("通知/讲座安排.xlsx"), workbook_bytes())
        archive.writestr(_as_windows_names("名额.zip"), inner.getvalue())
        archive.writestr("film.mp4", b"\0" * 1000)
    return buffer.getvalue()


def _as_windows_names(name: str) -> zipfile.ZipInfo:
    """Python writes what is no ASCII as UTF-8; a name in the old code page is written as it is."""

    class Info(zipfile.ZipInfo):
        def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802
            return name.encode("gb18030"), 0

    return Info(name)


def converted(content: bytes, suffix: str, to: str, folder: Path) -> bytes:
    """What LibreOffice makes of a document."""
    source = folder / f"document{suffix}"
    source.write_bytes(content)
    profile = (folder / "profile").as_uri()
    command = [str(SOFFICE), f"-env:UserInstallation={profile}", "--headless", "--norestore"]
    subprocess.run(
        [*command, "--convert-to", to, "--outdir", str(folder / "out"), str(source)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return (folder / "out" / f"document.{to.split(':')[0]}").read_bytes()


def printed_by_browser(page: str, folder: Path) -> bytes:
    """A page as Chromium prints it, with its running head and foot."""
    (folder / "page.html").write_bytes(page.encode("gb18030"))
    command = [
        str(CHROMIUM),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={folder / 'chromium'}",
    ]
    subprocess.run(
        [*command, f"--print-to-pdf={folder / 'page.pdf'}", (folder / "page.html").as_uri()],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return (folder / "page.pdf").read_bytes()


MAKERS: dict[str, Callable[[Path], bytes]] = {
    "plan.docx": lambda folder: word_bytes(),
    "plan.doc": lambda folder: converted(word_bytes(), ".docx", "doc", folder),
    "plan.wps": lambda folder: converted(word_bytes(), ".docx", "doc", folder),
    "plan.odt": lambda folder: converted(word_bytes(), ".docx", "odt", folder),
    "plan.rtf": lambda folder: converted(word_bytes(), ".docx", "rtf", folder),
    "plan.pdf": lambda folder: converted(word_bytes(), ".docx", "pdf", folder),
    "lectures.xlsx": lambda folder: workbook_bytes(),
    "lectures.xls": lambda folder: converted(workbook_bytes(), ".xlsx", "xls", folder),
    "lectures.ods": lambda folder: converted(workbook_bytes(), ".xlsx", "ods", folder),
    "camp.pptx": lambda folder: slides_bytes(),
    "camp.ppt": lambda folder: converted(slides_bytes(), ".pptx", "ppt", folder),
    "camp.odp": lambda folder: converted(slides_bytes(), ".pptx", "odp", folder),
    "科普员名额分配表.csv": lambda folder: CSV,
    "volunteers.html": lambda folder: PAGE.encode("gb18030"),
    "volunteers-printed.pdf": lambda folder: printed_by_browser(PAGE, folder),
    "contest.png": lambda folder: image_bytes(scan(), "PNG"),
    "contest.jpg": lambda folder: image_bytes(photograph(), "JPEG"),
    "contest-scanned.pdf": lambda folder: image_bytes(scan(), "PDF"),
    "contest.tif": lambda folder: image_bytes(scan(), "TIFF"),
    "mail.eml": lambda folder: mail_bytes(),
    "通知.zip": lambda folder: archive_bytes(),
}
"""The files that questions are asked of."""


def _text_bytes() -> bytes:
    lines = ["云科协发〔2025〕31号", TITLE, "各区县科协：", LONG, "\t序号", "\t任务", "\t责任部门"]
    lines += [f"\t{cell}" for number, _, task, department, _ in rows() for cell in (number, task, department)]
    return "\n".join(lines).encode("gb18030")


def _markdown_bytes() -> bytes:
    cells = "\n".join(f"|{'|'.join(row)}|" for row in rows())
    return f"# {TITLE}\n\n## 一、总体安排\n\n1. {LONG}\n\n|序号|类别|任务|牵头|配合|\n|-|-|-|-|-|\n{cells}\n".encode()


def _small_scan() -> Image.Image:
    return scan().crop((140, 90, 1100, 420)).resize((640, 220))


MORE: dict[str, Callable[[Path], bytes]] = {
    "plan.txt": lambda folder: _text_bytes(),
    "plan.md": lambda folder: _markdown_bytes(),
    "small.png": lambda folder: image_bytes(_small_scan(), "PNG"),
    "small.jpg": lambda folder: image_bytes(_small_scan(), "JPEG"),
    "small.tif": lambda folder: image_bytes(_small_scan(), "TIFF"),
    "small.bmp": lambda folder: image_bytes(_small_scan(), "BMP"),
    "small.webp": lambda folder: image_bytes(_small_scan(), "WEBP"),
    "small-scanned.pdf": lambda folder: image_bytes(_small_scan(), "PDF"),
}
"""Files that are only damaged: formats that need no program, and pictures that are recognised quickly."""

CONVERTED = frozenset(
    (
        "plan.doc",
        "plan.wps",
        "plan.odt",
        "plan.rtf",
        "plan.pdf",
        "lectures.xls",
        "lectures.ods",
        "camp.ppt",
        "camp.odp",
    )
)
PICTURES = frozenset(
    (*(n for n in MORE if n.startswith("small")), *(n for n in MAKERS if n.startswith("contest")))
)
