"""What commands say where points contradict their scale, or films lie the wrong way."""

import numpy as np

from cephview.__main__ import main
from cephview.commands.doubts import doubts_of_corrections
from cephview.core.film import Film
from cephview.core.learning import CorrectedFilm
from cephview.core.scale import PixelSize, Provenance
from cephview.core.tracing import Tracing
from cephview.places import load_landmark_set
from cephview.store import Workspace

HEAD = {"S": (100.0, 100.0), "N": (800.0, 100.0)}


def test_corrections_by_an_odd_scale_are_named():
    films = [CorrectedFilm(f"{n}.png", str(n), HEAD, (size, size)) for n, size in
             enumerate((0.1, 0.01, 0.01))]  # fmt: skip
    (said,) = doubts_of_corrections(films)
    assert said.startswith("1.png: Sella to nasion measures 7 mm") and "1 more film" in said
    assert doubts_of_corrections(films[:1]) == []


def test_export_says_so(tmp_path, capsys):
    with Workspace.open(tmp_path / "workspace") as workspace:
        size = PixelSize(0.01, 0.01, Provenance.DECLARED)
        film = Film(np.zeros((20, 10), np.uint8), "a" * 64, "film.png", size)
        workspace.remember_film(film, tmp_path / "film.png")
        tracing = Tracing.of(load_landmark_set("isbi19"))
        for landmark, xy in HEAD.items():
            tracing = tracing.moved(landmark, xy, by="Ann", at="2026-01-01")
        workspace.append_commit(film.sha256, tracing)
    out = tmp_path / "points.csv"
    place = str(tmp_path / "workspace")
    assert main(["export", "--workspace", place, "--format", "csv", "--out", str(out)]) == 0
    assert "Sella to nasion measures 7 mm" in capsys.readouterr().err


def test_evaluate_says_so(tmp_path, capsys):
    import torch

    from cephview.core.model_info import ModelInfo
    from cephview.network.config import PRESETS
    from cephview.network.model import DualEncoder
    from cephview.network.weights import save_model
    from cephview.phantom import LANDMARKS
    from cephview.phantom.dataset import write_dataset

    films = tmp_path / "films"
    write_dataset(films, 2, 5, (194, 240))
    torch.manual_seed(0)
    names = tuple(LANDMARKS)
    network = DualEncoder(PRESETS["tiny"].network, len(names))
    save_model(tmp_path / "tiny", network, ModelInfo("tiny", "isbi19", names, (96, 128), ""))
    command = ["evaluate", "--films", str(films), "--truth", str(films / "landmarks.csv"),
               "--model", str(tmp_path / "tiny")]  # fmt: skip
    assert main([*command, "--mm-per-px", "0.1"]) == 0
    said = capsys.readouterr().err
    assert "001.png: Sella to nasion measures " in said and "1 more film" in said
    assert main([*command, "--mm-per-px", "1"]) == 0
    assert "Sella to nasion" not in capsys.readouterr().err
