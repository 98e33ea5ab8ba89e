"""What every test may count on: no display, no user folders, a graphics card only if marked."""

import gc
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

# How long an event is waited for. It comes as late as a busy machine makes it; one that never comes
# is told of a little later for it.
WAIT_MS = 300_000

# Set before any test imports Qt or asks for a folder, and inherited by processes that tests start.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Threads of torch that wait must not take the processor from an engine process beside them.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
_HOME = tempfile.TemporaryDirectory(prefix="cephview-tests-", ignore_cleanup_errors=True)
for _name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
    os.environ[_name] = str(Path(_HOME.name, _name.lower()))


class PatientBot(QtBot):
    """Waits for events and never for luck: no wait is given up sooner than WAIT_MS."""

    def waitUntil(self, callback: Any, *, timeout: int = WAIT_MS) -> None:
        super().waitUntil(callback, timeout=max(timeout, WAIT_MS))

    def waitSignal(self, signal: Any, *, timeout: int = WAIT_MS, **how: Any) -> Any:
        return super().waitSignal(signal, timeout=max(timeout, WAIT_MS), **how)

    def waitSignals(self, signals: Any, *, timeout: int = WAIT_MS, **how: Any) -> Any:
        return super().waitSignals(signals, timeout=max(timeout, WAIT_MS), **how)

    def waitExposed(self, widget: Any, *, timeout: int = WAIT_MS) -> Any:
        return super().waitExposed(widget, timeout=max(timeout, WAIT_MS))


@pytest.fixture
def qtbot(qapp: Any, request: pytest.FixtureRequest) -> PatientBot:
    return PatientBot(request)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """Collect no garbage in the middle of a test.

    A wait of pytest-qt ends by a disconnect within a signal, and one stood still there for ever, in
    PySide's own lock: what is thought to come back to that lock is the end of an object that a
    collection at this moment frees.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests marked gpu where torch sees none; torch is not imported to find no such test."""
    marked = [item for item in items if item.get_closest_marker("gpu")]
    if not marked:
        return
    import torch

    if not torch.cuda.is_available():
        for item in marked:
            item.add_marker(pytest.mark.skip(reason="no graphics card"))


@pytest.fixture(scope="session")
def repository() -> Path:
    """Return the root of the checkout."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data(repository: Path) -> Path:
    """Return the folder of shared real films; the test is skipped where there is none."""
    folder = Path(os.environ.get("CEPHVIEW_SHARED", repository.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("no shared films on this machine")
    return folder
