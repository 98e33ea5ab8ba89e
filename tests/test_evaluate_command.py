"""cephview evaluate with its report, on phantoms and a tiny model."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
import torch

from cephview.__main__ import main
from cephview.core.model_info import ModelInfo
from cephview.formats.isbi2015 import LANDMARKS as ISBI_ORDER
from cephview.network.config import PRESETS
from cephview.network.model import DualEncoder
from cephview.network.weights import save_model
from cephview.phantom import LANDMARKS
from cephview.phantom.dataset import write_dataset


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "phantoms"
    write_dataset(folder, 3, 5, (194, 240))
    (folder / "splits.json").write_text(json.dumps({"duplicate_pairs": [[1, 3]]}))
    return folder


@pytest.fixture(scope="module")
def arguments(films, tmp_path_factory) -> list[str]:
    folder = tmp_path_factory.mktemp("models") / "tiny"
    landmarks = tuple(LANDMARKS)[:5]
    torch.manual_seed(0)
    network = DualEncoder(PRESETS["tiny"].network, len(landmarks))
    save_model(folder, network, ModelInfo("tiny", "isbi19", landmarks, (96, 128), sha256=""))
    truth = str(films / "landmarks.csv")
    return ["evaluate", "--films", str(films), "--truth", truth, "--model", str(folder)]


def test_a_report_with_a_second_reader(films, arguments, tmp_path, capsys):
    report = tmp_path / "out"
    more = ["--mm-per-px", "1", "--other-reader", str(films / "landmarks.csv")]
    assert main([*arguments, *more, "--report", str(report)]) == 0
    said = capsys.readouterr().out
    assert "2 of the films are duplicates of one another" in said
    assert "Left out, unknown to the model: " in said
    assert f"report: {report / 'evaluation.html'}" in said
    values = json.loads((report / "evaluation.json").read_text())
    assert values["films_folder"] == "phantoms" and len(values["films"]) == 3
    assert len(values["landmarks"]) == 5 and len(values["not_known"]) == 14
    assert values["reader"]["overall"]["reader"] == 0.0
    page = (report / "evaluation.html").read_text("utf-8")
    assert "data:image/jpeg" in page and "Sella" in page
    assert str(films) not in page and str(films) not in json.dumps(values)


def test_a_truth_without_any_point_is_one_sentence(films, arguments, tmp_path, capsys):
    empty = tmp_path / "landmarks.csv"
    empty.write_text("image,S_x,S_y\n001.png,,\n")
    changed = [str(empty) if a.endswith("landmarks.csv") else a for a in arguments]
    assert main(changed) == 1
    assert "holds no point of any film" in capsys.readouterr().err


def test_films_may_be_left_out(arguments, tmp_path, capsys):
    out = tmp_path / "figures.json"
    assert main([*arguments, "--mm-per-px", "1", "--leave-out", "1,2", "--json", str(out)]) == 0
    values = json.loads(out.read_text())
    assert [film["film"] for film in values["films"]] == ["003.png"]
    assert values["duplicates"] == 0 and values["choice"] == "without 1,2"
    assert "duplicates" not in capsys.readouterr().out


def test_a_fold_that_holds_none_of_the_films_is_one_sentence(arguments, tmp_path, capsys):
    split = tmp_path / "split.json"
    split.write_text(json.dumps({"validation": ["x.png"], "other": ["003.jpg"]}))
    assert main([*arguments, "--split", str(split)]) == 1
    assert "no film of the fold 'validation'" in capsys.readouterr().err
    assert main([*arguments, "--split", str(split), "--fold", "none"]) == 1
    assert "has no fold 'none'" in capsys.readouterr().err
    split.write_text("[")
    assert main([*arguments, "--split", str(split)]) == 1
    assert "split.json" in (said := capsys.readouterr().err) and "unexpected" not in said


def test_films_named_as_the_truth_of_another_format(films, arguments, tmp_path, capsys):
    """The challenge's text files of the same points give the same figures."""
    place = tmp_path / "400_senior"
    place.mkdir()
    with (films / "landmarks.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            pairs = "".join(f"{row[f'{i}_x']},{row[f'{i}_y']}\n" for i in ISBI_ORDER)
            (place / Path(row["image"]).with_suffix(".txt").name).write_text(pairs)
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    assert main([*arguments, "--mm-per-px", "1", "--json", str(first)]) == 0
    changed = [str(place) if a.endswith("landmarks.csv") else a for a in arguments]
    assert main([*changed, "--mm-per-px", "1", "--json", str(second)]) == 0
    one, other = (json.loads(path.read_text()) for path in (first, second))
    assert one["refined"]["mre"] == other["refined"]["mre"]
    assert other["truth"] == "ISBI 2015, senior"


def test_a_broken_film_is_left_out_named_and_counted(films, arguments, tmp_path, capsys):
    folder = tmp_path / "films"
    shutil.copytree(films, folder)
    film = folder / "images" / "002.png"
    film.write_bytes(film.read_bytes()[:500])
    changed = [str(folder) if a == str(films) else a for a in arguments]
    out = tmp_path / "figures.json"
    assert main([*changed, "--mm-per-px", "1", "--json", str(out)]) == 0
    said = capsys.readouterr()
    assert "1 film left out:" in said.err and "“002.png”" in said.err
    assert "cannot be opened" in said.out
    values = json.loads(out.read_text())
    assert len(values["films"]) == 2 and values["refused"] == 1
    assert values["scale"] == ["Pixel size 1 mm, as --mm-per-px says: 2 films."]


def test_impossible_points_end_in_one_sentence_that_names_them(films, arguments, tmp_path, capsys):
    table = tmp_path / "landmarks.csv"
    table.write_text("film;landmark;x_px;y_px\n001.png;S;5000;10,5\n")
    changed = [str(table) if a.endswith("landmarks.csv") else a for a in arguments]
    assert main(changed) == 1
    said = capsys.readouterr().err
    assert "“001.png” has S at (5000, 10.5) outside its 194 x 240 pixels" in said


def test_a_console_without_the_letters_of_a_name_ends_no_command(tmp_path, monkeypatch):
    out = io.TextIOWrapper(io.BytesIO(), encoding="cp437", errors="strict")
    monkeypatch.setattr("sys.stdout", out)
    film = tmp_path / "кадр.png"
    monkeypatch.setattr("cephview.__main__._run", lambda arguments: print(film) or 0)
    assert main(["detect"]) == 0
    out.flush()
    assert rb"\u043a\u0430\u0434\u0440.png" in out.buffer.getvalue()
