"""Hostile model folders and archives: what loads is the model it was, and disturbs no other."""

import hashlib
import json
import math
import os
import random
import shutil
import tomllib
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import tomli_w
import torch
from of_films import told
from specimen import anywhere
from trial import Outcome, Verdict

from cephview import places
from cephview.core.model_info import ModelInfo
from cephview.network.archive import read_archive
from cephview.network.config import PRESETS
from cephview.network.model import DualEncoder
from cephview.network.weights import ModelError, load_model, save_model
from cephview.ui.learning.installed_models import installed_models

LANDMARKS = ("S", "N", "Or", "Po", "A", "B", "Me")
_VALUES: tuple[Any, ...] = (
    0, -1, -640, 1, 10**5, 10**8, 2**63, -(2**63), math.inf, -math.inf, math.nan, 1e308, True,
    "", "x" * 10**5, "../../evil", "<b>S</b>", "a\nb", "=cmd()", "\u202eS", "CON", "S", [], [0, 0],
    ["S", "S"], [math.inf, 800], {}, {"a": {"b": {"c": 1}}},
)  # fmt: skip
# What a model's answers do not depend on, and what a person may well change.
_FREE = ("name", "terms", "trained_on", "created", "data_digest", "seed", "settings", "metrics",
         "parent", "sha256")  # fmt: skip


class Models:
    """A small model, spoilt as a folder among installed ones, and as an archive to import."""

    def __init__(self, folder: Path) -> None:
        os.environ["XDG_DATA_HOME"] = str(folder / "home")
        torch.manual_seed(0)
        network = DualEncoder(PRESETS["tiny"].network, len(LANDMARKS)).eval()
        info = ModelInfo(
            "tiny", "isbi19", LANDMARKS, PRESETS["tiny"].input_size, sha256="",
            convention={"S": (0.001, 0.0)}, has_close_looks=True,
        )  # fmt: skip
        self._folder = folder
        self._sound = folder / "tiny"
        self._info = save_model(self._sound, network, info)
        self._installed = places.user_dir() / "models"
        self._installed.mkdir(parents=True)
        shutil.copytree(self._sound, self._installed / "good")

    def trial(self, rng: random.Random) -> Verdict:
        bad = self._installed / "bad"
        shutil.rmtree(bad, ignore_errors=True)
        shutil.copytree(self._sound, bad)
        what = rng.choice(_SPOIL)(rng, bad)
        try:
            models = installed_models()
            if "good" not in [model.folder.name for model in models]:
                return Verdict(Outcome.WRONG, f"{what}: the other model is gone")
            if rng.random() < 0.5:
                return self._loaded(bad, what)
            return self._imported(rng, bad, what)
        finally:
            shutil.rmtree(bad, ignore_errors=True)
            for each in self._installed.iterdir():
                if each.name != "good":
                    shutil.rmtree(each, ignore_errors=True)

    def _loaded(self, folder: Path, what: str) -> Verdict:
        try:
            _, info = load_model(folder)
        except ModelError as error:
            return told(str(error), folder.name, what)
        return self._judged(info, what)

    def _imported(self, rng: random.Random, folder: Path, what: str) -> Verdict:
        archive = self._folder / "model.cephmodel"
        what = f"{what}; archive, {_packed(rng, folder, archive)}"
        shutil.rmtree(folder)
        before = {p.name for p in self._installed.iterdir()}
        try:
            target = read_archive(archive, self._installed)
        except ModelError as error:
            left = {p.name for p in self._installed.iterdir()} - before
            if left:
                return Verdict(Outcome.WRONG, f"{what}: leaves {left}")
            if (self._folder / "evil").exists():
                return Verdict(Outcome.WRONG, f"{what}: written outside of the models")
            return told(str(error), archive.name if archive.name in str(error) else "", what)
        _, info = load_model(target)
        if target.parent != self._installed or not target.name.isprintable():
            return Verdict(Outcome.WRONG, f"{what}: installed as {target}")
        return self._judged(info, what)

    def _judged(self, info: ModelInfo, what: str) -> Verdict:
        alike = replace(self._info, **{name: getattr(info, name) for name in _FREE})
        if info != alike:
            return Verdict(Outcome.WRONG, f"{what}: loads as another model")
        texts = [info.name, info.terms, info.trained_on, info.created]
        if not all(isinstance(text, str) and text.isprintable() for text in texts):
            return Verdict(Outcome.WRONG, f"{what}: texts that cannot be shown")
        if any(not math.isfinite(value) for value in info.metrics.values()):
            return Verdict(Outcome.WRONG, f"{what}: figures that are no numbers")
        return Verdict(Outcome.OK, what)


def _table(rng: random.Random, folder: Path) -> str:
    """Change one value of model.toml, at any depth."""
    path = folder / "model.toml"
    table: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    inner = table
    nested = [value for value in table.values() if isinstance(value, dict) and value]
    if nested and rng.random() < 0.4:
        inner = rng.choice(nested)
    key = rng.choice(sorted(inner))
    match rng.randrange(4):
        case 0:
            del inner[key]
            what = f"{key} left out"
        case 1:
            inner[rng.choice(("more", "network", "a" * 1000))] = rng.choice(_VALUES)
            what = "a further value"
        case _:
            inner[key] = rng.choice(_VALUES)
            what = f"{key} = {str(inner[key])[:30]!r}"
    path.write_text(tomli_w.dumps(table), encoding="utf-8")
    return what


def _order(rng: random.Random, folder: Path) -> str:
    """Exchange two landmarks, or call one otherwise."""
    path = folder / "model.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    i, j = rng.sample(range(len(table["landmarks"])), 2)
    names = table["landmarks"]
    if rng.random() < 0.5:
        names[i], names[j] = names[j], names[i]
    else:
        names[i] = rng.choice(
            ("Pog", "S", "s", "XX", "<b>", "\u202eN", "A\n", "=A1", " S", "\u0405")
        )
    path.write_text(tomli_w.dumps(table), encoding="utf-8")
    return f"landmarks {names}"


def _text(rng: random.Random, folder: Path) -> str:
    path = folder / "model.toml"
    spoilt = anywhere(rng, path.read_bytes())
    path.write_bytes(spoilt.data)
    return f"model.toml, {spoilt.what}"


def _weights(rng: random.Random, folder: Path) -> str:
    """Change the weights' file, and the digest that model.toml tells with it."""
    path = folder / "model.safetensors"
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header, data = json.loads(content[8 : 8 + length]), bytearray(content[8 + length :])
    names = [name for name in header if name != "__metadata__"]
    name = rng.choice(names)
    match rng.randrange(6):
        case 0:
            bad = torch.tensor(rng.choice((math.nan, math.inf)), dtype=torch.float16)
            start, end = header[name]["data_offsets"]
            if end - start >= 2:
                data[start : start + 2] = bad.numpy().tobytes()
            what = f"{name} not a number"
        case 1:
            header[name]["shape"] = rng.choice(([10**9], [-1], [0], [2**63], [], ["a"]))
            what = f"{name} of shape {header[name]['shape']}"
        case 2:
            del header[name]
            what = f"{name} left out"
        case 3:
            header[name]["data_offsets"] = rng.choice(([0, 2**62], [-1, 4], [4, 0], [0, 0]))
            what = f"{name} at {header[name]['data_offsets']}"
        case 4:
            header[name]["dtype"] = rng.choice(("F64", "I8", "U64", "XX", 5))
            what = f"{name} of {header[name]['dtype']}"
        case _:
            header["__metadata__"] = rng.choice(({"a": 1}, [], {"convention": "x" * 10**6}, None))
            what = "other metadata"
    text = json.dumps(header).encode()
    content = len(text).to_bytes(8, "little") + text + bytes(data)
    path.write_bytes(content)
    if rng.random() < 0.8:
        old = (folder / "model.toml").read_text(encoding="utf-8")
        table = tomllib.loads(old)
        table["sha256"] = hashlib.sha256(content).hexdigest()
        (folder / "model.toml").write_text(tomli_w.dumps(table), encoding="utf-8")
    return what


def _files(rng: random.Random, folder: Path) -> str:
    """Put something else where a file should be."""
    name = rng.choice(("model.toml", "model.safetensors", "split.json", "MODEL_CARD.md"))
    path = folder / name
    path.unlink(missing_ok=True)
    match rng.randrange(7):
        case 0:
            what = "missing"
        case 1:
            path.mkdir()
            what = "a folder"
        case 2:
            path.symlink_to(path)
            what = "a link to itself"
        case 3:
            os.mkfifo(path)
            what = "a pipe"
        case 4:
            with path.open("wb") as file:
                file.truncate(rng.choice((0, 3 * 10**9)))
            what = f"{path.stat().st_size} zeros"
        case 5:
            path.symlink_to("/dev/zero")
            what = "a device"
        case _:
            path.write_bytes(b"[" * 10**6)
            what = "a million brackets"
    return f"{name} is {what}"


_SPOIL: tuple[Callable[[random.Random, Path], str], ...] = (
    _table, _table, _table, _order, _text, _weights, _weights, _files,
)  # fmt: skip


def _packed(rng: random.Random, folder: Path, archive: Path) -> str:
    """Write an archive of a folder as an attacker would, and return how."""
    kept = [p for p in folder.iterdir() if p.is_file() and p.stat().st_size < 10**8]
    files = {p.name: p.read_bytes() for p in kept}
    how = rng.choice(("plain", "plain", "outside", "twice", "case", "bomb", "link", "cut", "bits"))
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
        match how:
            case "outside":
                for name in ("../evil", "/tmp/cephview-evil", "..\\evil", "a/../../evil"):
                    packed.writestr(name, b"evil")
            case "twice" if "model.toml" in files:
                with warnings.catch_warnings(action="ignore"):
                    packed.writestr("model.toml", files["model.toml"].replace(b'"N"', b'"Me"', 1))
            case "case":
                packed.writestr("MODEL.TOML", b"evil")
            case "bomb":
                packed.writestr("split.json", bytes(2 * 10**8))
            case "link":
                entry = zipfile.ZipInfo("MODEL_CARD.md")
                entry.external_attr = 0o120777 << 16
                packed.writestr(entry, "/etc/passwd")
    if how in ("cut", "bits"):
        data = archive.read_bytes()
        if how == "cut":
            data = data[: rng.randrange(len(data))]
        else:
            changed = bytearray(data)
            changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            data = bytes(changed)
        archive.write_bytes(data)
    return how
