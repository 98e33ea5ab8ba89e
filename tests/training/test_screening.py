"""What cannot be used of a data set is left out by name, and the rest goes on."""

import json

import numpy as np
import pytest
from PIL import Image

from cephview.formats.pairing import sha256_of
from cephview.training import TrainingError
from cephview.training.choosing import choose_films
from cephview.training.patients import are_different_people
from cephview.training.screening import fitting, screened


def folder_of(path, points, size=(64, 64)):
    """Write films with a table; points: landmark rows by film name."""
    rows = ["film,sha256,landmark,x_px,y_px"]
    for n, (name, places) in enumerate(points.items()):
        film = path / "films" / name
        film.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full(size[::-1], n, np.uint8)).save(film)
        rows += [f"{name},{sha256_of(film)},{i},{x},{y}" for i, (x, y) in places.items()]
    (path / "truth.csv").write_text("\n".join(rows) + "\n")
    return path / "films", path / "truth.csv"


def test_spoilt_films_and_impossible_points_are_named_and_the_others_go_on(tmp_path):
    good = {"S": (5, 6), "N": (30, 7)}
    films, truth = folder_of(
        tmp_path, {"1.png": good, "2.png": good | {"N": (99, 7)}, "3.png": good, "4.png": good}
    )
    text = truth.read_text()
    (films / "3.png").write_bytes((films / "3.png").read_bytes()[:60])
    truth.write_text("\n".join(",".join(r.split(",")[:1] + r.split(",")[2:]) for r in text.split()))
    kept = screened(choose_films(films, truth))
    assert [film.name for film in kept.data.films] == ["1.png", "4.png"] and kept.refused == 2
    count, *reasons = kept.told
    assert count == "2 films left out:"
    assert "“2.png” has N at (99, 7) outside its 64 x 64 pixels" in reasons[0]
    assert "“3.png”" in reasons[1]


def test_a_film_overwritten_under_its_name_is_not_taken(tmp_path):
    films, truth = folder_of(tmp_path, {"1.png": {"S": (5, 6)}, "2.png": {"S": (5, 6)}})
    Image.fromarray(np.full((64, 64), 77, np.uint8)).save(films / "2.png")
    chosen = choose_films(films, truth)
    assert [film.name for film in chosen.data.films] == ["1.png"]
    assert any("2.png is another film now" in sentence for sentence in chosen.told)
    # Between the choice and the work, too.
    Image.fromarray(np.full((64, 64), 78, np.uint8)).save(films / "1.png")
    with pytest.raises(TrainingError, match="no film is left") as caught:
        screened(chosen)
    assert "another was written under its name" in str(caught.value)


def test_films_of_one_name_keep_their_own_points_and_are_no_duplicates(tmp_path):
    places = {f"p{n}/ceph.png": {"S": (n, 2 * n)} for n in (1, 2, 3)}
    films, truth = folder_of(tmp_path, places)
    chosen = choose_films(films, truth)
    assert chosen.duplicates == 0
    assert {film.name: film.points_px[0].tolist() for film in chosen.data.films} == {
        name: [*row["S"]] for name, row in places.items()
    }
    one = chosen.data.only(["p2/ceph.png"])
    assert [film.name for film in one.films] == ["p2/ceph.png"]
    assert len(chosen.data.without(["p2/ceph.png"]).films) == 2


def test_a_split_finds_its_films_by_other_endings_and_tells_what_is_missing(tmp_path):
    films, truth = folder_of(tmp_path, {f"{n}.png": {"S": (1, 2)} for n in (1, 2, 3)})
    data = choose_films(films, truth).data
    assert [film.name for film in data.without(["2.jpg"]).films] == ["1.png", "3.png"]
    assert data.not_there(["2.jpg", "9.jpg"]) == ("9.jpg",)


def test_a_scale_is_declared_and_never_guessed(tmp_path):
    films, truth = folder_of(tmp_path, {"1.png": {"S": (5, 6)}})
    splits = tmp_path / "splits.json"
    splits.write_text(json.dumps({"train": [1, 1]}))
    chosen = choose_films(films, truth)
    assert chosen.data.films[0].mm_per_px is None and not chosen.scale_told()
    splits.write_text(json.dumps({"mm_per_px": 0.12}))
    chosen = choose_films(films, truth)
    assert chosen.data.films[0].mm_per_px == (0.12, 0.12)
    assert chosen.scale_told() == ("Pixel size 0.12 mm, as splits.json says: 1 film.",)
    given = choose_films(films, truth, mm_per_px=0.2)
    assert given.scale_told() == ("Pixel size 0.2 mm, as --mm-per-px says: 1 film.",)
    with pytest.raises(TrainingError, match="no size of a pixel"):
        choose_films(films, truth, mm_per_px=0)
    splits.write_text(json.dumps({"mm_per_px": "wide"}))
    with pytest.raises(TrainingError, match="mm_per_px"):
        choose_films(films, truth)


def test_the_challenge_s_scale_is_of_films_of_its_size(tmp_path):
    films, _ = folder_of(tmp_path, {"001.png": {"S": (5, 6)}})
    place = tmp_path / "400_senior"
    place.mkdir()
    (place / "001.txt").write_text("".join(f"{10 + i},{40 + i}\n" for i in range(19)))
    chosen = choose_films(films, tmp_path)
    assert chosen.data.films[0].mm_per_px == (0.1, 0.1)
    kept = screened(chosen)
    assert kept.data.films[0].mm_per_px is None and not kept.scale_told()
    assert "1935 x 2400" in kept.told[-1]


def test_films_may_be_given_as_a_pattern(tmp_path):
    films, truth = folder_of(tmp_path, {"1.png": {"S": (5, 6)}, "2.bmp": {"S": (5, 6)}})
    chosen = choose_films(films / "*.png", truth)
    assert [film.name for film in chosen.data.films] == ["1.png"] and chosen.absent == 1
    with pytest.raises(TrainingError, match="not a folder of films"):
        choose_films(films / "none", truth)


def test_heads_of_different_people_overrule_a_shared_patient():
    rng = np.random.default_rng(0)
    head = rng.uniform(0, 150, (19, 2))
    # Each person's landmarks lie elsewhere by some mm; scans of one person by much less.
    people = head + rng.normal(0, 4.0, (6, 19, 2))
    assert are_different_people(people)
    scans = head + rng.normal(0, 0.3, (6, 19, 2))
    assert not are_different_people(scans)
    grown = scans * np.linspace(0.85, 1.0, 6)[:, None, None]
    assert not are_different_people(grown)
    # Before and after an operation.
    treated = np.concatenate([scans[:3], scans[3:] + (np.arange(19) > 12)[:, None] * (8.0, 0.0)])
    assert not are_different_people(treated)


def test_films_with_points_of_another_size_by_the_model_are_told(tmp_path):
    class Film:
        def __init__(self, name, points):
            self.name, self.points_px = name, points

    class Error:
        def __init__(self, error_px):
            self.error_px = error_px

    class Found:
        pass

    rng = np.random.default_rng(0)
    there = rng.uniform(100, 900, (8, 2))
    found = Found()
    found.labelled = (Film("a", there + 3), Film("b", there * 0.5))
    found.refined_errors = (Error(np.full((8, 2), -3.0)), Error(there - there * 0.5))
    found.films = (((1000, 1000), 1.0), ((1000, 1000), 1.0))
    kept, told = fitting(found)
    assert kept == [0] and told[0] == "1 film left out:" and "0.50 times its size" in told[1]
