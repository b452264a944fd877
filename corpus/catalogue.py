"""What a site's catalogue says of a document: 索引号, 发文机关, 发文字号, 成文日期, 来源, 浏览次数 …, in lines or in a table.

The labels are those of 政府信息公开目录 (国务院办公厅, 政府网站发展指引, 2017) and of what sites put around a text.
Such lines are facts about the document, never a part of it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from corpus.blocks import Block, Grid, Line
from corpus.notice import Fact

_LABELS: Mapping[str, str] = {
    "title": "标题|名称|文件名称|信息名称|公文标题",
    "number": "文号|发文字号|公文字号|文件编号|发文文号|文件号",
    "issuer": "发文机关|发文机构|发文单位|发布机构|发布机关|发布单位|制发机关|公开主体|公开部门",
    "issued": "成文日期|成文时间|发文日期|发文时间|印发日期|印发时间|签发日期|制发日期|生成日期",
    "published": "发布日期|发布时间|公开日期|公布日期|公布时间|发布于|上传时间|发送时间|更新时间",
    "effective": "实施日期|施行日期|生效日期|生效时间",
    "expires": "失效日期|废止日期|失效时间|截止有效期",
    "source": "来源|信息来源|文章来源|稿件来源|供稿单位|供稿",
    "": "索引号|索取号|信息索引|信息索引号|统一编号|主题分类|信息分类|所属分类|分类|体裁分类|体裁|服务对象|主题词|关键词|有效性|文件状态|时效性|时效|状态|"
    "浏览次数|浏览量|浏览|点击次数|点击量|点击数|点击|阅读次数|阅读量|阅读数|阅读|访问次数|访问量|字体|字体大小|字号|作者|编辑|责任编辑|责编|审核|审核人|发布人|发布者|撰稿|"
    "打印|打印本页|分享|分享到|公开方式|公开范围|公开类别|公开形式|公开时限|公开责任部门|语音播报|收藏|二维码|信息类别|页数|文件类型|文种|组配分类|栏目",
}
_WEAK = "标题|名称|日期|时间|部门|单位|分类|状态|审核|页数|栏目|编辑|打印|关键词|主题词|服务对象"
"""Labels that a text uses as well: they count only beside others."""
_KIND = {word: kind for kind, words in _LABELS.items() for word in words.split("|")}
_SPELT = "|".join(
    r"[ \u3000]*".join(word) for word in sorted({*_KIND, "日期", "时间"}, key=len, reverse=True)
)
_LABEL = re.compile(
    rf"[\[【［〔][ \u3000]*(?P<boxed>{_SPELT})[ \u3000]*[\]】］〕][ \u3000]*[：:]?|(?<![\u4e00-\u9fa5])(?P<label>{_SPELT})[ \u3000]*[：:]"
)
_HANGING = re.compile(rf"(?:{_SPELT})\s*$")
_LONGEST_VALUE = 80
_BYLINE = re.compile(
    r"(?!时间|日期)(?:原创\s+)?(?P<source>[^，。；：:\s]{2,24})\s+(?:[^，。；：:\s]{2,24}\s+){0,2}(?P<day>(?:19|20)\d{2}\s*[-年./]\s*\d{1,2}\s*[-月./]\s*\d{1,2}\s*日?)(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?(?:\s+\S{2,12})?"
)
"""青澜科协 2025-03-01 18:30 江渚: what WeChat and news sites print below a title."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`kind` is title, number, issuer, issued, published, effective, expires, source, or "" for what is of no use here."""

    kind: str
    value: Fact


def entries(block: Block) -> list[Entry]:
    """The catalogue entries of a line or table that is nothing else; none where it is part of the text."""
    return _of_line(block.text) if isinstance(block, Line) else _of_grid(block)


def _of_line(text: str) -> list[Entry]:
    byline = _BYLINE.fullmatch(text)
    if byline:
        return [Entry("published", Fact(byline["day"], text)), Entry("source", Fact(byline["source"], text))]
    marks = list(_LABEL.finditer(text))
    if not marks or marks[0].start() > 0 or "。" in text:
        return []
    words = [re.sub(r"\s", "", m["boxed"] or m["label"]) for m in marks]
    told_title = words == ["标题"] and "关于" in text
    if not told_title and not any(
        m["boxed"] or w not in _WEAK.split("|") for m, w in zip(marks, words, strict=True)
    ):
        return []
    ends = [*(m.start() for m in marks[1:]), len(text)]
    values = [text[m.end() : end] for m, end in zip(marks, ends, strict=True)]
    if any(len(v) > _LONGEST_VALUE for v in values):
        return []
    return [_entry(word, value, text) for word, value in zip(words, values, strict=True)]


def _of_grid(grid: Grid) -> list[Entry]:
    """Labels and values side by side; a table with other things in it is none."""
    found: list[Entry] = []
    for row in grid.rows:
        cells = [c.text.strip() for c in row if not c.merged]
        pairs = list(zip(cells[::2], cells[1::2], strict=False))
        words = [re.sub(r"[\s：:\[\]【】［］]", "", label) for label, _ in pairs]
        if len(cells) % 2 or not all(w in _KIND or w in ("日期", "时间") for w in words if w):
            return []
        found += [
            _entry(word, value, f"{label}{value}")
            for word, (label, value) in zip(words, pairs, strict=True)
            if word
        ]
    return found if sum(e.kind != "title" for e in found) > 1 else []


def _entry(word: str, value: str, quote: str) -> Entry:
    kind = _KIND.get(word, "published")
    return Entry(kind, Fact(_HANGING.sub("", value.strip(" 　|｜,，;；")).strip(), quote))


_FILE_NAME = re.compile(
    r"(?:附件\s*\d*\s*[：:.、]?\s*)?(?P<name>[^。；：:]{2,80}\.(?:docx?|xlsx?|pptx?|pdf|wps|et|zip|rar))",
    re.IGNORECASE,
)


def file_names(block: Block) -> list[str]:
    """The name of a file that stands alone on a line, as a page lists what it offers to download."""
    match = _FILE_NAME.fullmatch(block.text.strip()) if isinstance(block, Line) else None
    return [match["name"]] if match else []
