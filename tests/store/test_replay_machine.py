"""Whatever is committed, undone, redone and reopened in any reading, each tells its own history."""

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cephview.core.film import Film
from cephview.core.history import History
from cephview.core.reading import Start
from cephview.core.tracing import Tracing
from cephview.store import Workspace

EMPTY = Tracing.empty("isbi19", ("S", "N", "A"))
SHA = "5" * 64
AT = "2026-01-02T03:04:05.678+00:00"

landmarks = st.sampled_from([point.landmark for point in EMPTY])
coordinates = st.tuples(
    st.floats(-10, 4000, allow_nan=False), st.floats(-10, 4000, allow_nan=False)
)
# The first reading, two readers' and the decisions.
readings = st.sampled_from(range(4))


class WorkspaceAgainstHistory(RuleBasedStateMachine):
    """A step of one reading changes that reading alone, for every window and after a restart."""

    @initialize()
    def begin(self) -> None:
        self.room = tempfile.TemporaryDirectory()
        self.workspace = Workspace.open(Path(self.room.name))
        film = Film(np.zeros((2, 2), np.uint8), SHA, "film.png")
        self.workspace.remember_film(film, Path("film.png"))
        self.workspace.begin_reading("Ben", Start.MODEL)
        self.workspace.begin_reading("Cid", Start.NOTHING)
        self.workspace.begin_reading("", Start.DECISIONS)
        self.models = {n: History(EMPTY) for n in range(4)}
        self.numbers = dict.fromkeys(range(4), 0)

    def commit(self, reading: int, tracing: Tracing) -> None:
        new = self.models[reading].commit(tracing)
        self.numbers[reading] += new is not self.models[reading]
        assert self.workspace.append_commit(SHA, tracing, reading) == self.numbers[reading]
        self.models[reading] = new

    @rule(reading=readings, landmark=landmarks, xy=coordinates)
    def move(self, reading, landmark, xy) -> None:
        present = self.models[reading].present
        self.commit(reading, present.moved(landmark, xy, by="Ann", at=AT))

    @rule(reading=readings)
    def confirm_all(self, reading) -> None:
        self.commit(reading, self.models[reading].present.confirm_all(by="Ben", at=AT))

    @rule(reading=readings, landmark=landmarks)
    def revert(self, reading, landmark) -> None:
        self.commit(reading, self.models[reading].present.reverted(landmark))

    @rule(reading=readings, landmark=landmarks)
    def hide(self, reading, landmark) -> None:
        present = self.models[reading].present
        self.commit(reading, present.marked_not_visible(landmark, by="Ann", at=AT))

    @rule(reading=readings)
    def undo(self, reading) -> None:
        self.numbers[reading] += self.models[reading].can_undo
        assert self.workspace.append_undo(SHA, reading) == self.numbers[reading]
        self.models[reading] = self.models[reading].undo()

    @rule(reading=readings)
    def redo(self, reading) -> None:
        self.numbers[reading] += self.models[reading].can_redo
        assert self.workspace.append_redo(SHA, reading) == self.numbers[reading]
        self.models[reading] = self.models[reading].redo()

    @rule()
    def reopen(self) -> None:
        self.workspace.close()
        self.workspace = Workspace.open(Path(self.room.name))

    @rule(reading=readings)
    def read_from_another_window(self, reading) -> None:
        with Workspace.open(Path(self.room.name)) as other:
            assert other.history(SHA, EMPTY, reading) == self.models[reading]

    @invariant()
    def tells_the_same(self) -> None:
        for reading, model in self.models.items():
            tracing = self.workspace.tracing(SHA, reading)
            assert (EMPTY if tracing is None else tracing) == model.present
            assert self.workspace.history(SHA, EMPTY, reading) == model

    def teardown(self) -> None:
        if hasattr(self, "workspace"):
            self.workspace.close()
            self.room.cleanup()


TestWorkspaceAgainstHistory = WorkspaceAgainstHistory.TestCase
TestWorkspaceAgainstHistory.settings = settings(
    max_examples=12, stateful_step_count=40, deadline=None
)
