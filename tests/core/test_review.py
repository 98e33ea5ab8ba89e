"""The order in which a reader looks at points, and places those that are missing."""

from cephview.core.detection import DetectedPoint, Detection
from cephview.core.review import (
    is_all_checked,
    missing_after,
    next_missing,
    next_on_walk,
    next_to_check,
    review_order,
)
from cephview.core.tracing import Tracing

IDS = ("S", "N", "A", "Go")
EMPTY = Tracing.empty("isbi19", IDS)
# The later ones are the more uncertain.
FOUND = EMPTY.detected(
    Detection(
        tuple(DetectedPoint(i, (0.0, 0.0), 8.0, (1.0, 1.0), 2.0 + n) for n, i in enumerate(IDS)),
        "m" * 64, "model", 1, "cpu", 0.1,
    ),
    at="t1",
)  # fmt: skip


def test_the_most_uncertain_is_checked_first_and_a_moved_point_last():
    traced = FOUND.confirm("A", by="x", at="t2").moved("S", (5.0, 5.0), by="x", at="t2")
    assert review_order(traced) == ("Go", "N", "S")
    assert next_to_check(traced, "") == "Go" and next_to_check(traced, "S") == "Go"
    assert next_on_walk(traced, "Go", -1) == "S" and next_on_walk(traced, "Go", 1) == "N"
    assert next_to_check(EMPTY, "") == ""


def test_moved_points_come_in_the_order_of_the_table():
    traced = FOUND
    for landmark in IDS:
        traced = traced.moved(landmark, (5.0, 5.0), by="x", at="t2")
    assert review_order(traced) == review_order(FOUND)


def test_once_all_is_checked_the_walk_goes_over_what_is_placed():
    done = FOUND
    for landmark in IDS:
        assert not is_all_checked(done)
        done = done.confirm(landmark, by="x", at="t2")
    assert is_all_checked(done) and not is_all_checked(EMPTY)
    assert next_to_check(done, "S") == "" and next_on_walk(done, "Go", 1) == "S"


def test_a_missing_point_is_found_in_the_order_of_the_set():
    assert next_missing(EMPTY, "A") == "A" and next_missing(EMPTY, "") == "S"
    assert next_missing(FOUND, "A") == ""
    assert missing_after(EMPTY, "S", 1) == "N" and missing_after(EMPTY, "S", -1) == "Go"
    assert missing_after(EMPTY, "", 1) == "S" and missing_after(EMPTY, "", -1) == "Go"
    assert missing_after(FOUND, "S", 1) == ""
