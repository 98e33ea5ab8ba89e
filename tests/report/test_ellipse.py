"""Ellipses, against values computed by hand."""

import math

import numpy as np
import pytest

from cephview.report.ellipse import ellipse_of, share_at, spread_of


def test_a_circle_that_holds_95_per_cent():
    found = ellipse_of(4.0 * np.eye(2), 0.95)
    assert found.major == pytest.approx(found.minor) == pytest.approx(2 * 2.4477, rel=1e-4)


@pytest.mark.parametrize("angle", [0.0, 30.0, 90.0, 150.0])
def test_a_turned_ellipse_has_its_axes_and_direction(angle):
    a = math.radians(angle)
    turn = np.array([[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]])
    found = ellipse_of(turn @ np.diag([9.0, 1.0]) @ turn.T, 1 - math.exp(-0.5))
    assert (found.major, found.minor) == pytest.approx((3.0, 1.0))
    assert math.cos(2 * math.radians(found.angle_deg - angle)) == pytest.approx(1.0)


def test_the_share_at_an_error():
    covariance = np.array([[4.0, 0.0], [0.0, 1.0]])
    errors = np.array([(0.0, 0.0), (2.0, 0.0), (0.0, 2.0), (np.nan, 0.0)])
    found = share_at(errors, np.tile(covariance, (4, 1, 1)))
    assert found[:3] == pytest.approx([0.0, 1 - math.exp(-0.5), 1 - math.exp(-2.0)])
    assert np.isnan(found[3])


def test_a_point_on_an_ellipse_lies_at_its_share():
    covariance = np.array([[5.0, 2.0], [2.0, 3.0]])
    for share in (0.1, 0.5, 0.99):
        found = ellipse_of(covariance, share)
        a = math.radians(found.angle_deg)
        end = found.major * np.array([math.cos(a), math.sin(a)])
        assert share_at(end, covariance) == pytest.approx(share)


def test_a_covariance_without_an_inverse_says_nothing():
    assert ellipse_of(np.zeros((2, 2)), 0.5) is None
    assert ellipse_of(np.full((2, 2), np.nan), 0.5) is None
    assert np.isnan(share_at(np.array([1.0, 0.0]), np.zeros((2, 2))))


def test_the_spread_of_a_circle_is_its_standard_deviation():
    assert spread_of(9.0 * np.eye(2)) == pytest.approx(3.0)
    assert spread_of(np.diag([16.0, 1.0])) == pytest.approx(2.0)


def test_shares_are_uniform_where_the_prediction_is_true():
    rng = np.random.default_rng(0)
    covariance = np.array([[5.0, 2.0], [2.0, 3.0]])
    errors = rng.multivariate_normal([0, 0], covariance, 20_000)
    found = share_at(errors, np.broadcast_to(covariance, (20_000, 2, 2)))
    assert [float((found <= p).mean()) for p in (0.1, 0.5, 0.9)] == pytest.approx(
        [0.1, 0.5, 0.9], abs=0.01
    )
