"""Bring the trunk's maps to two: coarse meaning at stride 16, fine detail at stride 4."""

from torch import Tensor, nn
from torch.nn import functional as F


def _smoothing(channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, channels, 3, padding=1, groups=channels),
        nn.Conv2d(channels, channels, 1),
        nn.ReLU(inplace=True),
    )


class Fusion(nn.Module):
    """A feature pyramid (Lin et al. 2017), nearest up-sampling, smoothed only where it is read."""

    def __init__(self, channels: tuple[int, ...], width: int, fine_width: int) -> None:
        super().__init__()
        at4, at8, at16, at32 = channels
        self.lateral32 = nn.Conv2d(at32, width, 1)
        self.lateral16 = nn.Conv2d(at16, width, 1)
        self.lateral8 = nn.Conv2d(at8, fine_width, 1)
        self.lateral4 = nn.Conv2d(at4, fine_width, 1)
        self.narrow = nn.Conv2d(width, fine_width, 1)
        self.smooth16 = _smoothing(width)
        self.smooth4 = _smoothing(fine_width)

    def forward(self, maps: tuple[Tensor, Tensor, Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """Return (batch, width, h/16, w/16) and (batch, fine_width, h/4, w/4)."""
        at4, at8, at16, at32 = maps
        x16 = self.lateral16(at16) + _doubled(self.lateral32(at32))
        x8 = self.lateral8(at8) + _doubled(self.narrow(x16))
        x4 = self.lateral4(at4) + _doubled(x8)
        return x16 + self.smooth16(x16), x4 + self.smooth4(x4)


def _doubled(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="nearest")
