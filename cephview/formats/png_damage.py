"""Whether a PNG holds all of its rows: Pillow fills with black what is missing at the end."""

import zlib

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# First column and row of each of Adam7's passes, and the steps to the next ones.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
           (0, 1, 1, 2))  # fmt: skip
_STEP_BYTES = 1 << 20
_PIECE_BYTES = 1 << 14


def is_short(data: bytes) -> bool:
    """Say whether the packed rows of a PNG end before the picture does. data has a whole header."""
    width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    bits = data[24] * _CHANNELS.get(data[25], 1)
    passes = _PASSES if data[28] else ((0, 0, 1, 1),)
    needed = 0
    for x, y, across, down in passes:
        columns, rows = -(-(width - x) // across), -(-(height - y) // down)
        if columns > 0 and rows > 0:
            needed += rows * (1 + (columns * bits + 7) // 8)
    return _unpacked_bytes(data, needed) < needed


def _unpacked_bytes(data: bytes, enough: int) -> int:
    """Return how many bytes the IDAT chunks unpack to, at least up to enough of them."""
    unpack, total, at = zlib.decompressobj(), 0, 8
    while at + 8 <= len(data) and total < enough:
        length = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"IDAT":
            # By small pieces: what is left of a large one would be copied at each step.
            for start in range(at + 8, at + 8 + length, _PIECE_BYTES):
                packed = data[start : min(start + _PIECE_BYTES, at + 8 + length)]
                while packed and not unpack.eof and total < enough:
                    total += len(unpack.decompress(packed, _STEP_BYTES))
                    packed = unpack.unconsumed_tail
                if unpack.eof or start >= len(data) or total >= enough:
                    break
        at += 12 + length
    return total
