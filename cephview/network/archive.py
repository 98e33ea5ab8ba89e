"""A model as one file, to take it to another computer."""

import shutil
import tempfile
import zipfile
from pathlib import Path

from cephview.core.model_info import ModelInfo
from cephview.network.weights import ModelError, load_model

# What a model folder may hold; nothing else is read from an archive, whatever it is called there.
NEEDED = ("model.toml", "model.safetensors")
FILES = (*NEEDED, "MODEL_CARD.md", "split.json")
# The same moment in every archive, so that the same model gives the same file.
_MOMENT = (2020, 1, 1, 0, 0, 0)
_LARGEST = 2 * 1024**3


def write_archive(folder: Path, target: Path) -> ModelInfo:
    """Write a model folder, checked first, as a new file. Raises ModelError."""
    _, info = load_model(folder)
    partial = target.with_name(target.name + ".partial")
    try:
        if target.exists():
            raise ModelError(f"{target} is there already; choose another name.")
        with zipfile.ZipFile(partial, "w") as archive:
            for name in FILES:
                if (folder / name).is_file():
                    entry = zipfile.ZipInfo(name, _MOMENT)
                    archive.writestr(entry, (folder / name).read_bytes())
        partial.replace(target)
    except OSError as error:
        raise ModelError(f"{target} cannot be written ({error.strerror}).") from error
    return info


def read_archive(source: Path, models: Path, name: str | None = None) -> Path:
    """Install a model from a file that write_archive wrote into a new folder of models.

    The model is checked before it is installed. Raises ModelError.
    """
    try:
        models.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".import-", dir=models) as place:
            folder = Path(place, "model")
            folder.mkdir()
            _unpack(source, folder)
            _, info = load_model(folder)
            target = models / (name or info.name)
            if Path(target.name) != Path(name or info.name) or target.name.startswith("."):
                raise ModelError(f"{name or info.name!r} cannot be a folder's name; choose one.")
            if target.exists():
                raise ModelError(f"{target} is there already; choose another name.")
            shutil.move(folder, target)
            return target
    except OSError as error:
        raise ModelError(
            f"{error.filename or source} cannot be used ({error.strerror or error})."
        ) from error


def _unpack(source: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(source) as archive:
            entries = {e.filename: e for e in archive.infolist() if e.filename in FILES}
            if not set(NEEDED) <= set(entries):
                raise ModelError(f"{source} holds no model; it must be a file of 'models export'.")
            if sum(e.file_size for e in entries.values()) > _LARGEST:
                raise ModelError(f"{source} is larger than any model; nothing was read.")
            for name, entry in entries.items():
                (folder / name).write_bytes(archive.read(entry))
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise ModelError(
            f"{source} cannot be read as an archive ({error}); copy it again."
        ) from error
