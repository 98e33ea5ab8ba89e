"""Residual log-likelihood estimation: learn the shape of the errors together with the points."""

import math
from typing import cast

import torch
from torch import Tensor, nn

COUPLINGS = 6
HIDDEN = 64


class ErrorShape(nn.Module):
    """A density over normalised errors, (..., 2): RealNVP (Dinh et al. 2017) on a unit normal."""

    masks: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("masks", torch.tensor([[0.0, 1.0], [1.0, 0.0]] * (COUPLINGS // 2)))
        self.scales = nn.ModuleList(_small_net(nn.Tanh()) for _ in range(COUPLINGS))
        self.shifts = nn.ModuleList(_small_net(nn.Identity()) for _ in range(COUPLINGS))

    def forward(self, error: Tensor) -> Tensor:
        """Return the logarithm of the density, (...)."""
        z, log_volume = error, torch.zeros_like(error[..., 0])
        for mask, scale, shift in zip(self.masks, self.scales, self.shifts, strict=True):
            kept = mask * z
            s = cast("Tensor", scale(kept)) * (1 - mask)
            t = cast("Tensor", shift(kept)) * (1 - mask)
            z = kept + (1 - mask) * (z - t) * torch.exp(-s)
            log_volume = log_volume - s.sum(-1)
        return log_volume - z.square().sum(-1) / 2 - math.log(2 * math.pi)


def residual_surprise(error: Tensor, log_scale: Tensor, shape: ErrorShape) -> Tensor:
    """Return the negative log-likelihood, (...), of errors (..., 2) of scale e^log_scale (...).

    The density is a Laplace distribution times what the learnt shape adds to it (Li et al., Human
    Pose Regression with Residual Log-likelihood Estimation, ICCV 2021, equation 7), in nats; error
    and scale are in the same unit.
    """
    normalised = error * torch.exp(-log_scale)[..., None]
    laplace = normalised.abs().sum(-1) + 2 * math.log(2.0)
    return laplace - cast("Tensor", shape(normalised)) + 2 * log_scale


def _small_net(last: nn.Module) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(2, HIDDEN), nn.LeakyReLU(), nn.Linear(HIDDEN, HIDDEN), nn.LeakyReLU(),
        nn.Linear(HIDDEN, 2), last,
    )  # fmt: skip
