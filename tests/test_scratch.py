"""What is made of films for a while is gone when it is done, and after a kill at the next start."""

import stat
import subprocess
import sys

import pytest

from cephview import __main__, scratch

HOLDER = """
import sys
from pathlib import Path
from cephview import scratch
with scratch.folder() as place:
    (place / "films.npy").write_bytes(b"pixels")
    print(place, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def holder(temporary):
    """Another process in the middle of its work with a folder."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline().strip()
        yield process
        process.kill()


def films(folder):
    return list(folder.rglob("films.npy"))


def test_a_folder_is_private_and_gone_when_it_is_done(temporary):
    with scratch.folder() as place:
        assert place.parent == temporary
        if sys.platform != "win32":
            assert stat.S_IMODE(place.stat().st_mode) == 0o700
        scratch.sweep()
        assert place.is_dir()
    with pytest.raises(ZeroDivisionError), scratch.folder():
        raise ZeroDivisionError
    assert list(temporary.iterdir()) == []


def test_what_a_living_process_works_with_stays(temporary, holder):
    scratch.sweep()
    assert films(temporary)


def test_what_a_killed_process_left_is_gone_at_the_next_start(temporary, holder, capsys):
    holder.kill()
    holder.wait(60)
    assert films(temporary)
    assert __main__.main(["--version"]) == 0
    assert list(temporary.iterdir()) == []


def test_a_link_is_not_followed_and_the_rest_is_left_alone(temporary, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "films.npy").touch()
    (temporary / "cephview-while-1").symlink_to(elsewhere, target_is_directory=True)
    (temporary / "cephview-other").mkdir()
    scratch.sweep()
    assert films(elsewhere) and (temporary / "cephview-other").is_dir()


def test_a_folder_whose_lock_is_gone_goes_too(temporary):
    (temporary / "cephview-while-2").mkdir()
    (temporary / "cephview-while-3.held").touch()
    scratch.sweep()
    assert list(temporary.iterdir()) == []
