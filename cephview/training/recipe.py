"""How a network is trained, as one value."""

from dataclasses import dataclass, field

from cephview.training.augment import Augmentation
from cephview.training.losses import LossWeights


@dataclass(frozen=True)
class Recipe:
    """How a network is trained. Learning rates are of the heads and of the trunk.

    average: the share that the moving average of the weights keeps each step, 0 for none.
    phantom_share, close_share: how many of the pictures are phantoms, and films cropped as a second
    look sees them. is_stagewise: the first half of the steps teaches all but the finetune encoder
    and its map, the second half these alone, instead of everything end to end.
    """

    steps: int = 800
    batch: int = 4
    head_rate: float = 6e-4
    trunk_rate: float = 3e-4
    weight_decay: float = 0.01
    warm_up: int = 60
    clip: float = 2.0
    average: float = 0.99
    jitter_mm: float = 1.5
    extra_mm: float = 6.0
    attention_end: float = 0.02
    phantom_share: float = 0.15
    close_share: float = 0.0
    seed: int = 0
    is_stagewise: bool = False
    augmentation: Augmentation = field(default_factory=Augmentation)
    losses: LossWeights = field(default_factory=LossWeights)
