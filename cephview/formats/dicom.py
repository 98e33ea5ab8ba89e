"""DICOM films."""

import io
import math
from pathlib import Path
from typing import Any

import pydicom
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from cephview.core.film import Film, Levels, Origin
from cephview.core.scale import PixelSize, resolve_dicom_scale
from cephview.formats.dicom_pixels import GreyPicture, grey_picture
from cephview.formats.dicom_stream import inflated
from cephview.formats.errors import FormatError, memory_error, printable, shown
from cephview.formats.grey import levels_of
from cephview.formats.quiet import hush_loggers, quiet

hush_loggers("pydicom")

_NEEDED = ("Rows", "Columns", "BitsAllocated", "BitsStored", "PhotometricInterpretation")


def read(data: bytes, path: Path, sha256: str) -> Film:
    """Make a film of the bytes of a DICOM file; the first frame where there are several."""
    data = inflated(data, path)
    with quiet():
        try:
            dataset = pydicom.dcmread(io.BytesIO(data), force=True)
            _check_is_picture(dataset, path)
            picture = grey_picture(dataset, path)
            return Film(
                pixels=picture.pixels,
                sha256=sha256,
                name=printable(path.name),
                pixel_size=_pixel_size(dataset),
                levels=_levels(picture),
                origin=_origin(dataset, picture.bits),
            )
        except FormatError:
            raise
        except MemoryError as error:
            raise memory_error(path) from error
        # Readers of hostile bytes raise whatever they meet: struct.error, KeyError, RecursionError.
        except Exception as error:
            raise FormatError(
                f"{shown(path)} is damaged and cannot be read as a DICOM film; "
                "copy it again from its source."
            ) from error


def _check_is_picture(dataset: Dataset, path: Path) -> None:
    if "PixelData" in dataset:
        missing = [name for name in _NEEDED if dataset.get(name) in (None, "")]
        if missing:
            raise FormatError(
                f"{shown(path)} is a DICOM file without {', '.join(missing)}, so its picture "
                "cannot be read; export it again."
            )
        if "SamplesPerPixel" not in dataset:
            dataset.SamplesPerPixel = 1
        if "PixelRepresentation" not in dataset:
            dataset.PixelRepresentation = 0
        if "HighBit" not in dataset:
            dataset.HighBit = int(dataset.BitsStored) - 1
        return
    if "FloatPixelData" in dataset or "DoubleFloatPixelData" in dataset:
        raise FormatError(
            f"{shown(path)} stores its pixels as fractions, which no film does; "
            "export it with 8 to 16 bits."
        )
    if "Rows" in dataset or len(dataset) == 0:
        raise FormatError(f"{shown(path)} is cut short; copy it again from its source.")
    kind = dataset.get("SOPClassUID") or dataset.file_meta.get("MediaStorageSOPClassUID")
    known = kind.name if kind is not None and kind.name != str(kind) else "no picture in it"
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
    """Ask the state machine of core.scale.

    The spacing of a scanned film (Nominal Scanned Pixel Spacing) counts as a declared one: it is
    the spacing on the film that lay on the scanner, of an unknown magnification.
    """
    spacing = _pair(dataset, "PixelSpacing") or _pair(dataset, "NominalScannedPixelSpacing")
    calibration = ("PixelSpacingCalibrationType", "PixelSpacingCalibrationDescription")
    return resolve_dicom_scale(
        pixel_spacing=spacing,
        imager_pixel_spacing=_pair(dataset, "ImagerPixelSpacing"),
        is_calibrated=any(_text(dataset, name) for name in calibration),
        magnification=_positive(dataset, "EstimatedRadiographicMagnificationFactor"),
        source_to_detector_mm=_positive(dataset, "DistanceSourceToDetector"),
        source_to_patient_mm=_positive(dataset, "DistanceSourceToPatient"),
    )


def _origin(dataset: Dataset, bits: int) -> Origin:
    frames = _positive(dataset, "NumberOfFrames")
    return Origin(
        format="DICOM",
        bit_depth=bits,
        modality=_text(dataset, "Modality"),
        manufacturer=_text(dataset, "Manufacturer"),
        device=_text(dataset, "ManufacturerModelName"),
        patient_id=_text(dataset, "PatientID"),
        frames=int(frames) if frames else 1,
    )


def _value(dataset: Dataset, keyword: str) -> Any:
    """Return a value, or None where it cannot be read: one bad field must not cost the film."""
    try:
        return dataset.get(keyword)
    except Exception:
        return None


def _text(dataset: Dataset, keyword: str) -> str:
    value = _value(dataset, keyword)
    return "" if value is None else printable(str(value).strip("\0 "))[:64]


def _positive(dataset: Dataset, keyword: str) -> float | None:
    try:
        number = float(_value(dataset, keyword))
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) and number > 0 else None


def _pair(dataset: Dataset, keyword: str) -> tuple[float, float] | None:
    value = _value(dataset, keyword)
    if not isinstance(value, MultiValue) or len(value) != 2:
        return None
    try:
        row, column = float(value[0]), float(value[1])
    except (TypeError, ValueError):
        return None
    return (row, column) if all(math.isfinite(v) and v > 0 for v in (row, column)) else None
