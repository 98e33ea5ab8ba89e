"""The landmarks that a workspace adds to the set: added, retired, and known to the editor."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from cephview.core.detection import Detection
from cephview.core.landmarks import Landmark, LandmarkSet, own_landmark
from cephview.ui.editor import Editor
from cephview.ui.rows.film_list_model import FilmState
from cephview.ui.rows.standing import standing_of_record
from cephview.ui.workspace.keeping import KeepError, Keeping


@dataclass(frozen=True)
class LandmarkStep:
    """A landmark added to the workspace's set, or retired; put(landmark, is there) does either."""

    landmark: Landmark
    is_added: bool
    is_there: Callable[[str], bool]
    put: Callable[[Landmark, bool], bool]

    def applies(self, *, is_forward: bool) -> bool:
        # Beside another film, or in another window, it may have been done since.
        return self.is_there(self.landmark.id) == (self.is_added != is_forward)

    def walk(self, *, is_forward: bool) -> bool:
        return self.put(self.landmark, self.is_added == is_forward)


class OwnLandmarks(QObject):
    """Keeps what is added, then tells the editor; failed carries a sentence for the user.

    changed tells that films the workspace knows have another number of points to place.
    """

    changed = Signal()
    failed = Signal(str)

    def __init__(
        self,
        editor: Editor,
        keeping: Keeping,
        catalogue: tuple[Landmark, ...],
        parent: QObject,
    ) -> None:
        """catalogue holds the landmarks that can be added and need no definition."""
        super().__init__(parent)
        self._editor = editor
        self._keeping = keeping
        self._base = editor.landmarks
        self._catalogue = catalogue
        self._told: set[str] = set()

    @property
    def landmarks(self) -> LandmarkSet:
        """Return the set as it is now, retired landmarks with it."""
        return self._editor.landmarks

    @property
    def offered(self) -> tuple[Landmark, ...]:
        """Return all that is or can be added: the user's own, then the catalogue."""
        known = (*self.landmarks.added, *self.landmarks.retired)
        of_catalogue = {landmark.id for landmark in self._catalogue}
        own = sorted((m for m in known if m.id not in of_catalogue), key=lambda m: m.id)
        kept = {m.id: m for m in known}
        free = [kept.get(m.id, m) for m in self._catalogue]
        return (*own, *free)

    def lacks(self, detection: Detection) -> list[str]:
        """Return the landmarks of a detection that the workspace does not have."""
        return [p.landmark for p in detection.points if p.landmark not in self.landmarks]

    def done_films(self) -> int:
        """Return how many films of the workspace are done; a landmark more asks for them again."""
        try:
            records = self._keeping.films()
        except KeepError as error:
            self.failed.emit(str(error))
            return 0
        counts = self._editor.review.moved_counts
        standings = (standing_of_record(record, moved_counts=counts) for record in records)
        return sum(standing.state is FilmState.DONE for standing in standings)

    def told_of(self, detection: Detection) -> str:
        """Return what to say, once a model, of points that a workspace has no landmark for."""
        unknown = self.lacks(detection)
        if not unknown or detection.model in self._told:
            return ""
        self._told.add(detection.model)
        it = "it" if len(unknown) == 1 else "them"
        return (
            f"The model also places {', '.join(unknown)}, which this workspace does not have: add "
            f"{it} under Landmarks, and detect again, to see {it}."
        )

    def reread(self) -> None:
        """Take what the workspace has now, maybe by another window. Raises KeepError."""
        self._editor.set_landmarks(self._keeping.landmarks(self._base))

    def add(self, landmark: Landmark) -> bool:
        """Add a landmark, or bring a retired one back; return whether it is in the set now."""
        return self._step(landmark, is_added=True)

    def define(self, symbol: str, name: str, definition: str, tissue: str) -> bool:
        """Add a landmark of the user's own; return whether it is in the set now."""
        try:
            made = own_landmark(symbol, name, definition, tissue, by=self._editor.author)
        except ValueError as error:
            self.failed.emit(str(error))
            return False
        return self.add(made)

    def retire(self, landmark: str) -> bool:
        """Take an added landmark out; films that have a point of it keep that."""
        known = next((m for m in self.landmarks.added if m.id == landmark), None)
        if known is None:
            self.failed.emit(f"{landmark} is not one of the landmarks that were added.")
            return False
        return self._step(known, is_added=False)

    def _step(self, landmark: Landmark, *, is_added: bool) -> bool:
        if not self._put(landmark, is_added):
            return False
        self._editor.record(LandmarkStep(landmark, is_added, self._is_there, self._put))
        return True

    def _is_there(self, landmark: str) -> bool:
        return landmark in self.landmarks.ids

    def _put(self, landmark: Landmark, is_there: bool) -> bool:
        """Add a landmark, or retire it; return whether that was done."""
        keeping, by = self._keeping, self._editor.author
        try:
            if is_there:
                landmarks = keeping.add_landmark(self._base, landmark, by=by)
            else:
                landmarks = keeping.retire_landmark(self._base, landmark.id, by=by)
        except KeepError as error:
            self.failed.emit(str(error))
            return False
        self._editor.set_landmarks(landmarks)
        self.changed.emit()
        return True
