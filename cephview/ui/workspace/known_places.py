"""Workspace folders that were opened before, so that one that is gone is missed."""

import contextlib
from pathlib import Path

from cephview import places, private_files

_KEPT = 50


def is_known(folder: str) -> bool:
    """Whether a workspace folder was opened before by this user."""
    return folder in _read()


def add(folder: str) -> None:
    """Note that a workspace folder was opened; where that cannot be written it is not missed."""
    known = _read()
    if folder in known or "\n" in folder:
        return
    text = "".join(f"{line}\n" for line in [*known, folder][-_KEPT:])
    with (
        contextlib.suppress(OSError, ValueError),
        private_files.open_text(_file(), "w") as file,
    ):
        file.write(text)


def _read() -> list[str]:
    try:
        return _file().read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return []


def _file() -> Path:
    return places.user_dir() / "workspaces.txt"
