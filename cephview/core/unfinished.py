"""A fine-tune that was begun and is not done: all that is needed to go on with it."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from cephview.core.detection import Turn
from cephview.core.learning import CorrectedFilm

# In the folder where the candidate is to lie; it goes when the candidate is there.
FILE = "unfinished.json"
# In the folder of a candidate that a window made, until its user has used or discarded it.
UNDECIDED = "learning.json"


@dataclass(frozen=True)
class Unfinished:
    """What a fine-tune learns from, the model it goes on from and its SHA-256, and the seed.

    steps is the number asked for, None for the usual one.
    """

    films: tuple[CorrectedFilm, ...]
    parent_dir: str
    parent: str
    seed: int = 0
    steps: int | None = None

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Unfinished":
        """Read what to_json wrote. Raises ValueError."""
        try:
            data = json.loads(text)
            data["films"] = tuple(_film(film) for film in data["films"])
            return cls(**data)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not an unfinished fine-tune: {error}") from error


def _film(data: dict[str, Any]) -> CorrectedFilm:
    spacing = data["mm_per_px"]
    return CorrectedFilm(**{
        **data,
        "points": {k: (float(x), float(y)) for k, (x, y) in data["points"].items()},
        "mm_per_px": None if spacing is None else (float(spacing[0]), float(spacing[1])),
        "turn": Turn(**data["turn"]),
    })  # fmt: skip
