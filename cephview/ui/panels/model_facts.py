"""What is worth knowing of a model, in words: how good it is, and how it came about."""

import re
from collections.abc import Mapping

from cephview.core.model_info import ModelInfo
from cephview.ui.learning.installed_models import InstalledModel
from cephview.ui.panels.result_rows import time_left

_SHORT = 12
# A file beside the model, of no use to who reads this on a screen.
_CARD = re.compile(r"[;,.]?\s*see MODEL_CARD\.md\.?", re.IGNORECASE)
_WAYS = {"convention": "where landmarks are placed", "steps": "that, and what films look like"}
# Told as rows of their own, or of no use to a user.
_TOLD = {"way", "patients", "steps", "device", "seconds", "verdict", "moved_mm"}

Facts = tuple[tuple[str, str, str], ...]


def about(model: InstalledModel) -> str:
    """Say in one sentence what a model is."""
    # A shipped model may have a parent too: one that was trained on other films.
    info, count = model.info, len(model.info.landmarks) - len(model.info.added)
    taught = f", and {', '.join(info.added)}, which it was taught" if info.added else ""
    if model.is_own:
        return f"Learned from your corrections; places {count} landmarks{taught}."
    return (
        f"Places {count} landmarks{taught}: it looks at the whole film first, then closely at each "
        "point."
    )


def facts(info: ModelInfo, device: str) -> Facts:
    """Return (name, value, role of the label) of what is worth knowing of a model."""
    rows = list(_on_own_films(info)) or list(_on_validation(info))
    rows.append(("Trained on", _CARD.sub(".", info.trained_on) or "not said", ""))
    rows.append(("Terms", info.terms or "not said", "attention"))
    if info.created:
        rows.append(("Made", info.created[:10], ""))
    rows.append(("Runs on", device or "\u2026", ""))
    return tuple(rows)


def lineage(info: ModelInfo, parent: str) -> Facts:
    """Return how a model came about, as facts() does; parent is what its parent is called."""
    settings = info.settings
    rows = [("Comes from", parent or "nothing: trained anew", "")]
    if way := _WAYS.get(str(settings.get("way", ""))):
        steps = f" in {settings['steps']} steps" if "steps" in settings else ""
        rows.append(("Learnt", f"{way}{steps}", ""))
    if "patients" in settings:
        rows.append(("Patients", f"{settings['patients']}", ""))
    rows += _on_own_films(info)
    if verdict := settings.get("verdict"):
        rows.append(("Verdict", str(verdict), ""))
    rows.append(("Data digest", info.data_digest[:_SHORT] or "not said", ""))
    rows.append(("Seed", f"{info.seed}", ""))
    rows += [
        (key.replace("_", " ").capitalize(), f"{value}", "")
        for key, value in settings.items()
        if key not in _TOLD and isinstance(value, str | int | float)
    ]
    if "seconds" in settings:
        on = "graphics card" if settings.get("device") == "cuda" else "processor"
        rows.append(("Took", f"{time_left(float(settings['seconds']))} on the {on}", ""))
    rows.append(("Made", info.created.replace("T", " ").rstrip("Z") or "not said", ""))
    rows.append(("Weights", info.sha256[:_SHORT], ""))
    return tuple(rows)


def _on_own_films(info: ModelInfo) -> Facts:
    """Return what it and its parent measured on the films that judged it, and on others."""
    rows, figures = [], info.metrics
    films = f"{figures.get('holdout.films', 0):.0f} films"
    for unit in ("mm", "px"):
        before = figures.get(f"holdout.parent.refined.mre_{unit}")
        after = figures.get(f"holdout.refined.mre_{unit}")
        if before is not None and after is not None:
            value = f"{before:.2f} \u2192 {after:.2f} {unit}, {films}"
            rows.append(("Your films", value, "value"))
    before, after = (figures.get(f"holdout.{w}refined.sdr_2mm") for w in ("parent.", ""))
    if before is not None and after is not None:
        rows.append(("Within 2 mm", f"{before:.1f} \u2192 {after:.1f} %", "value"))
    return (*rows, *_on_others(figures))


def _on_others(figures: Mapping[str, float]) -> Facts:
    """Return what the model makes of films that are not its user's, under the verdict's names.

    Its convention moves landmarks on every film, so by the phantoms' own points the model gets
    worse by as much as it was meant to; what its network forgot is a figure of its own.
    """
    before = figures.get("kept.parent.refined.mre_mm")
    network = figures.get("kept.network.refined.mre_mm")
    # Models of earlier releases do not tell what they make of them as a whole.
    after = figures.get("kept.refined.mre_mm")
    if before is None or network is None:
        return ()
    count = f"{figures.get('kept.films', 0):.0f} synthetic films"
    alone = ("Network alone", f"{before:.2f} \u2192 {network:.2f} mm, {count}", "")
    if after is None:
        return (alone,)
    whole = ("Other films", f"{before:.2f} \u2192 {after:.2f} mm, {count}", "")
    return (whole,) if after == network else (whole, alone)


def _on_validation(info: ModelInfo) -> Facts:
    rows = []
    for key, name in (("refined", "Refined error"), ("coarse", "Coarse error")):
        mre = info.metrics.get(f"validation.{key}.mre_mm")
        if mre is not None:
            rows.append((name, f"{mre:.2f} mm mean", "value"))
    rate = info.metrics.get("validation.refined.sdr_2mm")
    if rate is not None:
        rows.append(("Within 2 mm", f"{rate:.1f} %", "value"))
    films = info.metrics.get("validation.films")
    if films:
        rows.append(("Measured on", f"{films:.0f} films kept aside", ""))
    return tuple(rows)
