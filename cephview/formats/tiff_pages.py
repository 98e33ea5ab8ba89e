"""Which pages of a TIFF are films: a preview or a mask of another page is none."""

from typing import Any

from PIL import ImageFile

from cephview.formats.limits import MIN_SIDE_PX

_NEW_SUBFILE, _SUBFILE = 254, 255
_BITS, _COMPRESSION, _PHOTOMETRIC, _STRIP_BYTES = 258, 259, 262, 279
_REDUCED, _MASK = 1, 4


def film_pages(image: ImageFile.ImageFile) -> tuple[int, ...]:
    """Return the numbers of the pages that are films, in their order; one at least.

    NewSubfileType marks a page of reduced resolution (TIFF 6.0, page 36), as the old SubfileType
    did; where nothing is marked, a page is a preview that is too small for a film, or of another's
    shape and less than half its size. Leaves the image at its first page.
    """
    pages: list[tuple[int, int, bool]] = []
    try:
        for number in range(int(getattr(image, "n_frames", 1))):
            image.seek(number)
            tags = image.tag_v2  # type: ignore[attr-defined]
            pages.append((*image.size, _is_marked(tags)))
    # The directory of a later page that is damaged costs no earlier one.
    except Exception:
        pages = pages or [(*image.size, False)]
    image.seek(0)
    unmarked = [n for n, page in enumerate(pages) if not page[2]] or list(range(len(pages)))
    films = [n for n in unmarked if not _is_preview(pages[n], [pages[m] for m in unmarked])]
    return tuple(films or unmarked)


def says_depth(image: ImageFile.ImageFile) -> bool:
    """Say whether the bits a sample of a page are stated, or are the one that TIFF then assumes."""
    tags = image.tag_v2  # type: ignore[attr-defined]
    is_plain = tags.get(_COMPRESSION, 1) == 1
    if _BITS in tags or not is_plain:
        return True
    return int(sum(tags.get(_STRIP_BYTES, ()))) <= 2 * (image.width // 8 + 1) * image.height


def is_inverted_by_default(image: ImageFile.ImageFile) -> bool:
    """Say whether a page does not state what its greys mean, and Pillow takes black for white.

    libtiff, and with it most programs, takes such a page as it is.
    """
    has_said = _PHOTOMETRIC in image.tag_v2  # type: ignore[attr-defined]
    return not has_said and image.mode in ("1", "L")


def _is_marked(tags: Any) -> bool:
    new, old = tags.get(_NEW_SUBFILE, 0), tags.get(_SUBFILE, 1)
    return bool(isinstance(new, int) and new & (_REDUCED | _MASK)) or old == 2


def _is_preview(page: tuple[int, int, bool], others: list[tuple[int, int, bool]]) -> bool:
    width, height, _ = page
    largest = max(others, key=lambda each: each[0] * each[1])
    if min(width, height) < MIN_SIDE_PX <= min(largest[:2]):
        return True
    # The rounding of a side may be off by a pixel.
    is_alike = abs(width * largest[1] / largest[0] - height) <= 1.5
    return is_alike and 2 * width < largest[0]
