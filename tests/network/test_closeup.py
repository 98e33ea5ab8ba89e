"""The box of the closer look."""

import numpy as np
import pytest

from cephview.network.closeup import close_box
from cephview.network.frame import Frame

POINTS = np.array([[500.0, 700.0], [1500.0, 1200.0], [np.nan, np.nan], [900.0, 1500.0]])


def test_the_box_holds_the_points_and_a_margin():
    left, top, right, bottom = close_box(POINTS, (1935, 2400), 1.0, 0.12)
    margin = 0.12 * 1000
    assert (left, right) == pytest.approx((500 - margin, 1500 + margin))
    assert (top, bottom) == pytest.approx((700 - margin, 1500 + margin))


def test_the_margin_is_as_wide_as_it_is_high_in_millimetres():
    left, top, right, bottom = close_box(POINTS, (1935, 2400), 2.0, 0.12)
    assert (left, top) == pytest.approx((500 - 0.12 * 1600, 700 - 0.12 * 800))
    assert right > 1500 and bottom > 1500


def test_the_box_stays_on_the_film():
    assert close_box(POINTS, (1550, 1510), 1.0, 0.12) == pytest.approx((380, 580, 1549.5, 1509.5))


@pytest.mark.parametrize("points", [np.full((3, 2), np.nan), np.array([[5.0, 5.0], [6.0, 6.0]])])
def test_without_points_to_go_by_the_whole_film_is_shown(points):
    assert close_box(points, (100, 200), 1.0, 0.12) == (-0.5, -0.5, 99.5, 199.5)


def test_the_closer_look_magnifies():
    whole = Frame.fit((1935, 2400), (640, 800))
    close = Frame.of_box(close_box(POINTS, (1935, 2400), 1.0, 0.12), (640, 800))
    assert close.scale[0] > 1.4 * whole.scale[0]
