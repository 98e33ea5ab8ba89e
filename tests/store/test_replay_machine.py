import tempfile
from pathlib import Path

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cephview.core.film import Film
from cephview.core.history import History
from cephview.core.tracing import Tracing
from cephview.store import Workspace

EMPTY = Tracing.empty("isbi19", ("S", "N", "A"))
SHA = "5" * 64
AT = "2026-01-02T03:04:05.678+00:00"

landmarks = st.sampled_from([point.landmark for point in EMPTY])
coordinates = st.tuples(
    st.floats(-10, 4000, allow_nan=False), st.floats(-10, 4000, allow_nan=False)
)


class WorkspaceAgainstHistory(RuleBasedStateMachine):
    """Whatever is committed, undone, redone and reopened, the store tells the same history."""

    @initialize()
    def begin(self) -> None:
        self.room = tempfile.TemporaryDirectory()
        self.workspace = Workspace.open(Path(self.room.name))
        film = Film(np.zeros((2, 2), np.uint8), SHA, "film.png")
        self.workspace.remember_film(film, Path("film.png"))
        self.model = History(EMPTY)
        self.number = 0

    def commit(self, tracing: Tracing) -> None:
        new = self.model.commit(tracing)
        self.number += new is not self.model
        assert self.workspace.append_commit(SHA, tracing) == self.number
        self.model = new

    @rule(landmark=landmarks, xy=coordinates)
    def move(self, landmark, xy) -> None:
        self.commit(self.model.present.moved(landmark, xy, by="Ann", at=AT))

    @rule()
    def confirm_all(self) -> None:
        self.commit(self.model.present.confirm_all(by="Ben", at=AT))

    @rule(landmark=landmarks)
    def revert(self, landmark) -> None:
        self.commit(self.model.present.reverted(landmark))

    @rule(landmark=landmarks)
    def hide(self, landmark) -> None:
        self.commit(self.model.present.marked_not_visible(landmark, by="Ann", at=AT))

    @rule()
    def undo(self) -> None:
        self.number += self.model.can_undo
        assert self.workspace.append_undo(SHA) == self.number
        self.model = self.model.undo()

    @rule()
    def redo(self) -> None:
        self.number += self.model.can_redo
        assert self.workspace.append_redo(SHA) == self.number
        self.model = self.model.redo()

    @rule()
    def reopen(self) -> None:
        self.workspace.close()
        self.workspace = Workspace.open(Path(self.room.name))

    @rule()
    def read_from_another_window(self) -> None:
        with Workspace.open(Path(self.room.name)) as other:
            assert other.history(SHA, EMPTY) == self.model

    @invariant()
    def tells_the_same(self) -> None:
        tracing = self.workspace.tracing(SHA)
        assert (EMPTY if tracing is None else tracing) == self.model.present
        assert self.workspace.history(SHA, EMPTY) == self.model

    def teardown(self) -> None:
        if hasattr(self, "workspace"):
            self.workspace.close()
            self.room.cleanup()


TestWorkspaceAgainstHistory = WorkspaceAgainstHistory.TestCase
TestWorkspaceAgainstHistory.settings = settings(
    max_examples=12, stateful_step_count=25, deadline=None
)
