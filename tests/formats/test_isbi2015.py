from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cephview.formats.errors import FormatError
from cephview.formats.isbi2015 import LANDMARKS
from cephview.formats.open_truth import open_truth

CLASSES = "1\n" * 8


def points(shift: int = 0) -> str:
    return "".join(f"{100 + i + shift},{200 + i}\n" for i in range(19))


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_the_landmarks_are_those_of_the_shipped_set(repository: Path) -> None:
    from cephview.places import load_landmark_set

    assert load_landmark_set("isbi19").ids == LANDMARKS


def test_one_reader_as_the_challenge_gives_it(tmp_path: Path) -> None:
    folder = write(tmp_path / "400_senior", "001.txt", points() + CLASSES)
    write(folder, "licence.txt", "not points")
    known = open_truth(folder)
    assert known.origin == "ISBI 2015, senior"
    assert known.table.landmarks == LANDMARKS
    assert known.table.points["001"]["S"] == (100.0, 200.0)
    assert known.table.points["001"]["Ar"] == (118.0, 218.0)
    assert known.of("001.bmp") == known.of("001.jpg") == known.table.points["001"]
    assert known.of("002.bmp") == {}


@pytest.mark.parametrize("outer", ["", "AnnotationsByMD"])
def test_both_readers_give_their_mean_unrounded(tmp_path: Path, outer: str) -> None:
    write(tmp_path / outer / "400_senior", "001.txt", points() + CLASSES)
    write(tmp_path / outer / "400_junior", "001.txt", points(shift=3) + CLASSES)
    known = open_truth(tmp_path)
    assert known.origin == "ISBI 2015, mean of senior and junior"
    assert known.table.points["001"]["S"] == (101.5, 200.0)


def test_a_film_of_one_reader_alone_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "400_senior", "001.txt", points() + CLASSES)
    write(tmp_path / "400_junior", "001.txt", points() + CLASSES)
    write(tmp_path / "400_junior", "002.txt", points() + CLASSES)
    with pytest.raises(FormatError, match=r"002.* from one reader alone"):
        open_truth(tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "0 lines"),
        (points()[: points().rindex("118")] + CLASSES, "does not end in the 8 classes"),
        (points() + points(), "does not end in the 8 classes"),
        (points() + "1\n" * 7, "does not end in the 8 classes"),
        (points() + "one\n" * 8, "does not end in the 8 classes"),
        (points().replace("100,200", "100;200") + CLASSES, "line 1"),
        (points().replace("100,200", "nan,200") + CLASSES, "line 1"),
        (points().replace("100,200", "1e999,200") + CLASSES, "line 1"),
        (points().replace("100,200", "100,200,300") + CLASSES, "line 1"),
        ("1,1\n" * 300_000, "too large"),
    ],
)
def test_a_doubtful_file_is_refused(tmp_path: Path, text: str, words: str) -> None:
    folder = write(tmp_path, "001.txt", text)
    with pytest.raises(FormatError, match=words) as caught:
        open_truth(folder)
    assert "001.txt" in str(caught.value) and "\n" not in str(caught.value)


def test_a_folder_of_neither_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="neither the text files of ISBI 2015 nor"):
        open_truth(tmp_path)
    (tmp_path / "400_senior").mkdir()
    with pytest.raises(FormatError, match=r"no points in files like 001\.txt"):
        open_truth(tmp_path)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.one_of(st.binary(max_size=400), st.text("0123456789,.-+e \n\t", max_size=400)))
def test_any_bytes_are_points_or_one_sentence(tmp_path: Path, content: bytes | str) -> None:
    data = content if isinstance(content, bytes) else (points() + content).encode()
    (tmp_path / "001.txt").write_bytes(data)
    try:
        known = open_truth(tmp_path)
    except FormatError as error:
        assert "001.txt" in str(error) and str(error).endswith(".") and "\n" not in str(error)
    else:
        assert len(known.table.points["001"]) == 19
