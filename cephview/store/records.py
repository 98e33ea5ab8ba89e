"""What the workspace knows of a film."""

from dataclasses import dataclass, field
from pathlib import Path

from cephview.core.detection import Likeness, Turn
from cephview.core.scale import PixelSize
from cephview.core.turning import AS_ON_FILE
from cephview.core.uncertainty import Covariance


@dataclass(frozen=True)
class FilmRecord:
    """A film of the workspace, as of the moment it was asked for.

    path is where the film was last seen. pixel_size is the effective one: what a user measured
    or accepted, else what the file says. placed counts the points that lie somewhere, moved,
    confirmed and unsure those in that state, total all points but the ones marked as not
    visible; all are 0 for a film that was never traced. updated_at is UTC, ISO 8601: the last
    revision, else the day the film came in. revision is the number of the last revision, 0
    before the first. turn is how the film is looked at, likeness what a model last said of it.
    doubt is the largest spread (px²) of a model's point that nobody moved or checked, seconds the
    time that hands spent on the film. is_skipped: no model learns from it and no export holds it;
    binned_at is when it was put in the bin, "" while it is among the films. number is its place
    among all films that ever came into the workspace, from 1; 0 in a record that was read alone.
    """

    sha256: str
    path: Path
    name: str
    width: int
    height: int
    patient: str
    pixel_size: PixelSize
    placed: int
    moved: int
    confirmed: int
    total: int
    revision: int
    updated_at: str
    turn: Turn = AS_ON_FILE
    likeness: Likeness | None = None
    unsure: int = 0
    doubt: Covariance | None = None
    seconds: float = 0.0
    is_skipped: bool = False
    binned_at: str = ""
    number: int = field(default=0, compare=False)
