"""Linking identities: what a code is worth, to whom, how long and how often."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from bot.languages import Language
from bot.members.linking import (
    LIFETIME,
    TRIES,
    LinkCodes,
    Linked,
    LinkedAlready,
    Linking,
    NoSuchCode,
    Offered,
    OwnCode,
    TooManyIdentities,
    TooOften,
)
from bot.members.model import Identity
from bot.members.preferences import PreferenceTable
from bot.members.register import MOST_IDENTITIES, Register
from bot.store.database import Database

PHONE = Identity("telegram", "7000000001")
WECHAT = Identity("wechat", "oABC")
STRANGER = Identity("telegram", "666")


@dataclass
class Clock:
    now: datetime = datetime(2024, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    def passes(self, time: timedelta) -> None:
        self.now += time


@dataclass
class Office:
    """The register, the preferences and the linking over one database."""

    database: Database
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        numbers = count(1)
        self.preferences = PreferenceTable(self.database)
        codes = LinkCodes(self.database, self.clock)
        self.register = Register(
            self.database, [self.preferences, codes], self.clock, lambda: f"m{next(numbers)}"
        )
        self.linking = Linking(codes, self.register, self.database, self.clock.seconds)

    def code(self, identity: Identity) -> str:
        offered = self.linking.offer(identity)
        assert isinstance(offered, Offered)
        return offered.code

    def link(self, one: Identity, other: Identity) -> None:
        assert isinstance(self.linking.redeem(self.code(one), other), Linked)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Database.open(tmp_path / "cewen.sqlite3") as database:
        yield Office(database)


def test_a_code_given_on_one_channel_and_typed_on_another_links_the_two(office: Office) -> None:
    outcome = office.linking.redeem(office.code(PHONE), WECHAT)
    assert isinstance(outcome, Linked)
    assert outcome.other == PHONE
    assert set(outcome.member.identities) == {PHONE, WECHAT}
    assert office.register.find(PHONE) == office.register.find(WECHAT) == outcome.member


@pytest.mark.parametrize(
    "typing", [str.lower, lambda code: code.replace("-", ""), lambda code: f" {code[:4]} {code[5:]} "]
)
def test_a_code_may_be_typed_with_any_case_and_spacing(office: Office, typing: object) -> None:
    assert callable(typing)
    assert isinstance(office.linking.redeem(typing(office.code(PHONE)), WECHAT), Linked)


def test_full_width_and_look_alike_characters_are_read_as_what_was_meant(office: Office) -> None:
    code = office.code(PHONE).replace("0", "O").replace("1", "l")
    full_width = "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else c for c in code)
    assert isinstance(office.linking.redeem(full_width, WECHAT), Linked)


def test_a_code_serves_once(office: Office) -> None:
    code = office.code(PHONE)
    office.linking.redeem(code, WECHAT)
    assert office.linking.redeem(code, STRANGER) == NoSuchCode()


def test_a_code_holds_for_ten_minutes(office: Office) -> None:
    code = office.code(PHONE)
    office.clock.passes(LIFETIME)
    assert office.linking.redeem(code, WECHAT) == NoSuchCode()
    assert office.register.find(PHONE) is None


def test_a_new_code_replaces_the_one_before(office: Office) -> None:
    first, second = office.code(PHONE), office.code(PHONE)
    assert office.linking.redeem(first, WECHAT) == NoSuchCode()
    assert isinstance(office.linking.redeem(second, WECHAT), Linked)


def test_a_code_typed_where_it_was_asked_for_still_holds(office: Office) -> None:
    code = office.code(PHONE)
    assert office.linking.redeem(code, PHONE) == OwnCode()
    assert isinstance(office.linking.redeem(code, WECHAT), Linked)


def test_who_is_linked_already_is_told_so(office: Office) -> None:
    office.link(PHONE, WECHAT)
    assert office.linking.redeem(office.code(PHONE), WECHAT) == LinkedAlready()


def test_guessing_is_limited_by_identity_and_the_wait_is_told(office: Office) -> None:
    code = office.code(PHONE)
    for _ in range(TRIES):
        assert office.linking.redeem("0000-0000", STRANGER) == NoSuchCode()
    assert office.linking.redeem(code, STRANGER) == TooOften(minutes=2)
    assert isinstance(office.linking.redeem(code, WECHAT), Linked)


def test_asking_for_codes_is_limited_too(office: Office) -> None:
    for _ in range(TRIES):
        office.code(PHONE)
    assert office.linking.offer(PHONE) == TooOften(minutes=2)
    office.clock.passes(timedelta(minutes=2))
    office.code(PHONE)


def test_the_number_of_identities_has_a_bound(office: Office) -> None:
    for n in range(1, MOST_IDENTITIES):
        office.clock.passes(LIFETIME)
        office.link(PHONE, Identity("wechat", f"o{n}"))
    office.clock.passes(LIFETIME)
    assert office.linking.redeem(office.code(PHONE), STRANGER) == TooManyIdentities()


def test_neither_the_code_nor_an_old_digest_is_kept(office: Office) -> None:
    code = office.code(PHONE)
    stored = office.database.query("SELECT digest FROM link_code")
    assert code not in str(stored)
    assert code.replace("-", "") not in str(stored)
    office.clock.passes(LIFETIME)
    office.code(WECHAT)
    assert len(office.database.query("SELECT digest FROM link_code")) == 1


def test_linked_identities_share_the_preferences_of_the_one_that_asked_for_the_code(office: Office) -> None:
    for identity, language in ((PHONE, Language.ENGLISH), (WECHAT, Language.CHINESE)):
        office.preferences.choose_language(office.register.obtain(identity), language)
    office.link(PHONE, WECHAT)
    assert office.preferences.language(WECHAT) is office.preferences.language(PHONE) is Language.ENGLISH


def test_where_that_one_had_chosen_nothing_the_others_choice_serves_both(office: Office) -> None:
    office.preferences.choose_language(office.register.obtain(WECHAT), Language.ENGLISH)
    office.link(PHONE, WECHAT)
    assert office.preferences.language(PHONE) is Language.ENGLISH


def test_two_linked_pairs_become_one_member(office: Office) -> None:
    tablet, desk = Identity("telegram", "2"), Identity("wecom", "zhangsan")
    office.link(PHONE, WECHAT)
    office.link(tablet, desk)
    office.link(PHONE, tablet)
    member = office.register.find(desk)
    assert member is not None
    assert set(member.identities) == {PHONE, WECHAT, tablet, desk}


def test_a_link_can_be_undone_and_the_rest_stays_together(office: Office) -> None:
    desk = Identity("wecom", "zhangsan")
    office.link(PHONE, WECHAT)
    office.link(PHONE, desk)
    rest = office.register.leave(WECHAT)
    assert rest is not None
    assert set(rest.identities) == {PHONE, desk}
    assert office.register.find(WECHAT) is None


def test_who_is_linked_with_nobody_has_nothing_to_undo(office: Office) -> None:
    assert office.register.leave(PHONE) is None
    office.register.obtain(PHONE)
    assert office.register.leave(PHONE) is None


def test_all_that_is_held_can_be_taken_out_and_erased(office: Office) -> None:
    office.link(PHONE, WECHAT)
    office.preferences.choose_language(office.register.obtain(PHONE), Language.ENGLISH)
    office.code(WECHAT)
    assert office.register.export(PHONE) == {
        "preferences": [{"language": "en"}],
        "link_codes": [{"channel": "wechat", "expires_at": "2024-03-01T12:10:00.000000+00:00"}],
        "identities": [
            {"channel": "telegram", "user": "7000000001"},
            {"channel": "wechat", "user": "oABC"},
        ],
    }
    erased = office.register.erase(WECHAT)
    assert set(erased.identities) == {PHONE, WECHAT}
    assert office.register.export(WECHAT) == office.register.export(PHONE) == {}
    assert office.register.find(PHONE) is None
    for table in ("preference", "link_code", "identity"):
        assert office.database.query(f"SELECT * FROM {table}") == []


def test_asking_about_somebody_unknown_enters_nobody(office: Office) -> None:
    assert office.register.find(STRANGER) is None
    assert office.register.export(STRANGER) == {}
    assert office.preferences.language(STRANGER) is None
    assert office.database.query("SELECT * FROM identity") == []
