"""Numbers that no table, no JSON file and no user means are refused with their place."""

from pathlib import Path

import pytest

from cephview.core.numbers import number_of, plain_number
from cephview.formats.delimited import MAX_COLUMNS
from cephview.formats.errors import FormatError
from cephview.formats.export_coco import read_coco
from cephview.formats.open_truth import open_truth
from cephview.formats.truth import read_truth

ODD = ["1e308", "1e400", "inf", "1_000", "１２", "١٢", "0x1f", "1.2.3", "--5", "5px", "1" * 300]


@pytest.mark.parametrize("text", [*ODD, "", " ", "+", ".", "e5", "nan", "TRUE", "1e", "1,5"])
def test_a_number_is_what_people_mean_by_one(text: str) -> None:
    assert number_of(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [("-1.5", -1.5), (" 5 ", 5), (".5", 0.5), ("1e-05", 1e-5)],
)
def test_plain_numbers_are_read(text: str, value: float) -> None:
    assert number_of(text) == value


@pytest.mark.parametrize("value", [True, "1", None, [], float("nan"), float("inf"), 10**400])
def test_no_other_value_of_a_file_is_a_number(value: object) -> None:
    assert plain_number(value) is None


@pytest.mark.parametrize("cell", [*ODD, "9999999"])
def test_a_table_names_row_and_column(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "points.csv"
    path.write_text(f"image,S_x,S_y\na.png,1,2\nb.png,{cell},2\n", encoding="utf-8")
    with pytest.raises(FormatError, match=r"points\.csv.*row 3, column S_x"):
        read_truth(path)


def test_tables_that_are_no_tables_of_points_are_soon_refused(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text("image,S_x,S_y" + ",x" * MAX_COLUMNS + "\n", encoding="utf-8")
    with pytest.raises(FormatError, match="row 1: it has 2,003 cells"):
        read_truth(path)
    path.write_text("image,S_x,S_y\n" + "a" * 40_000 + ",1,2\n", encoding="utf-8")
    with pytest.raises(FormatError, match="row 2, column 1: the cell holds more"):
        read_truth(path)
    path.write_text("image,S_x,S_y,S_x\na,1,2,3\n", encoding="utf-8")
    with pytest.raises(FormatError, match="twice in its first line, “S_x”"):
        read_truth(path)


def coco(x: str = "1", width: str = "10", visibility: str = "2", more: str = "") -> str:
    return (
        f'{{"images": [{{"id": 1, "file_name": "a", "width": {width}, "height": 10}}],'
        f'"annotations": [{{"image_id": 1, "keypoints": [{x}, 2, {visibility}]}}],'
        f'"categories": [{{"keypoints": ["S"]}}]{more}}}'
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        *((coco(x=x), "image 1, S") for x in ("true", "1e999", "1e308", '"1"', "null")),
        *((coco(width=w), "image 1") for w in ("true", "-5", "1.5", '"1_0"')),
        *((coco(visibility=v), "image 1, S") for v in ("true", "7", "-1")),
        *((coco(x=x), "image 1, S") for x in ("NaN", "-Infinity", "1" * 5000)),
        (coco(more=',"images": []'), "“images” is told twice"),
        ("[" * 200_000, "nested too deep"),
    ],
)
def test_coco_names_the_place(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "points.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match=told):
        read_coco(path)


@pytest.mark.parametrize("x", ["NaN", "true", "1e308", "1" * 400, '"1"', '5,"x":6'])
def test_aariz_takes_no_odd_number(tmp_path: Path, x: str) -> None:
    text = f'{{"landmarks": [{{"symbol": "S", "value": {{"x": {x}, "y": 2}}}}]}}'
    (tmp_path / "f1.json").write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match=r"f1\.json"):
        open_truth(tmp_path)
