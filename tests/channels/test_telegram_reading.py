"""Reading Telegram's updates: which are meant for the bot, and what they say."""

from datetime import UTC, datetime
from typing import Any

import pytest
import telegram

from bot.channels.model import Update, UpdateKind
from bot.channels.telegram.buttons import Pressed
from bot.channels.telegram.reading import EDITS_HEARD, address, read_update

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
ME = telegram.User(666, "策问", True, username="CewenBot")
MEMBER = {"id": 7_000_000_001, "is_bot": False, "first_name": "张三", "language_code": "zh-hans"}
PRIVATE = {"id": 7_000_000_001, "type": "private"}
GROUP = {"id": -100_123, "type": "supergroup", "title": "科普群"}
BOT_SAID = {"message_id": 4, "date": 0, "chat": GROUP, "from": ME.to_dict(), "text": "答"}
MEMBER_SAID = {**BOT_SAID, "from": MEMBER}


def entity(text: str, part: str, kind: str, **more: Any) -> dict[str, Any]:
    """An entity over a part of a text, counted in UTF-16 units as Telegram does."""
    offset = len(text[: text.index(part)].encode("utf-16-le")) // 2
    return {"type": kind, "offset": offset, "length": len(part.encode("utf-16-le")) // 2, **more}


def press(chat: str, data: str) -> Pressed | None:
    """A button's data as these tests write it: the chat it belongs to, and what it says."""
    belongs_to, _, text = data.partition("|")
    return Pressed(text) if belongs_to == chat else None


def read(**what: Any) -> Update | None:
    return read_update(telegram.Update.de_json({"update_id": 5, **what}, None), ME, NOON, press)


def message(text: str | None = None, chat: dict[str, Any] = PRIVATE, **more: Any) -> Update | None:
    body = {"message_id": 9, "date": 0, "chat": chat, "from": MEMBER, **more}
    return read(message=body if text is None else {**body, "text": text})


def command(text: str, chat: dict[str, Any] = PRIVATE) -> Update | None:
    return message(text, chat, entities=[entity(text, text.split()[0], "bot_command")])


def mention(text: str, name: str, **more: Any) -> Update | None:
    return message(text, GROUP, entities=[entity(text, name, "mention")], **more)


def said(update: Update | None) -> str | None:
    return update.text if update else None


def tapped(data: str, chat: dict[str, Any] = PRIVATE) -> Update | None:
    query = {
        "id": "1",
        "from": MEMBER,
        "chat_instance": "1",
        "data": data,
        "message": {**BOT_SAID, "chat": chat},
    }
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
        message="9",
        language="zh-hans",
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
    ("content", "kind", "text", "payload"),
    [
        (
            {
                "document": {"file_id": "f", "file_unique_id": "u", "file_name": "通知.docx"},
                "caption": "请收录",
            },
            UpdateKind.FILE,
            "通知.docx",
            "f",
        ),
        ({"location": {"latitude": 29.5, "longitude": 106.5}}, UpdateKind.LOCATION, "", "29.5,106.5"),
        ({"voice": {"file_id": "f", "file_unique_id": "u", "duration": 3}}, UpdateKind.OTHER, "", ""),
    ],
)
def test_what_is_not_text_is_told_by_its_kind(
    content: dict[str, Any], kind: UpdateKind, text: str, payload: str
) -> None:
    update = message(**content)
    assert update is not None
    assert (update.kind, update.text, update.payload) == (kind, text, payload)


def standing(before: str, after: str, chat: dict[str, Any] = PRIVATE) -> Update | None:
    """The bot's standing in a chat changes."""

    def member(status: str) -> dict[str, Any]:
        rights = dict.fromkeys(("can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories"), False)  # fmt: skip
        return {"user": ME.to_dict(), "status": status, "until_date": 0, **rights}

    change = {"chat": chat, "from": MEMBER, "date": 0}
    return read(
        my_chat_member={**change, "old_chat_member": member(before), "new_chat_member": member(after)}
    )


def test_blocking_the_bot_is_leaving_and_unblocking_it_is_coming() -> None:
    left, came = standing("member", "kicked"), standing("kicked", "member")
    assert left is not None
    assert came is not None
    assert (left.kind, left.member, left.wants_reply) == (UpdateKind.UNFOLLOW, "7000000001", False)
    # whoever unblocks it sends /start besides
    assert (came.kind, came.chat, came.wants_reply) == (UpdateKind.FOLLOW, "7000000001", False)


def test_being_put_into_a_group_is_being_followed_there_and_a_greeting_is_due() -> None:
    came, left = standing("left", "member", GROUP), standing("administrator", "left", GROUP)
    assert came is not None
    assert left is not None
    assert (came.kind, came.chat, came.is_private, came.wants_reply) == (
        UpdateKind.FOLLOW,
        "-100123",
        False,
        True,
    )
    assert (left.kind, left.chat, left.wants_reply) == (UpdateKind.UNFOLLOW, "-100123", False)


def test_other_rights_in_a_group_or_a_place_in_a_channel_are_nothing_to_answer() -> None:
    assert standing("member", "administrator", GROUP) is None
    assert standing("left", "administrator", {"id": -5, "type": "channel", "title": "公告"}) is None


def test_channel_posts_and_service_messages_are_ignored() -> None:
    post = {"message_id": 9, "date": 0, "chat": {"id": -5, "type": "channel"}, "text": "公告"}
    assert read(channel_post=post) is None
    assert message(new_chat_members=[MEMBER]) is None
    assert message(None, GROUP, migrate_to_chat_id=-100_124) is None
    assert message(None, GROUP, migrate_from_chat_id=-123) is None


def test_what_bots_say_and_what_is_sent_through_our_own_inline_mode_is_no_question() -> None:
    assert message("谁负责？", via_bot=ME.to_dict()) is None
    other = {"id": 667, "is_bot": True, "first_name": "别的机器人"}
    text = "@CewenBot 谁负责？"
    said_by_bot = {"message_id": 9, "date": 0, "chat": GROUP, "from": other, "text": text}
    assert read(message={**said_by_bot, "entities": [entity(text, "@CewenBot", "mention")]}) is None


def edited(minutes: float, chat: dict[str, Any] = PRIVATE, **content: Any) -> Update | None:
    body = {
        "message_id": 9,
        "date": 1000,
        "edit_date": int(1000 + 60 * minutes),
        "chat": chat,
        "from": MEMBER,
    }
    return read(edited_message={**body, **content})


def test_a_correction_soon_after_is_heard_as_what_was_said_now() -> None:
    update = edited(EDITS_HEARD.total_seconds() / 60, text="谁负责？")
    assert update is not None
    assert (update.kind, update.text, update.message) == (UpdateKind.TEXT, "谁负责？", "9")
    assert update.edited


def test_a_late_correction_or_a_moving_location_is_ignored() -> None:
    assert edited(EDITS_HEARD.total_seconds() / 60 + 1, text="谁负责？") is None
    assert edited(1, location={"latitude": 29.5, "longitude": 106.5}) is None
    assert edited(1, GROUP, text="中午吃什么？") is None


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
    assert (update.kind, update.payload) == (UpdateKind.FILE, "f")


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


def test_a_tapped_button_is_what_it_was_made_for_in_the_chat_where_it_stands() -> None:
    update = tapped("7000000001|关于讲座的通知")
    assert update is not None
    assert (update.kind, update.text, update.chat) == (UpdateKind.BUTTON, "关于讲座的通知", "7000000001")


def test_a_button_that_says_nothing_any_more_is_nothing_to_answer() -> None:
    assert tapped("7000000001|关于讲座的通知", GROUP) is None


def test_a_button_below_a_message_that_is_gone_still_works() -> None:
    gone = {"message_id": 4, "date": 0, "chat": PRIVATE}
    query = {"id": "1", "from": MEMBER, "chat_instance": "1", "data": "7000000001|谁负责？", "message": gone}
    assert said(read(callback_query=query)) == "谁负责？"
