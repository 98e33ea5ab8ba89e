"""What a detector answers for one film."""

from dataclasses import dataclass

from cephview.core.uncertainty import Covariance


@dataclass(frozen=True)
class DetectedPoint:
    """One landmark as the model sees it: both layers, in pixel indices (x right, y down).

    sigma is the predicted standard deviation of the error of one coordinate, in pixels. The refined
    point's error may differ by direction: refined_covariance, px², None where the model knows but a
    sigma.
    """

    landmark: str
    coarse_px: tuple[float, float]
    coarse_sigma_px: float
    refined_px: tuple[float, float]
    refined_sigma_px: float
    refined_covariance: Covariance | None = None


@dataclass(frozen=True)
class Turn:
    """How a film is turned to look like those a model was trained on: a positive picture, the face
    to the right, the vault up.

    First the grey values are inverted, then left and right are swapped, then the picture is turned
    clockwise by so many quarters (0 to 3). Film pixels are never changed, and points stay in the
    film's own indices. Raises ValueError for other quarters.
    """

    negative: bool = False
    mirrored: bool = False
    quarters: int = 0

    def __post_init__(self) -> None:
        if self.quarters not in range(4):
            raise ValueError(f"a film is turned by 0 to 3 quarters, not {self.quarters!r}")

    def __bool__(self) -> bool:
        return self.negative or self.mirrored or self.quarters != 0


@dataclass(frozen=True)
class Likeness:
    """How like the films a model was trained on a film is.

    score grows with unlikeness; above 1 the film is called unlike, as false_alarms (a share) of
    films like those trained on are. reason is a few words on what is unusual, for the user. better
    is how the film should be turned, where one way of turning makes it like the others.
    """

    score: float
    false_alarms: float
    reason: str = ""
    better: Turn | None = None

    @property
    def is_unlike(self) -> bool:
        return self.score > 1.0


@dataclass(frozen=True)
class Detection:
    """All points of one film by one model in one call.

    model is the SHA-256 of the weights; device is "cpu" or "cuda"; note is a sentence for the user
    where something did not go as asked (the graphics card was out of memory, say), else empty. turn
    is how the film was turned to be looked at; likeness is None where the model cannot tell.
    landmark_set is the set by whose definitions the model places its points, "" where that is not
    known; added names the set of each landmark that is of another one.
    """

    points: tuple[DetectedPoint, ...]
    model: str
    model_name: str
    passes: int
    device: str
    seconds: float
    note: str = ""
    turn: Turn = Turn()
    likeness: Likeness | None = None
    landmark_set: str = ""
    added: tuple[tuple[str, str], ...] = ()

    def set_of(self, landmark: str) -> str:
        """Return the landmark set by whose definition a point lies, "" where it is not known."""
        return dict(self.added).get(landmark, self.landmark_set)
