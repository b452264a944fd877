"""What the numbers of a report mean, in short sentences for admins."""

from bot.evaluation.calibration import Calibration
from bot.evaluation.report import Latency

FEW = 30
"""With fewer answers than this, the 95 % interval of a share can be a third wide: too wide to judge by."""

KINDS = {
    "department": "负责部门",
    "reverse": "部门的任务",
    "contact": "联系方式",
    "date": "印发日期",
    "deadline": "截止时间",
    "time": "时间",
    "place": "地点",
    "number": "文号",
    "issuer": "印发单位",
    "recipients": "主送单位",
    "quantity": "数量金额",
    "frequency": "频次",
    "count": "项数",
    "who": "人员",
    "materials": "材料",
    "eligibility": "条件",
    "requirement": "要求",
    "steps": "步骤",
    "list": "列举",
    "definition": "定义",
    "comparison": "比较",
    "validity": "有效性",
    "collection": "通知列表",
    "yes_no": "是非",
    "content": "内容",
    "followup": "追问",
    "traditional": "繁体字",
    "typo": "错别字",
    "not_in_corpus": "通知里没有",
}


def kind_name(kind: str) -> str:
    """The kind of a question file in Chinese; one that is not known as it stands."""
    return KINDS.get(kind, kind) or "未分类"


def on_calibration(found: Calibration) -> str:
    """Whether the confidence is to be believed."""
    overall = found.overall
    if overall.confidence is None or overall.right_low is None or overall.right_high is None:
        return "没有给出任何回答，无从判断可信度。"
    if overall.confidence < overall.right_low:
        verdict = "偏谨慎：实际比它自己估计的更准"
    elif overall.confidence > overall.right_high:
        verdict = "偏自信：实际不如它自己估计的准"
    else:
        verdict = "与实际大体相符"
    caution = f"只有 {overall.count} 个回答，结论仅供参考。" if overall.count < FEW else ""
    return f"平均可信度 {overall.confidence:.2f}，实际答对 {overall.right:.2f}，{verdict}。{caution}"


def on_threshold(found: Calibration) -> str:
    """Whether a higher threshold would pay."""
    now, best = found.sweep[0], found.best
    if best.good == now.good:
        return "按这份题目，提高门槛没有好处。"
    return (
        f"按这份题目，门槛提到 {best.at:.2f} 最好：多处理对 {best.good - now.good} 题"
        f"（答对 {share_text(best.right)}，拒绝 {share_text(best.refused)}）。"
    )


def on_latency(found: Latency) -> str:
    """What most members wait, and the unluckiest."""
    if found.median is None:
        return "没有题目，没有用时。"
    return f"一半的题在 {ms(found.median)} 内答完，九成在 {ms(found.p90)} 内，最慢的用了 {ms(found.max)}。"


def share_text(value: float | None) -> str:
    """0.973, or a dash where there is nothing to share."""
    return "—" if value is None else f"{value:.3f}"


def ms(value: float | None) -> str:
    """4.2 ms, 130 ms, 2.5 s."""
    if value is None:
        return "—"
    if value >= 1000:
        return f"{value / 1000:.1f} s"
    return f"{value:.1f} ms" if value < 100 else f"{value:.0f} ms"
