"""From a head shape to a film: attenuation, scatter, response, noise, grey values."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cephview.phantom.accessories import (
    draw_head_holder,
    stamp_border,
    stamp_label,
    stamp_marker,
)
from cephview.phantom.anatomy import draw_head
from cephview.phantom.canvas import Canvas, Plane, blurred, resized
from cephview.phantom.curves import Points
from cephview.phantom.shape import HeadShape
from cephview.phantom.style import FilmStyle

FILM_MM = (193.5, 240.0)
_STEP_MM = 0.2
_MARGIN_MM = 6.0


@dataclass(frozen=True, eq=False)
class Phantom:
    """A synthetic film with the exact places of its landmarks.

    pixels: (height, width), uint8 up to 8 bits, else uint16; brighter is more absorbing. points:
    landmark id to (x, y) in pixel indices, (0, 0) the centre of the top-left pixel. mm_per_px is
    the size of a pixel at the patient, the same along both axes.
    """

    pixels: NDArray[np.uint8] | NDArray[np.uint16]
    points: dict[str, tuple[float, float]]
    mm_per_px: float


def render(
    shape: HeadShape,
    *,
    size_px: tuple[int, int],
    mm_per_px: float,
    bits: int,
    style: FilmStyle,
    rng: np.random.Generator,
    has_label: bool = True,
) -> Phantom:
    """Make the film of a head.

    size_px is (width, height). Raises ValueError for a size below 16 pixels, a pixel size that is
    not positive, or bits outside 1 to 16.
    """
    width, height = size_px
    if width < 16 or height < 16 or not 1 <= bits <= 16 or not mm_per_px > 0:
        raise ValueError(f"no film of {width} x {height} px, {mm_per_px} mm/px, {bits} bits")
    film_mm = np.array([width, height]) * mm_per_px
    origin = film_mm / 2 + _pushed_inside(shape, film_mm)

    def place(points: Points) -> Points:
        return shape.on_film(points) + origin

    coarse = max(1.0, _STEP_MM / mm_per_px)
    # A whole number of canvas pixels covers the film exactly only when the step follows from it.
    wide, high = max(8, round(width / coarse)), max(8, round(height / coarse))
    step = film_mm[0] / wide
    canvas = Canvas(wide, high, step, film_mm[1] / high / step)
    draw_head(canvas, shape, place, rng)
    draw_head_holder(canvas, shape, place, style, rng)
    attenuation = _textured(canvas.total(), film_mm, style, rng)
    attenuation = attenuation + _beam(attenuation.shape, style)
    log_dose = _scattered(attenuation, style, step)
    log_dose = resized(log_dose, (width, height))
    log_dose = log_dose + _quantum_noise(log_dose, style, mm_per_px, rng)
    plane = np.array(_response(log_dose, style))
    plane += rng.standard_normal(plane.shape, dtype=np.float32) * np.float32(style.grain)
    stamp_marker(plane, mm_per_px, style)
    stamp_border(plane, mm_per_px, style)
    if has_label:
        stamp_label(plane)
    top = (1 << bits) - 1
    pixels = np.clip(plane * top + np.float32(0.5), 0, top).astype(
        np.uint8 if bits <= 8 else np.uint16
    )
    places = place(np.array(list(shape.landmarks.values()))) / mm_per_px - 0.5
    points = {
        key: (float(x), float(y)) for key, (x, y) in zip(shape.landmarks, places, strict=True)
    }
    return Phantom(pixels, points, mm_per_px)


def _pushed_inside(shape: HeadShape, film_mm: Points) -> Points:
    """Return the shift that keeps every landmark on the film where it is large enough."""
    places = shape.on_film(np.array(list(shape.landmarks.values())))
    half = film_mm / 2 - _MARGIN_MM
    low = np.maximum(-half - places.min(0), 0)
    high = np.minimum(half - places.max(0), 0)
    return np.asarray(low + high)


def _textured(plane: Plane, film_mm: Points, style: FilmStyle, rng: np.random.Generator) -> Plane:
    """Lay structure of several sizes over what absorbs; the finest, trabeculae, over bone only."""
    height, width = plane.shape
    bone = np.clip((plane - 0.55) / 0.5, 0, 1)
    texture = np.ones_like(plane)
    for scale_mm, amount, where in (
        (14.0, 0.015, 1.0),
        (5.0, 0.012, 1.0),
        (2.0, 0.014, bone),
        (0.9, 0.02, bone),
    ):
        cells = np.ceil(film_mm / scale_mm).astype(int) + 1
        grid = rng.standard_normal((cells[1], cells[0]), dtype=np.float32)
        texture += resized(grid, (width, height)) * np.float32(amount * style.texture) * where
    return plane * texture


def _beam(shape: tuple[int, ...], style: FilmStyle) -> Plane:
    """Return what the beam's fall-off and the filter before the profile add."""
    y = np.linspace(-1, 1, shape[0], dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, shape[1], dtype=np.float32)[None, :]
    edge = np.clip((x - 0.35) / 0.65, 0, 1) ** 2
    steps = sum(0.5 * (1 + np.tanh((x - at) * sign * 60)) for at, sign in ((-0.55, 1), (-0.22, -1)))
    strips = style.bands * (steps - 1) * np.clip(0.2 - 0.9 * y, 0, 1)
    fall = style.tilt[0] * x + style.tilt[1] * y
    return np.asarray(fall + strips + style.wedge * edge * (1.1 - 0.4 * y), dtype=np.float32)


def _scattered(attenuation: Plane, style: FilmStyle, step_mm: float) -> Plane:
    """Return the logarithm of dose, negated: fog of the scattered share flattens dense places."""
    dose = np.exp(-1.25 * attenuation)
    dose = blurred(dose, style.sharpness_mm / step_mm)
    fog = blurred(dose, 14 / step_mm)
    return np.asarray(-np.log((1 - style.scatter) * dose + style.scatter * fog) / 1.25)


def _quantum_noise(
    log_dose: Plane, style: FilmStyle, mm_per_px: float, rng: np.random.Generator
) -> Plane:
    """Return noise that grows where few quanta arrive, slightly correlated between neighbours."""
    white = rng.standard_normal(log_dose.shape, dtype=np.float32)
    white[:, 1:] += np.float32(0.5) * white[:, :-1]
    white[1:] += np.float32(0.5) * white[:-1]
    amount = style.noise * min(1.0, max(0.35, 0.1 / mm_per_px)) / 1.25
    white *= np.exp(log_dose * np.float32(0.55))
    white *= np.float32(amount)
    return white


def _response(log_dose: Plane, style: FilmStyle) -> Plane:
    """Map to shares of full scale: a straight line with a toe and a shoulder."""
    x = np.linspace(-0.2, 1.5, 4096, dtype=np.float64)
    s = 2.0 * style.hardness
    low, high = np.tanh(-0.5 * s), np.tanh(0.5 * s)
    curve = np.clip((np.tanh((x - 0.5) * s) - low) / (high - low), 0, 1) ** style.gamma
    at = (log_dose - np.float32(style.black)) / np.float32(style.white - style.black)
    place = np.clip((at + np.float32(0.2)) * np.float32(4095 / 1.7), 0, 4094)
    index = place.astype(np.int16)
    rise = np.diff(curve).astype(np.float32)
    return np.asarray(curve.astype(np.float32)[index] + rise[index] * (place - index))
