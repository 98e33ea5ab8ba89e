"""The live plot of a fine-tune: training loss, and the error on films kept aside."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cephview.ui.look.theme import Theme, font, scaled

HEIGHT = 150
# Of the held-out error; a curve of a few hundredths would fill the height with noise.
_LEAST_SPAN = 0.2


class LearningPlot(QWidget):
    """Two curves over the steps: loss at the left axis' scale, held-out error at the right's."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFixedHeight(scaled(HEIGHT))
        self._widget = pg.PlotWidget()
        self._widget.setMenuEnabled(False)
        self._widget.setMouseEnabled(x=False, y=False)
        self._widget.hideButtons()
        self._widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        plot = self._widget.getPlotItem()
        for side in ("left", "bottom", "right"):
            plot.showAxis(side)
            axis = plot.getAxis(side)
            axis.setStyle(tickLength=-3, tickFont=font(11))
            axis.label.setFont(font(11))
            # "error (x0.001)" is no unit.
            axis.enableAutoSIPrefix(False)
        plot.setContentsMargins(4, 8, 4, 4)
        plot.getAxis("left").setWidth(scaled(46))
        plot.getAxis("right").setWidth(scaled(46))
        plot.getAxis("bottom").setHeight(scaled(34))
        self._loss = plot.plot()
        self._right = pg.ViewBox(enableMenu=False)
        self._right.setMouseEnabled(x=False, y=False)
        plot.scene().addItem(self._right)
        plot.getAxis("right").linkToView(self._right)
        self._right.setXLink(plot)
        self._holdout = pg.PlotDataItem(symbol="d", symbolSize=7, symbolPen=None)
        self._right.addItem(self._holdout)
        plot.getViewBox().sigResized.connect(self._follow)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._widget)
        self.theme_changed()

    def theme_changed(self) -> None:
        theme, plot = self._theme, self._widget.getPlotItem()
        self._widget.setBackground(theme.surface_2)
        for side in ("left", "bottom", "right"):
            axis = plot.getAxis(side)
            axis.setPen(theme.line_strong)
            axis.setTextPen(theme.text_3)
        plot.setLabel("left", "loss", color=theme.refined_text)
        plot.setLabel("bottom", "step", color=theme.text_3)
        self._loss.setPen(pg.mkPen(theme.refined, width=1.5))
        self._holdout.setPen(pg.mkPen(theme.human, width=1.5))
        self._holdout.setSymbolBrush(theme.human)
        if plot.getAxis("right").labelText:
            plot.getAxis("right").setLabel(color=theme.human_text)

    def show_curves(
        self,
        losses: tuple[tuple[int, float], ...],
        holdout: tuple[tuple[int, float], ...],
        unit: str,
    ) -> None:
        """Draw (step, value) pairs; values that are not finite are left out.

        unit: that of the held-out error.
        """
        plot = self._widget.getPlotItem()
        steps, values = _columns(losses)
        self._loss.setData(steps, values)
        plot.setYRange(0.0, float(values.max(initial=1e-3)), padding=0.05)
        steps, values = _columns(holdout)
        self._holdout.setData(steps, values)
        plot.showAxis("right", bool(len(values)))
        if len(values):
            plot.setLabel(
                "right", f"error, {unit}" if unit else "error", color=self._theme.human_text
            )
            self._right.setYRange(*_span(values), padding=0.05)

    def _follow(self) -> None:
        self._right.setGeometry(self._widget.getPlotItem().getViewBox().sceneBoundingRect())


def _span(values: np.ndarray) -> tuple[float, float]:
    """Return the range to show of errors, in their unit."""
    low, high = float(values.min()), float(values.max())
    missing = max(0.0, _LEAST_SPAN - (high - low)) / 2
    return max(0.0, low - missing), high + missing


def _columns(pairs: tuple[tuple[int, float], ...]) -> tuple[np.ndarray, np.ndarray]:
    array = np.asarray(pairs, dtype=float).reshape(-1, 2)
    array = array[np.isfinite(array).all(axis=1)]
    return array[:, 0], array[:, 1]
