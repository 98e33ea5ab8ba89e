"""The finetune encoder: refined points from windows of the high-resolution map."""

from collections.abc import Iterable
from typing import cast

import torch
from torch import Tensor, nn

from cephview.network.attention import FeedForward, Reading, Readout, SelfAttention, sine_positions
from cephview.network.config import NetworkConfig

STRIDE = 4


class FinetuneLayer(nn.Module):
    """One look into each query's own window.

    A window is asked by a single query, so the key projection is folded into the query and the
    value projection is applied after pooling: no matrix product a cell.
    """

    def __init__(self, config: NetworkConfig, side: int) -> None:
        super().__init__()
        width, fine = config.width, config.fine_width
        self.side, self.heads = side, config.heads
        self.listen = SelfAttention(width, config.heads) if config.self_attention else None
        self.norm = nn.LayerNorm(width)
        self.ask = nn.Linear(width, config.heads * fine)
        self.value = nn.Linear(config.heads * fine, width)
        self.think = FeedForward(width, config.feed_forward)
        self.point_norm = nn.LayerNorm(width)
        self.point_ask = nn.Linear(width, fine)
        self.places = nn.Linear(fine, fine)
        self.readout = Readout(width, STRIDE, config.fine_readout)

    def forward(
        self,
        queries: Tensor,
        xy: Tensor,
        place: Tensor,
        window: Tensor,
        offsets: Tensor,
        window_xy: Tensor,
    ) -> tuple[Tensor, Reading]:
        """xy: (batch, landmarks, 2), where the queries stand; place: the same as sines; window:
        (batch, landmarks, side * side, fine); offsets: (side * side, 2) from its middle; window_xy:
        (batch, landmarks, side * side, 2); all places in input pixels."""
        fine = window.shape[-1]
        reach = 2.0 * STRIDE * self.side
        cells = window + self.places(sine_positions(offsets, fine, longest=reach).to(window.dtype))
        if self.listen is not None:
            queries = self.listen(queries, place)
        asked = self.ask(self.norm(queries)).unflatten(-1, (self.heads, fine))
        weight = (asked @ cells.transpose(-1, -2) * fine**-0.5).softmax(dim=-1)
        queries = self.think(queries + self.value((weight @ cells).flatten(-2)))
        point = self.point_ask(self.point_norm(queries))
        logits = (cells @ point[..., None]).squeeze(-1) * fine**-0.5
        return queries, self.readout(queries, logits, window_xy, xy)


class FinetuneEncoder(nn.Module):
    """Queries look closely around where they stand, and again around where that led them."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(FinetuneLayer(config, side) for side in config.windows)
        self.cells_norm = nn.LayerNorm(config.fine_width)

    def forward(self, queries: Tensor, start_xy: Tensor, at4: Tensor) -> list[Reading]:
        """Refine.

        queries: (groups * batch, landmarks, width); start_xy: the same with 2, input pixels, not
        differentiated; at4: (batch, fine, rows, columns), stride 4. Groups of queries share a film:
        row g * batch + b looks at film b. Returns a reading of each layer.
        """
        rows, columns = at4.shape[-2:]
        flat = self.cells_norm(at4.flatten(2).transpose(1, 2)).flatten(0, 1)
        films = torch.arange(at4.shape[0], device=at4.device)
        films = films.repeat(queries.shape[0] // at4.shape[0])
        longest = 2.0 * STRIDE * max(rows, columns)
        xy, readings = start_xy.detach(), []
        for layer in cast("Iterable[FinetuneLayer]", self.layers):
            offsets = window_offsets(layer.side, at4.device)
            corner = window_corner(xy, layer.side, rows, columns)
            cell = corner[..., None, :] + offsets
            index = films[:, None, None] * (rows * columns) + cell[..., 1] * columns + cell[..., 0]
            window = flat.index_select(0, index.flatten()).view(*index.shape, -1)
            place = sine_positions(xy, queries.shape[-1], longest=longest).to(queries.dtype)
            middle = (offsets - layer.side // 2).float() * STRIDE
            queries, reading = layer(queries, xy, place, window, middle, cell.float() * STRIDE)
            xy = reading.xy.detach()
            readings.append(reading)
        return readings


def window_offsets(side: int, device: torch.device) -> Tensor:
    """Return (side * side, 2): whole cells, x first, from a window's top-left cell, row by row."""
    steps = torch.arange(side, device=device)
    y, x = torch.meshgrid(steps, steps, indexing="ij")
    return torch.stack([x, y], dim=-1).reshape(-1, 2)


def window_corner(xy: Tensor, side: int, rows: int, columns: int) -> Tensor:
    """Return the top-left cell, x first, of the window around xy (input px), kept in the map."""
    corner = (xy / STRIDE).round().long() - side // 2
    limit = torch.tensor([columns - side, rows - side], device=xy.device)
    return corner.clamp_min(0).minimum(limit.clamp_min(0))
