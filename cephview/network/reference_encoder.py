"""The reference encoder: coarse points from the low-resolution map."""

from collections.abc import Iterable
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cephview.network.attention import (
    FeedForward,
    Reading,
    Readout,
    SelfAttention,
    join_heads,
    sine_positions,
    split_heads,
)
from cephview.network.config import NetworkConfig

STRIDE = 16


class CoarseMap(NamedTuple):
    """A film's low-resolution map as queries look at it.

    cells, places: (batch or 1, cells, width), what is there and where it is as sines; at: the same
    with 2, input pixels. size: (width, height) of the input; longest: the longest wavelength of
    places; input pixels, too.
    """

    cells: Tensor
    places: Tensor
    at: Tensor
    size: tuple[int, int]

    @property
    def longest(self) -> float:
        return 2.0 * max(self.size)

    @classmethod
    def of(cls, cells: Tensor, size: tuple[int, int]) -> "CoarseMap":
        """Make the map of an input of this size from what is there, row by row."""
        at = cell_centres(size[1] // STRIDE, size[0] // STRIDE, STRIDE, cells.device)
        places = sine_positions(at, cells.shape[-1], longest=2.0 * max(size)).to(cells.dtype)
        return cls(cells, places, at, size)


class PlainHead(nn.Module):
    """Queries that read their place off the cells without looking around first."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        width = config.width
        self.point_norm = nn.LayerNorm(width)
        self.point_ask = nn.Linear(width, width)
        self.point_key = nn.Linear(width, width)
        self.readout = Readout(width, STRIDE, config.coarse_readout)

    def forward(
        self, queries: Tensor, xy: Tensor, place: Tensor, seen: CoarseMap
    ) -> tuple[Tensor, Reading]:
        """queries, place: (batch, landmarks, width), and where they stand, xy: with 2.

        Returns the queries and a reading.
        """
        asked = self.point_ask(self.point_norm(queries) + place)
        keys = self.point_key(seen.cells + seen.places)
        logits = asked @ keys.transpose(1, 2) * asked.shape[-1] ** -0.5
        return queries, self.readout(queries, logits, seen.at, xy)


class ReferenceLayer(PlainHead):
    """Queries hear one another, look over the whole film, and then read their place."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(config)
        width = config.width
        self.heads = config.heads
        self.listen = SelfAttention(width, config.heads) if config.self_attention else None
        self.norm = nn.LayerNorm(width)
        self.ask = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)
        self.think = FeedForward(width, config.feed_forward)

    def forward(
        self, queries: Tensor, xy: Tensor, place: Tensor, seen: CoarseMap
    ) -> tuple[Tensor, Reading]:
        if self.listen is not None:
            queries = self.listen(queries, place)
        keys = seen.cells + seen.places
        looked = F.scaled_dot_product_attention(
            split_heads(self.ask(self.norm(queries) + place), self.heads),
            split_heads(self.key(keys), self.heads),
            split_heads(self.value(keys), self.heads),
        )
        queries = self.think(queries + self.out(join_heads(looked)))
        return super().forward(queries, xy, place, seen)


class ReferenceEncoder(nn.Module):
    """Queries, one a landmark, look over the whole film and say where they think they are."""

    mean_uv: Tensor

    def __init__(self, config: NetworkConfig, landmarks: int) -> None:
        super().__init__()
        self.queries = nn.Parameter(torch.randn(landmarks, config.width) * 0.5)
        self.register_buffer("mean_uv", torch.full((landmarks, 2), 0.5))
        self.cells_norm = nn.LayerNorm(config.width)
        layers = [ReferenceLayer(config) for _ in range(config.reference_layers)]
        self.layers = nn.ModuleList(layers or [PlainHead(config)])

    def forward(self, seen: CoarseMap) -> tuple[Tensor, list[Reading]]:
        """Return the queries, (batch, landmarks, width), and a reading of each layer.

        Places start at the mean shape and are detached between layers.
        """
        batch = seen.cells.shape[0]
        size = torch.tensor(seen.size, device=seen.cells.device)
        xy = (self.mean_uv * size - 0.5).expand(batch, -1, -1)
        queries = self.queries.expand(batch, -1, -1)
        readings = []
        for layer in cast("Iterable[PlainHead]", self.layers):
            place = sine_positions(xy, queries.shape[-1], longest=seen.longest).to(queries.dtype)
            queries, reading = layer(queries, xy, place, seen)
            xy = reading.xy.detach()
            readings.append(reading)
        return queries, readings

    def seen(self, at16: Tensor) -> CoarseMap:
        """Return a map, (batch, width, rows, columns), stride 16, as queries look at it."""
        rows, columns = at16.shape[-2:]
        cells = self.cells_norm(at16.flatten(2).transpose(1, 2))
        return CoarseMap.of(cells, (columns * STRIDE, rows * STRIDE))


def cell_centres(rows: int, columns: int, stride: int, device: torch.device) -> Tensor:
    """Return (1, rows * columns, 2): input indices, x first, of a map's cells, row by row."""
    y, x = torch.meshgrid(
        torch.arange(rows, device=device), torch.arange(columns, device=device), indexing="ij"
    )
    return (torch.stack([x, y], dim=-1).reshape(1, -1, 2) * stride).float()
