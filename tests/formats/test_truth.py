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
        ("image,S_x,S_y\na,1,two\n", "row 2, column S_y: 'two' is not a number"),
        ("image,S_x,S_y\na,1,nan\n", "row 2: S_y has no value and S_x has one"),
        ("image,S_x,S_y\na,,1\n", "row 2: S_x has no value and S_y has one"),
        ("image,S_x,S_y\na,1,inf\n", "row 2, column S_y: 'inf' is not a number"),
        ("image,S_x,S_y\na,#REF!,1\n", "row 2, column S_x: '#REF!' is not a number"),
        ("A title\nimage,S_x,S_y\na,1,two\n", "row 3, column S_y"),
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


HEADER = "film;landmark;x_px;y_px"


@pytest.mark.parametrize(
    "text",
    [
        "film;landmark;x_px;y_px\n1.png;S;10,5;20\n1.png;N;30,25;40,125\n",
        "film\tlandmark\tx_px\ty_px\n1.png\tS\t10.5\t20\n1.png\tN\t30.25\t40.125\n",
        "film|landmark|x_px|y_px\n1.png|S|10.5|20\n1.png|N|30.25|40.125\n",
        "sep=;\nfilm;landmark;x_px;y_px\n1.png;S;10.5;20\n1.png;N;30.25;40.125\n",
        '"sep=,"\nfilm,landmark,x_px,y_px\n1.png,S,10.5,20\n1.png,N,30.25,40.125\n',
        '"Film","Landmark","X px","Y_PX"\n"1.png","S","10,5","20"\n"1.png","N","30,25","40,125"\n',
        "film,landmark,x_px,y_px,,\n1.png,S,10.5,20,,\n1.png,N,30.25,40.125,,\n,,,,,\n  ,\n\n",
        "\n,film,landmark,x_px,y_px\n0,1.png,S,10.5,20\n\n1,1.png,N,30.25,40.125\n",
        "y_px,x_px,note,landmark,film\n20,10.5,,S,1.png\n40.125,30.25,,N,1.png\n",
        "image;N_y;N_x;S_x;S_y;Note\n1.png;40,125;30,25;10,5;20,0;fine\n",
        '"film";"landmark";"x_px";"y_px"\n"1.png";"S";"10,5";"20"\n"1.png";"N";"30,25";"40,125"\n',
        "film,landmark,x_px,y_px,note,by\n1.png,S,10.5,20\n1.png,N,30.25,40.125,fine\n",
        "Clinic of S, 2024,,\n,,,,\nimage,S_x,S_y,N_x,N_y\n1.png,10.5,20,30.25,40.125\n",
        "Sheet 1;;;\nfilm;landmark;x_px;y_px\n1.png;S;10,5;20\n1.png;N;30,25;40,125\n",
        "# by a program\n# of 2024\nimage,S_x,S_y,N_x,N_y\n1.png,10.5,20,30.25,40.125\n",
        "image,S_x,S_y,N_x,N_y,PNS_x,PNS_y\n1.png,10.5,20,30.25,40.125,NaN,NaN\n",
        "image;S_x;S_y;N_x;N_y;A_x;A_y\n1.png;10,5;20;30,25;40,125;#N/A;-\n",
        "FILE,S_X,S_Y,N_X,N_Y\n1.png,10.5,2e1,+30.25,40.125\n",
        "film,landmark,x_px,y_px\r1.png,S,10.5,20\r1.png,N,30.25,40.125\r",
    ],
)
def test_tables_as_spreadsheets_write_them(tmp_path: Path, text: str) -> None:
    table = read_truth(_file(tmp_path, text))
    assert table.points == {"1.png": {"S": (10.5, 20.0), "N": (30.25, 40.125)}}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_the_encodings_of_spreadsheets(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "truth.csv"
    path.write_bytes(f"{HEADER}\nMüller.png;S;10;20\n".encode(encoding))
    assert read_truth(path).films == ("Müller.png",)


ODD = (
    "1e308", "1e-320", "1e5", "100000", "-100000", "inf", "-inf", "Infinity", "1_000", "0x1F",
    "0b1", "１２３", "١٢٣", "1.2.3", "--5", "+-5", "1 234", "9" * 300, "1." + "0" * 300, "5\0",
    "=1+1", "1/2", "12px", "½", "\u202e12", "true", "(5)", "5%", "1d5", ".", "1e", "7\u00a07",
)  # fmt: skip


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("layout", ["tidy", "wide"])
def test_an_odd_number_is_refused_with_its_cell(tmp_path: Path, odd: str, layout: str) -> None:
    text = "film;landmark;x_px;y_px\na;S;1;2\na;N;3;" if layout == "tidy" else "image;N_x;N_y\na;3;"
    with pytest.raises(FormatError) as caught:
        read_truth(_file(tmp_path, f"{text}{odd}\n"))
    said = str(caught.value)
    row, column = ("3", "y_px") if layout == "tidy" else ("2", "N_y")
    assert f"“truth.csv”, row {row}, column " in said and column in said
    assert len(said) < 200 and said.isprintable()


@pytest.mark.parametrize(
    ("text", "value"),
    [("−5", -5), ("1.25e+03", 1250), ("+.5", 0.5), ("99999.9", 99999.9), ("-1e-14", -1e-14),
     ("7.", 7), ("0012", 12), ("3.5e1", 35)],
)  # fmt: skip
def test_numbers_as_programs_write_them_are_read(tmp_path: Path, text: str, value: float) -> None:
    table = read_truth(_file(tmp_path, f"film,landmark,x_px,y_px\na,S,{text},2\n"))
    assert table.points == {"a": {"S": (value, 2)}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("image,S_x,S_y\na,1,2\nb," + "1" * 10_000_000 + ",2\n", "row 3"),
        ("image" + ",S_x" * 100_000 + "\n", "row 1: it has 100,001 cells"),
        ("image,S_x,S_y\n" + ("a" * 30_000 + ",1,2\n") * 2, "twice"),
        (f"image,{'S' * 30_000}_x,{'S' * 30_000}_y\na,1,two\n", "row 2, column S"),
        (f"image,{'S' * 30_000}_x,{'S' * 30_000}_y\na,1,\n", "row 2: S"),
        ("film,landmark,x_px,X px,y_px\na,S,1,2,3\n", "names a column twice.*x_px and as X px"),
        ("image,S_x,S_y\na\0,1,2\n", "row 2, column image: the cell holds a NUL"),
        ('sep="\nimage,S_x,S_y\na,1,x\n', "S_y"),
        ("film,landmark,x_px,y_px\n" + ("a," + "S" * 30_000 + ",1,2\n") * 2, "twice"),
        ("image,S_x,S_y\n" + ("," * 1_999 + "\n") * 1_600, "cells"),
    ],
    ids=range(10),
)  # fmt: skip
def test_a_monstrous_table_is_refused_in_a_short_sentence(
    tmp_path: Path, text: str, words: str
) -> None:
    with pytest.raises(FormatError, match=words) as caught:
        read_truth(_file(tmp_path, text))
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"{HEADER}\na;S;1,5;2.5\n", "two ways"),
        (f"{HEADER}\na;S;1.234,5;2\n", "column x_px: '1.234,5' is not a number"),
        ('film,landmark,x_px,y_px\na,S,"1,234","2,345"\n', "two ways"),
        ("film,landmark,x_px,y_px\n\na,S,1_0,2\n", "row 3"),
        ("image,S_x,S_y,N_x,N_y\na,1,2,3,4\nb,1,2\n", "row 3: 3 cells"),
        ("image,S_x,S_y\na,1,2,9\n", "row 2: 4 cells"),
        ("film,landmark,x_px,y_px,state\na,S,1,2", "row 2: 4 cells"),
        ("film,landmark,x_px,y_px,mm_per_px\na,S,1,2,0.1\na,N,1,3,0.2\n", "two pixel sizes"),
        ("film,landmark,x_px,y_px,mm_per_px\na,S,1,2,0\n", "positive"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(FormatError, match=words):
        read_truth(_file(tmp_path, text))


def test_a_workbook_is_named_as_one(tmp_path: Path) -> None:
    path = tmp_path / "truth.csv"
    path.write_bytes(b"PK\x03\x04 and so on")
    with pytest.raises(FormatError, match="workbook"):
        read_truth(path)


def test_an_apostrophe_that_a_spreadsheet_bent_is_straight(tmp_path: Path) -> None:
    assert read_truth(_file(tmp_path, "image,Pog’_x,Pog’_y\na,1,2\n")).landmarks == ("Pog'",)


def test_a_table_tells_digests_and_pixel_sizes(tmp_path: Path) -> None:
    header = "film,sha256,landmark,x_px,y_px,scale,mm_per_px_x,mm_per_px_y"
    rows = "a.png,AA,S,1,2,ruler,0.1,0.12\nb.png,bb,S,1,2,unverified,0.1,0.1\nb.png,cc,S,3,4,,,\n"
    table = read_truth(_file(tmp_path, f"{header}\n{rows}"))
    assert table.digests == {"a.png": "aa", "b.png (bb)": "bb", "b.png (cc)": "cc"}
    assert table.mm_per_px == {"a.png": (0.1, 0.12)}
