"""What the channels' tests share: a store, a clock, and the stand-ins, programs by others that play the platforms."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from callbacks import Clock

from bot.store.writer import Writer

STANDINS = Path(__file__).parent.parent / "standins"


@pytest.fixture(scope="session")
def standins() -> Path:
    """The folder tests/standins, its packages installed; without them the test is skipped by name."""
    if shutil.which("node") is None:
        pytest.skip("needs Node.js: apt-get install nodejs npm")
    if not (STANDINS / "node_modules").is_dir():
        pytest.skip("needs the stand-ins: npm ci --prefix tests/standins")
    return STANDINS


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def writer(tmp_path: Path) -> AsyncIterator[Writer]:
    async with await Writer.open(tmp_path / "cewen.sqlite3") as writer:
        yield writer
