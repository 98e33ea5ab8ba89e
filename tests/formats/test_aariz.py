import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cephview.formats.aariz import PIXEL_SIZES
from cephview.formats.errors import FormatError
from cephview.formats.known_points import KnownPoints
from cephview.formats.open_truth import open_truth
from cephview.places import load_landmark_set

SYMBOLS = (
    "A", "ANS", "B", "Me", "N", "Or", "Pog", "PNS", "Pn", "R", "S", "Ar", "Co", "Gn", "Go",
    "Po", "LPM", "LIT", "LMT", "UPM", "UIA", "UIT", "UMT", "LIA", "Li", "Ls", "N`", "Pog`", "Sn",
)  # fmt: skip
BEYOND = Path("Annotations") / "Cephalometric Landmarks"
HEADER = "cephalogram_id,machine,pixel_size,image_format,mode\n"


def entry(symbol: str, x: Any, y: Any) -> dict[str, Any]:
    return {"landmark_id": "x", "title": symbol, "symbol": symbol, "value": {"x": x, "y": y}}


def content(shift: float = 0.0) -> dict[str, Any]:
    places = [entry(s, 100.0 + i + shift, 200 + i) for i, s in enumerate(SYMBOLS)]
    return {"ceph_id": "cks09", "landmarks": places, "dataset_name": "Aariz"}


def write(root: Path, split: str, reader: str, name: str, what: Any) -> Path:
    folder = root / split / BEYOND / reader
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(what if isinstance(what, str) else json.dumps(what))
    return folder


def sizes(known: KnownPoints) -> dict[str, float]:
    return {film: scale.mm_per_px[0] for film, scale in known.scale.items()}


@pytest.fixture
def aariz(tmp_path: Path) -> Path:
    root = tmp_path / "Aariz"
    for split, film in (("train", "cks09"), ("test", "cks10")):
        write(root, split, "Senior Orthodontists", f"{film}.json", content())
        junior = content(3.0)
        junior["landmarks"].reverse()
        write(root, split, "Junior Orthodontists", f"{film}.json", junior)
    sizes = f"{HEADER}cks09,Kodak,0.0984,png,train\ncks10,Trident,0.144,jpg,test\n"
    (root / PIXEL_SIZES).write_text(sizes, encoding="utf-8-sig")
    (root / "LICENSE.txt").write_text("CC BY 4.0")
    return root


def test_the_whole_is_the_mean_of_both_readers_by_symbol(aariz: Path) -> None:
    known = open_truth(aariz)
    assert known.origin == "Aariz, mean of senior and junior"
    assert set(known.table.films) == {"cks09", "cks10"}
    assert known.table.points["cks09"]["A"] == (101.5, 200.0)
    assert known.table.points["cks09"]["Sn"] == (129.5, 228.0)
    assert sizes(known) == {"cks09": 0.0984, "cks10": 0.144}
    assert known.of("cks10.jpg") == known.table.points["cks10"]


def test_the_product_s_landmarks_are_all_there_under_its_ids(aariz: Path) -> None:
    landmarks = open_truth(aariz).table.landmarks
    assert set(load_landmark_set("isbi19").ids) <= set(landmarks)
    points = open_truth(aariz).table.points["cks09"]
    assert points["LL"][1] == 200 + SYMBOLS.index("Li")
    assert points["UL"][1] == 200 + SYMBOLS.index("Ls")
    assert points["Pog'"][1] == 200 + SYMBOLS.index("Pog`")
    assert len(landmarks) == 29 and "N'" in landmarks and "Co" in landmarks


@pytest.mark.parametrize("inner", ["test", "test/Annotations", f"test/{BEYOND.as_posix()}"])
def test_a_part_may_be_chosen_and_keeps_its_pixel_sizes(aariz: Path, inner: str) -> None:
    known = open_truth(aariz / inner)
    assert known.table.films == ("cks10",) and sizes(known)["cks10"] == 0.144


def test_one_reader_may_be_chosen(aariz: Path) -> None:
    known = open_truth(aariz / "test" / BEYOND / "Junior Orthodontists")
    assert known.origin == "Aariz, junior"
    assert known.table.points["cks10"]["A"] == (103.0, 200.0)
    assert sizes(known)["cks10"] == 0.144


def test_without_the_table_of_devices_there_are_no_millimetres(aariz: Path) -> None:
    (aariz / PIXEL_SIZES).unlink()
    assert sizes(open_truth(aariz)) == {}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (f"{HEADER}cks09,Kodak,100,png,train\n", "row 2"),
        (f"{HEADER}cks09,Kodak,nan,png,train\n", "row 2"),
        (f"{HEADER}cks09,Kodak,,png,train\n", "row 2"),
        (f"{HEADER}cks09,K,0.1,p,t\ncks09,K,0.1,p,t\n", "row 3"),
        ("film,size\ncks09,0.1\n", "row 2"),
        (f'{HEADER}"cks09', "not a CSV table"),
    ],
)
def test_a_doubtful_table_of_devices_is_refused(aariz: Path, rows: str, words: str) -> None:
    (aariz / PIXEL_SIZES).write_text(rows)
    with pytest.raises(FormatError, match=words) as caught:
        open_truth(aariz)
    assert PIXEL_SIZES in str(caught.value)


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("", "not a JSON file"),
        ("[" * 100_000, "not a JSON file"),
        ("[1, 2]", "lists no landmarks"),
        ('{"landmarks": []}', "lists no landmarks"),
        ('{"landmarks": {"A": 1}}', "lists no landmarks"),
        ('{"landmarks": [1]}', "landmark 1"),
        ('{"landmarks": ["symbol"]}', "landmark 1"),
        ({"landmarks": [entry("A", 1, 2), {"symbol": "B"}]}, "landmark 2"),
        ({"landmarks": [entry("A", "1", 2)]}, "landmark 1"),
        ({"landmarks": [entry("A", True, 2)]}, "landmark 1"),
        ({"landmarks": [entry("A", float("nan"), 2)]}, "landmark 1"),
        ({"landmarks": [entry("A", 10**400, 2)]}, "landmark 1"),
        ({"landmarks": [entry(" ", 1, 2)]}, "landmark 1"),
        ({"landmarks": [entry("A", 1, "12")]}, "landmark 1 .“A”.: its y is no number"),
        ({"landmarks": [entry("A", -1e7, 2)]}, "landmark 1 .“A”.: its x is no number"),
        ({"landmarks": [entry("A", 1, 1e5)]}, "landmark 1 .“A”.: its y is no number"),
        ({"landmarks": [entry("A" * 9999, 1, 2)] * 2}, "holds A+ twice"),
        ({"landmarks": [entry("A", 1, 2), entry("A", 1, 2)]}, "holds A twice"),
    ],
)
def test_a_doubtful_file_is_refused(tmp_path: Path, what: Any, words: str) -> None:
    folder = write(tmp_path, "test", "Senior Orthodontists", "cks09.json", what)
    with pytest.raises(FormatError, match=words) as caught:
        open_truth(folder)
    assert "cks09.json" in str(caught.value) and "\n" not in str(caught.value)


def test_readers_who_differ_in_films_or_landmarks_are_refused(aariz: Path) -> None:
    write(aariz, "test", "Senior Orthodontists", "cks10.json", {"landmarks": [entry("A", 1, 2)]})
    with pytest.raises(FormatError, match="of “cks10” from one reader alone"):
        open_truth(aariz)
    write(aariz, "test", "Senior Orthodontists", "cks11.json", content())
    with pytest.raises(FormatError, match=r"cks11.* from one reader alone"):
        open_truth(aariz)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["landmarks", "symbol", "value", "x", "y"]), inner)
    ),
    max_leaves=12,
)


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(JSON | st.builds(lambda inner: {"landmarks": inner}, JSON))
def test_any_json_is_points_or_one_sentence(tmp_path: Path, what: Any) -> None:
    (tmp_path / "a.json").write_text(json.dumps(what))
    try:
        known = open_truth(tmp_path)
    except FormatError as error:
        assert "a.json" in str(error) and str(error).endswith(".") and "\n" not in str(error)
    else:
        assert known.table.points["a"]
