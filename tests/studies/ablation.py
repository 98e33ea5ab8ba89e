"""Study: what each part of the dual encoder and of its training is worth, at small scale.

Trains one small network a row on the same films from the same seed, and measures it on the same
validation films: films 1-150 of a data-set folder, 50 of them kept for validation. A row that was
trained is kept in --out and not trained again. The rows of the base with other seeds say what the
draw alone does.

    python tests/studies/ablation.py --data isbi2015 --out runs/ablation [--only base,no-average]
    python tests/studies/ablation.py --data isbi2015 --out runs/ablation --table
"""

import argparse
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cephview.network.config import NetworkConfig
from cephview.network.detector import Detector
from cephview.network.model import DualEncoder, count_parameters
from cephview.network.weights import load_model, read_info, save_model
from cephview.training.appearance import Appearance
from cephview.training.augment import NONE, Augmentation
from cephview.training.dataset import load_folder
from cephview.training.devices import make_fabric
from cephview.training.evaluate import Evaluation, evaluate
from cephview.training.fit import Plan, fit
from cephview.training.losses import LossWeights
from cephview.training.recipe import Recipe

INPUT = (256, 320)
STEPS = 300
VALIDATION = 50
FROM_RANDOM = {"imagenet": False}


@dataclass(frozen=True)
class Row:
    """One change to the base: settings of the network, of the recipe, of the plan."""

    about: str
    network: dict[str, Any] = field(default_factory=dict)
    recipe: dict[str, Any] = field(default_factory=dict)
    plan: dict[str, Any] = field(default_factory=dict)


NARROW = Augmentation(
    wide_share=0.0,
    warp=0.0,
    appearance=Appearance(0.4, 0.25, 0.12, 0.06, 0.5, 1.2, 0.3, 0.0, 2, 0.0, 0.0),
)

# The same run as the base: a checkpoint holds the weights of the last step, too.
UNAVERAGED = "no-average"

ROWS = {
    "base": Row("base: both encoders, 3 layers each, end to end"),
    "base-1": Row("base, seed 1", recipe={"seed": 1}),
    "base-2": Row("base, seed 2", recipe={"seed": 2}),
    "head": Row(
        "feature extractor and plain head only", network={"reference_layers": 0, "windows": ()}
    ),
    "reference": Row("+ reference encoder (no finetune encoder)", network={"windows": ()}),
    "finetune": Row("plain head + finetune encoder", network={"reference_layers": 0}),
    "no-self-attention": Row("without self-attention", network={"self_attention": False}),
    "layers-2": Row("2 layers each", network={"reference_layers": 2, "windows": (17, 9)}),
    "layers-4": Row("4 layers each", network={"reference_layers": 4, "windows": (17, 13, 11, 9)}),
    "layers-6": Row(
        "6 layers each", network={"reference_layers": 6, "windows": (17, 15, 13, 11, 9, 9)}
    ),
    "windows-small": Row("windows of 9, 7, 5 cells", network={"windows": (9, 7, 5)}),
    "windows-large": Row("windows of 25, 17, 9 cells", network={"windows": (25, 17, 9)}),
    "rle": Row(
        "residual log-likelihood instead of L1", recipe={"losses": LossWeights(residual=1.0)}
    ),
    "coarse-regression": Row(
        "coarse points by regression", network={"coarse_readout": "regression"}
    ),
    "fine-regression": Row("refined points by regression", network={"fine_readout": "regression"}),
    "both-regression": Row(
        "both by regression",
        network={"coarse_readout": "regression", "fine_readout": "regression"},
    ),
    "no-attention-loss": Row(
        "no cross-entropy on the attention",
        recipe={"losses": LossWeights(attention=0.0), "attention_end": 0.0},
    ),
    "stagewise": Row("stage by stage, half the steps each", recipe={"is_stagewise": True}),
    "phantoms": Row("+ 200 phantoms, 15 % of a batch", plan={"phantoms": 200}),
    UNAVERAGED: Row("base without the moving average of its weights"),
    "augment-none": Row("no augmentation", recipe={"augmentation": NONE}),
    "augment-narrow": Row(
        "without warps, wide turns, collimation", recipe={"augmentation": NARROW}
    ),
    "input-192": Row("input 192 x 256", plan={"input_size": (192, 256)}),
    "input-384": Row("input 384 x 480", plan={"input_size": (384, 480)}),
    "lite1": Row("EfficientNet-Lite1", network={"backbone": "efficientnet_lite1"}),
    "lite0-random": Row(
        "EfficientNet-Lite0, no ImageNet weights", network={"frozen_blocks": 0}, plan=FROM_RANDOM
    ),
    "resnet34-random": Row(
        "ResNet-34, no ImageNet weights",
        network={"backbone": "resnet34", "frozen_blocks": 0},
        plan=FROM_RANDOM,
    ),
    "mobilenet-random": Row(
        "MobileNetV3-Large, no ImageNet weights",
        network={"backbone": "mobilenet_v3_large", "frozen_blocks": 0},
        plan=FROM_RANDOM,
    ),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", help="names of rows, with commas between")
    parser.add_argument(
        "--table", action="store_true", help="print what was trained, train nothing"
    )
    args = parser.parse_args()
    names = args.only.split(",") if args.only else list(ROWS)
    if not args.table:
        for name in names:
            if not (args.out / name / "model.toml").exists():
                train_row(name, args.data, args.out)
    print(table(args.out, names))
    return 0


def train_row(name: str, folder: Path, out: Path) -> None:
    """Train a row and keep its model and its validation errors in out/name."""
    if name == UNAVERAGED:
        measure_unaveraged(folder, out)
        return
    row = ROWS[name]
    plan = Plan(
        out=out / name,
        name=name,
        landmark_set="isbi19",
        network=replace(NetworkConfig(), **row.network),
        validation=VALIDATION,
        cache=out / "cache",
        check_every=STEPS,
        **{"input_size": INPUT, **row.plan},
    )
    recipe = replace(Recipe(steps=STEPS), **row.recipe)
    if "split" not in row.plan and name != "base":
        plan = replace(plan, split=out / "base" / "split.json")
    data = load_folder(folder, mm_per_px=0.1, only="1-150")
    _, found = fit(data, plan, recipe, make_fabric("cpu", "1", "auto"))
    keep_errors(found, out / name)


def measure_unaveraged(folder: Path, out: Path) -> None:
    """Measure the base's last weights as they are, and keep them as a row."""
    network, info = load_model(out / "base")
    last = torch.load(out / "base" / "checkpoint.pt", map_location="cpu", weights_only=True)
    network.load_state_dict(last["network"])
    split = json.loads((out / "base" / "split.json").read_text(encoding="utf-8"))
    data = load_folder(folder, mm_per_px=0.1, only="1-150").only(split["validation"])
    found = evaluate(Detector(network, info, torch.device("cpu")), data)
    save_model(out / UNAVERAGED, network, replace(info, name=UNAVERAGED))
    keep_errors(found, out / UNAVERAGED)


def keep_errors(found: Evaluation, folder: Path) -> None:
    """Keep the signed errors of both layers, (films, landmarks, 2), mm."""
    layers = {"coarse": found.coarse_errors, "refined": found.refined_errors}
    stacked = {name: np.stack([e.signed("mm") for e in errors]) for name, errors in layers.items()}
    np.savez(folder / "errors.npz", coarse=stacked["coarse"], refined=stacked["refined"])


def table(out: Path, names: list[str]) -> str:
    """Return the rows that are there as Markdown, each beside the base of the same seed."""
    lines = [
        "| row | parameters, M | coarse MRE mm | refined MRE mm | <= 2 mm % | against base, mm |",
        "|---|---|---|---|---|---|",
    ]
    base = _errors(out / "base")
    for name in names:
        found = _errors(out / name)
        if found is None:
            continue
        info = read_info(out / name)
        network = DualEncoder(NetworkConfig.from_dict(info.network), len(info.landmarks))
        coarse, refined = found
        beside = ""
        if base is not None and name != "base":
            low, high = paired_interval(refined.mean(1) - base[1].mean(1))
            beside = f"{refined.mean() - base[1].mean():+.3f} ({low:+.3f} to {high:+.3f})"
        lines.append(
            f"| {ROWS[name].about} | {count_parameters(network) / 1e6:.1f} | {coarse.mean():.3f} "
            f"| {refined.mean():.3f} | {100 * (refined <= 2).mean():.1f} | {beside} |"
        )
    return "\n".join(lines)


def _errors(folder: Path) -> tuple[np.ndarray, np.ndarray] | None:
    """Return radial errors of both layers, (films, landmarks), mm."""
    if not (folder / "errors.npz").exists():
        return None
    kept = np.load(folder / "errors.npz")
    return np.hypot(*np.moveaxis(kept["coarse"], -1, 0)), np.hypot(
        *np.moveaxis(kept["refined"], -1, 0)
    )


def paired_interval(differences: np.ndarray) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of the mean difference a film, mm."""
    rng = np.random.default_rng(0)
    drawn = rng.choice(differences, (4000, len(differences))).mean(axis=1)
    return float(np.quantile(drawn, 0.025)), float(np.quantile(drawn, 0.975))


if __name__ == "__main__":
    raise SystemExit(main())
