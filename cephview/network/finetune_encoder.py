"""The finetune encoder: refined points from windows of the high-resolution map."""

from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from cephview.network.attention import (
    FeedForward,
    Own,
    Reading,
    Readout,
    Said,
    SelfAttention,
    sine_positions,
)
from cephview.network.config import NetworkConfig

STRIDE = 4


class FineMap(NamedTuple):
    """A film's high-resolution map, or a piece of it.

    cells: (batch, rows, columns, fine). first: (batch, 2), the cell of the whole map, x first, at
    which the piece begins. longest: the longest wavelength of places on the film, input pixels.
    """

    cells: Tensor
    first: Tensor
    longest: float

    def windows(self, xy: Tensor, offsets: Tensor, side: int) -> tuple[Tensor, Tensor]:
        """Return windows of side x side cells around xy, (groups * batch, n, 2), input pixels.

        As (groups * batch, n, side * side, fine), and the places of their cells with 2.
        """
        _, rows, columns, fine = self.cells.shape
        groups = xy.shape[0] // self.cells.shape[0]
        films = torch.arange(self.cells.shape[0], device=xy.device).repeat(groups)
        first = self.first.repeat(groups, 1)[:, None]
        corner = window_corner(xy - first * STRIDE, side, rows, columns)
        cell = corner[..., None, :] + offsets
        index = films[:, None, None] * (rows * columns) + cell[..., 1] * columns + cell[..., 0]
        window = self.cells.reshape(-1, fine).index_select(0, index.flatten())
        return window.view(*index.shape, -1), (cell + first[:, None]).float() * STRIDE


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
        own: Own | None = None,
    ) -> tuple[Tensor, Reading]:
        """xy: (batch, landmarks, 2), where the queries stand; place: the same as sines; window:
        (batch, landmarks, side * side, fine); offsets: (side * side, 2) from its middle; window_xy:
        (batch, landmarks, side * side, 2); all places in input pixels. own: for rows beside the
        network's own."""
        fine = window.shape[-1]
        reach = 2.0 * STRIDE * self.side
        cells = window + self.places(sine_positions(offsets, fine, longest=reach).to(window.dtype))
        if self.listen is not None:
            if own is None:
                queries = self.listen(queries, place)
            else:
                queries = self.listen.beside(queries + own.prompt, place, own.others)
        asked = self.ask(self.norm(queries)).unflatten(-1, (self.heads, fine))
        weight = (asked @ cells.transpose(-1, -2) * fine**-0.5).softmax(dim=-1)
        queries = self.think(queries + self.value((weight @ cells).flatten(-2)))
        point = self.point_ask(self.point_norm(queries))
        if own is not None:
            point = point + own.ask
        logits = (cells @ point[..., None]).squeeze(-1) * fine**-0.5
        return queries, self.readout(queries, logits, window_xy, xy)


class FinetuneEncoder(nn.Module):
    """Queries look closely around where they stand, and again around where that led them."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(FinetuneLayer(config, side) for side in config.windows)
        self.cells_norm = nn.LayerNorm(config.fine_width)

    def forward(
        self, queries: Tensor, start_xy: Tensor, seen: FineMap
    ) -> tuple[list[Reading], list[Said]]:
        """Refine.

        queries: (groups * batch, landmarks, width); start_xy: the same with 2, input pixels, not
        differentiated. Groups of queries share a film: row g * batch + b looks at film b. Returns a
        reading of each layer, and what the queries said at each.
        """
        readings, said = [], []
        xy = start_xy.detach()
        for number in range(len(self.layers)):
            queries, reading, heard = self.step(number, queries, xy, seen)
            xy = reading.xy.detach()
            readings.append(reading)
            said.append(heard)
        return readings, said

    def seen(self, at4: Tensor) -> FineMap:
        """Return a map, (batch, fine, rows, columns), stride 4, as queries look at it."""
        rows, columns = at4.shape[-2:]
        cells = self.cells_norm(at4.flatten(2).transpose(1, 2)).unflatten(1, (rows, columns))
        first = torch.zeros(at4.shape[0], 2, dtype=torch.long, device=at4.device)
        return FineMap(cells, first, 2.0 * STRIDE * max(rows, columns))

    def step(
        self, number: int, queries: Tensor, xy: Tensor, seen: FineMap, own: Own | None = None
    ) -> tuple[Tensor, Reading, Said]:
        """Look once, with the layer of that number; as of forward."""
        layer = cast("FinetuneLayer", self.layers[number])
        offsets = window_offsets(layer.side, xy.device)
        window, window_xy = seen.windows(xy, offsets, layer.side)
        place = sine_positions(xy, queries.shape[-1], longest=seen.longest).to(queries.dtype)
        middle = (offsets - layer.side // 2).float() * STRIDE
        said = Said(queries, place)
        return *layer(queries, xy, place, window, middle, window_xy, own), said


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
