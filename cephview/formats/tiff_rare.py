"""TIFF of the kinds that Pillow does not know, by tifffile."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from cephview.formats.errors import FormatError, shown
from cephview.formats.grey import Grey, luma
from cephview.formats.limits import check_size
from cephview.formats.quiet import hush_loggers
from cephview.formats.tiff_strips import check_strips

hush_loggers("tifffile")


def read_grey(data: bytes, path: Path, number: int = 0) -> tuple[Grey, int]:
    """Return a page, counted from 0, and its orientation tag.

    8 or 16 bit, grey or RGB, samples together or in planes, either byte order. Compressed pages are
    refused: nothing bounds what tifffile unpacks them to.
    """
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page: Any = file.pages[number]
        check_size(path, page.imagewidth, page.imagelength)
        is_plain = page.compression == 1 and page.imagedepth == 1
        if not is_plain or page.dtype not in (np.uint8, np.uint16):
            raise FormatError(
                f"{shown(path)} is a kind of TIFF that cephview does not read; "
                "save it again as an 8 or 16 bit grey PNG."
            )
        check_strips({tag.code: tag.value for tag in page.tags}, data, path)
        samples = page.asarray()
        tag = page.tags.get(274)
        orientation = int(tag.value) if tag is not None and 1 <= int(tag.value) <= 8 else 1
    return _grey(samples, page), orientation


def directories_below(data: bytes, number: int) -> tuple[int, ...]:
    """Return where the directories (SubIFDs) below a page begin, which is counted from 0."""
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page: Any = file.pages[number]
        return tuple(page.subifds or ())


def _grey(samples: NDArray[Any], page: Any) -> Grey:
    top = samples.dtype.type((1 << int(page.bitspersample)) - 1)
    if page.planarconfig == 2 and samples.ndim == 3:
        samples = np.moveaxis(samples, 0, 2)
    if samples.ndim == 3:
        return luma(samples) if samples.shape[2] >= 3 else np.ascontiguousarray(samples[..., 0])
    grey: Grey = top - samples if page.photometric == 0 else samples
    if grey.dtype == np.uint8:
        return grey
    return grey.astype(np.uint16, copy=False)
