"""Damages files as bad transfers, bad disks and bad people do; the same seed gives the same damage."""

import io
import random
import zipfile


def damaged(content: bytes, chance: random.Random) -> bytes:
    """The file with one of many kinds of damage; what is packed as zip is damaged outside or within."""
    if content.startswith(b"PK") and chance.random() < 0.6:
        return _damaged_within(content, chance)
    return chance.choice(_KINDS)(content, chance)


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def _flipped(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 5, 50, 500))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _blanked(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content))
    size = min(chance.choice((16, 512, 4096)), len(content) - start)
    return content[:start] + bytes(size) + content[start + size :]


def _repeated(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content))
    end = min(start + chance.choice((16, 512, 4096)), len(content))
    return content[:end] + content[start:end] * chance.choice((1, 10, 100)) + content[end:]


def _without_middle(content: bytes, chance: random.Random) -> bytes:
    start, end = sorted(chance.randrange(len(content)) for _ in range(2))
    return content[:start] + content[end:]


def _with_large_numbers(content: bytes, chance: random.Random) -> bytes:
    """Some digits become many: sizes, counts, spans and offsets that lie."""
    changed = bytearray(content)
    digits = [i for i, b in enumerate(content) if 48 <= b <= 57]
    for at in chance.sample(digits, min(len(digits), 20)):
        changed[at : at + 1] = chance.choice((b"9", b"0", b"-1", b"999999999"))
    return bytes(changed)


_KINDS = (_cut, _flipped, _flipped, _blanked, _repeated, _without_middle, _with_large_numbers)


def _damaged_within(content: bytes, chance: random.Random) -> bytes:
    """One file of the archive is damaged, the archive itself is whole."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        names = before.namelist()
        chosen = chance.choice([n for n in names if before.getinfo(n).file_size] or names)
        for name in names:
            part = before.read(name)
            after.writestr(name, chance.choice(_KINDS)(part, chance) if name == chosen and part else part)
    return buffer.getvalue()
