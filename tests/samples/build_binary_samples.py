"""Writes the two sample notices that are no text files. Run once after changing them:

.venv/bin/python tests/samples/build_binary_samples.py
"""

from pathlib import Path

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

NOTICES = Path(__file__).parents[2] / "bot" / "samples" / "notices"

EVENTS = [
    ("5月", "科技活动周启动仪式", "云州科技馆广场", "科学技术普及部", "马立新 5550121"),
    ("5月", "实验室开放日", "云州大学", "学会学术部", "苏敏 5550122"),
    ("7月", "青少年科技夏令营", "望山县科技小院", "青少年科技中心", "彭宇 5550123"),
    ("9月", "全国科普日主会场活动", "临江区滨江公园", "科学技术普及部", "马立新 5550121"),
    ("11月", "云州青年科学家论坛", "云州会议中心", "学会学术部", "苏敏 5550122"),
]

RULES = [
    "云州市科学技术协会文件",
    "云科协发〔2024〕22号",
    "关于印发《云州市学会资助资金管理办法》的通知",
    "各市级学会：",
    "    现将《云州市学会资助资金管理办法》印发给你们，请遵照执行。",
    "云州市科学技术协会",
    "2024年4月15日",
    "",
    "云州市学会资助资金管理办法",
    "第一章 总则",
    "第一条 为规范学会资助资金管理，提高资金使用效益，制定本办法。",
    "第二条 资助资金由市科协学会学术部负责管理，市科协计划财务部负责监督。",
    "第二章 资助范围和标准",
    "第三条 资助范围包括学术会议、科普活动和科技服务三类项目。",
    "第四条 学术会议每项资助不超过5万元，科普活动每项资助不超过3万元。",
    "第五条 资助额度不得超过项目总经费的60%。",
    "第三章 申报和审批",
    "第六条 每年3月1日至3月31日受理申报，4月底前公布结果。",
    "第七条 项目由学会学术部初审，市科协党组审定。",
    "第八条 项目完成后30日内提交结题报告和经费决算表。",
    "第四章 附则",
    "第九条 本办法自2024年5月1日起施行。",
]


def write_word(path: Path) -> None:
    document = docx.Document()
    for text in ("云科协发〔2025〕15号", "关于印发2025年度重点科普活动安排的通知"):
        document.add_paragraph(text).alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.add_paragraph("各区县科协，机关各部室：")
    document.add_paragraph(
        "现将2025年度重点科普活动安排印发给你们，请按照分工组织实施，活动结束后10个工作日内报送总结。"
    )
    document.add_paragraph("云州市科学技术协会")
    document.add_paragraph("2025年4月2日")
    document.add_paragraph("附件1")
    document.add_paragraph("2025年度重点科普活动安排表")
    table = document.add_table(rows=1, cols=5, style="Table Grid")
    for cell, name in zip(
        table.rows[0].cells, ("时间", "活动名称", "地点", "责任部门", "联系人"), strict=True
    ):
        cell.text = name
    for event in EVENTS:
        for cell, text in zip(table.add_row().cells, event, strict=True):
            cell.text = text
    table.cell(2, 0).text = ""
    table.cell(1, 0).merge(table.cell(2, 0)).text = "5月"
    document.core_properties.author = "Cewen samples"
    document.save(str(path))


def write_pdf(path: Path) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(str(path), pagesize=A4, invariant=1)
    height = A4[1] - 90
    canvas.setFont("STSong-Light", 12)
    for number, line in enumerate(RULES):
        if number == 14:
            canvas.drawCentredString(A4[0] / 2, 40, "- 1 -")
            canvas.showPage()
            canvas.setFont("STSong-Light", 12)
            height = A4[1] - 90
        canvas.drawString(80, height, line)
        height -= 26
    canvas.drawCentredString(A4[0] / 2, 40, "- 2 -")
    canvas.save()


if __name__ == "__main__":
    write_word(NOTICES / "02-events.docx")
    write_pdf(NOTICES / "04-funding-rules.pdf")
