"""DICOM pixel data to grey: decoding, colour, look-up tables."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.encaps import get_frame
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut, apply_voi

from cephview.core.film import Levels
from cephview.formats import gdcm_decode
from cephview.formats.decoders import DECODERS, NATIVE, is_available
from cephview.formats.dicom_stream import frame_size, has_thinned_colour
from cephview.formats.errors import FormatError, shown
from cephview.formats.grey import Grey, luma
from cephview.formats.limits import check_size
from cephview.formats.quiet import recorded


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
    syntax = _syntax(dataset)
    if not is_available(syntax):
        name = syntax.name if syntax.is_transfer_syntax else "an unknown encoding"
        raise FormatError(
            f"{shown(path)} is encoded as {name}, which this installation cannot decode; "
            "export it uncompressed or as JPEG 2000."
        )
    if syntax in NATIVE:
        _check_length(dataset, path)
        return _native(dataset, syntax)
    if syntax != uid.RLELossless:
        frames = int(dataset.get("NumberOfFrames") or 1)
        frame = get_frame(dataset.PixelData, 0, number_of_frames=frames)
        if has_thinned_colour(frame):
            # Some writers call this RGB, but only the colour of Y, Cb, Cr is ever thinned out.
            dataset.PhotometricInterpretation = "YBR_FULL_422"
        rows, columns = int(dataset.Rows), int(dataset.Columns)
        if frame_size(frame) != (columns, rows):
            raise _lies(path)
        is_deep = int(dataset.BitsAllocated) == 16
        if DECODERS[syntax] == "gdcm" or (syntax == uid.JPEGExtended12Bit and is_deep):
            return _by_gdcm(dataset, syntax, frame), str(dataset.PhotometricInterpretation)
        raw, meta = get_decoder(syntax).as_array(
            dataset, index=0, raw=True, decoding_plugin=DECODERS[syntax]
        )
        return raw, str(meta["photometric_interpretation"])
    with recorded() as warned:
        raw, meta = get_decoder(syntax).as_array(
            dataset, index=0, raw=True, decoding_plugin=DECODERS[syntax]
        )
    if _rle_surplus(warned) >= int(dataset.Columns):
        raise _lies(path)
    return raw, str(meta["photometric_interpretation"])


def _by_gdcm(dataset: Dataset, syntax: uid.UID, frame: bytes) -> NDArray[Any]:
    rows, columns, samples = (
        int(dataset[name].value) for name in ("Rows", "Columns", "SamplesPerPixel")
    )
    shape = (rows, columns) if samples == 1 else (rows, columns, samples)
    if syntax == uid.JPEGExtended12Bit:
        return gdcm_decode.decode_twelve_bit(frame, shape)
    return gdcm_decode.decode_lossless(
        frame,
        shape,
        bits_allocated=int(dataset.BitsAllocated),
        bits_stored=int(dataset.BitsStored),
        is_signed=bool(dataset.PixelRepresentation),
    )


def _rle_surplus(warned: list[str]) -> int:
    """Return the bytes of a segment beyond the picture, of which the decoder only warns."""
    sizes = [re.search(r"RLE.*?(\d+) vs\. (\d+) bytes", each) for each in warned]
    return max((int(size[1]) - int(size[2]) for size in sizes if size), default=0)


def _syntax(dataset: Dataset) -> uid.UID:
    """Return the transfer syntax; where none is stated, the one the reader found to fit."""
    stated = dataset.file_meta.get("TransferSyntaxUID")
    if stated:
        return uid.UID(stated)
    is_little = dataset.original_encoding[1]
    return uid.ExplicitVRBigEndian if is_little is False else uid.ImplicitVRLittleEndian


def _check_length(dataset: Dataset, path: Path) -> None:
    """Refuse uncompressed pixel data that is not as long as the header says.

    Padding of up to one row, or one block of a disk, is tolerated; more means that Rows, Columns or
    the number of frames is wrong, and the picture would be sheared.
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
    if actual - expected >= max(row, 512):
        raise _lies(path)


def _lies(path: Path) -> FormatError:
    return FormatError(
        f"{shown(path)} is damaged: the size in its header is not the size of its picture; "
        "export it again."
    )


def _native(dataset: Dataset, syntax: uid.UID) -> tuple[NDArray[Any], str]:
    shift = int(dataset.HighBit) + 1 - int(dataset.BitsStored)
    # Old devices left samples that do not end at bit 0; the decoder would cut off their high bits.
    is_aligned = shift <= 0 or dataset.PixelRepresentation != 0
    raw, meta = get_decoder(syntax).as_array(
        dataset,
        index=0,
        raw=True,
        correct_unused_bits=is_aligned,  # type: ignore[arg-type]
    )
    if not is_aligned:
        raw = (raw >> shift) & ((1 << int(dataset.BitsStored)) - 1)
    return raw, str(meta["photometric_interpretation"])


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
