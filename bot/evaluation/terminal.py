"""A report and a comparison for reading in a terminal."""

from collections.abc import Iterator

from bot.evaluation.calibration import Bin
from bot.evaluation.comparison import Change, Comparison
from bot.evaluation.grading import Graded
from bot.evaluation.remarks import ms, on_calibration, on_threshold, share_text
from bot.evaluation.report import Report

_LONGEST_ANSWER = 60


def report_text(report: Report) -> str:
    """Shares, times, kinds, calibration, misses."""
    return "\n".join(_report_lines(report))


def _report_lines(report: Report) -> Iterator[str]:
    if not report.questions:
        yield "0 题：问题文件里没有题目。"
        return
    yield (
        f"{report.questions} 题：答对 {share_text(report.right)}，出处正确 {share_text(report.cited)}，"
        f"该拒绝的拒绝 {share_text(report.abstained)}"
    )
    times = report.latency
    yield f"用时：中位 {ms(times.median)}，90% {ms(times.p90)}，99% {ms(times.p99)}，最长 {ms(times.max)}"
    yield "  ".join(f"{kind} {right}/{asked}" for kind, (right, asked) in report.kinds.items())
    found = report.calibration
    yield f"可信度：校准误差 {share_text(found.expected_error)}，Brier {share_text(found.brier)}。{on_calibration(found)}"
    yield from (_bin_line(b) for b in found.bins if b.count)
    yield on_threshold(found)
    yield from (f"✗ {_heading(m)}\n    {m.reason}；答：{_short(m)}" for m in report.misses)


def _bin_line(one: Bin) -> str:
    return (
        f"  {one.low:.1f}–{one.high:.1f}  {one.count:4} 个  平均 {one.confidence:.2f}  "
        f"答对 {one.right:.2f}（95% 区间 {one.right_low:.2f}–{one.right_high:.2f}）"
    )


def comparison_text(comparison: Comparison) -> str:
    """What went wrong and what was mended since the earlier report."""
    return "\n".join(_comparison_lines(comparison))


def _comparison_lines(comparison: Comparison) -> Iterator[str]:
    yield (
        f"与旧报告相比（同题 {comparison.same}，新题 {comparison.added}，旧题 {comparison.gone}）："
        f"变错 {len(comparison.broken)}，变对 {len(comparison.mended)}；旧报告答对 {share_text(comparison.right)}，"
        f"出处正确 {share_text(comparison.cited)}，拒绝 {share_text(comparison.abstained)}"
    )
    for change in comparison.broken:
        yield _change_text("↓", change)
    for change in comparison.mended:
        yield _change_text("↑", change)


def _change_text(sign: str, change: Change) -> str:
    before, after = (f"{_short(r)}{_wrong(r)}" for r in (change.before, change.after))
    return f"{sign} {_heading(change.after)}\n    原答：{before}\n    现答：{after}"


def _wrong(result: Graded) -> str:
    """What is wrong with an answer; that there is none, it says itself."""
    return f"（{result.reason}）" if result.reason and result.answered else ""


def _heading(result: Graded) -> str:
    return f"{result.id} [{result.kind}] {result.question}"


def _short(result: Graded) -> str:
    return result.answer[:_LONGEST_ANSWER].replace("\n", "／") or "（没有回答）"
