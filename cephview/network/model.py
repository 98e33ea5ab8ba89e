"""The dual encoder: one network, film in, coarse and refined points out."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from cephview.network.attention import Reading
from cephview.network.backbone import make_backbone
from cephview.network.config import NetworkConfig
from cephview.network.finetune_encoder import FinetuneEncoder
from cephview.network.fusion import Fusion
from cephview.network.reference_encoder import ReferenceEncoder


class Points(NamedTuple):
    """Readings of every layer, the last one counts; input pixels throughout.

    extra holds the finetune encoder's readings from further starting points, in training only. A
    network without a finetune encoder gives its coarse readings as the refined ones.
    """

    coarse: list[Reading]
    refined: list[Reading]
    extra: list[Reading]


class DualEncoder(nn.Module):
    """D-CeLR (Wu et al., ECCV 2024) with places read out of attention, built from a config."""

    def __init__(self, config: NetworkConfig, landmarks: int) -> None:
        super().__init__()
        self.config = config
        self.backbone = make_backbone(config.backbone, config.frozen_blocks)
        self.fusion = Fusion(self.backbone.channels, config.width, config.fine_width)
        self.reference = ReferenceEncoder(config, landmarks)
        self.finetune = FinetuneEncoder(config)

    def forward(
        self, picture: Tensor, jitter: Tensor | None = None, extra_starts: Tensor | None = None
    ) -> Points:
        """Place every landmark.

        picture: (batch, 1, height, width), normalised grey; both sides divide by 32. In training,
        jitter (batch, landmarks, 2) is added to where the finetune encoder starts, and
        extra_starts, of the same shape, start a second group of queries; input pixels.
        """
        if picture.shape[-1] % 32 or picture.shape[-2] % 32:
            raise ValueError(f"the input's sides must divide by 32, not {tuple(picture.shape)}")
        at16, at4 = self.fusion(self.backbone(picture))
        queries, coarse = self.reference(at16)
        if not self.config.windows:
            return Points(coarse, coarse, [])
        starts = coarse[-1].xy.detach()
        if jitter is not None:
            starts = starts + jitter
        if extra_starts is None:
            return Points(coarse, self.finetune(queries, starts, at4), [])
        both = self.finetune(queries.repeat(2, 1, 1), torch.cat([starts, extra_starts]), at4)
        batch = picture.shape[0]
        refined = [_rows(reading, slice(0, batch)) for reading in both]
        return Points(coarse, refined, [_rows(reading, slice(batch, None)) for reading in both])


def _rows(reading: Reading, rows: slice) -> Reading:
    return Reading(
        reading.xy[rows], reading.logits[rows], reading.cells_xy[rows], reading.log_scale[rows]
    )


def count_parameters(network: nn.Module) -> int:
    """Return the number of parameters, frozen ones included."""
    return sum(p.numel() for p in network.parameters())


@torch.no_grad()
def set_mean_shape(network: DualEncoder, mean_uv: Tensor) -> None:
    """Say where the reference points start: (landmarks, 2), normalised input coordinates."""
    network.reference.mean_uv.copy_(mean_uv)
