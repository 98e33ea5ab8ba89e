"""A framed film and how its grey values are shown: window, inversion, gamma."""

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from cephview.core.film import Film, Levels
from cephview.ui.canvas.backdrop import Shown
from cephview.ui.canvas.framing import FramedView
from cephview.ui.canvas.levels import automatic_levels
from cephview.ui.canvas.scene import Scene
from cephview.ui.theme import Theme


class DisplayView(FramedView):
    """Own the picture of one film. The film itself is never changed by how it is shown."""

    levels_changed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown_film: Film | None = None
        self._scene: Scene | None = None
        self._shown = Shown(Levels(0, 1))
        self._is_inverted = self._is_negative = False

    @property
    def levels(self) -> Levels | None:
        return self._shown.levels if self._scene is not None else None

    @property
    def is_inverted(self) -> bool:
        """Return whether the reader asked to see bone dark, whatever the film is."""
        return self._is_inverted

    def set_levels(self, levels: Levels) -> None:
        """Change the display window."""
        if self._scene is not None and levels != self._shown.levels:
            self._show(levels=levels)
            self.levels_changed.emit(levels)

    def auto_levels(self) -> None:
        """Take the display window from the film's own grey values."""
        if self._shown_film is not None:
            self.set_levels(automatic_levels(self._shown_film.pixels))

    def reset_levels(self) -> None:
        """Go back to the display window the file asks for."""
        if self._shown_film is not None:
            self.set_levels(self._shown_film.levels)

    def set_inverted(self, inverted: bool) -> None:
        """Show bone dark, or bright again."""
        self._is_inverted = inverted
        self._show(inverted=self._is_inverted != self._is_negative)

    def set_negative(self, is_negative: bool) -> None:
        """Say whether bone is dark in the film as it is on file."""
        if is_negative != self._is_negative:
            self._is_negative = is_negative
            self._show(inverted=self._is_inverted != self._is_negative)

    def set_gamma(self, gamma: float) -> None:
        """Brighten (above 1) or darken the middle greys."""
        self._show(gamma=gamma)

    def show_picture(self, film: Film | None, *, is_negative: bool = False) -> None:
        """Go to another film, or to none, and fit it."""
        self._shown_film = film
        self._scene = self._viewport = None
        if film is not None:
            # Inversion and gamma are the reader's; the window and what is a negative, the film's.
            self._is_negative = is_negative
            inverted = self._is_inverted != is_negative
            self._shown = replace(self._shown, levels=film.levels, inverted=inverted)
            self._scene = Scene(film, self._shown, self._theme)
            self.fit()
            self.levels_changed.emit(film.levels)
        self.update()

    def _show(self, **changes: Any) -> None:
        self._shown = replace(self._shown, **changes)
        if self._scene is not None:
            self._scene.show(self._shown)
            self.update()

    def _forget_labels(self) -> None:
        if self._scene is not None:
            self._scene.forget_labels()
        self.update()
