"""Decode one frame of a DICOM film; a second decoder is asked before it is called damaged."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID

from cephview.formats import gdcm_decode, jpeg_damage
from cephview.formats.code_stream import CodeStream, code_stream, ended, has_end
from cephview.formats.decoders import DECODERS, NATIVE, is_available
from cephview.formats.dicom_header import alone, row_bytes, take_depth
from cephview.formats.endless import check_scans
from cephview.formats.errors import FormatError, cut_short, damaged, shown
from cephview.formats.plausible_samples import (
    are_deeper_than,
    are_sides_exchanged,
    with_sides_exchanged,
)
from cephview.formats.quiet import recorded

_PADDING_BYTES = 512

Raw = tuple[NDArray[Any], str]


def decoded(dataset: Dataset, frame: bytes | None, index: int, path: Path) -> Raw:
    """Return the samples of a frame and their photometric interpretation.

    dataset is settled; frame is a compressed one, or None where the pixels are plain. Samples are
    (rows, columns) or (rows, columns, samples). Raises FormatError where the picture is cut or of
    another size than its header says, and whatever a decoder raises on damage.
    """
    syntax = UID(dataset.file_meta.TransferSyntaxUID)
    if not is_available(syntax):
        name = syntax.name if syntax.is_transfer_syntax else "an unknown encoding"
        raise FormatError(
            f"{shown(path)} is encoded as {name}, which this installation cannot decode; "
            "export it uncompressed or as JPEG 2000."
        )
    size = int(dataset.Rows), int(dataset.Columns)
    has_own_size = not (frame is None or syntax in NATIVE or syntax == uid.RLELossless)
    if frame is None or syntax in NATIVE:
        _check_length(dataset, path)
        raw, photometric = _native(dataset, syntax, index)
    elif syntax == uid.RLELossless:
        raw, photometric = _run_lengths(dataset, frame, path)
    else:
        if frame.startswith(b"\xff\xd8"):
            check_scans(frame, path)
        stream = code_stream(frame)
        if stream is None or (stream.rows, stream.columns) != size:
            raise _lies(path)
        raw, photometric = _stream(dataset, syntax, frame, stream, path)
    if raw.shape[:2] != size:
        raise _lies(path)
    if not has_own_size and are_sides_exchanged(raw):
        dataset.Rows, dataset.Columns = size[1], size[0]
        raw = with_sides_exchanged(raw)
    return raw, photometric


def _stream(dataset: Dataset, syntax: UID, frame: bytes, stream: CodeStream, path: Path) -> Raw:
    """Decode a stream; where it lacks its end marker, only if that is all it lacks."""
    if has_end(frame, stream):
        if stream.syntax == uid.JPEGBaseline8Bit and jpeg_damage.is_damaged(frame):
            raise damaged(path, "DICOM")
        return _by_any(dataset, syntax, frame, stream)
    both = ended(frame, stream)
    if both is None:
        raise cut_short(path)
    try:
        first = _by_any(dataset, syntax, both[0], stream)
        if both[1] != both[0]:
            second = _by_any(dataset, syntax, both[1], stream)
            if not np.array_equal(first[0], second[0]):
                raise cut_short(path)
    except FormatError:
        raise
    except Exception as error:
        raise cut_short(path) from error
    return first


def _by_any(dataset: Dataset, syntax: UID, frame: bytes, stream: CodeStream) -> Raw:
    """Ask each decoder, first with the depth that the header states, then with the stream's own.

    Raises what the first decoder raised where none gives a picture.
    """
    stated = tuple(int(dataset[name].value) for name in ("BitsAllocated", "BitsStored", "HighBit"))
    is_said = stated[0] == (8 if stream.bits <= 8 else 16) and stated[1] >= stream.bits
    attempts = [
        (decoder, is_own_depth)
        for is_own_depth in ((False,) if is_said else (False, True))
        for decoder in _decoders(syntax, stated[0])
    ]
    first: Exception | None = None
    for decoder, is_own_depth in attempts:
        if is_own_depth:
            take_depth(dataset, stream)
        try:
            return decoder(dataset, syntax, frame)
        # Decoders of damaged bytes raise whatever they meet.
        except Exception as error:
            first = first or error
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = stated
    raise first or ValueError("no decoder")


def _decoders(syntax: UID, bits_allocated: int) -> tuple[Callable[..., Raw], ...]:
    is_deep = syntax == uid.JPEGExtended12Bit and bits_allocated == 16
    if DECODERS[syntax] == "gdcm" or is_deep:
        return (_by_gdcm,)
    return (_by_plugin, _by_gdcm) if syntax in gdcm_decode.SYNTAXES else (_by_plugin,)


def _by_plugin(dataset: Dataset, syntax: UID, frame: bytes) -> Raw:
    alone(dataset, frame)
    raw, meta = get_decoder(syntax).as_array(
        dataset, index=0, raw=True, decoding_plugin=DECODERS[syntax]
    )
    return raw, str(meta["photometric_interpretation"])


def _by_gdcm(dataset: Dataset, syntax: UID, frame: bytes) -> Raw:
    rows, columns, samples = (
        int(dataset[name].value) for name in ("Rows", "Columns", "SamplesPerPixel")
    )
    shape = (rows, columns) if samples == 1 else (rows, columns, samples)
    photometric = str(dataset.PhotometricInterpretation)
    if syntax == uid.JPEGExtended12Bit and int(dataset.BitsAllocated) == 16:
        return gdcm_decode.decode_twelve_bit(frame, shape), photometric
    if samples > 1 and DECODERS[syntax] != "gdcm":
        raise ValueError("what colours GDCM gives back is not known")
    raw = gdcm_decode.decode(
        frame,
        shape,
        syntax,
        bits_allocated=int(dataset.BitsAllocated),
        bits_stored=int(dataset.BitsStored),
        is_signed=bool(dataset.PixelRepresentation),
    )
    return raw, photometric


def _run_lengths(dataset: Dataset, frame: bytes, path: Path) -> Raw:
    with recorded() as warned:
        raw, photometric = _by_plugin(dataset, uid.RLELossless, frame)
    if _rle_surplus(warned) >= int(dataset.Columns):
        raise _lies(path)
    return raw, photometric


def _rle_surplus(warned: list[str]) -> int:
    """Return the bytes of a segment beyond the picture, of which the decoder only warns."""
    sizes = [re.search(r"RLE.*?(\d+) vs\. (\d+) bytes", each) for each in warned]
    return max((int(size[1]) - int(size[2]) for size in sizes if size), default=0)


def _check_length(dataset: Dataset, path: Path) -> None:
    """Refuse uncompressed pixel data that is not as long as the header says.

    Padding of up to one row, or one block of a disk, is tolerated, and zeros that no wrong number
    of rows or columns explains; more means that Rows, Columns or the number of frames is wrong,
    and the picture would be sheared.
    """
    row, rows = row_bytes(dataset), int(dataset.Rows)
    expected = row * rows * int(dataset.NumberOfFrames)
    actual = len(dataset.PixelData)
    if actual < expected:
        raise FormatError(
            f"{shown(path)} is cut short: its header promises {expected} bytes of picture and "
            f"there are {actual}; copy it again from its source."
        )
    surplus = actual - expected
    if surplus >= max(row, _PADDING_BYTES):
        is_padding = surplus % row and surplus % (rows * int(dataset.BitsAllocated) // 8)
        if not is_padding or any(dataset.PixelData[expected:]):
            raise _lies(path)


def _lies(path: Path) -> FormatError:
    return FormatError(
        f"{shown(path)} is damaged: the size in its header is not the size of its picture; "
        "export it again."
    )


def _native(dataset: Dataset, syntax: UID, index: int) -> Raw:
    stored, high = int(dataset.BitsStored), int(dataset.HighBit)
    is_signed = dataset.PixelRepresentation != 0
    raw, meta = get_decoder(syntax).as_array(
        dataset,
        index=index,
        raw=True,
        correct_unused_bits=is_signed,
    )
    photometric = str(meta["photometric_interpretation"])
    if is_signed or stored >= 8 * raw.dtype.itemsize:
        return raw, photometric
    # Old devices left samples that do not end at bit 0; the decoder would cut off their high bits.
    shift = max(0, high + 1 - stored)
    if not shift and are_deeper_than(stored, raw):
        dataset.BitsStored = int(raw.max()).bit_length()
        dataset.HighBit = dataset.BitsStored - 1
        return raw, photometric
    return (raw >> shift) & ((1 << stored) - 1), photometric
