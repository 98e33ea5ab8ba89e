"""Errors, against values computed by hand."""

import numpy as np
import pytest

from cephview.training.metrics import FilmError, accuracy, calibration_factor


def error(xy, mm=(0.1, 0.1)):
    return FilmError("f", np.array(xy, float), np.ones(len(xy)), mm)


def test_mean_radial_error_and_detection_rates():
    films = [error([(30, 40), (0, 20)]), error([(0, 25), (np.nan, np.nan)])]
    found = accuracy(films, ["S", "N"])
    assert found.unit == "mm" and found.points == 3 and found.films == 2
    assert found.mre == pytest.approx((5.0 + 2.0 + 2.5) / 3)
    assert found.sdr == pytest.approx({"2": 100 / 3, "2.5": 200 / 3, "3": 200 / 3, "4": 200 / 3})
    assert found.per_landmark == pytest.approx({"S": 3.75, "N": 2.0})


def test_oblong_pixels_are_measured_in_millimetres():
    assert accuracy([error([(3, 4)], mm=(1.0, 2.0))], ["S"]).mre == pytest.approx(np.hypot(3, 8))


def test_one_film_without_a_scale_leaves_pixels():
    found = accuracy([error([(3, 4)]), error([(6, 8)], mm=None)], ["S"])
    assert found.unit == "px" and found.mre == pytest.approx(7.5) and found.sdr == {}


def test_no_film_is_an_error():
    with pytest.raises(ValueError):
        accuracy([], ["S"])


def test_a_calibrated_scale_holds_95_per_cent():
    rng = np.random.default_rng(0)
    scale = rng.uniform(0.5, 2.0, 20_000)
    distances = np.hypot(*(rng.normal(0, 1.7, (2, 20_000)) * scale))
    assert calibration_factor(distances, scale) == pytest.approx(1.7, rel=0.02)
