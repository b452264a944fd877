"""Collections that many tests ask: the samples, and the five real notices where they are present."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.answering.answering import Answering
from bot.answering.questions import default_synonyms
from bot.intake import notice_files
from bot.languages import Language
from bot.library import Library
from bot.messages.catalogue import Messages, built_in
from bot.wording import Wording, utc_now
from corpus.readers import read
from corpus.tree import read_notice
from index.text import Segmenter

ROOT = Path(__file__).parents[1]
WORDING = Wording(Messages(Language.CHINESE, built_in(Language.CHINESE)))
SAMPLES = ROOT / "bot" / "samples" / "notices"


def _answering_over(folder: Path) -> Answering:
    answering = Answering(Library(Segmenter()), default_synonyms(), WORDING, utc_now)
    for file in notice_files([folder]):
        answering.learn(answering.library.add(file.name, str(file), read_notice(read(file, 50 << 20))))
    return answering


@pytest.fixture(scope="session")
def answering_over() -> Callable[[Path], Answering]:
    """Makes a bot that answers from the notices in a folder."""
    return _answering_over


@pytest.fixture(scope="session")
def samples() -> Answering:
    return _answering_over(SAMPLES)


@pytest.fixture
def samples_copy() -> Answering:
    return _answering_over(SAMPLES)


@pytest.fixture(scope="session")
def real_notices() -> Answering:
    return _answering_over(ROOT.parent / "shared" / "notices")
