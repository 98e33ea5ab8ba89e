import sys
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_log_folder(tmp_path, monkeypatch):
    """Keep the engine's log out of the user's folders."""
    for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))


@pytest.fixture
def fake_engine():
    """Return the command line of the play-acting engine."""
    return [sys.executable, str(Path(__file__).with_name("fake_engine.py"))]
