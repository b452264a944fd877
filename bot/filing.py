"""Notice files that an administrator sends or forwards to the bot: fetched, put by, and taken in.

Taking in happens in a process of its own, as by `cewen ingest`: a large or hostile file holds nobody up.
"""

import asyncio
import json
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from bot.channels.model import FileSource, Reply, Update, UpdateKind
from bot.members.model import Identity
from bot.messages.catalogue import Messages
from bot.phrasebook import Phrasebook
from corpus.errors import CewenError

FOLDER = "incoming"
"""Below the home; the files stay there, as the notices' originals."""
SECONDS = 300.0
LONGEST_NAME = 60
"""Characters of a file's name."""


class Filing:
    """Takes the files of the `administrators` in; whatever others send is not its business."""

    def __init__(self, administrators: frozenset[Identity], home: Path, phrases: Phrasebook) -> None:
        self._administrators = administrators
        self._home = home
        self._phrases = phrases
        self._sources: dict[str, FileSource] = {}

    def attach(self, sources: Iterable[FileSource]) -> None:
        """Names the channels from which files can be fetched."""
        self._sources = {source.name: source for source in sources}

    async def reply(self, update: Update) -> Reply | None:
        """What has become of a file; None if the update is no administrator's file."""
        is_theirs = Identity(update.channel, update.member) in self._administrators
        source = self._sources.get(update.channel)
        if update.kind is not UpdateKind.FILE or not is_theirs or source is None:
            return None
        say = self._phrases.reply_to(update)
        try:
            content = await source.download(update.payload)
        except CewenError as error:
            return Reply(str(error))
        folder = self._home / FOLDER
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / safe_name(update.text)
        path.write_bytes(content)
        return Reply(_outcome(await self._ingest(path), say))

    async def _ingest(self, path: Path) -> dict[str, object]:
        """What `cewen ingest --json` says about the file; nothing if it takes too long."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "from bot.cli import main; main()", "ingest", str(path), "--json",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=os.environ | {"CEWEN_HOME": str(self._home)},
        )  # fmt: skip
        try:
            said, _ = await asyncio.wait_for(process.communicate(), SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
            return {}
        lines = said.decode().splitlines()
        found: dict[str, object] = json.loads(lines[0]) if lines else {}
        return found


def safe_name(name: str) -> str:
    """A file's name without a path, hidden start or control characters; never empty, at most 240 bytes."""
    plain = re.sub(r"[\x00-\x1f\x7f/\\:]", "_", name).lstrip(".").strip()
    if len(plain) > LONGEST_NAME:
        suffix = Path(plain).suffix[-10:]
        plain = plain[: LONGEST_NAME - len(suffix)] + suffix
    return plain or "file"


def _outcome(said: dict[str, object], say: Messages) -> str:
    match said.get("status"):
        case "added" | "updated":
            name = f"{said['doc_number']}《{said['title']}》"
            return say("filing.taken", name=name, passages=said["passages"])
        case "unchanged":
            return say("filing.unchanged")
        case "failed":
            return say("filing.failed", reason=said["error"])
        case _:
            return say("filing.no_outcome")
