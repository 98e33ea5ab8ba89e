"""Two readings of the open film side by side, and decisions where they differ."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from cephview.core.comparison import Pair, pairs, read_by_one
from cephview.core.reading import FIRST, Reading, is_decided
from cephview.core.tracing import XY, Point, State, Tracing
from cephview.ui.editing.readings import Readings
from cephview.ui.editor import Editor
from cephview.ui.workspace.journal import utc_now
from cephview.ui.workspace.keeping import KeepError, Keeping

NOTHING_TO_COMPARE = (
    "There is nothing to compare yet: this film needs points that two readers placed or confirmed."
)
UNFINISHED = (
    "Comparing shows the points of the first reading; this film still has points that {} did not "
    "check."
)


@dataclass(frozen=True)
class Compared:
    """What is to see of two readings of a film, and of what was decided.

    pairs: the farthest first. only_first, only_second: landmarks that one reader alone stands for.
    """

    first: str
    second: str
    pairs: tuple[Pair, ...] = ()
    only_first: tuple[str, ...] = ()
    only_second: tuple[str, ...] = ()

    def pair(self, landmark: str) -> Pair | None:
        return next((pair for pair in self.pairs if pair.landmark == landmark), None)


class Comparing(QObject):
    """Shows the first reading beside another one, and keeps decisions as a reading of their own.

    Both stay as their readers left them. changed tells that something else is compared, or nothing.
    warned carries a sentence on why a film is not compared at once.
    """

    changed = Signal()
    failed = Signal(str)
    warned = Signal(str)

    def __init__(
        self, editor: Editor, keeping: Keeping, readings: Readings, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._keeping = keeping
        self._readings = readings
        self._second: Reading | None = None
        self._came_from = FIRST
        self._placing = ""
        self.compared: Compared | None = None
        editor.film_changed.connect(self._reread)
        editor.scale_changed.connect(self._reread)
        editor.changed.connect(self._edited)
        readings.changed.connect(self._look)

    @property
    def is_on(self) -> bool:
        return self._second is not None

    @property
    def second(self) -> Reading | None:
        """Return the reading beside the first."""
        return self._second

    @property
    def chosen(self) -> Pair | None:
        """Return the pair of the selected landmark."""
        return None if self.compared is None else self.compared.pair(self._editor.selection)

    def toggle(self) -> None:
        """Compare the readings of the open film, or go back to the reading one came from."""
        if self.is_on:
            self.stop()
        else:
            self.start()

    def start(self, *, is_sure: bool = False) -> None:
        """Compare the open film's readings.

        is_sure: also where who reads now, as another than the first, has not finished the film.
        """
        film, current = self._editor.film, self._readings.current
        if film is None or self.is_on:
            return
        try:
            second = self._second_of(film.sha256)
        except KeepError as error:
            self.failed.emit(str(error))
            return
        if second is None:
            self.failed.emit(NOTHING_TO_COMPARE)
            return
        if not current.is_first and not is_sure and not _is_finished(self._editor.tracing):
            self.warned.emit(UNFINISHED.format(self._readings.reader))
            return
        self._came_from, self._second = current, second
        if not self._readings.decide():
            self._second = None
            return
        self._reread()

    def start_anyway(self) -> None:
        """Compare a film that is not finished."""
        self.start(is_sure=True)

    def stop(self) -> None:
        """Go back to the reading one came from."""
        if self.is_on:
            self._second = None
            self._readings.go_to(self._came_from)
            self._reread()
            self.changed.emit()

    def beside(self, reading: Reading) -> None:
        """Compare the first reading with another one than now."""
        if self.is_on and reading != self._second:
            self._second = reading
            self._reread()

    def decision(self, landmark: str) -> str:
        """Say what was decided of a landmark, in a word or two; "" where nothing was."""
        tracing, compared = self._editor.tracing, self.compared
        point = _point(tracing, landmark)
        if point is None or compared is None or not is_decided(point):
            return ""
        if point.truth is None:
            return str(point.state)
        pair = compared.pair(landmark)
        known = (
            {}
            if pair is None
            else {pair.mean: "mean", pair.second: compared.second, pair.first: compared.first}
        )
        return known.get(point.truth.xy, "placed")

    def take_first(self) -> None:
        """Decide for the first reader's point of the selected landmark."""
        if (pair := self.chosen) is not None:
            self._decide(pair.landmark, pair.first)

    def take_second(self) -> None:
        """Decide for the other reader's point of the selected landmark."""
        if (pair := self.chosen) is not None:
            self._decide(pair.landmark, pair.second)

    def take_mean(self) -> None:
        """Decide for the place between both points of the selected landmark."""
        if (pair := self.chosen) is not None:
            self._decide(pair.landmark, pair.mean)

    def place_anew(self) -> None:
        """Decide for a place that a hand will point at: the next click on the film."""
        landmark, tracing = self._editor.selection, self._editor.tracing
        point = _point(tracing, landmark)
        if not self.is_on or point is None:
            return
        if point.best is not None or point.hidden is not None:
            self._editor.revert(landmark)
        self._placing = landmark

    @property
    def is_placing(self) -> bool:
        """Whether the next click on the film decides."""
        return bool(self._placing)

    def _decide(self, landmark: str, xy: XY) -> None:
        self._placing = ""
        tracing = self._editor.tracing
        if tracing is not None:
            by, at = self._editor.author, utc_now()
            decided = tracing.moved(landmark, xy, by=by, at=at).confirm(landmark, by=by, at=at)
            self._editor.put((decided[landmark],))

    def _edited(self, *_: object) -> None:
        point = _point(self._editor.tracing, self._placing)
        if point is not None and point.best is not None:
            self._placing = ""
        if self.is_on:
            self.changed.emit()

    def _second_of(self, sha256: str) -> Reading | None:
        """Return the reading to set beside the first: the present one, else one with points."""
        first = self._keeping.tracing(sha256)
        current = self._readings.current
        others = self._readings.others()
        for reading in sorted(others, key=lambda other: other != current):
            second = self._keeping.tracing(sha256, reading.number)
            if first is None or second is None:
                continue
            if pairs(first, second, self._editor.pixel_size):
                return reading
        return None

    def _look(self) -> None:
        """End where another reading is shown than that of decisions."""
        if self.is_on and not self._readings.current.is_decisions:
            self._second = None
            self._reread()
            self.changed.emit()

    def _reread(self, *_: object) -> None:
        was, self._placing = self.compared, ""
        try:
            self.compared = self._read()
        except KeepError as error:
            self.compared = None
            self.failed.emit(str(error))
        if self.is_on or was is not None:
            self.changed.emit()

    def _read(self) -> Compared | None:
        film, second = self._editor.film, self._second
        if film is None or second is None:
            return None
        names = FIRST.label, second.reader
        mine = self._keeping.tracing(film.sha256)
        theirs = self._keeping.tracing(film.sha256, second.number)
        if mine is None or theirs is None:
            return Compared(*names)
        found = pairs(mine, theirs, self._editor.pixel_size)
        return Compared(*names, found, *read_by_one(mine, theirs))


def _is_finished(tracing: Tracing | None) -> bool:
    checked = (State.CONFIRMED, State.NOT_VISIBLE)
    return tracing is not None and all(point.state in checked for point in tracing)


def _point(tracing: Tracing | None, landmark: str) -> Point | None:
    if tracing is None or not landmark:
        return None
    return next((point for point in tracing if point.landmark == landmark), None)
