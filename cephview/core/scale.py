"""Pixel size and where it comes from; pixels to millimetres."""

import math
from dataclasses import dataclass
from enum import StrEnum


class Provenance(StrEnum):
    """Where a pixel size comes from, the most trusted first."""

    RULER = "ruler"
    CALIBRATED = "calibrated"
    MAGNIFICATION_CORRECTED = "magnification-corrected"
    DETECTOR = "detector"
    DECLARED = "declared"
    UNVERIFIED = "unverified"
    ASPECT = "aspect-ratio"
    IMPLAUSIBLE = "implausible"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class PixelSize:
    """The size of one pixel, x (between columns) before y (between rows), in millimetres.

    An unverified size (a resolution tag) is kept but gives no millimetres until a user accepts it;
    an unknown one has none to give. Where only the aspect ratio of the pixels is known, x_mm is 1
    and y_mm the height of a pixel over its width: no millimetres either, but angles are right.
    An implausible size is kept to be told, and used for nothing: judged() says which are.
    Raises ValueError for a size that is not finite and positive.
    """

    x_mm: float | None = None
    y_mm: float | None = None
    provenance: Provenance = Provenance.UNKNOWN

    def __post_init__(self) -> None:
        sizes = (self.x_mm, self.y_mm)
        if self.provenance is Provenance.UNKNOWN:
            if sizes != (None, None):
                raise ValueError("an unknown pixel size carries no numbers")
            return
        for size in sizes:
            if size is None or not math.isfinite(size) or size <= 0:
                raise ValueError(f"a pixel size must be positive and finite, not {size}")

    @property
    def is_trusted(self) -> bool:
        """Whether millimetres may be shown and exported."""
        return self.provenance not in _WITHOUT_MILLIMETRES

    def mm_per_px(self) -> tuple[float, float] | None:
        """Return (x, y) millimetres a pixel, or None where there are no trusted millimetres."""
        if not self.is_trusted or self.x_mm is None or self.y_mm is None:
            return None
        return self.x_mm, self.y_mm

    @property
    def aspect(self) -> float:
        """Return the height of a pixel over its width; 1 where nothing is known."""
        if self.x_mm is None or self.y_mm is None or self.provenance is Provenance.IMPLAUSIBLE:
            return 1.0
        return self.y_mm / self.x_mm

    def distance_mm(self, a_px: tuple[float, float], b_px: tuple[float, float]) -> float | None:
        """Return the distance of two points in pixel indices (x, y), or None without scale."""
        size = self.mm_per_px()
        if size is None:
            return None
        return math.hypot((a_px[0] - b_px[0]) * size[0], (a_px[1] - b_px[1]) * size[1])

    def accepted(self) -> "PixelSize":
        """Return the same size after a user accepted an unverified one as declared."""
        if self.provenance is not Provenance.UNVERIFIED:
            return self
        return PixelSize(self.x_mm, self.y_mm, Provenance.DECLARED)

    def from_ruler(
        self, a_px: tuple[float, float], b_px: tuple[float, float], length_mm: float
    ) -> "PixelSize":
        """Return the size by a ruler of known length between two points; keeps the file's aspect.

        Raises ValueError when the points coincide or the length is not positive.
        """
        dx, dy = b_px[0] - a_px[0], b_px[1] - a_px[1]
        span = math.hypot(dx, dy * self.aspect)
        if span <= 0 or not math.isfinite(length_mm) or length_mm <= 0:
            raise ValueError("a ruler needs two different points and a positive length")
        x_mm = length_mm / span
        return PixelSize(x_mm, x_mm * self.aspect, Provenance.RULER)


_WITHOUT_MILLIMETRES = (
    Provenance.UNVERIFIED,
    Provenance.ASPECT,
    Provenance.IMPLAUSIBLE,
    Provenance.UNKNOWN,
)

# No detector and no scanner of films has pixels beyond these.
PIXEL_MM = (0.005, 3.0)
RULER_MM = (1e-4, 100.0)
# A head is 150 to 350 mm tall; a film shows most of one, on a sheet or detector of its time.
FILM_MM = (80.0, 1000.0)
ASPECT = (0.5, 2.0)
# Below this a picture is no film but a copy or a sample of one, whose sides tell nothing.
_FULL_SIZE_PX = 1000


def reason_against(x_mm: float, y_mm: float, size_px: tuple[int, int] | None = None) -> str:
    """Return why pixels cannot be so large, in words; empty where they can.

    x_mm, y_mm: width and height of a pixel. size_px: width and height of the film, if known. The
    one rule for every source of a scale: files, tables, data sets, workspaces, options, rulers.
    """
    told = f"a pixel of {_told(x_mm)} x {_told(y_mm)} mm"
    if not all(math.isfinite(v) and v > 0 for v in (x_mm, y_mm)):
        return f"{told}, where a size must be positive and finite"
    if not all(PIXEL_MM[0] <= v <= PIXEL_MM[1] for v in (x_mm, y_mm)):
        return f"{told} is none that a film can have"
    if not ASPECT[0] <= y_mm / x_mm <= ASPECT[1]:
        return f"{told} is more than twice as long as wide"
    if size_px is None or max(size_px) < _FULL_SIZE_PX:
        return ""
    tall = max(size_px[0] * x_mm, size_px[1] * y_mm)
    if not FILM_MM[0] <= tall <= FILM_MM[1]:
        return f"{told} makes the film {tall:,.0f} mm long, and a head is 150 to 350 mm tall"
    return ""


def judged(size: PixelSize, size_px: tuple[int, int]) -> PixelSize:
    """Return a pixel size as it is where a film of size_px can have it, else as implausible.

    One that a reader measured stands unless it is absurd: the reader is told, and may undo it.
    """
    if size.x_mm is None or size.y_mm is None or size.provenance in _JUDGED:
        return size
    if size.provenance is Provenance.RULER:
        low, high = RULER_MM
        if low <= size.x_mm <= high and ASPECT[0] <= size.y_mm / size.x_mm <= ASPECT[1]:
            return size
    elif not reason_against(size.x_mm, size.y_mm, size_px):
        return size
    return PixelSize(size.x_mm, size.y_mm, Provenance.IMPLAUSIBLE)


_JUDGED = (Provenance.ASPECT, Provenance.IMPLAUSIBLE, Provenance.UNKNOWN)


def _told(mm: float) -> str:
    return f"{mm:.4g}"


def shape_only(aspect: float | None) -> PixelSize:
    """Return the size of pixels of which only height over width is known; None: not even that.

    A ratio that no scanner or printer has is a misused field and counts as unknown.
    """
    if (
        aspect is None
        or not ASPECT[0] <= aspect <= ASPECT[1]
        or math.isclose(aspect, 1.0, rel_tol=1e-3)
    ):
        return PixelSize()
    return PixelSize(1.0, aspect, Provenance.ASPECT)


def resolve_dicom_scale(
    *,
    pixel_spacing: tuple[float, float] | None,
    imager_pixel_spacing: tuple[float, float] | None,
    is_calibrated: bool,
    magnification: float | None,
    source_to_detector_mm: float | None,
    source_to_patient_mm: float | None,
    scanned_spacing: tuple[float, float] | None = None,
    aspect: float | None = None,
) -> PixelSize:
    """Decide the pixel size of a DICOM film from what its header says.

    Spacings are as in the file: (row spacing, column spacing), y before x, in mm; None where absent
    or not two positive finite numbers. is_calibrated: Calibration Type or Description is present.
    scanned_spacing: Nominal Scanned Pixel Spacing. aspect: height of a pixel over its width.

    Pixel Spacing is the distance in the patient. DICOM PS3.3 10.7.1.1 (CP-586): where it differs
    from Imager Pixel Spacing or Nominal Scanned Pixel Spacing, "the image has been corrected for
    known or assumed geometric magnification or calibrated", whether or not the optional Pixel
    Spacing Calibration Type says how; uncorrected, it shall be the same. Cornerstone3D (OHIF)
    reads it so as well. A difference that no magnification explains is a contradiction: the size
    is unverified. Else the spacing on detector or film is divided by the magnification factor (or
    SID / SOD, PS3.3 C.8.7.10 and C.8.11.7), or stands as projected; else Pixel Spacing is as
    declared ("it cannot be determined whether or not correction or calibration have been
    performed"); else only the Pixel Aspect Ratio is known.
    """

    def size(yx: tuple[float, float], provenance: Provenance, factor: float = 1.0) -> PixelSize:
        return PixelSize(yx[1] / factor, yx[0] / factor, provenance)

    projected = imager_pixel_spacing or scanned_spacing
    if pixel_spacing is not None:
        ratios = [b / a for a, b in zip(pixel_spacing, projected or pixel_spacing, strict=True)]
        differs = not all(math.isclose(ratio, 1.0, rel_tol=1e-3) for ratio in ratios)
        if is_calibrated and (differs or projected is None):
            return size(pixel_spacing, Provenance.CALIBRATED)
        if differs and all(0.5 < ratio < 2.0 for ratio in ratios):
            return size(pixel_spacing, Provenance.CALIBRATED)
        if differs:
            return size(pixel_spacing, Provenance.UNVERIFIED)
    if projected is not None:
        factors = [magnification]
        if source_to_detector_mm and source_to_patient_mm:
            factors.append(source_to_detector_mm / source_to_patient_mm)
        for factor in factors:
            # A factor no cephalostat can have is an empty or a misused field.
            if factor is not None and 1.0 <= factor < 2.0:
                return size(projected, Provenance.MAGNIFICATION_CORRECTED, factor)
        # A film that was scanned may have been enlarged or reduced on its way.
        is_detector = imager_pixel_spacing is not None
        return size(projected, Provenance.DETECTOR if is_detector else Provenance.DECLARED)
    if pixel_spacing is not None:
        return size(pixel_spacing, Provenance.DECLARED)
    return shape_only(aspect)
