"""The shape of a network, as model.toml holds it."""

from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True)
class NetworkConfig:
    """Everything that decides the tensors of a dual encoder, but for the landmarks.

    width: channels of the queries and of the stride-32 and stride-16 maps; fine_width: of the
    stride-8 and stride-4 maps. windows: side, in cells of the stride-4 map, of each finetune
    layer's window; odd numbers; none leaves the finetune encoder out. reference_layers: with 0, a
    plain head reads the coarse points. frozen_blocks: the trunk's stem and so many blocks never
    learn. self_attention: queries hear one another. coarse_readout and fine_readout: how a query's
    place is read, as the "expectation" of its attention or by "regression" from the query alone.
    added: so many of the landmarks were added to the trained network.
    """

    backbone: str = "efficientnet_lite0"
    width: int = 128
    fine_width: int = 64
    heads: int = 8
    feed_forward: int = 512
    reference_layers: int = 3
    windows: tuple[int, ...] = (17, 13, 9)
    frozen_blocks: int = 3
    self_attention: bool = True
    coarse_readout: str = "expectation"
    fine_readout: str = "expectation"
    added: int = 0

    def __post_init__(self) -> None:
        if any(side % 2 == 0 or side < 3 for side in self.windows):
            raise ValueError(f"windows need odd sides of at least 3 cells, not {self.windows}")
        if self.width % self.heads or self.fine_width % 4 or self.width % 4:
            raise ValueError("width must divide by the heads, and both widths by 4")
        if self.reference_layers < 0:
            raise ValueError("the reference encoder cannot have fewer than no layers")
        if not {self.coarse_readout, self.fine_readout} <= {"expectation", "regression"}:
            raise ValueError("a place is read as an expectation or by regression")
        if self.added < 0 or (self.added and not self.windows):
            raise ValueError("landmarks can be added only to a network with a finetune encoder")

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "NetworkConfig":
        """Read the network table of model.toml. Raises ValueError for an unknown key."""
        unknown = set(data) - {field.name for field in fields(cls)}
        if unknown:
            raise ValueError(f"unknown network settings: {', '.join(sorted(unknown))}")
        return cls(**{**data, "windows": tuple(data.get("windows", cls.windows))})

    def to_dict(self) -> dict[str, Any]:
        table = {**asdict(self), "windows": list(self.windows)}
        if not self.added:
            del table["added"]  # as before there were any
        return table


@dataclass(frozen=True)
class Preset:
    """A named starting point for training from nothing; input_size is (width, height)."""

    network: NetworkConfig
    input_size: tuple[int, int]


PRESETS = {
    "base": Preset(NetworkConfig(), (640, 800)),
    "tiny": Preset(
        NetworkConfig(
            backbone="tiny",
            width=32,
            fine_width=16,
            heads=4,
            feed_forward=64,
            reference_layers=2,
            windows=(9, 7),
            frozen_blocks=0,
        ),
        (96, 128),
    ),
}
