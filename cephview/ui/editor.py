"""The one edit path: hands, keys, detection, undo and redo all go through the Editor."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from cephview.core.detection import Detection, Likeness, Turn
from cephview.core.film import Film
from cephview.core.film_history import aligned_history
from cephview.core.history import History
from cephview.core.landmarks import LandmarkSet
from cephview.core.scale import PixelSize
from cephview.core.tracing import XY, Point, State, Tracing
from cephview.ui.workspace.journal import Journal, Overtaken, Queue, Write, sentence, utc_now


class Editor(QObject):
    """Own the history of the open film. Views re-read from here on every signal.

    A step the journal cannot take stays in memory and in a queue, which is tried again before the
    next step, on flush, on opening another film and on close; save_failed carries the sentence.

    A step made without sight of another window's is merged with it, point by point, and
    overtaken(sha256, Overtaken) asks the listener to read the film's history anew, and adopt() it.

    A detection that lands while a hand holds a point waits until the hand lets go. settling asks
    whoever shows a preview to put it down, before a step or another film. walked names the point
    that undo or redo changed, which is selected.

    A locked point stays where it is, whoever asks, until it is unlocked or another film is opened;
    undo and redo alone walk over locks. It can be confirmed.

    author signs what is done from now on. journal is that of the open film.

    landmarks_changed comes before changed where both follow from another landmark set.
    """

    changed = Signal(object, object)
    film_changed = Signal(object)
    scale_changed = Signal(object)
    selection_changed = Signal(str)
    preview_changed = Signal(str, object)
    save_failed = Signal(str)
    overtaken = Signal(str, object)
    saved = Signal()
    settling = Signal()
    walked = Signal(str)
    locks_changed = Signal()
    landmarks_changed = Signal(object)

    def __init__(
        self,
        landmarks: LandmarkSet,
        author: str,
        parent: QObject | None = None,
        *,
        journal_errors: tuple[type[Exception], ...] = (OSError,),
        conflicts: tuple[type[Exception], ...] = (),
        clock: Callable[[], str] = utc_now,
    ) -> None:
        super().__init__(parent)
        self._landmarks = landmarks
        self.author = author
        self._clock = clock
        self._film: Film | None = None
        self._history: History[Tracing] | None = None
        self.journal: Journal | None = None
        self._pixel_size = PixelSize()
        self._selection = ""
        self._locked: frozenset[str] = frozenset()
        self._is_held = False
        self._waiting: Detection | None = None
        self.queue = Queue(journal_errors, conflicts, self._give_way)
        self._kept: dict[tuple[Journal | None, str], History[Tracing]] = {}

    @property
    def landmarks(self) -> LandmarkSet:
        return self._landmarks

    @property
    def film(self) -> Film | None:
        return self._film

    @property
    def tracing(self) -> Tracing | None:
        return self._history.present if self._history is not None else None

    @property
    def pixel_size(self) -> PixelSize:
        return self._pixel_size

    @property
    def selection(self) -> str:
        return self._selection

    @property
    def locked(self) -> frozenset[str]:
        """Return the landmarks whose points nobody can move."""
        return self._locked

    @property
    def has_unsaved(self) -> bool:
        """Whether a step of any film waits for its journal."""
        return bool(self.queue)

    @property
    def can_undo(self) -> bool:
        return self._history is not None and self._history.can_undo

    @property
    def can_redo(self) -> bool:
        return self._history is not None and self._history.can_redo

    def open(
        self,
        film: Film,
        history: History[Tracing],
        journal: Journal | None,
        pixel_size: PixelSize,
    ) -> None:
        """Show a film with its history; without a journal nothing is kept beyond the session."""
        self._let_go()
        self.flush()
        # Steps of this film the journal still lacks are newer than the history it gave.
        history = self._aligned(self._kept.get((journal, film.sha256), history))
        old = self.tracing
        self._film, self._history, self.journal = film, history, journal
        self._pixel_size = pixel_size
        self._set_selection("")
        self._set_locked(frozenset())
        self.film_changed.emit(film)
        self.scale_changed.emit(pixel_size)
        self.changed.emit(old, history.present)

    def unsaved(self, journal: Journal, sha256: str) -> History[Tracing] | None:
        """Return the history of a film some steps of which wait for its journal.

        Then the journal must not be read anew: it would take the other window's steps, which nobody
        here has seen, as the base of those that wait.
        """
        return self._kept.get((journal, sha256))

    def adopt(self, history: History[Tracing]) -> None:
        """Show another history of the open film, written elsewhere."""
        if self._history is not None:
            old, self._history = self.tracing, self._aligned(history)
            self.changed.emit(old, self.tracing)

    def set_landmarks(self, landmarks: LandmarkSet) -> None:
        """Work with another landmark set: what is new is to be placed, what is gone stays where a
        film has a point of it. No step of a film: nothing that was said of it changes.
        """
        if landmarks == self._landmarks:
            return
        self.settling.emit()
        self._landmarks = landmarks
        old, history = self.tracing, self._history
        if history is not None:
            self._history = self._aligned(history)
        if self._selection not in self._ids:
            self._set_selection("")
        self._set_locked(self._locked & set(self._ids))
        self.landmarks_changed.emit(self._landmarks)
        if self.tracing != old:
            self.changed.emit(old, self.tracing)

    def close(self) -> None:
        """Let go of the film. What could not be written stays queued."""
        self._let_go()
        self.flush()
        if self._film is None:
            return
        old = self.tracing
        self._film = self._history = self.journal = None
        self._pixel_size = PixelSize()
        self._set_selection("")
        self._set_locked(frozenset())
        self.film_changed.emit(None)
        self.scale_changed.emit(self._pixel_size)
        self.changed.emit(old, None)

    def set_pixel_size(self, pixel_size: PixelSize) -> None:
        """Change the scale of the open film; points stay where they are."""
        if self._film is not None and pixel_size != self._pixel_size:
            self._pixel_size = pixel_size
            self.scale_changed.emit(pixel_size)

    def select(self, landmark: str) -> None:
        """Select a landmark, or nothing with "". Raises KeyError for an unknown one."""
        if landmark:
            self._check(landmark)
        self._set_selection(landmark)

    def toggle_lock(self, landmark: str) -> None:
        """Lock a landmark's point, or unlock it. Raises KeyError for an unknown landmark."""
        self._check(landmark)
        self.settling.emit()
        self._set_locked(self._locked ^ {landmark})

    def toggle_all_locks(self) -> None:
        """Lock every point, or unlock all where each is locked."""
        self.settling.emit()
        everything = frozenset(self._ids)
        self._set_locked(frozenset() if self._locked == everything else everything)

    def preview(self, landmark: str, xy: XY | None) -> None:
        """Show a point elsewhere without history; None ends the preview."""
        self.preview_changed.emit(landmark, None if xy is None else self._inside(xy))

    def move(self, landmark: str, xy: XY) -> None:
        """Put the human layer of a landmark at xy, in pixel indices, kept inside the film."""
        if self._film is not None and landmark not in self._locked:
            by, at, place = self.author, self._clock(), self._inside(xy)
            self._commit(lambda tracing: tracing.moved(landmark, place, by=by, at=at))

    def nudge(self, landmark: str, dx_px: float, dy_px: float) -> None:
        """Move a placed landmark by a distance in pixels; one marked as not visible stays."""
        best, tracing = self._best(landmark), self.tracing
        if best is not None and tracing and tracing[landmark].state is not State.NOT_VISIBLE:
            self.move(landmark, (best[0] + dx_px, best[1] + dy_px))

    def confirm(self, landmark: str) -> None:
        """Confirm a placed landmark where it is; one that is not placed stays as it is."""
        by, at = self.author, self._clock()
        tracing = self.tracing
        if self._best(landmark) is None or tracing is None:
            return
        if tracing[landmark].state is not State.CONFIRMED:
            self._commit(lambda tracing: tracing.confirm(landmark, by=by, at=at))

    def confirm_all(self) -> None:
        """Confirm all placed points as one step."""
        by, at = self.author, self._clock()
        self._commit(lambda tracing: tracing.confirm_all(by=by, at=at))

    def revert(self, landmark: str) -> None:
        """Drop what a human said of a landmark."""
        if landmark in self._locked:
            return
        self._commit(lambda tracing: tracing.reverted(landmark))

    def mark_not_visible(self, landmark: str) -> None:
        """Say that a landmark cannot be seen on this film."""
        by, at = self.author, self._clock()
        tracing = self.tracing
        if tracing is not None and tracing[landmark].state is not State.NOT_VISIBLE:
            self._commit(lambda tracing: tracing.marked_not_visible(landmark, by=by, at=at))

    def toggle_unsure(self, landmark: str) -> None:
        """Say that a placed point is doubted, or no longer."""
        by, at = self.author, self._clock()
        tracing = self.tracing
        if tracing is None or self._best(landmark) is None:
            return
        if tracing[landmark].state is State.UNSURE:
            self._commit(lambda tracing: tracing.doubt_taken_back(landmark))
        else:
            self._commit(lambda tracing: tracing.marked_unsure(landmark, by=by, at=at))

    def apply_detection(self, detection: Detection) -> None:
        """Lay a detection under the human layers, as one step; a held point first comes to rest."""
        if self._is_held:
            self._waiting = detection
            return
        at = self._clock()
        free = tuple(point for point in detection.points if point.landmark not in self._locked)
        detection = replace(detection, points=free)
        self._commit(lambda tracing: tracing.detected(detection, at=at))

    def hold(self, is_held: bool) -> None:
        """Say whether a hand or a key holds a point; let in what waited when it lets go."""
        self._is_held = is_held
        if not is_held and self._waiting is not None:
            detection, self._waiting = self._waiting, None
            self.apply_detection(detection)

    def set_turn(self, turn: Turn) -> None:
        """Look at the film in another way, as one step."""
        self._commit(lambda tracing: tracing.turned(turn))

    def put(
        self,
        points: tuple[Point, ...],
        turn: Turn | None = None,
        likeness: Likeness | None = None,
    ) -> None:
        """Set whole points, and how the film is seen, as one step; locked points stay."""
        new = {point.landmark: point for point in points if point.landmark not in self._locked}

        def edit(tracing: Tracing) -> Tracing:
            there = tuple(new.get(point.landmark, point) for point in tracing)
            seen = tracing.turn if turn is None else turn, likeness or tracing.likeness
            return replace(tracing, points=there, turn=seen[0], likeness=seen[1])

        self._commit(edit)

    def undo(self) -> None:
        """Step back."""
        self.settling.emit()
        if self._history is not None and self._history.can_undo:
            self._walk(self._history.undo(), "undo")

    def redo(self) -> None:
        """Step forward."""
        self.settling.emit()
        if self._history is not None and self._history.can_redo:
            self._walk(self._history.redo(), "redo")

    def flush(self) -> bool:
        """Write what waits, oldest first; return whether all of it is written."""
        wrote = bool(self.queue)
        error = self.queue.flush()
        if error is not None:
            self.save_failed.emit(f"{sentence(error)} {self.queue.told}")
            return False
        self._kept.clear()
        if wrote:
            self.saved.emit()
        return True

    def _aligned(self, history: History[Tracing]) -> History[Tracing]:
        known, history = aligned_history(history, self._landmarks)
        if known is not self._landmarks:
            self._landmarks = known
            self.landmarks_changed.emit(known)
        return history

    @property
    def _ids(self) -> tuple[str, ...]:
        return self._landmarks.ids if self.tracing is None else self.tracing.ids

    def _check(self, landmark: str) -> None:
        if landmark not in self._ids:
            raise KeyError(landmark)

    def _let_go(self) -> None:
        self.settling.emit()
        self.hold(False)

    def _commit(self, edit: Callable[[Tracing], Tracing]) -> None:
        self.settling.emit()
        if self._history is None:
            return
        history = self._history.commit(edit(self._history.present))
        if history is not self._history:
            self._step(history, "commit")

    def _walk(self, history: History[Tracing], kind: str) -> None:
        old, new = self.tracing, history.present
        self._step(history, kind)
        if old is None or self._history is not history:
            return
        changed = [point.landmark for point in new if point != old[point.landmark]]
        # A detection or a confirmation of all changes no point to look at in particular.
        if self._selection in changed or len(changed) == 1:
            landmark = self._selection if self._selection in changed else changed[0]
            self._set_selection(landmark)
            self.walked.emit(landmark)

    def _step(self, history: History[Tracing], kind: str) -> None:
        assert self._film is not None
        old, self._history = self.tracing, history
        if self.journal is not None:
            assert old is not None
            write = Write(self.journal, self._film.sha256, kind, old, history.present)
            self.queue.put(write)
            self._kept[self.journal, self._film.sha256] = history
            self.flush()
        if self._history is history:
            self.changed.emit(old, history.present)

    def _give_way(self, sha256: str, overtaken: Overtaken) -> None:
        self._kept.pop((overtaken.journal, sha256), None)
        self.overtaken.emit(sha256, overtaken)

    def _set_selection(self, landmark: str) -> None:
        if landmark != self._selection:
            self._selection = landmark
            self.selection_changed.emit(landmark)

    def _set_locked(self, locked: frozenset[str]) -> None:
        if locked != self._locked:
            self._locked = locked
            self.locks_changed.emit()

    def _best(self, landmark: str) -> XY | None:
        tracing = self.tracing
        best = tracing[landmark].best if tracing is not None else None
        return best.xy if best is not None else None

    def _inside(self, xy: XY) -> XY:
        if self._film is None:
            return xy
        x = min(max(float(xy[0]), -0.5), self._film.width - 0.5)
        y = min(max(float(xy[1]), -0.5), self._film.height - 0.5)
        return x, y
