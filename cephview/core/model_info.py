"""What a model folder's model.toml says, without loading the weights."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ModelInfo:
    """The identity and the numbers of a model.

    input_size is (width, height) in pixels of the network's input. metrics are flat names to
    numbers, as "validation.refined.mre_mm". sha256 is of model.safetensors; parent is the sha256 of
    the model it was fine-tuned from, or empty. convention is where a clinic puts a landmark beside
    where the network finds it: (x, y) as a share of the height of the network's first look, added
    to both layers. has_close_looks: trained on close-ups, too, so that a second look may be one.
    network holds the shape of the network, settings how it was trained. added_sets names the set of
    each landmark that is of another one than landmark_set. description_sha256 is of what the rest
    says; of models whose weights were saved without it.
    """

    name: str
    landmark_set: str
    landmarks: tuple[str, ...]
    input_size: tuple[int, int]
    sha256: str
    parent: str = ""
    created: str = ""
    terms: str = ""
    trained_on: str = ""
    data_digest: str = ""
    seed: int = 0
    metrics: dict[str, float] = field(default_factory=dict)
    calibration: dict[str, Any] = field(default_factory=dict)
    convention: dict[str, tuple[float, float]] = field(default_factory=dict)
    network: dict[str, Any] = field(default_factory=dict)
    has_close_looks: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    added_sets: dict[str, str] = field(default_factory=dict)
    description_sha256: str = ""

    @property
    def added(self) -> tuple[str, ...]:
        """Return the landmarks that were added to the trained network, the last of all."""
        count = int(self.network.get("added", 0))
        return self.landmarks[len(self.landmarks) - count :]

    def set_of(self, landmark: str) -> str:
        """Return the landmark set by whose definition the model places a landmark.

        "" for one that was added by a version of the program that did not note it.
        """
        if landmark in self.added:
            return self.added_sets.get(landmark, "")
        return self.landmark_set
