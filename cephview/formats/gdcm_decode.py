"""JPEG of all kinds, decoded by GDCM.

GDCM ends the process it runs in when a frame is damaged in some ways; there is no catching that.
So it is only ever called in a process that reads films.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import uid

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
    # Loaded only where it is needed: most films are of other kinds.
    import gdcm  # type: ignore[import-untyped]

    for switch_off in (gdcm.Trace.DebugOff, gdcm.Trace.WarningOff, gdcm.Trace.ErrorOff):
        switch_off()
    rows, columns = shape[:2]
    samples = shape[2] if len(shape) == 3 else 1
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(frame)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((columns, rows, 1))
    image.SetDataElement(element)
    kind = gdcm.PhotometricInterpretation
    image.SetPhotometricInterpretation(kind(kind.MONOCHROME2 if samples == 1 else kind.RGB))
    if samples > 1:
        image.SetPlanarConfiguration(0)
    image.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    image.SetPixelFormat(
        gdcm.PixelFormat(samples, bits_allocated, bits_stored, bits_stored - 1, int(is_signed))
    )
    try:
        # GDCM hands char* over as str.
        return bytes(image.GetBuffer().encode("utf-8", "surrogateescape"))
    # GDCM raises what it likes.
    except Exception as error:
        raise ValueError("GDCM gives no picture") from error
