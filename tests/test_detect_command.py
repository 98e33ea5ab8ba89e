"""cephview detect: what it says of a film, and how films that lie the wrong way are detected."""

import csv
import io
import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from cephview.__main__ import main
from cephview.commands import models
from cephview.core.detection import DetectedPoint, Detection, Likeness, Turn
from cephview.formats.dicom_write import write_film_dicom
from cephview.network import detector

MIRRORED = Turn(mirrored=True)
LIKE, UNLIKE = Likeness(0.5, 0.02), Likeness(3.0, 0.02, "the points do not lie as on a face")
AS_ON_FILE = Turn()


class Stub:
    """A detector that finds the likeness it is given for a film's name, until it is turned."""

    def __init__(self, likenesses, sella=(10.0, 20.0)):
        self.likenesses = likenesses
        self.sella = sella
        self.asked = []

    def detect(self, film, passes=1, should_stop=None, turn=AS_ON_FILE):
        self.asked.append((film.name, turn))
        points = [("S", self.sella), ("N", (80.0, 20.0))]
        return Detection(
            tuple(DetectedPoint(i, xy, 1.0, xy, 1.0) for i, xy in points),
            "m" * 64, "stub", passes, "cpu", 0.1, turn=turn,
            likeness=LIKE if turn else self.likenesses.get(film.name, LIKE),
            landmark_set="isbi19",
        )  # fmt: skip


@pytest.fixture
def detect(tmp_path, monkeypatch, capsys):
    """Run the command on films; return its rows of S, refined, by film, and what it said."""
    monkeypatch.setattr(models, "find_model", lambda name: tmp_path)

    def run(stub, *names, options=(), code=0):
        monkeypatch.setattr(detector.Detector, "load", lambda *_: stub)
        films = [tmp_path / name for name in names]
        for film in films:
            if not film.exists():
                Image.fromarray(np.zeros((240, 200), np.uint8)).save(film)
        out = tmp_path / "points.csv"
        assert main(["detect", *map(str, films), "--out", str(out), *options]) == code
        with out.open(encoding="utf-8", newline="") as file:
            rows = {
                row["film"].rpartition("/")[2]: row
                for row in csv.DictReader(file)
                if row["landmark"] == "S" and row["layer"] == "refined"
            }
        return rows, capsys.readouterr().err.replace(f"{tmp_path}/", "")

    return run


def better(turn):
    return replace(UNLIKE, better=turn)


WRONG = {
    "mirrored.png": better(MIRRORED),
    "lying.png": better(Turn(quarters=1)),
    "negative.png": better(Turn(negative=True)),
    "heads.png": UNLIKE,
    "usual.png": LIKE,
}


def columns(rows, name):
    return [rows[name][key] for key in ("ood_score", "orientation", "turned")]


def test_what_is_amiss_with_a_film_is_said_and_written(detect):
    rows, said = detect(Stub(WRONG), *WRONG)
    assert columns(rows, "mirrored.png") == ["3.000", "mirrored", "no"]
    assert columns(rows, "lying.png") == ["3.000", "turned to the left", "no"]
    assert columns(rows, "negative.png") == ["3.000", "negative", "no"]
    assert columns(rows, "heads.png") == ["3.000", "unknown", "no"]
    assert columns(rows, "usual.png") == ["0.500", "upright", "no"]
    assert rows["usual.png"]["warning"] == ""
    assert {row["landmark_set"] for row in rows.values()} == {"isbi19"}
    lines = said.splitlines()
    assert (
        len(lines) == 5
        and lines[4] == "cephview: with --turn auto 3 films would be turned for the model."
    )
    assert lines[0] == f"cephview: mirrored.png: {rows['mirrored.png']['warning']}"
    assert "do not rely on them" in lines[0]
    assert "heads.png: This film is unlike those the model was trained on" in lines[3]


def test_films_are_turned_for_the_model_without_a_question(detect):
    stub = Stub(WRONG)
    rows, said = detect(stub, *WRONG, options=["--turn", "auto"])
    assert stub.asked[:2] == [("mirrored.png", AS_ON_FILE), ("mirrored.png", MIRRORED)]
    assert columns(rows, "mirrored.png") == ["0.500", "mirrored", "yes"]
    assert columns(rows, "heads.png") == ["3.000", "unknown", "no"]
    assert "mirrored.png: This film looks mirrored: the face is to the left. It was turned" in said
    assert rows["mirrored.png"]["x_px"] == "10.000"


@pytest.mark.parametrize("turn", [["--turn", "never"], ["--turn", "ask"], []])
def test_nothing_is_turned_or_asked_where_there_is_no_terminal(detect, monkeypatch, turn):
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    stub = Stub(WRONG)
    rows, _ = detect(stub, "mirrored.png", options=turn)
    assert columns(rows, "mirrored.png") == ["3.000", "mirrored", "no"]
    assert len(stub.asked) == 1


@pytest.mark.parametrize(
    ("answer", "turned"),
    [("y\n", "yes"), ("Yes\n", "yes"), ("\n", "no"), ("n\n", "no"), ("", "no")],
)
def test_on_a_terminal_one_question_is_asked_when_all_films_are_done(
    detect, monkeypatch, answer, turned
):
    terminal = io.StringIO(answer)
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stdin", terminal)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    rows, said = detect(Stub(WRONG), *WRONG)
    assert said.count("[y/N]") == 1 and "Turn these 3 films" in said
    names = ("mirrored.png", "lying.png", "negative.png")
    assert [rows[name]["turned"] for name in names] == [turned] * 3
    assert rows["heads.png"]["turned"] == "no"


def test_no_question_is_asked_of_films_that_lie_well(detect, monkeypatch):
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stdin", terminal)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    _, said = detect(Stub(WRONG), "usual.png", "heads.png")
    assert "[y/N]" not in said


def test_a_film_that_cannot_be_read_stops_no_other(detect, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    rows, said = detect(Stub(WRONG), "broken.png", "mirrored.png", code=1)
    assert list(rows) == ["mirrored.png"] and len(said.splitlines()) == 3


def test_a_model_that_cannot_tell_leaves_the_columns_empty(detect):
    rows, said = detect(Stub({"a.png": None}), "a.png")
    assert columns(rows, "a.png") == ["", "", "no"] and said == ""


def test_a_scale_that_the_points_contradict_is_said(tmp_path, detect):
    for name, mm_per_px in (("right.dcm", 1.0), ("wrong.dcm", 0.1)):
        write_film_dicom(
            tmp_path / name,
            np.zeros((240, 200), np.uint16),
            bits_stored=12,
            imager_pixel_spacing_mm=(mm_per_px, mm_per_px),
            magnification=None,
            patient_id="A",
            synthetic=True,
        )
    rows, said = detect(Stub({}), "right.dcm", "wrong.dcm")
    assert rows["right.dcm"]["warning"] == ""
    assert "Sella to nasion measures 7 mm" in rows["wrong.dcm"]["warning"]
    assert said == f"cephview: wrong.dcm: {rows['wrong.dcm']['warning']}\n"


def test_a_file_of_several_pictures_is_said_and_chosen(detect, tmp_path):
    pages = [Image.fromarray(np.full((240, 200), grey, np.uint8)) for grey in (10, 20)]
    pages[0].save(tmp_path / "pages.tif", save_all=True, append_images=pages[1:])
    stub = Stub({})
    _, err = detect(stub, "pages.tif")
    assert "“pages.tif” holds 2 pictures, of which this is number 1." in err
    assert "Another is named pages.tif#2." in err
    out = tmp_path / "points.csv"
    assert main(["detect", str(tmp_path / "pages.tif#2"), "--out", str(out)]) == 0
    assert [name for name, _ in stub.asked] == ["pages.tif", "pages.tif#2"]
    assert "pages.tif#2,S,refined" in out.read_text(encoding="utf-8")
