"""A widget that looks at a part of a film: fit, zoom, pan, and what a new size does to them."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from cephview.core.tracing import XY
from cephview.ui.canvas.viewport import Viewport, fit

FIT_MARGIN_PX = 8.0
LOOK_CLOSER_ZOOM = 1.5


@dataclass(frozen=True)
class Frame:
    """What there is to look at. keep_left is free screen space asked for at the left of it."""

    width: int
    height: int
    aspect: float
    keep_left: float


class FramedView(QWidget):
    """Own the viewport. Who inherits says what to look at and is told when the view changed."""

    zoom_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewport: Viewport | None = None
        self._is_fitted = True

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
        """Show the whole film; it stays fitted when the view changes its size."""
        frame = self.frame()
        self._is_fitted = True
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
        )
        self._set_viewport(viewport, is_resized=True)

    def show_viewport(self, viewport: Viewport) -> None:
        """Show a part of the film; it is no longer fitted to the view."""
        self._is_fitted = False
        self._set_viewport(viewport)

    def zoom_by(self, factor: float, at: XY | None = None) -> None:
        """Zoom around a screen place, by default the middle."""
        if self._viewport is not None:
            where = at if at is not None else (self.width() / 2, self.height() / 2)
            self.show_viewport(self._viewport.zoomed(factor, where))

    def show_closer(self, at: XY) -> None:
        """Bring a place of the film to the middle, large enough to judge it."""
        if self._viewport is not None:
            self.show_viewport(self._viewport.closer_on(at, LOOK_CLOSER_ZOOM))

    def bring_into_view(self, at: XY) -> None:
        """Pan only where needed: a place near or beyond the edge comes to the middle."""
        # Fitted, all of the film is in view.
        if self._viewport is not None and not self._is_fitted:
            viewport = self._viewport.brought_into_view(at)
            if viewport is not self._viewport:
                self.show_viewport(viewport)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._resettle()
        super().resizeEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._resettle()
        return super().event(event)

    def _resettle(self) -> None:
        """Fit again, or keep what is in the middle, at a new size or pixel ratio."""
        if self._viewport is None or self._is_fitted:
            self.fit()
        else:
            size = self.width(), self.height(), self.devicePixelRatioF()
            self._set_viewport(self._viewport.resized(*size), is_resized=True)

    def _set_viewport(self, viewport: Viewport, *, is_resized: bool = False) -> None:
        old, self._viewport = self._viewport, viewport
        self.on_viewport(is_resized)
        if old is None or old.zoom != viewport.zoom:
            self.zoom_changed.emit(viewport.zoom)
        self.update()
