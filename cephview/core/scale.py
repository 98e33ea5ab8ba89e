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
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class PixelSize:
    """The size of one pixel, x (between columns) before y (between rows), in millimetres.

    An unverified size (a resolution tag) is kept but gives no millimetres until a user accepts it;
    an unknown one has none to give. Raises ValueError for a size that is not finite and positive.
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
        return self.provenance not in (Provenance.UNVERIFIED, Provenance.UNKNOWN)

    def mm_per_px(self) -> tuple[float, float] | None:
        """Return (x, y) millimetres a pixel, or None where there are no trusted millimetres."""
        if not self.is_trusted or self.x_mm is None or self.y_mm is None:
            return None
        return self.x_mm, self.y_mm

    @property
    def aspect(self) -> float:
        """Return the height of a pixel over its width; 1 where nothing is known."""
        if self.x_mm is None or self.y_mm is None:
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


def resolve_dicom_scale(
    *,
    pixel_spacing: tuple[float, float] | None,
    imager_pixel_spacing: tuple[float, float] | None,
    is_calibrated: bool,
    magnification: float | None,
    source_to_detector_mm: float | None,
    source_to_patient_mm: float | None,
) -> PixelSize:
    """Decide the pixel size of a DICOM film from what its header says.

    Spacings are as in the file: (row spacing, column spacing), y before x, in mm; None where absent
    or not two positive finite numbers. is_calibrated: Calibration Type or Description is present.
    The order of decisions is that of the DICOM standard, PS3.3 C.8.11.2 and 10.7.1.3: calibrated
    PixelSpacing, then ImagerPixelSpacing over the magnification factor (or SID / SOD), then
    ImagerPixelSpacing as projected on the detector, then PixelSpacing alone as declared.
    """

    def size(yx: tuple[float, float], provenance: Provenance, factor: float = 1.0) -> PixelSize:
        return PixelSize(yx[1] / factor, yx[0] / factor, provenance)

    differs = (
        pixel_spacing is not None
        and imager_pixel_spacing is not None
        and not all(
            math.isclose(a, b, rel_tol=1e-3)
            for a, b in zip(pixel_spacing, imager_pixel_spacing, strict=True)
        )
    )
    if pixel_spacing is not None and is_calibrated and (differs or imager_pixel_spacing is None):
        return size(pixel_spacing, Provenance.CALIBRATED)
    if imager_pixel_spacing is not None:
        factors = [magnification]
        if source_to_detector_mm and source_to_patient_mm:
            factors.append(source_to_detector_mm / source_to_patient_mm)
        for factor in factors:
            # A factor no cephalostat can have is an empty or a misused field.
            if factor is not None and 1.0 <= factor < 2.0:
                return size(imager_pixel_spacing, Provenance.MAGNIFICATION_CORRECTED, factor)
        return size(imager_pixel_spacing, Provenance.DETECTOR)
    if pixel_spacing is not None:
        return size(pixel_spacing, Provenance.DECLARED)
    return PixelSize()
