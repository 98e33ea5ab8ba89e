"""What a further reading begins with, and decisions laid over the first reading."""

from cephview.core.detection import DetectedPoint, Detection, Turn
from cephview.core.reading import FIRST, Reading, Start, beginning, is_decided, with_decisions
from cephview.core.tracing import Point, State, Tracing

AT = "2026-01-02T03:04:05+00:00"
EMPTY = Tracing.empty("isbi19", ("S", "N", "A"))
DETECTION = Detection(
    tuple(DetectedPoint(i, (1.0, 2.0), 1.0, (3.0, 4.0), 1.0) for i in ("S", "N", "A")),
    "ab" * 32, "base", 1, "cpu", 0.1,
)  # fmt: skip


def read_by_ann() -> Tracing:
    found = EMPTY.detected(DETECTION, at=AT).moved("S", (9, 9), by="Ann", at=AT)
    return found.confirm("N", by="Ann", at=AT).turned(Turn(mirrored=True))


def test_a_reading_that_starts_from_the_model_has_no_point_of_a_person():
    begun = beginning(Start.MODEL, read_by_ann(), EMPTY)
    assert {point.state for point in begun} == {State.MODEL}
    assert {point.best.xy for point in begun} == {(3.0, 4.0)}
    assert begun.turn == Turn(mirrored=True)


def test_a_reading_that_starts_from_nothing_has_no_point_but_lies_the_right_way_round():
    begun = beginning(Start.NOTHING, read_by_ann(), EMPTY)
    assert begun == EMPTY.turned(Turn(mirrored=True))
    assert beginning(Start.MODEL, None, EMPTY) == EMPTY


def test_what_is_decided_counts_and_the_rest_stays_as_the_first_reader_had_it():
    first = read_by_ann()
    decisions = EMPTY.moved("S", (5, 5), by="Eva", at=AT).confirm("S", by="Eva", at=AT)
    decisions = decisions.marked_not_visible("A", by="Eva", at=AT)
    decided = with_decisions(first, decisions)
    assert decided["S"].human.xy == (5, 5) and decided["S"].confirmed.by == "Eva"
    assert decided["S"].refined == first["S"].refined
    assert decided["N"] == first["N"]
    assert decided["A"].state is State.NOT_VISIBLE
    assert decided.turn == first.turn
    assert not is_decided(Point("S"))
    assert with_decisions(first, EMPTY) == first


def test_readings_are_told_apart_by_their_label():
    assert FIRST.label == "first reading" and FIRST.is_first
    assert Reading(1, "Ben").label == "Ben"
    assert Reading(2, "", Start.DECISIONS).label == "adjudicated"
