"""Lines that name bodies: the issuer above a title, those that sign, a body beside its date."""

import re

from corpus.facts import DATE, ORGANISATION_ENDINGS, iso_date, plain
from corpus.numbering import marker_of

_WORDS = r"[\u4e00-\u9fa5（）()、，“”·\s]"
_ENDINGS = (
    f"{ORGANISATION_ENDINGS}|政府|人大|政协|党校|学生会|团委|组委会|筹委会|管委会|工委|编辑部|秘书处|办"
)
BODY_LINE = re.compile(rf"{_WORDS}{{2,40}}(?:{_ENDINGS})")
_SEAL = r"\s*(?:[（(][^（）()]{0,10}[）)])?\s*"
_DATED = re.compile(rf"(?P<body>{_WORDS}*?)\s*(?:日期\s*[：:]\s*)?(?:{DATE.pattern}){_SEAL}")
_SHORT_DATED = re.compile(
    rf"(?P<body>{_WORDS}*?)\s*(?P<month>\d{{1,2}})\s*月\s*(?P<day>\d{{1,2}})\s*日{_SEAL}"
)
_LONGEST = 60


def is_body(line: str) -> bool:
    """Whether a line is nothing but the name of a body, or of several."""
    return bool(BODY_LINE.fullmatch(line)) and marker_of(line) is None


def bodies_in(line: str) -> list[str]:
    """The bodies named on a line, apart by 、 or by a gap: 某市民政局　某市财政局."""
    pieces = [plain(p) for p in re.split(r"[、，]|[ 　]+", line.strip()) if p.strip()]
    if all(BODY_LINE.fullmatch(p) for p in pieces):
        return pieces
    return [plain(p) for p in re.split(r"[、，]|\s{2,}|　{2,}", line.strip()) if p.strip()]


def dated_line(line: str) -> tuple[str, str]:
    """Day and body of a line that holds a date and, it may be, a body, nothing else; ("", "") for others.

    The day is ISO; where the line gives no year, "-01-26".
    """
    if len(line) > _LONGEST or marker_of(line):
        return "", ""
    match = _DATED.fullmatch(line)
    day = iso_date(line) if match else ""
    if not match and (match := _SHORT_DATED.fullmatch(line)):
        day = f"-{int(match['month']):02}-{int(match['day']):02}"
    body = match["body"].strip() if match else ""
    return (day, body) if not body or BODY_LINE.fullmatch(body) else ("", "")
