"""One loss for both encoders."""

from dataclasses import dataclass

import torch
from torch import Tensor

from cephview.network.attention import Reading
from cephview.network.model import Points
from cephview.training.likelihood import ErrorShape, residual_surprise

# Errors are weighed in 240ths of the input's height: about a millimetre on a film of 24 cm, the
# same in x and y, whatever the input's size.
UNITS_PER_HEIGHT = 240.0


@dataclass(frozen=True)
class LossWeights:
    """How much of each part.

    fine: the finetune encoder against the reference encoder; early: every layer but the last;
    attention: cross-entropy of the attention against a Gaussian around the truth, of so many input
    pixels; scale: negative log-likelihood of a Laplace distribution, for the predicted scale;
    residual: in place of the L1 distance and of scale, residual log-likelihood estimation.
    """

    fine: float = 1.0
    early: float = 0.5
    attention: float = 0.1
    attention_coarse_px: float = 12.0
    attention_fine_px: float = 4.0
    scale: float = 0.05
    residual: float = 0.0


def total_loss(
    points: Points,
    truth: Tensor,
    input_height: int,
    weights: LossWeights,
    shape: ErrorShape | None = None,
) -> tuple[Tensor, dict[str, Tensor]]:
    """Return the loss and its parts (detached).

    truth: (batch, landmarks, 2), input pixels; NaN or outside the picture counts as not labelled.
    shape: needed where weights.residual is not 0.
    """
    unit = UNITS_PER_HEIGHT / input_height
    width = max(float(points.coarse[-1].cells_xy[..., 0].max()) + 16, 1.0)
    inside = (truth >= 0).all(-1) & (truth[..., 0] < width) & (truth[..., 1] < input_height)

    def loss_of(readings: list[Reading], sigma_px: float, reach: float | None) -> Tensor:
        total = truth.new_zeros(())
        for i, reading in enumerate(readings):
            share = 1.0 if i == len(readings) - 1 else weights.early
            total = total + share * layer_loss(
                reading, truth, inside, unit, weights, shape, sigma_px, reach
            )
        return total

    coarse = loss_of(points.coarse, weights.attention_coarse_px, None)
    fine = truth.new_zeros(())
    if points.refined is not points.coarse:
        fine = loss_of(points.refined, weights.attention_fine_px, 2.0)
    if points.extra:
        fine = (fine + loss_of(points.extra, weights.attention_fine_px, 2.0)) / 2
    loss = coarse + weights.fine * fine
    return loss, {"coarse": coarse.detach(), "fine": fine.detach()}


def layer_loss(
    reading: Reading,
    truth: Tensor,
    inside: Tensor,
    unit: float,
    weights: LossWeights,
    shape: ErrorShape | None,
    sigma_px: float,
    reach: float | None,
) -> Tensor:
    """reach: a truth further than so many pixels outside the window's cells is not learnt from."""
    cells = reading.cells_xy
    known = inside
    if reach is not None:
        low, high = cells.amin(dim=-2) - reach, cells.amax(dim=-2) + reach
        known = known & ((truth >= low) & (truth <= high)).all(-1)
    target = torch.where(known[..., None], truth, reading.xy.detach())
    error = (reading.xy - target).abs() * unit
    count = known.sum().clamp_min(1)
    distance = error.sum(-1).where(known, 0.0).sum() / count
    distances = (cells - target[..., None, :]).square().sum(-1)
    wanted = torch.softmax(-distances / (2 * sigma_px**2), dim=-1)
    surprise = -(wanted * reading.logits.float().log_softmax(-1)).sum(-1)
    attention = surprise.where(known, 0.0).sum() / count
    log_scale = reading.log_scale
    if weights.residual:
        if shape is None:
            raise ValueError("residual log-likelihood estimation needs the shape of the errors")
        residual = residual_surprise(reading.xy - target, log_scale, shape)
        residual = residual.where(known, 0.0).sum() / count
        return weights.residual * residual + weights.attention * attention
    apart = (reading.xy.detach() - target).abs().sum(-1)
    likelihood = apart * torch.exp(-log_scale) + 2 * log_scale
    likelihood = likelihood.where(known, 0.0).sum() / count
    return distance + weights.attention * attention + weights.scale * likelihood
