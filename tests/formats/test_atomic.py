import errno
import os
from pathlib import Path
from typing import BinaryIO

import pytest

from cephview.formats import FormatError
from cephview.formats.atomic import write_atomically


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_bytes_and_writers(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    write_atomically(path, b"one")
    assert path.read_bytes() == b"one"
    write_atomically(path, lambda file: file.write(b"two") and None)
    assert path.read_bytes() == b"two"
    assert listing(tmp_path) == ["out.csv"]
    umask = os.umask(0)
    os.umask(umask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~umask


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "disk is full"),
        (OSError(errno.EROFS, "Read-only file system"), "read-only"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
        (OSError("odd"), "OSError"),
    ],
)
def test_a_failure_leaves_the_old_file_and_nothing_else(
    error: OSError, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")

    def failing(file: BinaryIO) -> None:
        file.write(b"half of it")
        raise error

    with pytest.raises(FormatError, match=words) as caught:
        write_atomically(path, failing)
    assert "out.csv" in str(caught.value)
    assert path.read_bytes() == b"old"
    assert listing(tmp_path) == ["out.csv"]


def test_a_full_disk_noticed_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FormatError, match="disk is full"):
        write_atomically(tmp_path / "out.csv", b"data")
    assert listing(tmp_path) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_really_full_disk(tmp_path: Path) -> None:
    def to_full(file: BinaryIO) -> None:
        with Path("/dev/full").open("wb", buffering=0) as full:
            full.write(b"x")

    with pytest.raises(FormatError, match="disk is full"):
        write_atomically(tmp_path / "out.csv", to_full)


def test_other_errors_pass_and_leave_nothing(tmp_path: Path) -> None:
    def failing(file: BinaryIO) -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError):
        write_atomically(tmp_path / "out.csv", failing)
    assert listing(tmp_path) == []


def test_missing_folders_and_folders_in_the_way(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="not there"):
        write_atomically(tmp_path / "none" / "out.csv", b"")
    (tmp_path / "out.csv").mkdir()
    with pytest.raises(FormatError, match="is a folder"):
        write_atomically(tmp_path / "out.csv", b"")
    assert listing(tmp_path) == ["out.csv"]
