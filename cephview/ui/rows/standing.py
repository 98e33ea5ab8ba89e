"""How far a film is, as its row in the list says."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cephview.core.detection import Turn
from cephview.core.film_warning import film_warning, warning_of
from cephview.core.review import is_checked
from cephview.core.scale import PixelSize
from cephview.core.tracing import State, Tracing, least_certain
from cephview.core.turning import AS_ON_FILE
from cephview.core.uncertainty import Covariance
from cephview.ui.rows.film_list_model import FilmState
from cephview.ui.rows.point_rows import Length, length_of, urgency_of

if TYPE_CHECKING:
    from cephview.store import FilmRecord


@dataclass(frozen=True)
class Frame:
    """By what a film's uncertainty is told: its scale and its height, 0 where that is unknown."""

    size: PixelSize = field(default_factory=PixelSize)
    height_px: int = 0


@dataclass(frozen=True)
class Standing:
    """How far a film is, what to know of it and how it is turned.

    worst is the uncertainty of its least certain unchecked point, urgency the same as a share of
    what asks for eyes. changed_at is UTC, ISO 8601. is_skipped: it is no data.
    """

    state: FilmState
    checked: int
    total: int
    warning: str = ""
    turn: Turn = AS_ON_FILE
    unsure: int = 0
    worst: Length | None = None
    urgency: float = 0.0
    seconds: float = 0.0
    changed_at: str = ""
    is_skipped: bool = False

    @property
    def fields(self) -> dict[str, Any]:
        return vars(self)

    def after(self, seconds: float) -> "Standing":
        """Return it after more time at work."""
        return replace(self, seconds=self.seconds + seconds)


NEW = Standing(FilmState.NEW, 0, 0)


def standing_of_record(record: "FilmRecord", *, moved_counts: bool = False) -> Standing:
    """Return what the workspace says of a film.

    moved_counts: to have moved a point is to have checked it.
    """
    judged = record.confirmed + record.unsure + (record.moved if moved_counts else 0)
    state = film_state(record.placed, judged, record.total)
    warning = None if state is FilmState.DONE else film_warning(record.likeness, record.turn)
    worst, urgency = _worst(record.doubt, Frame(record.pixel_size, record.height))
    return Standing(
        state, judged, record.total, "" if warning is None else warning.text, record.turn,
        record.unsure, worst, urgency, record.seconds, record.updated_at, record.is_skipped,
    )  # fmt: skip


def standing_of_tracing(
    tracing: Tracing, frame: Frame, before: Standing, *, moved_counts: bool = False
) -> Standing:
    """Return how far an open film is; time and last change are as they were before.

    moved_counts: to have moved a point is to have checked it.
    """
    checked, total = progress(tracing, moved_counts=moved_counts)
    placed = sum(p.best is not None or p.hidden is not None for p in tracing)
    warning = warning_of(tracing, moved_counts=moved_counts)
    unsure = sum(p.state is State.UNSURE for p in tracing)
    worst, urgency = _worst(least_certain(tracing), frame)
    return Standing(
        film_state(placed, checked, total), checked, total,
        "" if warning is None else warning.text, tracing.turn, unsure, worst, urgency,
        before.seconds, before.changed_at, before.is_skipped,
    )  # fmt: skip


def film_state(placed: int, checked: int, total: int) -> FilmState:
    """Return the state of a film from its counts; total leaves out what is not visible."""
    if total and checked >= total:
        return FilmState.DONE
    return FilmState.REVIEW if placed else FilmState.NEW


def progress(tracing: Tracing, *, moved_counts: bool = False) -> tuple[int, int]:
    """Return how many points somebody judged, of how many that can be seen.

    One that its reader is unsure of is judged: nothing is left to do there, so it does not keep a
    film from being done. How many there are is told beside.
    moved_counts: to have moved a point is to have checked it.
    """
    seen = [point for point in tracing if point.state is not State.NOT_VISIBLE]
    return sum(is_checked(point, moved_counts=moved_counts) for point in seen), len(seen)


def _worst(spread: Covariance | None, frame: Frame) -> tuple[Length | None, float]:
    if spread is None:
        return None, 0.0
    worst = length_of(spread, frame.size)
    return worst, urgency_of(worst, frame.height_px)
