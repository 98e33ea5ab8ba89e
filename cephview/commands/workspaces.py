"""What commands ask of a workspace: to be there, one of its readings, its landmarks."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cephview.commands import CommandError
from cephview.core.reading import FIRST, Reading
from cephview.database_address import is_address

if TYPE_CHECKING:
    from cephview.core.landmarks import LandmarkSet
    from cephview.store import Workspace


def open_workspace(place: str) -> "Workspace":
    """Open a workspace that is there. Raises CommandError and StoreError."""
    from cephview import places
    from cephview.store import Workspace

    if is_address(place):
        workspace = Workspace.open(places.user_dir() / "workspace", url=place)
        if workspace.notice:
            print(f"cephview: {workspace.notice}", file=sys.stderr)
        return workspace
    refuse_if_none(Path(place))
    return Workspace.open(Path(place))


def refuse_if_none(folder: Path) -> None:
    """Raise CommandError for a folder that is no workspace: opening it would make one there."""
    from cephview.store.opening import DATABASE

    # A recovery that was ended midway may have left the file under another name for now.
    if not any(path.is_file() for path in folder.glob(f"{DATABASE}*")):
        raise CommandError(f"{folder} is not a workspace: there is no {DATABASE} in it.")


def reading_number(workspace: "Workspace", name: str | None) -> int:
    """Return the number of a reading by its name, the first one's for None. Raises CommandError."""
    return 0 if name is None else find_reading(workspace.readings(), name).number


def landmarks_of(workspace: "Workspace", set_id: str) -> "LandmarkSet":
    """Return the landmark set of a workspace's films with what was added to it."""
    from cephview import places
    from cephview.store.landmarks import landmark_set

    try:
        return landmark_set(workspace, places.load_landmark_set(set_id))
    except FileNotFoundError:
        raise CommandError(
            f"The films of {workspace.folder} are traced with the landmark set {set_id}, "
            "which this version does not know."
        ) from None


def find_reading(readings: Sequence[Reading], name: str) -> Reading:
    """Return the reading of a name: a reader's, "first" or "adjudicated". Raises CommandError."""
    if name == "first":
        return FIRST
    for reading in readings:
        if name == reading.label:
            return reading
    known = ", ".join(f"“{reading.label}”" for reading in readings)
    raise CommandError(f"there is no reading of {name}; there are {known}.")
