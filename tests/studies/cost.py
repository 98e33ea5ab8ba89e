"""Study: what a pass costs, by trunk and by input size: seconds on the CPU, parameters.

Networks of random weights detect a phantom of 1935 x 2400 px; their answers mean nothing, their
time does. With --model, that model's one and two passes are timed as well, and the peak memory of
a process that loads it and detects (Linux and macOS).

    python tests/studies/cost.py [--model models/isbi19-base] [--runs 15] [--threads 2]
"""

import argparse
import resource
import statistics
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import torch

from cephview.core.film import Film
from cephview.core.model_info import ModelInfo
from cephview.core.scale import PixelSize, Provenance
from cephview.network.config import NetworkConfig
from cephview.network.detector import Detector
from cephview.network.model import DualEncoder, count_parameters
from cephview.phantom import make_phantom

SIZES = ((512, 640), (640, 800), (832, 1024))
BACKBONES = ("efficientnet_lite0", "efficientnet_lite1", "mobilenet_v3_large", "resnet34")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", action="store_true", help="detect once and print peak memory")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    film = phantom_film()
    if args.memory:
        Detector.load(args.model, "cpu").detect(film)
        unit = 1024 if sys.platform == "darwin" else 1
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit / 1024)
        return 0
    print(f"{args.threads} threads, torch {torch.__version__}, median of {args.runs} (min to max)")
    if args.model:
        detector = Detector.load(args.model, "cpu")
        for passes in (1, 2):
            print(
                f"{args.model.name:<22}{passes} pass{'es' if passes > 1 else '  '} "
                f"{timed(detector, film, passes, args.runs)}"
            )
        print(f"peak memory of a process with it: {peak_memory(args):.0f} MiB")
    for backbone in BACKBONES:
        for size in SIZES:
            frozen = 3 if backbone.startswith("efficient") else 0
            config = replace(NetworkConfig(), backbone=backbone, frozen_blocks=frozen)
            network = DualEncoder(config, 19)
            names = tuple(f"L{i}" for i in range(19))
            info = ModelInfo(backbone, "none", names, size, sha256="")
            detector = Detector(network, info, torch.device("cpu"))
            millions = count_parameters(network) / 1e6
            print(
                f"{backbone:<22}{size[0]:>4} x {size[1]:<5}{millions:5.1f} M  "
                f"{timed(detector, film, 1, args.runs)}"
            )
    return 0


def phantom_film() -> Film:
    """Return a phantom of the size of an ISBI 2015 film."""
    pixels = make_phantom(12_345, size_px=(1935, 2400)).pixels
    return Film(pixels, "0" * 64, "phantom", PixelSize(0.1, 0.1, Provenance.DETECTOR))


def timed(detector: Detector, film: Film, passes: int, runs: int) -> str:
    """Return the seconds of detect alone, as text."""
    detector.detect(film, passes)  # the first one warms up
    seconds = sorted(detector.detect(film, passes).seconds for _ in range(runs))
    return f"{statistics.median(seconds):.3f} s ({seconds[0]:.3f} to {seconds[-1]:.3f})"


def peak_memory(args: argparse.Namespace) -> float:
    """Return the peak memory of a fresh process that detects once, MiB."""
    command = [sys.executable, __file__, "--model", str(args.model), "--memory"]
    command += ["--threads", str(args.threads)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    raise SystemExit(main())
