"""The mark of a fine-tune under way, by which one is found that was ended with its window.

A window holds its mark locked. What lies beside a mark that nobody holds was learnt for a window
that is gone, and no user ever decided on it.
"""

import contextlib
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from cephview.ui.installed_models import LEARNING, mark_of, read_model, user_models_dir

try:
    import fcntl
except ImportError:  # on Windows
    fcntl = None  # type: ignore[assignment]

_log = logging.getLogger(__name__)


class LearningMark:
    """Says of the folder of a candidate that a window waits for it."""

    def __init__(self, path: Path, file: TextIO) -> None:
        self._path = path
        self._file = file

    @classmethod
    def begin(cls, folder: Path) -> "LearningMark":
        """Mark a folder, which need not exist yet. Raises OSError."""
        path = mark_of(folder)
        path.parent.mkdir(parents=True, exist_ok=True)
        return cls(path, _locked(path))

    def end(self) -> None:
        """Take the mark away: a user decided, or there is nothing to decide on."""
        # On Windows only a closed file can go.
        self._file.close()
        with contextlib.suppress(OSError):
            self._path.unlink()


def settle_lost() -> str:
    """Clear up what windows that are gone had learning; return a sentence on it, "" for none.

    A model that is whole and was judged to be better stays, as when its window is closed.
    """
    said = ""
    for folder, mark in _lost():
        model = read_model(folder, is_own=True)
        if model is not None and str(model.info.settings.get("verdict", "")).startswith("Better"):
            said = (
                f"The last window ended before you saw that the model it had learnt is better; it "
                f"is kept as {model.name} and can be chosen in the Model panel."
            )
        elif model is not None:
            said = said or (
                "The last window ended before you saw that the model it had learnt is not better; "
                "that one was thrown away."
            )
            _remove(folder)
        else:
            said = said or (
                "The last window ended while the model was learning, so nothing of that is kept; "
                "your corrections are all here, and it can learn again in the Model panel."
            )
            _remove(folder)
        mark.end()
    return said


def _lost() -> Iterator[tuple[Path, LearningMark]]:
    for path in sorted(user_models_dir().glob(f"*{LEARNING}")):
        try:
            if fcntl is None:
                # There a file that a window has open cannot be renamed.
                path.replace(path)
            mark = LearningMark(path, _locked(path))
        except OSError:
            continue
        yield path.with_name(path.name.removesuffix(LEARNING)), mark


def _locked(path: Path) -> TextIO:
    file = path.open("a", encoding="utf-8")
    try:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise
    return file


def _remove(folder: Path) -> None:
    try:
        if folder.exists():
            shutil.rmtree(folder)
    except OSError as error:
        _log.warning("%s could not be removed: %s", folder, error)
