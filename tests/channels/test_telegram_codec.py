"""Telegram's codec: which updates are meant for the bot and what they say; how replies are cut, escaped, offered."""

import html
from datetime import UTC, datetime
from typing import Any

import pytest
import telegram
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.model import Choice, Reply, Update, UpdateKind
from bot.channels.telegram.codec import MAX_UNITS, address, outgoing, read_update, split

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
ME = telegram.User(666, "策问", True, username="CewenBot")
MEMBER = {"id": 7_000_000_001, "is_bot": False, "first_name": "张三"}
PRIVATE = {"id": 7_000_000_001, "type": "private"}
GROUP = {"id": -100_123, "type": "supergroup", "title": "科普群"}
BOT_SAID = {"message_id": 4, "date": 0, "chat": GROUP, "from": ME.to_dict(), "text": "答"}
MEMBER_SAID = {**BOT_SAID, "from": MEMBER}


def entity(text: str, part: str, kind: str, **more: Any) -> dict[str, Any]:
    """An entity over a part of a text, counted in UTF-16 units as Telegram does."""
    offset = len(text[: text.index(part)].encode("utf-16-le")) // 2
    return {"type": kind, "offset": offset, "length": len(part.encode("utf-16-le")) // 2, **more}


def read(**what: Any) -> Update | None:
    return read_update(telegram.Update.de_json({"update_id": 5, **what}, None), ME, NOON)


def message(text: str | None = None, chat: dict[str, Any] = PRIVATE, **more: Any) -> Update | None:
    body = {"message_id": 9, "date": 0, "chat": chat, "from": MEMBER, **more}
    return read(message=body if text is None else {**body, "text": text})


def command(text: str, chat: dict[str, Any] = PRIVATE) -> Update | None:
    return message(text, chat, entities=[entity(text, text.split()[0], "bot_command")])


def mention(text: str, name: str, **more: Any) -> Update | None:
    return message(text, GROUP, entities=[entity(text, name, "mention")], **more)


def said(update: Update | None) -> str | None:
    return update.text if update else None


def tapped(data: str, *labels: tuple[str, str]) -> Update | None:
    keyboard = [[{"text": label, "callback_data": button}] for label, button in labels]
    below = {**BOT_SAID, "chat": PRIVATE, "reply_markup": {"inline_keyboard": keyboard}}
    query = {"id": "1", "from": MEMBER, "chat_instance": "1", "data": data, "message": below}
    return read(callback_query=query)


def test_a_private_text_is_read_with_who_where_and_when() -> None:
    assert message("谁负责？") == Update(
        channel="telegram",
        member="7000000001",
        chat="7000000001",
        key="5",
        kind=UpdateKind.TEXT,
        received_at=NOON,
        text="谁负责？",
    )


@pytest.mark.parametrize(
    ("typed", "name", "rest"),
    [
        ("/start", "start", ""),
        ("/start chk_42-a", "start", "chk_42-a"),
        ("/ask 报名截止到哪天？\n谢谢", "ask", "报名截止到哪天？\n谢谢"),
        ("/help@CewenBot", "help", ""),
        ("/HELP@cewenbot", "help", ""),
        ("/weather 明天", "weather", "明天"),
    ],
)
def test_a_command_is_its_name_and_the_rest(typed: str, name: str, rest: str) -> None:
    update = command(typed)
    assert update is not None
    assert (update.kind, update.payload, update.text) == (UpdateKind.COMMAND, name, rest)


def test_a_slash_within_a_sentence_is_no_command() -> None:
    update = message("A/B 怎么选？", entities=[entity("A/B 怎么选？", "/B", "bot_command")])
    assert update is not None
    assert (update.kind, update.payload) == (UpdateKind.TEXT, "")


@pytest.mark.parametrize(
    ("content", "kind", "text"),
    [
        (
            {"document": {"file_id": "f", "file_unique_id": "u"}, "caption": "请收录"},
            UpdateKind.FILE,
            "请收录",
        ),
        ({"location": {"latitude": 29.5, "longitude": 106.5}}, UpdateKind.LOCATION, ""),
        ({"voice": {"file_id": "f", "file_unique_id": "u", "duration": 3}}, UpdateKind.OTHER, ""),
    ],
)
def test_what_is_not_text_is_told_by_its_kind(content: dict[str, Any], kind: UpdateKind, text: str) -> None:
    update = message(**content)
    assert update is not None
    assert (update.kind, update.text) == (kind, text)


@pytest.mark.parametrize(("status", "kind"), [("kicked", UpdateKind.UNFOLLOW), ("member", UpdateKind.FOLLOW)])
def test_blocking_and_unblocking_are_unfollowing_and_following(status: str, kind: UpdateKind) -> None:
    def member(status: str) -> dict[str, Any]:
        return {"user": ME.to_dict(), "status": status, "until_date": 0}

    change = {"chat": PRIVATE, "from": MEMBER, "date": 0, "old_chat_member": member("left")}
    update = read(my_chat_member={**change, "new_chat_member": member(status)})
    assert update is not None
    assert (update.kind, update.member) == (kind, "7000000001")
    assert read(my_chat_member={**change, "chat": GROUP, "new_chat_member": member(status)}) is None


def test_edits_channel_posts_and_service_messages_are_ignored() -> None:
    post = {"message_id": 9, "date": 0, "chat": {"id": -5, "type": "channel"}, "text": "公告"}
    assert read(edited_message={**MEMBER_SAID, "edit_date": 1}) is None
    assert read(channel_post=post) is None
    assert message(new_chat_members=[MEMBER]) is None


def test_group_talk_among_members_is_ignored() -> None:
    assert message("中午吃什么？", GROUP) is None
    assert message("同意", GROUP, reply_to_message=MEMBER_SAID) is None
    assert mention("@LaoWang 你看呢", "@LaoWang") is None
    assert message(None, GROUP, document={"file_id": "f", "file_unique_id": "u"}) is None


def test_in_a_group_a_mention_is_meant_for_the_bot_and_stripped() -> None:
    assert said(mention("@CewenBot 谁负责？", "@CewenBot")) == "谁负责？"
    assert said(mention("🙂请问 @cewenbot", "@cewenbot")) == "🙂请问"
    text = "策问 谁负责？"
    by_name = message(text, GROUP, entities=[entity(text, "策问", "text_mention", user=ME.to_dict())])
    assert said(by_name) == "谁负责？"


def test_in_a_group_a_caption_may_mention_the_bot() -> None:
    caption = "@CewenBot 请收录"
    update = message(
        None,
        GROUP,
        document={"file_id": "f", "file_unique_id": "u"},
        caption=caption,
        caption_entities=[entity(caption, "@CewenBot", "mention")],
    )
    assert update is not None
    assert (update.kind, update.text) == (UpdateKind.FILE, "请收录")


def test_in_a_group_an_answer_to_the_bot_is_meant_for_it() -> None:
    assert said(message("那联系电话呢？", GROUP, reply_to_message=BOT_SAID)) == "那联系电话呢？"


@pytest.mark.parametrize(
    ("typed", "heard"),
    [("/ask 谁负责？", True), ("/stats@CewenBot", True), ("/ask@OtherBot 谁", False), ("/ban 李四", False)],
)
def test_in_a_group_only_commands_for_this_bot_are_heard(typed: str, heard: bool) -> None:
    assert (command(typed, GROUP) is not None) is heard


def test_a_forum_topic_is_a_chat_of_its_own_and_a_chain_of_replies_is_not() -> None:
    forum = message("问", {**GROUP, "is_forum": True}, reply_to_message=BOT_SAID, message_thread_id=3)
    topic = message(
        "问",
        {**GROUP, "is_forum": True},
        reply_to_message=BOT_SAID,
        message_thread_id=3,
        is_topic_message=True,
    )
    assert forum is not None
    assert topic is not None
    assert address(forum.chat) == (-100_123, None)
    assert address(topic.chat) == (-100_123, 3)


def test_a_short_choice_is_carried_by_the_button_under_any_label() -> None:
    [sent] = outgoing(Reply("要看哪份？", (Choice("第一份", "关于讲座的通知"),)))
    assert sent.buttons is not None
    [[button]] = sent.buttons.inline_keyboard
    assert button.text == "第一份"
    update = tapped(str(button.callback_data), ("第一份", str(button.callback_data)))
    assert update is not None
    assert (update.kind, update.text) == (UpdateKind.BUTTON, "关于讲座的通知")


def test_a_choice_too_long_for_a_button_is_read_from_its_label() -> None:
    question = "科普短视频征集活动的报名截止日期是哪一天，材料发到哪个邮箱？"
    [sent] = outgoing(Reply("还想问：", (Choice("短", "短"), Choice("截止", question))))
    assert sent.buttons is not None
    labels = [(str(b.text), str(b.callback_data)) for row in sent.buttons.inline_keyboard for b in row]
    assert labels[1] == (question, "c:1")
    assert said(tapped("c:1", *labels)) == question


def test_a_button_whose_message_is_gone_does_nothing() -> None:
    gone = {"message_id": 4, "date": 0, "chat": PRIVATE}
    query = {"id": "1", "from": MEMBER, "chat_instance": "1", "data": "c:1", "message": gone}
    assert read(callback_query=query) is None
    assert said(read(callback_query={**query, "data": "t:谁负责？"})) == "谁负责？"


def test_text_is_escaped_after_it_is_cut() -> None:
    text = "<b>&" * 2000
    sent = outgoing(Reply(text))
    assert [len(one.text) for one in sent] == [4096, 3904]
    assert "".join(html.unescape(one.html) for one in sent) == text
    assert all("<" not in one.html for one in sent)


def test_buttons_stand_below_the_last_message() -> None:
    first, last = outgoing(Reply("问" * 4000 + "\n" + "答" * 200, (Choice("更多", "更多"),)))
    assert first.buttons is None
    assert last.buttons is not None


def test_a_blank_reply_sends_nothing() -> None:
    assert outgoing(Reply(" \n", (Choice("更多", "更多"),))) == []


def test_half_a_surrogate_pair_becomes_a_sendable_character() -> None:
    [sent] = outgoing(Reply("问\ud83d答"))
    assert sent.html == "问\ufffd答"


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("一二三四五。\n\n六七八\n九十。", ["一二三四五。\n\n", "六七八\n九十。"]),
        ("一二三四五。\n六七。八九十", ["一二三四五。\n", "六七。八九十"]),
        ("一二三四“五。”六七八九十", ["一二三四“五。”", "六七八九十"]),
        ("abcdef ghijkl", ["abcdef ", "ghijkl"]),
        ("一二三四五六七八九十甲", ["一二三四五六七八九十", "甲"]),
        ("一。二三四五六七八九十甲", ["一。二三四五六七八九", "十甲"]),
        ("🙂🙂🙂🙂🙂🙂", ["🙂🙂🙂🙂🙂", "🙂"]),
    ],
)
def test_text_is_cut_at_the_best_end_that_leaves_a_piece_half_full(text: str, pieces: list[str]) -> None:
    assert split(text, 10) == pieces


prose = st.lists(st.sampled_from(["通知", "。", "\n", "\n\n", " ", "🙂", "<&>", "word", "”", "！"])).map(
    "".join
)


@given(st.one_of(st.text(), prose), st.integers(2, 40))
def test_pieces_joined_are_the_text_and_each_fits(text: str, limit: int) -> None:
    pieces = split(text, limit)
    assert "".join(pieces) == text
    assert all(0 < len(piece.encode("utf-16-le")) // 2 <= limit for piece in pieces)


@given(st.sampled_from(["通🙂知", "\n", " ", "”。", "。\n \n"]), st.integers(1, 6000))
def test_long_text_is_cut_at_telegrams_limit(part: str, times: int) -> None:
    pieces = split(part * times)
    assert "".join(pieces) == part * times
    assert all(0 < len(piece.encode("utf-16-le")) // 2 <= MAX_UNITS for piece in pieces)


@given(st.text(min_size=1), st.text(min_size=1))
def test_every_button_fits_telegrams_64_bytes_and_gives_its_text_back(label: str, text: str) -> None:
    [sent] = outgoing(Reply("选", (Choice(label, text),)))
    assert sent.buttons is not None
    [[button]] = sent.buttons.inline_keyboard
    data = str(button.callback_data)
    assert 1 <= len(data.encode()) <= 64
    assert said(tapped(data, (button.text, data))) == text
