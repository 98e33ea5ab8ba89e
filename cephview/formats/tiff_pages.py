"""Which pages of a TIFF are films: a preview or a mask of another page is none."""

import io
from dataclasses import dataclass, replace
from typing import Any, Literal

from PIL import ImageFile, TiffImagePlugin

from cephview.formats.limits import MIN_SIDE_PX

_NEW_SUBFILE, _SUBFILE = 254, 255
_BITS, _COMPRESSION, _PHOTOMETRIC, _STRIP_BYTES = 258, 259, 262, 279
_SUB_IFDS = 330
_REDUCED, _MASK = 1, 4
_MAX_SUB_IFDS = 16


@dataclass(frozen=True)
class _Page:
    """A page: its size, whether it is marked as no film, and where the film it previews lies."""

    width: int
    height: int
    is_marked: bool
    film_at: int | None = None

    @property
    def area(self) -> int:
        return self.width * self.height


def at_its_film(image: ImageFile.ImageFile, data: bytes) -> bytes | None:
    """Return the file begun with its film, where that lies in a directory below a preview of it.

    Such a directory (SubIFD, TIFF Technical Note 1) is none of the pages. None where the pages are
    the films. Leaves the image at its first page.
    """
    pages = _pages(image, data)
    image.seek(0)
    if any(page.film_at is None and not page.is_marked for page in pages):
        return None
    return next((_begun_at(data, page.film_at) for page in pages if page.film_at), None)


def film_pages(image: ImageFile.ImageFile) -> tuple[int, ...]:
    """Return the numbers of the pages that are films, in their order; one at least.

    NewSubfileType marks a page of reduced resolution (TIFF 6.0, page 36), as the old SubfileType
    did; where nothing is marked, a page is a preview that is too small for a film, or of another's
    shape and less than half its size. Leaves the image at its first page.
    """
    pages = _pages(image)
    image.seek(0)
    unmarked = [n for n, page in enumerate(pages) if not page.is_marked] or list(range(len(pages)))
    films = [n for n in unmarked if not _is_preview(pages[n], [pages[m] for m in unmarked])]
    return tuple(films or unmarked)


def _pages(image: ImageFile.ImageFile, data: bytes | None = None) -> list[_Page]:
    """Read the pages, and where data is given the directories below them."""
    pages: list[_Page] = []
    try:
        for number in range(int(getattr(image, "n_frames", 1))):
            image.seek(number)
            tags = image.tag_v2  # type: ignore[attr-defined]
            page = _Page(*image.size, _is_marked(tags))
            if data is not None:
                page = replace(page, film_at=_film_at(page, _below(tags, data, number), data))
            pages.append(page)
    # The directory of a later page that is damaged costs no earlier one.
    except Exception:
        pages = pages or [_Page(*image.size, False)]
    return pages


def _below(tags: Any, data: bytes, number: int) -> tuple[int, ...]:
    """Return where the directories below a page begin."""
    found = tags.get(_SUB_IFDS, ())
    if not found and _is_big(data):
        # Pillow does not know how BigTIFF writes them.
        from cephview.formats import tiff_rare

        found = tiff_rare.directories_below(data, number)
    return (found if isinstance(found, tuple) else (found,))[:_MAX_SUB_IFDS]


def _film_at(page: _Page, offsets: tuple[int, ...], data: bytes) -> int | None:
    """Return where the directory of the film lies of which a page is a preview; None: nowhere."""
    for offset in offsets:
        try:
            below = TiffImagePlugin.TiffImageFile(io.BytesIO(_begun_at(data, int(offset))))
        # A directory that is damaged, or of a kind that is no picture.
        except Exception:
            continue
        film = _Page(*below.size, _is_marked(below.tag_v2))
        is_preview = page.is_marked or _is_preview(page, [page, film])
        if not film.is_marked and film.area > page.area and is_preview:
            return int(offset)
    return None


def _begun_at(data: bytes, offset: int) -> bytes:
    """Return a TIFF whose first page is that of the directory at offset."""
    order = "little" if data[:2] == b"II" else "big"
    at, size = (8, 8) if _is_big(data) else (4, 4)
    return data[:at] + offset.to_bytes(size, order) + data[at + size :]  # type: ignore[arg-type]


def page_count(data: bytes, most: int) -> int:
    """Return how many directories a TIFF chains, most + 1 where there are more.

    The readers underneath go through the whole chain for each of its links.
    """
    order: Literal["little", "big"] = "little" if data[:2] == b"II" else "big"
    at, size, counter, entry = (8, 8, 8, 20) if _is_big(data) else (4, 4, 2, 12)
    seen: set[int] = set()
    while len(seen) <= most:
        offset = int.from_bytes(data[at : at + size], order)
        if not 0 < offset <= len(data) - counter or offset in seen:
            break
        seen.add(offset)
        at = offset + counter + entry * int.from_bytes(data[offset : offset + counter], order)
    return len(seen)


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


def _is_big(data: bytes) -> bool:
    return 43 in data[2:4]


def _is_marked(tags: Any) -> bool:
    new, old = tags.get(_NEW_SUBFILE, 0), tags.get(_SUBFILE, 1)
    return bool(isinstance(new, int) and new & (_REDUCED | _MASK)) or old == 2


def _is_preview(page: _Page, others: list[_Page]) -> bool:
    largest = max(others, key=lambda each: each.area)
    if min(page.width, page.height) < MIN_SIDE_PX <= min(largest.width, largest.height):
        return True
    # The rounding of a side may be off by a pixel.
    is_alike = abs(page.width * largest.height / largest.width - page.height) <= 1.5
    return is_alike and 2 * page.width < largest.width
