"""Cells that a spreadsheet would run are made harmless, and read back as they were."""

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cephview.formats.table import as_written, harmless, to_csv
from cephview.formats.truth import read_truth

_RISKY = st.text(st.sampled_from("=+-@＝＋－＠'\"; ,|\t\r\n\xa0a1.eE\u200b\ufeff\0"), max_size=12)


@given(st.one_of(_RISKY, st.text(st.characters(exclude_characters="\0", codec="utf-8"))))
def test_a_cell_is_read_back_as_it_was(text: str) -> None:
    (row,) = csv.reader(io.StringIO(to_csv([["film", text]]), newline=""), strict=True)
    assert [as_written(cell) for cell in row] == ["film", text]


@given(_RISKY)
def test_no_cell_begins_as_a_formula_does_whatever_parts_cells(text: str) -> None:
    written = harmless(text)
    if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text):
        assert written == text
        return
    assert written[:1] not in {"\t", "\r", "\n"}
    for piece in re.split(r"[;,|\t\r\n]", written):
        assert piece.lstrip(' \xa0"\u200b\ufeff\0')[:1] not in set("=+-@＝＋－＠")


@pytest.mark.parametrize("number", ["-1.5", "+3", "0", "1e-05", "-.5", "-0.0"])
def test_numbers_stay_numbers(number: str) -> None:
    assert to_csv([[number]]) == f"{number}\n"


@pytest.mark.parametrize(
    "name", ["=cmd|' /C calc'!A0", "+1+1", "-2+3+cmd", "@SUM(1)", "'=x", "＝1+1", "a;=1+1"]
)
def test_a_table_of_points_names_films_and_landmarks_as_they_are(tmp_path: Path, name: str) -> None:
    path = tmp_path / "points.csv"
    rows = [["film", "landmark", "x_px", "y_px"], [name, name, "-1.5", "2"]]
    path.write_text(to_csv(rows), encoding="utf-8", newline="")
    table = read_truth(path)
    assert table.films == (name,)
    assert table.points[name] == {name: (-1.5, 2.0)}
