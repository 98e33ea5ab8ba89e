"""A model as one file, to take it to another computer."""

import shutil
import stat
import tempfile
import time
import zipfile
from pathlib import Path

from cephview.core.file_names import portable_file_name
from cephview.core.model_info import ModelInfo
from cephview.formats.errors import printable
from cephview.network.weights import MOST_BYTES, ModelError, load_model

# What a model folder may hold, and how large each may be; nothing else is read from an archive,
# whatever it is called there.
NEEDED = ("model.toml", "model.safetensors")
LARGEST = {
    "model.toml": 1_000_000,
    "model.safetensors": MOST_BYTES,
    "MODEL_CARD.md": 1_000_000,
    "split.json": 10_000_000,
}
FILES = tuple(LARGEST)
# The same moment in every archive, so that the same model gives the same file.
_MOMENT = (2020, 1, 1, 0, 0, 0)
_MOST_ENTRIES = 1000
_UNPACKING = ".import-"
_STALE_S = 24 * 3600


def write_archive(folder: Path, target: Path) -> ModelInfo:
    """Write a model folder, checked first, as a new file, or none. Raises ModelError."""
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
    finally:
        partial.unlink(missing_ok=True)
    return info


def read_archive(source: Path, models: Path, name: str | None = None) -> Path:
    """Install a model from a file that write_archive wrote into a new folder of models.

    The model is checked before it is installed. Raises ModelError.
    """
    try:
        models.mkdir(parents=True, exist_ok=True)
        _remove_stale(models)
        with tempfile.TemporaryDirectory(prefix=_UNPACKING, dir=models) as place:
            folder = Path(place, "model")
            folder.mkdir()
            _unpack(source, folder)
            try:
                _, info = load_model(folder)
            except ModelError as error:
                why = str(error).replace(f"The model in {folder}", "its model")
                why = why.replace(str(folder), "its model")
                raise ModelError(f"{source} cannot be installed: {why}") from error
            wanted = name or info.name
            if portable_file_name(wanted) != wanted or wanted.startswith("."):
                raise ModelError(
                    f"{printable(wanted)!r} of {source} cannot be a folder's name; choose one."
                )
            target = models / wanted
            if target.exists():
                raise ModelError(f"{target} is there already; choose another name.")
            shutil.move(folder, target)
            return target
    except OSError as error:
        raise ModelError(
            f"{error.filename or source} cannot be used ({error.strerror or error})."
        ) from error


def _unpack(source: Path, folder: Path) -> None:
    """Unpack the files of a model, none larger than such a file can be."""
    try:
        with zipfile.ZipFile(source) as archive:
            for entry in _entries(archive, source):
                most = LARGEST[entry.filename]
                with archive.open(entry) as packed:
                    content = packed.read(most + 1)
                if len(content) > most:
                    raise ModelError(f"{source} holds a file larger than any model's; not read.")
                (folder / entry.filename).write_bytes(content)
    except (ModelError, OSError):
        raise
    # zipfile and zlib raise what damaged bytes lead them to: BadZipFile, EOFError, struct.error.
    except Exception as error:
        raise ModelError(
            f"{source} cannot be read as an archive ({printable(str(error))[:160]}); copy it again."
        ) from error


def _entries(archive: zipfile.ZipFile, source: Path) -> list[zipfile.ZipInfo]:
    """Return the entries that are a model's files. Raises ModelError where they are in doubt."""
    listed = archive.infolist()
    if len(listed) > _MOST_ENTRIES:
        raise ModelError(f"{source} holds more files than any model; nothing was read.")
    lower = {name.lower() for name in FILES}
    # Two that one system takes for the same file would be another model on another computer.
    named = [entry for entry in listed if entry.filename.lower() in lower]
    if len({entry.filename.lower() for entry in named}) != len(named):
        raise ModelError(f"{source} holds a file of a model twice; nothing was read.")
    found = [entry for entry in named if entry.filename in FILES]
    if not set(NEEDED) <= {entry.filename for entry in found}:
        raise ModelError(f"{source} holds no model; it must be a file of 'models export'.")
    for entry in found:
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise ModelError(f"{source} holds a link in place of a file; nothing was read.")
        if entry.file_size > LARGEST[entry.filename]:
            raise ModelError(f"{source} holds a file larger than any model's; nothing was read.")
    return found


def _remove_stale(models: Path) -> None:
    """Remove what an import left behind that was killed."""
    for place in models.glob(f"{_UNPACKING}*"):
        if time.time() - place.stat().st_mtime > _STALE_S:
            shutil.rmtree(place, ignore_errors=True)
