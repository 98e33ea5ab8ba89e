"""The film: a radiograph's pixels, its pixel size, and what is known of its origin."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cephview.core.scale import PixelSize, judged


@dataclass(frozen=True)
class Levels:
    """A linear display window: low is shown black and high white, in the film's grey values."""

    low: float
    high: float

    @property
    def centre(self) -> float:
        return (self.low + self.high) / 2

    @property
    def width(self) -> float:
        return self.high - self.low


@dataclass(frozen=True)
class Origin:
    """What a file says of where its film comes from. Empty strings where it says nothing."""

    format: str = ""
    bit_depth: int = 8
    modality: str = ""
    manufacturer: str = ""
    device: str = ""
    patient_id: str = ""
    frames: int = 1


@dataclass(frozen=True, eq=False)
class Film:
    """A film in memory.

    pixels: (height, width), uint8 or uint16, brighter is more absorbing (bone is white), never
    written to. pixel_size is implausible where no film of that size has it. sha256 is the digest of
    the file's bytes, by which the workspace knows the film.
    """

    pixels: NDArray[np.uint8] | NDArray[np.uint16]
    sha256: str
    name: str
    pixel_size: PixelSize = field(default_factory=PixelSize)
    levels: Levels = field(default_factory=lambda: Levels(0, 255))
    origin: Origin = field(default_factory=Origin)

    def __post_init__(self) -> None:
        shape, dtype = self.pixels.shape, self.pixels.dtype
        if len(shape) != 2 or 0 in shape or dtype not in (np.uint8, np.uint16):
            raise ValueError(f"a film is a grey picture, not {dtype} {shape}")
        self.pixels.setflags(write=False)
        # Whatever a file says of its scale, it is believed only as far as a film can have it.
        object.__setattr__(self, "pixel_size", judged(self.pixel_size, (self.width, self.height)))

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    def by_scale(self, told: PixelSize | None) -> PixelSize:
        """Return the pixel size that a user told, as far as it can be; None: the file's."""
        return self.pixel_size if told is None else judged(told, (self.width, self.height))

    def inside(self, xy: tuple[float, float]) -> tuple[float, float]:
        """Return the nearest place of the film, in pixel indices."""
        x = min(max(float(xy[0]), -0.5), self.width - 0.5)
        y = min(max(float(xy[1]), -0.5), self.height - 0.5)
        return x, y
