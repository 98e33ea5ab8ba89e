from pathlib import Path

import pytest

from cephview.formats.errors import FormatError
from cephview.formats.truth import read_truth

WIDE = "image,S_x,S_y,Pog'_x,Pog'_y\n001.jpg,832,994,1412,2260\n002.jpg,810.5,1050,,\n"
TIDY = (
    "film,sha256,landmark,state,x_px,y_px\n"
    "a.dcm,ff,S,confirmed,1.5,2\na.dcm,ff,N,not visible,,\nb.dcm,ee,S,model,3,4\n"
)


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "truth.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_wide_table(tmp_path: Path) -> None:
    table = read_truth(_file(tmp_path, WIDE))
    assert table.landmarks == ("S", "Pog'")
    assert table.films == ("001.jpg", "002.jpg")
    assert table.points["001.jpg"] == {"S": (832.0, 994.0), "Pog'": (1412.0, 2260.0)}
    assert table.points["002.jpg"] == {"S": (810.5, 1050.0)}


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "truth.csv"
    path.write_bytes(b"\xef\xbb\xbf" + WIDE.replace("\n", "\r\n").encode())
    assert read_truth(path) == read_truth(_file(tmp_path, WIDE))


def test_tidy_table_takes_only_truth(tmp_path: Path) -> None:
    table = read_truth(_file(tmp_path, TIDY))
    assert table.landmarks == ("S", "N")
    assert table.films == ("a.dcm", "b.dcm")
    assert table.points == {"a.dcm": {"S": (1.5, 2.0)}, "b.dcm": {}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("image,S_x,S_y\n", "no films"),
        ("image,S_x,N_y\na,1,2\n", "not a truth table"),
        ("image,S_x,S_y,N_x\na,1,2,3\n", "not a truth table"),
        ("name,S_x,S_y\na,1,2\n", "not a truth table"),
        ("image,S_x,S_y\na,1\n", "row 2"),
        ("image,S_x,S_y\na,1,two\n", "not a pair of numbers"),
        ("image,S_x,S_y\na,1,nan\n", "not a pair of numbers"),
        ("image,S_x,S_y\na,1,\n", "not a pair of numbers"),
        ("image,S_x,S_y\na,1,2\na,3,4\n", "twice"),
        ("image,S_x,S_y,S_x,S_y\na,1,2,3,4\n", "names a column twice"),
        ("image,S_x,S_y\n,1,2\n", "no film is named"),
        ("film,landmark,x_px,y_px\na,S,1,2\na,S,1,2\n", "twice"),
        ("film,landmark,x_px,y_px\na,,1,2\n", "no landmark"),
        ("just a letter", "no films"),
    ],
)
def test_a_doubtful_table_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(FormatError, match=words) as caught:
        read_truth(_file(tmp_path, text))
    assert "truth.csv" in str(caught.value)


def test_missing_and_binary_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="not there"):
        read_truth(tmp_path / "none.csv")
    path = tmp_path / "binary.csv"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(FormatError, match="UTF-8"):
        read_truth(path)


def test_the_shared_table_reads(shared_data: Path) -> None:
    path = shared_data / "isbi2015" / "landmarks_mean.csv"
    if not path.exists():
        pytest.skip("the shared films are not here")
    table = read_truth(path)
    assert len(table) == 300
    assert len(table.landmarks) == 19
    assert all(len(points) == 19 for points in table.points.values())
