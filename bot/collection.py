"""Keeps the library in step with the store: what another process ingests is answerable at the next question."""

from bot.answering.answering import Answering
from bot.intake import TREE
from bot.library import Library
from bot.store.notices import NoticeTable


class Collection:
    """Follows the table of notices by its version number."""

    def __init__(self, notices: NoticeTable, library: Library, answering: Answering) -> None:
        self._notices = notices
        self._library = library
        self._answering = answering
        self._version = -1
        self._hashes: dict[str, str] = {}

    def refresh(self) -> None:
        """Brings in what has changed since the last call; costs one small query when nothing has."""
        version = self._notices.version()
        if version == self._version:
            return
        stored = {n.id: n for n in self._notices.all()}
        for notice_id in self._hashes.keys() - stored.keys():
            self._library.remove(notice_id)
        for notice in stored.values():
            if self._hashes.get(notice.id) != notice.content_hash:
                held = self._library.add(notice.id, notice.path, TREE.validate_json(notice.tree))
                self._answering.learn(held)
        self._hashes = {n.id: n.content_hash for n in stored.values()}
        self._version = version
