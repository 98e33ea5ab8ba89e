"""The models a user can choose from: those that ship and those trained here."""

import logging
import os
from dataclasses import dataclass
from pathlib import Path

from cephview import places
from cephview.core.file_names import portable_file_name
from cephview.core.model_info import ModelInfo
from cephview.core.unfinished import UNDECIDED
from cephview.formats.model_folder import find_models, look_at

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
    return looked_for()[0]


def looked_for() -> tuple[tuple[InstalledModel, ...], tuple[str, ...]]:
    """Return installed_models(), and a sentence for each folder that was set aside."""
    found, set_aside = [], []
    for root, is_own in ((places.models_dir(), False), (user_models_dir(), True)):
        for model in find_models(root):
            if os.path.lexists(model.folder / NOTE):
                continue
            if model.info is None:
                set_aside.append(model.problem)
                _log.warning("a model folder was set aside: %s", model.problem)
            else:
                found.append(InstalledModel(model.folder, model.info, is_own))
    return tuple(found), tuple(set_aside)


def read_model(folder: Path, *, is_own: bool) -> InstalledModel | None:
    """Read one model folder without its weights, or None where it is not a whole model."""
    model = look_at(folder)
    if model is None or model.info is None:
        if model is not None:
            _log.warning("a model folder was left out: %s", model.problem)
        return None
    return InstalledModel(folder, model.info, is_own)


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
