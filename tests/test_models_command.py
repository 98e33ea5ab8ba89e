"""cephview models: what is installed, how it came about, which is at work, and taking it along."""

import os
import zipfile

import numpy as np
import pytest
import torch

from cephview import places
from cephview.__main__ import main
from cephview.commands import CommandError
from cephview.commands import models as command
from cephview.core.film import Film
from cephview.core.model_info import ModelInfo
from cephview.core.reading import Start
from cephview.core.tracing import Tracing
from cephview.core.unfinished import FILE as UNFINISHED
from cephview.core.unfinished import UNDECIDED
from cephview.network.config import PRESETS
from cephview.network.model import DualEncoder
from cephview.network.weights import read_info, save_model
from cephview.phantom import LANDMARKS
from cephview.store import Workspace


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A shipped model and one that was taught from it, and an empty workspace."""
    monkeypatch.setattr(command, "models_dir", lambda: tmp_path / "shipped")
    monkeypatch.setattr(command, "user_dir", lambda: tmp_path / "user")
    landmarks = tuple(LANDMARKS)
    torch.manual_seed(0)
    network = DualEncoder(PRESETS["tiny"].network, len(landmarks))
    base = save_model(
        tmp_path / "shipped" / "isbi19-base", network, ModelInfo(
            "isbi19-base", "isbi19", landmarks, (96, 128), "", terms="none",
            metrics={"validation.refined.mre_mm": 1.25, "validation.refined.S.mre_mm": 9.0},
        ))  # fmt: skip
    save_model(
        tmp_path / "user" / "models" / "mine", network, ModelInfo(
            "mine", "isbi19", landmarks, (96, 128), "", parent=base.sha256, seed=7,
            created="2026-11-25T12:00:00Z", data_digest="abc", settings={"way": "convention"},
            convention={"S": (0.01, 0.0)},
            metrics={"holdout.parent.refined.mre_mm": 1.7, "holdout.refined.mre_mm": 1.4},
        ))  # fmt: skip
    Workspace.open(tmp_path / "workspace").close()
    return tmp_path


def run(*arguments, code=0):
    assert main(["models", *map(str, arguments)]) == code


def test_list_marks_the_one_at_work_and_activate_goes_back_to_any(installed, capsys):
    workspace = installed / "workspace"
    run("list", "--workspace", workspace)
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("* isbi19-base") and "1.25 mm" in first
    assert second.startswith("  mine") and "1.40 mm" in second
    run("activate", "mine", "--workspace", workspace)
    capsys.readouterr()
    run("list", "--workspace", workspace)
    assert [line[0] for line in capsys.readouterr().out.splitlines()] == [" ", "*"]
    run("activate", "isbi19-base", "--workspace", workspace)
    run("activate", "no-such", "--workspace", workspace, code=1)


def test_show_tells_how_a_model_came_about(installed, capsys):
    run("show", "mine")
    shown = capsys.readouterr().out
    parent = read_info(installed / "shipped" / "isbi19-base").sha256
    for words in ("2026-11-25T12:00:00Z", "abc", "convention", "1.7", "1.4", parent[:12]):
        assert words in shown
    assert "isbi19-base, " in shown and "S.mre" not in shown


def test_verify_finds_what_was_changed(installed, capsys):
    run("verify")
    assert capsys.readouterr().out.count("whole") == 2
    weights = installed / "user" / "models" / "mine" / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    run("verify", code=1)
    assert "SHA-256 differs" in capsys.readouterr().out
    run("verify", "isbi19-base")


def test_a_model_goes_to_another_computer_and_is_the_same(installed, capsys):
    file = installed / "mine.zip"
    run("export", "mine", "--out", file)
    run("export", "mine", "--out", file, code=1)
    run("import", file, code=1)
    assert "is there already" in capsys.readouterr().err
    run("import", file, "--name", "theirs")
    theirs = installed / "user" / "models" / "theirs"
    assert read_info(theirs) == read_info(installed / "user" / "models" / "mine")
    assert sorted(p.name for p in theirs.parent.iterdir()) == ["mine", "theirs"]


def test_an_archive_puts_nothing_elsewhere_and_is_checked_first(installed, capsys):
    file = installed / "mine.zip"
    run("export", "mine", "--out", file)
    run("import", file, "--name", "../out", code=1)
    bad = installed / "bad.zip"
    with zipfile.ZipFile(file) as good, zipfile.ZipFile(bad, "w") as archive:
        archive.writestr("model.toml", good.read("model.toml"))
        archive.writestr("model.safetensors", good.read("model.safetensors")[:-1] + b"\0")
    run("import", bad, "--name", "bad", code=1)
    assert "SHA-256 differs" in capsys.readouterr().err
    with zipfile.ZipFile(file) as good, zipfile.ZipFile(bad, "w") as archive:
        archive.writestr("../evil", b"x")
        archive.writestr("model.toml", good.read("model.toml"))
        archive.writestr("model.safetensors", good.read("model.safetensors"))
    run("import", bad, "--name", "bad", code=1)
    assert "no part of a model" in capsys.readouterr().err
    (installed / "none.zip").write_bytes(b"no archive")
    run("import", installed / "none.zip", code=1)
    assert "cannot be read as an archive" in capsys.readouterr().err
    assert not (installed / "user" / "evil").exists()
    assert [p.name for p in (installed / "user" / "models").iterdir()] == ["mine"]


def test_the_real_places_are_used():
    assert command.models_dir is places.models_dir


@pytest.mark.parametrize("note", [UNDECIDED, UNFINISHED])
def test_a_candidate_is_called_one_and_is_not_taken_for_a_model(installed, capsys, note):
    folder = installed / "user" / "models" / "mine"
    (folder / note).write_text("{}")
    run("list")
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("  isbi19-base") and "not decided on" not in first
    assert second.startswith("? mine") and second.endswith("candidate, not decided on")
    for model in ("mine", folder):
        run("activate", model, "--workspace", installed / "workspace", code=1)
        run("export", model, "--out", installed / "mine.zip", code=1)
        assert capsys.readouterr().err.count("nobody has decided on") == 2
    with Workspace.open(installed / "workspace") as workspace:
        assert workspace.active_model() == ""
    with pytest.raises(CommandError, match="nobody has decided on"):
        command.find_model("mine")
    # To measure it, it may be named by its folder.
    assert command.find_model(str(folder)) == folder


@pytest.mark.parametrize("reader", ["", "Ben"])
def test_a_model_of_another_set_is_not_activated_for_films_that_are_traced(
    installed, capsys, reader
):
    network = DualEncoder(PRESETS["tiny"].network, 2)
    folder = installed / "user" / "models" / "other"
    save_model(folder, network, ModelInfo("other", "aariz29", ("S", "N"), (96, 128), ""))
    with Workspace.open(installed / "workspace") as workspace:
        film = Film(np.zeros((20, 10), np.uint8), sha256="a" * 64, name="film.png")
        workspace.remember_film(film, installed / "film.png")
        tracing = Tracing.empty("isbi19", places.load_landmark_set("isbi19").ids)
        number = workspace.begin_reading(reader, Start.NOTHING).number if reader else 0
        tracing = tracing.moved("S", (1, 2), by="Ann", at="2026-01-01")
        workspace.append_commit(film.sha256, tracing, number)
    run("activate", "other", "--workspace", installed / "workspace", code=1)
    assert "landmarks of the set aariz29" in capsys.readouterr().err
    run("activate", "mine", "--workspace", installed / "workspace")


def test_bad_folders_are_named_set_aside_and_disturb_no_other(installed, capsys):
    models = installed / "user" / "models"
    text = (models / "mine" / "model.toml").read_text()
    endless = text.replace("96,", "inf,")
    assert endless != text
    bad = {"endless": endless, "nothing": "", "zeros": "\0" * 1000, "large": "#" * 300_000}
    for name, content in bad.items():
        (models / name).mkdir()
        (models / name / "model.toml").write_text(content)
    (models / "folder" / "model.toml").mkdir(parents=True)
    (models / "loop").mkdir()
    (models / "loop" / "model.toml").symlink_to(models / "loop" / "model.toml")
    if hasattr(os, "mkfifo"):
        (models / "pipe").mkdir()
        os.mkfifo(models / "pipe" / "model.toml")
    (models / "bare").mkdir()
    (models / "bare" / "model.safetensors").write_bytes(b"being written")
    (models / "notes").mkdir()
    bad_ones = {path.name for path in models.iterdir()} - {"mine", "notes"}
    run("list")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:2]] == ["isbi19-base", "mine"]
    assert len(lines) == 2 + len(bad_ones) and all(line[:11] == "! set aside" for line in lines[2:])
    assert all(any(name in line for line in lines[2:]) for name in bad_ones)
    run("verify", code=1)
    out, err = capsys.readouterr()
    assert out.count("\nnot whole") == len(bad_ones) and "Traceback" not in out + err
    for name in bad_ones:
        for arguments in (("export", name, "--out", installed / "x.zip"), ("show", name)):
            run(*arguments, code=1)
            assert name in capsys.readouterr().err and not (installed / "x.zip").exists()
    run("verify", "mine")


def test_two_landmarks_exchanged_are_found(installed, capsys):
    path = installed / "user" / "models" / "mine" / "model.toml"
    text = path.read_text()
    path.write_text(text.replace('"S"', '"?"', 1).replace('"N"', '"S"', 1).replace('"?"', '"N"', 1))
    run("verify", "mine", code=1)
    assert "not the description that the weights were saved with" in capsys.readouterr().out
