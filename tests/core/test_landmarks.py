import tomllib

import pytest

from cephview import places
from cephview.core.landmarks import Landmark, LandmarkSet

TEXT = """
id = "two"
name = "Two points"
convention = "ours"

[[landmark]]
id = "S"
name = "Sella"
definition = "The centre."
tissue = "hard"

[[landmark]]
id = "Pog'"
name = "Soft pogonion"
definition = "The chin."
tissue = "soft"
"""


def test_a_set_is_read_in_its_order():
    landmarks = LandmarkSet.from_toml(TEXT)
    assert landmarks.ids == ("S", "Pog'")
    assert len(landmarks) == 2
    assert [landmark.name for landmark in landmarks] == ["Sella", "Soft pogonion"]
    assert landmarks["Pog'"].tissue == "soft"
    assert landmarks.index("Pog'") == 1
    with pytest.raises(KeyError):
        landmarks["N"]
    with pytest.raises(KeyError):
        landmarks.index("s")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('id = "Pog\'"', 'id = "S"', "repeats S"),
        ('id = "S"', 'id = ""', "needs an id"),
        ('name = "Sella"', 'name = ""', "needs an id, a name"),
        ('definition = "The chin."', 'definition = ""', "Pog'"),
        ('tissue = "soft"', 'tissue = "bone"', "'hard' or 'soft'"),
        ('tissue = "soft"', "tissue = 1", "must be text"),
        ('id = "S"', "id = 7", "must be text"),
        ('tissue = "soft"', "", "tissue"),
        ('tissue = "soft"', 'tissue = "soft"\ncolour = "red"', "colour"),
        ('convention = "ours"', "", "convention"),
        ('name = "Two points"', 'name = "Two points"\nyear = 1', "year"),
    ],
)
def test_a_set_that_breaks_the_rules_is_refused_with_the_reason(old, new, words):
    assert old in TEXT
    with pytest.raises(ValueError, match=words):
        LandmarkSet.from_toml(TEXT.replace(old, new, 1))


@pytest.mark.parametrize(
    "text", ['id = "x"\nname = "x"\nconvention = "x"', TEXT.replace("[[", "[[[")]
)
def test_text_that_is_no_set_is_refused(text):
    with pytest.raises(ValueError):
        LandmarkSet.from_toml(text)


def test_an_empty_set_is_refused():
    with pytest.raises(ValueError, match="is empty"):
        LandmarkSet("x", "x", "x", ())


def test_a_landmark_that_is_no_landmark_is_refused():
    with pytest.raises(ValueError, match="tissue"):
        Landmark("S", "Sella", "The centre.", "Hard")


def test_the_set_that_ships_has_19_landmarks_in_the_order_of_the_challenge():
    landmarks = places.load_landmark_set("isbi19")
    order = "S N Or Po A B Pog Me Gn Go LIT UIT UL LL Sn Pog' PNS ANS Ar"
    assert " ".join(landmarks.ids) == order
    assert {m.id for m in landmarks if m.tissue == "soft"} == {"UL", "LL", "Sn", "Pog'"}
    assert landmarks.id == "isbi19"


def test_every_shipped_set_loads_under_its_own_name():
    files = list((places.resources_dir() / "landmarks").glob("*.toml"))
    assert files
    for file in files:
        assert places.load_landmark_set(file.stem).id == file.stem


def test_an_unknown_set_is_not_found():
    with pytest.raises(FileNotFoundError):
        places.load_landmark_set("nonsense")
    assert issubclass(tomllib.TOMLDecodeError, ValueError)
