"""The dual encoder: one network, film in, coarse and refined points out."""

import copy
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor, nn

from cephview.network.added import AddedLandmarks
from cephview.network.attention import Reading, Said
from cephview.network.backbone import make_backbone
from cephview.network.config import NetworkConfig
from cephview.network.finetune_encoder import FineMap, FinetuneEncoder
from cephview.network.fusion import Fusion
from cephview.network.reference_encoder import CoarseMap, ReferenceEncoder


class Points(NamedTuple):
    """Readings of every layer, the last one counts; input pixels throughout.

    extra holds the finetune encoder's readings from further starting points, in training only. A
    network without a finetune encoder gives its coarse readings as the refined ones.
    """

    coarse: list[Reading]
    refined: list[Reading]
    extra: list[Reading]


class Seen(NamedTuple):
    """What the network makes of films before added landmarks look at them.

    fine_said: what its own queries said at each layer of the finetune encoder.
    """

    coarse_map: CoarseMap
    fine_map: FineMap
    fine_said: list[Said]
    points: Points


class DualEncoder(nn.Module):
    """D-CeLR (Wu et al., ECCV 2024) with places read out of attention, built from a config.

    The landmarks that were added (config.added) are the last ones.
    """

    def __init__(self, config: NetworkConfig, landmarks: int) -> None:
        """landmarks: of all, the added ones with them."""
        super().__init__()
        self.own = landmarks - config.added
        self.config = config
        self.backbone = make_backbone(config.backbone, config.frozen_blocks)
        self.fusion = Fusion(self.backbone.channels, config.width, config.fine_width)
        self.reference = ReferenceEncoder(config, self.own)
        self.finetune = FinetuneEncoder(config)
        self.added = AddedLandmarks(config, self.own, config.added) if config.added else None

    def forward(
        self, picture: Tensor, jitter: Tensor | None = None, extra_starts: Tensor | None = None
    ) -> Points:
        """Place every landmark.

        picture: (batch, 1, height, width), normalised grey; both sides divide by 32. In training,
        jitter (batch, landmarks, 2) is added to where the finetune encoder starts, and
        extra_starts, of the same shape, start a second group of queries; input pixels.
        """
        own = self.own
        seen = self.see(
            picture,
            None if jitter is None else jitter[:, :own],
            None if extra_starts is None else extra_starts[:, :own],
        )
        if self.added is None:
            return seen.points
        coarse = self.added.coarse(seen.coarse_map, seen.points.refined[-1].xy)
        starts = coarse.xy
        if jitter is not None:
            starts = starts + jitter[:, own:]
        if extra_starts is not None:
            starts = torch.cat([starts, extra_starts[:, own:]])
        fine = self.added.fine(self.finetune, seen.fine_map, seen.fine_said, starts)
        refined, extra = _groups(fine, picture.shape[0])
        return Points(
            _beside(seen.points.coarse, [coarse] * len(seen.points.coarse)),
            _beside(seen.points.refined, refined),
            _beside(seen.points.extra, extra),
        )

    def see(
        self, picture: Tensor, jitter: Tensor | None = None, extra_starts: Tensor | None = None
    ) -> Seen:
        """Place the network's own landmarks, and tell how; as of forward."""
        if picture.shape[-1] % 32 or picture.shape[-2] % 32:
            raise ValueError(f"the input's sides must divide by 32, not {tuple(picture.shape)}")
        at16, at4 = self.fusion(self.backbone(picture))
        coarse_map, fine_map = self.reference.seen(at16), self.finetune.seen(at4)
        queries, coarse = self.reference(coarse_map)
        if not self.config.windows:
            return Seen(coarse_map, fine_map, [], Points(coarse, coarse, []))
        starts = coarse[-1].xy.detach()
        if jitter is not None:
            starts = starts + jitter
        if extra_starts is not None:
            queries, starts = queries.repeat(2, 1, 1), torch.cat([starts, extra_starts])
        readings, fine_said = self.finetune(queries, starts, fine_map)
        refined, extra = _groups(readings, picture.shape[0])
        said = [Said(*(part[: picture.shape[0]] for part in layer)) for layer in fine_said]
        return Seen(coarse_map, fine_map, said, Points(coarse, refined, extra))


def _groups(readings: list[Reading], batch: int) -> tuple[list[Reading], list[Reading]]:
    """Split readings of one or two groups of queries."""
    if readings[0].xy.shape[0] == batch:
        return readings, []
    return (
        [_rows(reading, slice(0, batch)) for reading in readings],
        [_rows(reading, slice(batch, None)) for reading in readings],
    )


def _beside(own: list[Reading], added: list[Reading]) -> list[Reading]:
    """Put the readings of added landmarks behind those of the network's own."""
    return [
        Reading(
            torch.cat([a.xy, b.xy], dim=1),
            torch.cat([a.logits, b.logits], dim=1),
            a.cells_xy if a.cells_xy.dim() == 3 else torch.cat([a.cells_xy, b.cells_xy], dim=1),
            torch.cat([a.log_scale, b.log_scale], dim=1),
        )
        for a, b in zip(own, added, strict=True)
    ]


def _rows(reading: Reading, rows: slice) -> Reading:
    return Reading(
        reading.xy[rows], reading.logits[rows], reading.cells_xy[rows], reading.log_scale[rows]
    )


def count_parameters(network: nn.Module) -> int:
    """Return the number of parameters, frozen ones included."""
    return sum(p.numel() for p in network.parameters())


@torch.no_grad()
def set_mean_shape(network: DualEncoder, mean_uv: Tensor) -> None:
    """Say where the network's own points start: (landmarks, 2), normalised input coordinates."""
    network.reference.mean_uv.copy_(mean_uv)


def with_added(network: DualEncoder, more: AddedLandmarks) -> DualEncoder:
    """Return the network with more landmarks behind those it has; itself stays as it is."""
    made = copy.deepcopy(network)
    made.added = more if made.added is None else made.added.with_more(more)
    made.config = replace(network.config, added=made.added.count)
    return made
