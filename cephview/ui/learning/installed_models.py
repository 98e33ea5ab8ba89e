"""The models a user can choose from: those that ship and those trained here."""

import logging
from dataclasses import dataclass
from pathlib import Path

from cephview import places
from cephview.core.file_names import portable_file_name
from cephview.core.model_info import ModelInfo
from cephview.core.unfinished import UNDECIDED

_log = logging.getLogger(__name__)
# In the folder of a fine-tune that no user has decided on yet: it is no installed model.
NOTE = UNDECIDED


@dataclass(frozen=True)
class InstalledModel:
    """A model folder with what its model.toml says. is_own: fine-tuned on this machine."""

    folder: Path
    info: ModelInfo
    is_own: bool

    @property
    def name(self) -> str:
        return self.info.name


def user_models_dir() -> Path:
    """Return the folder of models trained on this machine; it may not exist yet."""
    return places.user_dir() / "models"


def installed_models() -> tuple[InstalledModel, ...]:
    """Return every readable model, shipped ones first, each group by name.

    A folder without weights or with a description that cannot be read is left out and logged, and
    so is one whose model nobody has decided to use.
    """
    found = []
    for root, is_own in ((places.models_dir(), False), (user_models_dir(), True)):
        for description in sorted(root.glob("*/model.toml")):
            if (description.parent / NOTE).exists():
                continue
            model = read_model(description.parent, is_own=is_own)
            if model is not None:
                found.append(model)
    return tuple(found)


def read_model(folder: Path, *, is_own: bool) -> InstalledModel | None:
    """Read one model folder without its weights, or None where it is not a whole model."""
    if not (folder / "model.safetensors").is_file():
        return None
    try:
        text = (folder / "model.toml").read_text(encoding="utf-8")
        return InstalledModel(folder, ModelInfo.from_toml(text), is_own)
    except (OSError, ValueError) as error:
        _log.warning("model folder %s left out: %s", folder, error)
        return None


def find_model(models: tuple[InstalledModel, ...], wanted: str | Path) -> InstalledModel | None:
    """Return the model of this name or folder, or None."""
    for model in models:
        if wanted == model.name or Path(wanted) == model.folder or wanted == model.folder.name:
            return model
    return None


def default_model(models: tuple[InstalledModel, ...]) -> InstalledModel | None:
    """Return the model for a first start: the shipped base model, else the first there is."""
    shipped = [m for m in models if not m.is_own]
    for model in shipped:
        if "base" in model.name:
            return model
    return next(iter(shipped or models), None)


def new_model_folder(parent: InstalledModel) -> Path:
    """Return a folder that does not exist yet for a model fine-tuned from parent."""
    base = portable_file_name(parent.name.split("+", 1)[0])
    number = 1
    while (folder := user_models_dir() / f"{base}+{number}").exists():
        number += 1
    return folder
