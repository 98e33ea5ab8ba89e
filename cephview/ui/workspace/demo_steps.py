"""What is done on the demo film: kept while the window is open, and gone with it."""

from cephview.core.film_history import on_scale
from cephview.core.history import History
from cephview.core.scale import PixelSize
from cephview.core.tracing import Point, Tracing


class DemoSteps:
    """Takes steps as a workspace does, in memory alone: the demo film is nobody's, so no data."""

    def __init__(self) -> None:
        self._histories: dict[tuple[str, int], History[Tracing]] = {}
        self._scales: dict[str, PixelSize | None] = {}

    def pixel_size(self, sha256: str, of_file: PixelSize) -> PixelSize:
        """Return what was said of the scale, that of the file where nothing was."""
        return self._scales.get(sha256) or of_file

    def history(self, sha256: str, empty: Tracing, reading: int) -> History[Tracing]:
        return self._known(sha256, reading) or History(empty.scaled(self._scales.get(sha256)))

    def tracing(self, sha256: str, reading: int) -> Tracing | None:
        history = self._known(sha256, reading)
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
        history = self._known(sha256, reading)
        return 0 if history is None else self._take(sha256, reading, history.undo())

    def append_redo(self, sha256: str, reading: int) -> int:
        history = self._known(sha256, reading)
        return 0 if history is None else self._take(sha256, reading, history.redo())

    def _known(self, sha256: str, reading: int) -> History[Tracing] | None:
        history = self._histories.get((sha256, reading))
        return None if history is None else on_scale(history, self._scales.get(sha256))

    def _take(self, sha256: str, reading: int, history: History[Tracing]) -> int:
        self._histories[sha256, reading] = history
        self._scales[sha256] = history.present.scale
        return len(history.past)
