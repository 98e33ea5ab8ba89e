"""export, audit and agreement take the films that were asked for, and no whole path goes out."""

import csv
import hashlib
import json

import numpy as np
import pytest

from cephview import __main__, places
from cephview.core.film import Film
from cephview.core.reading import Start
from cephview.core.scale import PixelSize, Provenance
from cephview.core.tracing import Tracing
from cephview.store import Workspace
from cephview.store.leaving_out import put_in_bin, set_skipped

AT = "2026-01-02T03:04:05+00:00"
FILMS = ("anna/one.png", "anna/two.png", "Bernd/one.png")


@pytest.fixture
def size():
    return PixelSize(0.1, 0.1, Provenance.DETECTOR)


@pytest.fixture
def workspace(tmp_path, size):
    """Three films of two patients, two readings of each, and a model that was made active."""
    folder = tmp_path / "workspace"
    empty = Tracing.empty("isbi19", places.load_landmark_set("isbi19").ids)
    with Workspace.open(folder, author="a hand") as opened:
        ben = opened.begin_reading("Ben", Start.NOTHING).number
        for n, name in enumerate(FILMS):
            film = Film(np.zeros((20, 10), np.uint8), digest(name), name.split("/")[1], size)
            opened.remember_film(film, tmp_path / "clinic" / name)
            for reading, by in ((0, "Ann"), (ben, "Ben")):
                moved = empty.moved("S", (n + 1, n + 2), by=by, at=AT)
                opened.append_commit(film.sha256, moved, reading)
            opened.append_work(film.sha256, 60.0, at=AT)
        opened.set_active_model(str(tmp_path / "models" / "mine"))
    return folder


def digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def export(workspace, out, *options):
    kind = "coco" if out.suffix == ".json" else "csv"
    command = ["export", "--workspace", str(workspace), "--format", kind, "--out", str(out)]
    return __main__.main([*command, *options])


@pytest.mark.parametrize(
    ("options", "films"),
    [
        ([], ["anna/one.png", "anna/two.png", "Bernd/one.png"]),
        (["--only", "TWO"], ["two.png"]),
        (["--only", "o?e"], ["anna/one.png", "Bernd/one.png"]),
        (["--films", "two.png"], ["two.png"]),
        (["--films", "anna/*"], ["one.png", "two.png"]),
        (["--films", "anna/one.png", "bernd/one.png"], ["anna/one.png", "Bernd/one.png"]),
        (["--films", "anna/*", "--only", "one"], ["one.png"]),
        (["--names", "pseudonym"], ["film-001", "film-002", "film-003"]),
        (["--films", "anna/*", "--names", "file"], ["one.png", "two.png"]),
    ],
)
def test_export_takes_what_was_asked_for(workspace, tmp_path, options, films):
    out = tmp_path / "points.csv"
    assert export(workspace, out, *options) == 0
    assert sorted(row["film"] for row in read(out)) == sorted(films)
    coco = tmp_path / "points.json"
    assert export(workspace, coco, *options) == 0
    images = json.loads(coco.read_text(encoding="utf-8"))["images"]
    assert sorted(image["file_name"] for image in images) == sorted(films)
    assert str(tmp_path) not in out.read_text() + coco.read_text()


def test_a_film_is_named_by_its_whole_path_too(workspace, tmp_path):
    out = tmp_path / "points.csv"
    assert export(workspace, out, "--films", str(tmp_path / "clinic" / "anna" / "one.png")) == 0
    assert len(read(out)) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--films", "two.png", "three.png"], "no film three.png"),
        (["--only", "three"], "“three”"),
        (["--names", "file"], "name of several films"),
    ],
)
def test_what_cannot_be_meant_writes_nothing(workspace, tmp_path, capsys, options, said):
    out = tmp_path / "points.csv"
    assert export(workspace, out, *options) == 1
    assert said in capsys.readouterr().err and not out.exists()


def test_skipped_films_are_left_out_and_counted(workspace, tmp_path, capsys):
    with Workspace.open(workspace) as opened:
        set_skipped(opened, [digest("anna/two.png")], is_skipped=True)
    out = tmp_path / "points.csv"
    assert export(workspace, out, "--films", "anna/*") == 0
    assert "1 film is skipped" in capsys.readouterr().err
    assert [row["film"] for row in read(out)] == ["one.png"]
    assert export(workspace, out, "--only", "two") == 1
    assert "no film that was asked for has points" in capsys.readouterr().err


def test_the_audit_tells_of_films_in_the_bin_as_well(workspace, tmp_path):
    with Workspace.open(workspace) as opened:
        put_in_bin(opened, [digest("anna/two.png")], at=AT)
    out = tmp_path / "audit.csv"
    assert __main__.main(["audit", "--workspace", str(workspace), "--out", str(out)]) == 0
    assert {row["file"] for row in read(out)} == {*FILMS, ""}


def test_export_says_what_it_will_write_before_it_writes(workspace, tmp_path, capsys):
    out = tmp_path / "points.csv"
    assert export(workspace, out, "--only", "one", "--dry-run") == 0
    assert "from 2 of 3 films with points: 2 films, 2 points" in capsys.readouterr().err
    assert not out.exists()


def test_audit_takes_the_same_choices(workspace, tmp_path):
    out, time = tmp_path / "audit.csv", tmp_path / "time.csv"
    command = ["audit", "--workspace", str(workspace), "--out", str(out), "--time", str(time)]
    assert __main__.main(command) == 0
    assert {row["file"] for row in read(out)} == {*FILMS, ""}
    assert {row["file"] for row in read(time)} == set(FILMS)
    assert [row["to"] for row in read(out) if row["what"] == "active model"] == ["mine"]
    assert str(tmp_path) not in out.read_text() + time.read_text()
    # A film is called alike in every export of its workspace, whichever are chosen.
    points = tmp_path / "points.csv"
    assert export(workspace, points, "--names", "pseudonym") == 0
    (number,) = {row["film"] for row in read(points) if row["sha256"] == digest("anna/two.png")}
    assert export(workspace, points, "--films", "two.png", "--names", "pseudonym") == 0
    assert {row["film"] for row in read(points)} == {number}
    assert __main__.main([*command, "--only", "two", "--names", "pseudonym"]) == 0
    for table in (out, time):
        assert {row["film"] for row in read(table)} == {digest("anna/two.png")}
        assert {row["file"] for row in read(table)} == {number}


def test_agreement_is_of_the_chosen_films(workspace, tmp_path):
    out = tmp_path / "agreement.csv"
    command = ["agreement", "--workspace", str(workspace), "--out", str(out)]
    assert __main__.main([*command, "--films", "anna/*"]) == 0
    assert [row["films"] for row in read(out) if row["landmark"] == "S"] == ["2"]


@pytest.mark.parametrize("size", [PixelSize()])
def test_agreement_without_a_scale_is_told_in_pixels(workspace, tmp_path, capsys):
    out = tmp_path / "agreement.csv"
    assert __main__.main(["agreement", "--workspace", str(workspace), "--out", str(out)]) == 0
    row = read(out)[0]
    assert row["distance_mean_px"] == "0.000" and row["films"] == "3"
    assert "distance_mean_mm" not in row and row["agree"] == ""
    assert "Pixels, for no film has a trusted scale" in capsys.readouterr().out
