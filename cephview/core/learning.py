"""What a fine-tune takes, tells on the way, and answers."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from cephview.core.detection import Turn
from cephview.core.turning import AS_ON_FILE

# Patients: with fewer, too little is left to judge by what was learnt.
MINIMUM_FILMS = 5
# From so many patients on, films are held out and the encoders learn as well; below, only where the
# clinic places each landmark is learnt, and judged by cross-validation.
PATIENTS_FOR_STEPS = 30
# From so many films on, one PatientID may be that of an anonymised collection.
SHARED_ID = 5
SHA256_DIGITS = 64


def what_is_learnt(patients: int) -> str:
    """Say in plain words what films of so many patients can teach, and what they cannot."""
    if patients < MINIMUM_FILMS:
        return ""
    if patients < 10:
        return (
            "So few show only where you place a landmark far from the model; small habits and the "
            "look of your films they cannot show."
        )
    if patients < PATIENTS_FOR_STEPS:
        return (
            "That shows where you place each landmark. It cannot teach the look of your films; "
            f"from {PATIENTS_FOR_STEPS} patients on the model learns that, too."
        )
    return (
        "That shows where you place each landmark and what your films look like. A quarter of the "
        "patients is never learnt from and judges the outcome."
    )


def what_is_taught(patients: Mapping[str, int]) -> str:
    """Say what films teach of landmarks the model does not know, by how many patients show each."""
    enough = [name for name, count in patients.items() if count >= MINIMUM_FILMS]
    few = [f"{name} ({count})" for name, count in patients.items() if count < MINIMUM_FILMS]
    told = []
    if enough:
        them = "it" if len(enough) == 1 else "them"
        told.append(
            f"The model does not know {', '.join(enough)} yet: it learns {them}, too; that "
            "moves no other point."
        )
    if few:
        told.append(
            f"Of what it does not know, it can learn what films of {MINIMUM_FILMS} patients show; "
            f"so far: {', '.join(few)}."
        )
    return " ".join(told)


@dataclass(frozen=True)
class CorrectedFilm:
    """A film with the points a human stands for; only these are learnt from.

    points: landmark id to (x, y) in pixel indices. mm_per_px is (x, y) or None without a trusted
    scale. patient groups films of one person; empty where unknown, and then sha256 is the group.
    turn is how the film is looked at; points and scale are of the film as it is on file. sets names
    the landmark set by whose definition each point lies, where that is known.
    """

    path: str
    sha256: str
    points: dict[str, tuple[float, float]]
    mm_per_px: tuple[float, float] | None = None
    patient: str = ""
    turn: Turn = AS_ON_FILE
    sets: dict[str, str] = field(default_factory=dict)

    @property
    def group(self) -> str:
        return self.patient or self.sha256

    @property
    def digest(self) -> str:
        """Return sha256 where it is one; "" where it is another name of the film."""
        return self.sha256 if len(self.sha256) == SHA256_DIGITS else ""


def possible_groups(films: Iterable[CorrectedFilm]) -> list[str]:
    """Return the group of each film, as far as its patient is known before its head is looked at.

    Films that were made anonymous often bear one PatientID. One of so many films is not taken for
    a patient; whether they are of one, their heads say when a model learns.
    """
    films = list(films)
    often = Counter(film.patient for film in films)
    return [film.sha256 if often[film.patient] >= SHARED_ID else film.group for film in films]


def without_points(
    films: Iterable[CorrectedFilm], landmarks: Collection[str]
) -> tuple[CorrectedFilm, ...]:
    """Return films without their points of some landmarks, and without films left with none."""
    kept = (
        replace(film, points={k: xy for k, xy in film.points.items() if k not in landmarks})
        for film in films
    )
    return tuple(film for film in kept if film.points)


@dataclass(frozen=True)
class TrainingProgress:
    """A step of a running training. holdout_mre is None until it was measured once.

    unit is that of holdout_mre, "mm" or "px". loss is 0 where nothing is learnt by steps.
    """

    step: int
    steps: int
    loss: float
    holdout_mre: float | None
    seconds_left: float
    note: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Accuracy:
    """Errors over a set of films. unit is "mm", or "px" where any film has no trusted scale.

    sdr: share of points within 2, 2.5, 3 and 4 mm, in per cent; empty in pixels. per_landmark is
    the mean radial error of each landmark.
    """

    mre: float
    unit: str
    points: int
    films: int
    sdr: dict[str, float] = field(default_factory=dict)
    per_landmark: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class PointChange:
    """Where a hand placed a point, and a model before and after; (x, y), indices of the film."""

    truth: tuple[float, float]
    before: tuple[float, float]
    after: tuple[float, float]


@dataclass(frozen=True)
class FilmChange:
    """The mean error of one film before and after, in the unit of the result's figures.

    points: of the landmarks that a hand placed; of the film as it is on file. turn is how it is
    looked at.
    """

    path: str
    before: float
    after: float
    points: dict[str, PointChange] = field(default_factory=dict)
    turn: Turn = AS_ON_FILE


@dataclass(frozen=True)
class Kept:
    """Mean radial errors on films that are not the clinic's, mm, by those films' own points.

    what: which films, in the plural. before is of the model in use, network of the new network
    without what the new model's convention adds: what that differs by was forgotten. after is of
    the new model as it places points; a convention is meant to move them, on every film.
    """

    what: str
    films: int
    before: float
    network: float
    after: float


@dataclass(frozen=True)
class Taught:
    """A landmark the model did not know, and what came of teaching it.

    error is its mean radial error, each patient's point found by what the others taught; expected
    that of the place where its neighbours alone have it. unit is "mm", or "px" where a film has no
    trusted scale. within_2mm: share of points in per cent, None in pixels. is_learnt: better than
    its neighbours say, by more than chance; only then it is part of the candidate. sentence says
    so, for a user.
    """

    landmark: str
    films: int
    error: float
    expected: float
    unit: str
    within_2mm: float | None
    is_learnt: bool
    sentence: str


@dataclass(frozen=True)
class FinetuneResult:
    """A candidate model beside the one it was trained from, judged on the same held-out films.

    is_cross_validated: the films judged by are those learnt from, each under what the others
    taught. before and after are of the refined points. is_better says whether the candidate may
    be adopted; sentence says why or why not, for a user. device is "cpu" or "cuda". moved: by how
    much, (x, y) in mm, landmarks were shifted that all films place elsewhere; the others keep their
    place. worst: the films with the largest errors after, worst first. note: what did not go as
    usual. kept: what the candidate makes of films that are not the clinic's. taught: landmarks the
    model did not know; where these alone were learnt, before is what their neighbours say of them.
    """

    model_dir: str
    model_name: str
    before: Accuracy
    after: Accuracy
    films_trained: int
    films_held_out: int
    is_better: bool
    sentence: str
    seconds: float
    device: str
    is_cross_validated: bool = False
    moved: dict[str, tuple[float, float]] = field(default_factory=dict)
    worst: tuple[FilmChange, ...] = ()
    note: str = ""
    kept: Kept | None = None
    taught: tuple[Taught, ...] = ()
