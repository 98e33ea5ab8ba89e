"""Two readings in pairs, by hand-computed values."""

import math

import numpy as np
import pytest

from cephview.core.agreement import Verdict
from cephview.core.comparison import ReadTwice, pairs, read_by_one, study
from cephview.core.detection import Turn
from cephview.core.scale import PixelSize, Provenance
from cephview.core.tracing import Tracing

AT = "2026-01-02T03:04:05+00:00"
EMPTY = Tracing.empty("isbi19", ("S", "N", "A", "B"))
SIZE = PixelSize(0.1, 0.2, Provenance.RULER)


def read(by: str, **places: tuple[float, float]) -> Tracing:
    tracing = EMPTY
    for landmark, xy in places.items():
        tracing = tracing.moved(landmark, xy, by=by, at=AT)
    return tracing


def test_pairs_are_what_both_stand_for_the_farthest_first():
    first = read("Ann", S=(0, 0), N=(10, 10), A=(5, 5)).marked_not_visible("A", by="Ann", at=AT)
    second = read("Ben", S=(30, 20), N=(10, 40), A=(5, 5), B=(1, 1))
    farthest, other = pairs(first, second, SIZE)
    assert (farthest.landmark, farthest.distance_mm) == ("N", pytest.approx(6.0))
    assert farthest.verdict is Verdict.ADJUDICATE
    assert (other.landmark, other.distance_mm) == ("S", pytest.approx(5.0))
    assert other.distance_px == pytest.approx(math.hypot(30, 20)) and other.mean == (15, 10)
    assert read_by_one(first, second) == ((), ("A", "B"))


def test_without_a_trusted_scale_there_are_distances_and_no_verdict():
    first, second = read("Ann", S=(0, 0)), read("Ben", S=(30, 40))
    (pair,) = pairs(first, second, PixelSize(0.1, 0.1, Provenance.UNVERIFIED))
    assert (pair.distance_px, pair.distance_mm, pair.verdict) == (50, None, None)


def test_where_no_film_has_a_scale_a_study_is_in_pixels_without_verdicts():
    films = [
        ReadTwice(PixelSize(), read("Ann", S=(0, 0)), read("Ben", S=(3, 4))),
        ReadTwice(
            PixelSize(0.1, 0.2, Provenance.UNVERIFIED), read("Ann", S=(0, 0)), read("Ben", S=(6, 8))
        ),
    ]
    found = study(films, ("S",))
    assert (found.unit, found.films, found.without_scale, found.verdicts) == ("px", 2, 2, {})
    np.testing.assert_allclose(found.landmarks[0].distances, [5.0, 10.0])
    scaled = ReadTwice(SIZE, read("Ann", S=(0, 0)), read("Ben", S=(10, 0)))
    found = study([*films, scaled], ("S",))
    assert (found.unit, found.films, found.without_scale) == ("mm", 1, 2)
    np.testing.assert_allclose(found.landmarks[0].distances, [1.0])
    assert study([], ("S",)).unit == "mm"


def test_a_study_counts_films_by_landmark_and_tells_coordinates_from_sella():
    films = [
        ReadTwice(SIZE, read("Ann", S=(0, 0), A=(100, 100)), read("Ben", S=(20, 0), A=(130, 100))),
        ReadTwice(SIZE, read("Ann", S=(50, 50), A=(90, 80)), read("Ben", S=(50, 50), A=(90, 70))),
        ReadTwice(SIZE, read("Ann", A=(10, 10)), read("Ben", A=(10, 11))),
        ReadTwice(PixelSize(), read("Ann", A=(10, 10)), read("Ben", A=(10, 11))),
        ReadTwice(SIZE, read("Ann", N=(1, 1)), read("Ben", B=(1, 1))),
    ]
    found = study(films, ("S", "N", "A", "B"))
    assert (found.films, found.without_scale) == (3, 1)
    sella, subspinale = found.landmarks
    assert (sella.landmark, sella.films, subspinale.films) == ("S", 2, 3)
    np.testing.assert_allclose(subspinale.distances, [3.0, 2.0, 0.2])
    np.testing.assert_allclose(sella.distances, [2.0, 0.0])
    mean, difference = subspinale.bland_altman(0)
    # x of A less the mean x of both readers' S: 11.5 - 1, 9 - 5.
    np.testing.assert_allclose(mean, [10.5, 4.0])
    np.testing.assert_allclose(difference, [3.0, 0.0])
    assert subspinale.agreement.x.bias == pytest.approx(1.0)
    assert math.isnan(sella.agreement.icc_x)
    assert found.verdicts == {Verdict.AGREE: 4, Verdict.REVIEW: 1, Verdict.ADJUDICATE: 0}


def test_a_mirrored_film_counts_as_it_is_seen():
    first, second = read("Ann", A=(100, 0)), read("Ben", A=(110, 0))
    plain = ReadTwice(SIZE, first, second)
    turned = ReadTwice(SIZE, first.turned(Turn(mirrored=True)), second)
    (landmark,) = study([plain, turned], ("A",)).landmarks
    np.testing.assert_allclose((landmark.second - landmark.first)[:, 0], [1.0, -1.0])


def test_a_single_film_has_distances_and_no_statistics():
    found = study([ReadTwice(SIZE, read("Ann", A=(0, 0)), read("Ben", A=(10, 0)))], ("A",))
    assert found.landmarks[0].agreement is None
    np.testing.assert_allclose(found.landmarks[0].distances, [1.0])
    assert study([], ("A",)).films == 0 and len(study([], ("A",)).distances) == 0
