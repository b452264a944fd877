"""The command `cewen`. Exit status: 0 all done; 1 something could not be done (a line each on stderr); 2 wrong usage."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import wraps
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

import typer
from aiohttp import ClientSession
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot import batch, doctor
from bot.answering.answering import as_json
from bot.answering.model import State
from bot.app import App, Home, open_app, open_home
from bot.channels.wechat.script import Script
from bot.commands.lecture_files import files_cli
from bot.commands.lectures import lectures_cli
from bot.evaluation.comparison import compare
from bot.evaluation.page import page, write_page
from bot.evaluation.report import evaluation, read_report
from bot.evaluation.terminal import comparison_text, report_text
from bot.intake import Ingested, Status, notice_files
from bot.serving import serve_until_stopped
from bot.settings import Settings, load_settings
from bot.store.writer import Writer
from bot.tencent import push_wechat_menu
from bot.wording import utc_now
from corpus.errors import CewenError
from corpus.formats import SUFFIXES

cli = typer.Typer(add_completion=False, no_args_is_help=True, help="策问：从官方通知里回答会员的问题。")
notices_cli = typer.Typer(invoke_without_command=True, help="列出、移除已收录的通知。")
cli.add_typer(notices_cli, name="notices")
lectures_cli.add_typer(files_cli)
cli.add_typer(lectures_cli, name="lectures")
wechat_cli = typer.Typer(no_args_is_help=True, help="微信公众号的管理。")
cli.add_typer(wechat_cli, name="wechat")

HomeOption = Annotated[Path | None, typer.Option("--home", help="数据目录；默认 $CEWEN_HOME，再默认 ./data")]
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON，每行一个")]
BatchOption = Annotated[
    Path | None, typer.Option("--batch", help="每行一个 JSON：id、question、context（可省）")
]


@cli.callback()
def top(home: HomeOption = None) -> None:
    """策问：从官方通知里回答会员的问题。"""
    if home is not None:  # `cewen --home DIR ask …` is `cewen ask … --home DIR`
        os.environ["CEWEN_HOME"] = str(home)


_err = Console(stderr=True, highlight=False, soft_wrap=True)


def main() -> None:
    """The entry point: one clear line for what can't be done, never a traceback for what a user did."""
    try:
        cli()
    except CewenError as error:
        _err.print(str(error), markup=False)
        sys.exit(1)


@cli.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(help="通知文件或文件夹（含下级）")],
    home: HomeOption = None,
    as_json_lines: JsonOption = False,
) -> None:
    """收录通知：新增或更新；没有变化的跳过；读不了的逐个报告，其余照常收录。"""
    with open_home(load_settings(home)) as opened:
        outcomes = _taken(opened, list(notice_files(paths)), quiet=as_json_lines)
    for outcome in outcomes:
        if as_json_lines:
            print(json.dumps(asdict(outcome), ensure_ascii=False))
        else:
            _print_outcome(outcome)
        for warning in outcome.warnings:
            _err.print(f"{outcome.path}：注意：{warning}", markup=False)
        if outcome.error:
            reason = outcome.error.removeprefix(f"{Path(outcome.path).name}：")
            _err.print(f"{outcome.path}：{reason}", markup=False)
    _finish(outcomes, as_json_lines)


def _taken(home: Home, files_found: list[Path], quiet: bool) -> list[Ingested]:
    with Progress(console=_err, transient=True, disable=quiet or not _err.is_terminal) as progress:
        return [o for f in progress.track(files_found, description="收录") for o in home.intake.take(f)]


def _print_outcome(outcome: Ingested) -> None:
    words = {Status.ADDED: "新增", Status.UPDATED: "更新", Status.UNCHANGED: "未变", Status.FAILED: "失败"}
    number = outcome.doc_number or ("" if outcome.status is Status.FAILED else "（没有文号）")
    print(f"{words[outcome.status]}  {Path(outcome.path).name}  {number}{outcome.title}")


def _finish(outcomes: list[Ingested], quiet: bool) -> None:
    failed = sum(o.status is Status.FAILED for o in outcomes)
    if not outcomes:
        _err.print(f"没有找到可以收录的文件（支持 {' '.join(sorted(SUFFIXES))}）。", markup=False)
    elif not quiet:
        print(f"共 {len(outcomes)} 份，{len(outcomes) - failed} 份已在库中，{failed} 份失败。")
    if failed or not outcomes:
        raise typer.Exit(1)


@notices_cli.callback()
def list_notices(context: typer.Context, home: HomeOption = None, as_json_lines: JsonOption = False) -> None:
    """列出已收录的通知。"""
    if context.invoked_subcommand:
        return
    with open_home(load_settings(home)) as opened:
        stored = opened.notices.all()
    if as_json_lines:
        for notice in stored:
            row = {k: v for k, v in asdict(notice).items() if k not in ("tree", "content_hash")}
            print(json.dumps(row, ensure_ascii=False))
        return
    table = Table("ID", "日期", "文号", "标题", "段落")
    for notice in stored:
        table.add_row(notice.id, notice.date, notice.doc_number, notice.title, str(notice.passages))
    Console().print(table)


@notices_cli.command("remove")
def remove_notices(
    ids: Annotated[list[str], typer.Argument(help="通知的 ID")], home: HomeOption = None
) -> None:
    """移除通知。"""
    with open_home(load_settings(home)) as opened:
        removed = opened.notices.remove(ids)
    missing = [i for i in ids if i not in removed]
    print(f"已移除 {len(removed)} 个。")
    for notice_id in missing:
        _err.print(f"没有 ID 为 {notice_id} 的通知。用 cewen notices 查看。", markup=False)
    if missing:
        raise typer.Exit(1)


def _question_command(
    run: Callable[[App, str], None], run_batch: Callable[[App, Iterator[batch.Row]], None]
) -> Callable[..., None]:
    """The common form of `ask` and `search`: one question, or a file of them."""

    @wraps(run)
    def command(home: Path | None, question: str | None, batch_file: Path | None) -> None:
        if (question is None) == (batch_file is None):
            _err.print("请给出一个问题，或用 --batch 给出问题文件（二者选一）。", markup=False)
            raise typer.Exit(2)
        with open_app(load_settings(home)) as app:
            if batch_file is not None:
                run_batch(app, batch.rows(batch_file))
            else:
                run(app, question or "")

    return command


@cli.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="问题")] = None,
    home: HomeOption = None,
    batch_file: BatchOption = None,
    as_json_lines: JsonOption = False,
) -> None:
    """提问，打印会员看到的回复。"""

    def one(app: App, text: str) -> None:
        started = time.perf_counter()
        answer, _ = app.answering.answer(text, State())
        elapsed = (time.perf_counter() - started) * 1000
        print(json.dumps(as_json(answer, elapsed), ensure_ascii=False) if as_json_lines else answer.text)

    _question_command(one, lambda app, rows: _print_lines(batch.answers(app.answering, rows)))(
        home, question, batch_file
    )


@cli.command()
def search(
    question: Annotated[str | None, typer.Argument(help="问题")] = None,
    home: HomeOption = None,
    top: Annotated[int, typer.Option(min=1, max=1000, help="给出前几条")] = 10,
    batch_file: BatchOption = None,
    as_json_lines: JsonOption = False,
) -> None:
    """回答背后的排序：最相关的段落。"""

    def one(app: App, text: str) -> None:
        hits = batch.hits(app.answering, text, top)
        if as_json_lines:
            print(json.dumps(hits, ensure_ascii=False))
            return
        for hit in hits:
            print(
                f"{hit['score']:8.2f}  {hit['doc_number'] or hit['title']} {hit['locator']}\n          {hit['text']}"
            )

    _question_command(one, lambda app, rows: _print_lines(batch.searches(app.answering, rows, top)))(
        home, question, batch_file
    )


def _print_lines(rows: Iterator[dict[str, object]]) -> None:
    for row in rows:
        print(json.dumps(row, ensure_ascii=False), flush=False)


@cli.command("eval")
def evaluate(
    questions: Annotated[Path, typer.Argument(help="问题文件，格式同 questions/dev.jsonl")],
    home: HomeOption = None,
    html: Annotated[Path | None, typer.Option("--html", help="另写一页可离线阅读的报告")] = None,
    earlier: Annotated[
        Path | None, typer.Option("--compare", help="与旧报告（--json 的输出）比较：哪些题变错、变对")
    ] = None,
    as_json_lines: JsonOption = False,
) -> None:
    """逐题作答并评分：答对率、各类问题、用时、可信度，列出错题。"""
    before = read_report(earlier) if earlier else None
    with open_app(load_settings(home)) as app:
        report = evaluation(app.answering, batch.rows(questions))
    comparison = compare(before, report) if before else None
    if as_json_lines:
        changes = {"comparison": asdict(comparison)} if comparison else {}
        print(json.dumps(report.as_json() | changes, ensure_ascii=False))
    else:
        print(report_text(report))
        if comparison:
            print(comparison_text(comparison))
    if html:
        write_page(html, page(report, questions.name, utc_now().astimezone(), comparison))


@cli.command()
def serve(
    home: HomeOption = None,
    host: Annotated[str, typer.Option(help="监听地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="端口；0 表示任选")] = 8080,
    workers: Annotated[int, typer.Option(min=1, max=1, help="进程数；目前只支持 1")] = 1,
) -> None:
    """启动：网页、已设置的各渠道、健康检查、指标。"""
    _serve(load_settings(home), host, port)


@cli.command()
def demo(
    host: Annotated[str, typer.Option(help="监听地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8080,
    serve_page: Annotated[bool, typer.Option("--serve/--no-serve", help="只问一题，不启动网页")] = True,
    home: Annotated[Path, typer.Option(help="演示用的数据目录")] = Path("demo-data"),
) -> None:
    """无需任何设置的演示：收录样例通知，问一题，打开网页。"""
    settings = load_settings(home)
    with as_file(files("bot.samples") / "notices") as samples, open_home(settings) as opened:
        outcomes = _taken(opened, list(notice_files([samples])), quiet=False)
    for outcome in outcomes:
        _print_outcome(outcome)
    with open_app(settings) as app:
        example = app.answering.example()
        answer, _ = app.answering.answer(example, State())
        print(f"\n问：{example}\n答：{answer.text}\n")
    if any(o.status is Status.FAILED for o in outcomes):
        raise typer.Exit(1)
    if serve_page:
        _serve(settings, host, port)


def _serve(settings: Settings, host: str, port: int) -> None:
    with open_app(settings) as app:
        serve_until_stopped(app, host, port, lambda line: print(line, flush=True))


@wechat_cli.callback()
def wechat() -> None:
    """微信公众号的管理。"""


@wechat_cli.command("menu")
def push_menu(home: HomeOption = None) -> None:
    """把 HOME/wechat.toml 里的菜单推送到公众号；没有菜单则撤下。"""
    settings = load_settings(home)

    async def push() -> Script:
        async with await Writer.open(settings.database) as writer, ClientSession() as session:
            return await push_wechat_menu(settings, writer, session)

    script = asyncio.run(push())
    names = "、".join(button.name for button in script.menu)
    print(f"菜单已推送：{names}。成员端最多 5 分钟后看到。" if script.menu else "菜单已撤下。")


@cli.command("doctor")
def run_doctor(home: HomeOption = None) -> None:
    """检查设置、目录、数据库、索引和各渠道的凭据，并说明如何修复。"""
    findings = doctor.examine(home)
    for finding in findings:
        print(f"{'正常' if finding.well else '有问题'}  {finding.about}：{finding.says}")
    if not all(f.well for f in findings):
        raise typer.Exit(1)
