"""The demo film that ships with the program, and the command that makes it."""

import csv
from pathlib import Path

import numpy as np
import pytest

from cephview.core.demo import is_demo
from cephview.core.scale import Provenance
from cephview.formats import open_film
from cephview.phantom import LANDMARKS, make_phantom
from cephview.phantom.demo import MM_PER_PX, SEED, SIZE_PX, write_demo
from cephview.phantom.shape import random_shape
from cephview.places import demo_film


def _points(path: Path) -> dict[str, tuple[float, float]]:
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {row["landmark"]: (float(row["x_px"]), float(row["y_px"])) for row in rows}


def test_the_shipped_film_is_a_12_bit_film_with_a_corrected_scale() -> None:
    film = open_film(demo_film())
    assert (film.width, film.height) == SIZE_PX
    assert film.origin.bit_depth == 12
    assert film.pixel_size.provenance is Provenance.MAGNIFICATION_CORRECTED
    assert film.pixel_size.mm_per_px() == pytest.approx((0.1, 0.1))
    assert demo_film().stat().st_size < 3_000_000
    assert film.pixels.max() > 3500


def test_the_shipped_points_are_those_of_the_seed() -> None:
    points = _points(demo_film().with_suffix(".csv"))
    assert tuple(points) == LANDMARKS
    # A small film of the same seed has the same head, at the same millimetres.
    small = make_phantom(SEED, size_px=(SIZE_PX[0] // 5, SIZE_PX[1] // 5), mm_per_px=5 * MM_PER_PX)
    for key, place in points.items():
        at = (np.array(small.points[key]) + 0.5) * 5 - 0.5
        np.testing.assert_allclose(at, place, atol=0.02)


def test_the_demo_is_reproducible(tmp_path: Path) -> None:
    first, second = tmp_path / "a" / "film.dcm", tmp_path / "b" / "film.dcm"
    write_demo(first)
    write_demo(second)
    assert first.read_bytes() == second.read_bytes()
    text = first.with_suffix(".csv").read_text(encoding="utf-8")
    assert text == second.with_suffix(".csv").read_text(encoding="utf-8")


def test_the_head_of_the_demo_has_ordinary_proportions() -> None:
    stream = np.random.SeedSequence(SEED).spawn(3)[0]
    head = random_shape(np.random.default_rng(stream)).landmarks
    overjet = head["UIT"][0] - head["LIT"][0]
    assert 1 < overjet < 5


def test_the_shipped_film_is_known_to_be_nobodys() -> None:
    assert is_demo(open_film(demo_film()).sha256)
