"""PNG, JPEG, BMP, TIFF, WebP and AVIF films, by Pillow.

The plug-ins are opened directly instead of through Image.open: its limit on pixels belongs to the
whole process and is below that of a legitimate film, ours is in limits.py.
"""

import io
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from cephview.core.film import Film, Origin
from cephview.core.scale import PixelSize, Provenance, shape_only
from cephview.formats import jpeg_damage, png_damage
from cephview.formats.endless import check_work
from cephview.formats.errors import FormatError, cut_short, damaged, memory_error, printable, shown
from cephview.formats.frames import check_frame
from cephview.formats.grey import Grey, levels_of, luma, shrunk
from cephview.formats.limits import check_density, check_size
from cephview.formats.picture_mend import mended
from cephview.formats.quiet import hush_loggers, quiet
from cephview.formats.tiff_pages import at_its_film, film_pages, is_inverted_by_default, says_depth
from cephview.formats.tiff_strips import check_strips

hush_loggers("PIL")

_PLUGINS: dict[str, type[ImageFile.ImageFile]] = {
    "PNG": PngImagePlugin.PngImageFile,
    "JPEG": JpegImagePlugin.JpegImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "WebP": WebPImagePlugin.WebPImageFile,
    "AVIF": AvifImagePlugin.AvifImageFile,
}

_ORIENTATION_TAG = 0x0112
_MOST_FRAMES = 10_000
_MINISWHITE = 0
_MM_PER_INCH = 25.4

_SAME_SIZE_LOW_BYTES = {
    "RGB;16B": "RGB;16L",
    "RGB;16L": "RGB;16B",
    "RGBA;16B": "RGBA;16L",
    "RGBA;16L": "RGBA;16B",
    "RGBX;16B": "RGBX;16L",
    "RGBX;16L": "RGBX;16B",
}
"""Pillow keeps the high bytes of 16-bit colour; told the other byte order, the low ones."""


@dataclass(frozen=True)
class _Decoded:
    """Pixels as stored, the depth of a grey, and what is still to be done: turn them upright.

    was_turned: the decoder has exchanged rows and columns already.
    """

    pixels: Grey
    bits: int
    pixel_size: PixelSize
    frames: int
    orientation: int
    was_turned: bool


def read(data: bytes, path: Path, sha256: str, kind: str, frame: int = 0) -> Film:
    """Make a film of the bytes of a picture.

    kind: PNG, JPEG, BMP, TIFF, WebP or AVIF. frame: which of several, from 0; previews that a TIFF
    holds of its pages are not counted.
    """
    with quiet():
        try:
            decoded = _whole(data, path, kind, frame)
        except FormatError:
            raise
        except MemoryError as error:
            raise memory_error(path) from error
        # Pillow's plug-ins raise whatever hostile bytes lead them to.
        except Exception as error:
            raise _unreadable(path, kind, error) from error
    pixel_size = decoded.pixel_size
    if (decoded.was_turned or decoded.orientation >= 5) and pixel_size.x_mm is not None:
        pixel_size = PixelSize(pixel_size.y_mm, pixel_size.x_mm, pixel_size.provenance)
    pixels = _oriented(decoded.pixels, decoded.orientation)
    return Film(
        pixels=pixels,
        sha256=sha256,
        name=printable(path.name),
        pixel_size=pixel_size,
        levels=levels_of(pixels),
        origin=Origin(format=kind, bit_depth=decoded.bits, frames=decoded.frames),
    )


def _whole(data: bytes, path: Path, kind: str, frame: int) -> _Decoded:
    """Decode a picture; one without its end marker only if that is all it lacks."""
    check_work(data, path, kind)
    both = _ended_jpeg(data, path) if kind == "JPEG" else None
    if both is None:
        decoded = _mended(data, path, kind, frame)
    else:
        decoded, second = (_mended(each, path, kind, frame) for each in both)
        if not np.array_equal(decoded.pixels, second.pixels):
            raise cut_short(path)
    if kind == "JPEG" and jpeg_damage.is_damaged(data if both is None else both[0]):
        raise damaged(path, kind)
    return decoded


def _ended_jpeg(data: bytes, path: Path) -> tuple[bytes, bytes] | None:
    """Return what code_stream.ended makes of a JPEG that has no end marker; None where it has."""
    if data.rstrip(b"\0").endswith(b"\xff\xd9"):
        return None
    from cephview.formats import code_stream

    stream = code_stream.code_stream(data)
    if stream is None or code_stream.has_end(data, stream):
        return None
    both = code_stream.ended(data, stream)
    if both is None:
        raise cut_short(path)
    return both


def _mended(data: bytes, path: Path, kind: str, frame: int) -> _Decoded:
    """Decode a picture, and once more without what is no part of it where that fails."""
    try:
        return _decoded(data, path, kind, frame)
    except (FormatError, MemoryError):
        raise
    except Exception:
        better = mended(data, kind)
        if better is None or better == data:
            raise
        return _decoded(better, path, kind, frame)


def _decoded(data: bytes, path: Path, kind: str, frame: int) -> _Decoded:
    try:
        image = _PLUGINS[kind](io.BytesIO(data))
    except SyntaxError:
        if kind != "TIFF":
            raise
        return _rare_tiff(data, path, frame)
    if kind == "TIFF" and (begun := at_its_film(image, data)) is not None:
        data = begun
        image = _PLUGINS[kind](io.BytesIO(data))
    pages = film_pages(image) if kind == "TIFF" else range(_frames(image))
    check_frame(path, frame, len(pages))
    page = pages[frame]
    if page:
        image.seek(page)
    check_size(path, image.width, image.height)
    if kind == "TIFF" and not says_depth(image):
        raise FormatError(
            f"{shown(path)} does not say how many bits a grey has; save it again as PNG."
        )
    if kind == "TIFF":
        check_strips(image.tag_v2, data, path)  # type: ignore[attr-defined]
    if kind == "TIFF" and _has_deep_planes(image):
        return _rare_tiff(data, path, page)
    if kind == "BMP" and _is_of_another_size(image, data):
        raise damaged(path, kind)
    deep = 2 if "16" in _rawmode(image) or image.mode in ("I", "F") else 1
    check_density(path, image.width * image.height * len(image.getbands()) * deep, len(data))
    pixel_size = _pixel_size(image)
    # Pillow turns a TIFF itself while it decodes it, and finds the tag of a PNG only then.
    was_turned = kind == "TIFF" and _orientation(image) >= 5
    pixels, bits = _grey(image, data, path, kind, page)
    if kind == "PNG" and image.mode == "P" and image.palette is None:
        raise damaged(path, kind)
    if kind == "PNG" and pixels[-1].min() == pixels[-1].max() and png_damage.is_short(data):
        raise cut_short(path)
    if kind == "TIFF" and is_inverted_by_default(image):
        pixels = np.invert(pixels)
    orientation = 1 if kind == "TIFF" else _orientation(image)
    return _Decoded(pixels, bits, pixel_size, len(pages), orientation, was_turned)


def _is_of_another_size(image: ImageFile.ImageFile, data: bytes) -> bool:
    """Say whether a BMP's plain pixels fill the file, but not at the size in its header."""
    said, start = int.from_bytes(data[34:38], "little"), int.from_bytes(data[10:14], "little")
    bits, is_plain = int.from_bytes(data[28:30], "little"), not any(data[30:34])
    if int.from_bytes(data[14:18], "little") < 40 or not is_plain or said != len(data) - start:
        return False
    size = (image.width * bits + 31) // 32 * 4 * image.height
    # Some programs fill up to a round length.
    return not size <= said <= size + 4096


def _frames(image: ImageFile.ImageFile) -> int:
    """Return the pictures of an animation; one where it states more than there can be."""
    count = int(getattr(image, "n_frames", 1))
    return count if count <= _MOST_FRAMES else 1


def _has_deep_planes(image: ImageFile.ImageFile) -> bool:
    """Say whether a TIFF keeps 16-bit colours apart, of which Pillow would make 8-bit noise."""
    tags = image.tag_v2  # type: ignore[attr-defined]
    return bool(tags.get(284, 1) == 2 and max(tags.get(258, (1,))) > 8)


def _rare_tiff(data: bytes, path: Path, page: int) -> _Decoded:
    from cephview.formats import tiff_rare

    pixels, orientation = tiff_rare.read_grey(data, path, page)
    bits = 8 * pixels.dtype.itemsize
    return _Decoded(pixels, bits, PixelSize(), 1, orientation, was_turned=False)


def jpeg_thumbnail(data: bytes, path: Path, side_px: int) -> NDArray[np.uint8]:
    """Decode a JPEG at an eighth, a quarter or half of its size, in a tenth of the time."""
    try:
        with quiet():
            check_work(data, path, "JPEG")
            image = _PLUGINS["JPEG"](io.BytesIO(data))
            check_size(path, image.width, image.height)
            image.draft("L", (side_px, side_px))
            pixels = np.asarray(image.convert("L"), dtype=np.uint8)
            orientation = _orientation(image)
    except FormatError:
        raise
    # What needs mending, and the sentence for what cannot be mended.
    except Exception:
        film = read(data, path, "", "JPEG")
        return shrunk(film.pixels, film.levels, side_px)
    upright = _oriented(pixels, orientation)
    return shrunk(upright, levels_of(upright), side_px)


def _unreadable(path: Path, kind: str, error: Exception) -> FormatError:
    if "truncated" in str(error) or isinstance(error, EOFError):
        return cut_short(path)
    if isinstance(error, SyntaxError | NotImplementedError | ValueError | KeyError):
        return FormatError(
            f"{shown(path)} is damaged or a kind of {kind} that cephview does not read; "
            "save it again as an 8 or 16 bit grey PNG."
        )
    return damaged(path, kind)


def _grey(
    image: ImageFile.ImageFile, data: bytes, path: Path, kind: str, page: int
) -> tuple[Grey, int]:
    """Decode to grey at full depth, and say how many bits a grey had. Transparency is dropped."""
    if image.mode.startswith("I;16"):
        bits = _tiff_bits(image)
        pixels = np.asarray(image).astype(np.uint16, copy=False)
        if kind == "TIFF" and image.tag_v2.get(262) == _MINISWHITE:  # type: ignore[attr-defined]
            pixels = np.uint16((1 << bits) - 1) - pixels
        return pixels, bits
    colour = _sixteen_bit_colour(image, data, kind, page)
    if colour is not None:
        return luma(colour), 16
    if image.mode in ("I", "F"):
        return _whole_numbers(np.asarray(image), path), 16
    if image.mode in ("RGB", "RGBA", "RGBX"):
        return luma(np.asarray(image)), 8
    if image.mode in ("1", "L", "LA"):
        return np.asarray(image.convert("L"), dtype=np.uint8), 8
    return luma(np.asarray(image.convert("RGB"))), 8


def _tiff_bits(image: ImageFile.ImageFile) -> int:
    tags = getattr(image, "tag_v2", None)
    return int(tags.get(258, (16,))[0]) if tags else 16


def _sixteen_bit_colour(
    image: ImageFile.ImageFile, data: bytes, kind: str, page: int
) -> NDArray[np.uint16] | None:
    """Return the samples of a 16-bit colour picture, or None where it is not one.

    Pillow has no such mode, so the picture is decoded twice: its high bytes, then its low ones.
    """
    rawmode = _rawmode(image)
    if rawmode == "LA;16B":
        # As eight-bit RGBA such a pixel is: high and low byte of grey, of transparency.
        _set_rawmode(image, "RGBA")
        pair = np.asarray(image).astype(np.uint16)
        return np.repeat((pair[..., :1] << 8) | pair[..., 1:2], 3, axis=2)
    native = "B" if sys.byteorder == "big" else "L"
    if rawmode.endswith(";16N"):
        rawmode = rawmode[:-1] + native
    if rawmode not in _SAME_SIZE_LOW_BYTES:
        return None
    low = _PLUGINS[kind](io.BytesIO(data))
    if page:
        low.seek(page)
    _set_rawmode(low, _SAME_SIZE_LOW_BYTES[rawmode])
    samples = np.asarray(image)[..., :3].astype(np.uint16)
    samples <<= 8
    samples |= np.asarray(low)[..., :3]
    return samples


def _rawmode(image: ImageFile.ImageFile) -> str:
    if not image.tile:
        return ""
    args = image.tile[0].args
    return str(args[0] if isinstance(args, tuple) and args else args)


def _set_rawmode(image: ImageFile.ImageFile, rawmode: str) -> None:
    image.tile = [
        tile._replace(args=(rawmode, *tile.args[1:]) if isinstance(tile.args, tuple) else rawmode)
        for tile in image.tile
    ]


def _whole_numbers(values: NDArray[Any], path: Path) -> NDArray[np.uint16]:
    """Take 32-bit or signed greys where they fit in 16 bits, shifted to begin at zero."""
    low = float(values.min())
    if math.isfinite(low) and np.array_equal(values, np.rint(values)):
        shift = min(low, 0.0)
        if float(values.max()) - shift <= 65535:
            return (values - shift).astype(np.uint16)
    raise FormatError(
        f"{shown(path)} holds greys that are not whole numbers of 16 bits; "
        "save it as an 8 or 16 bit grey PNG or TIFF."
    )


def _orientation(image: ImageFile.ImageFile) -> int:
    """Return the EXIF orientation, 1 to 8; 1 is upright."""
    try:
        orientation = int(image.getexif().get(_ORIENTATION_TAG, 1))
    # A damaged EXIF block is no reason to refuse the picture.
    except Exception:
        return 1
    return orientation if 1 <= orientation <= 8 else 1


def _oriented(pixels: Grey, orientation: int) -> Grey:
    if orientation >= 5:
        pixels = pixels.transpose()
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels.copy()


def _pixel_size(image: ImageFile.ImageFile) -> PixelSize:
    """Return what a resolution tag claims, as unverified.

    72 and 96 dots an inch are what programs write when they know nothing, and so are sizes that no
    film scanner has; both count as unknown. Of a resolution without a unit only the aspect ratio
    of the pixels is known.
    """
    dpi = image.info.get("dpi")
    try:
        x, y = (float(v) for v in dpi)  # type: ignore[union-attr]
    except (TypeError, ValueError, ZeroDivisionError):
        return shape_only(_aspect(image))
    if not all(math.isfinite(v) and 12.7 <= v <= 5080 for v in (x, y)):
        return PixelSize()
    if any(abs(x - default) < 0.6 and abs(y - default) < 0.6 for default in (72, 96)):
        return PixelSize()
    return PixelSize(_MM_PER_INCH / x, _MM_PER_INCH / y, Provenance.UNVERIFIED)


def _aspect(image: ImageFile.ImageFile) -> float | None:
    """Return height over width of a pixel from a resolution without a unit; None: not said.

    PNG and JPEG state how many pixels there are to the same length across and down, TIFF, too.
    """
    info = image.info
    said = info.get("aspect") or info.get("resolution")
    if said is None and info.get("jfif_unit") == 0:
        said = info.get("jfif_density")
    try:
        across, down = (float(v) for v in said)  # type: ignore[union-attr]
        return across / down
    except (TypeError, ValueError, ZeroDivisionError):
        return None
