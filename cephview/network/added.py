"""Landmarks added to a trained network, which leave all that it knew as it was.

An added landmark hears the network's own landmarks and looks at the same map with the layers of the
same finetune encoder, but nobody hears it, the added ones among themselves neither; so the
network's own are computed as if it were not there, to the last bit. What it brings itself is a
query, a few vectors a layer, and where it may be expected among the others: there it begins. The
reference encoder has no part in it. It finds a place on the whole film by what hundreds of films
taught it; taught with a few, it led further astray than the other points do.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from cephview.network.attention import Own, Reading, Said
from cephview.network.config import NetworkConfig
from cephview.network.finetune_encoder import FineMap, FinetuneEncoder
from cephview.network.reference_encoder import CoarseMap


class AddedLandmarks(nn.Module):
    """What is of the added landmarks alone, (..., added, channels) each.

    relation: (added, landmarks, 2), complex numbers (real, imaginary) that sum to one: an added
    landmark is expected at the sum of the others' places, x + iy, times these. So the expectation
    turns, grows and moves with the head. log_scale: (added,), the logarithm of the Laplace scale of
    that expectation, input pixels.
    """

    relation: Tensor
    log_scale: Tensor

    def __init__(self, config: NetworkConfig, landmarks: int, added: int) -> None:
        super().__init__()
        self._config = config
        layers = len(config.windows)
        self.register_buffer("relation", torch.zeros(added, landmarks, 2))
        self.register_buffer("log_scale", torch.zeros(added))
        self.queries = nn.Parameter(torch.zeros(added, config.width))
        self.prompts = nn.Parameter(torch.zeros(layers, added, config.width))
        self.asks = nn.Parameter(torch.zeros(layers, added, config.fine_width))

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

    def coarse(self, seen: CoarseMap, xy: Tensor) -> Reading:
        """Return where the added are expected, as a reading over the cells of the film.

        xy: (batch, landmarks, 2), the network's own refined points. What the map shows has no part
        in it: the expectation begins what the finetune encoder then looks for.
        """
        there = self.expected(xy.detach())
        log_scale = self.log_scale.expand(there.shape[:2])
        away = (seen.at[:, None] - there[..., None, :]).square().sum(-1)
        logits = -away / (2 * torch.exp(2 * log_scale)[..., None])
        return Reading(there, logits, seen.at, log_scale)

    def fine(
        self,
        encoder: FinetuneEncoder,
        seen: FineMap,
        said: Sequence[Said],
        xy: Tensor,
    ) -> list[Reading]:
        """Look closely, with the layers of the encoder, and return a reading of each.

        said: what the network's own queries said at each layer, (batch, ...); xy: (groups * batch,
        added, 2), where to begin, input pixels.
        """
        readings = []
        xy = xy.detach()
        queries = self.queries.expand(xy.shape[0], -1, -1)
        groups = xy.shape[0] // seen.cells.shape[0]
        for i in range(len(encoder.layers)):
            others = Said(*(part.repeat(groups, 1, 1) for part in said[i]))
            own = Own(others, self.prompts[i], self.asks[i])
            queries, reading, _ = encoder.step(i, queries, xy, seen, own)
            xy = reading.xy.detach()
            readings.append(reading)
        return readings


def _axis(name: str) -> int:
    """Return the axis of a parameter along which the added landmarks lie."""
    return 1 if name in ("prompts", "asks") else 0


def _rows(name: str, which: Sequence[int]) -> tuple[slice | list[int], ...]:
    return (*[slice(None)] * _axis(name), list(which))
