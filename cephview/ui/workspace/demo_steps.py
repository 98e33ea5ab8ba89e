"""What is done on the demo film: kept while the window is open, and gone with it."""

from cephview.core.history import History
from cephview.core.scale import PixelSize
from cephview.core.tracing import Point, Tracing


class DemoSteps:
    """Takes steps as a workspace does, in memory alone: the demo film is nobody's, so no data."""

    def __init__(self) -> None:
        self._histories: dict[tuple[str, int], History[Tracing]] = {}
        self._sizes: dict[str, PixelSize] = {}

    def pixel_size(self, sha256: str, of_file: PixelSize) -> PixelSize:
        """Return what was said of the scale, that of the file where nothing was."""
        return self._sizes.get(sha256, of_file)

    def set_pixel_size(self, sha256: str, size: PixelSize | None) -> None:
        """Take a scale; None goes back to that of the file."""
        self._sizes.pop(sha256, None)
        if size is not None:
            self._sizes[sha256] = size

    def history(self, sha256: str, empty: Tracing, reading: int) -> History[Tracing]:
        return self._histories.get((sha256, reading), History(empty))

    def tracing(self, sha256: str, reading: int) -> Tracing | None:
        history = self._histories.get((sha256, reading))
        return None if history is None else history.present

    def append_commit(self, sha256: str, tracing: Tracing, reading: int) -> int:
        """Take a step; return how many there are."""
        empty = Tracing(
            tracing.landmark_set,
            tuple(Point(point.landmark) for point in tracing),
            added=tracing.added,
        )
        return self._take(sha256, reading, self.history(sha256, empty, reading).commit(tracing))

    def append_undo(self, sha256: str, reading: int) -> int:
        history = self._histories.get((sha256, reading))
        return 0 if history is None else self._take(sha256, reading, history.undo())

    def append_redo(self, sha256: str, reading: int) -> int:
        history = self._histories.get((sha256, reading))
        return 0 if history is None else self._take(sha256, reading, history.redo())

    def _take(self, sha256: str, reading: int, history: History[Tracing]) -> int:
        self._histories[sha256, reading] = history
        return len(history.past)
