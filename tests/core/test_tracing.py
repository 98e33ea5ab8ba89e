import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cephview.core.detection import DetectedPoint, Detection, Likeness, Turn
from cephview.core.landmarks import Landmark, LandmarkSet
from cephview.core.tracing import Placed, Point, Signature, State, Tracing
from cephview.core.uncertainty import Covariance

IDS = ("S", "N", "A")
EMPTY = Tracing.empty("isbi19", IDS)


def detection(shift: float = 0.0, ids=IDS, model: str = "m1") -> Detection:
    points = tuple(
        DetectedPoint(i, (n + shift, 1.0), 3.0, (n + shift + 0.5, 2.0), 1.5)
        for n, i in enumerate(ids)
    )
    return Detection(points, model * 32, model, passes=1, device="cpu", seconds=0.1)


FOUND = EMPTY.detected(detection(), at="t1")


def test_an_empty_tracing_misses_every_point():
    assert len(EMPTY) == 3
    assert [point.landmark for point in EMPTY] == list(IDS)
    assert {point.state for point in EMPTY} == {State.MISSING}
    assert EMPTY["S"].best is None and EMPTY["S"].truth is None
    with pytest.raises(KeyError):
        EMPTY["Go"]


def test_a_landmark_is_there_once():
    with pytest.raises(ValueError, match="one point a landmark"):
        Tracing.empty("isbi19", ("S", "S"))


def test_a_detection_lays_both_layers_with_their_model():
    point = FOUND["N"]
    assert point.coarse == Placed(1.0, 1.0, by="m1", at="t1", sigma_px=3.0, model="m1" * 32)
    assert point.refined == Placed(1.5, 2.0, by="m1", at="t1", sigma_px=1.5, model="m1" * 32)
    assert point.human is None
    assert (point.state, point.best, point.truth) == (State.MODEL, point.refined, None)


def test_landmarks_unknown_to_the_tracing_are_left_out_and_others_kept():
    found = EMPTY.detected(detection(ids=("N", "Go")), at="t1")
    assert [point.state for point in found] == [State.MISSING, State.MODEL, State.MISSING]


def test_a_move_keeps_the_layers_of_the_model():
    moved = FOUND.moved("N", (7, 8), by="Ann", at="t2")
    point = moved["N"]
    assert (point.coarse, point.refined) == (FOUND["N"].coarse, FOUND["N"].refined)
    assert point.human == Placed(7.0, 8.0, by="Ann", at="t2")
    assert point.state is State.MOVED
    assert point.best is point.truth is point.human
    assert moved["S"] is FOUND["S"]
    assert FOUND["N"].human is None


def test_moving_a_confirmed_or_hidden_point_asks_for_a_new_look():
    for before in (
        FOUND.confirm("N", by="Ann", at="t2"),
        FOUND.marked_not_visible("N", by="Ann", at="t2"),
    ):
        assert before.moved("N", (7, 8), by="Ann", at="t3")["N"].state is State.MOVED


def test_confirming_makes_a_prediction_the_truth():
    confirmed = FOUND.confirm("N", by="Ann", at="t2")["N"]
    assert confirmed.state is State.CONFIRMED
    assert confirmed.confirmed == Signature("Ann", "t2")
    assert confirmed.truth == FOUND["N"].refined
    assert confirmed.human is None


def test_nothing_cannot_be_confirmed():
    with pytest.raises(ValueError, match="S is not placed"):
        EMPTY.confirm("S", by="Ann", at="t1")


def test_confirm_all_leaves_what_is_missing_hidden_or_confirmed():
    tracing = EMPTY.detected(detection(ids=("S", "N")), at="t1")
    tracing = tracing.confirm("S", by="Ann", at="t2").marked_not_visible("N", by="Ann", at="t2")
    assert tracing.confirm_all(by="Ben", at="t3") == tracing
    moved = FOUND.moved("N", (7, 8), by="Ann", at="t2").confirm_all(by="Ben", at="t3")
    assert {point.state for point in moved} == {State.CONFIRMED}
    assert moved["N"].truth == FOUND.moved("N", (7, 8), by="Ann", at="t2")["N"].human


def test_reverting_lets_the_model_count_again():
    touched = FOUND.moved("N", (7, 8), by="Ann", at="t2").confirm("N", by="Ann", at="t3")
    assert touched.reverted("N") == FOUND
    assert FOUND.marked_not_visible("N", by="Ann", at="t2").reverted("N") == FOUND
    assert EMPTY.moved("N", (1, 1), by="Ann", at="t2").reverted("N") == EMPTY


def test_a_point_not_visible_keeps_its_layers_and_is_no_truth():
    moved = FOUND.moved("N", (7, 8), by="Ann", at="t2").confirm("N", by="Ann", at="t3")
    hidden = moved.marked_not_visible("N", by="Ann", at="t4")["N"]
    assert hidden.state is State.NOT_VISIBLE
    assert hidden.human == moved["N"].human
    assert (hidden.truth, hidden.confirmed) == (None, None)
    assert moved.marked_not_visible("N", by="A", at="t").confirm("N", by="A", at="t")[
        "N"
    ].state is (State.CONFIRMED)


def test_a_new_detection_never_overwrites_a_human():
    moved = FOUND.moved("N", (7, 8), by="Ann", at="t2")
    again = moved.detected(detection(100, model="m2"), at="t5")["N"]
    assert again.human == moved["N"].human
    assert again.refined.model == "m2" * 32
    assert again.best.xy == (7, 8)


def test_a_new_model_cannot_move_what_was_confirmed():
    confirmed = FOUND.confirm("N", by="Ann", at="t2")
    again = confirmed.detected(detection(100, model="m2"), at="t5")["N"]
    assert again.state is State.CONFIRMED
    assert again.truth.xy == FOUND["N"].refined.xy
    assert (again.human.by, again.human.at, again.human.model) == ("Ann", "t2", "")
    assert again.refined.xy == (101.5, 2.0)
    assert confirmed.detected(detection(100), at="t5").reverted("N")["N"].best.xy == (101.5, 2.0)


def test_a_new_detection_leaves_hidden_points_hidden():
    hidden = FOUND.marked_not_visible("N", by="Ann", at="t2")
    assert hidden.detected(detection(100), at="t5")["N"].state is State.NOT_VISIBLE


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_place_is_finite(bad):
    with pytest.raises(ValueError):
        FOUND.moved("N", (bad, 1), by="Ann", at="t2")
    with pytest.raises(ValueError):
        FOUND.moved("N", (1, bad), by="Ann", at="t2")


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data.pop("points"),
        lambda data: data.pop("landmark_set"),
        lambda data: data.update(points=3),
        lambda data: data["points"].append("S"),
        lambda data: data["points"].append(data["points"][0]),
        lambda data: data["points"][0].pop("human"),
        lambda data: data["points"][0].update(refined={"x_px": 1}),
        lambda data: data["points"][0].update(refined=5),
        lambda data: data["points"][0]["refined"].update(x_px="1"),
        lambda data: data["points"][0]["refined"].update(x_px=math.nan),
        lambda data: data["points"][0]["refined"].update(colour="red"),
        lambda data: data["points"][0].update(confirmed={"by": "Ann"}),
    ],
)
def test_what_is_no_tracing_is_refused(damage):
    data = json.loads(json.dumps(FOUND.to_dict()))
    damage(data)
    with pytest.raises(ValueError):
        Tracing.from_dict(data)


finite = st.floats(allow_nan=False, allow_infinity=False)
words = st.text(max_size=8)
covariances = st.builds(
    Covariance, xx=st.floats(0.5, 1e6), xy=st.floats(-0.4, 0.4), yy=st.floats(0.5, 1e6)
)
placed = st.builds(
    Placed,
    *(finite, finite),
    by=words,
    at=words,
    sigma_px=st.none() | finite,
    covariance=st.none() | covariances,
)
turns = st.builds(Turn, st.booleans(), st.booleans(), st.integers(0, 3))
likenesses = st.builds(Likeness, finite, finite, words, better=st.none() | turns)
signature = st.builds(Signature, words, words)
points = st.builds(
    Point,
    words,
    coarse=st.none() | placed,
    refined=st.none() | placed,
    human=st.none() | placed,
    confirmed=st.none() | signature,
    hidden=st.none() | signature,
)
tracings = st.builds(
    Tracing,
    words,
    st.lists(points, unique_by=lambda p: p.landmark, max_size=5).map(tuple),
    turn=turns,
    likeness=st.none() | likenesses,
)


@given(tracings)
def test_json_brings_back_the_very_same_tracing(tracing):
    assert Tracing.from_dict(json.loads(json.dumps(tracing.to_dict()))) == tracing


def test_a_tracing_of_before_there_were_turns_still_opens():
    data = json.loads(json.dumps(FOUND.to_dict()))
    del data["turn"], data["likeness"]
    for entry in data["points"]:
        for layer in ("coarse", "refined"):
            del entry[layer]["covariance"]
    assert Tracing.from_dict(data) == FOUND


def test_a_detection_brings_its_doubt_and_its_likeness_but_turns_nothing():
    covariance, likeness = Covariance(4.0, 1.0, 2.0), Likeness(1.5, 0.01, "small")
    found = detection()
    points = tuple(replace(p, refined_covariance=covariance) for p in found.points)
    turned = FOUND.turned(Turn(mirrored=True))
    traced = turned.detected(
        replace(found, points=points, likeness=likeness, turn=Turn(quarters=1)), at="t"
    )
    assert traced.likeness == likeness and traced.turn == Turn(mirrored=True)
    for point in traced:
        assert point.refined.covariance == point.refined.spread == covariance
        assert point.coarse.covariance is None
        assert point.coarse.spread == Covariance.round(point.coarse.sigma_px)
    assert traced.moved(IDS[0], (1, 2), by="Ann", at="t")[IDS[0]].human.spread is None


edits = st.lists(
    st.tuples(st.sampled_from(["move", "confirm", "revert", "hide", "all"]), st.sampled_from(IDS)),
    max_size=12,
)


@given(edits)
def test_no_edit_of_a_human_touches_the_layers_of_the_model(steps):
    tracing = FOUND
    for n, (edit, landmark) in enumerate(steps):
        signed = {"by": "Ann", "at": f"t{n}"}
        tracing = {
            "move": lambda t=tracing, i=landmark, s=signed, n=n: t.moved(i, (n, n), **s),
            "confirm": lambda t=tracing, i=landmark, s=signed: t.confirm(i, **s),
            "revert": lambda t=tracing, i=landmark: t.reverted(i),
            "hide": lambda t=tracing, i=landmark, s=signed: t.marked_not_visible(i, **s),
            "all": lambda t=tracing, s=signed: t.confirm_all(**s),
        }[edit]()
    for before, after in zip(FOUND, tracing, strict=True):
        assert (after.landmark, after.coarse, after.refined) == (
            before.landmark,
            before.coarse,
            before.refined,
        )


@given(edits, st.floats(1, 500))
def test_no_detection_moves_a_truth(steps, shift):
    tracing = FOUND
    for edit, landmark in steps:
        if edit == "move":
            tracing = tracing.moved(landmark, (9, 9), by="Ann", at="t2")
        elif edit == "confirm":
            tracing = tracing.confirm(landmark, by="Ann", at="t3")
    again = tracing.detected(detection(shift, model="m2"), at="t9")
    for before, after in zip(tracing, again, strict=True):
        if before.truth is not None:
            assert after.truth is not None
            assert after.truth.xy == before.truth.xy
        assert after.state is before.state


def test_a_tracing_knows_the_set_of_every_point_while_its_set_grows_and_shrinks():
    signed = {"by": "Ann", "at": "2026"}
    base = LandmarkSet("two", "Two", "ours", tuple(Landmark(i, i, i, "hard") for i in ("S", "N")))
    condylion = Landmark("Co", "Condylion", "The top.", "hard", "aariz29")
    grown = base.with_added(condylion)
    old = Tracing.of(base).moved("S", (1, 2), **signed)
    new = old.aligned(Tracing.of(grown))
    assert [p.landmark for p in new] == ["S", "N", "Co"] and new["S"] == old["S"]
    assert [new.set_of(i) for i in ("S", "Co")] == ["two", "aariz29"]
    placed = new.moved("Co", (3, 4), **signed)
    assert Tracing.from_dict(json.loads(json.dumps(placed.to_dict()))) == placed
    retired = Tracing.of(grown.with_retired("Co"))
    assert new.aligned(retired) == old
    kept = placed.aligned(retired)
    assert kept == placed and kept.set_of("Co") == "aariz29"
    assert old.aligned(Tracing.of(base)) is old
    # Placed by one convention, it stays of that one when the set that ships comes to hold it.
    shipped = LandmarkSet("two", "Two", "ours", (*base.landmarks, Landmark("Co", "C", "C", "hard")))
    assert placed.aligned(Tracing.of(shipped)).set_of("Co") == "aariz29"
    assert new.aligned(Tracing.of(shipped)).set_of("Co") == "two"
    with pytest.raises(KeyError):
        old.set_of("Co")


def test_a_doubted_point_is_placed_and_no_truth_until_someone_confirms_it():
    found = Detection((DetectedPoint("S", (1, 2), 1, (3, 4), 1),), "m", "base", 1, "cpu", 0.1)
    found_again = replace(found, points=(DetectedPoint("S", (9, 9), 1, (9, 9), 1),))
    tracing = EMPTY.detected(found, at="2026")
    signed = {"by": "Ann", "at": "2026"}
    doubted = tracing.confirm("S", **signed).marked_unsure("S", **signed)
    point = doubted["S"]
    assert (point.state, point.truth, point.best.xy) == (State.UNSURE, None, (3, 4))
    assert doubted.moved("S", (5, 6), **signed)["S"].state is State.UNSURE
    assert doubted.confirm_all(**signed) == doubted
    # A new model does not move what a reader looked at.
    assert doubted.detected(found_again, at="2027")["S"].best.xy == (3, 4)
    assert doubted.doubt_taken_back("S") == tracing
    confirmed = doubted.confirm("S", **signed)["S"]
    assert (confirmed.state, confirmed.truth.xy) == (State.CONFIRMED, (3, 4))
    assert doubted.marked_not_visible("S", **signed)["S"].state is State.NOT_VISIBLE
    assert doubted.reverted("S") == doubted.by_model() == tracing
    assert Tracing.from_dict(json.loads(json.dumps(doubted.to_dict()))) == doubted
    with pytest.raises(ValueError, match="nothing to be unsure of"):
        EMPTY.marked_unsure("S", **signed)


def test_a_tracing_of_before_there_were_doubts_is_read():
    data = EMPTY.moved("S", (1, 2), by="Ann", at="2026").to_dict()
    for point in data["points"]:
        del point["unsure"]
    assert Tracing.from_dict(data)["S"].state is State.MOVED


def test_a_model_of_another_set_places_nothing_by_symbol_alone() -> None:
    # Two sets that share S, and have it in different places.
    elsewhere = replace(detection(100), landmark_set="other")
    with pytest.raises(ValueError, match=r"places landmarks of the set other.*traced with"):
        EMPTY.detected(elsewhere, at="t1")
    own = replace(detection(100), landmark_set=EMPTY.landmark_set)
    assert EMPTY.detected(own, at="t1")["S"].best is not None


@pytest.mark.parametrize(
    ("set_of_model", "is_placed"), [("aariz29", True), ("", True), ("own", False)]
)
def test_an_added_landmark_is_placed_only_by_its_own_definition(
    set_of_model: str, is_placed: bool
) -> None:
    tracing = replace(EMPTY, points=(*EMPTY.points, Point("Co")), added=(("Co", "aariz29"),))
    found = replace(
        detection(ids=("S", "Co")),
        landmark_set=EMPTY.landmark_set,
        added=(("Co", set_of_model),),
    )
    traced = tracing.detected(found, at="t1")
    assert (traced["Co"].best is not None) is is_placed
    assert traced["S"].best is not None
