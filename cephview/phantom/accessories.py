"""What is on a film beside the head: head holder, ruler, markers, the label, the collimator."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from cephview.phantom.anatomy import Place
from cephview.phantom.canvas import Canvas, Plane
from cephview.phantom.shape import HeadShape
from cephview.phantom.style import FilmStyle

LABEL = ("SYNTHETIC PHANTOM", "NOT A PATIENT")


def _box(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=float)


def draw_head_holder(
    canvas: Canvas, shape: HeadShape, place: Place, style: FilmStyle, rng: np.random.Generator
) -> None:
    """Draw the ear rods' rings near porion and the nasion rest that carries the ruler."""
    porion = place(np.array([shape.landmarks["Po"]]))[0]
    for radius in (7.2, 6.0):
        centre = porion + np.array([0.0, 6.4]) + rng.normal(0, 0.9, 2)
        if style.has_ear_rings:
            canvas.ring(centre, radius, 0.9, 0.16)
    bridge = place(shape.curves["profile"].span(8, 8))[0]
    x, y = bridge[0] + 15.5 + rng.normal(0, 1.5), bridge[1] + rng.normal(0, 1.5)
    if not style.has_ruler:
        return
    canvas.fill(_box(x - 14, y - 3, x + 4, y + 3.6), 0.17)
    canvas.fill(_box(x - 3, y - 16, x + 4, y - 3), 0.17)
    canvas.fill(_box(x - 14, y + 3.6, x - 8, y + 8), 0.17)
    canvas.fill(_box(x - 0.5, -5, x + 3.5, y - 8), 0.2)
    canvas.fill(_box(x - 2.6, -5, x + 5.6, y - 76), 0.14)
    draw_ruler(canvas, x - 0.4, y - 50, 40)


def draw_ruler(canvas: Canvas, x: float, top: float, length_mm: int) -> None:
    """Draw a metal scale with its zero at the top: a tick a millimetre, a long one every ten."""
    canvas.fill(_box(x + 2.2, top, x + 3.4, top + length_mm), 1.1, "crisp")
    for mm in range(length_mm + 1):
        reach = 3.0 if mm % 10 == 0 else 1.9 if mm % 5 == 0 else 1.1
        canvas.fill(_box(x + 2.3 - reach, top + mm - 0.18, x + 2.3, top + mm + 0.18), 1.1, "crisp")


def _letters(text: str, height_px: int) -> np.ndarray:
    font = ImageFont.load_default(size=height_px)
    left, top, right, bottom = font.getbbox(text)
    picture = Image.new("L", (int(right - left) + 2, int(bottom - top) + 2))
    ImageDraw.Draw(picture).text((1 - left, 1 - top), text, fill=255, font=font)
    return np.asarray(picture, dtype=np.float32) / 255


def _stamp(plane: Plane, mask: np.ndarray, left: int, top: int, value: float) -> None:
    top, left = max(top, 0), max(left, 0)
    part = plane[top : top + mask.shape[0], left : left + mask.shape[1]]
    mask = mask[: part.shape[0], : part.shape[1]]
    part += mask * (value - part)


def stamp_marker(plane: Plane, mm_per_px: float, style: FilmStyle) -> None:
    """Lay a lead letter at the lower right; plane is in shares of full scale."""
    height = round(9 / mm_per_px)
    if style.marker and height >= 5:
        mask = _letters(style.marker, height)
        left = plane.shape[1] - mask.shape[1] - round(14 / mm_per_px)
        _stamp(plane, mask, left, round(plane.shape[0] * 0.70), 0.97)


def stamp_label(plane: Plane) -> None:
    """Burn in that the film is synthetic, at the lower right where the film is dark."""
    size = max(7, round(plane.shape[1] / 46))
    lines = [_letters(text, size) for text in LABEL]
    bottom = plane.shape[0] - round(0.045 * plane.shape[0])
    for mask in reversed(lines):
        left = plane.shape[1] - mask.shape[1] - round(0.035 * plane.shape[1])
        _stamp(plane, mask, left, bottom - mask.shape[0], 1.0)
        bottom -= round(size * 1.25)


def stamp_border(plane: Plane, mm_per_px: float, style: FilmStyle) -> None:
    """Leave the rim unexposed (white), and the white tabs of a cassette at top and bottom."""
    height, width = plane.shape
    rim = round(style.border_mm / mm_per_px)
    if rim > 0:
        plane[:rim], plane[-rim:] = 0.985, 0.985
        plane[:, :rim], plane[:, -rim:] = 0.985, 0.985
    if style.has_tabs:
        tall, wide = round(5 / mm_per_px), round(12.5 / mm_per_px)
        for share in (0.23, 0.48, 0.72):
            left = round(share * width)
            plane[:tall, left : left + wide] = 1.0
            plane[height - tall :, left : left + wide] = 1.0
