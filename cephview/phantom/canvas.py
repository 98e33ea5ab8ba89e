"""Antialiased drawing of attenuation on a plane measured in millimetres."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from cephview.phantom.curves import Points, normals

Plane = NDArray[np.float32]
_FINE = 3

# Layers by how blurred their content lies on the film, as standard deviation in mm.
LAYERS_MM = {"crisp": 0.14, "fine": 0.35, "soft": 0.9, "diffuse": 2.4, "cloud": 6.0}


def resized(plane: Plane, size: tuple[int, int]) -> Plane:
    """Resample to (width, height), edges kept on edges."""
    if (plane.shape[1], plane.shape[0]) == size:
        return plane
    picture = Image.fromarray(plane).resize(size, Image.Resampling.BICUBIC)
    return np.asarray(picture, dtype=np.float32)


def blurred(plane: Plane, sigma_px: float) -> Plane:
    """Blur by a Gaussian; a wide one works on a reduced plane, which nobody can see."""
    if sigma_px < 0.15:
        return plane
    factor = int(sigma_px / 1.6)
    if factor < 2:
        return np.asarray(ndimage.gaussian_filter(plane, sigma_px, mode="nearest", truncate=3.0))
    height, width = plane.shape
    small = np.asarray(Image.fromarray(plane).reduce(factor), dtype=np.float32)
    small = ndimage.gaussian_filter(small, sigma_px / factor, mode="nearest", truncate=3.0)
    # reduce() rounds the size up; the surplus lies right and below.
    box = (0.0, 0.0, width / factor, height / factor)
    picture = Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC, box=box)
    return np.asarray(picture, dtype=np.float32)


@dataclass(eq=False)
class Canvas:
    """Planes of attenuation, one a layer of sharpness. Places are millimetres from the top left.

    Canvas pixels are step_mm wide and step_mm * stretch high: rounding their number to cover the
    film exactly leaves them not quite square.
    """

    width_px: int
    height_px: int
    step_mm: float
    stretch: float = 1.0
    layers: dict[str, Plane] = field(default_factory=dict)

    @property
    def _steps(self) -> Points:
        return np.array([self.step_mm, self.step_mm * self.stretch])

    def _layer(self, name: str) -> Plane:
        if name not in self.layers:
            self.layers[name] = np.zeros((self.height_px, self.width_px), dtype=np.float32)
        return self.layers[name]

    def _patch(self, points: Points, margin_mm: float = 0.0) -> tuple[int, int, int, int] | None:
        low = np.floor((points.min(0) - margin_mm) / self._steps).astype(int) - 1
        high = np.ceil((points.max(0) + margin_mm) / self._steps).astype(int) + 1
        left, top = max(int(low[0]), 0), max(int(low[1]), 0)
        right, bottom = min(int(high[0]), self.width_px), min(int(high[1]), self.height_px)
        return (left, top, right, bottom) if right > left and bottom > top else None

    def _raster(self, polygons: list[Points], box: tuple[int, int, int, int]) -> Plane:
        left, top, right, bottom = box
        picture = Image.new("L", ((right - left) * _FINE, (bottom - top) * _FINE))
        draw = ImageDraw.Draw(picture)
        for points in polygons:
            fine = (points / self._steps - (left, top)) * _FINE - 0.5
            draw.polygon(fine.ravel().tolist(), fill=255)
        return np.asarray(picture.reduce(_FINE), dtype=np.float32) / np.float32(255)

    def _thinned(self, points: Points) -> Points:
        """Leave out samples that lie closer together than a third of a canvas pixel."""
        if len(points) < 4:
            return points
        length = float(np.abs(np.diff(points, axis=0)).sum())
        stride = int(self.step_mm / 3 * len(points) / max(length, 1e-6))
        if stride < 2:
            return points
        return np.asarray(np.vstack([points[:-1:stride], points[-1:]]))

    def mask(self, points: Points) -> Plane:
        """Return the coverage of a polygon over the whole canvas, in [0, 1]."""
        plane = np.zeros((self.height_px, self.width_px), dtype=np.float32)
        box = self._patch(points)
        if box is not None:
            left, top, right, bottom = box
            plane[top:bottom, left:right] = self._raster([points], box)
        return plane

    def soft_mask(self, points: Points, sigma_mm: float) -> Plane:
        """Return the coverage of a polygon over the whole canvas with a blurred edge."""
        return blurred(self.mask(points), sigma_mm / self.step_mm)

    def fill(self, points: Points, amount: float, layer: str = "fine") -> None:
        """Add an even thickness inside a polygon."""
        self.fill_all([self._thinned(points)], amount, layer)

    def fill_all(self, polygons: list[Points], amount: float, layer: str = "fine") -> None:
        """Add an even thickness inside any of many polygons, once where they overlap."""
        box = self._patch(polygons[0] if len(polygons) == 1 else np.vstack(polygons))
        if box is None:
            return
        left, top, right, bottom = box
        patch = self._raster(polygons, box)
        patch *= np.float32(amount)
        self._layer(layer)[top:bottom, left:right] += patch

    def stroke(self, points: Points, width_mm: float, amount: float, layer: str = "fine") -> None:
        """Add a line of a width, centred on the curve."""
        self.stroke_all([points], width_mm, amount, layer)

    def stroke_all(
        self, lines: list[Points], width_mm: float, amount: float, layer: str = "fine"
    ) -> None:
        """Add many lines of a width, once where they overlap."""
        thinnest = 1.2 * self.step_mm / _FINE
        if width_mm < thinnest:
            amount, width_mm = amount * width_mm / thinnest, thinnest
        ribbons = []
        for points in map(self._thinned, lines):
            half = normals(points) * (width_mm / 2)
            ribbons.append(np.concatenate([points + half, (points - half)[::-1]]))
        self.fill_all(ribbons, amount, layer)

    def cortex(
        self, points: Points, width_mm: float | Points, amount: float, layer: str = "crisp"
    ) -> None:
        """Add a shell seen edge-on: densest just inside the curve, fading to its right.

        A negative width lies to the left of the curve's way (as seen on the film); an array of
        shape (n, 1) gives one width a point.
        """
        if isinstance(width_mm, float | int):
            points = self._thinned(points)
        inward = normals(points) * width_mm
        for share in (0.34, 0.62, 1.0):
            inner = points + share * inward
            self.fill_all([np.concatenate([points, inner[::-1]])], amount / 3, layer)

    def ring(self, centre: Points, radius_mm: float, width_mm: float, amount: float) -> None:
        """Add a circular line."""
        angle = np.linspace(0, 2 * np.pi, 72)
        circle = centre + radius_mm * np.column_stack([np.cos(angle), np.sin(angle)])
        self.stroke(circle, width_mm, amount, "crisp")

    def dome(
        self,
        points: Points,
        amount: float,
        radius_mm: float,
        edge_mm: float = 0.5,
        where: Plane | float = 1.0,
    ) -> None:
        """Add a rounded solid: the chord of the beam grows from the outline to a flat top.

        radius_mm is how far from the outline the full thickness is reached.
        """
        mask = self.mask(points)

        def chord(depth: Plane) -> Plane:
            return np.asarray(np.sqrt(1 - np.clip(1 - (depth + edge_mm) / radius_mm, 0, 1) ** 2))

        self._layer("fine")[:] += self._by_depth(mask, chord) * np.float32(amount) * where

    def shell(
        self, points: Points, amount: float, falloff_mm: float, where: Plane | float = 1.0
    ) -> None:
        """Add the wall of a hollow body: met edge-on at the outline, face-on further in.

        where, in [0, 1], lets the wall end softly on a part of the canvas.
        """
        mask = self.mask(points)

        def wall(depth: Plane) -> Plane:
            return np.asarray(1 / np.sqrt(1 + depth / falloff_mm))

        self._layer("fine")[:] += self._by_depth(mask, wall) * np.float32(amount) * where

    def _by_depth(self, mask: Plane, profile: Callable[[Plane], Plane]) -> Plane:
        """Return mask times a smooth function of the depth (mm) below its outline."""
        factor = max(1, round(1.2 / self.step_mm))
        padded = np.pad(mask, factor * 2, mode="edge")
        small = np.asarray(Image.fromarray(padded).reduce(factor), dtype=np.float32)
        depth = ndimage.distance_transform_edt(small > 0.5) * (factor * self.step_mm)
        smooth = ndimage.gaussian_filter(profile(depth).astype(np.float32), 0.8)
        width, height = mask.shape[1], mask.shape[0]
        box = (2.0, 2.0, 2 + width / factor, 2 + height / factor)
        picture = Image.fromarray(smooth).resize((width, height), Image.Resampling.BICUBIC, box=box)
        return np.asarray(mask * np.asarray(picture))

    def total(self) -> Plane:
        """Return the sum of all layers, each blurred as it lies on the film."""
        plane = np.zeros((self.height_px, self.width_px), dtype=np.float32)
        for name, layer in self.layers.items():
            plane += blurred(layer, LAYERS_MM[name] / self.step_mm)
        return plane
