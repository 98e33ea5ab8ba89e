"""Pictures and DICOM files to order, made in the test's own folder."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset

Picture = Callable[..., NDArray[Any]]
MakeDicom = Callable[..., Path]


def waves(bits: int = 12, height: int = 80, width: int = 96) -> NDArray[Any]:
    """A picture with slopes, edges and texture, using all bits; no symmetry hides a flip."""
    y, x = np.mgrid[:height, :width]
    tone = (np.sin(x / 9) + np.cos(y / 13) + 2) / 4 + 0.05 * ((x * 7 + y * 3) % 5)
    tone[: height // 4, : width // 6] = 0
    tone[-5:, :] = 1.25
    kind = np.uint8 if bits <= 8 else np.uint16
    scaled = (tone - tone.min()) / (tone.max() - tone.min()) * (2**bits - 1)
    return scaled.round().astype(kind)


@pytest.fixture(scope="session")
def picture() -> Picture:
    return waves


def dataset_of(pixels: NDArray[Any], bits: int | None = None) -> Dataset:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    dataset.SOPClassUID = uid.DigitalXRayImageStorageForPresentation
    dataset.SOPInstanceUID = "1.2.3.4"
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.Modality = "DX"
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.SamplesPerPixel = 1 if pixels.ndim == 2 else pixels.shape[2]
    dataset.PhotometricInterpretation = "MONOCHROME2" if pixels.ndim == 2 else "RGB"
    if pixels.ndim == 3:
        dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = 8 * pixels.dtype.itemsize
    dataset.BitsStored = bits or dataset.BitsAllocated
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    data = pixels.tobytes()
    dataset.PixelData = data + b"\0" * (len(data) % 2)
    dataset["PixelData"].VR = "OB" if pixels.dtype.itemsize == 1 else "OW"
    return dataset


@pytest.fixture
def make_dicom(tmp_path: Path) -> MakeDicom:
    """Return a function that writes pixels as DICOM; keywords set or (as None) delete elements."""

    def make(pixels: NDArray[Any], bits: int | None = None, **elements: Any) -> Path:
        name = elements.pop("name", "film.dcm")
        syntax = elements.pop("syntax", uid.ExplicitVRLittleEndian)
        dataset = dataset_of(pixels, bits)
        for keyword, value in elements.items():
            if value is None:
                delattr(dataset, keyword)
            else:
                setattr(dataset, keyword, value)
        if syntax in (uid.RLELossless, uid.JPEGLSLossless, uid.JPEGLSNearLossless):
            options = {"jls_error": 2} if syntax == uid.JPEGLSNearLossless else {}
            plugin = "pydicom" if syntax == uid.RLELossless else "pyjpegls"
            dataset.compress(syntax, generate_instance_uid=False, encoding_plugin=plugin, **options)
        elif syntax in (uid.JPEG2000Lossless, uid.JPEG2000):
            options = {"j2k_psnr": [60]} if syntax == uid.JPEG2000 else {}
            dataset.compress(
                syntax,
                generate_instance_uid=False,
                encoding_plugin="pylibjpeg",
                **options,
            )
        else:
            dataset.file_meta.TransferSyntaxUID = syntax
        path = tmp_path / name
        dataset.save_as(path, enforce_file_format=True)
        return path

    return make
