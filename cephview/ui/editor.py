"""The one edit path: hands, keys, detection, scale, undo and redo all go through the Editor."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from cephview.core.detection import Detection, Likeness, Turn
from cephview.core.film import Film
from cephview.core.film_history import aligned_history, on_scale
from cephview.core.history import History, SideStep
from cephview.core.landmarks import LandmarkSet
from cephview.core.scale import PixelSize
from cephview.core.tracing import XY, Point, State, Tracing
from cephview.ui.reviewing import Reviewing
from cephview.ui.workspace.journal import Journal, Overtaken, Queue, utc_now
from cephview.ui.workspace.steps import LockStep, Steps, Walked


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
    Undo and redo walk over every change in the order in which they were made: over those of the
    tracing, which are on disk, and over those beside it (record), which end with the window and of
    which steps_changed tells.

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
    steps_changed = Signal()
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
        self.journal: Journal | None = None
        self._selection = ""
        self._locked: frozenset[str] = frozenset()
        self._is_held = False
        self._waiting: Detection | None = None
        self.queue = Queue(journal_errors, conflicts, self._give_way)
        self._steps = Steps(self.queue)
        self.review = Reviewing(self)

    @property
    def landmarks(self) -> LandmarkSet:
        return self._landmarks

    @property
    def film(self) -> Film | None:
        return self._film

    @property
    def tracing(self) -> Tracing | None:
        return self._steps.present

    @property
    def pixel_size(self) -> PixelSize:
        """Return what a user says of the open film's scale, else what its file says."""
        told = self.tracing.scale if self.tracing else None
        return told or PixelSize() if self._film is None else self._film.by_scale(told)

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
        return self._steps.can_walk(is_forward=False)

    @property
    def can_redo(self) -> bool:
        return self._steps.can_walk(is_forward=True)

    def open(
        self,
        film: Film,
        history: History[Tracing],
        journal: Journal | None,
        pixel_size: PixelSize,
    ) -> None:
        """Show a film with its history, by its pixel size now.

        Without a journal nothing is kept beyond the session.
        """
        self._let_go()
        # Steps of this film the journal still lacks are newer than the history it gave.
        scale = None if pixel_size == film.pixel_size else pixel_size
        newest = self.unsaved(journal, film.sha256) or on_scale(history, scale)
        old, history = self.tracing, self._aligned(newest)
        self._steps.open(journal, film.sha256, history)
        self._show(film, journal, old)

    def unsaved(self, journal: Journal | None, sha256: str) -> History[Tracing] | None:
        """Return the history of a film some steps of which wait for its journal.

        Then the journal must not be read anew: it would take the other window's steps, which nobody
        here has seen, as the base of those that wait.
        """
        return self._steps.unsaved(journal, sha256)

    def adopt(self, history: History[Tracing]) -> None:
        """Show another history of the open film, written elsewhere."""
        if (old := self.tracing) is not None:
            self._steps.adopt(self._aligned(history))
            self._tell(old)

    def set_landmarks(self, landmarks: LandmarkSet) -> None:
        """Work with another landmark set: what is new is to be placed, what is gone stays where a
        film has a point of it. No step of a film: nothing that was said of it changes (record).
        """
        if landmarks == self._landmarks:
            return
        self.settling.emit()
        self._landmarks, old = landmarks, self.tracing
        if self._steps.history is not None:
            self._steps.history = self._aligned(self._steps.history)
        if self._selection not in self._ids:
            self._set_selection("")
        self._set_locked(self._locked & set(self._ids))
        self.landmarks_changed.emit(self._landmarks)
        if self.tracing != old:
            self.changed.emit(old, self.tracing)

    def close(self) -> None:
        """Let go of the film. What could not be written stays queued."""
        self._let_go()
        if self._film is None:
            return
        old = self.tracing
        self._steps.close()
        self._show(None, None, old)

    def set_pixel_size(self, pixel_size: PixelSize) -> None:
        """Change the scale of the open film, as one step; points stay where they are."""
        is_of_file = self._film is not None and pixel_size == self._film.pixel_size
        self._commit(lambda tracing: tracing.scaled(None if is_of_file else pixel_size))

    def select(self, landmark: str) -> None:
        """Select a landmark, or nothing with "". Raises KeyError for an unknown one."""
        if landmark:
            self._check(landmark)
        self._set_selection(landmark)

    def toggle_lock(self, landmark: str) -> None:
        """Lock a landmark's point, or unlock it. Raises KeyError for an unknown landmark."""
        self._check(landmark)
        self._lock(self._locked ^ {landmark})

    def toggle_all_locks(self) -> None:
        """Lock every point, or unlock all where each is locked."""
        everything = frozenset(self._ids)
        self._lock(frozenset() if self._locked == everything else everything)

    def preview(self, landmark: str, xy: XY | None) -> None:
        """Show a point elsewhere without history; None ends the preview."""
        if xy is not None and self._film is not None:
            xy = self._film.inside(xy)
        self.preview_changed.emit(landmark, xy)

    def move(self, landmark: str, xy: XY) -> None:
        """Put the human layer of a landmark at xy, in pixel indices, kept inside the film."""
        if self._film is not None and landmark not in self._locked:
            by, at, place = self.author, self._clock(), self._film.inside(xy)
            self._commit(lambda tracing: tracing.moved(landmark, place, by=by, at=at))

    def nudge(self, landmark: str, dx_px: float, dy_px: float) -> None:
        """Move a placed landmark by a distance in pixels; one marked as not visible stays."""
        point = self._point(landmark)
        if point and point.best is not None and point.state is not State.NOT_VISIBLE:
            self.move(landmark, (point.best.x_px + dx_px, point.best.y_px + dy_px))

    def confirm(self, landmark: str) -> None:
        """Confirm a placed landmark where it is; one that is not placed stays as it is."""
        by, at = self.author, self._clock()
        if (point := self._point(landmark)) and point.best and point.state is not State.CONFIRMED:
            self._commit(lambda tracing: tracing.confirm(landmark, by=by, at=at))

    def confirm_all(self) -> None:
        """Confirm all placed points that are left to check, as one step."""
        by, at, moved = self.author, self._clock(), not self.review.moved_counts
        self._commit(lambda tracing: tracing.confirm_all(by=by, at=at, with_moved=moved))

    def revert(self, landmark: str) -> None:
        """Drop what a human said of a landmark."""
        if landmark in self._locked:
            return
        self._commit(lambda tracing: tracing.reverted(landmark))

    def mark_not_visible(self, landmark: str) -> None:
        """Say that a landmark cannot be seen on this film."""
        by, at = self.author, self._clock()
        if (point := self._point(landmark)) and point.state is not State.NOT_VISIBLE:
            self._commit(lambda tracing: tracing.marked_not_visible(landmark, by=by, at=at))

    def toggle_unsure(self, landmark: str) -> None:
        """Say that a placed point is doubted, or no longer."""
        by, at = self.author, self._clock()
        if (point := self._point(landmark)) and point.state is State.UNSURE:
            self._commit(lambda tracing: tracing.doubt_taken_back(landmark))
        elif point and point.best is not None:
            self._commit(lambda tracing: tracing.marked_unsure(landmark, by=by, at=at))

    def apply_detection(self, detection: Detection) -> None:
        """Lay a detection under the human layers, as one step; a held point first comes to rest."""
        if self._is_held:
            self._waiting = detection
            return
        free = (point for point in detection.points if point.landmark not in self._locked)
        found = replace(detection, points=tuple(free))
        self._commit(lambda tracing: tracing.detected(found, at=self._clock()))

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
        *scale: PixelSize | None,
    ) -> None:
        """Set whole points, how the film is seen and its scale, as one step; locked points stay."""
        free = tuple(point for point in points if point.landmark not in self._locked)
        changes = {"turn": turn, "likeness": likeness}
        seen: dict[str, Any] = {name: said for name, said in changes.items() if said is not None}
        if scale:
            seen["scale"] = scale[0]
        self._commit(lambda tracing: replace(tracing.having(free), **seen))

    def record(self, side: SideStep) -> None:
        """Let undo take back, in its turn, a change beside the tracing that was just made."""
        self._steps.add_beside(side)
        self.steps_changed.emit()

    def undo(self) -> None:
        """Take the last change back."""
        self._walk(is_forward=False)

    def redo(self) -> None:
        """Make the change again that was taken back last."""
        self._walk(is_forward=True)

    def flush(self) -> bool:
        """Write what waits, oldest first; return whether all of it is written."""
        wrote = bool(self.queue)
        if error := self._steps.flush():
            self.save_failed.emit(error)
        elif wrote:
            self.saved.emit()
        return not error

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

    def _show(self, film: Film | None, journal: Journal | None, old: Tracing | None) -> None:
        self._film, self.journal = film, journal
        self._set_selection("")
        self._set_locked(frozenset())
        self.film_changed.emit(film)
        self.scale_changed.emit(self.pixel_size)
        self.changed.emit(old, self.tracing)

    def _let_go(self) -> None:
        self.settling.emit()
        self.hold(False)
        self.flush()

    def _commit(self, edit: Callable[[Tracing], Tracing]) -> None:
        self.settling.emit()
        old = self.tracing
        if old is not None and self._steps.commit(edit(old)):
            self._tell_step(old)

    def _walk(self, *, is_forward: bool) -> None:
        self.settling.emit()
        old = self.tracing
        walked = self._steps.walk(is_forward=is_forward)
        if walked is Walked.BESIDE:
            self.steps_changed.emit()
        elif walked is Walked.TRACING and old is not None and self._tell_step(old):
            self._show_walked(old)

    def _show_walked(self, old: Tracing) -> None:
        was = {point.landmark: point for point in old}
        points = self.tracing or ()
        changed = [p.landmark for p in points if p != was.get(p.landmark, Point(p.landmark))]
        # A detection or a confirmation of all changes no point to look at in particular.
        if self._selection in changed or len(changed) == 1:
            landmark = self._selection if self._selection in changed else changed[0]
            self._set_selection(landmark)
            self.walked.emit(landmark)

    def _tell_step(self, old: Tracing) -> bool:
        """Write a step and tell of it; False where it was overtaken, which was told instead."""
        history = self._steps.history
        self.flush()
        is_mine = self._steps.history is history
        if is_mine:
            self._tell(old)
        return is_mine

    def _tell(self, old: Tracing | None) -> None:
        new = self.tracing
        if self._selection not in self._ids:
            self._set_selection("")
        if old is not None and new is not None and old.scale != new.scale:
            self.scale_changed.emit(self.pixel_size)
        self.changed.emit(old, new)

    def _lock(self, locked: frozenset[str]) -> None:
        self.settling.emit()
        step = LockStep(self._locked, locked, self._set_locked)
        if step.before != step.after:
            self._set_locked(locked)
            self.record(step)

    def _give_way(self, sha256: str, overtaken: Overtaken) -> None:
        self._steps.forget_unsaved(overtaken.journal, sha256)
        self.overtaken.emit(sha256, overtaken)

    def _set_selection(self, landmark: str) -> None:
        if landmark != self._selection:
            self._selection = landmark
            self.selection_changed.emit(landmark)

    def _set_locked(self, locked: frozenset[str]) -> None:
        if locked != self._locked:
            self._locked = locked
            self.locks_changed.emit()

    def _point(self, landmark: str) -> Point | None:
        return None if self.tracing is None else self.tracing[landmark]
