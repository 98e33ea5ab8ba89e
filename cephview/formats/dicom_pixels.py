"""DICOM pixel data to grey: decoders, colour, look-up tables.

Each transfer syntax has its own decoder, named here, so that what else happens to be installed
changes nothing. None of them is under the GPL (which is why pylibjpeg-libjpeg is not among them).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gdcm  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import NDArray
from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.encaps import get_frame
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut, apply_voi

from cephview.core.film import Levels
from cephview.formats.dicom_stream import frame_size
from cephview.formats.errors import FormatError, shown
from cephview.formats.grey import Grey, luma
from cephview.formats.limits import check_size

gdcm.Trace.WarningOff()
gdcm.Trace.ErrorOff()
gdcm.Trace.DebugOff()

_NATIVE = (
    uid.ImplicitVRLittleEndian,
    uid.ExplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
    uid.DeflatedExplicitVRLittleEndian,
)

DECODERS: dict[str, str] = {
    **dict.fromkeys(_NATIVE, ""),
    uid.RLELossless: "pydicom",
    uid.JPEGBaseline8Bit: "pillow",
    uid.JPEGExtended12Bit: "pillow",
    uid.JPEGLossless: "gdcm",
    uid.JPEGLosslessSV1: "gdcm",
    uid.JPEGLSLossless: "pyjpegls",
    uid.JPEGLSNearLossless: "pyjpegls",
    uid.JPEG2000Lossless: "pylibjpeg",
    uid.JPEG2000: "pylibjpeg",
    uid.HTJ2KLossless: "pylibjpeg",
    uid.HTJ2KLosslessRPCL: "pylibjpeg",
    uid.HTJ2K: "pylibjpeg",
}
"""Transfer syntax to the pydicom plug-in that decodes it; empty where nothing is encoded."""


@dataclass(frozen=True)
class GreyPicture:
    """Pixels with bone bright, the window the file asks for, if any, and the depth of a grey."""

    pixels: Grey
    window: Levels | None
    bits: int


def grey_picture(dataset: Dataset, path: Path) -> GreyPicture:
    """Decode the first frame. Raises FormatError, and whatever a decoder raises on damage."""
    rows, columns = int(dataset.Rows), int(dataset.Columns)
    check_size(path, columns, rows)
    if int(dataset.BitsAllocated) not in (8, 16) or "PixelData" not in dataset:
        raise FormatError(
            f"{shown(path)} stores its pixels in {int(dataset.BitsAllocated)} bits, which no film "
            "does; export it with 8 to 16 bits."
        )
    raw, photometric = _decoded(dataset, path)
    if raw.shape[:2] != (rows, columns):
        raise _lies(path)
    bits = int(dataset.BitsStored)
    if photometric == "PALETTE COLOR":
        colour = apply_color_lut(raw, dataset)
        return GreyPicture(luma(colour), None, 8 * colour.dtype.itemsize)
    if raw.ndim == 3:
        # The first of Y, Cb, Cr is the grey that is wanted.
        grey = luma(raw) if photometric == "RGB" else np.ascontiguousarray(raw[..., 0])
        return GreyPicture(grey, None, bits)
    return _monochrome(dataset, raw, bits, inverted=photometric == "MONOCHROME1")


def _decoded(dataset: Dataset, path: Path) -> tuple[NDArray[Any], str]:
    syntax = dataset.file_meta.get("TransferSyntaxUID", uid.ImplicitVRLittleEndian)
    if syntax not in DECODERS:
        name = syntax.name if syntax.is_transfer_syntax else "an unknown encoding"
        raise FormatError(
            f"{shown(path)} is encoded as {name}, which cephview cannot decode; "
            "export it uncompressed or as JPEG 2000."
        )
    if syntax in _NATIVE:
        _check_length(dataset, path)
        raw, meta = get_decoder(syntax).as_array(dataset, index=0, raw=True)
        return _high_bit_aligned(dataset, raw), str(meta["photometric_interpretation"])
    if syntax != uid.RLELossless:
        frames = int(dataset.get("NumberOfFrames") or 1)
        frame = get_frame(dataset.PixelData, 0, number_of_frames=frames)
        size = frame_size(frame)
        if size != (int(dataset.Columns), int(dataset.Rows)):
            raise _lies(path)
        if syntax == uid.JPEGExtended12Bit and int(dataset.BitsAllocated) == 16:
            return _twelve_bit_jpeg(dataset, frame), str(dataset.PhotometricInterpretation)
    raw, meta = get_decoder(syntax).as_array(
        dataset, index=0, raw=True, decoding_plugin=DECODERS[syntax]
    )
    return raw, str(meta["photometric_interpretation"])


def _check_length(dataset: Dataset, path: Path) -> None:
    """Refuse uncompressed pixel data that is not as long as the header says.

    Up to one row of padding at the end is tolerated; more means that Rows, Columns or the number of
    frames is wrong, and the picture would be sheared.
    """
    photometric = str(dataset.PhotometricInterpretation)
    samples = 2 if photometric == "YBR_FULL_422" else int(dataset.SamplesPerPixel)
    row = int(dataset.Columns) * samples * int(dataset.BitsAllocated) // 8
    expected = row * int(dataset.Rows) * int(dataset.get("NumberOfFrames") or 1)
    actual = len(dataset.PixelData)
    if actual < expected:
        raise FormatError(
            f"{shown(path)} is cut short: its header promises {expected} bytes of picture and "
            f"there are {actual}; copy it again from its source."
        )
    if actual - expected >= max(row, 2):
        raise _lies(path)


def _lies(path: Path) -> FormatError:
    return FormatError(
        f"{shown(path)} is damaged: the size in its header is not the size of its picture; "
        "export it again."
    )


def _high_bit_aligned(dataset: Dataset, raw: NDArray[Any]) -> NDArray[Any]:
    """Move samples that do not end at bit 0, which only files of old devices do."""
    shift = int(dataset.HighBit) + 1 - int(dataset.BitsStored)
    if shift <= 0 or dataset.PixelRepresentation != 0:
        return raw
    words = np.frombuffer(dataset.PixelData, dtype=raw.dtype, count=raw.size).reshape(raw.shape)
    mask = raw.dtype.type((1 << int(dataset.BitsStored)) - 1)
    aligned: NDArray[Any] = (words >> raw.dtype.type(shift)) & mask
    return aligned


def _twelve_bit_jpeg(dataset: Dataset, frame: bytes) -> NDArray[np.uint16]:
    """Decode 12-bit lossy JPEG, which GDCM can do and pydicom's plug-ins for it do not."""
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(frame)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((int(dataset.Columns), int(dataset.Rows), 1))
    image.SetDataElement(element)
    image.SetPhotometricInterpretation(
        gdcm.PhotometricInterpretation(gdcm.PhotometricInterpretation.MONOCHROME2)
    )
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.JPEGExtendedProcess2_4))
    bits = int(dataset.BitsStored)
    image.SetPixelFormat(gdcm.PixelFormat(1, 16, bits, bits - 1, 0))
    # GDCM hands char* over as str.
    buffer = image.GetBuffer().encode("utf-8", "surrogateescape")
    return np.frombuffer(buffer, np.uint16).reshape(int(dataset.Rows), int(dataset.Columns))


def _monochrome(dataset: Dataset, raw: NDArray[Any], bits: int, *, inverted: bool) -> GreyPicture:
    """Apply Modality and VOI look-up, keeping every grey value that was stored.

    A linear modality look-up (rescale) only relabels the greys, so the stored values stay and the
    window is brought back to them; a negative slope inverts. A table (Modality LUT Sequence, or a
    VOI LUT Sequence in a file without a linear window) is applied to the pixels. Signed values are
    shifted to begin at zero. A sigmoid window is taken for the linear one of the same centre and
    width. Presentation LUT Shape only repeats what MONOCHROME1 and 2 say (PS3.3 C.8.11.3.1.2).
    """
    values, slope, intercept = raw, 1.0, 0.0
    signed = bool(dataset.PixelRepresentation)
    if dataset.get("ModalityLUTSequence"):
        values = apply_modality_lut(raw, dataset)
        bits, signed = 8 * values.dtype.itemsize, False
    elif "RescaleSlope" in dataset:
        slope = float(dataset.RescaleSlope) or 1.0
        intercept = float(dataset.get("RescaleIntercept") or 0.0)
    window = _window(dataset)
    if window is None and dataset.get("VOILUTSequence"):
        rescaled = np.rint(values * slope + intercept).astype(np.int32)
        values = apply_voi(rescaled, dataset)
        slope, intercept, bits, signed = 1.0, 0.0, 8 * values.dtype.itemsize, False

    top = (1 << bits) - 1
    shift = 1 << (bits - 1) if signed else 0
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


def _window(dataset: Dataset) -> Levels | None:
    """Return the first window, in modality values (PS3.3 C.11.2.1.2); None where there is none."""
    centre, width = (_first(dataset.get(name)) for name in ("WindowCenter", "WindowWidth"))
    if centre is None or width is None or width < 1:
        return None
    if dataset.get("VOILUTFunction") == "LINEAR_EXACT":
        return Levels(centre - width / 2, centre + width / 2)
    if width == 1:
        return None
    return Levels(centre - 0.5 - (width - 1) / 2, centre - 0.5 + (width - 1) / 2)


def _first(value: Any) -> float | None:
    if value is None or value == "":
        return None
    number = float(value[0] if hasattr(value, "__len__") and not isinstance(value, str) else value)
    return number if np.isfinite(number) else None
