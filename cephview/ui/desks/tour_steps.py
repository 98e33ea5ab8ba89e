"""What each step of the tour says, and what it stands beside."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QWidget

from cephview.ui.canvas.overlay import LayerSwitches
from cephview.ui.look.theme import scaled
from cephview.ui.panels.status_line import scale_words

if TYPE_CHECKING:
    from cephview.ui.main_window import MainWindow

_POINT_PX = 56
# What the tour says before the first step, by its title and its words.
OFFER = (
    "New here?",
    "Five short steps on a synthetic film show what the program does. None of your own films is "
    "opened or changed, and nothing of it is kept.",
)
SOON = (
    "The model looks first",
    "It is placing its points on this film, which takes some seconds. Then there is something to "
    "speak of.",
)
NO_POINTS = (
    "No points came",
    "The model could not place points on this film, so the next steps speak of what you do not see "
    "here. With Place, in the bar above, points are put by hand.",
)


@dataclass(frozen=True)
class Step:
    """What one card says, and what it stands beside."""

    title: str
    text: "Callable[[MainWindow], str]"
    to_do: str
    beside: "Callable[[MainWindow], QRect]"
    sides: str = "rlab"


def around(window: "MainWindow", widget: QWidget, area: QRect | None = None) -> QRect:
    """Return a widget, or a part of it, in the coordinates of the window's page."""
    area = widget.rect() if area is None else area
    return QRect(widget.mapTo(window.page, area.topLeft()), area.size())


def points_on_page(window: "MainWindow") -> list[QPoint]:
    """Return where on the page the points of the open film are."""
    view, tracing = window.view, window.session.editor.tracing
    if tracing is None or view.viewport is None:
        return []
    found = (view.viewport.to_screen(point.best.xy) for point in tracing if point.best is not None)
    return [view.mapTo(window.page, QPoint(round(x), round(y))) for x, y in found]


def _switches(window: "MainWindow") -> QRect:
    found = window.view.findChildren(LayerSwitches)
    return around(window, found[0])


def _card_of_point(window: "MainWindow") -> QRect:
    return around(window, window.points.card)


def _scale(window: "MainWindow") -> QRect:
    return around(window, window.status.scale)


def _point(window: "MainWindow") -> QRect:
    """Return where the chosen point is on the page, the film where there is none."""
    view, tracing = window.view, window.session.editor.tracing
    landmark = window.session.editor.selection
    best = tracing[landmark].best if tracing is not None and landmark else None
    if best is None or view.viewport is None:
        return around(window, view)
    side = scaled(_POINT_PX)
    area = QRect(0, 0, side, side)
    x, y = view.viewport.to_screen(best.xy)
    area.moveCenter(QPoint(round(x), round(y)))
    return around(window, view, area)


def _model_tab(window: "MainWindow") -> QRect:
    bar = window.tabs.tabBar()
    return around(window, bar, bar.tabRect(window.tabs.indexOf(window.model)))


def _said(text: str) -> "Callable[[MainWindow], str]":
    return lambda _window: text


def _of_scale(window: "MainWindow") -> str:
    return (
        f"This film says: {scale_words(window.session.editor.pixel_size)}. Millimetres are shown "
        "only with a scale that can be trusted, and always with where it comes from. Where a film "
        "has none, a ruler in the picture gives it."
    )


STEPS = (
    Step(
        "Three kinds of point",
        _said("A hollow circle is where the model looked first, a filled circle where it decided. "
              "A diamond is what a person moved or confirmed, and the model never touches it."),
        "Hide a layer here and show it again, or press 1 twice.", _switches,
    ),
    Step(
        "Put a point right",
        _said("Drag the point; a loupe shows what is under it. Or use the arrow keys: one pixel, "
              "0.1 mm with Shift, 1 mm with Ctrl. Ctrl+Z takes it back, and nothing needs saving."),
        "Move this point.", _point, "lrba",
    ),
    Step(
        "Check the doubtful ones first",
        _said("Tab goes to the point the model is least sure of. Enter confirms it and goes on; "
              "after the last one it opens the next film."),
        "Press Tab, look, and press Enter.", _card_of_point, "lba",
    ),
    Step(
        "Where millimetres come from",
        _of_scale,
        "Press R and draw along the ruler in the film.", _scale, "arl",
    ),
    Step(
        "Use the points, and teach the model",
        _said("Export, above, writes what people checked as CSV or COCO. Once you corrected some "
              "films, the model can learn from them here, and you decide whether to use the "
              "result."),
        "Open Model to end the tour.", _model_tab, "bl",
    ),
)  # fmt: skip
LAYERS, MOVE, CHECK, SCALE, TEACH = range(len(STEPS))
