"""The user's settings: a frozen value, read from and written to one TOML file."""

import contextlib
import getpass
import json
import os
import shutil
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from cephview import places, private_files

VERSION = 1

DEVICES = ("auto", "cpu", "cuda")
PASSES = (1, 2)
THEMES = ("dark", "light", "system")
ORDERS = ("name", "state", "uncertainty", "time", "change")

# Step i brings the plain values of version i + 1 to version i + 2.
Migration = Callable[[dict[str, Any]], dict[str, Any]]
MIGRATIONS: tuple[Migration, ...] = ()


def _user_name() -> str:
    # Without a login name (a bare container, say) getpass raises one of three kinds.
    with contextlib.suppress(OSError, KeyError, ImportError):
        return getpass.getuser()
    return "user"


@dataclass(frozen=True)
class Settings:
    """What a user chose, and where the window was.

    author signs every edit. workspace is the folder of the tracings. window_geometry and
    window_state are what Qt saves, as base64 text. hidden_layers and hints_used are names with
    spaces between: layers not drawn, and key hints a user knows. keys are those a user chose,
    as "action:key" with spaces between. loupe is how many times it enlarges. moved_counts:
    to have moved a point is to have checked it. tour_over: the first steps were finished or left.
    notice is a sentence for the user where the file could
    not be read as it stood; it is not saved and does not count in a comparison.
    """

    author: str = field(default_factory=_user_name)
    workspace: str = field(default_factory=lambda: str(places.user_dir() / "workspace"))
    device: str = "auto"
    passes: int = 1
    theme: str = "dark"
    last_folder: str = ""
    window_geometry: str = ""
    window_state: str = ""
    # What runs along the very edge one is to judge is shown when asked for.
    hidden_layers: str = "outlines"
    hints_used: str = ""
    keys: str = ""
    detect_on_open: bool = True
    loupe: float = 4.0
    follows_placing: bool = False
    moved_counts: bool = False
    tour_over: bool = False
    list_order: str = "name"
    notice: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if self.device not in DEVICES:
            raise ValueError(f"device is one of {', '.join(DEVICES)}, not {self.device!r}")
        if self.passes not in PASSES:
            raise ValueError(f"passes is 1 or 2, not {self.passes!r}")
        if self.theme not in THEMES:
            raise ValueError(f"theme is one of {', '.join(THEMES)}, not {self.theme!r}")
        if self.list_order not in ORDERS:
            raise ValueError(f"list_order is one of {', '.join(ORDERS)}, not {self.list_order!r}")
        if not self.author.strip():
            raise ValueError("author must not be empty: it signs every edit")
        if not self.workspace:
            raise ValueError("workspace must name a folder")


_SAVED = tuple(f.name for f in fields(Settings) if f.name != "notice")


def settings_path() -> Path:
    """Return where the settings of this user lie; the folder may not exist yet. Raises OSError."""
    return places.config_dir() / "settings.toml"


def load_settings(path: Path | None = None) -> Settings:
    """Read the settings; a missing file gives the defaults.

    Never raises for what a file holds: a damaged file is kept aside as settings.toml.broken, one
    of a newer program as settings.toml.newer, a value out of its range gives that setting's
    default, and each is told in the notice.
    """
    path = settings_path() if path is None else path
    try:
        private_files.close(path)
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
        version = data.pop("version", None)
        if not _is(version, int) or version < 1:
            raise ValueError("it has no version")
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        return Settings(notice=f"The settings in {path} cannot be read ({error.strerror}); "
                        "this session uses the defaults.")  # fmt: skip
    except ValueError:
        kept = _kept_aside(path, ".broken")
        return Settings(notice=f"The settings in {path} were damaged and are back to their "
                        f"defaults; {kept}.")  # fmt: skip
    notices = []
    if version > VERSION:
        kept = _kept_aside(path, ".newer")
        notices.append(
            f"The settings in {path} are of a newer version of this program, and only what this "
            f"one knows was read; {kept}."
        )
    for migrate in MIGRATIONS[version - 1 :]:
        data = migrate(data)
    values, refused = _accepted(data)
    if refused:
        notices.append(
            f"In {path} these settings could not be used and are back to their defaults: "
            f"{', '.join(refused)}."
        )
    return Settings(**values, notice=" ".join(notices))


def save_settings(settings: Settings, path: Path | None = None) -> None:
    """Write the settings to a temporary file, then put it in place of the old one.

    Raises OSError when the folder cannot be written.
    """
    path = settings_path() if path is None else path
    private_files.make_folder(path.parent)
    text = to_toml({"version": VERSION} | {name: getattr(settings, name) for name in _SAVED})
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def to_toml(values: dict[str, str | int | bool]) -> str:
    """Return TOML text of flat settings; a lone surrogate of a file name becomes "?"."""
    return "".join(f"{name} = {_toml_value(value)}\n" for name, value in values.items())


def _toml_value(value: str | int | bool) -> str:
    if isinstance(value, str):
        clean = value.encode("utf-8", "replace").decode("utf-8")
        # A basic string of TOML escapes as JSON does, and DEL besides.
        return json.dumps(clean, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)


def _is(value: object, kind: type) -> bool:
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))


def _accepted(data: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Split what a file says into usable values and the names of settings it has wrong."""
    values: dict[str, Any] = {}
    refused = []
    defaults = Settings()
    for name in _SAVED:
        if name not in data:
            continue
        try:
            if not _is(data[name], type(getattr(defaults, name))):
                raise ValueError(name)
            Settings(**{name: data[name]})
        except ValueError:
            refused.append(name)
        else:
            values[name] = data[name]
    return values, refused


def _kept_aside(path: Path, suffix: str) -> str:
    """Copy a file beside itself and say so; a copy that fails is said as well."""
    aside = path.with_name(path.name + suffix)
    try:
        shutil.copyfile(path, aside)
        private_files.close(aside)
    except OSError as error:
        return f"no copy of the old file could be kept ({error.strerror})"
    return f"the old file is kept as {aside.name}"
