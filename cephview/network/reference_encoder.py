"""The reference encoder: coarse points from the low-resolution map."""

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
        self, queries: Tensor, xy: Tensor, place: Tensor, cells: Tensor, places: Tensor, at: Tensor
    ) -> tuple[Tensor, Reading]:
        """queries, place: (batch, landmarks, width), and where they stand, xy: with 2.

        cells, places: (batch or 1, cells, width), what is there and where it is as sines; at: the
        same with 2, input pixels. Returns the queries and a reading.
        """
        asked = self.point_ask(self.point_norm(queries) + place)
        logits = asked @ self.point_key(cells + places).transpose(1, 2) * asked.shape[-1] ** -0.5
        return queries, self.readout(queries, logits, at, xy)


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
        self, queries: Tensor, xy: Tensor, place: Tensor, cells: Tensor, places: Tensor, at: Tensor
    ) -> tuple[Tensor, Reading]:
        if self.listen is not None:
            queries = self.listen(queries, place)
        keys = cells + places
        seen = F.scaled_dot_product_attention(
            split_heads(self.ask(self.norm(queries) + place), self.heads),
            split_heads(self.key(keys), self.heads),
            split_heads(self.value(keys), self.heads),
        )
        queries = self.think(queries + self.out(join_heads(seen)))
        return super().forward(queries, xy, place, cells, places, at)


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

    def forward(self, at16: Tensor) -> tuple[Tensor, list[Reading]]:
        """at16: (batch, width, rows, columns), stride 16.

        Returns the queries, (batch, landmarks, width), and a reading of each layer. Places start at
        the mean shape and are detached between layers.
        """
        batch, width, rows, columns = at16.shape
        cells = self.cells_norm(at16.flatten(2).transpose(1, 2))
        cells_xy = cell_centres(rows, columns, STRIDE, at16.device)
        longest = 2.0 * STRIDE * max(rows, columns)
        cells_place = sine_positions(cells_xy, width, longest=longest).to(cells.dtype)
        size = torch.tensor([columns * STRIDE, rows * STRIDE], device=at16.device)
        xy = (self.mean_uv * size - 0.5).expand(batch, -1, -1)
        queries = self.queries.expand(batch, -1, -1)
        readings = []
        for layer in self.layers:
            place = sine_positions(xy, width, longest=longest).to(cells.dtype)
            queries, reading = layer(queries, xy, place, cells, cells_place, cells_xy)
            xy = reading.xy.detach()
            readings.append(reading)
        return queries, readings


def cell_centres(rows: int, columns: int, stride: int, device: torch.device) -> Tensor:
    """Return (1, rows * columns, 2): input indices, x first, of a map's cells, row by row."""
    y, x = torch.meshgrid(
        torch.arange(rows, device=device), torch.arange(columns, device=device), indexing="ij"
    )
    return (torch.stack([x, y], dim=-1).reshape(1, -1, 2) * stride).float()
