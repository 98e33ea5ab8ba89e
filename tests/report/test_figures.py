"""The figures of a report, against values computed by hand."""

from dataclasses import replace

import numpy as np
import pytest

from cephview.core.detection import Likeness
from cephview.report.figures import figures_of, film_means, summary_lines, unshifted
from cephview.report.measured import Measured

from .conftest import LANDMARKS, NAN, film


def test_the_headline(measured):
    head = figures_of(measured).refined.headline
    assert head.points == 5
    assert head.mre == pytest.approx((0 + 3 + 4 + 5 + 2) / 5)
    assert head.sd == pytest.approx(np.std([0, 3, 4, 5, 2], ddof=1))
    assert head.median == pytest.approx(3.0)
    assert head.sdr == pytest.approx({"2": 40.0, "2.5": 40.0, "3": 60.0, "4": 80.0})
    assert set(head.intervals) == {"mre", "median", "sdr_2", "sdr_2.5", "sdr_3", "sdr_4"}
    # Two films: either one of them alone, or both.
    assert head.intervals["mre"] == pytest.approx((7 / 3, 3.5))


def test_what_a_terminal_says(measured):
    coarse, refined = summary_lines(figures_of(measured))
    assert coarse.startswith("coarse: SD ")
    assert refined == (
        "refined: SD 1.924, median 3.000 mm, 95 % interval of the MRE 2.333 to 3.500, 40.0 % "
        "inside the 95 % ellipse; less each landmark's mean shift on the other films 4.736 mm and "
        "0.00 % within 2 mm"
    )
    one = Measured(measured.landmarks, measured.films[:1])
    assert "interval" not in "".join(summary_lines(figures_of(one)))


def test_a_single_film_has_no_interval(measured):
    one = Measured(measured.landmarks, measured.films[:1])
    assert figures_of(one).refined.headline.intervals == {}
    same = replace(measured.films[1], group="a.png")
    both = Measured(measured.landmarks, (measured.films[0], same))
    assert figures_of(both).refined.headline.intervals == {}


def test_a_landmark_with_its_signed_bias(measured):
    rows = {row.landmark: row for row in figures_of(measured).refined.landmarks}
    assert rows["S"].points == 2 and rows["N"].points == 1
    assert rows["S"].mre == pytest.approx(2.5)
    assert rows["S"].bias == pytest.approx((1.5, 2.0))
    assert rows["N"].bias == pytest.approx((0.0, 3.0)) and rows["N"].sd == 0.0
    assert rows["Pog'"].bias == pytest.approx((-2.0, -1.0))
    assert rows["Pog'"].sdr_2 == pytest.approx(50.0)
    assert rows["S"].p95 == pytest.approx(4.75)
    coarse = {row.landmark: row for row in figures_of(measured).coarse.landmarks}
    assert coarse["S"].bias == pytest.approx((2.5, 2.0))


def test_a_landmark_without_any_truth_has_no_row(measured):
    blind = [
        replace(f, truth_px=np.vstack([f.truth_px[0], [NAN, NAN], f.truth_px[2]]))
        for f in measured.films
    ]
    found = figures_of(Measured(LANDMARKS, tuple(blind)))
    assert [row.landmark for row in found.refined.landmarks] == ["S", "Pog'"]


def test_oblong_pixels_are_measured_in_millimetres():
    one = film("a.png", [(0, 0)], [(3, 4)], mm_per_px=(1.0, 2.0))
    found = figures_of(Measured(("S",), (one,)))
    assert found.refined.headline.mre == pytest.approx(np.hypot(3, 8))
    assert found.refined.landmarks[0].bias == pytest.approx((3.0, 8.0))


def test_one_film_without_a_scale_leaves_pixels(measured):
    films = (measured.films[0], replace(measured.films[1], mm_per_px=None))
    found = figures_of(Measured(LANDMARKS, films))
    assert found.unit == "px" and found.refined.headline.mre == pytest.approx(28.0)
    assert found.refined.headline.sdr == {} and found.refined.landmarks[0].sdr_2 is None


def test_the_calibration_of_a_model_that_knows_its_error():
    rng = np.random.default_rng(0)
    sigma = rng.uniform(2.0, 20.0, (400, 5))
    films = []
    for i in range(400):
        places = rng.normal(0.0, 1.0, (5, 2)) * sigma[i][:, None]
        films.append(film(str(i), np.zeros((5, 2)), places, sigma[i]))
    found = figures_of(Measured(tuple("abcde"), tuple(films))).refined
    assert len(found.observed) == 90
    assert found.observed == pytest.approx(range(10, 100), abs=3.0)
    assert found.ranks.overall > 0.5 and found.ranks.within > 0.5


def test_rank_correlations():
    """Within each landmark the order is right; over all points the landmarks' levels hide it."""
    films = [
        film(str(i), np.zeros((2, 2)), [(1 + i, 0), (100 + i, 0)], sigma=(100 + i, 1 + i))
        for i in range(4)
    ]
    ranks = figures_of(Measured(("S", "N"), tuple(films))).refined.ranks
    assert ranks.within == pytest.approx(1.0)
    assert ranks.overall == pytest.approx(1 - 6 * 8 * 16 / (8 * 63))


def test_a_constant_spread_has_no_rank_correlation(measured):
    assert figures_of(measured).refined.ranks.overall is None
    assert figures_of(measured).refined.ranks.within is None


def test_a_second_reader_is_compared_on_the_points_both_placed(measured):
    other = np.array([(50, 80), (NAN, NAN), (100, 210)])
    films = (replace(measured.films[0], other_px=other), measured.films[1])
    found = figures_of(Measured(LANDMARKS, films))
    assert [row.landmark for row in found.reader_rows] == ["S", "Pog'"]
    assert [row.reader for row in found.reader_rows] == pytest.approx([2.0, 1.0])
    assert [row.model for row in found.reader_rows] == pytest.approx([0.0, 4.0])
    assert found.reader.points == 2
    assert found.reader.reader == pytest.approx(1.5) and found.reader.model == pytest.approx(2.0)
    assert figures_of(measured).reader is None


def test_the_score_of_a_film_beside_its_error(measured):
    assert figures_of(measured).film_scores is None
    scored = tuple(
        replace(one, likeness=Likeness(score, 0.05))
        for one, score in zip(measured.films, (0.5, 1.5), strict=True)
    )
    found = figures_of(Measured(LANDMARKS, scored)).film_scores
    assert (found.films, found.unlike, found.spearman) == (2, 1, None)
    assert found.mre_unlike == pytest.approx(3.5) and found.mre_like == pytest.approx(7 / 3)
    third = replace(film("c.png", [(0, 0)] * 3, [(0, 90)] * 3), likeness=Likeness(2.0, 0.05))
    more = figures_of(Measured(LANDMARKS, (*scored, third))).film_scores
    assert more.spearman == pytest.approx(1.0) and more.unlike == 2


def test_the_mean_of_each_film(measured):
    assert film_means(figures_of(measured)) == pytest.approx([7 / 3, 3.5])


def test_no_true_point_is_an_error():
    blind = film("a.png", [(NAN, NAN)], [(1, 1)])
    with pytest.raises(ValueError, match="no true point"):
        figures_of(Measured(("S",), (blind,)))


def test_what_is_left_without_the_shift_of_a_landmark_on_the_other_films():
    """Each film less the mean of the two others; the second landmark is known on one film only."""
    errors = np.array(
        [[[3.0, 0.0], [1.0, 1.0]], [[3.0, 4.0], [NAN, NAN]], [[3.0, 8.0], [NAN, NAN]]]
    )
    left = unshifted(errors)
    assert left[:, 0] == pytest.approx([6.0, 0.0, 6.0])
    assert np.isnan(left[:, 1]).all()
