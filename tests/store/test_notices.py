"""The table of notices: what is saved comes back, replaces what it should, and every change is counted."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from bot.store.database import Database
from bot.store.notices import NoticeTable, StoredNotice

PLAN = StoredNotice(
    id="n1",
    path="/notices/plan.docx",
    content_hash="aa",
    doc_number="云科协发〔2024〕3号",
    title="关于开展科普月活动的通知",
    issuer="云溪市科学技术协会",
    date="2024-03-01",
    passages=12,
    tree='{"标题": "关于开展科普月活动的通知"}',
    added_at="2024-03-02T01:00:00+00:00",
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path / "cewen.sqlite3") as database:
        yield database


@pytest.fixture
def notices(database: Database) -> NoticeTable:
    return NoticeTable(database)


def test_a_saved_notice_comes_back_whole(notices: NoticeTable) -> None:
    notices.save(PLAN)
    assert notices.all() == [PLAN]


def test_the_notices_of_a_file_are_those_from_it_and_from_within_it(notices: NoticeTable) -> None:
    within = replace(PLAN, id="b", path=f"{PLAN.path}!/附件1.docx")
    for notice in (
        PLAN,
        within,
        replace(PLAN, id="c", path=f"{PLAN.path}2"),
        replace(PLAN, id="d", path="/%"),
    ):
        notices.save(notice)
    assert {n.id for n in notices.in_file(PLAN.path, "!/")} == {PLAN.id, "b"}


def test_a_notice_replaces_the_one_with_its_id(notices: NoticeTable) -> None:
    notices.save(PLAN)
    moved = replace(PLAN, path="/elsewhere/plan.docx", passages=13)
    notices.save(moved)
    assert notices.all() == [moved]


def test_a_notice_replaces_the_one_that_came_from_its_path(notices: NoticeTable) -> None:
    notices.save(PLAN)
    rewritten = replace(PLAN, id="n2", content_hash="bb")
    notices.save(rewritten)
    assert notices.all() == [rewritten]


def test_notices_are_listed_newest_first_and_undated_ones_last(notices: NoticeTable) -> None:
    for id, date in [("c", ""), ("b", "2024-03-01"), ("d", "2025-01-01"), ("a", "2024-03-01")]:
        notices.save(replace(PLAN, id=id, path=id, date=date))
    assert [notice.id for notice in notices.all()] == ["d", "a", "b", "c"]


def test_removing_tells_which_were_there(notices: NoticeTable) -> None:
    notices.save(PLAN)
    assert notices.remove(["n1", "unknown"]) == {"n1"}
    assert notices.all() == []


def test_the_version_grows_with_each_change_and_only_then(notices: NoticeTable) -> None:
    versions = [notices.version()]
    notices.save(PLAN)
    versions.append(notices.version())
    notices.save(replace(PLAN, passages=1))
    versions.append(notices.version())
    notices.remove(["n1"])
    versions.append(notices.version())
    assert versions == sorted(set(versions))
    notices.remove(["n1"])
    assert notices.version() == versions[-1]


def test_another_connection_sees_the_version_grow(database: Database, notices: NoticeTable) -> None:
    with Database.open(database.path) as other:
        before = NoticeTable(other).version()
        notices.save(PLAN)
        assert NoticeTable(other).version() > before


def test_saving_is_part_of_the_transaction_around_it(database: Database, notices: NoticeTable) -> None:
    with suppress(InterruptedError), database.transaction():
        notices.save(PLAN)
        raise InterruptedError
    assert notices.all() == []
    assert notices.version() == 0
