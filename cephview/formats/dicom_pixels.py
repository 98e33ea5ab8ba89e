"""DICOM pixel data to grey: colour, look-up tables, the window."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut

from cephview.core.film import Levels
from cephview.formats import dicom_tables
from cephview.formats.dicom_decode import decoded
from cephview.formats.dicom_header import settle, stated_photometric
from cephview.formats.dicom_values import number
from cephview.formats.errors import FormatError, shown
from cephview.formats.grey import Grey, luma
from cephview.formats.limits import check_size

# Nothing that makes radiographs keeps fewer than 64 greys.
_FEWEST_BITS = 6


@dataclass(frozen=True)
class GreyPicture:
    """Pixels with bone bright, the window the file asks for, if any, and the depth of a grey."""

    pixels: Grey
    window: Levels | None
    bits: int


def grey_picture(dataset: Dataset, path: Path, frame: int = 0) -> GreyPicture:
    """Decode a frame. Raises FormatError, and whatever a decoder raises on damage."""
    inverted = stated_photometric(dataset) == "MONOCHROME1"
    compressed = settle(dataset, path, frame)
    inverted = inverted or dataset.PhotometricInterpretation == "MONOCHROME1"
    check_size(path, int(dataset.Columns), int(dataset.Rows))
    if int(dataset.BitsAllocated) not in (8, 16):
        raise FormatError(
            f"{shown(path)} stores its pixels in {int(dataset.BitsAllocated)} bits, which no film "
            "does; export it with 8 to 16 bits."
        )
    if int(dataset.BitsStored) < _FEWEST_BITS and str(dataset.PhotometricInterpretation).startswith(
        "MONO"
    ):
        raise FormatError(
            f"{shown(path)} stores its greys in {int(dataset.BitsStored)} bits, fewer than any "
            "film does; export it with 8 to 16 bits."
        )
    is_little = dataset.file_meta.TransferSyntaxUID != uid.ExplicitVRBigEndian
    raw, photometric = decoded(dataset, compressed, frame, path)
    bits = int(dataset.BitsStored)
    if photometric == "PALETTE COLOR":
        colour = _coloured(dataset, raw, is_little=is_little)
        return GreyPicture(luma(colour), None, 8 * colour.dtype.itemsize)
    if raw.ndim == 3:
        # The first of Y, Cb, Cr is the grey that is wanted.
        grey = luma(raw) if photometric == "RGB" else np.ascontiguousarray(raw[..., 0])
        # A grey film that was compressed as a colour picture.
        return GreyPicture(np.invert(grey) if inverted else grey, None, bits)
    return _monochrome(dataset, raw, bits, inverted=inverted, is_little=is_little)


def _coloured(dataset: Dataset, raw: NDArray[Any], *, is_little: bool) -> NDArray[Any]:
    """Return red, green, blue of a picture of indices."""
    try:
        return apply_color_lut(raw, dataset)
    # What it does not take: tables that are longer or shorter than they say, or packed.
    except Exception:
        name = "PaletteColorLookupTable"
        tables = [
            dicom_tables.table(
                dataset, f"{colour}{name}Descriptor", f"{colour}{name}Data", is_little=is_little
            )
            for colour in ("Red", "Green", "Blue")
        ]
        if any(each is None for each in tables):
            raise
        return np.stack([each.applied(raw) for each in tables if each is not None], axis=2)


def _monochrome(
    dataset: Dataset, raw: NDArray[Any], bits: int, *, inverted: bool, is_little: bool
) -> GreyPicture:
    """Apply Modality and VOI look-up, keeping every grey value that was stored.

    A linear modality look-up (rescale) only relabels the greys, so the stored values stay and the
    window is brought back to them; a negative slope inverts. A table (Modality LUT Sequence, or a
    VOI LUT Sequence in a file without a linear window) is applied to the pixels. Signed values are
    shifted to begin at zero. A sigmoid window is taken for the linear one of the same centre and
    width. Presentation LUT Shape only repeats what MONOCHROME1 and 2 say (PS3.3 C.8.11.3.1.2).
    """
    values, slope, intercept = raw, 1.0, 0.0
    signed = bool(dataset.PixelRepresentation)
    modality = dicom_tables.first_table(dataset, "ModalityLUTSequence", is_little=is_little)
    if modality is not None:
        values = modality.applied(raw)
        bits, signed = 8 * values.dtype.itemsize, False
    else:
        slope = number(dataset, "RescaleSlope") or 1.0
        intercept = number(dataset, "RescaleIntercept") or 0.0
    window = dicom_tables.window(dataset)
    voi = dicom_tables.first_table(dataset, "VOILUTSequence", is_little=is_little)
    if window is None and voi is not None:
        seen = voi.applied(np.rint(values * slope + intercept))
        # A table for other greys than the film has would leave nothing of it.
        if seen.min() < seen.max():
            values, slope, intercept = seen, 1.0, 0.0
            bits, signed = 8 * values.dtype.itemsize, False

    shift = 1 << (bits - 1) if signed else 0
    darkest, brightest = int(values.min()) + shift, int(values.max()) + shift
    if darkest < 0 or brightest >> bits:
        # Bits Stored is wrong: keep what is there.
        bits = 8 * values.dtype.itemsize
        shift = 1 << (bits - 1) if signed else 0
    top = (1 << bits) - 1
    kind: type[np.uint8] | type[np.uint16] = np.uint8 if top <= 255 else np.uint16
    shifted = values.astype(np.int32) + shift if shift else values
    grey: NDArray[Any] = shifted.astype(kind, copy=False)
    if window is not None:
        low, high = ((v - intercept) / slope + shift for v in (window.low, window.high))
        window = Levels(min(low, high), max(low, high))
    if inverted != (slope < 0):
        grey = kind(top) - grey
        window = None if window is None else Levels(top - window.high, top - window.low)
    return GreyPicture(np.ascontiguousarray(grey), window, bits)
