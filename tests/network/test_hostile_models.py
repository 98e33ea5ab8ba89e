"""Model folders and archives of an adversary: one sentence each, and nothing left behind."""

import errno
import hashlib
import json
import math
import os
import random
import shutil
import tomllib
import warnings
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import tomli_w
import torch

from cephview.core.head import PLACES
from cephview.formats.model_folder import find_models
from cephview.network import archive, weights
from cephview.network.archive import read_archive, write_archive
from cephview.network.config import PRESETS
from cephview.network.model import DualEncoder, set_mean_shape
from cephview.network.scratch import scratch_folder
from cephview.network.weights import ModelError, load_model, load_whole, save_model
from cephview.places import load_landmark_set, models_dir

VALUES = (
    0, -1, 10**9, 2**63, math.inf, -math.inf, math.nan, 1e308, True, "", "x" * 10**5, "<b>S</b>",
    "a\x1b", "=cmd()", "\u202eS", [], [0, 0], ["S", "S"], {}, {"a": {"b": 1}},
)  # fmt: skip
# What a person may change and no answer depends on.
FREE = {"name", "created", "settings", "sha256"}


def told(error: ModelError) -> str:
    text = str(error)
    assert "\n" not in text and text.isprintable() and len(text) < 600
    return text


def change(folder: Path, table: dict) -> None:
    (folder / "model.toml").write_text(tomli_w.dumps(table), encoding="utf-8")


def table_of(folder: Path) -> dict:
    return tomllib.loads((folder / "model.toml").read_text(encoding="utf-8"))


def rewrite(folder: Path, header: object, data: bytes) -> None:
    """Write weights anew, and their digest into the description, as an adversary would."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    content = len(text).to_bytes(8, "little") + text + data
    (folder / "model.safetensors").write_bytes(content)
    change(folder, {**table_of(folder), "sha256": hashlib.sha256(content).hexdigest()})


def parts(folder: Path) -> tuple[dict, bytes]:
    content = (folder / "model.safetensors").read_bytes()
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length]), content[8 + length :]


@pytest.mark.parametrize("seed", range(8))
def test_a_changed_description_is_refused_or_changes_no_answer(tiny_folder, seed):
    """Eight times 20 changes of a value, at any depth."""
    rng = random.Random(seed)
    sound, info = table_of(tiny_folder), load_model(tiny_folder)[1]
    for _ in range(20):
        table = json.loads(json.dumps(sound))
        inner = rng.choice([table, table, table["network"]])
        key = rng.choice([*inner, "more"])
        if key in inner and rng.random() < 0.25:
            del inner[key]
        else:
            inner[key] = rng.choice(VALUES)
        change(tiny_folder, table)
        try:
            found = load_model(tiny_folder)[1]
        except ModelError as error:
            told(error)
        else:
            assert replace(found, **{k: getattr(info, k) for k in FREE}) == info, (key, table)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda h, k: h.clear(),
        lambda h, k: h.pop(k),
        lambda h, k: h.update({"more": h[k]}),
        lambda h, k: h.update({k: 5}),
        lambda h, k: h[k].update(shape=[10**9, 10**9]),
        lambda h, k: h[k].update(shape=[-1]),
        lambda h, k: h[k].update(shape=[2**70]),
        lambda h, k: h[k].update(shape=["a"]),
        lambda h, k: h[k].update(shape=[]),
        lambda h, k: h[k].update(shape={}),
        lambda h, k: h[k].update(dtype="F64"),
        lambda h, k: h[k].update(dtype="XX"),
        lambda h, k: h[k].update(dtype=[]),
        lambda h, k: h[k].update(data_offsets=[0, 2**62]),
        lambda h, k: h[k].update(data_offsets=[-1, 4]),
        lambda h, k: h[k].update(data_offsets=[4, 0]),
        lambda h, k: h[k].update(data_offsets=[0, 0]),
        lambda h, k: h[k].pop("data_offsets"),
        lambda h, k: h.update(__metadata__=[]),
        lambda h, k: h.update(__metadata__=None),
        lambda h, k: h.update(__metadata__={"description": 5}),
        lambda h, k: h.update(__metadata__={"description": "0" * 64}),
        lambda h, k: h.update(__metadata__={"convention": "x" * 10**6}),
        lambda h, k: h.update({"likeness.centre": h[k]}),
        lambda h, k: h.update({f"likeness.{n}": h[k] for n in ("centre", "basis", "mean")}),
    ],
)
def test_weights_that_do_not_fit_are_refused(tiny_folder, spoil):
    header, data = parts(tiny_folder)
    spoil(header, next(name for name in header if name != "__metadata__"))
    rewrite(tiny_folder, header, data)
    with pytest.raises(ModelError) as caught:
        load_model(tiny_folder)
    assert str(tiny_folder) in told(caught.value)


@pytest.mark.parametrize(
    "header", [b"", b"{", b"[]", b"5", b"[" * 900_000, b"\xff\xfe", b" " * 2**21]
)
def test_headers_that_are_none_are_refused(tiny_folder, header):
    rewrite(tiny_folder, header, b"")
    with pytest.raises(ModelError, match=r"does not fit|larger"):
        load_model(tiny_folder)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_weights_that_are_no_numbers_are_refused(tiny_folder, tiny, tiny_info, tmp_path, number):
    header, data = parts(tiny_folder)
    bad = torch.tensor(number, dtype=torch.float16).numpy().tobytes()
    rewrite(tiny_folder, header, data[:-2] + bad)
    with pytest.raises(ModelError, match="no numbers"):
        load_model(tiny_folder)
    with torch.no_grad():
        tiny.reference.queries[0, 0] = number
    with pytest.raises(ModelError, match="no numbers"):
        save_model(tmp_path / "new", tiny, tiny_info)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["model.toml", "model.safetensors"])
@pytest.mark.parametrize("what", ["folder", "loop", "pipe", "device", "empty", "large", "brackets"])
def test_what_is_no_file_of_a_model_is_refused(tiny_folder, name, what):
    path = tiny_folder / name
    path.unlink()
    match what:
        case "folder":
            path.mkdir()
        case "loop":
            path.symlink_to(path)
        case "pipe" if hasattr(os, "mkfifo"):
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "large":
            with path.open("wb") as file:
                file.truncate(3 * 10**9)
        case "brackets":
            path.write_bytes(b"x=" + b"[" * 200_000)
        case _:
            path.write_bytes(b"")
    with pytest.raises(ModelError) as caught:
        load_model(tiny_folder)
    assert str(tiny_folder) in told(caught.value)
    assert [model.folder for model in find_models(tiny_folder.parent)] == [tiny_folder]


@pytest.fixture
def head(tmp_path: Path, tiny_info) -> Path:
    """Return a model whose points begin where they lie on a head; of an earlier release."""
    names = load_landmark_set("isbi19").ids
    network = DualEncoder(PRESETS["tiny"].network, len(names)).eval()
    places = torch.tensor([PLACES[name] for name in names])
    # The input is higher than wide.
    set_mean_shape(network, (places + 120) / 300 * torch.tensor([0.7 * 128 / 96, 0.7]))
    folder = tmp_path / "head"
    save_model(folder, network, replace(tiny_info, landmarks=names))
    header, data = parts(folder)
    del header["__metadata__"]
    rewrite(folder, header, data)
    return folder


def test_a_model_of_an_earlier_release_is_checked_as_far_as_it_goes(head, tiny_folder):
    assert not load_whole(head).is_described and load_whole(tiny_folder).is_described
    for i, j in ((0, 1), (2, 3), (7, 1), (10, 12), (6, 8)):
        table = table_of(head)
        names = table["landmarks"]
        names[i], names[j] = names[j], names[i]
        (head / "model.toml").rename(head / "kept")
        change(head, table)
        with pytest.raises(ModelError, match=r"what it calls .* lies where"):
            load_model(head)
        (head / "kept").replace(head / "model.toml")
    assert load_model(head)


def test_the_shipped_description_is_covered_by_a_digest(tmp_path):
    shipped = models_dir() / "isbi19-base"
    folder = Path(shutil.copytree(shipped, tmp_path / "copy"))
    assert load_whole(folder).is_described
    sound = (folder / "model.toml").read_text()
    for old, new in (
        ('"LIT",\n    "UIT"', '"UIT",\n    "LIT"'),
        ("    640,", "    672,"),
        ("level = 1.16917", "level = 1.06917"),
        ('refined.mre_mm" = 0.994', 'refined.mre_mm" = 0.394'),
        ("has_close_looks = true", "has_close_looks = false"),
        ("non-commercial use only", "any use"),
    ):
        assert old in sound
        (folder / "model.toml").write_text(sound.replace(old, new))
        with pytest.raises(ModelError, match="not the description"):
            load_model(folder)
    # Without the digest, too.
    swapped = sound.replace('"S",\n    "N"', '"N",\n    "S"')
    lines = [line for line in swapped.splitlines() if not line.startswith("description_sha256")]
    (folder / "model.toml").write_text("\n".join(lines))
    with pytest.raises(ModelError, match="what it calls"):
        load_model(folder)


def repacked(folder: Path, target: Path, how: str) -> None:
    """Write an archive as an adversary would."""
    files = {name: (folder / name).read_bytes() for name in ("model.toml", "model.safetensors")}
    more = {
        "outside": "../evil", "absolute": "/tmp/evil", "backslash": "..\\evil",
        "nested": "a/b.toml",
        "folder": "tiny/", "case": "MODEL.TOML", "device": "CON", "stream": "model.toml:x",
        "dots": "model.toml.", "odd": "a\u202eb", "cache": "__MACOSX/._model.toml",
    }  # fmt: skip
    method = zipfile.ZIP_BZIP2 if how == "method" else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(target, "w", method) as packed, warnings.catch_warnings(action="ignore"):
        for name, data in files.items():
            if how == "lacking" and name == "model.safetensors":
                continue
            packed.writestr(name, data)
        if how in more:
            packed.writestr(more[how], b"evil")
        elif how == "twice":
            packed.writestr("model.toml", files["model.toml"].replace(b'"N"', b'"Me"', 1))
        elif how == "bomb":
            packed.writestr("split.json", b" " * 3 * 2**20)
        elif how == "large":
            packed.writestr("MODEL_CARD.md", os.urandom(2**21))
        elif how == "split":
            packed.writestr("split.json", b'{"validation": [{}]}')
        elif how == "card":
            packed.writestr("MODEL_CARD.md", b"\xff\xfe")
        elif how == "brackets":
            packed.writestr("split.json", b"[" * 100_000)
        elif how == "link":
            entry = zipfile.ZipInfo("MODEL_CARD.md")
            entry.external_attr = 0o120777 << 16
            packed.writestr(entry, "/etc/passwd")
    content = bytearray(target.read_bytes())
    if how == "locked":
        at = content.index(b"PK\x01\x02")
        content[6] |= 1
        content[at + 8] |= 1
    elif how == "cut":
        del content[len(content) // 2 :]
    elif how == "bits":
        content[len(content) // 2] ^= 1
    elif how == "lies":
        at = content.index(b"PK\x01\x02")
        content[at + 24 : at + 28] = (5).to_bytes(4, "little")
    target.write_bytes(content)


@pytest.mark.parametrize(
    "how",
    ["outside", "absolute", "backslash", "nested", "folder", "case", "device", "stream", "dots",
     "odd", "cache", "method", "lacking", "twice", "bomb", "large", "split", "card", "brackets",
     "link", "locked", "cut", "bits", "lies"],
)  # fmt: skip
def test_an_archive_of_an_adversary_installs_nothing(tiny_folder, tmp_path, how):
    source, models = tmp_path / "their.zip", tmp_path / "models"
    repacked(tiny_folder, source, how)
    with pytest.raises(ModelError) as caught:
        read_archive(source, models)
    assert str(source) in told(caught.value)
    assert list(models.iterdir()) == []


def test_a_good_archive_is_installed_under_a_name_that_every_system_takes(tiny_folder, tmp_path):
    source, models = tmp_path / "their.zip", tmp_path / "models"
    write_archive(tiny_folder, source)
    for name in ("CON", "a/b", "..", ".", "", ".hidden", "a:b", "x" * 300, "end."):
        with pytest.raises(ModelError, match="cannot be a folder's name"):
            read_archive(source, models, name)
    assert load_model(read_archive(source, models))
    with pytest.raises(ModelError, match="is there already"):
        read_archive(source, models, "TINY")
    assert [path.name for path in models.iterdir()] == ["tiny"]


def test_a_full_disk_leaves_no_part_of_an_export_or_a_model(
    tiny_folder, tiny, tiny_info, tmp_path, monkeypatch
):
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    out, models = tmp_path / "out", tmp_path / "models"
    out.mkdir()
    write_archive(tiny_folder, tmp_path / "good.zip")
    monkeypatch.setattr(archive.os, "fsync", full)
    with pytest.raises(ModelError, match="No space left"):
        write_archive(tiny_folder, out / "model.zip")
    with pytest.raises(ModelError, match="No space left"):
        read_archive(tmp_path / "good.zip", models)
    with pytest.raises(ModelError, match="disk is full"):
        save_model(out / "new", tiny, tiny_info)
    assert list(models.iterdir()) == [] and list(out.rglob("*.*")) == []


def test_what_a_killed_process_left_is_swept_and_what_is_in_use_is_not(tiny_folder, tmp_path):
    left = tmp_path / ".cephview-export-left"
    left.mkdir()
    (left / "lock").touch()
    (left / "model").write_bytes(b"half")
    with scratch_folder(tmp_path, ".cephview-export-") as used:
        write_archive(tiny_folder, tmp_path / "model.zip")
        assert used.is_dir() and not left.exists()
    assert not list(tmp_path.glob(".cephview-export-*"))


def test_the_largest_network_that_may_be_described_is_small():
    assert weights.MAX_HEADER <= 2**20 and max(archive.LIMITS.values()) <= 2**29
