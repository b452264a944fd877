"""The command line as scripts rely on it: shapes, exit status, one clear line for what can't be done."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import openpyxl
import pytest

SAMPLES = Path(__file__).parents[1] / "bot" / "samples"
CEWEN = Path(sys.executable).with_name("cewen")


def cewen(home: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CEWEN_")} | {
        "CEWEN_HOME": str(home)
    }
    return subprocess.run([CEWEN, *arguments], capture_output=True, text=True, env=environment, timeout=120)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    assert cewen(folder, "ingest", SAMPLES / "notices").returncode == 0
    return folder


def test_ingest_prints_an_object_a_file_and_skips_what_has_not_changed(tmp_path: Path) -> None:
    first = cewen(tmp_path / "home", "ingest", "--json", SAMPLES / "notices")
    rows = [json.loads(line) for line in first.stdout.splitlines()]
    assert {r["status"] for r in rows} == {"added"}
    assert set(rows[0]) == {
        "path",
        "notice_id",
        "doc_number",
        "title",
        "issuer",
        "date",
        "passages",
        "status",
        "error",
        "warnings",
    }
    again = cewen(tmp_path / "home", "ingest", "--json", SAMPLES / "notices")
    assert {json.loads(line)["status"] for line in again.stdout.splitlines()} == {"unchanged"}


def test_a_changed_file_replaces_its_older_version(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    for part in ("宣传部", "科普部"):
        file.write_text(f"关于办展的通知\n办展由{part}负责。\n市科协\n2025年1月2日", encoding="utf-8")
        outcome = cewen(tmp_path / "home", "ingest", "--json", file)
    assert json.loads(outcome.stdout)["status"] == "updated"
    assert "科普部" in cewen(tmp_path / "home", "ask", "办展由哪个部门负责").stdout


def test_bad_files_get_a_line_each_and_the_rest_go_in(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "empty.txt").write_bytes(b"")
    (folder / "binary.txt").write_bytes(bytes(range(256)))
    (folder / "cut.pdf").write_bytes(b"%PDF-1.4 nothing")
    (folder / "good.txt").write_text("关于值班的通知\n值班电话：（0999）5550001。", encoding="utf-8")
    run = cewen(tmp_path / "home", "ingest", folder)
    assert run.returncode == 1
    assert len(run.stderr.splitlines()) == 3
    assert "Traceback" not in run.stderr
    assert "关于值班的通知" in cewen(tmp_path / "home", "notices").stdout.replace("\n", "")


def archive(file: Path, *names: str) -> None:
    """Notices that differ by the number in their names."""
    with zipfile.ZipFile(file, "w") as content:
        for name in names:
            content.writestr(name, f"关于{name}值班的通知\n值班电话：（0999）5550001，{name}。")


def test_each_document_of_an_archive_is_a_notice_and_one_that_is_gone_is_taken_out(tmp_path: Path) -> None:
    file, home = tmp_path / "通知.zip", tmp_path / "home"
    outcomes = []
    for names in (("a.txt", "b.txt"), ("a.txt", "b.txt"), ("a.txt", "c.txt")):
        archive(file, *names)
        run = cewen(home, "ingest", "--json", file)
        outcomes.append([(r["path"], r["status"]) for r in map(json.loads, run.stdout.splitlines())])
    a, b, c = (f"{file}!/{name}" for name in ("a.txt", "b.txt", "c.txt"))
    assert outcomes == [
        [(a, "added"), (b, "added")],
        [(a, "unchanged"), (b, "unchanged")],
        [(a, "unchanged"), (c, "added")],
    ]
    held = [json.loads(line)["path"] for line in cewen(home, "notices", "--json").stdout.splitlines()]
    assert sorted(held) == [a, c]


def test_what_should_be_checked_is_said_and_is_no_error(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (("姓名", "电话"), ("高远", "5550101")):
        book.active.append(row)
    book.create_sheet("草稿").sheet_state = "hidden"
    book.save(tmp_path / "名单.xlsx")
    run = cewen(tmp_path / "home", "ingest", tmp_path / "名单.xlsx")
    assert run.returncode == 0
    assert run.stderr.splitlines() == [f"{tmp_path / '名单.xlsx'}：注意：隐藏的工作表未读：草稿。"]
    row = json.loads(cewen(tmp_path / "other", "ingest", "--json", tmp_path / "名单.xlsx").stdout)
    assert row["warnings"] == ["隐藏的工作表未读：草稿。"]


def test_ask_prints_an_answer_in_the_agreed_shape(home: Path) -> None:
    answer = json.loads(cewen(home, "ask", "--json", "科普大篷车进乡村由哪个部门负责？").stdout)
    assert set(answer) == {
        "answered",
        "answer",
        "text",
        "kind",
        "confidence",
        "citations",
        "related",
        "elapsed_ms",
    }
    assert answer["answer"] == "科学技术普及部"
    citation = answer["citations"][0]
    assert set(citation) == {"notice_id", "doc_number", "title", "issuer", "date", "locator", "quote"}


def test_a_batch_keeps_the_order_and_each_line_is_a_conversation_of_its_own(
    home: Path, tmp_path: Path
) -> None:
    lines = [
        {"id": "b", "question": "邮箱呢", "context": ["短视频征集的联系人是谁"]},
        {"id": "a", "question": "邮箱呢"},
    ]
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    answers = [json.loads(x) for x in cewen(home, "ask", "--batch", file).stdout.splitlines()]
    assert [(a["id"], a["answered"]) for a in answers] == [("b", True), ("a", False)]


def test_search_gives_the_ranking_in_the_agreed_shape(home: Path) -> None:
    hits = json.loads(cewen(home, "search", "--json", "--top", "3", "科普大篷车").stdout)
    assert len(hits) == 3
    assert set(hits[0]) == {"notice_id", "path", "doc_number", "title", "locator", "text", "score"}
    assert all(len(h["text"]) <= 200 for h in hits)


def test_eval_grades_a_question_file(home: Path) -> None:
    report = json.loads(cewen(home, "eval", SAMPLES / "questions.jsonl", "--json").stdout)
    assert report["questions"] >= 60
    assert report["right"] >= 0.9


def test_the_home_may_stand_before_or_after_the_command(home: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "empty"
    before = cewen(elsewhere, "--home", home, "notices", "--json")
    after = cewen(elsewhere, "notices", "--json", "--home", home)
    assert before.stdout == after.stdout != ""


def test_removing_names_what_is_not_there(home: Path) -> None:
    run = cewen(home, "notices", "remove", "nothing")
    assert run.returncode == 1
    assert "nothing" in run.stderr


@pytest.mark.parametrize("arguments", [["ask"], ["nonsense"], ["serve", "--port", "x"]])
def test_wrong_usage_ends_with_status_2(home: Path, arguments: list[str]) -> None:
    assert cewen(home, *arguments).returncode == 2


def test_a_setting_that_can_not_be_used_is_named_without_its_value(tmp_path: Path) -> None:
    (tmp_path / "cewen.toml").write_text('telegram_mode = "carrier-pigeon"\n', encoding="utf-8")
    run = cewen(tmp_path, "notices")
    assert run.returncode == 1
    assert "telegram_mode" in run.stderr
    assert "pigeon" not in run.stderr


def test_demo_answers_its_example_with_no_settings_at_all(tmp_path: Path) -> None:
    for _ in range(2):
        run = cewen(tmp_path, "demo", "--no-serve", "--home", tmp_path / "demo")
        assert run.returncode == 0, run.stderr
        assert "出处：" in run.stdout


def test_serve_answers_sees_new_notices_and_stops_when_told(home: Path, tmp_path: Path) -> None:
    environment = os.environ | {"CEWEN_HOME": str(home)}
    command = [CEWEN, "serve", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as server:
        try:
            assert server.stdout
            base = server.stdout.readline().split("http://")[1].split("/")[0]
            assert fetch(base, "/healthz")
            assert fetch(base, "/readyz")
            assert "<html" in fetch(base, "/")
            assert json.loads(post(base, "科普大篷车进乡村由哪个部门负责？"))["answer"] == "科学技术普及部"
            file = tmp_path / "new.txt"
            file.write_text(
                "关于举办灯会的通知\n灯会由工会筹备组负责。\n市科协\n2025年1月2日", encoding="utf-8"
            )
            assert cewen(home, "ingest", file).returncode == 0
            assert "工会筹备组" in json.loads(post(base, "灯会由谁负责"))["answer"]
            assert "cewen_answers_total" in fetch(base, "/metrics")
        finally:
            server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=20) == 0


def fetch(base: str, path: str) -> str:
    with urllib.request.urlopen(f"http://{base}{path}", timeout=20) as response:
        return str(response.read().decode())


def post(base: str, question: str) -> str:
    request = urllib.request.Request(
        f"http://{base}/api/ask",
        json.dumps({"question": question}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as response:  # noqa: S310
        return str(response.read().decode())
