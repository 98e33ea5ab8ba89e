"""One edit path, and nothing lost on it."""

import numpy as np
import pytest

from cephview.core.detection import DetectedPoint, Detection
from cephview.core.film import Film
from cephview.core.history import History
from cephview.core.landmarks import Landmark, LandmarkSet
from cephview.core.scale import PixelSize, Provenance
from cephview.core.tracing import State, Tracing
from cephview.ui.editor import Editor

LANDMARKS = LandmarkSet(
    "two", "Two", "test", tuple(Landmark(i, i, i, "hard") for i in ("S", "N", "Go"))
)
EMPTY = Tracing.empty("two", LANDMARKS.ids)
SCALE = PixelSize(0.1, 0.1, Provenance.RULER)
DETECTION = Detection(
    (
        DetectedPoint("S", (10.0, 10.0), 4.0, (12.0, 11.0), 2.0),
        DetectedPoint("N", (30.0, 10.0), 4.0, (31.0, 12.0), 1.0),
    ),
    "m" * 64,
    "model",
    1,
    "cpu",
    0.1,
)


class DiskError(Exception):
    pass


class Disk:
    """A journal that keeps its own history, and can be full."""

    def __init__(self):
        self.histories = {}
        self.is_full = False
        self.writes = 0

    def _write(self, sha256, step):
        if self.is_full:
            raise DiskError("The disk is full")
        self.histories[sha256] = step(self.histories.get(sha256, History(EMPTY)))
        self.writes += 1
        return self.writes

    def append_commit(self, sha256, tracing):
        return self._write(sha256, lambda history: history.commit(tracing))

    def append_undo(self, sha256):
        return self._write(sha256, lambda history: history.undo())

    def append_redo(self, sha256):
        return self._write(sha256, lambda history: history.redo())


def film(name="a"):
    return Film(np.zeros((80, 100), np.uint8), name * 64, f"{name}.png", SCALE)


@pytest.fixture
def disk():
    return Disk()


@pytest.fixture
def editor(qapp, disk):
    made = Editor(LANDMARKS, "Dr A", journal_errors=(DiskError,), clock=lambda: "2026-01-01T00:00Z")
    made.open(film(), History(EMPTY), disk, SCALE)
    return made


def on_disk(disk, name="a"):
    return disk.histories[name * 64]


def test_opening_tells_film_scale_and_tracing(qtbot, disk):
    editor = Editor(LANDMARKS, "Dr A")
    opened = film()
    with qtbot.waitSignals([editor.film_changed, editor.scale_changed, editor.changed]):
        editor.open(opened, History(EMPTY), disk, SCALE)
    assert editor.film is opened and editor.tracing == EMPTY and editor.pixel_size == SCALE


def test_every_step_is_on_disk_before_views_hear_of_it(editor, disk):
    seen = []
    editor.changed.connect(lambda old, new: seen.append((old, new, on_disk(disk).present)))
    editor.apply_detection(DETECTION)
    editor.move("S", (20.0, 20.0))
    editor.undo()
    editor.redo()
    assert len(seen) == 4
    assert all(new == stored for _, new, stored in seen)
    assert seen[0][0] == EMPTY and seen[2][1] == seen[0][1]
    assert disk.writes == 4


def test_edits_carry_author_and_time(editor):
    editor.apply_detection(DETECTION)
    editor.move("S", (20.0, 20.0))
    assert editor.tracing["S"].human.by == "Dr A"
    assert editor.tracing["S"].human.at == "2026-01-01T00:00Z"


def test_a_full_disk_loses_nothing(editor, disk, qtbot):
    editor.apply_detection(DETECTION)
    disk.is_full = True
    with qtbot.waitSignal(editor.save_failed) as failed:
        editor.move("S", (20.0, 20.0))
    assert failed.args[0].startswith("The disk is full. ")
    assert editor.has_unsaved
    editor.confirm("N")
    editor.undo()
    assert on_disk(disk).present["S"].human is None
    disk.is_full = False
    with qtbot.waitSignal(editor.saved):
        editor.confirm("S")
    assert not editor.has_unsaved
    assert on_disk(disk).present == editor.tracing
    assert on_disk(disk).past == (
        EMPTY,
        EMPTY.detected(DETECTION, at="2026-01-01T00:00Z"),
        on_disk(disk).past[2],
    )


def test_unsaved_steps_survive_a_change_of_film(editor, disk):
    disk.is_full = True
    editor.move("S", (20.0, 20.0))
    kept = editor.tracing
    editor.open(film("b"), History(EMPTY), disk, SCALE)
    editor.open(film("a"), History(EMPTY), disk, SCALE)
    assert editor.tracing == kept and editor.can_undo
    editor.close()
    disk.is_full = False
    assert editor.flush()
    assert on_disk(disk).present == kept


def test_errors_that_are_not_the_journals_are_not_hidden(editor, disk, monkeypatch):
    def broken(sha256, tracing):
        raise ZeroDivisionError

    monkeypatch.setattr(disk, "append_commit", broken)
    with pytest.raises(ZeroDivisionError):
        editor.move("S", (20.0, 20.0))


def test_points_stay_inside_the_film(editor):
    editor.move("S", (-40.0, 900.0))
    assert editor.tracing["S"].best.xy == (-0.5, 79.5)
    seen = []
    editor.preview_changed.connect(lambda landmark, xy: seen.append(xy))
    editor.preview("S", (1_000.0, 3.0))
    assert seen == [(99.5, 3.0)]


def test_what_changes_nothing_is_no_step(editor, disk):
    editor.confirm("S")
    editor.nudge("S", 1, 1)
    editor.revert("S")
    editor.confirm_all()
    editor.undo()
    editor.redo()
    assert disk.writes == 0
    editor.apply_detection(DETECTION)
    editor.confirm("S")
    editor.confirm("S")
    editor.mark_not_visible("Go")
    editor.mark_not_visible("Go")
    assert disk.writes == 3


def test_confirm_all_is_one_step(editor):
    editor.apply_detection(DETECTION)
    editor.confirm_all()
    assert [point.state for point in editor.tracing] == [
        State.CONFIRMED,
        State.CONFIRMED,
        State.MISSING,
    ]
    editor.undo()
    assert editor.tracing["N"].state is State.MODEL


def test_selection_is_told_once_and_cleared_with_the_film(editor):
    seen = []
    editor.selection_changed.connect(seen.append)
    editor.select("S")
    editor.select("S")
    editor.close()
    assert seen == ["S", ""]
    with pytest.raises(KeyError):
        editor.select("Xi")


def test_without_a_film_nothing_happens(qapp):
    editor = Editor(LANDMARKS, "Dr A")
    editor.move("S", (1.0, 1.0))
    editor.nudge("S", 1, 1)
    editor.confirm("S")
    editor.confirm_all()
    editor.mark_not_visible("S")
    editor.revert("S")
    editor.apply_detection(DETECTION)
    editor.undo()
    editor.redo()
    editor.set_pixel_size(SCALE)
    editor.close()
    assert editor.tracing is None and not editor.can_undo and not editor.can_redo


def test_a_new_scale_moves_no_point(editor, qtbot):
    editor.apply_detection(DETECTION)
    before = editor.tracing
    with qtbot.waitSignal(editor.scale_changed):
        editor.set_pixel_size(PixelSize(0.2, 0.2, Provenance.RULER))
    assert editor.tracing.points == before.points


def test_a_scale_is_a_step_and_undo_takes_back_that_alone(editor, disk, qtbot):
    editor.apply_detection(DETECTION)
    placed = editor.tracing
    wrong = PixelSize(2.0, 2.0, Provenance.RULER)
    editor.set_pixel_size(wrong)
    assert on_disk(disk).present.scale == wrong
    with qtbot.waitSignal(editor.scale_changed):
        editor.undo()
    assert editor.pixel_size == SCALE and editor.tracing == placed and on_disk(disk).can_redo
    editor.redo()
    assert editor.pixel_size == wrong and editor.tracing.points == placed.points
    editor.set_pixel_size(SCALE)
    assert editor.tracing.scale is None, "the file's size is no word of a user"


def test_a_scale_that_is_so_already_is_no_step(editor, disk):
    editor.set_pixel_size(SCALE)
    assert not editor.can_undo and disk.writes == 0


def test_locks_are_undone_in_their_turn(editor, disk):
    editor.apply_detection(DETECTION)
    editor.toggle_lock("S")
    editor.confirm("N")
    editor.toggle_all_locks()
    editor.undo()
    assert editor.locked == {"S"} and editor.tracing["N"].state is State.CONFIRMED
    editor.undo()
    editor.undo()
    assert editor.locked == frozenset() and editor.tracing["N"].state is State.MODEL
    editor.redo()
    assert editor.locked == {"S"}
    editor.confirm("S")
    assert not editor.can_redo and on_disk(disk).present == editor.tracing
    editor.open(film("b"), History(EMPTY), disk, SCALE)
    editor.open(film("a"), on_disk(disk), disk, SCALE)
    editor.undo()
    assert editor.tracing["S"].state is State.MODEL and editor.locked == frozenset()
    editor.undo()
    assert editor.tracing == EMPTY and not editor.can_undo


def test_what_a_lock_dropped_comes_back_with_no_other_film(editor, disk):
    editor.apply_detection(DETECTION)
    editor.undo()
    editor.toggle_lock("S")
    assert not editor.can_redo
    editor.undo()
    editor.open(film("b"), History(EMPTY), disk, SCALE)
    editor.open(film("a"), on_disk(disk), disk, SCALE)
    assert not editor.can_redo and not editor.can_undo


def test_another_landmark_set_is_no_step_and_loses_nothing(editor, disk):
    heard = []
    editor.landmarks_changed.connect(lambda landmarks: heard.append(landmarks.ids))
    editor.move("S", (5, 6))
    writes = disk.writes
    new = Landmark("Co", "Condylion", "The top.", "hard", "other")
    grown = LANDMARKS.with_added(new)
    editor.set_landmarks(grown)
    assert heard == [grown.ids] and editor.tracing.ids == grown.ids
    assert disk.writes == writes and editor.tracing["S"].human.xy == (5, 6)
    editor.select("Co")
    editor.toggle_lock("Co")
    editor.set_landmarks(grown.with_retired("Co"))
    assert editor.selection == "" and not editor.locked
    with pytest.raises(KeyError):
        editor.select("Co")
    editor.set_landmarks(grown)
    editor.move("Co", (7, 8))
    editor.set_landmarks(grown.with_retired("Co"))
    editor.select("Co")
    editor.undo()
    assert editor.tracing["Co"].state is State.MISSING and editor.selection == "Co"
    editor.redo()
    assert editor.tracing["Co"].human.xy == (7, 8)
    assert on_disk(disk).present["Co"].human.xy == (7, 8)


def test_a_point_whose_landmark_was_lost_is_shown_all_the_same(editor, disk):
    lost = Tracing.of(LANDMARKS.with_added(Landmark("Zz", "Lost", "Lost.", "hard", "own")))
    lost = lost.moved("Zz", (1, 2), by="Dr A", at="2026")
    editor.open(film("b"), History(lost), disk, SCALE)
    assert editor.tracing["Zz"].human.xy == (1, 2) and "lost" in editor.landmarks["Zz"].definition
