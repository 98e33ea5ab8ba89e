"""What every test may count on: no display, no user folders, a graphics card only if marked."""

import os
import tempfile
from pathlib import Path

import pytest

# Set before any test imports Qt or asks for a folder, and inherited by processes that tests start.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Threads of torch that wait must not take the processor from an engine process beside them.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
_HOME = tempfile.TemporaryDirectory(prefix="cephview-tests-", ignore_cleanup_errors=True)
for _name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
    os.environ[_name] = str(Path(_HOME.name, _name.lower()))


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
