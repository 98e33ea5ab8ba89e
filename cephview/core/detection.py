"""What a detector answers for one film."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DetectedPoint:
    """One landmark as the model sees it: both layers, in pixel indices (x right, y down).

    sigma is the predicted standard deviation of the error of one coordinate, in pixels.
    """

    landmark: str
    coarse_px: tuple[float, float]
    coarse_sigma_px: float
    refined_px: tuple[float, float]
    refined_sigma_px: float


@dataclass(frozen=True)
class Detection:
    """All points of one film by one model in one call.

    model is the SHA-256 of the weights; device is "cpu" or "cuda"; note is a sentence for the user
    where something did not go as asked (the graphics card was out of memory, say), else empty.
    """

    points: tuple[DetectedPoint, ...]
    model: str
    model_name: str
    passes: int
    device: str
    seconds: float
    note: str = ""
