"""Names beside points, placed so that they cover neither each other nor a point."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen

from cephview.ui.canvas.marks import RING_RADIUS, MarksContext, is_shown, plane_ends
from cephview.ui.look.theme import font

TEXT_PX = 12
HALO_PX = 2.5
POINT_BOX = 8.0
COARSE_BOX = 4.0
# Screen pixels from a point to its name; the farther ones get a thin leader.
GAPS = (7.0, 15.0, 26.0, 40.0)
GAP_COST = (0.0, 0.8, 1.8, 3.2)
DIRECTIONS = ((1, -1), (1, 0), (1, 1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1))
DIRECTION_COST = (0.0, 0.05, 0.12, 0.25, 0.15, 0.18, 0.25, 0.3)
# Bone and teeth lie between the points, soft tissue and air beyond them.
INWARDS = 0.7
OVER_LABEL, OVER_POINT, OVER_COARSE, OVER_PLANE, OUTSIDE = 14.0, 10.0, 2.0, 0.8, 20.0
ROUNDS = 3
# Free space kept around a name: left, top, right, bottom.
AIR = np.array([-2.0, -1.0, 2.0, 1.0])

Boxes = NDArray[np.float64]


@dataclass(frozen=True)
class Label:
    """A name's box relative to its point, in screen pixels; has_leader where it stands apart."""

    landmark: str
    dx: float
    dy: float
    width: float
    height: float
    has_leader: bool

    def outwards(self, distance: float) -> tuple[float, float]:
        """Return a step of a length away from the point; none for a name that stands apart."""
        if self.has_leader or not distance:
            return 0.0, 0.0
        x, y = self.dx + self.width / 2, self.dy + self.height / 2
        # Along the box's own direction: beside it for a wide name, not slantwise.
        x, y = x / (self.width / 2), y / (self.height / 2)
        length = math.hypot(x, y)
        return distance * x / length, distance * y / length


def place_labels(context: MarksContext) -> tuple[Label, ...]:
    """Return the names of all shown points, each beside its point, on screen where the point is."""
    viewport = context.viewport
    seen: list[tuple[str, QPointF]] = []
    coarse: list[tuple[float, float]] = []
    everywhere: list[tuple[float, float]] = []
    for point in context.tracing:
        place = context.at(point)
        if place is None or not is_shown(context, point):
            continue
        everywhere.append((place.x(), place.y()))
        if (
            -40 < place.x() < viewport.view_width + 40
            and -40 < place.y() < viewport.view_height + 40
        ):
            seen.append((point.landmark, place))
        if point.coarse is not None and "coarse" in context.layers:
            coarse.append(viewport.to_screen(point.coarse.xy))
    sizes = [text_size(name) for name, _ in seen]
    spots = np.array([(place.x(), place.y()) for _, place in seen]).reshape(-1, 2)
    lines = plane_ends(context) if "planes" in context.layers else []
    x, y = np.array(everywhere).reshape(-1, 2).mean(0) if everywhere else (0.0, 0.0)
    middle = float(x), float(y)
    boxes, tiers = arrange(
        spots,
        np.array(sizes).reshape(-1, 2),
        np.array(coarse).reshape(-1, 2),
        _along(lines),
        (viewport.view_width, viewport.view_height),
        middle,
    )
    return tuple(
        Label(
            name,
            float(box[0] - spot[0]),
            float(box[1] - spot[1]),
            float(box[2] - box[0]),
            float(box[3] - box[1]),
            bool(tier > 0),
        )
        for (name, _), spot, box, tier in zip(seen, spots, boxes, tiers, strict=True)
    )


def arrange(
    spots: Boxes,
    sizes: Boxes,
    coarse: Boxes,
    on_lines: Boxes,
    view: tuple[float, float],
    middle: tuple[float, float],
) -> tuple[Boxes, NDArray[np.intp]]:
    """Choose a box for each name: the cheapest of 32 places, the crowded ones first, three rounds.

    spots: (n, 2) points; sizes: (n, 2) of the names; coarse: (m, 2); on_lines: (k, 2) places
    along lines; middle that of all points, seen or not; all in screen pixels. Returns boxes (n,
    4) as left, top, right, bottom and the index of the gap used by each (n,).
    """
    n = len(spots)
    if n == 0:
        return np.zeros((0, 4)), np.zeros(0, dtype=np.intp)
    offsets, base, tiers = _candidates(sizes)
    candidates = offsets + np.tile(spots, 2)[:, None, :]
    points = np.concatenate([spots - POINT_BOX, spots + POINT_BOX], axis=1)
    faint = np.concatenate([coarse - COARSE_BOX, coarse + COARSE_BOX], axis=1)
    flat = candidates.reshape(-1, 4)
    over_points = _overlap(flat, points).reshape(n, -1, n)
    over_points[np.arange(n), :, np.arange(n)] = 0
    outside = np.maximum(-flat[:, :2], 0).sum(1) + np.maximum(flat[:, 2:] - view, 0).sum(1)
    is_seen = np.all((spots >= 0) & (spots <= view), axis=1)
    cost = (
        base
        + OVER_POINT * over_points.sum(2)
        + OVER_COARSE * _overlap(flat, faint).sum(1).reshape(n, -1)
        + OVER_PLANE * _inside(flat, on_lines).reshape(n, -1)
        + OUTSIDE * np.minimum(outside / 8, 1).reshape(n, -1) * is_seen.reshape(n, 1)
        + INWARDS * _inwards(spots - middle, offsets)
    )
    apart = np.hypot(*(spots[:, None] - spots[None]).transpose(2, 0, 1))
    order = np.argsort(-(1 / (apart + 20)).sum(1), kind="stable")
    chosen = np.full(n, -1)
    taken = np.zeros((n, 4))
    for _ in range(ROUNDS):
        before = chosen.copy()
        for i in order:
            others = taken[(chosen >= 0) & (np.arange(n) != i)]
            # Any touch costs, so that names never run into each other.
            shared = _overlap(candidates[i], others + AIR)
            total = cost[i] + OVER_LABEL * (shared + 0.3 * (shared > 0)).sum(1)
            chosen[i] = int(np.argmin(total))
            taken[i] = candidates[i, chosen[i]]
        if (before == chosen).all():
            break
    picked = np.arange(n), chosen
    return candidates[picked], tiers[chosen]


def paint_labels(painter: QPainter, context: MarksContext, labels: Sequence[Label]) -> None:
    """Draw names beside where their points are now."""
    places = {point.landmark: context.at(point) for point in context.tracing}
    theme = context.theme
    dpr = context.viewport.dpr
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for label in labels:
        place = places.get(label.landmark)
        if place is None:
            continue
        box = QRectF(place.x() + label.dx, place.y() + label.dy, label.width, label.height)
        if label.has_leader:
            to = QPointF(
                min(max(place.x(), box.left() + 2), box.right() - 2),
                min(max(place.y(), box.top() + 2), box.bottom() - 2),
            )
            for pen in (QPen(QColor(0, 0, 0, 110), 2.4), QPen(theme.colour("coarse"), 0.9)):
                painter.setPen(pen)
                painter.drawLine(place, to)
    for label in labels:
        place = places.get(label.landmark)
        if place is None:
            continue
        selected = label.landmark == context.selection
        ink = theme.attention if selected else theme.on_film
        image = _text_image(label.landmark, ink, theme.halo, dpr)
        # The ring of the selected point pushes its name outwards.
        aside = label.outwards(RING_RADIUS - GAPS[0] + 2 if selected else 0.0)
        x = round((place.x() + label.dx + aside[0] - HALO_PX) * dpr) / dpr
        y = round((place.y() + label.dy + aside[1] - HALO_PX) * dpr) / dpr
        painter.drawImage(QPointF(x, y), image)
    painter.restore()


@lru_cache(maxsize=512)
def text_size(text: str) -> tuple[float, float]:
    """Return width and height of a name's ink box with a hair of air, in screen pixels."""
    metrics = QFontMetricsF(_label_font())
    return metrics.horizontalAdvance(text) + 2, metrics.capHeight() + 4


def _label_font() -> QFont:
    return font(TEXT_PX, 600)


@lru_cache(maxsize=1024)
def _text_image(text: str, ink: str, halo: str, dpr: float) -> QImage:
    width, height = text_size(text)
    image = QImage(
        round((width + 2 * HALO_PX) * dpr),
        round((height + 2 * HALO_PX) * dpr),
        QImage.Format.Format_ARGB32_Premultiplied,
    )
    image.setDevicePixelRatio(dpr)
    image.fill(Qt.GlobalColor.transparent)
    path = QPainterPath()
    path.addText(QPointF(HALO_PX + 1, HALO_PX + height - 2), _label_font(), text)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(QColor(halo), 2 * HALO_PX)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(path, pen)
    painter.fillPath(path, QColor(ink))
    painter.end()
    return image


def _candidates(sizes: Boxes) -> tuple[Boxes, Boxes, NDArray[np.intp]]:
    """Return boxes relative to the point (n, 32, 4), their cost (32,) and index of gap (32,)."""
    steps = np.array([d for _ in GAPS for d in DIRECTIONS], dtype=float)
    gaps = np.repeat(np.array(GAPS), len(DIRECTIONS))
    diagonal = np.abs(steps).sum(1) == 2
    reach = np.where(diagonal, gaps * 0.72, gaps)
    centre = steps[None] * (sizes[:, None, :] / 2 + reach[None, :, None])
    half = np.broadcast_to(sizes[:, None, :] / 2, centre.shape)
    cost = np.add.outer(np.array(GAP_COST), np.array(DIRECTION_COST)).ravel()
    tiers = np.repeat(np.arange(len(GAPS)), len(DIRECTIONS))
    return np.concatenate([centre - half, centre + half], axis=2), cost, tiers


def _inwards(away: Boxes, offsets: Boxes) -> Boxes:
    """Return how far each box lies on the inner side of its point, 0 to 1, (n, 32).

    away is the way of each point from the middle of all, (n, 2).
    """
    centre = (offsets[..., :2] + offsets[..., 2:]) / 2
    lengths = np.hypot(*away.T)[:, None] * np.hypot(centre[..., 0], centre[..., 1])
    along = (centre * away[:, None]).sum(2) / np.maximum(lengths, 1e-9)
    result: Boxes = (1 - along) / 2
    return result


def _overlap(boxes: Boxes, others: Boxes) -> Boxes:
    """Return shared area over the smaller one's area, (boxes, others)."""
    left, top, right, bottom = (boxes[:, i : i + 1] for i in range(4))
    width = np.minimum(right, others[:, 2]) - np.maximum(left, others[:, 0])
    height = np.minimum(bottom, others[:, 3]) - np.maximum(top, others[:, 1])
    shared = np.maximum(width, 0) * np.maximum(height, 0)
    theirs = (others[:, 2] - others[:, 0]) * (others[:, 3] - others[:, 1])
    result: Boxes = shared / np.minimum((right - left) * (bottom - top), theirs)
    return result


def _inside(boxes: Boxes, places: Boxes) -> Boxes:
    """Return how much of lines runs through each box, 0 to 1, (boxes,)."""
    x, y = places[:, 0], places[:, 1]
    within = (x >= boxes[:, :1]) & (x <= boxes[:, 2:3])
    within &= (y >= boxes[:, 1:2]) & (y <= boxes[:, 3:])
    result: Boxes = np.minimum(within.sum(1) / 3, 1)
    return result


def _along(lines: Sequence[tuple[QPointF, QPointF]]) -> Boxes:
    """Return places about every eight pixels along lines, (k, 2)."""
    parts = []
    for a, b in lines:
        ends = np.array([[a.x(), a.y()], [b.x(), b.y()]])
        count = min(int(np.hypot(*(ends[1] - ends[0])) / 8) + 2, 60)
        parts.append(np.linspace(ends[0], ends[1], count))
    return np.concatenate(parts) if parts else np.zeros((0, 2))
