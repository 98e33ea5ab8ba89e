"""Names of films in tables: relative, each its own, and never a whole path."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cephview.core.detection import DetectedPoint, Detection
from cephview.core.scale import PixelSize
from cephview.formats import FormatError
from cephview.formats.film_names import Names, film_names, without_whole_paths
from cephview.formats.learning_files import portable_split, read_folds
from cephview.formats.points_csv import write_points_csv


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["/home/ann/films/a.dcm"], ("a.dcm",)),
        (["/home/ann/films/a.dcm", "/home/ann/films/b.dcm"], ("a.dcm", "b.dcm")),
        (["/home/ann/films/x/1.dcm", "/home/ann/films/y/1.dcm"], ("x/1.dcm", "y/1.dcm")),
        (["/home/ann/films/1.dcm", "/home/ann/films/y/1.dcm"], ("1.dcm", "y/1.dcm")),
        # Nothing but the disk is common to them: no home folder, no user's name.
        (["/home/ann/a.dcm", "/media/cd/b.dcm"], ("a.dcm", "b.dcm")),
        (["/home/ann/a.dcm", "/media/cd/a.dcm"], ("ann/a.dcm", "cd/a.dcm")),
        (["/a.dcm", "/b.dcm"], ("a.dcm", "b.dcm")),
        ([r"C:\clinic\a\1.png", r"C:\clinic\b\1.png"], ("a/1.png", "b/1.png")),
        ([r"C:\films\1.png", r"D:\films\1.png"], ("C/films/1.png", "D/films/1.png")),
        ([r"\\server\share\films\1.png"], ("1.png",)),
        (["films/a.dcm", "films/b.dcm"], ("a.dcm", "b.dcm")),
        ([], ()),
    ],
)
def test_names_are_relative_to_what_films_have_in_common(paths, expected):
    assert film_names(paths) == expected


def test_file_names_are_refused_where_they_do_not_tell_films_apart():
    assert film_names(["/x/a.png", "/y/b.png"], Names.FILE) == ("a.png", "b.png")
    with pytest.raises(FormatError, match="the name of several films"):
        film_names(["/x/a.png", "/y/a.png"], Names.FILE)


def test_pseudonyms_say_nothing_of_the_file():
    names = film_names([f"/x/{n}.png" for n in range(1200)], Names.PSEUDONYM)
    assert names[0] == "film-0001" and names[-1] == "film-1200"


def test_a_detection_names_films_as_was_asked_for(tmp_path):
    found = Detection((DetectedPoint("S", (1, 2), 1, (1, 2), 1),), "f" * 64, "base", 1, "cpu", 1.0)
    rows = [(str(tmp_path / "Smith Ann.png"), PixelSize(), found)]
    out = tmp_path / "points.csv"
    for names, told in ((Names.RELATIVE, "Smith Ann.png"), (Names.PSEUDONYM, "film-001")):
        write_points_csv(out, rows, names)
        lines = out.read_text(encoding="utf-8").splitlines()[1:]
        assert all(line.startswith(f"{told},S,") for line in lines) and len(lines) == 2


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["001.jpg", "a/002.jpg"], ["001.jpg", "a/002.jpg"]),
        (["/home/ann/films/001.jpg", "/home/ann/films/b/2.jpg"], ["001.jpg", "b/2.jpg"]),
        ([r"C:\Users\ann\1.png", "2.png"], ["1.png", "2.png"]),
        (["sha256:" + "a" * 64], ["sha256:" + "a" * 64]),
        ([], []),
    ],
)
def test_names_stay_but_for_whole_paths(names, expected):
    assert without_whole_paths(names) == expected


def test_a_split_of_an_earlier_release_loses_its_whole_paths_alone(tmp_path):
    old = {"validation": ["/home/ann/1.png", "/home/ann/2.png"], "reserve": ["3.png"], "seed": 7}
    (tmp_path / "split.json").write_bytes(portable_split(json.dumps(old).encode()))
    split = json.loads((tmp_path / "split.json").read_text())
    assert split == {"validation": ["1.png", "2.png"], "reserve": ["3.png"], "seed": 7}
    assert read_folds(tmp_path / "split.json")["validation"] == ["1.png", "2.png"]
    whole = b'{"validation": ["1.png"],\n "seed": 0}'
    assert portable_split(whole) == whole


PART = st.text("ab", min_size=1, max_size=2)


@given(st.sets(st.lists(PART, min_size=1, max_size=4).map(tuple), min_size=1, max_size=6))
def test_no_two_films_get_one_name_and_none_a_path_from_the_root(places):
    paths = ["/" + "/".join(parts) + ".png" for parts in sorted(places)]
    names = film_names(paths)
    assert len(set(names)) == len(names)
    assert all(
        path.endswith(name) and not name.startswith("/")
        for path, name in zip(paths, names, strict=True)
    )
