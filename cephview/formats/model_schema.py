"""What may stand in a model.toml, and how much of it.

The bounds are far beyond any model of this program; they keep a hostile one from costing memory.
"""

from typing import Annotated, Any

from msgspec import Meta, Struct

Text = Annotated[str, Meta(max_length=4_000)]
Word = Annotated[str, Meta(max_length=40)]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
Figure = Annotated[float, Meta(ge=-1e9, le=1e9)]
Factor = Annotated[float, Meta(gt=0, le=1_000)]
# A share of the height of the network's look.
Share = Annotated[float, Meta(ge=-1, le=1)]
Side = Annotated[int, Meta(ge=32, le=4_096)]
Channels = Annotated[int, Meta(ge=1, le=8_192)]
Count = Annotated[int, Meta(ge=0, le=200)]
Signs = Annotated[list[Figure], Meta(max_length=64)]


class Network(Struct, forbid_unknown_fields=True):
    """The shape of the network, as network.config has it."""

    backbone: Word = ""
    width: Channels = 1
    fine_width: Channels = 1
    heads: Annotated[int, Meta(ge=1, le=64)] = 1
    feed_forward: Channels = 1
    reference_layers: Annotated[int, Meta(ge=0, le=24)] = 0
    windows: Annotated[list[Annotated[int, Meta(ge=3, le=129)]], Meta(max_length=12)] = []
    frozen_blocks: Count = 0
    self_attention: bool = True
    coarse_readout: Word = ""
    fine_readout: Word = ""
    added: Count = 0


class Ellipses(Struct, forbid_unknown_fields=True):
    """How doubt follows from what the network shows, as network.uncertainty has it."""

    signs: Annotated[list[Word], Meta(max_length=64)]
    centre: Signs
    spread: Signs
    weights: Signs
    bend: Figure
    level: Figure
    landmarks: dict[str, Annotated[list[Figure], Meta(min_length=4, max_length=4)]]


class Calibration(Struct, forbid_unknown_fields=True):
    """What calibration found."""

    coarse_factor: Factor | None = None
    refined_factor: Factor | None = None
    ellipses: Ellipses | None = None


class Model(Struct, forbid_unknown_fields=True):
    """The whole file; core.model_info says what each value means."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    landmark_set: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
    landmarks: Annotated[list[Word], Meta(min_length=1, max_length=400)]
    input_size: tuple[Side, Side]
    sha256: Sha256
    parent: Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?$")] = ""
    created: Word = ""
    terms: Text = ""
    trained_on: Text = ""
    data_digest: Annotated[str, Meta(max_length=64)] = ""
    seed: Annotated[int, Meta(ge=0)] = 0
    metrics: dict[str, Figure] = {}
    calibration: Calibration | None = None
    convention: dict[str, tuple[Share, Share]] = {}
    network: Network | None = None
    has_close_looks: bool = False
    settings: dict[str, Any] = {}
    added_sets: dict[str, Word] = {}
