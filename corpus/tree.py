"""From blocks to a Notice: the documents in a file are parted, each is nested by its numbering, facts are read out.

`read_notice(blocks)` is the one way in; it never fails, since every text is at least a title and paragraphs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from corpus import facts
from corpus.blocks import Block, Line
from corpus.contacts import contacts_in, contacts_of_table
from corpus.flattened import restore_tables
from corpus.head import COPY_TO, read_printed
from corpus.lines import column_width, joined, tidied
from corpus.names import acting_names, places
from corpus.notice import UNSTATED, Contact, Fact, Notice, Part, Table
from corpus.parts import Outline, Piece, outline
from corpus.run_on import split_run_ons
from corpus.sections import nest


def read_notice(blocks: Sequence[Block]) -> Notice:
    """The document tree of one notice."""
    lines = tidied(restore_tables(blocks))
    column = column_width(lines)
    found = outline(lines)
    texts = [split_run_ons(joined(piece.blocks, column)) for piece in found.pieces]
    parts = tuple(_part(piece, text) for piece, text in zip(found.pieces, texts, strict=True))
    written = [b.text for text in (*texts, found.foot) for b in text if isinstance(b, Line)]
    copy_to, printed = _foot(written)
    main = found.pieces[0]
    notice = Notice(
        title=main.head.title or next((p.title for p in parts if p.title), "") or _first_words(lines),
        parts=tuple(p for p in parts if p.body.content or p.body.sections or p.title),
        doc_number=main.head.doc_number,
        issuer=_first(
            _by_full_name(_signer(main), main.head.issuer), main.head.issuer, printed[0], main.head.source
        ),
        date=_date(found, printed[1]),
        recipients=main.head.recipients,
        copy_to=copy_to,
        attachments=found.attachments or tuple(p.title for p in parts if p.label and p.title),
        references=tuple(r for t in written for s in facts.sentences(t) for r in facts.references(s)),
        effective=main.head.effective,
        expires=main.head.expires,
    )
    contacts = (*contacts_in(b.text for t in texts for b in t if isinstance(b, Line)), *_in_tables(parts))
    notice = replace(notice, contacts=contacts, names=acting_names(parts, notice.issuer.value, contacts))
    return replace(notice, places=places(notice))


def _part(piece: Piece, text: Sequence[Block]) -> Part:
    own = piece.label or piece.signature
    signed = piece.signature.date if piece.signature else UNSTATED
    signed = UNSTATED if signed.value.startswith("-") else signed
    return Part(
        piece.label,
        piece.head.title,
        nest(text),
        doc_number=piece.head.doc_number,
        issuer=_first(_signer(piece), piece.head.issuer) if own else UNSTATED,
        date=_first(signed, piece.head.date),
    )


def _first(*facts_in_order: Fact) -> Fact:
    return next((f for f in facts_in_order if f.value), UNSTATED)


def _signer(piece: Piece) -> Fact:
    return piece.signature.issuer if piece.signature else UNSTATED


def _by_full_name(signed: Fact, above: Fact) -> Fact:
    """Who signs, by the longer name that the head gives it: 教务部 of 云州大学教务部."""
    longer = signed.value != "" and above.value.endswith(signed.value) and "、" not in above.value
    return replace(signed, value=above.value) if longer else signed


def _date(found: Outline, printed: Fact) -> Fact:
    """The day of signing; a signature without its year is of the year in which the page was put out."""
    main = found.pieces[0]
    published = main.head.published
    signed = main.signature.date if main.signature else UNSTATED
    if signed.value.startswith("-"):
        year = published.value[:4]
        signed = replace(signed, value=year + signed.value) if year else UNSTATED
    return _first(signed, printed, main.head.date, published)


def _first_words(lines: Sequence[Block]) -> str:
    return next((b.text[:60] for b in lines if isinstance(b, Line)), "")


def _foot(written: Iterable[str]) -> tuple[Fact, tuple[Fact, Fact]]:
    """Copy-to, and issuer and date of the printing line."""
    copy_to, issuer, date = UNSTATED, UNSTATED, UNSTATED
    for text in written:
        if (match := COPY_TO.match(text)) and not copy_to.value:
            copy_to = Fact(text[match.end() :].strip(), text)
        elif printed := read_printed(text):
            body = printed[0].removesuffix("办公室").removesuffix("秘书处")
            issuer, date = Fact(body, text) if body else issuer, Fact(printed[1], text)
    return copy_to, (issuer, date)


def _in_tables(parts: Iterable[Part]) -> list[Contact]:
    tables = (t for p in parts for s in p.body.walk() for t in s.content if isinstance(t, Table))
    return [c for table in tables for c in contacts_of_table(table)]
