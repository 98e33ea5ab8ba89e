"""The order in which a reader looks at points, and places those that are missing."""

from cephview.core.detection import DetectedPoint, Detection
from cephview.core.review import (
    Walk,
    is_all_checked,
    is_checked,
    missing_after,
    next_missing,
    review_order,
)
from cephview.core.scale import PixelSize, Provenance
from cephview.core.tracing import Placed, Point, Tracing
from cephview.core.uncertainty import Covariance

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


def walk(traced: Tracing, *, moved_counts: bool = False) -> Walk:
    order = review_order(traced, moved_counts=moved_counts)
    return Walk(traced, order, moved_counts)


def test_the_most_uncertain_is_checked_first_and_a_moved_point_last():
    traced = FOUND.confirm("A", by="x", at="t2").moved("S", (5.0, 5.0), by="x", at="t2")
    assert review_order(traced) == ("Go", "N", "S", "A")
    way = walk(traced)
    assert way.to_check() == ("Go", "N", "S")
    assert way.next_to_check("") == "Go" and way.next_to_check("S") == "Go"
    assert way.next("Go", -1) == "S" and way.next("Go", 1) == "N"
    assert walk(EMPTY).next_to_check("") == ""


def test_the_walk_goes_on_from_where_the_selected_point_stands_in_the_order():
    moved = FOUND.moved("N", (5.0, 5.0), by="x", at="t2").confirm("A", by="x", at="t2")
    kept = Walk(moved, ("Go", "A", "N", "S"))
    assert kept.next_to_check("A") == "N" and kept.next_to_check("N") == "S"
    assert kept.next("A", -1) == "Go" and kept.next("Go", -1) == "S"
    counted = Walk(moved, ("Go", "A", "N", "S"), moved_counts=True)
    assert counted.next_to_check("N") == "S" and counted.next_to_check("Go") == "S"


def test_uncertainty_is_compared_in_millimetres_where_there_are_any():
    # 3 px down are 0.9 mm, 4 px across are 0.4 mm.
    spreads = {"S": Covariance(16.0, 0.0, 0.1), "N": Covariance(0.1, 0.0, 9.0)}
    traced = Tracing("isbi19", tuple(
        Point(i, refined=Placed(1, 1, "m", "t", s.sigma, "h", s)) for i, s in spreads.items()
    ))  # fmt: skip
    assert review_order(traced) == review_order(traced, PixelSize()) == ("S", "N")
    size = PixelSize(0.1, 0.3, Provenance.DECLARED)
    assert review_order(traced, size) == ("N", "S")


def test_to_have_moved_a_point_may_count_as_having_checked_it():
    traced = FOUND
    for landmark in IDS[1:]:
        traced = traced.confirm(landmark, by="x", at="t2")
    traced = traced.moved("S", (5.0, 5.0), by="x", at="t2")
    assert walk(traced).to_check() == ("S",) and walk(traced, moved_counts=True).to_check() == ()
    assert not is_all_checked(traced) and is_all_checked(traced, moved_counts=True)
    assert not is_checked(traced["S"]) and is_checked(traced["S"], moved_counts=True)
    assert not is_checked(FOUND["S"], moved_counts=True)
    assert not is_checked(EMPTY["S"], moved_counts=True)
    left = traced.confirm_all(by="x", at="t3", with_moved=False)
    assert left == traced and traced.confirm_all(by="x", at="t3") != traced


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
    assert walk(done).next_to_check("S") == "" and walk(done).next("Go", 1) == "A"


def test_a_missing_point_is_found_in_the_order_of_the_set():
    assert next_missing(EMPTY, "A") == "A" and next_missing(EMPTY, "") == "S"
    assert next_missing(FOUND, "A") == ""
    assert missing_after(EMPTY, "S", 1) == "N" and missing_after(EMPTY, "S", -1) == "Go"
    assert missing_after(EMPTY, "", 1) == "S" and missing_after(EMPTY, "", -1) == "Go"
    assert missing_after(FOUND, "S", 1) == ""
