"""A model as one file, to take it to another computer."""

import os
import stat
import zipfile
import zlib
from pathlib import Path

from cephview.core.file_names import portable_file_name
from cephview.core.model_info import ModelInfo
from cephview.formats.learning_files import portable_split, read_folds
from cephview.formats.model_folder import (
    CARD,
    DESCRIPTION,
    MAX_DESCRIPTION,
    SPLIT,
    WEIGHTS,
    read_within,
)
from cephview.formats.model_schema import shown
from cephview.network.scratch import scratch_folder
from cephview.network.weights import ModelError, load_model

# What an archive may hold, each within so many bytes; nothing else, whatever it is called there.
NEEDED = (DESCRIPTION, WEIGHTS)
LIMITS = {
    DESCRIPTION: MAX_DESCRIPTION,
    WEIGHTS: 512 * 1024**2,
    CARD: 1024**2,
    SPLIT: 4 * 1024**2,
}
FILES = tuple(LIMITS)
# The same moment in every archive, so that the same model gives the same file.
_MOMENT = (2020, 1, 1, 0, 0, 0)
# Texts like these shrink to a tenth, weights hardly.
_RATIO = 100
_CHUNK = 1024**2
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def write_archive(folder: Path, target: Path) -> ModelInfo:
    """Write a model folder, checked first, as a new file, or nothing. Raises ModelError."""
    _, info = load_model(folder)
    check_beside(folder)
    if os.path.lexists(target):
        raise ModelError(f"{target} is there already; choose another name.")
    try:
        with scratch_folder(target.parent, ".cephview-export-") as place:
            made = place / "model"
            with made.open("wb") as file:
                with zipfile.ZipFile(file, "w") as archive:
                    for name, limit in LIMITS.items():
                        if os.path.lexists(folder / name):
                            content = read_within(folder / name, limit)
                            # Of an earlier release, or made by hand.
                            content = portable_split(content) if name == SPLIT else content
                            archive.writestr(zipfile.ZipInfo(name, _MOMENT), content)
                file.flush()
                os.fsync(file.fileno())
            made.rename(target)
    except OSError as error:
        raise ModelError(f"{target} cannot be written ({error.strerror}).") from error
    return info


def read_archive(source: Path, models: Path, name: str | None = None) -> Path:
    """Install a model from a file that write_archive wrote into a new folder of models.

    The model is checked before it is installed. Raises ModelError.
    """
    try:
        models.mkdir(parents=True, exist_ok=True)
        with scratch_folder(models, ".import-") as place:
            folder = place / "model"
            folder.mkdir()
            _unpack(source, folder)
            try:
                _, info = load_model(folder)
                check_beside(folder)
            except ModelError as error:
                # Where it was unpacked to is gone by the time that this is read.
                said = str(error).replace(str(folder), str(source))
                raise ModelError(said) from error
            wanted = info.name if name is None else name
            if portable_file_name(wanted) != wanted or wanted.startswith("."):
                raise ModelError(
                    f"{source}: {shown(wanted)} cannot be a folder's name; choose one with --name."
                )
            target = models / wanted
            if _is_taken(target):
                raise ModelError(f"{target} is there already; choose another name.")
            folder.rename(target)
            return target
    except OSError as error:
        raise ModelError(
            f"{error.filename or source} cannot be used ({error.strerror or error})."
        ) from error


def check_beside(folder: Path) -> None:
    """Raise ModelError where the card or the split of a model, if it has them, cannot be read."""
    try:
        if os.path.lexists(folder / SPLIT):
            read_folds(folder / SPLIT)
        if os.path.lexists(folder / CARD):
            read_within(folder / CARD, LIMITS[CARD]).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ModelError(f"{folder / CARD} is no text in UTF-8; reinstall the model.") from error
    except ValueError as error:
        raise ModelError(f"{folder / SPLIT} cannot be read ({error}).") from error


def _is_taken(target: Path) -> bool:
    """Whether there is something by that name, also where case makes no difference elsewhere."""
    wanted = target.name.casefold()
    return any(path.name.casefold() == wanted for path in target.parent.iterdir())


def _unpack(source: Path, folder: Path) -> None:
    if not source.is_file():
        raise ModelError(f"{source} is no file; it must be one of 'models export'.")
    try:
        with zipfile.ZipFile(source) as archive:
            entries = archive.infolist()
            _check(source, entries)
            for entry in entries:
                _write(archive, entry, folder / entry.filename)
    except (
        zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError,
        LookupError, OverflowError,
    ) as error:  # fmt: skip
        raise ModelError(f"{source} cannot be read as an archive; copy it again.") from error


def _check(source: Path, entries: list[zipfile.ZipInfo]) -> None:
    """Raise ModelError for an archive that export would not have written; before it is unpacked."""
    names = [entry.filename for entry in entries]
    if strange := [name for name in names if name not in LIMITS]:
        raise ModelError(
            f"{source} holds {shown(strange[0])}, which is no part of a model; nothing was "
            "installed; use a file of 'models export'."
        )
    if len(set(names)) < len(names):
        raise ModelError(f"{source} holds a file twice; nothing was installed; copy it again.")
    if not set(NEEDED) <= set(names):
        raise ModelError(f"{source} holds no model; it must be a file of 'models export'.")
    for entry in entries:
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG) or entry.flag_bits & 1:
            raise ModelError(
                f"{source}: {entry.filename} is a link, a device or locked; nothing was installed."
            )
        if entry.compress_type not in _METHODS:
            raise ModelError(
                f"{source}: {entry.filename} is packed in an unusual way; pack it anew."
            )
        is_blown_up = entry.file_size > _CHUNK + _RATIO * entry.compress_size
        if entry.file_size > LIMITS[entry.filename] or is_blown_up:
            raise ModelError(
                f"{source}: {entry.filename} is larger than that of any model; nothing was "
                "installed."
            )


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> None:
    """Unpack one file, no further than to the size that it was checked by. Raises OSError."""
    left = entry.file_size
    with archive.open(entry) as packed, path.open("xb") as file:
        while part := packed.read(_CHUNK):
            left -= len(part)
            if left < 0:
                raise zipfile.BadZipFile("more than was said")
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
