"""Ellipses against values worked out by hand."""

import math

import numpy as np
import pytest

from cephview.core.uncertainty import Covariance


def test_a_round_covariance_has_a_circle():
    long, short, _ = Covariance.round(2.0).ellipse(0.95)
    assert long == pytest.approx(2 * 2.44775, abs=1e-4) and short == pytest.approx(long)
    assert Covariance.round(2.0).sigma == 2.0


def test_an_oblique_ellipse_lies_along_its_longer_axis():
    # Variance 9 along 30 degrees clockwise from x, 1 across it.
    c, s = math.cos(math.radians(30)), math.sin(math.radians(30))
    covariance = Covariance(9 * c * c + s * s, 8 * c * s, 9 * s * s + c * c)
    reach = math.sqrt(-2 * math.log(0.5))
    long, short, angle = covariance.ellipse(0.5)
    assert (long, short) == pytest.approx((3 * reach, reach))
    assert math.degrees(angle) == pytest.approx(30)
    assert covariance.distance(3 * c, 3 * s) == pytest.approx(1.0)
    assert covariance.distance(-s, c) == pytest.approx(1.0)


def test_the_ellipse_holds_the_share_it_says():
    covariance = Covariance(4.0, 1.5, 2.0)
    drawn = np.random.default_rng(0).multivariate_normal(
        [0, 0], [[covariance.xx, covariance.xy], [covariance.xy, covariance.yy]], 20_000
    )
    reach = math.sqrt(-2 * math.log1p(-0.95))
    inside = np.mean([covariance.distance(dx, dy) <= reach for dx, dy in drawn])
    assert inside == pytest.approx(0.95, abs=0.005)


def test_a_scale_turns_pixels_into_millimetres():
    found = Covariance(4.0, 2.0, 9.0).scaled(0.5, 0.1)
    assert (found.xx, found.xy, found.yy) == pytest.approx((1.0, 0.1, 0.09))


@pytest.mark.parametrize("values", [(0, 0, 1), (1, 1, 1), (1, 0, -1), (math.nan, 0, 1)])
def test_what_no_ellipse_has_is_refused(values):
    with pytest.raises(ValueError):
        Covariance(*values)
