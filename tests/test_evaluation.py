"""Evaluation: what counts as right, what the figures mean, and a page that nothing in a question can break."""

import importlib.util
import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.answering import Answering, as_json
from bot.answering.model import Answer, Citation
from bot.batch import Row, rows
from bot.evaluation.calibration import calibration, wilson
from bot.evaluation.comparison import compare
from bot.evaluation.grading import Graded, grade
from bot.evaluation.page import page
from bot.evaluation.plots import histogram, reliability
from bot.evaluation.report import ReportUnreadable, evaluation, read_report, report
from bot.evaluation.terminal import comparison_text, report_text

ROOT = Path(__file__).parents[1]
GRADER = ROOT.parent / "shared" / "tools" / "grade.py"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}</style></title>"


def result(right: bool = True, confidence: float = 0.9, **other: Any) -> Graded:
    """A graded question; answered and answerable unless told otherwise."""
    plain: dict[str, Any] = {
        "id": "q",
        "kind": "department",
        "question": "谁负责？",
        "context": (),
        "answerable": True,
        "must_include": ("科普部",),
        "must_cite": "云科协",
        "answered": True,
        "cited": right,
        "reason": "" if right else "出处不对",
        "answer": "科普部",
        "text": "科普部\n出处：…",
        "elapsed_ms": 3.0,
    }
    return Graded(right=right, confidence=confidence, **(plain | other))


def refused(answerable: bool) -> Graded:
    return result(not answerable, 0.0, answerable=answerable, answered=False, answer="", reason="")


# What counts as right


def said(
    answer: str, doc_number: str = "云科协发〔2025〕12号", text: str = "", answered: bool = True
) -> Answer:
    cited = (Citation("n", doc_number, "关于科普的通知", "市科协", "2025-03-18", "第1项", answer),)
    return Answer(answered, answer, text or answer, "department", 0.9, cited if answered else ())


ASKED = Row("q", "谁负责？", (), "department", True, ("科普部",), "云科协发〔2025〕12号")
GRADES = [
    (ASKED, said("科普部"), ""),
    (ASKED, said("科 普 部", "云科协发〔2025〕１２号"), ""),
    (replace(ASKED, must_include=("ＡＢ",)), said("ab部"), ""),
    (replace(ASKED, must_cite="科普的通知"), said("科普部"), ""),
    (ASKED, said("宣传部"), "缺少科普部"),
    (ASKED, said("科普部", "云科协发〔2024〕1号"), "出处不对"),
    (ASKED, said("科普部" + "长" * 200), "超过 200 字"),
    (replace(ASKED, kind="content"), said("很短", text="科普部" + "长" * 1000), ""),
    (replace(ASKED, kind="content"), said("科普部", text="长" * 1201), "超过 1200 字"),
    (ASKED, said("", answered=False), "没有回答"),
    (replace(ASKED, answerable=False), said("", answered=False), ""),
    (replace(ASKED, answerable=False), said("科普部"), "应当拒绝"),
]


@pytest.mark.parametrize(("row", "answer", "reason"), GRADES)
def test_an_answer_is_right_when_its_words_and_its_citation_are(
    row: Row, answer: Answer, reason: str
) -> None:
    assert grade(row, answer)[1] == reason


@pytest.mark.skipif(not GRADER.is_file(), reason="needs ../shared")
@pytest.mark.parametrize(("row", "answer", "reason"), GRADES)
def test_grades_agree_with_the_reference_grader(row: Row, answer: Answer, reason: str) -> None:
    spec = importlib.util.spec_from_file_location("grade", GRADER)
    assert spec
    assert spec.loader
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)
    asked = {k: getattr(row, k) for k in ("answerable", "kind", "must_include", "must_cite")}
    right, cited, _ = reference.judge(asked, as_json(answer, 1.0))
    assert (not reason, grade(row, answer)[0]) == (right, bool(cited))


# What the figures mean


def test_shares_count_the_answerable_and_the_others_apart() -> None:
    found = report(
        [result(), result(), result(False), refused(True), refused(False), result(False, answerable=False)]
    )
    assert (found.right, found.cited, found.abstained) == (0.5, 0.5, 0.5)
    assert found.kinds == {"department": (3, 6)}


def test_bins_error_and_brier_are_as_worked_out_by_hand() -> None:
    answers = [result(True, 0.95), result(True, 0.95), result(False, 0.95), result(True, 0.55), refused(True)]
    found = calibration(answers)
    assert [b.count for b in found.bins] == [0, 0, 0, 0, 0, 1, 0, 0, 0, 3]
    assert (found.bins[9].confidence, found.bins[9].right) == (0.95, 0.6667)
    assert found.bins[0].right is None
    assert found.expected_error == pytest.approx((3 * (0.95 - 2 / 3) + 0.45) / 4, abs=1e-4)
    assert found.brier == pytest.approx((2 * 0.05**2 + 0.95**2 + 0.45**2) / 4, abs=1e-4)


def test_the_interval_is_wilsons() -> None:
    # 8 of 10: Newcombe 1998 and every table give 0.490 to 0.943
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson(0, 5)[0] == 0
    assert wilson(5, 5)[1] == pytest.approx(1)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 100), st.booleans())))
def test_every_answer_is_in_the_one_bin_whose_bounds_hold_it(rolls: list[tuple[bool, int, bool]]) -> None:
    answers = [result(right, c / 100, answerable=right or a) for right, c, a in rolls]
    found = calibration(answers)
    assert sum(b.count for b in found.bins) == found.overall.count == len(answers)
    for one in found.bins:
        assert one.count == sum(one.low <= r.confidence < one.high + (one.high == 1) for r in answers)
        if one.right is not None and one.right_low is not None and one.right_high is not None:
            assert one.right_low - 1e-4 <= one.right <= one.right_high + 1e-4


def test_a_higher_threshold_refuses_more_of_both_sorts_of_question() -> None:
    found = calibration(
        [result(True, 0.9), result(True, 0.6), result(False, 0.7, answerable=False), refused(False)]
    )
    at = {t.at: (t.right, t.refused, t.good) for t in found.sweep}
    assert at[0.0] == at[0.6] == (1.0, 0.5, 3)
    assert at[0.61] == at[0.7] == (0.5, 0.5, 2)
    assert at[0.71] == at[0.9] == (0.5, 1.0, 3)
    assert at[1.0] == (0.0, 1.0, 2)
    assert found.best.at == 0.0


def test_the_latency_tells_the_tail() -> None:
    found = report([result(elapsed_ms=float(t)) for t in range(1, 102)]).latency
    assert (found.median, found.p90, found.p99, found.max) == (51, 91, 100, 101)


def test_the_histogram_holds_every_time_however_small_or_large() -> None:
    times = [0.0, 0.05, 1.0, 1.9, 3.0, 999.0, 5e5, 1e9]
    drawn = histogram(times)
    assert sum(b.count for b in drawn.bars) == len(times)
    assert len(drawn.across) == len(drawn.bars) + 1
    assert sum(b.count for b in histogram([4.0]).bars) == 1
    assert histogram([]).bars == ()


def test_a_perfectly_calibrated_bin_lies_on_the_diagonal() -> None:
    (dot,) = reliability(calibration([result(True, 0.5), result(False, 0.5)]).bins).dots
    frame = reliability(()).frame
    assert (dot.x, dot.y) == (frame.x(0.5), frame.y(0.5))
    assert dot.high < dot.y < dot.low


# Reports


def test_an_empty_file_gives_a_report_of_nothing(samples: Answering, tmp_path: Path) -> None:
    file = tmp_path / "empty.jsonl"
    file.write_text("\n", encoding="utf-8")
    found = evaluation(samples, rows(file))
    assert (found.questions, found.right, found.latency.median, found.misses) == (0, None, None, [])
    assert "没有题目" in report_text(found)
    assert "没有题目" in page(found, file.name, NOON)
    assert compare(found, found).same == 0


def test_refusals_alone_make_a_report_without_calibration() -> None:
    found = report([refused(True), refused(False)])
    assert found.calibration.brier is None
    assert "没有给出任何回答" in page(found, "q.jsonl", NOON)
    assert "没有给出任何回答" in report_text(found)


def test_what_json_prints_is_read_back_as_it_was(samples: Answering, tmp_path: Path) -> None:
    found = evaluation(samples, rows(ROOT / "bot" / "samples" / "questions.jsonl"))
    file = tmp_path / "report.json"
    file.write_text(json.dumps(found.as_json(), ensure_ascii=False), encoding="utf-8")
    assert read_report(file) == found


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"questions": 3, "right": 0.5}', "\ufeff{"])
def test_what_is_no_report_is_refused_with_how_to_make_one(tmp_path: Path, text: str) -> None:
    file = tmp_path / "old.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ReportUnreadable, match="--json"):
        read_report(file)


def test_a_report_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReportUnreadable, match=r"gone\.json"):
        read_report(tmp_path / "gone.json")


def test_a_comparison_tells_what_broke_what_was_mended_and_what_only_one_report_has() -> None:
    before = report([result(id="a"), result(False, id="b"), result(id="c"), result(id="d"), result(id="old")])
    after = report(
        [
            result(False, id="a"),
            result(id="b"),
            result(id="c"),
            result(id="d", question="另一题"),
            result(id="new"),
        ]
    )
    found = compare(before, after)
    assert [c.after.id for c in found.broken] == ["a"]
    assert [c.after.id for c in found.mended] == ["b"]
    assert (found.same, found.added, found.gone) == (3, 2, 2)
    text = comparison_text(found)
    assert "↓ a" in text
    assert "↑ b" in text
    html = page(after, "q.jsonl", NOON, found)
    assert "变错 1 题" in html
    assert "变对 1 题" in html


# The page


class Seen(HTMLParser):
    """The elements and attributes that a browser would make of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_nothing_in_a_question_becomes_markup() -> None:
    fields = ("id", "kind", "question", "reason", "answer", "text", "must_cite")
    bad = result(False, **dict.fromkeys(fields, HOSTILE), context=(HOSTILE,), must_include=(HOSTILE,))
    now = report([bad, result(id="well")])
    before = report([replace(bad, right=True), result(id="well")])
    seen = Seen(page(now, HOSTILE, NOON, compare(before, now)))
    assert not {"script", "img"} & set(seen.tags)
    assert not [name for name, _ in seen.attributes if name.startswith("on")]
    assert HOSTILE in seen.text
    assert seen.tags.count("style") == 1


def test_the_page_needs_nothing_from_outside() -> None:
    seen = Seen(page(report([result(), result(False), refused(False)]), "q.jsonl", NOON))
    assert seen.tags.count("svg") == 3
    assert not {"script", "link", "iframe", "img", "object"} & set(seen.tags)
    assert not [value for name, value in seen.attributes if name in ("src", "href") or "http:" in value]
    assert not re.search(r"url\(|@import", page(report([result()]), "q.jsonl", NOON))


def test_every_question_stands_in_the_page_with_its_whole_reply() -> None:
    asked = [result(id=f"q{i}", question=f"第{i}题？", text=f"回复{i}") for i in range(30)]
    seen = Seen(page(report(asked), "q.jsonl", NOON))
    assert all(f"第{i}题？" in seen.text and f"回复{i}" in seen.text for i in range(30))
    assert seen.tags.count("details") == 31


def test_the_page_carries_the_figures_of_the_report() -> None:
    html = page(report([result(), result(), result(False), refused(False)]), "q.jsonl", NOON)
    assert "0.667" in html
    assert "2026-11-24 12:00 UTC" in html


# The command


def cewen(home: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from bot.cli import main; main()", *arguments, "--home", home]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_the_command_writes_the_page_and_compares_with_an_earlier_report(tmp_path: Path) -> None:
    home, questions = tmp_path / "home", tmp_path / "q.jsonl"
    questions.write_text('{"id": "a", "question": "谁负责灯会", "answerable": false}\n', encoding="utf-8")
    (tmp_path / "灯会.txt").write_text("关于灯会的通知\n灯会在广场举办。", encoding="utf-8")
    assert cewen(home, "ingest", tmp_path / "灯会.txt").returncode == 0
    earlier = tmp_path / "earlier.json"
    earlier.write_text(cewen(home, "eval", questions, "--json").stdout, encoding="utf-8")
    (tmp_path / "灯会.txt").write_text("关于灯会的通知\n灯会由工会筹备组负责。", encoding="utf-8")
    assert cewen(home, "ingest", tmp_path / "灯会.txt").returncode == 0
    run = cewen(home, "eval", questions, "--html", tmp_path / "r.html", "--compare", earlier)
    assert run.returncode == 0, run.stderr
    assert "变错 1" in run.stdout
    assert "变错 1 题" in (tmp_path / "r.html").read_text(encoding="utf-8")
    late = json.loads(cewen(home, "eval", questions, "--json", "--compare", earlier).stdout)
    assert late["comparison"]["broken"][0]["after"]["id"] == "a"


def test_a_page_that_can_not_be_written_is_one_line_and_the_report_is_still_printed(tmp_path: Path) -> None:
    questions = tmp_path / "q.jsonl"
    questions.write_text('{"id": "a", "question": "？"}\n', encoding="utf-8")
    run = cewen(tmp_path / "home", "eval", questions, "--html", tmp_path / "none" / "r.html")
    assert run.returncode == 1
    assert run.stdout.startswith("1 题")
    assert len(run.stderr.splitlines()) == 1
    assert "Traceback" not in run.stderr
