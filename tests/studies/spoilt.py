"""What both studies of unlike films need: films of a fold, a detector on them, shares in words."""

import argparse
import json
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tqdm import tqdm

from cephview.core.detection import Detection
from cephview.core.film import Film
from cephview.core.scale import PixelSize, Provenance
from cephview.formats import open_film
from cephview.network.detector import Detector
from cephview.training.dataset import load_folder

WRONG_MM = 4.0
# A pixel's side as told to the detector, which uses its shape alone.
MM = 0.1


def parser(description: str) -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser(description=description)
    arguments.add_argument("--films", type=Path, required=True, help="a data set, as for train")
    arguments.add_argument("--truth", type=Path)
    arguments.add_argument("--mm-per-px", type=float)
    arguments.add_argument("--model", type=Path, default=Path("models/isbi19-base"))
    arguments.add_argument("--split", type=Path, help="the model's own if not given")
    arguments.add_argument("--fold", default="validation")
    arguments.add_argument("--count", type=int, help="so many films of the fold, not all")
    arguments.add_argument("--device", default="cpu")
    return arguments


class Bench:
    """The films of a fold, read once, and the detector they are shown to."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.detector = Detector.load(args.model, args.device)
        info = self.detector.info
        if self.detector.likeness is None:
            raise SystemExit(f"{args.model} has no likeness; run cephview calibrate first.")
        split = args.split or args.model / "split.json"
        names = sorted(json.loads(split.read_text(encoding="utf-8"))[args.fold])[: args.count]
        data = load_folder(args.films, truth=args.truth, mm_per_px=args.mm_per_px).only(names)
        rows = [data.landmarks.index(landmark) for landmark in info.landmarks]
        self.films = [(film.path, film.points_px[rows], film.mm_per_px[0]) for film in data.films]
        print(f"{info.name} {info.sha256[:12]}, {len(self.films)} films of the fold {args.fold}")

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray, float]]:
        """Yield pixels, true points and millimetres a pixel."""
        for path, points, mm_per_px in tqdm(self.films, desc="films", unit="film"):
            yield open_film(path).pixels, points, mm_per_px

    def show(self, pixels: np.ndarray) -> Detection:
        size = PixelSize(MM, MM, Provenance.DETECTOR)
        film = Film(np.ascontiguousarray(pixels), "0" * 64, "film", size)
        return self.detector.detect(film)


def radial_mm(found: Detection, points: np.ndarray, mm_per_px: float) -> np.ndarray:
    """Return (landmarks,) errors, NaN where there is no truth."""
    off = np.array([p.refined_px for p in found.points]) - points
    return np.hypot(off[:, 0], off[:, 1]) * mm_per_px


def wilson(count: int, total: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share, in per cent."""
    z, share = 1.959964, count / total
    middle = share + z * z / (2 * total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 100 / (1 + z * z / total)
    return max(0.0, scale * (middle - half)), min(100.0, scale * (middle + half))


def share(count: int, total: int) -> str:
    low, high = wilson(count, total)
    return f"{100 * count / total:5.1f} % ({low:.0f}-{high:.0f})"
