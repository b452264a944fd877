"""What the channels' tests share: the folder of stand-ins, programs by others that play the platforms."""

import shutil
from pathlib import Path

import pytest

STANDINS = Path(__file__).parent.parent / "standins"


@pytest.fixture(scope="session")
def standins() -> Path:
    """The folder tests/standins, its packages installed; without them the test is skipped by name."""
    if shutil.which("node") is None:
        pytest.skip("needs Node.js: apt-get install nodejs npm")
    if not (STANDINS / "node_modules").is_dir():
        pytest.skip("needs the stand-ins: npm ci --prefix tests/standins")
    return STANDINS
