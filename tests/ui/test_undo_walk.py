"""Whatever a user does, in whatever order, undo gives back step by step, and redo goes forward."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cephview import places
from cephview.core.detection import DetectedPoint, Detection, Turn
from cephview.core.film import Film
from cephview.core.landmarks import own_landmark
from cephview.core.reading import Start
from cephview.core.scale import PixelSize, Provenance
from cephview.core.tracing import Point, Tracing
from cephview.ui.editing.own_landmarks import OwnLandmarks
from cephview.ui.editing.readings import Readings
from cephview.ui.editing.scaling import Scaling
from cephview.ui.editor import Editor
from cephview.ui.workspace.keeping import ConflictError, KeepError, Keeping

FILM = Film(
    np.zeros((80, 100), np.uint8), "a" * 64, "a.png", PixelSize(0.1, 0.1, Provenance.UNVERIFIED)
)
OTHER = replace(FILM, sha256="b" * 64, name="b.png")
OWN = own_landmark("X", "An extra", "Where it is.", "hard")


class Desk:
    """What a window has of its steps, without the window."""

    def __init__(self, folder: Path) -> None:
        self.keeping = Keeping()
        self.keeping.open(str(folder), "Ann")
        self.editor = Editor(
            places.load_landmark_set("isbi19"),
            "Ann",
            journal_errors=(KeepError,),
            conflicts=(ConflictError,),
        )
        self.readings = Readings(self.editor, self.keeping, self.editor)
        self.scaling = Scaling(self.editor, self.editor)
        self.landmarks = OwnLandmarks(self.editor, self.keeping, (), self.editor)
        self.show(FILM)

    def show(self, film: Film) -> None:
        size = self.keeping.remember_film(film, Path(film.name))
        self.landmarks.reread()
        history = self.readings.history(film.sha256, Tracing.of(self.editor.landmarks))
        self.editor.open(film, history, self.readings.journal, size)
        self.readings.begin_film()

    def read(self, reading: int) -> None:
        """Go to the first reading, another reader's, or what is decided."""
        if reading == 0:
            self.readings.go_to_first()
        elif reading == 1:
            self.readings.read_as("Ben", Start.MODEL)
        else:
            self.readings.decide()
        self.show(FILM)

    def seen(self) -> dict[str, Any]:
        editor = self.editor
        assert editor.tracing is not None
        return {
            "points": {p.landmark: p for p in editor.tracing if p != Point(p.landmark)},
            "rows": frozenset(editor.tracing.ids),
            "turn": editor.tracing.turn,
            "size": editor.pixel_size,
            "locked": editor.locked,
            "landmarks": editor.landmarks.ids,
        }


def detected(shift: float) -> Detection:
    points = tuple(
        DetectedPoint(i, (10 + shift, 10), 2.0, (12 + shift, 11), 1.0) for i in ("S", "N", "Go")
    )
    return Detection(points, "m" * 64, "test", 1, "cpu", 0.1)


def toggle_own(desk: Desk) -> None:
    if "X" in desk.editor.landmarks.ids:
        desk.landmarks.retire("X")
    else:
        desk.landmarks.add(OWN)


ON_TRACING: dict[str, Callable[[Desk, int], object]] = {
    "move": lambda desk, n: desk.editor.move("SNA"[n % 3], (n, n + 1)),
    "confirm": lambda desk, n: desk.editor.confirm("SNA"[n % 3]),
    "not visible": lambda desk, n: desk.editor.mark_not_visible("SNA"[n % 3]),
    "unsure": lambda desk, n: desk.editor.toggle_unsure("SNA"[n % 3]),
    "revert": lambda desk, n: desk.editor.revert("SNA"[n % 3]),
    "detect": lambda desk, n: desk.editor.apply_detection(detected(n)),
    "turn": lambda desk, n: desk.editor.set_turn(Turn(n % 2 == 0, n % 3 == 0, n % 4)),
    "ruler": lambda desk, n: desk.scaling.use_ruler((0, 0), (0, 50), 1 + n),
    "accept": lambda desk, n: desk.scaling.accept_anyway(),
    "as on file": lambda desk, n: desk.scaling.use_file(),
}
BESIDE: dict[str, Callable[[Desk, int], object]] = {
    "lock": lambda desk, n: desk.editor.toggle_lock("SNA"[n % 3]),
    "lock all": lambda desk, n: desk.editor.toggle_all_locks(),
    "landmark": lambda desk, n: toggle_own(desk),
    "place own": lambda desk, n: "X" in desk.editor.tracing.ids and desk.editor.move("X", (n, 9)),
}


def back_and_forth(desk: Desk, past: list[Any], future: list[Any]) -> None:
    """Undo everything and redo everything, against what was seen after each step."""
    now = desk.seen()
    for state in reversed(past):
        desk.editor.undo()
        assert desk.seen() == state
    for state in [*past, now, *future][1:]:
        desk.editor.redo()
        assert desk.seen() == state
    assert not desk.editor.can_redo
    for state in [*reversed(future[:-1]), now] if future else ():
        desk.editor.undo()
        assert desk.seen() == state


steps = st.lists(
    st.tuples(
        st.sampled_from([*ON_TRACING, *BESIDE, "undo", "redo", "open again"]), st.integers(0, 40)
    ),
    min_size=4,
    max_size=18,
)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(steps)
def test_every_change_is_a_step_of_one_undo(qapp, script):
    with tempfile.TemporaryDirectory() as room:
        desk = Desk(Path(room))
        past: list[Any] = []
        future: list[Any] = []
        kinds: list[str] = []
        for kind, n in script:
            before = desk.seen()
            if kind == "undo" and past:
                future.insert(0, (kinds.pop(), before))
                state = past.pop()
                desk.editor.undo()
                assert desk.seen() == state
            elif kind == "redo" and future:
                what, state = future.pop(0)
                kinds.append(what)
                past.append(before)
                desk.editor.redo()
                assert desk.seen() == state
            elif kind == "open again":
                desk.show(OTHER)
                desk.show(FILM)
                # Locks end with the film, and so do their steps.
                past = [
                    {**s, "locked": frozenset()}
                    for s, k in zip(past, kinds, strict=True)
                    if "lock" not in k
                ]
                future = [(k, {**s, "locked": frozenset()}) for k, s in future if "lock" not in k]
                kinds = [k for k in kinds if "lock" not in k]
                assert desk.seen() == {**before, "locked": frozenset()}
            elif kind not in ("undo", "redo"):
                (ON_TRACING | BESIDE)[kind](desk, n)
                if desk.seen() != before:
                    past.append(before)
                    kinds.append(kind)
                    future = []
        back_and_forth(desk, past, [state for _, state in future])
        desk.keeping.close()


# What a reading held before each of its steps, what it holds, and what was undone.
Walk = tuple[list[Any], list[Any]]
across = st.lists(
    st.tuples(
        st.sampled_from([*ON_TRACING, "undo", "undo", "redo", "read", "read", "restart"]),
        st.integers(0, 40),
    ),
    min_size=6,
    max_size=20,
)


def by_scale(states: list[Any], was: PixelSize, size: PixelSize) -> list[Any]:
    """Return states of a film whose scale was changed elsewhere, up to the first change of it."""
    same = [{**s, "size": size} for s in takewhile(lambda s: s["size"] == was, states)]
    return [*same, *states[len(same) :]]


@settings(max_examples=12, deadline=None, derandomize=True)
@given(across)
def test_each_reading_has_its_undo_and_all_have_one_scale_also_after_a_restart(qapp, script):
    with tempfile.TemporaryDirectory() as room:
        desk = Desk(Path(room))
        reading = 0
        walks: dict[int, Walk] = {}
        present: dict[int, Any] = {}
        past, future = walks.setdefault(0, ([], []))
        for kind, n in script:
            before = desk.seen()
            if kind == "undo" and past:
                future.insert(0, before)
                desk.editor.undo()
                assert desk.seen() == past.pop()
            elif kind == "redo" and future:
                past.append(before)
                desk.editor.redo()
                assert desk.seen() == future.pop(0)
            elif kind in ("read", "restart"):
                present[reading] = before
                if kind == "restart":
                    desk.editor.flush()
                    desk.keeping.close()
                    desk = Desk(Path(room))
                reading = n % 3
                desk.read(reading)
                now = desk.seen()
                assert now["size"] == before["size"], "the scale is the film's"
                # One in which nothing was done begins from what a model has found meanwhile.
                if reading in walks and (present[reading]["points"] or any(walks[reading])):
                    was = present[reading]
                    assert now == {**was, "size": now["size"]}
                    past, future = walks[reading]
                    past[:] = reversed(by_scale(past[::-1], was["size"], now["size"]))
                    future[:] = by_scale(future, was["size"], now["size"])
                else:
                    past, future = walks[reading] = [], []
            elif kind not in ("undo", "redo"):
                ON_TRACING[kind](desk, n)
                if desk.seen() != before:
                    past.append(before)
                    future.clear()
        record = next(film for film in desk.keeping.films() if film.sha256 == FILM.sha256)
        assert record.pixel_size == desk.seen()["size"]
        back_and_forth(desk, past, future)
        desk.keeping.close()
