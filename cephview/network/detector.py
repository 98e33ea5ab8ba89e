"""The detector: a film in, points in film pixels out."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from cephview.core.detection import DetectedPoint, Detection, Likeness, Turn
from cephview.core.film import Film
from cephview.core.model_info import ModelInfo
from cephview.core.turning import AS_ON_FILE, left_to_turn
from cephview.core.uncertainty import Covariance
from cephview.network.attention import Reading
from cephview.network.closeup import CLOSE_MARGIN, WIDE_MARGIN, close_box
from cephview.network.frame import Floats, Frame, View, normalised
from cephview.network.likeness import TURNS, LikenessModel, features, thumbnails
from cephview.network.model import DualEncoder, Points
from cephview.network.uncertainty import Ellipses, Signs, signs_of
from cephview.network.weights import ModelError, load_whole

# So many ways of turning an unlike film are looked at, the likeliest first.
TURNS_TRIED = 2

ShouldStop = Callable[[], bool]


@dataclass(frozen=True)
class Look:
    """One look of the network at a film: through which frame, and what it found.

    picture: (height, width), normalised grey; shown: the box of it that shows the film, (left, top,
    right, bottom) in whole input pixels.
    """

    frame: Frame
    picture: Tensor
    shown: tuple[int, int, int, int]
    found: Points
    signs: Signs

    @property
    def refined_xy(self) -> Floats:
        """(landmarks, 2), input pixels."""
        return np.asarray(self.found.refined[-1].xy[0].double().cpu().numpy())

    @property
    def film_picture(self) -> Tensor:
        left, top, right, bottom = self.shown
        return self.picture[top:bottom, left:right]


class Detector:
    """A loaded model on a device."""

    def __init__(
        self,
        network: DualEncoder,
        info: ModelInfo,
        device: torch.device,
        likeness: LikenessModel | None = None,
    ) -> None:
        self.network = network.to(device).eval()
        self.info = info
        self.device = device
        self.likeness = likeness
        table = info.calibration.get("ellipses")
        try:
            self.ellipses = Ellipses.from_table(table, info.landmarks) if table else None
        except ValueError as error:
            raise ModelError(
                f"the calibration of {info.name} cannot be used ({error}); calibrate it again."
            ) from error

    @classmethod
    def load(cls, model_dir: Path, device: str = "auto") -> "Detector":
        """Load a model folder onto "cpu", "cuda", or "auto": CUDA where there is one.

        Raises ModelError, also where "cuda" is asked for and there is none.
        """
        whole = load_whole(model_dir)
        return cls(whole.network, whole.info, choose_device(device), whole.likeness)

    @torch.inference_mode()
    def detect(
        self,
        film: Film,
        passes: int = 1,
        should_stop: ShouldStop | None = None,
        turn: Turn = AS_ON_FILE,
    ) -> Detection:
        """Place every landmark of the model on a film.

        passes: with 2, the film is cropped around the first answer and looked at again, closer, and
        the answer is the mean of both; slower, and reported as such. Its doubt is that of the first
        look, which is what was calibrated. Landmarks that were added to the network keep what the
        first look found: they learnt from no close-up, and may lie outside of it. should_stop is
        asked between passes; when it says so, the answer of the passes done is given. The film is
        looked at as turn says; the answer is in its own pixels all the same.
        """
        if passes not in (1, 2):
            raise ValueError(f"a film is detected in 1 or 2 passes, not {passes}")
        started = time.perf_counter()
        view = View.of(film, turn)
        convention_px = self.convention_px(
            Frame.fit(view.size, self.info.input_size, aspect=view.aspect)
        )
        first = self.look(view, view.first_look(self.info.input_size))
        points, done = self._points(first, convention_px), 1
        if passes == 2 and not (should_stop and should_stop()):
            own = self.network.own
            found = np.array([p.refined_px for p in points[:own]])
            margin = CLOSE_MARGIN if self.info.has_close_looks else WIDE_MARGIN
            box = close_box(found, view.size, view.aspect, margin)
            again = self.look(view, Frame.of_box(box, self.info.input_size, aspect=view.aspect))
            second = self._points(again, convention_px)
            means = [_mean(a, b) for a, b in zip(points[:own], second[:own], strict=True)]
            points, done = (*means, *points[own:]), 2
        likeness = self._likeness(first)
        if likeness is not None and likeness.is_unlike and not (should_stop and should_stop()):
            likeness = replace(likeness, better=self._better_turn(film, turn, first))
        return Detection(
            points=tuple(_on_film(point, view) for point in points),
            model=self.info.sha256,
            model_name=self.info.name,
            passes=done,
            device=self.device.type,
            seconds=time.perf_counter() - started,
            turn=turn,
            likeness=likeness,
            landmark_set=self.info.landmark_set,
            added=tuple((i, self.info.set_of(i)) for i in self.info.added),
        )

    def convention_px(self, whole_film: Frame) -> Floats:
        """Return the model's convention in pixels of the film, (landmarks, 2)."""
        shares = [self.info.convention.get(i, (0.0, 0.0)) for i in self.info.landmarks]
        return np.asarray(np.array(shares) * self.info.input_size[1] / np.array(whole_film.scale))

    @torch.inference_mode()
    def look(self, view: View, frame: Frame) -> Look:
        """Show the network a film through a frame."""
        picture = normalised(frame.picture(view.pixels)).to(self.device)
        found = self.network(picture[None, None].contiguous(memory_format=torch.channels_last))
        return Look(frame, picture, frame.shown(view.pixels.shape), found, signs_of(found)[0])

    def _points(self, look: Look, convention_px: Floats) -> tuple[DetectedPoint, ...]:
        """Return the points of a look, in indices of the film as it was looked at."""
        coarse_px, coarse_sigma = self._placed(look.found.coarse[-1], look.frame, "coarse")
        refined_px, refined_sigma = self._placed(look.found.refined[-1], look.frame, "refined")
        coarse_px, refined_px = coarse_px + convention_px, refined_px + convention_px
        doubts = self._covariances(look, refined_sigma)
        return tuple(
            DetectedPoint(
                landmark=landmark,
                coarse_px=(float(coarse_px[i, 0]), float(coarse_px[i, 1])),
                coarse_sigma_px=float(coarse_sigma[i]),
                refined_px=(float(refined_px[i, 0]), float(refined_px[i, 1])),
                refined_sigma_px=doubts[i].sigma,
                refined_covariance=doubts[i],
            )
            for i, landmark in enumerate(self.info.landmarks)
        )

    def _placed(self, reading: Reading, frame: Frame, layer: str) -> tuple[Floats, Floats]:
        xy = frame.to_film(reading.xy[0].double().cpu().numpy())
        factor = float(self.info.calibration.get(f"{layer}_factor", 1.0))
        scale = reading.log_scale[0].exp().double().cpu().numpy()
        return xy, factor * scale / float(np.sqrt(frame.scale[0] * frame.scale[1]))

    def _covariances(self, look: Look, sigma: Floats) -> tuple[Covariance, ...]:
        """Return the covariances of the refined points; round ones of a model that has no more."""
        if self.ellipses is None:
            return tuple(Covariance.round(float(s)) for s in sigma)
        x, y = 1 / look.frame.scale[0], 1 / look.frame.scale[1]
        return tuple(
            Covariance(float(c[0, 0]), float(c[0, 1]), float(c[1, 1])).scaled(x, y)
            for c in self.ellipses.covariances(look.signs)
        )

    def measures(self, look: Look) -> Floats | None:
        """Return the measures of likeness of a look, None where the model has no statistics.

        They are of the landmarks the network was trained with; those added have no part in it.
        """
        if self.likeness is None or self.ellipses is None:
            return None
        seen = features(self.network.backbone, thumbnails(look.film_picture))
        excess = self.ellipses.excess(look.signs)[: self.network.own]
        return self.likeness.measures(
            seen[0], look.refined_xy[: self.network.own], excess, look.shown
        )

    def _likeness(self, look: Look) -> Likeness | None:
        measures = self.measures(look)
        if self.likeness is None or measures is None:
            return None
        return self.likeness.judged(measures)

    def _better_turn(self, film: Film, turn: Turn, unlike: Look) -> Turn | None:
        """Return how a film should be turned, where that makes it like the others."""
        if self.likeness is None:
            return None
        further = [left_to_turn(turn, wanted) for wanted in TURNS]
        small = thumbnails(unlike.film_picture, further)
        upright = self.likeness.upright(features(self.network.backbone, small))
        for wanted in [TURNS[int(i)] for i in np.argsort(-upright)[:TURNS_TRIED]]:
            if wanted == turn:
                return None
            view = View.of(film, wanted)
            again = self._likeness(self.look(view, view.first_look(self.info.input_size)))
            if again is not None and not again.is_unlike:
                return wanted
        return None


def _on_film(point: DetectedPoint, view: View) -> DetectedPoint:
    """Return a point of a turned film in the film's own indices."""
    if not view.turn:
        return point
    coarse, refined = view.to_film(np.array([point.coarse_px, point.refined_px]))
    doubt = point.refined_covariance
    return replace(
        point,
        coarse_px=(float(coarse[0]), float(coarse[1])),
        refined_px=(float(refined[0]), float(refined[1])),
        refined_covariance=None if doubt is None else view.covariance_to_film(doubt),
    )


def _mean(first: DetectedPoint, second: DetectedPoint) -> DetectedPoint:
    """Return the mean of two answers; their errors are alike, so the doubt is not made smaller."""
    return replace(
        first,
        coarse_px=_middle(first.coarse_px, second.coarse_px),
        refined_px=_middle(first.refined_px, second.refined_px),
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
