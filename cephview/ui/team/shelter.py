"""Where steps wait that a server lacks, so that even a killed window loses none of them."""

import contextlib
import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from cephview.core.merging import Merged
from cephview.ui.workspace.journal import Write
from cephview.ui.workspace.keeping import KeepError, Keeping

if TYPE_CHECKING:
    from cephview.store.unsent import Step, UnsentFile

_log = logging.getLogger(__name__)

Replayed = tuple["Step", Merged]


class Shelter:
    """Keeps the steps of one window in a file until they have been sent."""

    def __init__(self, folder: Path, place: str) -> None:
        self._folder = folder
        self._place = place
        self._file: UnsentFile | None = None
        self._numbers: dict[int, int] = {}
        self._is_whole = True

    @property
    def is_whole(self) -> bool:
        """Whether all that waits is in the file."""
        return self._is_whole

    def keep(self, writes: Iterable[Write]) -> None:
        """Put what waits into the file, as far as it is not in it."""
        from cephview.store.unsent import Step, UnsentFile

        try:
            if self._file is None:
                self._file = UnsentFile.begin(self._folder, self._place)
            for write in writes:
                if id(write) not in self._numbers:
                    reading = getattr(write.journal, "reading", 0)
                    by = getattr(write.journal, "reader", "")
                    step = Step(write.sha256, reading, by, write.before, write.after)
                    self._numbers[id(write)] = self._file.add(step)
            self._is_whole = True
        except OSError as error:
            self._is_whole = False
            _log.warning("unsent steps could not be kept: %s", error)

    def sent(self, write: Write) -> None:
        """Note that a step is where it belongs."""
        number = self._numbers.pop(id(write), None)
        if number is not None and self._file is not None:
            with contextlib.suppress(OSError):
                self._file.sent(number)

    def close(self) -> None:
        """Let go of the file, with what waits in it."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None


def replay(
    folder: Path, place: str, keeping: Keeping, failed: Callable[[Path, str], None]
) -> tuple[Replayed, ...]:
    """Send what windows that are gone could not; failed(file, why) tells what still waits where."""
    from cephview.store.unsent import left_behind

    done: list[Replayed] = []
    for file in left_behind(folder, place):
        for number, step in sorted(file.steps.items()):
            try:
                merged = keeping.merge(step.film, step.before, step.after, step.reading, step.by)
                file.sent(number)
            except (KeepError, OSError) as error:
                failed(file.path, str(error))
                break
            done.append((step, merged))
        with contextlib.suppress(OSError):
            file.close()
    return tuple(done)
