"""The program's own icons: one stroke family, drawn in the theme's colours at any size."""

from functools import cache
from typing import Protocol

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from cephview import places
from cephview.ui.look.theme import Theme

SIZE_PX = 18
_DRAWN_IN = "#e4eaf0"
_RATIOS = (1, 2, 3)
_NAME = "icon-name"


@cache
def icon(name: str, theme: Theme, colour: str = "") -> QIcon:
    """Return an icon by the name of its file. Raises FileNotFoundError for an unknown one.

    colour is a name of the theme; empty is that of text, with a fainter one where disabled.
    """
    svg = (places.resources_dir() / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    made = QIcon()
    normal = getattr(theme, colour) if colour else theme.text_2
    for mode, paint in (
        (QIcon.Mode.Normal, normal),
        (QIcon.Mode.Active, getattr(theme, colour) if colour else theme.text_1),
        (QIcon.Mode.Disabled, theme.text_disabled),
    ):
        renderer = QSvgRenderer(QByteArray(svg.replace(_DRAWN_IN, paint).encode()))
        for ratio in _RATIOS:
            made.addPixmap(_drawn(renderer, ratio), mode)
    return made


class _Iconed(Protocol):
    """A button or an action."""

    def setIcon(self, icon: QIcon) -> None: ...
    def setProperty(self, name: str, value: object) -> bool: ...


def put_icon(on: _Iconed, name: str, theme: Theme) -> None:
    """Give a button or an action an icon that another theme can draw again."""
    on.setProperty(_NAME, name)
    on.setIcon(icon(name, theme))


def draw_icon_again(on: QObject, theme: Theme) -> None:
    """Draw the icon of put_icon() in another theme; without effect on anything else."""
    name = on.property(_NAME)
    if name:
        on.setIcon(icon(name, theme))  # type: ignore[attr-defined]


def _drawn(renderer: QSvgRenderer, ratio: int) -> QPixmap:
    picture = QPixmap(QSize(SIZE_PX, SIZE_PX) * ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    renderer.render(painter, QRectF(0, 0, SIZE_PX * ratio, SIZE_PX * ratio))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture
