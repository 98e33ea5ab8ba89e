"""The Bland-Altman plot of one landmark: both readers' difference over their mean."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cephview.core.agreement import Limits
from cephview.core.comparison import LandmarkAgreement
from cephview.ui.look.theme import Theme, font, scaled

AXES = ("x", "y")
_WAYS = ("to the right", "down")
# Where readers agree to a hundredth, noise must not fill the height.
_LEAST_SPAN_MM = 1.0


class AgreementPlot(QWidget):
    """A dot a film; a line at the mean difference, dashed ones at the 95 % limits."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._widget = pg.PlotWidget()
        self._widget.setMenuEnabled(False)
        self._widget.setMouseEnabled(x=False, y=False)
        self._widget.hideButtons()
        self._widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        plot = self._widget.getPlotItem()
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setStyle(tickLength=-3, tickFont=font(11))
            axis.label.setFont(font(11))
            axis.enableAutoSIPrefix(False)
        plot.setContentsMargins(4, 8, 8, 4)
        plot.getAxis("left").setWidth(scaled(46))
        plot.getAxis("bottom").setHeight(scaled(36))
        self.dots = pg.ScatterPlotItem(size=7, pen=None)
        plot.addItem(self.dots)
        self.lines = [pg.InfiniteLine(angle=0) for _ in range(3)]
        for line in self.lines:
            plot.addItem(line)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._widget)
        self._labels = "", ""
        self.theme_changed()

    def theme_changed(self) -> None:
        theme, plot = self._theme, self._widget.getPlotItem()
        self._widget.setBackground(theme.surface_2)
        for side, text in zip(("bottom", "left"), self._labels, strict=True):
            axis = plot.getAxis(side)
            axis.setPen(theme.line_strong)
            axis.setTextPen(theme.text_3)
            plot.setLabel(side, text, color=theme.text_2)
        self.dots.setBrush(theme.colour("refined", 0.7))
        solid = pg.mkPen(theme.attention, width=1.5)
        dashed = pg.mkPen(theme.attention, width=1.2, style=Qt.PenStyle.DashLine)
        for line, pen in zip(self.lines, (solid, dashed, dashed), strict=True):
            line.setPen(pen)

    def show_landmark(
        self, landmark: LandmarkAgreement | None, axis: int, unit: str = "mm"
    ) -> None:
        """Draw a landmark's differences along an axis, in a unit; None clears."""
        plot = self._widget.getPlotItem()
        limits: Limits | None = None
        mean = difference = np.zeros(0)
        if landmark is not None:
            mean, difference = landmark.bland_altman(axis)
            found = landmark.agreement
            limits = None if found is None else (found.x, found.y)[axis]
            origin = "nasion" if landmark.landmark == "S" else "sella"
            self._labels = (
                f"mean of both, {unit} {_WAYS[axis]} of {origin}"
                if axis == 0
                else f"mean of both, {unit} below {origin}",
                f"difference in {AXES[axis]}, {unit}",
            )
        self.dots.setData(mean, difference)
        for line in self.lines:
            line.setVisible(limits is not None)
        values = [float(value) for value in difference]
        if limits is not None:
            for line, value in zip(self.lines, (limits.bias, limits.low, limits.high), strict=True):
                line.setValue(value)
                values.append(value)
        if values:
            low, high = min(values), max(values)
            missing = max(0.0, _LEAST_SPAN_MM - (high - low)) / 2
            plot.setYRange(low - missing, high + missing, padding=0.08)
        if len(mean):
            plot.setXRange(float(mean.min()), float(mean.max()), padding=0.08)
        self.theme_changed()
