"""The commands other programs rely on, on phantoms and a tiny model."""

import csv
import json
from pathlib import Path

import pytest
import torch

from cephview.__main__ import main
from cephview.core.model_info import ModelInfo
from cephview.network.config import PRESETS
from cephview.network.model import DualEncoder
from cephview.network.weights import save_model
from cephview.phantom import LANDMARKS
from cephview.phantom.dataset import write_dataset
from cephview.places import demo_film


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    write_dataset(folder, 8, 5, (194, 240))
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tiny"
    landmarks = tuple(LANDMARKS)
    torch.manual_seed(0)
    network = DualEncoder(PRESETS["tiny"].network, len(landmarks))
    save_model(folder, network, ModelInfo("tiny", "isbi19", landmarks, (96, 128), sha256=""))
    return folder


def rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_detect_writes_both_layers_with_millimetres_where_there_is_a_scale(
    films, model, tmp_path, capsys
):
    png = str(films / "images" / "001.png")
    out = tmp_path / "points.csv"
    assert main(["detect", str(demo_film()), png, "--model", str(model), "--out", str(out)]) == 0
    found = rows(out)
    header = ",".join(found[0])
    # What a reader of such tables goes by stays first; what was added since follows.
    before = "film,landmark,layer,x_px,y_px,sigma_px,x_mm,y_mm,sigma_mm,scale,model"
    assert header == f"{before},landmark_set,ood_score,orientation,turned,warning"
    assert [r["film"] for r in found] == ["phantom.dcm"] * 38 + ["001.png"] * 38
    assert {r["layer"] for r in found} == {"coarse", "refined"}
    assert found[0]["scale"] == "magnification-corrected" and float(found[0]["x_mm"]) != 0
    assert found[-1]["x_mm"] == ""


def test_detect_names_the_film_it_cannot_read_and_goes_on(films, model, tmp_path, capsys):
    bad = tmp_path / "notes.dcm"
    bad.write_text("not a film")
    out = tmp_path / "points.csv"
    good = films / "images" / "001.png"
    assert main(["detect", str(bad), str(good), "--model", str(model), "--out", str(out)]) == 1
    assert "notes.dcm" in capsys.readouterr().err
    assert len(rows(out)) == 38


def test_no_command_writes_over_a_film(films, model, tmp_path, capsys):
    film, other = (films / "images" / name for name in ("001.png", "002.png"))
    before = other.read_bytes()
    assert main(["detect", str(film), "--model", str(model), "--out", str(other)]) == 1
    arguments = ["--films", str(film.parent), "--truth", str(films / "landmarks.csv")]
    arguments += ["--mm-per-px", "1", "--model", str(model), "--only", "1"]
    assert main(["evaluate", *arguments, "--json", str(other)]) == 1
    assert capsys.readouterr().err.count("002.png” is a film") == 2
    assert other.read_bytes() == before


def test_evaluate_prints_and_writes_the_figures(films, model, tmp_path, capsys):
    report = tmp_path / "report.json"
    arguments = ["--films", str(films / "images"), "--truth", str(films / "landmarks.csv")]
    arguments += ["--mm-per-px", "1", "--model", str(model), "--only", "2-4"]
    assert main(["evaluate", *arguments, "--json", str(report)]) == 0
    written = json.loads(report.read_text())
    assert written["refined"]["films"] == 3 and written["refined"]["unit"] == "mm"
    assert f"{written['refined']['mre']:.3f}" in capsys.readouterr().out


def hand_of(model, films, folder):
    """Write the table of a hand that has one landmark by 4 mm from where a model sees it."""
    found = folder / "found.csv"
    paths = [str(path) for path in sorted((films / "images").iterdir())]
    assert main(["detect", *paths, "--model", str(model), "--out", str(found)]) == 0
    table = folder / "hand.csv"
    with found.open(newline="") as file, table.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(("film", "landmark", "x_px", "y_px"))
        for row in csv.DictReader(file):
            if row["layer"] == "refined":
                up = 4.0 if row["landmark"] == "Me" else 0.0
                where = (float(row["x_px"]), float(row["y_px"]) - up)
                writer.writerow((Path(row["film"]).name, row["landmark"], *where))
    return table


def test_train_then_finetune_from_a_folder(films, tmp_path, capsys):
    out = tmp_path / "trained"
    data = ["--data", str(films), "--mm-per-px", "1", "--cache", str(tmp_path / "cache")]
    tiny = ["--preset", "tiny", "--steps", "4", "--batch", "2", "--validation", "2"]
    assert main(["train", *data, *tiny, "--phantoms", "2", "--out", str(out)]) == 0
    assert "measured on the validation films" in capsys.readouterr().out
    assert len(json.loads((out / "split.json").read_text())["validation"]) == 2
    truth = hand_of(out, films, tmp_path)
    source = ["--films", str(films), "--truth", str(truth), "--mm-per-px", "1"]
    new = tmp_path / "new"
    assert main(["finetune", *source, "--model", str(out), "--out", str(new), "--steps", "4"]) == 0
    assert "etter: on" in capsys.readouterr().out
    assert (new / "model.toml").is_file()


def test_a_model_that_is_not_there_is_never_replaced_by_another(films, tmp_path, capsys):
    film, out = str(films / "images" / "001.png"), tmp_path / "points.csv"
    assert main(["detect", film, "--model", "no-such", "--out", str(out)]) == 1
    assert "no model is called 'no-such'" in capsys.readouterr().err
    assert not out.exists()


def test_a_damaged_model_is_refused(films, model, tmp_path, capsys):
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    for file in model.iterdir():
        (damaged / file.name).write_bytes(file.read_bytes())
    content = bytearray((damaged / "model.safetensors").read_bytes())
    content[100] ^= 1
    (damaged / "model.safetensors").write_bytes(content)
    film, out = str(films / "images" / "001.png"), str(tmp_path / "points.csv")
    assert main(["detect", film, "--model", str(damaged), "--out", out]) == 1
    assert "SHA-256 differs" in capsys.readouterr().err
