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


def test_icc_is_the_published_one():
    assert icc_2_1(SHROUT_FLEISS) == pytest.approx(0.2898, abs=1e-4)


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
