"""12-bit lossy JPEG, which GDCM decodes although pydicom's plug-in for it declines to."""

import gdcm  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import NDArray

_CARRIER_BITS = 15
_BRIGHTEST = (1 << 12) - 1


def decode(frame: bytes, *, rows: int, columns: int) -> NDArray[np.uint16]:
    """Decode one grey frame to (rows, columns). Raises ValueError where GDCM gives no picture.

    GDCM does not clip where a lossy edge overshoots black or white, but cuts the number off at the
    bits it was told, and black turns white. So it is told more bits, and clipping is done here.
    """
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
    image.SetPhotometricInterpretation(
        gdcm.PhotometricInterpretation(gdcm.PhotometricInterpretation.MONOCHROME2)
    )
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.JPEGExtendedProcess2_4))
    image.SetPixelFormat(gdcm.PixelFormat(1, 16, _CARRIER_BITS, _CARRIER_BITS - 1, 0))
    # GDCM hands char* over as str.
    buffer = image.GetBuffer().encode("utf-8", "surrogateescape")
    values = np.frombuffer(buffer, np.uint16).reshape(rows, columns).astype(np.int32)
    values[values >= 1 << (_CARRIER_BITS - 1)] -= 1 << _CARRIER_BITS
    return np.clip(values, 0, _BRIGHTEST).astype(np.uint16)
