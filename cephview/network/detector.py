"""The detector: a film in, points in film pixels out."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from cephview.core.detection import DetectedPoint, Detection
from cephview.core.film import Film
from cephview.core.model_info import ModelInfo
from cephview.network.attention import Reading
from cephview.network.frame import Floats, Frame, normalised
from cephview.network.model import DualEncoder
from cephview.network.weights import ModelError, load_model

# The second pass shows the box around the first answer, this much larger on each side, as a share
# of the box's larger side: closer crops magnify the head more than training does.
SECOND_PASS_MARGIN = 0.5


class Detector:
    """A loaded model on a device."""

    def __init__(self, network: DualEncoder, info: ModelInfo, device: torch.device) -> None:
        self.network = network.to(device).eval()
        self.info = info
        self.device = device

    @classmethod
    def load(cls, model_dir: Path, device: str = "auto") -> "Detector":
        """Load a model folder onto "cpu", "cuda", or "auto": CUDA where there is one.

        Raises ModelError, also where "cuda" is asked for and there is none.
        """
        network, info = load_model(model_dir)
        return cls(network, info, choose_device(device))

    @torch.inference_mode()
    def detect(
        self, film: Film, passes: int = 1, should_stop: Callable[[], bool] | None = None
    ) -> Detection:
        """Place every landmark of the model on a film.

        passes: with 2, the film is cropped around the first answer and looked at again, and the
        answer is the mean of both; slower, and reported as such. should_stop is asked between
        passes; when it says so, the answer of the passes done is given.
        """
        if passes not in (1, 2):
            raise ValueError(f"a film is detected in 1 or 2 passes, not {passes}")
        started = time.perf_counter()
        aspect = film.pixel_size.aspect
        frame = Frame.fit((film.width, film.height), self.info.input_size, aspect=aspect)
        convention_px = self.convention_px(frame)
        points, done = self._look(film, frame, convention_px), 1
        if passes == 2 and not (should_stop and should_stop()):
            box = _box_around(np.array([p.refined_px for p in points]), film, aspect)
            frame = Frame.of_box(box, self.info.input_size, aspect=aspect)
            again = self._look(film, frame, convention_px)
            points, done = tuple(_mean(a, b) for a, b in zip(points, again, strict=True)), 2
        return Detection(
            points=points,
            model=self.info.sha256,
            model_name=self.info.name,
            passes=done,
            device=self.device.type,
            seconds=time.perf_counter() - started,
        )

    def convention_px(self, first_look: Frame) -> Floats:
        """Return the model's convention in pixels of the film, (landmarks, 2)."""
        shares = [self.info.convention.get(i, (0.0, 0.0)) for i in self.info.landmarks]
        return np.asarray(np.array(shares) * self.info.input_size[1] / np.array(first_look.scale))

    def _look(self, film: Film, frame: Frame, convention_px: Floats) -> tuple[DetectedPoint, ...]:
        picture = normalised(frame.picture(film.pixels))[None, None].to(self.device)
        found = self.network(picture.contiguous(memory_format=torch.channels_last))
        coarse_px, coarse_sigma = self._on_film(found.coarse[-1], frame, "coarse")
        refined_px, refined_sigma = self._on_film(found.refined[-1], frame, "refined")
        coarse_px, refined_px = coarse_px + convention_px, refined_px + convention_px
        return tuple(
            DetectedPoint(
                landmark=landmark,
                coarse_px=(float(coarse_px[i, 0]), float(coarse_px[i, 1])),
                coarse_sigma_px=float(coarse_sigma[i]),
                refined_px=(float(refined_px[i, 0]), float(refined_px[i, 1])),
                refined_sigma_px=float(refined_sigma[i]),
            )
            for i, landmark in enumerate(self.info.landmarks)
        )

    def _on_film(self, reading: Reading, frame: Frame, layer: str) -> tuple[Floats, Floats]:
        xy = frame.to_film(reading.xy[0].double().cpu().numpy())
        factor = float(self.info.calibration.get(f"{layer}_factor", 1.0))
        scale = reading.log_scale[0].exp().double().cpu().numpy()
        return xy, factor * scale / float(np.sqrt(frame.scale[0] * frame.scale[1]))


def _mean(first: DetectedPoint, second: DetectedPoint) -> DetectedPoint:
    """Return the mean of two answers; their errors are alike, so the doubt is not made smaller."""
    return DetectedPoint(
        landmark=first.landmark,
        coarse_px=_middle(first.coarse_px, second.coarse_px),
        coarse_sigma_px=(first.coarse_sigma_px + second.coarse_sigma_px) / 2,
        refined_px=_middle(first.refined_px, second.refined_px),
        refined_sigma_px=(first.refined_sigma_px + second.refined_sigma_px) / 2,
    )


def _middle(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def choose_device(device: str) -> torch.device:
    """Return the torch device of "auto", "cpu" or "cuda". Raises ModelError."""
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if device == "cuda" and not torch.cuda.is_available():
        raise ModelError("No CUDA graphics card was found; use the CPU (device cpu or auto).")
    if device not in ("cpu", "cuda"):
        raise ModelError(f"{device!r} is not a device; choose auto, cpu or cuda.")
    return torch.device(device)


def _box_around(points_px: Floats, film: Film, aspect: float) -> tuple[float, float, float, float]:
    """Return the box of the second pass, kept on the film: (left, top, right, bottom)."""
    low, high = points_px.min(axis=0), points_px.max(axis=0)
    margin = SECOND_PASS_MARGIN * max(high[0] - low[0], (high[1] - low[1]) * aspect, 32.0)
    left, top = low[0] - margin, low[1] - margin / aspect
    right, bottom = high[0] + margin, high[1] + margin / aspect
    left, right = max(left, -0.5), min(right, film.width - 0.5)
    top, bottom = max(top, -0.5), min(bottom, film.height - 0.5)
    if right - left < 32 or bottom - top < 32:
        return -0.5, -0.5, film.width - 0.5, film.height - 0.5
    return float(left), float(top), float(right), float(bottom)
