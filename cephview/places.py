"""Where the files that ship with the program lie, in a checkout and in an installed package."""

import errno
from collections.abc import Callable
from pathlib import Path

import platformdirs

from cephview import private_files
from cephview.core.landmarks import Landmark, LandmarkSet

_HOMELESS = "this user has no home folder; set HOME to one that can be written"
_PACKAGE = Path(__file__).resolve().parent


def _shipped(name: str) -> Path:
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def resources_dir() -> Path:
    """Return the folder of landmark sets, icons, fonts and the demo film."""
    return _shipped("resources")


def models_dir() -> Path:
    """Return the folder of the models that ship with the program, one folder a model."""
    return _shipped("models")


def user_dir() -> Path:
    """Return the user's folder for fine-tuned models and the default workspace; made if missing.

    Raises OSError.
    """
    return _made(_of_user(platformdirs.user_data_dir))


def log_dir() -> Path:
    """Return the user's folder for logs; made if missing. Raises OSError."""
    return _made(_of_user(platformdirs.user_log_dir))


def config_dir() -> Path:
    """Return the user's folder for settings, which may be missing. Raises OSError."""
    return _of_user(platformdirs.user_config_dir)


def _of_user(find: Callable[..., str]) -> Path:
    try:
        folder = Path(find("cephview", appauthor=False))
    except RuntimeError as error:
        raise FileNotFoundError(errno.ENOENT, _HOMELESS, "cephview") from error
    if not folder.is_absolute():
        # As older releases of platformdirs have it: the sign for the home, left as it was.
        raise FileNotFoundError(errno.ENOENT, _HOMELESS, str(folder))
    return folder


def _made(folder: Path) -> Path:
    private_files.make_own_folder(folder)
    return folder


def demo_film() -> Path:
    """Return the path of the bundled synthetic film, a DICOM file."""
    return resources_dir() / "demo" / "phantom.dcm"


def is_demo_film(path: Path | str) -> bool:
    """Whether a path is that of the demo film, in this place or where it was installed before."""
    return Path(path).parts[-2:] == demo_film().parts[-2:]


def load_landmark_set(set_id: str) -> LandmarkSet:
    """Read a landmark set that ships with the program.

    Raises FileNotFoundError for an unknown id and ValueError for a file that breaks the rules.
    """
    path = resources_dir() / "landmarks" / f"{set_id}.toml"
    return LandmarkSet.from_toml(path.read_text(encoding="utf-8"))


def load_catalogue(base: LandmarkSet) -> tuple[Landmark, ...]:
    """Read the landmarks that ship and that a set lacks, each with its own set and convention.

    Raises ValueError for a file that breaks the rules.
    """
    found: dict[str, Landmark] = {}
    for path in sorted((resources_dir() / "landmarks").glob("*.toml")):
        for landmark in load_landmark_set(path.stem).lent():
            if landmark.id not in base.ids:
                found.setdefault(landmark.id, landmark)
    return tuple(found.values())
