"""Fine-tunes that were begun in a workspace and not ended by its user: what lies of them on disk.

Each lies in the folder of the model it is to make: what it learns from (core.unfinished), and a
note of this window's, which goes when a user has used or discarded the outcome. While a window is
at it the folder is locked, so that another one on the same workspace leaves it alone.
"""

import hashlib
import json
import logging
import shutil
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QLockFile

from cephview import database_address
from cephview.core import judged, unfinished
from cephview.core.learning import FinetuneResult
from cephview.core.unfinished import Unfinished
from cephview.formats.learning_files import read_judgement, read_note, read_unfinished
from cephview.ui.learning.installed_models import NOTE, user_models_dir

_log = logging.getLogger(__name__)
_LOCK = "learning.lock"
# What an engine leaves that was still writing while its folder was thrown away.
_LEFT_OVER = {"unfinished.pt", "unfinished.partial", judged.FILE}


@dataclass(frozen=True)
class Begun:
    """A fine-tune that is not done, in its folder. share: of its steps, done and on disk."""

    folder: Path
    run: Unfinished
    share: float = 0.0

    @property
    def sentence(self) -> str:
        films = "1 film" if len(self.run.films) == 1 else f"{len(self.run.films)} films"
        at = f" at {100 * self.share:.0f} %" if self.share >= 0.005 else ""
        return f"Learning from {films} was interrupted{at}."


def take(folder: Path) -> QLockFile | None:
    """Lock a fine-tune's folder for this window; None where another window is at it."""
    lock = QLockFile(str(folder / _LOCK))
    # That of a window that was killed is taken over; a living one may be slow for hours.
    lock.setStaleLockTime(0)
    return lock if lock.tryLock(0) else None


def begin(folder: Path, workspace: str, run: Unfinished) -> Begun:
    """Make the folder of a fine-tune and note what it is. Raises OSError."""
    folder.mkdir(parents=True)
    (folder / unfinished.FILE).write_text(run.to_json(), encoding="utf-8")
    begun = Begun(folder, run)
    note(begun, workspace)
    return begun


def note(begun: Begun, workspace: str) -> None:
    """Write down how far a fine-tune is. Raises OSError."""
    text = json.dumps({"workspace": _name(workspace), "share": begun.share})
    partial = begun.folder / f"{NOTE}.partial"
    partial.write_text(text, encoding="utf-8")
    partial.replace(begun.folder / NOTE)


def is_unfinished(folder: Path) -> bool:
    """Whether there is something to go on with."""
    return (folder / unfinished.FILE).is_file()


def settle(folder: Path) -> None:
    """Note that a user decided for the model in a folder: from now on it is installed."""
    (folder / NOTE).unlink(missing_ok=True)


def remove(folder: Path) -> None:
    """Throw a fine-tune away with its folder; never a model that lies elsewhere."""
    if folder.parent != user_models_dir() or not folder.exists():
        return
    try:
        # First what would have it offered again, for an engine may still be writing beside.
        for name in (unfinished.FILE, NOTE):
            (folder / name).unlink(missing_ok=True)
        shutil.rmtree(folder)
    except OSError as error:
        _log.warning("%s could not be removed: %s", folder, error)


def last_begun(workspace: str) -> tuple[QLockFile, Begun | FinetuneResult, Path] | None:
    """Return the newest fine-tune of a workspace that no window is at, locked; else None.

    It is unfinished, or judged and not decided on.
    """
    # Earlier releases noted the address with its password.
    names = {_name(workspace), _name(database_address.whole(workspace))}
    found: list[tuple[float, Path]] = []
    for path in user_models_dir().glob(f"*/{NOTE}"):
        if read_note(path).workspace in names:
            found.append((path.stat().st_mtime, path.parent))
    _sweep()
    for _, folder in sorted(found, reverse=True):
        known = _known(folder)
        if known is not None and (lock := take(folder)) is not None:
            return lock, known, folder
    return None


def _known(folder: Path) -> Begun | FinetuneResult | None:
    try:
        if is_unfinished(folder):
            run = read_unfinished(folder / unfinished.FILE)
            return Begun(folder, run, read_note(folder / NOTE).share)
        if (folder / "model.toml").is_file():
            return read_judgement(folder / judged.FILE)
    except (OSError, ValueError) as error:
        _log.warning("the fine-tune in %s cannot be read: %s", folder, error)
    return None


def _name(workspace: str) -> str:
    """Return what a workspace is known by here."""
    is_address = database_address.is_address(workspace)
    place = workspace if is_address else str(Path(workspace).absolute())
    return hashlib.sha256(place.encode("utf-8", "surrogateescape")).hexdigest()


def _sweep() -> None:
    for folder in user_models_dir().glob("*"):
        if folder.is_dir():
            names = {path.name for path in folder.iterdir()}
            if names and names <= _LEFT_OVER:
                remove(folder)
