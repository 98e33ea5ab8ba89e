"""A sound film, and one spoilt: what the studies of hostile films hand one another."""

import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIZE_PX = 160, 200


@dataclass(frozen=True)
class Specimen:
    """A sound film file. pixels: (height, width) as the program reads it."""

    name: str
    suffix: str
    data: bytes
    spoil: Callable[[random.Random, bytes], "Spoilt"]
    pixels: NDArray[np.integer]


@dataclass(frozen=True)
class Spoilt:
    """A film file after a change.

    keeps_picture: the change touches nothing the picture depends on, so that it is opened as it was
    or not at all. may_shrink: what is left cannot tell that there was more.
    """

    data: bytes
    what: str
    keeps_picture: bool = False
    may_shrink: bool = False


def picture(bits: int) -> NDArray[np.integer]:
    """Return a grey picture without a flat place, of so many bits."""
    width, height = SIZE_PX
    y, x = np.mgrid[0:height, 0:width]
    waves = (np.sin(x / 9) + np.cos(y / 13) + 2) / 4
    grain = np.random.default_rng(0).random((height, width)) * 0.05
    grey = (waves * 0.9 + grain) * ((1 << bits) - 1)
    return grey.astype(np.uint8 if bits <= 8 else np.uint16)


INTERESTING = (0, 1, 2, 3, 7, 8, 63, 64, 127, 128, 255, 256, 4095, 32767, 32768, 65535, 65536,
               2**24, 2**31 - 1, 2**31, 2**32 - 1)  # fmt: skip


def number(rng: random.Random, size: int, order: str = "little") -> bytes:
    """Return a number of size bytes that programs are likely to stumble on."""
    value = rng.choice(INTERESTING) if rng.random() < 0.8 else rng.getrandbits(8 * size)
    return (value % (1 << 8 * size)).to_bytes(size, "big" if order == "big" else "little")


def anywhere(rng: random.Random, data: bytes) -> Spoilt:
    """Spoil a file without regard to what it is."""
    at = rng.randrange(len(data))
    if rng.random() < 0.5:
        at = rng.randrange(min(len(data), 1024))
    length = rng.choice((1, 2, 4, 16, 100, len(data) // 20))
    end = min(len(data), at + length)
    match rng.randrange(7):
        case 0:
            changed = bytearray(data)
            for _ in range(rng.randint(1, 8)):
                changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            return Spoilt(bytes(changed), "bits turned over")
        case 1:
            return Spoilt(data[:at], f"cut at {at} of {len(data)}")
        case 2:
            return Spoilt(data[:at] + data[end:], f"{end - at} bytes left out at {at}")
        case 3:
            more = data[at:end] * rng.randint(1, 3)
            return Spoilt(data[:at] + more + data[at:], f"{len(more)} bytes repeated at {at}")
        case 4:
            fill = bytes([rng.choice((0, 255, 32))]) * (end - at)
            return Spoilt(data[:at] + fill + data[end:], f"{end - at} bytes blotted at {at}")
        case 5:
            size = rng.choice((1, 2, 4))
            value = number(rng, size, rng.choice(("little", "big")))
            return Spoilt(data[:at] + value + data[at + size :], f"{value.hex()} at {at}")
        case _:
            junk = rng.randbytes(end - at)
            return Spoilt(data[:at] + junk + data[at:], f"{len(junk)} bytes of noise at {at}")
