"""Write a film of our own making (a phantom) as DICOM; nothing else here writes DICOM."""

import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset

from cephview.core.film import Levels
from cephview.formats.atomic import write_atomically

COMPRESSIONS: dict[str, uid.UID] = {
    "none": uid.ExplicitVRLittleEndian,
    "deflated": uid.DeflatedExplicitVRLittleEndian,
    "rle": uid.RLELossless,
    "jpeg-ls": uid.JPEGLSLossless,
    "jpeg-2000": uid.JPEG2000Lossless,
}
"""Lossless ways to store the pixels; jpeg-ls is the smallest."""

# Named, because the first that pydicom finds for RLE ends the process on some pictures.
_ENCODERS = {"rle": "pydicom", "jpeg-ls": "pyjpegls", "jpeg-2000": "pylibjpeg"}


def write_film_dicom(
    path: Path | str,
    pixels: NDArray[np.uint8] | NDArray[np.uint16],
    *,
    bits_stored: int,
    imager_pixel_spacing_mm: tuple[float, float] | None,
    magnification: float | None,
    patient_id: str,
    synthetic: bool,
    compression: str = "none",
    levels: Levels | None = None,
) -> None:
    """Write a Digital X-Ray image (for presentation); the same input gives the same bytes.

    pixels: (height, width), bone bright, no value of more than bits_stored bits.
    imager_pixel_spacing_mm: (x, y) at the detector. magnification: Estimated Radiographic
    Magnification Factor. levels: the display window. synthetic: say in the header that no person is
    shown, and that the film has writing burned in. Raises ValueError for pixels that do not fit and
    FormatError where the file cannot be written.
    """
    if pixels.ndim != 2 or pixels.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"a film is a grey picture, not {pixels.dtype} {pixels.shape}")
    if not 1 <= bits_stored <= 8 * pixels.dtype.itemsize or int(pixels.max()) >> bits_stored:
        raise ValueError(f"pixels do not fit in {bits_stored} bits")
    dataset = _header(pixels, bits_stored)
    _describe_origin(dataset, patient_id, synthetic)
    _describe_scale(dataset, imager_pixel_spacing_mm, magnification)
    if levels is not None:
        # The inverse of PS3.3 C.11.2.1.2, with the exact function so that no half grey is lost.
        dataset.VOILUTFunction = "LINEAR_EXACT"
        dataset.WindowCenter = _decimal(levels.centre)
        dataset.WindowWidth = _decimal(levels.width)
    dataset.PixelData = _even(np.ascontiguousarray(pixels).astype(pixels.dtype.newbyteorder("<")))
    dataset["PixelData"].VR = "OW"
    _name_by_content(dataset)
    syntax = COMPRESSIONS[compression]
    if syntax in (uid.ExplicitVRLittleEndian, uid.DeflatedExplicitVRLittleEndian):
        dataset.file_meta.TransferSyntaxUID = syntax
    else:
        dataset.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
        dataset.compress(
            syntax, generate_instance_uid=False, encoding_plugin=_ENCODERS[compression]
        )
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    write_atomically(path, buffer.getvalue())


def _header(pixels: NDArray[Any], bits_stored: int) -> Dataset:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.SOPClassUID = uid.DigitalXRayImageStorageForPresentation
    dataset.Modality = "DX"
    dataset.PresentationIntentType = "FOR PRESENTATION"
    dataset.ImageType = ["DERIVED", "PRIMARY"]
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated = 8 * pixels.dtype.itemsize
    dataset.BitsStored = bits_stored
    dataset.HighBit = bits_stored - 1
    dataset.PixelRepresentation = 0
    dataset.PixelIntensityRelationship = "LOG"
    dataset.PixelIntensityRelationshipSign = 1
    dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = 0, 1, "US"
    dataset.PresentationLUTShape = "IDENTITY"
    dataset.LossyImageCompression = "00"
    return dataset


def _describe_origin(dataset: Dataset, patient_id: str, synthetic: bool) -> None:
    dataset.PatientID = patient_id
    dataset.PatientName = "Synthetic^Phantom" if synthetic else ""
    dataset.PatientBirthDate = dataset.PatientSex = ""
    dataset.StudyDate = dataset.StudyTime = ""
    dataset.AccessionNumber = dataset.ReferringPhysicianName = dataset.StudyID = ""
    dataset.SeriesNumber = dataset.InstanceNumber = 1
    dataset.Manufacturer = "cephview"
    dataset.ManufacturerModelName = "Synthetic phantom" if synthetic else ""
    dataset.BodyPartExamined = "SKULL"
    dataset.ImageLaterality = "U"
    dataset.ViewPosition = "LL"
    dataset.PatientOrientation = ["A", "F"]
    dataset.AnatomicRegionSequence = []
    dataset.AcquisitionContextSequence = []
    dataset.DetectorType = ""
    dataset.BurnedInAnnotation = "YES" if synthetic else "NO"
    if synthetic:
        dataset.PatientIdentityRemoved = "YES"
        dataset.DeidentificationMethod = "No person: the picture is computed"
        dataset.ImageComments = "Synthetic film, not a patient"


def _describe_scale(
    dataset: Dataset, spacing_mm: tuple[float, float] | None, magnification: float | None
) -> None:
    if spacing_mm is not None:
        x_mm, y_mm = spacing_mm
        dataset.ImagerPixelSpacing = [_decimal(y_mm), _decimal(x_mm)]
    if magnification is not None:
        dataset.EstimatedRadiographicMagnificationFactor = _decimal(magnification)


def _decimal(value: float) -> str:
    """Return at most the 16 characters that a DICOM decimal string may have."""
    text = repr(float(value))
    digits = 15
    while len(text) > 16:
        text = f"{value:.{digits}g}"
        digits -= 1
    return text


def _even(samples: NDArray[Any]) -> bytes:
    data = samples.tobytes()
    return data + b"\0" if len(data) % 2 else data


def _name_by_content(dataset: Dataset) -> None:
    """Give the study, series and image UIDs that follow from what they hold."""
    digest = hashlib.sha256(dataset.PixelData)
    digest.update(repr((dataset.Rows, dataset.Columns, dataset.PatientID)).encode())
    content = digest.hexdigest()
    dataset.SOPInstanceUID = uid.generate_uid(entropy_srcs=["image", content])
    dataset.SeriesInstanceUID = uid.generate_uid(entropy_srcs=["series", content])
    dataset.StudyInstanceUID = uid.generate_uid(entropy_srcs=["study", content])
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
