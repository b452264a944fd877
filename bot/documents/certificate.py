"""A certificate as one page of PDF, with the code by which anybody can verify it.

The font is one of Adobe's Asian CID fonts, which readers bring along: no font file is needed.
"""

import io
from collections.abc import Sequence

import segno
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfgen.canvas import Canvas

from bot.attendance.records import Attended, Certificate, Kind
from bot.documents.wording import day, plain_hours

FONT = "STSong-Light"
ROWS = 12
"""Lectures that are listed; of more, the latest."""


def certificate_pdf(issued: Certificate, of: Sequence[Attended], link: str) -> bytes:
    """The certificate; `link` goes into its QR code, the bare code where there is none."""
    registerFont(UnicodeCIDFont(FONT))
    out = io.BytesIO()
    width, height = landscape(A4)
    canvas = Canvas(out, (width, height))
    canvas.setTitle("学时证明")
    canvas.setStrokeGray(0.55)
    canvas.rect(12 * mm, 12 * mm, width - 24 * mm, height - 24 * mm)
    _centred(canvas, height - 42 * mm, 30, "学 时 证 明")
    subject = f"{issued.subject} 年" if issued.kind is Kind.YEAR else f"“{issued.subject}”系列讲座"
    _centred(canvas, height - 60 * mm, 15, f"兹证明　{issued.name}　参加{subject}学习")
    hours = plain_hours(issued.hours)
    _centred(canvas, height - 70 * mm, 15, f"共 {issued.lectures} 次讲座，计 {hours} 学时。")
    _list(canvas, height - 84 * mm, of[-ROWS:])
    picture = io.BytesIO()
    segno.make(link or issued.code, error="m").save(picture, kind="png", scale=8, border=1)
    picture.seek(0)
    canvas.drawImage(ImageReader(picture), width - 56 * mm, 24 * mm, 30 * mm, 30 * mm)
    canvas.setFont(FONT, 10)
    canvas.drawString(26 * mm, 32 * mm, f"验证码：{issued.code[:4]}-{issued.code[4:8]}-{issued.code[8:]}")
    canvas.drawString(26 * mm, 26 * mm, f"开具日期：{day(issued.issued_at)}")
    if link:
        canvas.drawString(26 * mm, 20 * mm, f"验证：{link}")
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _centred(canvas: Canvas, y: float, size: int, text: str) -> None:
    canvas.setFont(FONT, size)
    canvas.drawCentredString(landscape(A4)[0] / 2, y, text)


def _list(canvas: Canvas, top: float, of: Sequence[Attended]) -> None:
    """A line for each lecture."""
    canvas.setFont(FONT, 11)
    for number, one in enumerate(of):
        y = top - number * 6.2 * mm
        canvas.drawString(46 * mm, y, day(one.check_in.at))
        canvas.drawString(84 * mm, y, _fitting(canvas, one.lecture.title, 140 * mm))
        canvas.drawRightString(250 * mm, y, f"{plain_hours(one.hours)} 学时")


def _fitting(canvas: Canvas, text: str, room: float) -> str:
    """As much of a text as fits."""
    if canvas.stringWidth(text, FONT, 11) <= room:
        return text
    while text and canvas.stringWidth(text + "…", FONT, 11) > room:
        text = text[:-1]
    return text + "…"
