"""The tracing of a film: per landmark a coarse, a refined and a human layer."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from cephview.core.detection import Detection, Likeness, Turn
from cephview.core.landmarks import LandmarkSet
from cephview.core.scale import PixelSize, Provenance
from cephview.core.turning import AS_ON_FILE
from cephview.core.uncertainty import Covariance

XY = tuple[float, float]

# Less than this no ellipse can be made of.
_NO_SIGMA_PX = 1e-6


class State(StrEnum):
    """What is known of a point, in words a user reads."""

    MISSING = "missing"
    MODEL = "model"
    MOVED = "moved"
    CONFIRMED = "confirmed"
    UNSURE = "unsure"
    NOT_VISIBLE = "not visible"


@dataclass(frozen=True)
class Signature:
    """Who said so, and when (UTC, ISO 8601)."""

    by: str
    at: str


@dataclass(frozen=True)
class Placed:
    """One layer of a point: a place in pixel indices (x right, y down; 0, 0 is a pixel's centre).

    sigma_px is the predicted standard deviation of one coordinate, covariance that of the error by
    direction (px²) where the model knows it; both are None for a human. model is the SHA-256 of the
    weights that placed it, empty for a human. Raises ValueError for a place that is not finite.
    """

    x_px: float
    y_px: float
    by: str
    at: str
    sigma_px: float | None = None
    model: str = ""
    covariance: Covariance | None = None

    def __post_init__(self) -> None:
        # One such number would make every later comparison of this tracing a change.
        if not (math.isfinite(self.x_px) and math.isfinite(self.y_px)):
            raise ValueError(f"a point lies somewhere, not at ({self.x_px}, {self.y_px})")

    @property
    def xy(self) -> XY:
        return self.x_px, self.y_px

    @property
    def spread(self) -> Covariance | None:
        """Return the covariance (px²), round where but a sigma is known; None for a human."""
        if self.covariance is not None or not (self.sigma_px and self.sigma_px > _NO_SIGMA_PX):
            return self.covariance
        return Covariance.round(self.sigma_px)


@dataclass(frozen=True)
class Point:
    """All layers of one landmark on one film. A prediction never overwrites a human layer."""

    landmark: str
    coarse: Placed | None = None
    refined: Placed | None = None
    human: Placed | None = None
    confirmed: Signature | None = None
    hidden: Signature | None = None
    unsure: Signature | None = None

    @property
    def state(self) -> State:
        if self.hidden is not None:
            return State.NOT_VISIBLE
        if self.unsure is not None:
            return State.UNSURE
        if self.confirmed is not None:
            return State.CONFIRMED
        if self.human is not None:
            return State.MOVED
        return State.MODEL if self.best is not None else State.MISSING

    @property
    def best(self) -> Placed | None:
        """Return the layer that counts: human before refined before coarse."""
        return self.human or self.refined or self.coarse

    @property
    def truth(self) -> Placed | None:
        """Return what may be exported and learnt from: a human layer or a confirmed prediction.

        Nothing of what its reader is unsure of: a network would learn a guess as if it were seen,
        and an evaluation would count a good answer as a mistake. Who knows better confirms it.
        """
        if self.hidden is not None or self.unsure is not None:
            return None
        if self.human is not None:
            return self.human
        return self.best if self.confirmed is not None else None


@dataclass(frozen=True)
class Tracing:
    """Every point of one film, in the order of its landmark set.

    turn is how the film is looked at, by people and by the model; points are of the film as it is.
    likeness is what the model last said of the film. added names the set of each landmark that is
    of another one than landmark_set. scale is what a user says of the film's pixel size, None where
    the file's counts; it is common to all readings of a film (core.film_history.on_scale). Raises
    ValueError where a landmark is there twice.
    """

    landmark_set: str
    points: tuple[Point, ...]
    turn: Turn = AS_ON_FILE
    likeness: Likeness | None = None
    added: tuple[tuple[str, str], ...] = ()
    scale: PixelSize | None = None

    def __post_init__(self) -> None:
        if len({point.landmark for point in self.points}) != len(self.points):
            raise ValueError("a tracing has one point a landmark")

    @classmethod
    def empty(cls, landmark_set: str, landmark_ids: tuple[str, ...]) -> "Tracing":
        return cls(landmark_set, tuple(Point(i) for i in landmark_ids))

    @classmethod
    def of(cls, landmarks: LandmarkSet) -> "Tracing":
        """Return an empty tracing of a set, with what a workspace added to it."""
        empty = cls.empty(landmarks.id, landmarks.ids)
        return replace(empty, added=tuple((m.id, m.set_id) for m in landmarks.added))

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(point.landmark for point in self.points)

    def set_of(self, landmark: str) -> str:
        """Return the landmark set by whose convention a point lies. Raises KeyError."""
        return dict(self.added).get(self[landmark].landmark, self.landmark_set)

    def aligned(self, other: "Tracing") -> "Tracing":
        """Return this tracing in the order of another, whose set may have grown or shrunk since.

        What the other lacks stays at the end where there is something to say of it: nothing a human
        did is dropped, and a point that is there stays of the set it was placed by.
        """
        if self.ids == other.ids and self.added == other.added:
            return self
        mine, theirs = {point.landmark: point for point in self}, other.ids
        kept = [p for p in self if p.landmark not in set(theirs) and p != Point(p.landmark)]
        points = (*(mine.get(i, Point(i)) for i in theirs), *kept)
        was, now = dict(self.added), dict(other.added)
        sets = {
            p.landmark: was.get(p.landmark, now.get(p.landmark, ""))
            if p != Point(p.landmark)
            else now.get(p.landmark, "")
            for p in points
        }
        added = tuple((i, name) for i, name in sets.items() if name)
        if points == self.points and added == self.added:
            return self
        return replace(self, points=points, added=added)

    def __getitem__(self, landmark: str) -> Point:
        for point in self.points:
            if point.landmark == landmark:
                return point
        raise KeyError(landmark)

    def __iter__(self) -> Iterator[Point]:
        return iter(self.points)

    def __len__(self) -> int:
        return len(self.points)

    def _with(self, landmark: str, **changes: Any) -> "Tracing":
        new = replace(self[landmark], **changes)
        points = tuple(new if p.landmark == landmark else p for p in self.points)
        return replace(self, points=points)

    def moved(self, landmark: str, xy: XY, *, by: str, at: str) -> "Tracing":
        """Put the human layer of a landmark at xy. Moving a confirmed point asks for a new look.

        A point one is unsure of stays so: a better place need not be a sure one.
        """
        placed = Placed(float(xy[0]), float(xy[1]), by=by, at=at)
        return self._with(landmark, human=placed, confirmed=None, hidden=None)

    def confirm(self, landmark: str, *, by: str, at: str) -> "Tracing":
        """Confirm a landmark where it is. Raises ValueError where there is nothing to confirm."""
        if self[landmark].best is None:
            raise ValueError(f"{landmark} is not placed, so it cannot be confirmed")
        return self._with(landmark, confirmed=Signature(by, at), hidden=None, unsure=None)

    def confirm_all(self, *, by: str, at: str, with_moved: bool = True) -> "Tracing":
        """Confirm every placed point of which nobody said anything yet, but where it lies.

        with_moved: those as well that a human placed there.
        """
        tracing = self
        for point in self.points:
            if point.state is State.MODEL or (with_moved and point.state is State.MOVED):
                tracing = tracing.confirm(point.landmark, by=by, at=at)
        return tracing

    def reverted(self, landmark: str) -> "Tracing":
        """Drop what a human said of a landmark, so that the model's point counts again."""
        return self._with(landmark, human=None, confirmed=None, hidden=None, unsure=None)

    def marked_not_visible(self, landmark: str, *, by: str, at: str) -> "Tracing":
        """Say that a landmark cannot be seen on this film; its layers are kept."""
        return self._with(landmark, hidden=Signature(by, at), confirmed=None, unsure=None)

    def marked_unsure(self, landmark: str, *, by: str, at: str) -> "Tracing":
        """Say that a point is placed but doubted. Raises ValueError where nothing is placed."""
        if self[landmark].best is None:
            raise ValueError(f"{landmark} is not placed, so there is nothing to be unsure of")
        return self._with(landmark, unsure=Signature(by, at), confirmed=None, hidden=None)

    def doubt_taken_back(self, landmark: str) -> "Tracing":
        """Say no longer that a point is doubted; it stays where it is, and is to be confirmed."""
        return self._with(landmark, unsure=None)

    def having(self, points: Iterable[Point]) -> "Tracing":
        """Set whole points; those of landmarks that are not here are left out."""
        new = {point.landmark: point for point in points}
        return replace(self, points=tuple(new.get(p.landmark, p) for p in self))

    def by_model(self) -> "Tracing":
        """Return the tracing as the model left it; what only a human placed is missing."""
        points = tuple(
            replace(point, human=None, confirmed=None, hidden=None, unsure=None)
            for point in self.points
        )
        return replace(self, points=points)

    def turned(self, turn: Turn) -> "Tracing":
        """Look at the film in another way; its points stay where they are."""
        return replace(self, turn=turn)

    def scaled(self, scale: PixelSize | None) -> "Tracing":
        """Say how large the film's pixels are, None for as its file says; points stay."""
        return replace(self, scale=scale)

    def detected(self, detection: Detection, *, at: str) -> "Tracing":
        """Lay a detection under the human layers.

        A point whose prediction a human confirmed, or doubted, keeps that place as its human layer,
        so that a new model cannot move what was judged. Landmarks unknown to this tracing are left
        out, and so are those that it has by the definition of another set than the model. How the
        film is looked at stays. Raises ValueError for a model of another landmark set: the same
        symbol may be another place there.
        """
        if why := other_set(detection.model_name, detection.landmark_set, self):
            raise ValueError(why)
        found = {
            point.landmark: point
            for point in detection.points
            if point.landmark in self.ids
            and detection.set_of(point.landmark) in ("", self.set_of(point.landmark))
        }
        points = []
        for point in self.points:
            if point.landmark not in found:
                points.append(point)
                continue
            new = found[point.landmark]
            human = point.human
            judged = point.confirmed or point.unsure
            if human is None and judged is not None and point.best is not None:
                human = Placed(*point.best.xy, by=judged.by, at=judged.at)
            by = detection.model_name
            points.append(
                replace(
                    point,
                    coarse=Placed(
                        *new.coarse_px,
                        by=by,
                        at=at,
                        sigma_px=new.coarse_sigma_px,
                        model=detection.model,
                    ),
                    refined=Placed(
                        *new.refined_px,
                        by=by,
                        at=at,
                        sigma_px=new.refined_sigma_px,
                        model=detection.model,
                        covariance=new.refined_covariance,
                    ),
                    human=human,
                )
            )
        likeness = detection.likeness
        if likeness is not None and likeness.better == detection.turn:
            # Turned so already.
            likeness = replace(likeness, better=None)
        return replace(self, points=tuple(points), likeness=likeness)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Tracing":
        """Read what to_dict gave, now or in earlier versions. Raises ValueError otherwise."""
        try:
            points = tuple(
                Point(
                    landmark=entry["landmark"],
                    **{k: _placed(entry[k]) for k in ("coarse", "refined", "human")},
                    **{k: _maybe(Signature, entry[k]) for k in ("confirmed", "hidden")},
                    unsure=_maybe(Signature, entry.get("unsure")),
                )
                for entry in data["points"]
            )
            turn = _maybe(Turn, data.get("turn")) or AS_ON_FILE
            likeness, added = likeness_of(data.get("likeness")), data.get("added", ())
            return cls(
                data["landmark_set"],
                points,
                turn,
                likeness,
                tuple((i, name) for i, name in added),
                scale_of(data.get("scale")),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a tracing: {error!r}") from error


def other_set(model: str, landmark_set: str, tracing: Tracing) -> str:
    """Return why a model of a landmark set cannot place the points of a tracing; "" where it can.

    landmark_set is "" where it is not known.
    """
    if landmark_set in ("", tracing.landmark_set):
        return ""
    return (
        f"The model {model} places landmarks of the set {landmark_set}, but the films are traced "
        f"with {tracing.landmark_set}, where the same symbol may be another place: no point was "
        "placed. Choose a model of that set."
    )


def least_certain(tracing: Tracing) -> Covariance | None:
    """Return the largest spread (px²) among the model's points that nobody moved or checked.

    The largest in pixels; None where no such point is left.
    """
    spreads = (
        layer.spread
        for point in tracing
        if point.state is State.MODEL and (layer := point.best) is not None
    )
    return max((s for s in spreads if s is not None), key=lambda s: s.sigma, default=None)


def likeness_of(entry: Mapping[str, Any] | None) -> Likeness | None:
    """Read a likeness that became plain values. Raises TypeError for anything else."""
    if entry is None:
        return None
    return Likeness(**{**entry, "better": _maybe(Turn, entry.get("better"))})


def scale_of(entry: Mapping[str, Any] | None) -> PixelSize | None:
    """Read a pixel size that became plain values. Raises TypeError and ValueError."""
    if entry is None:
        return None
    return PixelSize(**{**entry, "provenance": Provenance(entry.get("provenance", ""))})


def _placed(entry: Mapping[str, Any] | None) -> Any:
    if entry is None:
        return None
    return Placed(**{**entry, "covariance": _maybe(Covariance, entry.get("covariance"))})


def _maybe(kind: Any, entry: Mapping[str, Any] | None) -> Any:
    return None if entry is None else kind(**entry)
