"""A framed film and how its grey values are shown: window, inversion, gamma, enhancement."""

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from cephview.core.film import Film, Levels
from cephview.ui.canvas.backdrop import Shown
from cephview.ui.canvas.enhancing import Enhancement, enhanced
from cephview.ui.canvas.framing import FramedView
from cephview.ui.canvas.levels import PRESETS, automatic_levels, preset_levels
from cephview.ui.canvas.pyramid import Pyramid
from cephview.ui.canvas.scene import Scene
from cephview.ui.look.theme import Theme
from cephview.ui.work.background import Background

GAMMA_STEP = 1.1
GAMMAS = (0.4, 2.5)


class DisplayView(FramedView):
    """Own the picture of one film. The film itself is never changed by how it is shown.

    told carries a line on what is shown otherwise now.
    """

    levels_changed = Signal(object)
    told = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown_film: Film | None = None
        self._scene: Scene | None = None
        self._shown = Shown(Levels(0, 1))
        self._is_inverted = self._is_negative = False
        self._enhancement = Enhancement()
        self._enhanced: dict[Enhancement, Pyramid] = {}
        self._background = Background(self)
        self._awaited = ""

    @property
    def levels(self) -> Levels | None:
        return self._shown.levels if self._scene is not None else None

    @property
    def is_inverted(self) -> bool:
        """Return whether the reader asked to see bone dark, whatever the film is."""
        return self._is_inverted

    def show_awaited(self, words: str) -> None:
        """Say what is on its way where there is no film; "" invites to open one."""
        self._awaited = words
        self.update()

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

    def use_preset(self, name: str) -> None:
        """Take the display window from a preset of PRESETS. Raises KeyError for an unknown one."""
        preset, film = PRESETS[name], self._shown_film
        if film is not None:
            self.set_levels(preset_levels(film.pixels, preset, is_negative=self._is_negative))

    @property
    def gamma(self) -> float:
        return self._shown.gamma

    def brighten(self) -> None:
        """Brighten the middle greys by a step."""
        self._step_gamma(GAMMA_STEP)

    def darken(self) -> None:
        """Darken the middle greys by a step."""
        self._step_gamma(1 / GAMMA_STEP)

    def reset_gamma(self) -> None:
        """Show grey values in proportion again."""
        self._step_gamma(1 / self._shown.gamma)

    @property
    def enhancement(self) -> Enhancement:
        """Return what the reader asked for; it may still be on its way."""
        return self._enhancement

    def set_local_contrast(self, is_on: bool) -> None:
        """Raise the contrast of every part of the film on its own, or no longer."""
        self._enhance(replace(self._enhancement, has_local_contrast=is_on))

    def set_sharpened(self, is_on: bool) -> None:
        """Show edges sharper, or as they are."""
        self._enhance(replace(self._enhancement, is_sharpened=is_on))

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

    def theme_changed(self) -> None:
        if self._scene is not None:
            self._scene.wear(self._theme)

    def end_work(self) -> None:
        """Let go of what is still being made, before the view goes."""
        self._background.close()

    def show_picture(self, film: Film | None, *, is_negative: bool = False) -> None:
        """Go to another film, or to none, and fit it."""
        self._shown_film = film
        self._enhanced.clear()
        self._background.clear()
        self._scene = self._viewport = None
        if film is not None:
            # Inversion and gamma are the reader's; the window and what is a negative, the film's.
            self._is_negative = is_negative
            inverted = self._is_inverted != is_negative
            self._shown = replace(self._shown, levels=film.levels, inverted=inverted)
            self._scene = Scene(film, self._shown, self._theme)
            self._show_enhanced()
            self.fit()
            self.levels_changed.emit(film.levels)
        self.update()

    def _show(self, **changes: Any) -> None:
        self._shown = replace(self._shown, **changes)
        if self._scene is not None:
            self._scene.show(self._shown)
            self.update()

    def _step_gamma(self, factor: float) -> None:
        gamma = min(max(self._shown.gamma * factor, GAMMAS[0]), GAMMAS[1])
        # Ten steps up and ten down end where they began.
        gamma = 1.0 if abs(gamma - 1.0) < 1e-6 else gamma
        self.set_gamma(gamma)
        self.told.emit(f"Gamma {gamma:.2f}")

    def _enhance(self, wanted: Enhancement) -> None:
        self._enhancement = wanted
        self._show_enhanced()

    def _show_enhanced(self) -> None:
        """Show the film as it is asked for, at once or when it is made."""
        scene, film, wanted = self._scene, self._shown_film, self._enhancement
        if scene is None or film is None:
            return
        if wanted and wanted not in self._enhanced:
            # A pyramid of its own: that of the scene belongs to the window's thread.
            pixels = film.pixels

            def done(pyramid: Pyramid) -> None:
                if film is self._shown_film:
                    self._enhanced[wanted] = pyramid
                    self._show_enhanced()

            self._background.run(
                lambda: enhanced(Pyramid(pixels), wanted), done, self._not_enhanced
            )
            return
        scene.show_pixels(self._enhanced[wanted] if wanted else scene.pyramid)
        self.update()

    def _not_enhanced(self, error: Exception) -> None:
        self.told.emit(f"The film cannot be shown so: {error}")

    def _forget_labels(self) -> None:
        if self._scene is not None:
            self._scene.forget_labels()
        self.update()
