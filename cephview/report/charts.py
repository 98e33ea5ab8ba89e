"""The geometry of the report's charts, in units of their SVG; the template draws them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cephview.report.figures import SHARES, THRESHOLDS_MM, Figures, ReaderRow
from cephview.report.measured import LAYERS

Floats = NDArray[np.float64]

WIDTH, HEIGHT = 520.0, 340.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 14.0, 12.0, 44.0
ROW_PX = 22.0
NAME_PX = 56.0
_SAMPLES = 240


@dataclass(frozen=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True)
class Line:
    """name is the class that gives it its look; path is an SVG path."""

    name: str
    path: str


@dataclass(frozen=True)
class Chart:
    """A frame from (left, top) to (right, bottom), its ticks and lines; guides are vertical."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    x_label: str
    y_label: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    lines: tuple[Line, ...]
    guides: tuple[Tick, ...] = ()


@dataclass(frozen=True)
class Pair:
    """A row of the readers' chart: both distances, and where they lie."""

    row: ReaderRow
    y: float
    reader_x: float
    model_x: float


@dataclass(frozen=True)
class PairChart:
    width: float
    height: float
    left: float
    bottom: float
    x_ticks: tuple[Tick, ...]
    pairs: tuple[Pair, ...]


def cumulative_chart(figures: Figures) -> Chart:
    """Return the share of points within each distance, both layers."""
    known = {name: figures.layer(name).radial for name in LAYERS}
    known = {name: np.sort(radial[np.isfinite(radial)]) for name, radial in known.items()}
    reach = max(float(np.quantile(values, 0.99)) for values in known.values())
    step = nice_step(reach, 6)
    # Errors in millimetres are read against 4 mm, however small all of them are.
    last = max(step * math.ceil(reach / step), 4.0 if figures.unit == "mm" else 0.0)
    grid = np.linspace(0.0, last, _SAMPLES)
    lines = (
        Line(
            name,
            path_of(
                grid / last, np.searchsorted(known[name], grid, side="right") / known[name].size
            ),
        )
        for name in LAYERS
    )
    thresholds = THRESHOLDS_MM if figures.unit == "mm" else ()
    return _chart(
        f"radial error, {figures.unit}",
        "points within, %",
        [(value / last, f"{value:g}") for value in _steps(last, step)],
        tuple(lines),
        tuple(Tick(_x(t / last), f"{t:g}") for t in thresholds if t <= last),
    )


def calibration_chart(figures: Figures) -> Chart:
    """Return the observed share of true points within the ellipse of each expected share."""
    expected = np.array(SHARES) / 100
    lines = [Line("ideal", path_of(np.array([0.0, 1.0]), np.array([0.0, 1.0])))]
    for name in LAYERS:
        observed = np.array(figures.layer(name).observed) / 100
        if observed.size:
            lines.append(Line(name, path_of(expected, observed)))
    return _chart(
        "expected within the ellipse, %",
        "observed, %",
        [(value / 100, str(value)) for value in range(0, 101, 20)],
        tuple(lines),
    )


def reader_chart(rows: Sequence[ReaderRow]) -> PairChart:
    """Return a row a landmark: a second reader and the model, each as far as it is from the truth.

    rows holds one at least.
    """
    reach = max(max(row.reader, row.model) for row in rows) or 1.0
    step = nice_step(reach, 6)
    last = step * math.ceil(reach / step)
    width = 2 * WIDTH

    def x(value: float) -> float:
        return round(NAME_PX + value / last * (width - NAME_PX - RIGHT), 2)

    pairs = tuple(
        Pair(row, TOP + (i + 0.5) * ROW_PX, x(row.reader), x(row.model))
        for i, row in enumerate(rows)
    )
    bottom = TOP + len(rows) * ROW_PX
    ticks = tuple(Tick(x(value), f"{value:g}") for value in _steps(last, step))
    return PairChart(width, bottom + BOTTOM, NAME_PX, bottom, ticks, pairs)


def nice_step(reach: float, most: int) -> float:
    """Return 1, 2 or 5 times a power of ten, so that at most so many steps lie within reach."""
    rough = max(reach, 1e-9) / most
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= rough * 0.999)


def path_of(x: Floats, y: Floats) -> str:
    """Return an SVG path through points of the unit square, y up, within the frame of a chart."""
    points = [f"{_x(a):g} {_y(b):g}" for a, b in zip(x, y, strict=True)]
    return "M" + " L".join(points)


def _chart(
    x_label: str,
    y_label: str,
    x_ticks: Sequence[tuple[float, str]],
    lines: tuple[Line, ...],
    guides: tuple[Tick, ...] = (),
) -> Chart:
    return Chart(
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        right=WIDTH - RIGHT,
        top=TOP,
        bottom=HEIGHT - BOTTOM,
        x_label=x_label,
        y_label=y_label,
        x_ticks=tuple(Tick(_x(at), label) for at, label in x_ticks),
        y_ticks=tuple(Tick(_y(value / 100), str(value)) for value in range(0, 101, 20)),
        lines=lines,
        guides=guides,
    )


def _steps(last: float, step: float) -> list[float]:
    return [round(i * step, 9) for i in range(math.floor(last / step + 1e-9) + 1)]


def _x(share: float) -> float:
    return round(float(LEFT + share * (WIDTH - LEFT - RIGHT)), 2)


def _y(share: float) -> float:
    return round(float(HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)), 2)
