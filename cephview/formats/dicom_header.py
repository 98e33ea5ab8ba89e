"""What a DICOM header says of its picture, put right where it is plain what is meant.

Written back to the data set in memory, where the decoders read it; never to the file.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, generate_fragments, get_frame
from pydicom.uid import UID

from cephview.formats.code_stream import DCT, CodeStream, code_stream, has_thinned_colour
from cephview.formats.decoders import DECODERS, NATIVE
from cephview.formats.dicom_values import text, values, whole
from cephview.formats.errors import FormatError, shown

_ITEM = b"\xfe\xff\x00\xe0"
_MOST_FRAGMENTS = 100_000


def settle(dataset: Dataset, path: Path, frame: int = 0) -> bytes | None:
    """Set what describes the pixels to sound values; return the compressed frame, or None.

    frame: which of several, from 0. Raises FormatError where there is no telling what is meant.
    """
    _settle_numbers(dataset)
    stated = _stated_syntax(dataset)
    compressed = _compressed(dataset, stated, frame, path)
    if compressed is None:
        # Of an encoding that is not known there is no telling what its bytes are.
        is_wrong = not stated or stated in DECODERS
        _set_syntax(dataset, _native_syntax(dataset) if is_wrong else stated)
        _fit_to_length(dataset)
    else:
        stream = code_stream(compressed)
        _set_syntax(dataset, stated if stream is None else stream.syntax_like(stated))
        if stream is not None:
            _fit_to_stream(dataset, stream, compressed)
    _check_complete(dataset, path)
    _settle_depth(dataset)
    return compressed


def alone(dataset: Dataset, frame: bytes) -> None:
    """Make a compressed frame the only one, for decoders that take a data set."""
    dataset.PixelData = encapsulate([frame])
    dataset["PixelData"].VR = "OB"
    dataset.NumberOfFrames = 1
    for keyword in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths"):
        if keyword in dataset:
            del dataset[keyword]


def frame_count(dataset: Dataset) -> int:
    return max(1, whole(dataset, "NumberOfFrames") or 1)


def _settle_numbers(dataset: Dataset) -> None:
    for keyword in ("Rows", "Columns", "BitsAllocated", "BitsStored", "SamplesPerPixel"):
        _set(dataset, keyword, whole(dataset, keyword) or None)
    _set(dataset, "PixelRepresentation", int(whole(dataset, "PixelRepresentation") == 1))
    _set(dataset, "HighBit", whole(dataset, "HighBit"))
    _set(dataset, "NumberOfFrames", frame_count(dataset))
    planar = whole(dataset, "PlanarConfiguration")
    _set(dataset, "PlanarConfiguration", planar if planar in (0, 1) else None)
    _set(dataset, "PhotometricInterpretation", stated_photometric(dataset))
    if dataset.get("SamplesPerPixel") is None:
        photometric = dataset.get("PhotometricInterpretation", "MONOCHROME2")
        dataset.SamplesPerPixel = 3 if photometric.startswith(("RGB", "YBR")) else 1
    if "PhotometricInterpretation" not in dataset:
        dataset.PhotometricInterpretation = _usual_photometric(dataset)
    if dataset.SamplesPerPixel > 1 and "PlanarConfiguration" not in dataset:
        dataset.PlanarConfiguration = 0


def _set(dataset: Dataset, keyword: str, value: Any) -> None:
    # One that cannot be read cannot be assigned to either.
    if keyword in dataset:
        del dataset[keyword]
    if value is not None:
        setattr(dataset, keyword, value)


_PHOTOMETRIC = (
    "MONOCHROME1", "MONOCHROME2", "PALETTE COLOR", "RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT",
    "YBR_ICT", "YBR_PARTIAL_420", "YBR_PARTIAL_422",
)  # fmt: skip


def stated_photometric(dataset: Dataset) -> str | None:
    """Return the photometric interpretation in its proper letters; None where it says none."""
    letters = "".join(c for c in text(dataset, "PhotometricInterpretation") if c.isalnum()).upper()
    known = {"".join(c for c in name if c.isalnum()): name for name in _PHOTOMETRIC}
    return known.get(letters)


def _usual_photometric(dataset: Dataset) -> str:
    if dataset.SamplesPerPixel == 3:
        return "RGB"
    if values(dataset, "RedPaletteColorLookupTableDescriptor"):
        return "PALETTE COLOR"
    # PS3.3 C.8.11.3.1.2: the shape says what the photometric interpretation says.
    is_inverse = text(dataset, "PresentationLUTShape").upper() == "INVERSE"
    return "MONOCHROME1" if is_inverse else "MONOCHROME2"


def _stated_syntax(dataset: Dataset) -> UID:
    found = text(dataset.file_meta, "TransferSyntaxUID") if hasattr(dataset, "file_meta") else ""
    return UID(found)


def _native_syntax(dataset: Dataset) -> UID:
    """Return the transfer syntax that the reader found to fit, where none is stated."""
    is_little = dataset.original_encoding[1]
    return uid.ExplicitVRBigEndian if is_little is False else uid.ImplicitVRLittleEndian


def _set_syntax(dataset: Dataset, syntax: UID) -> None:
    _set(dataset.file_meta, "TransferSyntaxUID", syntax)


def _compressed(dataset: Dataset, stated: UID, index: int, path: Path) -> bytes | None:
    """Return a frame of an encapsulated or bare compressed picture; None for plain pixels.

    What there is decides, and not the transfer syntax that is stated.
    """
    element = dataset["PixelData"]
    data = bytes(element.value or b"")
    is_plain = any(len(data) == size for size in _sizes(dataset))
    if data.startswith(_ITEM) and (element.is_undefined_length or not is_plain):
        frame = _fragments_of(dataset, data, index, path)
        return None if stated in NATIVE and _took_plain(dataset, frame) else frame
    if is_plain and not element.is_undefined_length:
        return None
    if data.startswith((b"\xff\xd8\xff", b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  ")):
        return data
    return None


def _took_plain(dataset: Dataset, frame: bytes) -> bool:
    """Take pixels that are in an item but not compressed; say whether they were."""
    for size in _sizes(dataset):
        if size <= len(frame) <= size + 1 and code_stream(frame) is None:
            dataset.PixelData = frame
            dataset["PixelData"].is_undefined_length = False
            return True
    return False


def _fragments_of(dataset: Dataset, data: bytes, index: int, path: Path) -> bytes:
    frames = int(dataset.NumberOfFrames)
    if data.count(_ITEM) > _MOST_FRAGMENTS:
        raise FormatError(
            f"{shown(path)} has its picture in far more pieces than any film, so it was not "
            "opened; export it again without compression."
        )
    try:
        return get_frame(data, index, number_of_frames=frames)
    # An offset table that leads nowhere; of one frame all fragments are parts.
    except Exception:
        if frames > 1:
            raise
        return b"".join(list(generate_fragments(data))[1:])


def _sizes(dataset: Dataset) -> Iterator[int]:
    """Yield how many bytes the plain pixels take by the header, unpadded and padded to be even."""
    if all(dataset.get(name) for name in ("Rows", "Columns", "BitsAllocated")):
        size = row_bytes(dataset) * int(dataset.Rows) * int(dataset.NumberOfFrames)
        yield size
        yield size + size % 2


def row_bytes(dataset: Dataset) -> int:
    """Return how many bytes a row of plain pixels takes."""
    is_halved = dataset.PhotometricInterpretation == "YBR_FULL_422"
    samples = 2 if is_halved else int(dataset.SamplesPerPixel)
    return int(dataset.Columns) * samples * int(dataset.BitsAllocated) // 8


def _fit_to_length(dataset: Dataset) -> None:
    """Put samples a pixel and bits right where the length of plain pixel data leaves no doubt.

    Only a value that another element of the header contradicts is changed.
    """
    if not (dataset.get("Rows") and dataset.get("Columns")):
        return
    actual = len(dataset.PixelData or b"")
    pixels = int(dataset.Rows) * int(dataset.Columns) * int(dataset.NumberOfFrames)
    photometric = str(dataset.PhotometricInterpretation)
    stored = dataset.get("BitsStored")
    if dataset.get("BitsAllocated") is None:
        if stored is not None:
            dataset.BitsAllocated = 8 if stored <= 8 else 16
        else:
            each = actual // max(1, pixels * int(dataset.SamplesPerPixel))
            dataset.BitsAllocated = 8 * each if each in (1, 2) else None
    if dataset.BitsAllocated not in (8, 16) or actual in _sizes(dataset):
        return
    samples = 1 if photometric.startswith(("MONO", "PALETTE")) else 3
    bits = int(dataset.BitsAllocated) if stored is None else (8 if stored <= 8 else 16)
    for allocated in (int(dataset.BitsAllocated), bits):
        size = pixels * samples * allocated // 8
        if actual in (size, size + size % 2):
            dataset.SamplesPerPixel, dataset.BitsAllocated = samples, allocated
            if samples == 3 and photometric == "YBR_FULL_422":
                dataset.PhotometricInterpretation = "YBR_FULL"
            if samples == 3 and "PlanarConfiguration" not in dataset:
                dataset.PlanarConfiguration = 0
            return


def _fit_to_stream(dataset: Dataset, stream: CodeStream, frame: bytes) -> None:
    """Take from a compressed stream what it says of itself, where the header says otherwise."""
    header = dataset.get("Rows"), dataset.get("Columns")
    # A picture cannot be turned by its header, so the two were exchanged.
    if None in header or header == (stream.columns, stream.rows):
        dataset.Rows, dataset.Columns = stream.rows, stream.columns
    is_dct = stream.syntax in DCT
    photometric = str(dataset.PhotometricInterpretation)
    if stream.samples in (1, 3) and stream.samples != int(dataset.SamplesPerPixel):
        dataset.SamplesPerPixel = stream.samples
        if stream.samples == 1:
            if not photometric.startswith(("MONO", "PALETTE")):
                dataset.PhotometricInterpretation = "MONOCHROME2"
        elif photometric.startswith(("MONO", "PALETTE")):
            dataset.PhotometricInterpretation = "YBR_FULL" if is_dct else "RGB"
        if stream.samples == 3:
            dataset.PlanarConfiguration = 0
    if is_dct and has_thinned_colour(frame):
        # Some writers call this RGB, but only the colour of Y, Cb, Cr is ever thinned out.
        dataset.PhotometricInterpretation = "YBR_FULL_422"
    allocated = dataset.get("BitsAllocated")
    if allocated is None or (is_dct and allocated != (8 if stream.bits <= 8 else 16)):
        take_depth(dataset, stream)


def take_depth(dataset: Dataset, stream: CodeStream) -> None:
    """Take the depth of a sample from a compressed stream."""
    dataset.BitsAllocated = 8 if stream.bits <= 8 else 16
    dataset.BitsStored, dataset.HighBit = stream.bits, stream.bits - 1


def _check_complete(dataset: Dataset, path: Path) -> None:
    missing = [name for name in ("Rows", "Columns", "BitsAllocated") if not dataset.get(name)]
    if missing:
        raise FormatError(
            f"{shown(path)} is a DICOM file without {', '.join(missing)}, so its picture "
            "cannot be read; export it again."
        )


def _settle_depth(dataset: Dataset) -> None:
    allocated = int(dataset.BitsAllocated)
    stored = int(dataset.get("BitsStored") or allocated)
    dataset.BitsStored = min(stored, allocated)
    high = dataset.get("HighBit")
    if high is None or not dataset.BitsStored - 1 <= high < allocated:
        dataset.HighBit = dataset.BitsStored - 1
