import tomllib

import pytest

from cephview import places
from cephview.core.landmarks import OWN, Landmark, LandmarkSet, own_landmark

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


CONDYLION = Landmark("Co", "Condylion", "The top.", "hard", "aariz29", "theirs", "a book")


def test_a_set_grows_by_landmarks_that_know_where_they_are_from():
    base = LandmarkSet.from_toml(TEXT)
    own = own_landmark(" X1 ", "My  point", "There.", "soft", by="Ann")
    grown = base.with_added(CONDYLION, own)
    assert grown.ids == ("S", "Pog'", "Co", "X1") and base.ids == ("S", "Pog'")
    assert grown.id == base.id and grown.added == (CONDYLION, own)
    assert [grown.set_of(i) for i in grown.ids] == ["two", "two", "aariz29", OWN]
    assert [grown.convention_of(i) for i in ("S", "Co")] == ["ours", "theirs"]
    assert grown["X1"].name == "My point" and grown.source_of("X1") == "Defined by Ann"


@pytest.mark.parametrize("symbol", ["S", "s", "co", "pog'"])
def test_a_symbol_is_given_once_whatever_its_case(symbol):
    grown = LandmarkSet.from_toml(TEXT).with_added(CONDYLION)
    with pytest.raises(ValueError, match="is taken by"):
        grown.with_added(own_landmark(symbol, "n", "d", "hard"))


@pytest.mark.parametrize(
    ("symbol", "name", "definition"),
    [("", "n", "d"), ("X", " ", "d"), ("X", "n", ""), ("X" * 9, "n", "d"), ("1X", "n", "d"),
     ("X,", "n", "d"), ("X Y", "n", "d"), ("=X", "n", "d")],
)  # fmt: skip
def test_a_landmark_of_ones_own_needs_a_symbol_that_every_format_holds(symbol, name, definition):
    with pytest.raises(ValueError, match=r"symbol|needs"):
        own_landmark(symbol, name, definition, "hard")


def test_a_retired_landmark_is_known_and_comes_back_as_it_was():
    grown = LandmarkSet.from_toml(TEXT).with_added(CONDYLION)
    retired = grown.with_retired("Co")
    assert retired.ids == ("S", "Pog'") and len(retired) == 2
    assert "Co" in retired and retired["Co"] == CONDYLION and retired.set_of("Co") == "aariz29"
    with pytest.raises(KeyError):
        retired.index("Co")
    with pytest.raises(ValueError, match="is taken"):
        retired.with_added(own_landmark("co", "n", "d", "hard"))
    again = retired.with_added(own_landmark("Co", "Another", "Elsewhere.", "soft"))
    assert again == grown
    assert retired.covering(["Co", "S"]) == grown and retired.covering(["S"]) == retired
    with pytest.raises(ValueError, match="not one of the landmarks that were added"):
        grown.with_retired("S")


def test_a_landmark_that_was_lost_has_a_stand_in():
    base = LandmarkSet.from_toml(TEXT)
    known = base.knowing(["S", "Zz", "Zz"])
    assert known.ids == base.ids and known["Zz"].set_id == OWN
    assert base.knowing(["S"]) is base


def test_what_ships_can_be_added_at_once_and_says_where_it_is_from():
    base = places.load_landmark_set("isbi19")
    catalogue = places.load_catalogue(base)
    grown = base.with_added(*catalogue)
    aariz = {m.id for m in catalogue if m.set_id == "aariz29"}
    assert aariz == {"Pn", "R", "Co", "LPM", "LMT", "UPM", "UIA", "UMT", "LIA", "N'"}
    assert {m.id for m in catalogue} >= {"Ba", "Me'", "Stms", "C'"}
    assert all(m.convention and m.source and m.definition for m in catalogue)
    assert len(places.load_landmark_set("aariz29")) == 29
    assert len(grown) == len(base) + len(catalogue)
