"""Steps that a server lacks, kept in a file of this computer until they have been sent.

Each window writes a file of its own and holds it locked, so that only those of windows that are
gone are taken up. A line is a step, or the number of one that has been sent since. Every line is on
disk before the next event.
"""

import contextlib
import hashlib
import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from cephview import database_address, private_files
from cephview.core.tracing import Tracing
from cephview.store import journal

try:
    import fcntl
except ImportError:  # on Windows
    fcntl = None  # type: ignore[assignment]

FOLDER = "unsent"


@dataclass(frozen=True)
class Step:
    """A step of a reading of a film, from one tracing to another."""

    film: str
    reading: int
    by: str
    before: Tracing
    after: Tracing


class UnsentFile:
    """The steps of one window, or of one that is gone. Every method may raise OSError."""

    def __init__(self, path: Path, file: TextIO, steps: dict[int, Step]) -> None:
        self.path = path
        self.steps = steps
        self._file = file
        self._last = max(steps, default=0)

    @classmethod
    def begin(cls, folder: Path, place: str) -> "UnsentFile":
        """Make the file of this window for a workspace, locked while it is open."""
        private_files.make_own_folder(folder / FOLDER)
        path = folder / FOLDER / f"{_mark(place)}-{uuid.uuid4().hex[:12]}.jsonl"
        private_files.make_file(path)
        file = path.open("a+", encoding="utf-8")
        _lock(file)
        return cls(path, file, {})

    def add(self, step: Step) -> int:
        """Keep a step and return its number."""
        self._last += 1
        entry = {
            "number": self._last,
            "film": step.film,
            "reading": step.reading,
            "by": step.by,
            "before": journal.tracing_to_json(step.before),
            "after": journal.tracing_to_json(step.after),
        }
        self._write(entry)
        self.steps[self._last] = step
        return self._last

    def sent(self, number: int) -> None:
        """Note that a step is where it belongs."""
        self._write({"sent": number})
        self.steps.pop(number, None)

    def close(self) -> None:
        """Let go of the file; one that holds nothing more goes."""
        if not self.steps:
            # On Windows only a closed file can go.
            self._file.close()
            self.path.unlink(missing_ok=True)
        self._file.close()

    def _write(self, entry: dict[str, Any]) -> None:
        self._file.write(json.dumps(entry) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def left_behind(folder: Path, place: str) -> Iterator[UnsentFile]:
    """Yield the files of windows that are gone, each locked until it is closed."""
    # Earlier releases marked them by the address with its password.
    marks = {_mark(place), _mark(database_address.whole(place))}
    files = (path for mark in marks for path in (folder / FOLDER).glob(f"{mark}-*.jsonl"))
    for path in sorted(files):
        try:
            if fcntl is None:
                # There a file that a window has open cannot be renamed.
                path.replace(path)
            file = path.open("a+", encoding="utf-8")
        except OSError:
            continue
        try:
            _lock(file)
        except OSError:
            file.close()
            continue
        file.seek(0)
        yield UnsentFile(path, file, _steps(file))


def _steps(file: TextIO) -> dict[int, Step]:
    found: dict[int, Step] = {}
    for line in file:
        # The last line of a window that was killed may be cut short: it was never kept.
        with contextlib.suppress(ValueError, KeyError, TypeError):
            entry = json.loads(line)
            if "sent" in entry:
                found.pop(entry["sent"], None)
                continue
            before, after = (journal.tracing_from_json(entry[k]) for k in ("before", "after"))
            step = Step(entry["film"], entry["reading"], entry["by"], before, after)
            found[entry["number"]] = step
    return found


def _lock(file: TextIO) -> None:
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _mark(place: str) -> str:
    return hashlib.sha256(place.encode()).hexdigest()[:16]
