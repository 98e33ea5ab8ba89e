from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cephview.core.history import History


def test_steps_by_hand():
    history = History("a").commit("b").commit("c")
    assert (history.present, history.past, history.future) == ("c", ("a", "b"), ())
    back = history.undo().undo()
    assert (back.present, back.past, back.future) == ("a", (), ("b", "c"))
    assert back.redo().redo() == history
    assert back.commit("d") == History("d", ("a",))


def test_the_ends_are_ends():
    history = History("a")
    assert history.undo() is history and history.redo() is history
    assert not history.can_undo and not history.can_redo


def test_an_equal_value_is_no_step_and_keeps_the_redo():
    history = History("a").commit("b").undo()
    assert history.commit("a") is history
    assert history.can_redo


def test_a_history_is_a_value():
    before = History("a")
    before.commit("b")
    assert before == History("a")


class HistoryAgainstATape(RuleBasedStateMachine):
    """The plainest undo there is: a list of every value and a head that walks on it."""

    def __init__(self) -> None:
        super().__init__()
        self.history = History(0)
        self.tape, self.head = [0], 0

    @rule(value=st.integers(0, 3))
    def commit(self, value) -> None:
        self.history = self.history.commit(value)
        if value != self.tape[self.head]:
            self.tape[self.head + 1 :] = [value]
            self.head += 1

    @rule()
    def undo(self) -> None:
        self.history = self.history.undo()
        self.head = max(self.head - 1, 0)

    @rule()
    def redo(self) -> None:
        self.history = self.history.redo()
        self.head = min(self.head + 1, len(self.tape) - 1)

    @invariant()
    def tells_the_same(self) -> None:
        assert self.history == History(
            self.tape[self.head], tuple(self.tape[: self.head]), tuple(self.tape[self.head + 1 :])
        )
        assert self.history.can_undo == (self.head > 0)
        assert self.history.can_redo == (self.head < len(self.tape) - 1)


TestHistoryAgainstATape = HistoryAgainstATape.TestCase
TestHistoryAgainstATape.settings = settings(max_examples=60, deadline=None)
