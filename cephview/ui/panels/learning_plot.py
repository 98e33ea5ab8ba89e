"""The live plot of a fine-tune: training loss, and the error on films kept aside."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cephview.ui.theme import Theme

HEIGHT = 150


class LearningPlot(QWidget):
    """Two curves over the steps: loss at the left axis' scale, held-out error at the right's."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self._widget = pg.PlotWidget(background=theme.surface_2)
        self._widget.setMenuEnabled(False)
        self._widget.setMouseEnabled(x=False, y=False)
        self._widget.hideButtons()
        self._widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        plot = self._widget.getPlotItem()
        for side in ("left", "bottom", "right"):
            plot.showAxis(side)
            axis = plot.getAxis(side)
            axis.setPen(theme.line_strong)
            axis.setTextPen(theme.text_3)
            axis.setStyle(tickLength=-3)
        plot.setLabel("left", "loss", color=theme.text_3)
        plot.setLabel("right", "held-out error", color=theme.human)
        self._loss = plot.plot(pen=pg.mkPen(theme.refined, width=1.5))
        self._right = pg.ViewBox(enableMenu=False)
        self._right.setMouseEnabled(x=False, y=False)
        plot.scene().addItem(self._right)
        plot.getAxis("right").linkToView(self._right)
        self._right.setXLink(plot)
        self._holdout = pg.PlotDataItem(
            pen=pg.mkPen(theme.human, width=1.5),
            symbol="d",
            symbolSize=7,
            symbolBrush=theme.human,
            symbolPen=None,
        )
        self._right.addItem(self._holdout)
        plot.getViewBox().sigResized.connect(self._follow)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._widget)

    def show_curves(
        self, losses: tuple[tuple[int, float], ...], holdout: tuple[tuple[int, float], ...]
    ) -> None:
        """Draw (step, value) pairs; values that are not finite are left out."""
        self._loss.setData(*_columns(losses))
        self._holdout.setData(*_columns(holdout))

    def _follow(self) -> None:
        self._right.setGeometry(self._widget.getPlotItem().getViewBox().sceneBoundingRect())


def _columns(pairs: tuple[tuple[int, float], ...]) -> tuple[np.ndarray, np.ndarray]:
    array = np.asarray(pairs, dtype=float).reshape(-1, 2)
    array = array[np.isfinite(array).all(axis=1)]
    return array[:, 0], array[:, 1]
