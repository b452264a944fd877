"""Lines that belong to a web site and not to the text on it: 当前位置, 打印本页, 上一篇, 版权所有 …."""

import re

_OF_THE_SITE = re.compile(
    r"(?:当前位置|您的位置|您所在的位置|位置\s*[：:]|字体\s*[：:]|字号\s*[：:]|浏览(?:次数|量)|点击(?:数|量|次数)|阅读(?:量|次数)?\s*[：:]|访问量|分享(?:到|至|按钮)?\s*[：:]?\s*$|分享到|"
    r"[【\[［]?\s*(?:打印|打印本页|打印此页|关闭|关闭窗口|关闭本页|我要纠错|收藏|返回顶部|返回列表)\s*[】\]］]?\s*(?:[【\[［|].*)?$|上一篇|下一篇|上一条|下一条|相关(?:链接|阅读|文章|信息)\s*[：:]?$|责任编辑|编辑\s*[：:]|.{0,20}版权所有|主办单位\s*[：:].*(?:备案|电话)|网站标识码|\S{0,4}ICP备|扫一扫|扫码|微信扫|建议使用)"
)
_META = re.compile(
    r"(?:发布|发文|成文|印发|公布)?(?:时间|日期)\s*[：:]\s*\d{4}[-年./]\s*\d{1,2}[-月./]\s*\d{1,2}日?(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?"
)
_BESIDE_META = re.compile(r"来源\s*[：:]|作者\s*[：:]|浏览|点击|阅读|字体|字号|打印|分享|信息来源")


def is_of_the_site(line: str) -> bool:
    """Whether a line is part of the frame around the text."""
    return bool(_OF_THE_SITE.match(line))


def without_meta(line: str) -> str:
    """发布时间：… from a line that tells source, clicks and letter size as well; every other line as it is."""
    meta = _META.search(line)
    return meta[0] if meta and _BESIDE_META.search(line) else line


def headline_of(title: str) -> str:
    """A page's title less the name of the site: 关于…的通知_通知公告_云州市科协 → 关于…的通知."""
    return re.split(r"\s*[|_]\s*|\s+[-–—]\s*|--", " ".join(title.split()))[0].strip()
