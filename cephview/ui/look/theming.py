"""Which theme a window wears, and its change while the window is open."""

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from cephview.ui.look.icons import draw_icon_again
from cephview.ui.look.theme import DARK, LIGHT, Theme, apply_theme


def theme_of(choice: str) -> Theme:
    """Return the theme of a choice: "dark", "light", or "system" for what the desktop wears."""
    if choice == "system":
        scheme = QGuiApplication.styleHints().colorScheme()
        return LIGHT if scheme is Qt.ColorScheme.Light else DARK
    return LIGHT if choice == "light" else DARK


def dress(root: QObject, theme: Theme) -> None:
    """Have everything below a window draw itself in a theme.

    Who keeps a theme keeps it as _theme and reads it whenever it draws. Who must do more, for it
    made something of its colours, has a method theme_changed(), called once all have the new one.
    """
    parts = (root, *root.findChildren(QObject))
    for part in parts:
        if isinstance(getattr(part, "_theme", None), Theme):
            part._theme = theme  # type: ignore[attr-defined]
    for part in parts:
        draw_icon_again(part, theme)
        changed = getattr(part, "theme_changed", None)
        if changed is not None:
            changed()
        if isinstance(part, QWidget):
            part.update()


class Theming(QObject):
    """Gives the window the theme its user chooses, at once, and follows the desktop on demand."""

    def __init__(self, window: QWidget, choice: str) -> None:
        super().__init__(window)
        self._window = window
        self.choice = choice
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._desktop_changed)

    def use_dark(self) -> None:
        self._use("dark")

    def use_light(self) -> None:
        self._use("light")

    def use_system(self) -> None:
        """Wear what the desktop wears, now and whenever it changes."""
        self._use("system")

    def _desktop_changed(self, _scheme: Qt.ColorScheme) -> None:
        if self.choice == "system":
            self._use("system")

    def _use(self, choice: str) -> None:
        self.choice = choice
        theme = theme_of(choice)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_theme(app, theme)
        dress(self._window, theme)
