"""Landmarks added to a trained network, which leave all that it knew as it was.

An added landmark hears the network's own landmarks and looks at the same maps with the same layers,
but nobody hears it, the added ones among themselves neither; so its own are computed as if it were
not there, to the last bit. What it brings itself is a few vectors a layer, and where it may be
expected among the others.
"""

from collections.abc import Iterable, Sequence
from typing import cast

import torch
from torch import Tensor, nn

from cephview.network.attention import Own, Reading, Said, sine_positions
from cephview.network.config import NetworkConfig
from cephview.network.finetune_encoder import FineMap, FinetuneEncoder
from cephview.network.reference_encoder import CoarseMap, PlainHead, ReferenceEncoder


class AddedLandmarks(nn.Module):
    """What is of the added landmarks alone, (..., added, channels) each.

    relation: (added, landmarks, 2), complex numbers (real, imaginary) that sum to one: an added
    landmark is expected at the sum of the others' places, x + iy, times these. So the expectation
    turns, grows and moves with the head.
    """

    relation: Tensor

    def __init__(self, config: NetworkConfig, landmarks: int, added: int) -> None:
        super().__init__()
        self._config = config
        coarse, fine = max(1, config.reference_layers), len(config.windows)
        self.register_buffer("relation", torch.zeros(added, landmarks, 2))
        self.queries = nn.Parameter(torch.zeros(added, config.width))
        self.coarse_prompts = nn.Parameter(torch.zeros(coarse, added, config.width))
        self.coarse_asks = nn.Parameter(torch.zeros(coarse, added, config.width))
        self.fine_prompts = nn.Parameter(torch.zeros(fine, added, config.width))
        self.fine_asks = nn.Parameter(torch.zeros(fine, added, config.fine_width))

    @property
    def count(self) -> int:
        return self.relation.shape[0]

    @torch.no_grad()
    def taken(self, which: Sequence[int]) -> "AddedLandmarks":
        """Return some of the added landmarks, by their places, as new parameters."""
        return self._of({name: t[_rows(name, which)] for name, t in self.state_dict().items()})

    @torch.no_grad()
    def with_more(self, more: "AddedLandmarks") -> "AddedLandmarks":
        """Return these landmarks and then more of them, as new parameters."""
        theirs = more.state_dict()
        return self._of(
            {
                name: torch.cat([tensor, theirs[name]], dim=_axis(name))
                for name, tensor in self.state_dict().items()
            }
        )

    def _of(self, state: dict[str, Tensor]) -> "AddedLandmarks":
        count, landmarks, _ = state["relation"].shape
        made = AddedLandmarks(self._config, landmarks, count)
        made.load_state_dict(state)
        return made.to(state["relation"].device)

    def expected(self, xy: Tensor) -> Tensor:
        """Return where the added may lie, (batch, added, 2), by the others: (batch, n, 2)."""
        real, imaginary = self.relation.unbind(-1)
        x, y = xy.unbind(-1)
        return torch.stack([x @ real.T - y @ imaginary.T, x @ imaginary.T + y @ real.T], dim=-1)

    def coarse(
        self, encoder: ReferenceEncoder, seen: CoarseMap, said: Sequence[Said], xy: Tensor
    ) -> tuple[Tensor, list[Reading]]:
        """Look over the film.

        said: what the network's own queries said at each layer of the encoder; xy: (batch, added,
        2), where to begin, input pixels. Returns the queries and a reading of each layer.
        """
        queries = self.queries.expand(xy.shape[0], -1, -1)
        readings = []
        xy = xy.detach()
        for i, layer in enumerate(cast("Iterable[PlainHead]", encoder.layers)):
            place = sine_positions(xy, queries.shape[-1], longest=seen.longest).to(queries.dtype)
            own = Own(said[i], self.coarse_prompts[i], self.coarse_asks[i])
            queries, reading = layer(queries, xy, place, seen, own)
            xy = reading.xy.detach()
            readings.append(reading)
        return queries, readings

    def fine(
        self,
        encoder: FinetuneEncoder,
        seen: FineMap,
        said: Sequence[Said],
        queries: Tensor,
        xy: Tensor,
    ) -> list[Reading]:
        """Look closely, from where coarse led: queries and xy, (groups * batch, added, ...)."""
        readings = []
        xy = xy.detach()
        groups = xy.shape[0] // seen.cells.shape[0]
        for i in range(len(encoder.layers)):
            others = Said(*(part.repeat(groups, 1, 1) for part in said[i]))
            own = Own(others, self.fine_prompts[i], self.fine_asks[i])
            queries, reading, _ = encoder.step(i, queries, xy, seen, own)
            xy = reading.xy.detach()
            readings.append(reading)
        return readings


def _axis(name: str) -> int:
    """Return the axis of a parameter along which the added landmarks lie."""
    return 1 if name.endswith(("_prompts", "_asks")) else 0


def _rows(name: str, which: Sequence[int]) -> tuple[slice | list[int], ...]:
    return (*[slice(None)] * _axis(name), list(which))
