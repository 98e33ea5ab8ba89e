"""Data-set folders, folds and the cache."""

import json

import numpy as np
import pytest

from cephview.training import TrainingError
from cephview.training.choosing import film_number, parse_numbers
from cephview.training.dataset import load_folder, load_pictures, split_by_group


def test_a_folder_of_phantoms_is_read(phantoms):
    assert len(phantoms.films) == 10 and len(phantoms.landmarks) == 19
    assert np.isfinite(phantoms.films[0].points_px).all()
    assert phantoms.films[0].mm_per_px == (1.0, 1.0)


def test_duplicates_never_part(phantom_folder, phantoms, tmp_path):
    names = [film.name for film in phantoms.films]
    numbers = [film_number(name) for name in names]
    (phantom_folder / "splits.json").write_text(
        json.dumps({"duplicate_pairs": [[numbers[0], numbers[1]]]})
    )
    try:
        data = load_folder(phantom_folder, mm_per_px=1.0)
    finally:
        (phantom_folder / "splits.json").unlink()
    assert data.films[0].group == data.films[1].group != data.films[2].group
    for seed in range(20):
        folds = split_by_group(data, [3], seed)
        assert sum(names[0] in f for f in folds) == 1
        assert [names[0] in f for f in folds] == [names[1] in f for f in folds]


def test_folds_share_no_film_and_lose_none(phantoms):
    folds = split_by_group(phantoms, [3, 2], seed=1)
    assert [len(f) for f in folds] == [3, 2, 5]
    assert sorted(n for f in folds for n in f) == sorted(f.name for f in phantoms.films)
    assert folds == split_by_group(phantoms, [3, 2], seed=1)
    assert folds != split_by_group(phantoms, [3, 2], seed=2)


def test_the_cache_holds_pictures_and_points_in_its_own_pixels(phantoms, tmp_path):
    pictures = load_pictures(phantoms, (96, 128), tmp_path, quiet=True)
    assert pictures.grey.shape == (10, 160, 120) and pictures.grey.dtype == np.uint8
    film_px = phantoms.films[0].points_px
    scale = min(120 / 194, 160 / 240)
    expected_x = (film_px[:, 0] + 0.5 - 97) * scale + 60 - 0.5
    assert pictures.points[0][:, 0] == pytest.approx(expected_x)
    again = load_pictures(phantoms, (96, 128), tmp_path, quiet=True)
    assert np.array_equal(again.grey, pictures.grey)
    assert np.array_equal(again.points, pictures.points)


def test_numbers():
    assert parse_numbers("1-3,7") == {1, 2, 3, 7}
    assert film_number("film012.jpg") == 12 and film_number("film.jpg") is None
    with pytest.raises(TrainingError, match="not a choice"):
        parse_numbers("all")


def test_a_missing_film_is_named(phantom_folder, tmp_path):
    table = next(phantom_folder.glob("landmarks*.csv"))
    with pytest.raises(TrainingError, match=r"10 films of .* are not in"):
        load_folder(tmp_path, truth=table)


def test_a_folder_without_a_table_is_refused(tmp_path):
    with pytest.raises(TrainingError, match=r"landmarks\.csv"):
        load_folder(tmp_path)


def test_a_landmark_is_held_back(phantoms):
    first, *others = phantoms.landmarks
    left = phantoms.without_landmarks([first])
    assert left.landmarks == tuple(others)
    assert all(
        np.array_equal(a.points_px, b.points_px[1:], equal_nan=True)
        for a, b in zip(left.films, phantoms.films, strict=True)
    )
    with pytest.raises(TrainingError, match="Xy is not a landmark of the data"):
        phantoms.without_landmarks(["Xy"])


def test_a_model_names_its_films_by_digests_that_find_them_again(phantom_folder):
    data = load_folder(phantom_folder)
    names = [film.name for film in data.films[:2]]
    told = data.without_names(names)
    assert not any(name in " ".join(told) for name in names)
    assert data.only(told) == data.only(names)
    assert data.without(told) == data.without(names)
    assert data.not_there([*told, "sha256:00"]) == ("sha256:00",)
