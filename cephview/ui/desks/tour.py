"""Five steps on the demo film for who opens the program for the first time.

The tour does nothing itself but open that film, choose a point of it, and show a panel: each step
is done by the hand of the user, on the real window, and kept like any other work on that film.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from cephview import places
from cephview.core.review import next_to_check
from cephview.core.tracing import State, Tracing
from cephview.ui.canvas.overlay import LayerSwitches
from cephview.ui.look.theme import Theme, scaled
from cephview.ui.panels.status_line import scale_words
from cephview.ui.panels.tour_card import Mark, Ring, TourCard

if TYPE_CHECKING:
    from cephview.ui.main_window import MainWindow

_POINT_PX = 56
_MARGIN_PX = 5
_OFFER = (
    "New here?",
    "Five short steps on a synthetic film show what the program does. None of your own films is "
    "opened or changed.",
)


@dataclass(frozen=True)
class Step:
    """What one card says, and what it stands beside."""

    title: str
    text: "Callable[[MainWindow], str]"
    to_do: str
    beside: "Callable[[MainWindow], QRect]"
    sides: str = "rlab"


def _around(window: "MainWindow", widget: QWidget, area: QRect | None = None) -> QRect:
    """Return a widget, or a part of it, in the coordinates of the window's page."""
    area = widget.rect() if area is None else area
    return QRect(widget.mapTo(window.page, area.topLeft()), area.size())


def _switches(window: "MainWindow") -> QRect:
    found = window.view.findChildren(LayerSwitches)
    return _around(window, found[0])


def _card_of_point(window: "MainWindow") -> QRect:
    return _around(window, window.points.card)


def _scale(window: "MainWindow") -> QRect:
    return _around(window, window.status.scale)


def _point(window: "MainWindow") -> QRect:
    """Return where the chosen point is on the page, the film where there is none."""
    view, tracing = window.view, window.session.editor.tracing
    landmark = window.session.editor.selection
    best = tracing[landmark].best if tracing is not None and landmark else None
    if best is None or view.viewport is None:
        return _around(window, view)
    side = scaled(_POINT_PX)
    area = QRect(0, 0, side, side)
    x, y = view.viewport.to_screen(best.xy)
    area.moveCenter(QPoint(round(x), round(y)))
    return _around(window, view, area)


def _model_tab(window: "MainWindow") -> QRect:
    bar = window.tabs.tabBar()
    return _around(window, bar, bar.tabRect(window.tabs.indexOf(window.model)))


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
_LAYERS, _MOVE, _CHECK, _SCALE, _TEACH = range(len(STEPS))


class Tour(QObject):
    """Goes from step to step. is_over: it was finished or left, and is not offered again."""

    def __init__(self, window: "MainWindow", theme: Theme, *, is_over: bool) -> None:
        super().__init__(window)
        self._window = window
        self.is_over = is_over
        self._at: int | None = None
        self._is_offering = False
        self._is_hidden_once = False
        self._marks: tuple[Mark, ...] = ()
        self.ring = Ring(theme, window.page)
        self.card = TourCard(theme, window.page)
        self.card.next_wanted.connect(self.go_on)
        self.card.left.connect(self.leave)
        session, view = window.session, window.view
        session.film_shown.connect(self._film_shown)
        session.editor.changed.connect(self._changed)
        session.editor.selection_changed.connect(self._place)
        session.editor.preview_changed.connect(self._previewed)
        view.layer_toggled.connect(self._layer_toggled)
        view.ruler_drawn.connect(lambda *_: self._did(_SCALE))
        view.framed.connect(self._place)
        window.tabs.currentChanged.connect(self._panel_changed)
        for watched in (window, view, window.page):
            watched.installEventFilter(self)

    @property
    def step(self) -> int | None:
        """Return which step is shown, from 0; None while no tour runs."""
        return self._at

    def offer(self) -> None:
        """Ask who is new whether to begin; on the demo film, which they opened, begin."""
        session = self._window.session
        if self.is_over or self._at is not None:
            return
        if session.path == places.demo_film():
            self.start()
        elif session.path is None and session.films.rowCount() == 0:
            self._is_offering = True
            self._show()

    def start(self) -> None:
        """Begin, or while it runs go to the next step."""
        if self._at is not None:
            self.go_on()
            return
        self._is_offering = False
        self._at = 0
        self._marks = (Mark.TO_COME,) * len(STEPS)
        self._prepare()
        session = self._window.session
        if session.path == places.demo_film():
            self._show()
        else:
            session.open_film(places.demo_film())

    def go_on(self) -> None:
        """Leave a step undone; on the offer, begin."""
        if self._is_offering:
            self.start()
        elif self._at is not None:
            self._mark(Mark.SKIPPED)

    def leave(self) -> None:
        """End it, for good unless it is asked for."""
        had_focus = self.card.isAncestorOf(self.card.window().focusWidget())
        self._at, self._is_offering, self.is_over = None, False, True
        self.card.hide()
        self.ring.hide()
        if had_focus:
            self._window.view.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._place()
        elif (
            event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and not self.card.isHidden()
            # A drag, a drawn ruler or a tool in hand is what one gives up first.
            and not self._window.view.has_to_escape
        ):
            self.leave()
            return True
        return False

    def _did(self, step: int) -> None:
        if self._at == step and not self.card.isHidden():
            self._mark(Mark.DONE)

    def _mark(self, mark: Mark) -> None:
        assert self._at is not None
        marks = list(self._marks)
        marks[self._at] = mark
        self._marks = tuple(marks)
        if self._at + 1 == len(STEPS):
            self.leave()
            return
        self._at += 1
        self._prepare()
        self._show()

    def _prepare(self) -> None:
        """Bring what a step speaks of into sight."""
        window = self._window
        self._is_hidden_once = False
        if self._at == _MOVE and window.session.path == places.demo_film():
            tracing = window.session.editor.tracing
            landmark = next_to_check(tracing, "") if tracing is not None else ""
            if landmark:
                window.session.editor.select(landmark)
                window.view.ensure_visible(landmark)
        elif self._at in (_CHECK, _TEACH):
            window.show_right(True)
            if self._at == _CHECK:
                window.tabs.setCurrentWidget(window.points)

    def _show(self) -> None:
        window, card = self._window, self.card
        if self._is_offering:
            card.show_words(*_OFFER, "", "Not now", "Show me")
            card.dots.hide()
        elif self._at is not None:
            step = STEPS[self._at]
            is_last = self._at + 1 == len(STEPS)
            card.show_words(
                step.title, step.text(window), step.to_do, "Leave", "Finish" if is_last else "Next"
            )
            marks = list(self._marks)
            marks[self._at] = Mark.NOW
            card.dots.show_marks(tuple(marks))
            card.dots.show()
        card.show()
        card.raise_()
        self._place()

    def _place(self, *_: object) -> None:
        window = self._window
        if self.card.isHidden():
            return
        page, bar, status = window.page.rect(), window.bar, window.status
        # What lies at the edges for ever stays free.
        room = page.adjusted(0, bar.height(), 0, -status.height())
        if self._at is None:
            # Below the invitation to drop a film, which stands in the middle.
            view = _around(window, window.view)
            area = QRect(view.center() + QPoint(0, view.height() // 3), QSize(0, 0))
            self.ring.hide()
            self.card.place(area, room, "")
            return
        area = STEPS[self._at].beside(window).intersected(page)
        margin = scaled(_MARGIN_PX)
        self.ring.setGeometry(area.adjusted(-margin, -margin, margin, margin))
        self.ring.show()
        self.ring.raise_()
        self.card.place(self.ring.geometry(), room, STEPS[self._at].sides)
        self.card.raise_()

    # What the user does.

    def _film_shown(self, _path: object) -> None:
        if self._is_offering:
            # They found their own way in; the offer comes again at the next empty start.
            self._is_offering = False
            self.card.hide()
        if self._at is None:
            return
        if self._window.session.path == places.demo_film():
            self._prepare()
            self._show()
        else:
            # On any other film it says nothing, and goes on when the demo film is back.
            self.card.hide()
            self.ring.hide()

    def _changed(self, old: Tracing | None, new: Tracing | None) -> None:
        if old is None or new is None or old.ids != new.ids:
            return
        pairs = [(old[point.landmark], point) for point in new]
        if any(b.human is not None and b.human != a.human for a, b in pairs):
            self._did(_MOVE)
        elif any(b.state is State.CONFIRMED and a.state is not b.state for a, b in pairs):
            self._did(_CHECK)
        self._place()

    def _previewed(self, _landmark: str, xy: object) -> None:
        self.ring.setVisible(xy is None and not self.card.isHidden() and self._at is not None)

    def _layer_toggled(self, _layer: str, visible: bool) -> None:
        if visible and self._is_hidden_once:
            self._did(_LAYERS)
        elif self._at == _LAYERS:
            self._is_hidden_once = not visible

    def _panel_changed(self, _index: int) -> None:
        if self._window.tabs.currentWidget() is self._window.model:
            self._did(_TEACH)
