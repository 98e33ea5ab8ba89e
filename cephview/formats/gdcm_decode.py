"""JPEG of all kinds, decoded by GDCM in a process of its own (commands.decode_frame says why)."""

import subprocess
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import uid

from cephview import child_process

_TIMEOUT_S = 60
# Windows would open a black window for the child of a windowed program.
_NO_CONSOLE = getattr(subprocess, "CREATE_NO_WINDOW", 0)
_CARRIER_BITS = 15
_BRIGHTEST = (1 << 12) - 1
SYNTAXES = {
    uid.JPEGBaseline8Bit: 5,
    uid.JPEGExtended12Bit: 6,
    uid.JPEGLossless: 10,
    uid.JPEGLosslessSV1: 10,
    uid.JPEGLSLossless: 12,
    uid.JPEGLSNearLossless: 13,
    uid.JPEG2000Lossless: 14,
    uid.JPEG2000: 15,
}
"""The transfer syntaxes that GDCM decodes, and how it numbers them."""


def decode(
    frame: bytes,
    shape: tuple[int, ...],
    syntax: uid.UID,
    *,
    bits_allocated: int,
    bits_stored: int,
    is_signed: bool,
) -> NDArray[Any]:
    """Decode a frame to shape: (rows, columns) or (rows, columns, samples).

    Raises ValueError where GDCM gives no picture of that shape.
    """
    data = _run(frame, shape, bits_allocated, bits_stored, is_signed, SYNTAXES[syntax])
    kind = np.dtype(f"{'i' if is_signed else 'u'}{bits_allocated // 8}")
    return np.frombuffer(data, kind).reshape(shape)


def decode_twelve_bit(frame: bytes, shape: tuple[int, ...]) -> NDArray[np.uint16]:
    """Decode a lossy grey JPEG of 12 bits to shape (rows, columns). Raises ValueError.

    GDCM does not clip where a lossy edge overshoots black or white, but cuts the number off at the
    bits it was told, and black turns white. So it is told more bits, and clipping is done here.
    """
    data = _run(frame, shape, 16, _CARRIER_BITS, False, SYNTAXES[uid.JPEGExtended12Bit])
    values = np.frombuffer(data, np.uint16).reshape(shape).astype(np.int32)
    values[values >= 1 << (_CARRIER_BITS - 1)] -= 1 << _CARRIER_BITS
    return np.clip(values, 0, _BRIGHTEST).astype(np.uint16)


def _run(
    frame: bytes,
    shape: tuple[int, ...],
    bits_allocated: int,
    bits_stored: int,
    is_signed: bool,
    syntax: int,
) -> bytes:
    rows, columns = shape[:2]
    samples = shape[2] if len(shape) == 3 else 1
    numbers = (rows, columns, samples, bits_allocated, bits_stored, int(is_signed), syntax)
    try:
        done = subprocess.run(
            child_process.command("decode-frame", *map(str, numbers)),
            input=frame,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_TIMEOUT_S,
            creationflags=_NO_CONSOLE,
        )
    except subprocess.TimeoutExpired as error:
        raise ValueError("GDCM did not finish") from error
    if done.returncode != 0:
        raise ValueError(f"GDCM ended with {done.returncode}")
    return done.stdout
