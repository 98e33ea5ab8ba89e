"""Which model a command means."""

from pathlib import Path

from cephview.commands import CommandError
from cephview.places import models_dir, user_dir

DEFAULT_MODEL = "isbi19-base"


def find_model(name: str | None) -> Path:
    """Return the folder of a model given as a folder or by name; the shipped one for None.

    Raises CommandError where there is no such model; no other model is taken in its place.
    """
    wanted = name or DEFAULT_MODEL
    folder = Path(wanted)
    places = [models_dir() / wanted, user_dir() / "models" / wanted]
    if name is not None:
        places.insert(0, folder)
    for place in places:
        if (place / "model.toml").is_file():
            return place
    raise CommandError(f"no model is called {wanted!r}; give a model folder or an installed name.")
