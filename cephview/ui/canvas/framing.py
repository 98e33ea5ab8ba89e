"""A widget that looks at a part of a film: fit, zoom, pan, and what a new size does to them."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from cephview.core.detection import Turn
from cephview.core.tracing import XY
from cephview.core.turning import AS_ON_FILE
from cephview.ui.canvas.viewport import Viewport, fit

FIT_MARGIN_PX = 8.0
LOOK_CLOSER_ZOOM = 1.5
ZOOM_STEP = 1.25


@dataclass(frozen=True)
class Frame:
    """What there is to look at, and how it is turned.

    keep_left is free screen space asked for at the left of it.
    """

    width: int
    height: int
    aspect: float
    keep_left: float
    turn: Turn = AS_ON_FILE


class FramedView(QWidget):
    """Own the viewport. Who inherits says what to look at and is told when the view changed."""

    zoom_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewport: Viewport | None = None
        self._is_fitted = True
        # Where a hand holds the film: on the monitor, and on this widget when it was last settled.
        self._held: tuple[QPointF, XY] | None = None
        self._is_fit_due = False

    @property
    def viewport(self) -> Viewport | None:
        return self._viewport

    @property
    def zoom(self) -> float:
        """Return device pixels a film pixel."""
        return self._viewport.zoom if self._viewport is not None else 1.0

    def frame(self) -> Frame | None:
        """Return what to look at; None for nothing."""
        raise NotImplementedError

    def on_viewport(self, is_resized: bool) -> None:
        """Hear that the viewport changed."""
        raise NotImplementedError

    def fit(self) -> None:
        """Show the whole film; it stays fitted when the view changes its size.

        While a hand holds the film it waits until the hand lets go.
        """
        frame = self.frame()
        self._is_fitted = True
        self._is_fit_due = self._held is not None
        if self._is_fit_due and self._viewport is not None:
            return
        if frame is None:
            self._viewport = None
            return
        viewport = fit(
            (frame.width, frame.height),
            (self.width(), self.height()),
            aspect=frame.aspect,
            dpr=self.devicePixelRatioF(),
            margin=FIT_MARGIN_PX,
            keep_left=frame.keep_left,
            turn=frame.turn,
        )
        self._set_viewport(viewport, is_resized=True)

    def show_turned(self, turn: Turn) -> None:
        """Show the film turned, around the same place and as large where it is not fitted."""
        if self._viewport is None or self._viewport.turn == turn:
            return
        if self._is_fitted:
            self.fit()
        else:
            self._set_viewport(self._viewport.turned(turn))

    def show_viewport(self, viewport: Viewport) -> None:
        """Show a part of the film; it is no longer fitted to the view."""
        self._is_fitted = self._is_fit_due = False
        self._set_viewport(viewport)

    def zoom_by(self, factor: float, at: XY | None = None) -> None:
        """Zoom around a screen place, by default what a hand holds, else the middle."""
        if self._viewport is not None:
            middle = self._held[1] if self._held is not None else self._middle()
            where = at if at is not None else middle
            self.show_viewport(self._viewport.zoomed(factor, where))

    def zoom_in(self) -> None:
        """Enlarge the film by a step."""
        self.zoom_by(ZOOM_STEP)

    def zoom_out(self) -> None:
        """Make the film smaller by a step."""
        self.zoom_by(1 / ZOOM_STEP)

    def show_closer(self, at: XY) -> None:
        """Bring a place of the film to the middle, large enough to judge it."""
        if self._viewport is not None and self._held is None:
            self.show_viewport(self._viewport.closer_on(at, LOOK_CLOSER_ZOOM))

    def bring_into_view(self, at: XY) -> None:
        """Pan only where needed: a place near or beyond the edge comes to the middle."""
        # Fitted, all of the film is in view.
        if self._viewport is not None and not self._is_fitted and self._held is None:
            viewport = self._viewport.brought_into_view(at)
            if viewport is not self._viewport:
                self.show_viewport(viewport)

    def hold(self, at: QPointF | None) -> None:
        """Note where on the monitor a hand holds the film, or with None that it lets go.

        What is held stays under the hand, even where the widget itself is moved or resized.
        """
        if at is not None:
            if self._held is not None and self._local(self._held[0]) != self._held[1]:
                self._resettle()
            self._held = at, self._local(at)
        elif self._held is not None:
            self._held = None
            if self._is_fit_due:
                self.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._resettle()
        super().resizeEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._resettle()
        return super().event(event)

    def _resettle(self) -> None:
        """Fit again, or keep what is held or in the middle, at a new size or pixel ratio."""
        size = self.width(), self.height(), self.devicePixelRatioF()
        if self._viewport is not None and self._held is not None:
            on_monitor, before = self._held
            self._held = on_monitor, self._local(on_monitor)
            self._is_fit_due = self._is_fitted
            place = self._viewport.to_film(before)
            viewport = self._viewport.resized(*size).pinned(place, self._held[1])
            self._set_viewport(viewport, is_resized=True)
        elif self._viewport is None or self._is_fitted:
            self.fit()
        else:
            self._set_viewport(self._viewport.resized(*size), is_resized=True)

    def _local(self, on_monitor: QPointF) -> XY:
        place = self.mapFromGlobal(on_monitor)
        return place.x(), place.y()

    def _middle(self) -> XY:
        return self.width() / 2, self.height() / 2

    def _set_viewport(self, viewport: Viewport, *, is_resized: bool = False) -> None:
        old, self._viewport = self._viewport, viewport
        self.on_viewport(is_resized)
        if old is None or old.zoom != viewport.zoom:
            self.zoom_changed.emit(viewport.zoom)
        self.update()
