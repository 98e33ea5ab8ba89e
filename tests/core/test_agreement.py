"""Agreement of two readers, against published and hand-computed values."""

import math

import numpy as np
import pytest

from cephview.core.agreement import (
    Verdict,
    compare,
    dahlberg,
    icc_2_1,
    limits_of_agreement,
    verdict,
)

# Shrout & Fleiss 1979, table 2: six targets, four judges.
SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float
)

# Bland & Altman, Lancet 1986, table 1: peak expiratory flow of 17 people in l/min, by a large and a
# mini Wright meter, and again by the large one.
LARGE = np.array([494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423,
                  427], float)  # fmt: skip
MINI = np.array([512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350,
                 451], float)  # fmt: skip
LARGE_AGAIN = np.array([490, 397, 512, 401, 470, 611, 415, 431, 638, 429, 420, 633, 275, 492, 165,
                        372, 421], float)  # fmt: skip


def test_icc_is_the_published_one():
    # The paper gives 0.29; pingouin 0.7.0, intraclass_corr, ICC(A,1), gives 0.289764.
    assert icc_2_1(SHROUT_FLEISS) == pytest.approx(0.29, abs=0.005)
    assert icc_2_1(SHROUT_FLEISS) == pytest.approx(0.289764, abs=1e-6)
    assert icc_2_1(np.stack([LARGE, MINI], axis=1)) == pytest.approx(0.945928, abs=1e-6)


def test_limits_of_agreement_are_the_published_ones():
    found = limits_of_agreement(MINI, LARGE)
    assert found.bias == pytest.approx(-2.1, abs=0.05)
    assert found.sd == pytest.approx(38.8, abs=0.05)
    # The paper takes two standard deviations of the rounded figures: -79.7 to 75.5.
    assert found.bias - 2 * found.sd == pytest.approx(-79.7, abs=0.1)
    assert found.bias + 2 * found.sd == pytest.approx(75.5, abs=0.1)
    assert found.high == pytest.approx(found.bias + 1.96 * found.sd)


def test_dahlberg_is_that_of_the_published_repeatability():
    # The same paper: a coefficient of repeatability of 43.2, twice the root mean square of d.
    assert dahlberg(LARGE_AGAIN - LARGE) == pytest.approx(43.2 / 2 / math.sqrt(2), abs=0.05)


def test_readers_who_agree_fully_have_an_icc_of_one():
    values = np.array([1.0, 4.0, 2.0, 8.0])
    assert icc_2_1(np.stack([values, values], axis=1)) == pytest.approx(1.0)


def test_a_constant_shift_lowers_absolute_agreement():
    values = np.array([1.0, 2.0, 3.0])
    # Films differ by 1, readers by 1: between films 2 * 1, residual 0, between readers 3 * 0.5.
    found = icc_2_1(np.stack([values, values + 1], axis=1))
    assert found == pytest.approx(2.0 / (2.0 + 2 * 1.5 / 3))


def test_dahlberg_by_hand():
    assert dahlberg([1.0, -2.0, 2.0, 0.0]) == pytest.approx(math.sqrt(9 / 8))


def test_limits_of_agreement_by_hand():
    found = limits_of_agreement(np.array([10.0, 12.0, 14.0]), np.array([11.0, 12.0, 17.0]))
    assert found.bias == pytest.approx(4 / 3)
    assert found.sd == pytest.approx(math.sqrt(((1 / 3) ** 2 + (4 / 3) ** 2 + (5 / 3) ** 2) / 2))
    assert (found.low + found.high) / 2 == pytest.approx(found.bias)
    assert found.high - found.low == pytest.approx(2 * 1.96 * found.sd)


@pytest.mark.parametrize(
    ("mm", "says"),
    [(0, Verdict.AGREE), (2, Verdict.AGREE), (2.1, Verdict.REVIEW), (4, Verdict.REVIEW),
     (4.01, Verdict.ADJUDICATE)],
)  # fmt: skip
def test_verdicts(mm, says):
    assert verdict(mm) is says


def test_compare_brings_it_together():
    first = np.array([[0.0, 0.0], [10.0, 5.0], [20.0, 9.0]])
    second = first + np.array([[3.0, 4.0], [0.0, 1.0], [0.0, 2.5]])
    found = compare(first, second)
    assert found.distance == pytest.approx((5 + 1 + 2.5) / 3)
    assert found.dahlberg == pytest.approx(math.sqrt((25 + 1 + 6.25) / 6))
    assert found.verdicts == {Verdict.AGREE: 1, Verdict.REVIEW: 1, Verdict.ADJUDICATE: 1}
    assert found.y.bias == pytest.approx(2.5) and found.x.bias == pytest.approx(1.0)
    with pytest.raises(ValueError):
        compare(first[:1], second[:1])
    with pytest.raises(ValueError):
        compare(first, second[:2])


def test_the_icc_is_told_from_the_origin_and_the_rest_is_not():
    corner = np.array([[900.0, 0.0], [100.0, 0.0], [500.0, 0.0]])
    first = np.array([[0.0, 0.0], [10.0, 5.0], [20.0, 9.0]])
    second = first + np.array([[3.0, 4.0], [0.0, 1.0], [0.0, 2.5]])
    plain, shifted = compare(first, second), compare(first + corner, second + corner, corner)
    assert shifted.icc_x == pytest.approx(plain.icc_x)
    assert (shifted.x, shifted.dahlberg) == (plain.x, plain.dahlberg)
    # Scattered placement on the scan makes readers look alike.
    assert compare(first + corner, second + corner).icc_x > plain.icc_x
    unknown = np.array([[0.0, 0.0], [math.nan, math.nan], [math.nan, math.nan]])
    assert math.isnan(compare(first, second, unknown).icc_x)
    assert compare(first, second, unknown).films == 3
