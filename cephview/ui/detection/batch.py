"""Detects film after film in the background: how far it is, what failed and why, and for how long
it still goes on."""

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from cephview.ui.detection.quiet_detection import Outcome, QuietDetection

# So many films say how long one takes now.
_RECENT = 20


@dataclass(frozen=True)
class Failure:
    """A film that could not be detected, and the sentence that says why."""

    path: Path
    sentence: str


@dataclass(frozen=True)
class Standing:
    """How far a batch is. detected and left are counts of films; failures are neither.

    halted is why it rests though nobody asked it to; seconds_left is None until a film was done.
    """

    total: int = 0
    detected: int = 0
    left: int = 0
    failures: tuple[Failure, ...] = ()
    is_running: bool = False
    is_paused: bool = False
    halted: str = ""
    seconds_left: float | None = None

    @property
    def done(self) -> int:
        return self.detected + self.left + len(self.failures)


class Batch(QObject):
    """One film of the batch is with the engine at a time, so that the open film never waits long.

    changed tells that standing is another; halted(sentence) that it paused by itself; ended that
    the last film is done.
    """

    changed = Signal()
    halted = Signal(str)
    ended = Signal()

    def __init__(
        self,
        quiet: QuietDetection,
        parent: QObject,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._quiet = quiet
        self._clock = clock
        self._waiting: deque[Path] = deque()
        self._is_again = False
        self._begun = 0.0
        self._recent: deque[float] = deque(maxlen=_RECENT)
        self.standing = Standing()
        quiet.ended.connect(self._film_ended)

    @property
    def is_running(self) -> bool:
        """Whether films are left, paused or not."""
        return self.standing.is_running

    def start(self, paths: Iterable[Path], *, is_again: bool = False) -> None:
        """Detect these films; with is_again those too that have points, but none of a hand."""
        self._quiet.cancel()
        self._quiet.wake()
        self._waiting = deque(paths)
        self._is_again = is_again
        self._recent.clear()
        self._become(Standing(total=len(self._waiting), is_running=bool(self._waiting)))
        self._next()

    def pause(self) -> None:
        """Begin no further film; the one at work is given up and comes first afterwards."""
        if not self.is_running or self.standing.is_paused:
            return
        self._take_back()
        self._become(replace(self.standing, is_paused=True))

    def go_on(self) -> None:
        if self.standing.is_paused:
            self._quiet.wake()
            self._become(replace(self.standing, is_paused=False, halted=""))
            self._next()

    def toggle(self) -> None:
        """Pause, or go on."""
        if self.standing.is_paused:
            self.go_on()
        else:
            self.pause()

    def stop(self) -> None:
        """Give up what is left; what was detected stays."""
        self._quiet.cancel()
        self._waiting.clear()
        if self.is_running:
            self._become(replace(self.standing, is_running=False, is_paused=False, halted=""))
            self.ended.emit()

    def try_again(self) -> None:
        """Detect the films that failed once more."""
        if not self.is_running:
            self.start(
                [failure.path for failure in self.standing.failures], is_again=self._is_again
            )

    def close(self) -> None:
        self._waiting.clear()
        self._quiet.close()

    def _next(self) -> None:
        if self.standing.is_paused or not self.is_running:
            return
        if self._waiting:
            self._begun = self._clock()
            self._quiet.begin(self._waiting.popleft(), is_again=self._is_again)
        else:
            self._become(replace(self.standing, is_running=False, seconds_left=None))
            self.ended.emit()

    def _film_ended(self, path: Path, outcome: str, sentence: str) -> None:
        standing = self.standing
        if not standing.is_running:
            return
        if outcome == Outcome.HALTED:
            self._waiting.appendleft(path)
            self._become(replace(standing, is_paused=True, halted=sentence))
            self.halted.emit(sentence)
            return
        if outcome == Outcome.LANDED:
            self._recent.append(self._clock() - self._begun)
            standing = replace(standing, detected=standing.detected + 1)
        elif outcome == Outcome.FAILED:
            failed = Failure(path, sentence)
            standing = replace(standing, failures=(*standing.failures, failed))
        else:
            standing = replace(standing, left=standing.left + 1)
        self._become(replace(standing, seconds_left=self._seconds_left()))
        self._next()

    def _seconds_left(self) -> float | None:
        if not self._recent:
            return None
        return len(self._waiting) * sum(self._recent) / len(self._recent)

    def _take_back(self) -> None:
        path = self._quiet.path
        self._quiet.cancel()
        if path is not None:
            self._waiting.appendleft(path)

    def _become(self, standing: Standing) -> None:
        self.standing = standing
        self.changed.emit()
