"""A fine-tune that was begun and is not done: all that is needed to go on with it."""

import json
from dataclasses import asdict, dataclass

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
        """Write it; formats.learning_files reads it."""
        return json.dumps(asdict(self))
