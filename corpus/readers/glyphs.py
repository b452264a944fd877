"""Signs that a PDF's fonts name in the place of the characters they look like: radicals for 首页, ligatures for fi.

The radicals of U+2F00 and the ligatures are what NFKC maps; those of U+2E80 are paired as Unicode's
EquivalentUnifiedIdeograph.txt has them.
"""

import unicodedata

_RADICALS = "⺠民⺟母⺬示⻁虎⻄西⻅见⻆角⻉贝⻋车⻓长⻔门⻘青⻙韦⻚页⻛风⻜飞⻝食⻢马⻣骨⻤鬼⻥鱼⻦鸟⻨麦⻩黄⻬齐⻮齿⻰龙⻳龟⺁厂⺇几⺌小⺎兀⺓幺⺘扌⺝月⺡氵⺣灬⺧牛⺪疋⺫目⺭礻⺮竹⺼月⻌辶⻏阝⻖阝⻗雨⻟食⻠饣"
_LOOKALIKES = {ord(a): b for a, b in zip(_RADICALS[::2], _RADICALS[1::2], strict=True)} | {
    code: unicodedata.normalize("NFKC", chr(code))
    for code in (*range(0x2F00, 0x2FD6), *range(0xFB00, 0xFB07))
}


def plain_glyphs(text: str) -> str:
    """The text in the characters that a reader sees."""
    return text.translate(_LOOKALIKES)
