"""Which films are measured, and by what truth."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cephview.formats.isbi2015 import LANDMARKS
from cephview.training import TrainingError
from cephview.training.choosing import choose_films


def films(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.zeros((64, 64), np.uint8)).save(path)
    return folder


def table(folder: Path, *names: str) -> Path:
    rows = "".join(f"{name},1,2,3,4\n" for name in names)
    path = folder / "truth.csv"
    path.write_text(f"image,S_x,S_y,Co_x,Co_y\n{rows}")
    return path


def isbi(folder: Path, *names: str) -> Path:
    for reader, shift in (("400_senior", 0), ("400_junior", 2)):
        place = folder / "AnnotationsByMD" / reader
        place.mkdir(parents=True)
        for name in names:
            pairs = "".join(f"{10 + i + shift},{20 + i}\n" for i in range(19))
            (place / f"{name}.txt").write_text(pairs + "1\n" * 8)
    return folder / "AnnotationsByMD"


def names(chosen) -> list[str]:
    return [film.name for film in chosen.data.films]


def test_a_table_as_ever(tmp_path):
    films(tmp_path / "images", "1.png", "2.png", "3.png")
    truth = table(tmp_path, "1.png", "2.png", "3.png")
    chosen = choose_films(tmp_path, truth, mm_per_px=0.2, only="1-2", leave_out="2")
    assert names(chosen) == ["1.png"] and chosen.origin == "truth.csv"
    assert chosen.data.landmarks == ("S", "Co")
    assert chosen.data.films[0].points_px.tolist() == [[1, 2], [3, 4]]
    assert chosen.data.films[0].mm_per_px == (0.2, 0.2)
    assert choose_films(tmp_path, truth).data.films[0].mm_per_px is None


def test_a_table_may_name_films_by_another_ending_or_none(tmp_path):
    films(tmp_path, "1.png", "below/2.png")
    assert names(choose_films(tmp_path, table(tmp_path, "1.bmp", "2"))) == ["1.png", "2.png"]


def test_what_of_a_table_is_not_there_is_counted_and_named(tmp_path):
    films(tmp_path, "1.png", "new.png")
    truth = table(tmp_path, "1.png", "2.png")
    chosen = choose_films(tmp_path, truth)
    assert names(chosen) == ["1.png"] and chosen.absent == 1
    absent, unused = chosen.told
    assert absent.startswith("1 film of truth.csv is not in ") and "2.png" in absent
    assert unused.endswith(" not in truth.csv: new.png.")
    with pytest.raises(TrainingError, match=r"no film of .* is left"):
        choose_films(tmp_path, truth, leave_out="1-2")


def test_a_film_found_by_its_number_is_told(tmp_path):
    films(tmp_path / "images", "001.png", "002.png")
    chosen = choose_films(tmp_path, table(tmp_path, "1", "2"))
    assert names(chosen) == ["001.png", "002.png"]
    (told,) = chosen.told
    assert told.startswith("2 films of truth.csv found by number") and "1 is " in told


def test_the_challenge_s_own_folders(tmp_path):
    raw = films(tmp_path / "RawImage", "TrainingData/001.bmp", "Test1Data/151.bmp")
    chosen = choose_films(raw, isbi(tmp_path, "001", "151", "301"))
    assert names(chosen) == ["001.bmp", "151.bmp"] and chosen.absent == 1
    assert chosen.data.landmarks == LANDMARKS
    assert chosen.data.films[0].points_px[0].tolist() == [11.0, 20.0]
    assert chosen.data.films[0].mm_per_px == (0.1, 0.1)
    again = choose_films(raw, tmp_path, mm_per_px=0.3, leave_out="1")
    assert names(again) == ["151.bmp"] and again.data.films[0].mm_per_px == (0.3, 0.3)


def test_two_films_of_one_name_are_refused(tmp_path):
    raw = films(tmp_path / "RawImage", "a/001.bmp", "b/001.png")
    with pytest.raises(TrainingError, match="001 is the name of 2 films"):
        choose_films(raw, isbi(tmp_path, "001"))


def test_each_film_of_aariz_has_its_own_pixel_size(tmp_path):
    root = films(tmp_path, "test/Cephalograms/cks09.png", "test/Cephalograms/cks10.png")
    place = root / "test" / "Annotations" / "Cephalometric Landmarks" / "Senior Orthodontists"
    place.mkdir(parents=True)
    for name in ("cks09", "cks10"):
        what = {"landmarks": [{"symbol": "Ls", "value": {"x": 5.5, "y": 6}}]}
        (place / f"{name}.json").write_text(json.dumps(what))
    (root / "cephalogram_machine_mappings.csv").write_text(
        "cephalogram_id,machine,pixel_size\ncks09,A,0.1\ncks10,B,0.14\n"
    )
    chosen = choose_films(root, root)
    assert chosen.data.landmarks == ("UL",)
    assert [f.mm_per_px for f in chosen.data.films] == [(0.1, 0.1), (0.14, 0.14)]
    assert choose_films(root, root, mm_per_px=0.2).data.films[1].mm_per_px == (0.2, 0.2)


def test_a_fold_is_found_by_name_or_by_name_less_ending(tmp_path):
    films(tmp_path, "001.png", "002.png")
    chosen = choose_films(tmp_path, table(tmp_path, "001.png", "002.png"))
    assert names(chosen.fold(["002.png"])) == ["002.png"]
    assert names(chosen.fold(["002.jpg"])) == ["002.png"]
    assert names(chosen.fold(["003.jpg"])) == []


def test_duplicates_are_counted_among_the_films_measured(tmp_path):
    films(tmp_path, *(f"{i}.png" for i in range(1, 6)))
    truth = table(tmp_path, *(f"{i}.png" for i in range(1, 6)))
    (tmp_path / "splits.json").write_text(json.dumps({"duplicate_pairs": [[1, 2], [3, 9]]}))
    chosen = choose_films(tmp_path, truth)
    assert chosen.duplicates == 2
    assert chosen.data.films[0].group == chosen.data.films[1].group != chosen.data.films[2].group
    assert choose_films(tmp_path, truth, leave_out="2").duplicates == 0


@pytest.mark.parametrize(
    "text", ["[", "[]", '{"duplicate_pairs": 3}', '{"duplicate_pairs": [["a"]]}']
)
def test_splits_that_make_no_sense_are_one_sentence(tmp_path, text):
    films(tmp_path, "1.png")
    (tmp_path / "splits.json").write_text(text)
    with pytest.raises(TrainingError, match="duplicate_pairs"):
        choose_films(tmp_path, table(tmp_path, "1.png"))
