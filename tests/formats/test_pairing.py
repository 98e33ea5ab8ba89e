"""Rows of tables and film files find each other by one rule, and are never guessed."""

import unicodedata
from pathlib import Path

import pytest

from cephview.formats.pairing import distinct_names, pair, without_ending

BASE = Path("/films")


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def films(*names: str) -> list[Path]:
    return [BASE / name for name in names]


@pytest.mark.parametrize(
    ("row", "film"),
    [
        ("001.png", "001.png"),
        ("D:\\films\\2024\\001.png", "001.png"),
        ("/home/anna/films/001.png", "001.png"),
        ("..\\films\\001.PNG", "001.png"),
        ("./001.png", "001.PNG"),
        ("001.bmp", "001.png"),
        ("001", "sub/001.dcm"),
        (nfc("Müller 1.png"), nfd("Müller 1.png")),
        (nfd("MÜLLER 1.png"), nfc("müller 1.png")),
        ("1.2.840.1", "1.2.840.1"),
        ("1.2.840.1", "1.2.840.1.dcm"),
        ("p1/ceph.png", "p1/ceph.png"),
    ],
)
def test_a_row_written_elsewhere_finds_its_film(row: str, film: str) -> None:
    found = pair([row], films(film, "other.png"), BASE)
    assert found.pairs == {row: BASE / film}
    assert found.unused == (BASE / "other.png",) and not found.absent


@pytest.mark.parametrize("row", ["1.2.840.1", "patient.1", "patient.1.png"])
def test_what_follows_a_dot_of_a_name_is_no_ending(row: str) -> None:
    others = films("1.2.840.2", "1.2.840.2.dcm", "patient.2.png", "patient.png", "patient")
    assert pair([row], others, BASE).absent == (row,)


def test_films_of_one_name_are_told_by_their_folders() -> None:
    rows = ["p1/ceph.png", "E:\\x\\P2\\ceph.png", "p4/ceph.png"]
    found = pair(rows, films("p1/ceph.png", "p2/ceph.png", "p3/ceph.png"), BASE)
    assert found.pairs == dict(zip(rows[:2], films("p1/ceph.png", "p2/ceph.png"), strict=True))
    assert found.absent == ("p4/ceph.png",)


def test_a_name_of_two_films_is_not_guessed() -> None:
    there = films("p1/ceph.png", "p2/ceph.png")
    found = pair(["ceph.png"], there, BASE)
    assert not found.pairs and found.ambiguous == {"ceph.png": tuple(there)}
    assert pair(["001"], films("001.png", "001.jpg"), BASE).ambiguous.keys() == {"001"}
    both = films("001.png", "001.PNG")
    assert pair(["001.Png"], both, BASE).ambiguous.keys() == {"001.Png"}
    assert pair(["001.png"], both, BASE).pairs == {"001.png": BASE / "001.png"}


def test_a_film_has_one_row_alone() -> None:
    found = pair(["a/1.png", "b/1.png"], films("1.png"), BASE)
    assert not found.pairs and set(found.ambiguous) == {"a/1.png", "b/1.png"}
    found = pair(["1.bmp", "1.png"], films("1.png"), BASE)
    assert found.pairs == {"1.png": BASE / "1.png"} and found.absent == ("1.bmp",)


def test_a_film_in_another_folder_than_told_is_said_to_be_found_by_name_alone() -> None:
    found = pair(["2023/7.png"], films("2024/7.png"), BASE)
    assert found.pairs == {"2023/7.png": BASE / "2024/7.png"}
    assert found.by_name_alone == ("2023/7.png",)


def test_a_number_without_its_noughts_finds_its_film_and_that_is_told() -> None:
    there = films("001.png", "002.png", "10.png", "0010.png", "a7.png")
    found = pair(["1", "2", "10", "7"], there, BASE)
    assert found.pairs == {"1": there[0], "2": there[1], "10": there[2]}
    assert set(found.by_number_alone) == {"1", "2"}
    assert found.absent == ("7",) and found.unused == tuple(there[3:])


def test_a_number_is_not_guessed() -> None:
    both = films("001.png", "01.png")
    found = pair(["1"], both, BASE)
    assert not found.pairs and found.ambiguous == {"1": tuple(both)} and not found.absent
    # A table that kept the noughts of one name has lost none.
    assert pair(["1", "002"], films("001.png"), BASE).absent == ("1", "002")
    # A name with an ending is text, which no spreadsheet changes.
    assert pair(["1.png"], films("001.png"), BASE).absent == ("1.png",)
    # The film of the row 1 is there.
    assert pair(["1"], films("1.png", "001.png"), BASE).pairs == {"1": BASE / "1.png"}
    # The film that was meant has another digest.
    found = pair(
        ["1"], films("001.png"), BASE, digests={"1": "aa"}, digest_of=lambda path: "another"
    )
    assert not found.pairs and found.absent == ("1",)


def test_a_digest_goes_before_a_name() -> None:
    digests = {"1.png": "aa", "2.png": "bb", "3.png": "cc"}
    there = {BASE / "1.png": "aa", BASE / "2.png": "new", BASE / "renamed.png": "cc"}
    found = pair(
        list(digests), list(there), BASE, digests=digests, digest_of=lambda path: there[path]
    )
    assert found.pairs == {"1.png": BASE / "1.png", "3.png": BASE / "renamed.png"}
    assert found.changed == {"2.png": BASE / "2.png"} and not found.absent


def test_names_tell_files_apart_by_as_few_folders_as_it_takes() -> None:
    paths = films("a/x/1.png", "b/x/1.png", "b/y/1.png", "2.png")
    assert list(distinct_names(paths).values()) == ["a/x/1.png", "b/x/1.png", "y/1.png", "2.png"]


def test_an_ending_is_that_of_a_picture() -> None:
    names = ["a.b.PNG", "1.2.840", ".png", "C:\\x\\f.dcm", "x.jpg.png"]
    assert [without_ending(n) for n in names] == ["a.b", "1.2.840", ".png", "f", "x.jpg"]
