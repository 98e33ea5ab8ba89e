"""What both encoders share: sine positions, attention among queries, reading a place out."""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def sine_positions(xy: Tensor, channels: int, *, longest: float) -> Tensor:
    """Encode places by sines and cosines (Vaswani et al. 2017), half of the channels for each axis.

    xy: (..., 2) in pixels of the input. longest: the longest wavelength, in the same pixels; the
    shortest is 8 pixels. Returns (..., channels).
    """
    count = channels // 4
    exponents = torch.arange(count, device=xy.device, dtype=torch.float32) / max(1, count - 1)
    waves = 2 * math.pi / (longest * (8.0 / longest) ** exponents)
    phase = xy.float()[..., None] * waves
    return torch.cat([phase.sin(), phase.cos()], dim=-1).flatten(-2)


class Said(NamedTuple):
    """What queries say at a layer: themselves, and where they stand as sines; (batch, n, width)."""

    queries: Tensor
    place: Tensor


class Own(NamedTuple):
    """What rows beside the network's own bring to a layer.

    others: what they hear. prompt: (rows, width), added to the queries; ask: (rows, channels),
    added to what is asked of the cells where a place is read.
    """

    others: Said
    prompt: Tensor
    ask: Tensor


class SelfAttention(nn.Module):
    """Pre-norm self-attention among the queries of one film, where they stand added to them."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.mix_qk = nn.Linear(width, 2 * width)
        self.mix_v = nn.Linear(width, width)
        self.out = nn.Linear(width, width)
        self.heads = heads

    def forward(self, queries: Tensor, place: Tensor) -> Tensor:
        """queries, place: (batch, landmarks, width). Returns the queries with what they heard."""
        q, k, v = self._mixed(queries, place)
        changed: Tensor = queries + self.out(join_heads(F.scaled_dot_product_attention(q, k, v)))
        return changed

    def beside(self, queries: Tensor, place: Tensor, others: "Said") -> Tensor:
        """Each query hears the others and itself, but none of those it comes with.

        queries, place: (batch, added, width), added rows that nobody else hears.
        """
        q, k, v = self._mixed(queries, place)
        _, other_k, other_v = self._mixed(*others)
        scale = q.shape[-1] ** -0.5
        logits = torch.cat([q @ other_k.transpose(-1, -2), (q * k).sum(-1, keepdim=True)], dim=-1)
        weight = (logits * scale).softmax(dim=-1)
        heard = weight[..., :-1] @ other_v + weight[..., -1:] * v
        changed: Tensor = queries + self.out(join_heads(heard))
        return changed

    def _mixed(self, queries: Tensor, place: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x = self.norm(queries)
        q, k = self.mix_qk(x + place).chunk(2, dim=-1)
        return (
            split_heads(q, self.heads),
            split_heads(k, self.heads),
            split_heads(self.mix_v(x), self.heads),
        )


class FeedForward(nn.Module):
    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.inner = nn.Linear(width, inner)
        self.out = nn.Linear(inner, width)

    def forward(self, x: Tensor) -> Tensor:
        changed: Tensor = x + self.out(F.gelu(self.inner(self.norm(x))))
        return changed


class Reading(NamedTuple):
    """A place read out of attention over cells.

    xy: (batch, landmarks, 2), input pixels. logits: (batch, landmarks, cells), over the cells whose
    places are cells_xy: (batch or 1, landmarks or 1, cells, 2). log_scale: (batch, landmarks), the
    logarithm of a Laplace scale in input pixels.
    """

    xy: Tensor
    logits: Tensor
    cells_xy: Tensor
    log_scale: Tensor


class Readout(nn.Module):
    """Turn a query's attention over cells into a place and a scale.

    The place is the expectation of the cells' places under the attention, plus a residual that
    starts at zero; the scale is learnt from the query and the spread of the attention. By
    regression, the place is where the query stands plus the residual: the way of D-CeLR, which
    learns far more slowly and is kept to be compared with.
    """

    def __init__(self, width: int, stride: int, kind: str = "expectation") -> None:
        super().__init__()
        self.is_expectation = kind == "expectation"
        self.residual = nn.Sequential(nn.Linear(width, width), nn.GELU(), _silent(width, 2))
        self.scale = nn.Sequential(nn.Linear(width + 1, width), nn.GELU(), _silent(width, 1))
        self.stride = stride

    def forward(
        self, queries: Tensor, logits: Tensor, cells_xy: Tensor, stands_xy: Tensor
    ) -> Reading:
        """stands_xy: (batch, landmarks, 2), where the queries stand; input pixels."""
        weight = logits.float().softmax(dim=-1)
        expected = (weight[..., None] * cells_xy).sum(dim=-2)
        off = cells_xy - expected[..., None, :]
        spread = (weight * off.square().sum(dim=-1)).sum(dim=-1)
        log_spread = 0.5 * torch.log(spread.detach() / 2 + 1.0)
        base = expected if self.is_expectation else stands_xy
        xy = base + self.stride * self.residual(queries).float()
        seen = torch.cat([queries, log_spread[..., None].to(queries.dtype)], dim=-1)
        log_scale = log_spread + self.scale(seen).float().squeeze(-1)
        return Reading(xy, logits, cells_xy, log_scale.clamp(-3.0, 6.0))


def _silent(inputs: int, outputs: int) -> nn.Linear:
    """A linear layer that starts at zero."""
    layer = nn.Linear(inputs, outputs)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


def split_heads(x: Tensor, heads: int) -> Tensor:
    """(batch, n, width) to (batch, heads, n, width / heads)."""
    return x.reshape(*x.shape[:-1], heads, -1).transpose(1, 2)


def join_heads(x: Tensor) -> Tensor:
    """The inverse of split_heads."""
    return x.transpose(1, 2).flatten(-2)
