"""Reading the platforms' XML: what the quick way takes is what the parser would give, and nothing hostile gets far."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.tencent.envelope import Unreadable
from bot.channels.tencent.xml import Document, parse, parse_any


def by_parser(xml: bytes) -> dict[str, str]:
    return parse_any(xml).fields


NAMES = st.sampled_from(["ToUserName", "Content", "MsgId", "a", "_b"])
SPACES = st.sampled_from(["", "\n", "  ", "\n\t"])
PIECES = st.sampled_from(
    [
        "甲",
        "<![CDATA[",
        "]]>",
        "]",
        "<",
        ">",
        "&",
        "&amp;",
        "\r\n",
        "<!--",
        "-->",
        "<?x?>",
        " ",
        "￿",
        "é",
        "/",
        "</a>",
    ]
)


class TestTheQuickWay:
    @given(
        st.lists(st.tuples(NAMES, st.booleans(), st.lists(PIECES).map("".join), SPACES), max_size=5), SPACES
    )
    def test_it_reads_what_the_parser_reads(
        self, fields: list[tuple[str, bool, str, str]], start: str
    ) -> None:
        inner = "".join(
            f"<{name}>{f'<![CDATA[{text}]]>' if quoted else text}</{name}>{space}"
            for name, quoted, text, space in fields
        )
        xml = f"<xml>{start}{inner}</xml>".encode()
        try:
            expected = by_parser(xml)
        except Unreadable:
            with pytest.raises(Unreadable):
                parse(xml)
        else:
            assert parse(xml).fields == expected

    @given(st.binary(max_size=60))
    def test_it_takes_nothing_that_the_parser_refuses(self, inner: bytes) -> None:
        xml = b"<xml><a>" + inner + b"</a></xml>"
        found: Document | None = None
        with suppress(Unreadable):
            found = parse(xml)
        if found is not None:
            cleaned = xml.translate(None, bytes(set(range(32)) - set(b"\t\n\r")))
            assert found.fields == by_parser(cleaned)

    def test_a_message_as_the_platform_writes_it_goes_that_way(self) -> None:
        message = (
            "<xml><ToUserName><![CDATA[gh]]></ToUserName>\n<FromUserName><![CDATA[o]]></FromUserName>\n"
            "<CreateTime>1348831860</CreateTime>\n<MsgType><![CDATA[text]]></MsgType>\n"
            "<Content><![CDATA[this is a test]]></Content>\n<MsgId>1234567890123456</MsgId>\n</xml>"
        )
        found = parse(message.encode())
        assert found.root is None
        assert found.fields["Content"] == "this is a test"


class TestHostileDocuments:
    @pytest.mark.parametrize(
        "xml",
        [
            b'<!DOCTYPE x [<!ENTITY a "b">]><xml><a>&a;</a></xml>',
            b'<!DOCTYPE x SYSTEM "http://evil/x.dtd"><xml></xml>',
            b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><a>&a;</a></xml>',
            b"<xml><a>&a;</a></xml>",
            b"<xml>" + b"<a>" * 20_000,
            b"<xml><a>1</a><a>2</a></xml>",
            b"<xml></xml><xml></xml>",
            b"<xml>\xff</xml>",
            b"\xef\xbb\xbf",
            b"",
        ],
        ids=lambda xml: xml[:30].decode("latin-1"),
    )
    def test_are_unreadable(self, xml: bytes) -> None:
        with pytest.raises(Unreadable):
            parse(xml)

    @pytest.mark.parametrize(
        "xml",
        [
            b"<xml>" + b"<a>" * 9_000 + b"</a>" * 9_000 + b"</xml>",
            b"<xml>" + b"<a/>" * 15_000 + b"</xml>",
            b"<xml><a>" + b"]" * 60_000 + b"</a></xml>",
            b"<xml><a><![CDATA[" + b"<a>" * 20_000 + b"]]></a></xml>",
            b"<xml>" + b"<a>1</b>" * 7_000 + b"</xml>",
            b"<xml>" + b" " * 60_000 + b"<",
        ],
        ids=["deep", "wide", "brackets", "quoted tags", "crossed tags", "blank"],
    )
    def test_are_read_or_not_and_nothing_worse(self, xml: bytes) -> None:
        with suppress(Unreadable):
            assert parse(xml).fields.keys() <= {"a"}
