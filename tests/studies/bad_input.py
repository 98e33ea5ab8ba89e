"""Study: what the program says to films, models, folders and disks that are not in order.

    python tests/studies/bad_input.py

The full disk is a small tmpfs, which needs root; without it that row says so. Nothing here is
tested for its wording: the tests do that. This prints what a user would read.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from cephview.core.tracing import Tracing
from cephview.formats import open_film
from cephview.places import demo_film, load_landmark_set, models_dir
from cephview.store import StoreError, Workspace


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="cephview-study-") as home:
        folder = Path(home)
        for name, film in bad_films(folder).items():
            row(name, detect(film, folder / "points.csv"))
        row("a picture of something else", random_picture(folder))
        row("a model with one flipped byte", damaged_model(folder))
        row("a read-only workspace", on_mount(folder / "ro", "size=4m", read_only=True))
        row("a full disk", on_mount(folder / "full", "size=400k", read_only=False))
        row("an export to a full disk", export_to_full_disk(folder / "export"))
    return 0


def row(name: str, answer: str) -> None:
    print(f"{name}\n    {answer}", flush=True)


def bad_films(folder: Path) -> dict[str, Path]:
    content = demo_film().read_bytes()
    films = {
        "an empty file": (folder / "empty.dcm", b""),
        "a text file named .dcm": (folder / "letter.dcm", b"Dear colleague, please find enclosed"),
        "a truncated DICOM": (folder / "truncated.dcm", content[: len(content) // 2]),
        "a DICOM cut in its header": (folder / "header.dcm", content[:400]),
        "a PDF named .png": (folder / "report.png", b"%PDF-1.7\n1 0 obj\n"),
    }
    for path, data in films.values():
        path.write_bytes(data)
    return {name: path for name, (path, _) in films.items()}


def detect(film: Path, out: Path, *more: str) -> str:
    command = [sys.executable, "-m", "cephview", "detect", str(film), "--out", str(out)]
    done = subprocess.run([*command, *more], capture_output=True, text=True)
    said = (done.stderr or done.stdout).strip().replace(str(film.parent) + os.sep, "")
    return f"exit {done.returncode}: {said}"


def random_picture(folder: Path) -> str:
    """Two dark lungs in a bright chest, and grain: no head at all."""
    y, x = np.mgrid[0:1000, 0:800]
    chest = 200 - 120 * (((x - 250) / 130) ** 2 + ((y - 480) / 300) ** 2 < 1)
    chest = chest - 120 * (((x - 550) / 130) ** 2 + ((y - 480) / 300) ** 2 < 1)
    grain = np.random.default_rng(0).normal(0, 8, chest.shape)
    path = folder / "chest.png"
    Image.fromarray((chest + grain).clip(0, 255).astype(np.uint8)).save(path)
    out = folder / "chest.csv"
    said = detect(path, out)
    rows = [line.split(",") for line in out.read_text().splitlines()[1:]]
    doubts = [float(r[5]) for r in rows if r[2] == "refined"]
    return f"{said}; median doubt {np.median(doubts):.0f} px, largest {max(doubts):.0f} px"


def damaged_model(folder: Path) -> str:
    source = next(p.parent for p in models_dir().glob("*/model.toml"))
    model = folder / "damaged"
    shutil.copytree(source, model)
    weights = model / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[len(content) // 2] ^= 1
    weights.write_bytes(content)
    answer = detect(demo_film(), folder / "points.csv", "--model", str(model))
    return answer.replace(str(folder) + os.sep, "")


def on_mount(place: Path, options: str, *, read_only: bool) -> str:
    """Trace the demo film in a workspace on a small disk until something is refused."""
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True
    )
    if mounted.returncode:
        return "not tried: mounting a small disk needs root"
    try:
        film = open_film(demo_film())
        landmarks = load_landmark_set("isbi19")
        tracing = Tracing.empty(landmarks.id, landmarks.ids)
        with Workspace.open(place / "workspace") as workspace:
            workspace.remember_film(film, demo_film())
            workspace.append_commit(film.sha256, tracing.moved("S", (9, 9), by="a", at="now"))
        if read_only:
            subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        with Workspace.open(place / "workspace") as workspace:
            tracing, said, kept = workspace.tracing(film.sha256), "", 0
            for step in range(20_000):
                new = tracing.moved("N", (step, 1), by="a" * 2000, at="now")
                try:
                    workspace.append_commit(film.sha256, new)
                except StoreError as error:
                    said = str(error)
                    break
                tracing, kept = new, kept + 1
        with Workspace.open(place / "workspace") as workspace:
            is_whole = workspace.tracing(film.sha256) == tracing
        where = str(place) + os.sep
        return f"{said.replace(where, '')} ({kept} more steps kept, all there: {is_whole})"
    except StoreError as error:
        return str(error).replace(str(place) + os.sep, "")
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)


def export_to_full_disk(place: Path) -> str:
    place.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(place)]
    if subprocess.run(options, capture_output=True).returncode:
        return "not tried: mounting a small disk needs root"
    try:
        answer = detect(demo_film(), place / "points.csv")
        left = [p.name for p in place.iterdir()]
        return f"{answer.replace(str(place) + os.sep, '')} (left behind: {left or 'nothing'})"
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)


if __name__ == "__main__":
    sys.exit(main())
