"""DICOM films."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pydicom
from pydicom import config
from pydicom.dataset import Dataset
from pydicom.uid import UID

from cephview.core.film import Film, Levels, Origin
from cephview.core.scale import PixelSize, resolve_dicom_scale
from cephview.formats.dicom_header import frame_count
from cephview.formats.dicom_pixels import GreyPicture, grey_picture
from cephview.formats.dicom_stream import (
    CountedReads,
    delimited,
    inflated,
    shortened,
    with_first_kind,
)
from cephview.formats.dicom_values import pair, positive, text
from cephview.formats.errors import FormatError, cut_short, memory_error, printable, shown
from cephview.formats.frames import check_frame
from cephview.formats.grey import levels_of
from cephview.formats.quiet import hush_loggers, quiet

hush_loggers("pydicom")

_LOCK = threading.Lock()
# An element takes up to three. Films have hundreds of elements, series of a thousand frames in one
# file fifty thousand, and the index of a disc twenty for each picture on it.
_MOST_READS = 300_000
_MOST_READS_OF_DISC = 5_000_000


def read(data: bytes, path: Path, sha256: str, frame: int = 0) -> Film:
    """Make a film of the bytes of a DICOM file. frame: which of several, from 0."""
    data, was_cut = delimited(inflated(data, path))
    with quiet():
        try:
            dataset = _dataset(data, path)
            _check_is_picture(dataset, path)
            frames = frame_count(dataset)
            check_frame(path, frame, frames)
            picture = grey_picture(dataset, path, frame)
            return Film(
                pixels=picture.pixels,
                sha256=sha256,
                name=printable(path.name),
                pixel_size=_pixel_size(dataset),
                levels=_levels(picture),
                origin=_origin(dataset, picture.bits, frames),
            )
        except FormatError:
            raise
        except MemoryError as error:
            raise memory_error(path) from error
        # Readers of hostile bytes raise whatever they meet: struct.error, KeyError, RecursionError.
        except Exception as error:
            # What is said while it reads, pydicom says anew in its own words.
            if isinstance(error.__context__, FormatError):
                raise error.__context__ from error
            if was_cut:
                raise cut_short(path) from error
            raise FormatError(
                f"{shown(path)} is damaged and cannot be read as a DICOM film; "
                "copy it again from its source."
            ) from error


def listed(data: bytes, path: Path) -> list[list[str]]:
    """Return what a DICOMDIR lists of pictures, each as the parts of its path; none if damaged."""
    try:
        with quiet():
            index = pydicom.dcmread(CountedReads(data, path, _MOST_READS_OF_DISC))
            records = index.get("DirectoryRecordSequence") or ()
            names = [
                record.get("ReferencedFileID")
                for record in records
                if record.get("DirectoryRecordType", "IMAGE") == "IMAGE"
            ]
    # Readers of hostile bytes raise whatever they meet.
    except Exception:
        return []
    return [[each] if isinstance(each, str) else [str(n) for n in each] for each in names if each]


def _dataset(data: bytes, path: Path) -> Dataset:
    """Read a file as far as there is anything to read."""

    def read(content: bytes) -> Dataset:
        return pydicom.dcmread(CountedReads(content, path, _MOST_READS), force=True)

    dataset = read(data)
    if "PixelData" in dataset:
        return dataset
    # An element of an unknown kind: the reader took what comes after it for Implicit VR.
    with _explicit():
        as_explicit = read(with_first_kind(data))
    if "PixelData" in as_explicit:
        return as_explicit
    whole = shortened(data) if "Rows" in dataset else None
    return dataset if whole is None else read(whole)


@contextmanager
def _explicit() -> Iterator[None]:
    """Have an element of an unknown kind read as an explicit one; the switch is the process's."""
    with _LOCK:
        config.assume_implicit_vr_switch = False
        try:
            yield
        finally:
            config.assume_implicit_vr_switch = True


def _check_is_picture(dataset: Dataset, path: Path) -> None:
    if "PixelData" in dataset:
        return
    if "FloatPixelData" in dataset or "DoubleFloatPixelData" in dataset:
        raise FormatError(
            f"{shown(path)} stores its pixels as fractions, which no film does; "
            "export it with 8 to 16 bits."
        )
    if "Rows" in dataset or len(dataset) == 0:
        raise cut_short(path)
    said = text(dataset, "SOPClassUID") or text(dataset.file_meta, "MediaStorageSOPClassUID")
    known = UID(said).name if said and UID(said).name != said else "no picture in it"
    raise FormatError(
        f"{shown(path)} is a DICOM file but not a film ({known}); "
        "choose the file of the radiograph."
    )


def _levels(picture: GreyPicture) -> Levels:
    """Take the file's window where it shows anything of the film; some devices write nonsense."""
    window = picture.window
    if window is not None and window.width > 0:
        low, high = float(picture.pixels.min()), float(picture.pixels.max())
        overlap = min(high, window.high) - max(low, window.low)
        if overlap > 0.02 * max(high - low, 1.0):
            return window
    return levels_of(picture.pixels)


def _pixel_size(dataset: Dataset) -> PixelSize:
    """Ask the state machine of core.scale."""
    shape = pair(dataset, "PixelAspectRatio")
    calibration = ("PixelSpacingCalibrationType", "PixelSpacingCalibrationDescription")
    return resolve_dicom_scale(
        pixel_spacing=pair(dataset, "PixelSpacing"),
        imager_pixel_spacing=pair(dataset, "ImagerPixelSpacing"),
        is_calibrated=any(text(dataset, name) for name in calibration),
        magnification=positive(dataset, "EstimatedRadiographicMagnificationFactor"),
        source_to_detector_mm=positive(dataset, "DistanceSourceToDetector"),
        source_to_patient_mm=positive(dataset, "DistanceSourceToPatient"),
        scanned_spacing=pair(dataset, "NominalScannedPixelSpacing"),
        aspect=None if shape is None else shape[0] / shape[1],
    )


def _origin(dataset: Dataset, bits: int, frames: int) -> Origin:
    return Origin(
        format="DICOM",
        bit_depth=bits,
        modality=text(dataset, "Modality"),
        manufacturer=text(dataset, "Manufacturer"),
        device=text(dataset, "ManufacturerModelName"),
        patient_id=text(dataset, "PatientID"),
        frames=frames,
    )
