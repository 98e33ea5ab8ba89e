"""Films of phantoms: sizes, depths, places, determinism, the label."""

import csv
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cephview.phantom import LANDMARKS, FilmStyle, make_phantom
from cephview.phantom.dataset import write_dataset

SMALL = (240, 300)


def test_a_seed_gives_the_same_film_again() -> None:
    first, second = make_phantom(3, size_px=SMALL), make_phantom(3, size_px=SMALL)
    assert np.array_equal(first.pixels, second.pixels)
    assert first.points == second.points
    assert not np.array_equal(first.pixels, make_phantom(4, size_px=SMALL).pixels)


@pytest.mark.parametrize("size_px", [SMALL, (300, 240), (97, 131), (400, 120)])
def test_a_film_has_the_size_asked_for_and_all_landmarks(size_px: tuple[int, int]) -> None:
    film = make_phantom(1, size_px=size_px)
    assert film.pixels.shape == (size_px[1], size_px[0])
    assert tuple(film.points) == LANDMARKS
    for x, y in film.points.values():
        assert 0 <= x <= size_px[0] - 1
        assert 0 <= y <= size_px[1] - 1


def test_landmarks_are_on_the_film_for_many_seeds() -> None:
    for seed in range(15):
        film = make_phantom(seed, size_px=(48, 60))
        places = np.array(list(film.points.values()))
        assert (places >= 0).all() and (places <= (47, 59)).all()


def test_landmarks_keep_their_millimetres_at_any_size() -> None:
    places = []
    for size_px in (SMALL, (120, 150), (387, 480)):
        film = make_phantom(8, size_px=size_px)
        middle = (np.array(size_px) - 1) / 2
        places.append((np.array(list(film.points.values())) - middle) * film.mm_per_px)
    scale = [make_phantom(8, size_px=s).mm_per_px for s in (SMALL, (387, 480))]
    assert scale[0] == pytest.approx(193.5 / 240)
    assert scale[1] == pytest.approx(0.5)
    for other in places[1:]:
        np.testing.assert_allclose(other, places[0], atol=0.3)


def test_a_pixel_size_may_be_given() -> None:
    film = make_phantom(2, size_px=(400, 500), mm_per_px=0.5)
    s, n = (np.array(film.points[key]) for key in "SN")
    assert film.mm_per_px == 0.5
    assert 50 < np.hypot(*(n - s)) * 0.5 < 70


@pytest.mark.parametrize(("bits", "dtype"), [(8, np.uint8), (10, np.uint16), (12, np.uint16),
                                             (16, np.uint16)])  # fmt: skip
def test_the_bit_depth_is_used_and_not_exceeded(bits: int, dtype: type) -> None:
    film = make_phantom(5, size_px=SMALL, bits=bits)
    assert film.pixels.dtype == dtype
    assert film.pixels.max() <= (1 << bits) - 1
    assert film.pixels.max() > 0.9 * (1 << bits)
    assert film.pixels.min() < 0.1 * (1 << bits)


@pytest.mark.parametrize("wrong", [{"size_px": (8, 300)}, {"bits": 17}, {"bits": 0},
                                   {"mm_per_px": 0.0}, {"mm_per_px": float("nan")}])  # fmt: skip
def test_what_makes_no_film_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no film of"):
        make_phantom(1, **{"size_px": SMALL, **wrong})  # type: ignore[arg-type]


def test_the_label_is_burned_in_unless_it_is_left_out() -> None:
    size_px = (640, 800)
    labelled = make_phantom(6, size_px=size_px, bits=8)
    plain = make_phantom(6, size_px=size_px, bits=8, has_label=False)
    changed = np.argwhere(labelled.pixels != plain.pixels)
    assert (labelled.pixels[tuple(changed.T)] > 200).sum() > 300
    assert changed[:, 0].min() > 0.8 * size_px[1]
    assert labelled.points == plain.points


def test_bone_is_brighter_than_skin_and_skin_than_air() -> None:
    film = make_phantom(9, size_px=(640, 800), bits=8, style=FilmStyle("plain"))
    x, y = film.points["UL"]
    step = 3 / film.mm_per_px

    def grey(column: float, row: float) -> float:
        r, c = round(row), round(column)
        return float(film.pixels[r - 2 : r + 3, c - 2 : c + 3].mean())

    lip, air = grey(x - step, y), grey(x + 2 * step, y)
    me_x, me_y = film.points["Me"]
    chin = grey(me_x, me_y - 1 / film.mm_per_px)
    assert chin > lip + 20 > air + 30


def test_a_full_size_film_is_made_in_good_time() -> None:
    start = time.process_time()
    make_phantom(0)
    assert time.process_time() - start < 6


def test_a_data_set_is_read_back_as_it_was_made(tmp_path: Path) -> None:
    table = write_dataset(tmp_path, 2, seed=20, size_px=SMALL)
    with table.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["image"] for row in rows] == ["001.png", "002.png"]
    for index, row in enumerate(rows):
        film = make_phantom(20 + index, size_px=SMALL, bits=8)
        with Image.open(tmp_path / "images" / row["image"]) as picture:
            assert np.array_equal(np.asarray(picture), film.pixels)
        for key in LANDMARKS:
            place = float(row[f"{key}_x"]), float(row[f"{key}_y"])
            assert place == pytest.approx(film.points[key], abs=0.006)


@pytest.mark.parametrize("seed", [2, 15])
def test_landmarks_lie_on_the_edges_that_are_drawn(seed: int) -> None:
    """Along the outward direction the film must fall off steepest within 0.3 mm of the point."""
    still = FilmStyle("still", noise=0, grain=0, texture=0, wedge=0, has_ruler=False, marker="",
                      has_ear_rings=False, sharpness_mm=0.05)  # fmt: skip
    film = make_phantom(seed, mm_per_px=0.1, style=still, bits=16, has_label=False)
    outward = {
        "Me": (0.2, 1), "Pog": (1, 0), "Gn": (0.8, 0.6), "B": (1, 0), "A": (1, 0), "UL": (1, 0),
        "LL": (1, 0), "Pog'": (1, 0), "UIT": (0.35, 1), "N": (1, 0),
    }  # fmt: skip
    reach_mm = np.arange(-2.5, 2.5, 0.05)
    for name, direction in outward.items():
        way = np.array(direction) / np.hypot(*direction)
        at = np.array(film.points[name]) + reach_mm[:, None] / film.mm_per_px * way
        columns, rows = np.floor(at).astype(int).T
        fx, fy = (at - np.floor(at)).T
        grey = film.pixels.astype(float)
        along = (
            grey[rows, columns] * (1 - fx) * (1 - fy)
            + grey[rows, columns + 1] * fx * (1 - fy)
            + grey[rows + 1, columns] * (1 - fx) * fy
            + grey[rows + 1, columns + 1] * fx * fy
        )
        steepest = reach_mm[int(np.argmin(np.gradient(along)))]
        assert abs(steepest) <= 0.3, f"{name}: steepest {steepest:+.2f} mm from the point"
