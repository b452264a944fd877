"""The words by which a question tells what it asks for. Data, read from top to bottom: the first that fits wins."""

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files

from bot.answering.model import Kind


@dataclass(frozen=True, slots=True)
class Cue:
    """A kind, the words that tell it, and what more the kind needs where the words tell it (a sort of contact)."""

    kind: Kind
    pattern: re.Pattern[str]
    detail: str = ""


def _read(text: str) -> tuple[Cue, ...]:
    """The cues of cues.toml in order, with the macros put in."""
    stored = tomllib.loads(text)
    macros: dict[str, str] = stored["macros"]

    def expanded(pattern: str) -> str:
        for name, words in macros.items():
            pattern = pattern.replace(f"<{name}>", words)
        return pattern

    return tuple(
        Cue(Kind(cue["kind"]), re.compile("|".join(map(expanded, cue["patterns"]))), cue.get("detail", ""))
        for cue in stored["cue"]
    )


CUES = _read(files("bot.answering").joinpath("cues.toml").read_text(encoding="utf-8"))
"""The cues by which a question tells its kind, from top to bottom: the first that fits wins."""

SMALL_TALK = re.compile(
    r"(?:你好|您好|嗨|哈喽|hello|hi|在吗|在不在|早上好|早安|上午好|下午好|晚上好|晚安|谢谢|感谢|多谢|辛苦了|再见|拜拜|你是谁|你叫什么(?:名字)?|你能做什么|你会什么|好的|嗯+|哦+|ok|收到|知道了|没事了?|测试|test)+(?:你|您|了|呀|啊|呢|哈|哦|吗|吧|大家|机器人)*"
)

STOP = frozenset(
    "的话 要是 拿出 这回 那边 这边 我家 咱家 给 还有没有 搞 弄 请问 想问 问 想 一下 问一下 想问一下 麻烦 你好 您好 谢谢 呀 啊 呢 吗 吧 哦 嘛 哈 的 了 着 过 是 在 有 要 我 我们 你 你们 您 咱们 咱 他 他们 它 它们 "
    "这 那 这个 那个 这项 那项 这些 那些 该 此 其 上述 告诉 帮 帮我 查 查询 查一下 看看 看 知道 到底 究竟 具体 主要 一共 总共 都 由 被 把 给 和 与 及 以及 或 "
    "对 对于 关于 为 为了 从 到 向 往 里 里面 中 上 下 时 时候 什么 哪些 哪个 哪 哪项 哪几 谁 几 多少 怎么 如何 怎样 为什么 是否 能 能否 可以 可 应该 应 需要 需 请 个 项 条 "
    "则 就 才 还 也 又 再 去 来 做 让 归 跟 等 等等 各 各是 每 某 另 另外 或者 还有 如果 因为 所以 但是 然后 不 没 没有 会 将 须 必须 得 属于 大概 大约 现在 目前 "
    "事 事情 东西 方面 情况 问题 内容 部分 有关 相关 涉及 一个 一种 一些 哪里 哪儿 哪位 哪家 哪天 哪年 啥 啥时候 咋 么 嗯 所说 提到 说 说的 讲 规定 要求 指 指的 指的是 叫 叫做 "
    "分 分别 分为 包括 包含 设 第 之 以 而 于 其中 并 且 就是 之间 以内 以上 以下 工作 进行 开展 活动 事项 写 发 开始 原来 原先 部室 科室 处室 每个 每位 每人 干什么 干嘛 干啥 做什么 是什么 有什么 有哪些 哪几个 一 二 三 四 五 六 七 八 九 十 两 地方 人 归谁 办".split()
)
"""Words that say nothing of the subject: politeness, question words, function words, and what all notices speak of."""

GENRE = frozenset(
    "通知 文件 方案 意见 办法 公告 通告 决定 计划 规划 纲要 函 细则 规则 规定 实施方案 工作方案 附件 正文 表 表格 条款 条文 公文 材料 要点".split()
)
"""Words that name a kind of document: they count, but little."""

UNITS: tuple[frozenset[str], ...] = tuple(
    frozenset(group.split())
    for group in (
        "名 位 人 个 名额",
        "家 个 所",
        "项 条 个",
        "场 次 期 届 轮 个",
        "周岁 岁",
        "元 万元 亿元 块 块钱 钱",
        "% 百分之 ％ 个百分点",
        "篇 部 件 条 份 个 幅 首",
        "天 日 个工作日 工作日",
        "月 个月",
        "小时 学时 课时 分钟",
        "座 个 处 站 所",
        "支 个 组 队",
        "mb m g gb",
    )
)
"""Measure words that answer one another."""

ASIDE: dict[Kind, frozenset[str]] = {
    kind: frozenset(words.split())
    for kind, words in {
        Kind.CONTACT: "联系 咨询 电话 邮箱 邮件 号码 负责人 联系人 联系方式 问题 打 找",
        Kind.DEPARTMENT: "负责 责任 部门 单位 部室 处室 牵头 承办 主办 管 弄 搞 抓 找 任务 项目 组织 承担 落实",
        Kind.REVERSE: "负责 责任 任务 重点 重点任务 参与 牵头 承担 部门 项目",
        Kind.DEADLINE: "时间 日期 截止 期限 最晚 最迟 前 之前 时候",
        Kind.TIME: "开班 开课 开幕 时间 日期 时候 举办 举行 召开",
        Kind.PLACE: "地点 地址 举办 举行 召开 会场",
        Kind.ISSUED: "印发 发布 时间 日期 发 下发 发文 出台",
        Kind.RECIPIENTS: "抄送 主送 单位 发给",
        Kind.ISSUER: "印发 发布 发 下发 发文 出台 单位 机关",
        Kind.NUMBER: "文号 号 编号 字号",
        Kind.QUANTITY: "多长时间 多大 多久 参加 数量 计划 达到 总数 数 标准 多长 多大 能 可 不能 超过 不超过 不得 至少 最多 最高 不少于 之内 内 提交",
        Kind.COUNT: "负责 承担 牵头 参与 任务 重点 列 总数 数量 列出 安排",
        Kind.WHO: "担任 主讲 人 姓名 名字",
        Kind.LIST: "内容 分别",
        Kind.MATERIALS: "提交 准备 提供 交 带",
        Kind.ELIGIBILITY: "符合 参加 满足 具备 人员",
        Kind.STEPS: "流程 步骤 程序 方式 方法",
    }.items()
}
"""Words that repeat what the kind says already; they are no part of the subject."""

LABELS: dict[Kind, re.Pattern[str]] = {
    Kind.TIME: re.compile("时间|日期|日程|时段|时刻|周次"),
    Kind.DEADLINE: re.compile("截止|截至|期限|时限|时间|日期|完成"),
    Kind.ISSUED: re.compile("日期|时间"),
    Kind.PLACE: re.compile("地点|地址|会场|场地|场所|集合|报到处|位置|楼层|考点|教室|站点"),
    Kind.WHO: re.compile(
        "主讲|专家|授课|报告人|嘉宾|主持|组长|负责人|姓名|讲师|评委|主任|联系人|联络员|顾问|教师|老师|人员|记录|出席|请假|列席|领队"
    ),
    Kind.DEPARTMENT: re.compile("单位|部门|部室|处室|科室|机构|主办|承办|协办|负责"),
    Kind.ISSUER: re.compile("单位|主办|承办|协办|机构"),
    Kind.FREQUENCY: re.compile("频次|频率|周期|次数|时间|时限"),
    Kind.QUANTITY: re.compile(
        "名额|数量|人数|指标|金额|经费|标准|分值|奖金|学时|规模|限额|费|价|额度|面积|期限|时长"
    ),
    Kind.COUNT: re.compile("数量|个数|名额|人数"),
}
"""Labels and names of columns that announce what a kind asks for."""

RESPONSIBLE = re.compile("责任|负责|牵头|承办|主办|实施|落实|主管|归口|部室|处室|科室|部门|单位|推荐")
SUPPORTING = re.compile("配合|协办|协助|参与|支持|报送|申报|所在|工作单位")

SPECIAL_DEED = re.compile(
    r"宾馆|酒店|宿舍|考点|参观|考察|报到|签到|集合|领取|住|监督|审核|审批|解释|评审|受理|推荐|指导|协调|考核|维护|培训|保障"
)
"""Deeds that tell one responsible body from another in the same matter."""

MEASURES: tuple[tuple[re.Pattern[str], tuple[str, ...], re.Pattern[str]], ...] = (
    (
        re.compile(r"奖金|补助|补贴|资助|奖励|经费|费用|金额|钱|收费|报酬|工资|资金"),
        ("元", "万元", "亿元"),
        re.compile("金额|经费|奖金|补助|资助|标准|费"),
    ),
    (re.compile(r"年龄|岁|多大年纪|多大岁数"), ("岁", "周岁"), re.compile("年龄")),
    (re.compile(r"名额|人数|多少人|几个人"), ("名", "人", "个"), re.compile("名额|人数|指标|限额")),
    (re.compile(r"比例|比率|百分|占比"), ("%",), re.compile("比例|占比|率")),
    (
        re.compile(r"时长|多长时间|多久|几天|几个月"),
        ("分钟", "小时", "天", "日", "个工作日", "年", "个月"),
        re.compile("时长|时间|学时|周期|工期|期限"),
    ),
    (
        re.compile(r"面积|平方|(?:馆|室|厅|场地|地方|房子?)[^，。]{0,4}多大"),
        ("平方米", "亩"),
        re.compile("面积"),
    ),
    (re.compile(r"学分|积分"), ("分", "学分"), re.compile("学分|分值")),
    (re.compile(r"学时|课时"), ("学时", "课时"), re.compile("学时|课时")),
)
"""What a question for a quantity measures: its words, the units that answer it, the columns that hold it."""
