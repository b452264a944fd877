"""The report as one page that works offline: no script, no outside resource, and nothing in a question is markup."""

from datetime import datetime
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.evaluation import plots, remarks
from bot.evaluation.comparison import Comparison
from bot.evaluation.report import Report
from corpus.errors import CewenError


class PageUnwritable(CewenError):
    """The file that the page should go to can't be written."""


def page(report: Report, questions: str, made: datetime, comparison: Comparison | None = None) -> str:
    """The page as HTML. `questions` is the question file's name, `made` the time of the run, in the zone to show."""
    environment = Environment(
        loader=PackageLoader("bot.evaluation", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(share=remarks.share_text, ms=remarks.ms, kind=remarks.kind_name)
    found = report.calibration
    return environment.get_template("report.html").render(
        report=report,
        questions=questions,
        made=made.strftime("%Y-%m-%d %H:%M %Z").strip(),
        comparison=comparison,
        remarks=remarks,
        reliability=plots.reliability(found.bins),
        sweep=plots.sweep(found.sweep, found.best),
        histogram=plots.histogram([r.elapsed_ms for r in report.results]),
    )


def write_page(file: Path, html: str) -> None:
    """Writes the page. Raises PageUnwritable."""
    try:
        file.write_text(html, encoding="utf-8")
    except OSError as error:
        raise PageUnwritable(f"网页写不到 {file}：{error.strerror}。请检查路径和权限。") from None
