"""What `cewen doctor` says of the message file."""

from pathlib import Path

import pytest

from bot.doctor import Finding, examine


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CEWEN_TELEGRAM_TOKEN", raising=False)


def about_texts(home: Path) -> Finding:
    [finding] = [finding for finding in examine(home) if finding.about == "文字"]
    return finding


def test_without_a_message_file_the_built_in_texts_are_named(tmp_path: Path) -> None:
    assert about_texts(tmp_path) == Finding("文字", True, "用自带的文字，可在 messages.toml 里改")


def test_a_message_file_that_is_well_is_named(tmp_path: Path) -> None:
    (tmp_path / "messages.toml").write_text('[account]\nkept = "没删。"\n', encoding="utf-8")
    assert about_texts(tmp_path).well


def test_each_fault_in_the_message_file_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "messages.toml").write_text('[account]\nkept = ""\nkpet = "x"\n', encoding="utf-8")
    finding = about_texts(tmp_path)
    assert not finding.well
    assert "account.kept 是空的" in finding.says
    assert "account.kpet 不是已有的文字名" in finding.says
    assert [f.about for f in examine(tmp_path) if not f.well] == ["文字"]
