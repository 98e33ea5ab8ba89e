"""Landmarks and the sets they belong to."""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

# The set of landmarks that a user defined.
OWN = "own"
_LONGEST_SYMBOL = 8
_LOST = "Not known any more."
_SYMBOL_MARKS = "'-_."


@dataclass(frozen=True)
class Landmark:
    """A definition, not a place: what a reader looks for on any film.

    id is the short symbol, unique in its set ("S", "Pog'"); tissue is "hard" or "soft". set_id is
    the set that defines it, empty for the one that holds it; convention and source, where they are
    not its set's, say under which convention it lies and where the definition is from.
    """

    id: str
    name: str
    definition: str
    tissue: str
    set_id: str = ""
    convention: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        for key, value in vars(self).items():
            if not isinstance(value, str):
                raise ValueError(f"landmark {self.id!r}: {key} must be text")
        if not self.id or not self.name or not self.definition:
            raise ValueError(f"landmark {self.id!r} needs an id, a name and a definition")
        if self.tissue not in ("hard", "soft"):
            raise ValueError(
                f"landmark {self.id!r}: tissue is 'hard' or 'soft', not {self.tissue!r}"
            )


@dataclass(frozen=True)
class LandmarkSet:
    """An ordered set of landmarks under one convention of where each lies.

    A workspace adds landmarks of other sets at its end; each keeps its own set and convention. One
    that was retired is no longer part of the set, yet still known: films may have points of it.
    Iterating, ids and len() are of the set without the retired ones.
    """

    id: str
    name: str
    convention: str
    landmarks: tuple[Landmark, ...]
    source: str = ""
    retired: tuple[Landmark, ...] = ()

    def __post_init__(self) -> None:
        ids = [landmark.id for landmark in (*self.landmarks, *self.retired)]
        repeated = sorted({i for i in ids if ids.count(i) > 1})
        if repeated:
            raise ValueError(f"landmark set {self.id!r} repeats {', '.join(repeated)}")
        if not self.landmarks:
            raise ValueError(f"landmark set {self.id!r} is empty")

    @classmethod
    def from_toml(cls, text: str) -> "LandmarkSet":
        """Read a set from TOML text. Raises ValueError with the key that is wrong."""
        data: dict[str, Any] = tomllib.loads(text)
        try:
            landmarks = tuple(Landmark(**entry) for entry in data.pop("landmark"))
            return cls(landmarks=landmarks, **data)
        except (KeyError, TypeError) as error:
            raise ValueError(f"landmark set: {error}") from error

    @cached_property
    def ids(self) -> tuple[str, ...]:
        return tuple(landmark.id for landmark in self.landmarks)

    @cached_property
    def added(self) -> tuple[Landmark, ...]:
        """Return the landmarks that a workspace added from another set."""
        return tuple(m for m in self.landmarks if m.set_id not in ("", self.id))

    @cached_property
    def _known(self) -> dict[str, Landmark]:
        return {landmark.id: landmark for landmark in (*self.landmarks, *self.retired)}

    def index(self, landmark_id: str) -> int:
        """Return the position of a landmark in the set. Raises KeyError."""
        try:
            return self.ids.index(landmark_id)
        except ValueError:
            raise KeyError(landmark_id) from None

    def __getitem__(self, landmark_id: str) -> Landmark:
        """Return a landmark of the set, or a retired one. Raises KeyError."""
        return self._known[landmark_id]

    def __contains__(self, landmark_id: object) -> bool:
        """Say whether a landmark is known, retired ones too."""
        return landmark_id in self._known

    def __iter__(self) -> Iterator[Landmark]:
        return iter(self.landmarks)

    def __len__(self) -> int:
        return len(self.landmarks)

    def set_of(self, landmark_id: str) -> str:
        """Return the id of the set that defines a landmark. Raises KeyError."""
        return self[landmark_id].set_id or self.id

    def convention_of(self, landmark_id: str) -> str:
        """Return the convention under which a landmark lies. Raises KeyError."""
        return self[landmark_id].convention or self.convention

    def source_of(self, landmark_id: str) -> str:
        """Return where the definition of a landmark is from, "" if unsaid. Raises KeyError."""
        landmark = self[landmark_id]
        return landmark.source or ("" if landmark.set_id not in ("", self.id) else self.source)

    def lent(self) -> tuple[Landmark, ...]:
        """Return the landmarks as another set would add them, each with all that is said of it."""
        return tuple(
            replace(
                landmark,
                set_id=self.set_of(landmark.id),
                convention=self.convention_of(landmark.id),
                source=self.source_of(landmark.id),
            )
            for landmark in self.landmarks
        )

    def with_added(self, *landmarks: Landmark) -> "LandmarkSet":
        """Add landmarks of other sets at the end; one that was retired comes back.

        Raises ValueError, as a sentence for a user, where a symbol is taken: by case, too, for
        readers would mix them up.
        """
        made = self
        for landmark in landmarks:
            if landmark.set_id in ("", made.id):
                raise ValueError(f"{landmark.id} names no set that it is from.")
            others = {known.casefold(): known for known in made._known}
            is_back = made._known.get(landmark.id) in made.retired
            taken = others.get(landmark.id.casefold())
            if taken is not None and not (is_back and taken == landmark.id):
                raise ValueError(
                    f"The symbol {landmark.id} is taken by {made[taken].name} ({taken}): "
                    "choose another one."
                )
            kept = tuple(m for m in made.retired if m.id != landmark.id)
            # A point that is there was placed by the definition of then.
            back = made._known.get(landmark.id, landmark)
            made = replace(made, landmarks=(*made.landmarks, back), retired=kept)
        return made

    def with_retired(self, landmark_id: str) -> "LandmarkSet":
        """Take an added landmark out; films that have a point of it keep it. Raises ValueError."""
        gone = next((m for m in self.added if m.id == landmark_id), None)
        if gone is None:
            raise ValueError(f"{landmark_id} is not one of the landmarks that were added.")
        kept = tuple(m for m in self.landmarks if m is not gone)
        return replace(self, landmarks=kept, retired=(*self.retired, gone))

    def knowing(self, ids: Iterable[str]) -> "LandmarkSet":
        """Return the set with a stand-in, retired, for each landmark it does not know.

        So a point whose landmark was lost with a damaged workspace can still be shown.
        """
        lost = tuple(
            Landmark(i, i, "The definition of this landmark was lost.", "hard", OWN, _LOST, _LOST)
            for i in dict.fromkeys(ids)
            if i not in self
        )
        return replace(self, retired=(*self.retired, *lost)) if lost else self

    def covering(self, ids: Iterable[str]) -> "LandmarkSet":
        """Return the set with those of its retired landmarks that are among ids."""
        wanted = set(ids)
        back = tuple(m for m in self.retired if m.id in wanted)
        left = tuple(m for m in self.retired if m.id not in wanted)
        return replace(self, landmarks=(*self.landmarks, *back), retired=left) if back else self


def own_landmark(symbol: str, name: str, definition: str, tissue: str, *, by: str = "") -> Landmark:
    """Make a landmark that a user defines. Raises ValueError, as a sentence for that user."""
    symbol, name, definition = symbol.strip(), " ".join(name.split()), " ".join(definition.split())
    if not symbol or not name or not definition:
        raise ValueError("A landmark needs a symbol, a name and a definition.")
    if len(symbol) > _LONGEST_SYMBOL:
        raise ValueError(f"A symbol has at most {_LONGEST_SYMBOL} characters.")
    if not symbol[0].isalpha() or not all(c.isalnum() or c in _SYMBOL_MARKS for c in symbol):
        raise ValueError("A symbol begins with a letter and holds letters, digits and ' - _ alone.")
    source = f"Defined by {by}" if by else "Defined in this workspace"
    return Landmark(symbol, name, definition, tissue, OWN, "As the definition says.", source)
