"""Landmarks and the sets they belong to."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Landmark:
    """A definition, not a place: what a reader looks for on any film.

    id is the short symbol, unique in its set ("S", "Pog'"); tissue is "hard" or "soft".
    """

    id: str
    name: str
    definition: str
    tissue: str

    def __post_init__(self) -> None:
        for key in ("id", "name", "definition", "tissue"):
            if not isinstance(getattr(self, key), str):
                raise ValueError(f"landmark {self.id!r}: {key} must be text")
        if not self.id or not self.name or not self.definition:
            raise ValueError(f"landmark {self.id!r} needs an id, a name and a definition")
        if self.tissue not in ("hard", "soft"):
            raise ValueError(
                f"landmark {self.id!r}: tissue is 'hard' or 'soft', not {self.tissue!r}"
            )


@dataclass(frozen=True)
class LandmarkSet:
    """An ordered set of landmarks under one convention of where each lies."""

    id: str
    name: str
    convention: str
    landmarks: tuple[Landmark, ...]

    def __post_init__(self) -> None:
        ids = [landmark.id for landmark in self.landmarks]
        repeated = sorted({i for i in ids if ids.count(i) > 1})
        if repeated:
            raise ValueError(f"landmark set {self.id!r} repeats {', '.join(repeated)}")
        if not ids:
            raise ValueError(f"landmark set {self.id!r} is empty")

    @classmethod
    def from_toml(cls, text: str) -> "LandmarkSet":
        """Read a set from TOML text. Raises ValueError with the key that is wrong."""
        data = tomllib.loads(text)
        try:
            landmarks = tuple(Landmark(**entry) for entry in data.pop("landmark"))
            return cls(landmarks=landmarks, **data)
        except (KeyError, TypeError) as error:
            raise ValueError(f"landmark set: {error}") from error

    @cached_property
    def ids(self) -> tuple[str, ...]:
        return tuple(landmark.id for landmark in self.landmarks)

    def index(self, landmark_id: str) -> int:
        """Return the position of a landmark in the set. Raises KeyError."""
        try:
            return self.ids.index(landmark_id)
        except ValueError:
            raise KeyError(landmark_id) from None

    def __getitem__(self, landmark_id: str) -> Landmark:
        return self.landmarks[self.index(landmark_id)]

    def __iter__(self) -> Iterator[Landmark]:
        return iter(self.landmarks)

    def __len__(self) -> int:
        return len(self.landmarks)
