import numpy as np
import pytest

from cephview.report.bootstrap import drawn_counts, drawn_means, drawn_medians, interval

NAN = float("nan")


def test_films_of_a_group_are_drawn_together():
    counts = drawn_counts(["x", "y", "x", "z"], seed=1, draws=50)
    assert counts.shape == (50, 4)
    assert np.array_equal(counts[:, 0], counts[:, 2])
    assert np.all(counts[:, 0] + counts[:, 1] + counts[:, 3] == 3)
    assert len({tuple(row) for row in counts}) > 5


def test_the_same_seed_draws_the_same():
    first, again = (drawn_counts(list("abc"), seed=7) for _ in range(2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, drawn_counts(list("abc"), seed=8))


def test_means_and_medians_are_those_of_the_films_drawn():
    values = np.array([[1.0, 2.0], [3.0, NAN], [10.0, 20.0]])
    counts = np.array([[1.0, 1, 1], [2, 1, 0], [0, 3, 0], [0, 0, 0]])
    assert drawn_means(values, counts)[:3] == pytest.approx([36 / 5, 9 / 5, 3.0])
    assert drawn_medians(values, counts)[:3] == pytest.approx([3.0, 2.0, 3.0])
    assert np.isnan(drawn_means(values, counts)[3]) and np.isnan(drawn_medians(values, counts)[3])


def test_medians_agree_with_numpy():
    rng = np.random.default_rng(0)
    values = rng.exponential(size=(12, 7))
    values[rng.random(values.shape) < 0.2] = NAN
    counts = drawn_counts([str(i) for i in range(12)], seed=3, draws=230)
    expected = [np.nanmedian(np.repeat(values, row.astype(int), axis=0)) for row in counts]
    assert drawn_medians(values, counts) == pytest.approx(expected)


def test_an_interval_covers_the_middle_95_per_cent():
    assert interval(np.arange(1001.0)) == pytest.approx((25.0, 975.0))
    assert interval(np.array([NAN])) is None


def test_the_interval_of_a_mean_is_near_that_of_theory():
    values = np.random.default_rng(1).normal(5.0, 2.0, (400, 1))
    low, high = interval(drawn_means(values, drawn_counts([str(i) for i in range(400)], seed=0)))
    assert (high - low) / 2 == pytest.approx(1.96 * values.std() / 20, rel=0.1)


def test_points_of_one_film_do_not_count_as_many_films():
    """Were points drawn, ten equal points a film would make the interval three times narrower."""
    once = np.random.default_rng(2).normal(5.0, 2.0, (60, 1))
    counts = drawn_counts([str(i) for i in range(60)], seed=0)
    one, ten = (interval(drawn_means(v, counts)) for v in (once, np.repeat(once, 10, axis=1)))
    assert one == pytest.approx(ten)
