"""Five steps on the demo film for who opens the program for the first time.

The tour does nothing itself but open that film, choose a point of it, and show a panel: each step
is done by the hand of the user, on the real window. What is done there is kept nowhere, and the
film joins no list.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from cephview import places
from cephview.core.tracing import State, Tracing
from cephview.ui.desks.tour_steps import (
    CHECK,
    LAYERS,
    MOVE,
    NO_POINTS,
    OFFER,
    SCALE,
    SOON,
    STEPS,
    TEACH,
    around,
    points_on_page,
)
from cephview.ui.look.theme import Theme, scaled
from cephview.ui.panels.tour_card import Mark, Ring, TourCard

if TYPE_CHECKING:
    from cephview.ui.main_window import MainWindow

_MARGIN_PX = 5


class Tour(QObject):
    """Goes from step to step. is_over: it was finished or left, and is not offered again."""

    def __init__(self, window: "MainWindow", theme: Theme, *, is_over: bool) -> None:
        super().__init__(window)
        self._window = window
        self.is_over = is_over
        self._at: int | None = None
        self._is_offering = False
        self._is_hidden_once = False
        self._is_away = False
        self._has_failed = False
        self._before: Path | None = None
        # Which panel was shown, and whether any was; None where that is none of the tour's.
        self._panel: tuple[QWidget | None, bool] | None = None
        self._opened_demo = False
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
        session.detecting.failed.connect(self._no_points_came)
        view.layer_toggled.connect(self._layer_toggled)
        view.ruler_drawn.connect(lambda *_: self._did(SCALE))
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
        """Begin, or while it runs go to the next step; beside its film, come back to that."""
        session = self._window.session
        if self._at is not None:
            if self._is_on_demo:
                self.go_on()
            elif not self._is_opening:
                self._open_demo()
            return
        self._is_offering = False
        self._at = 0
        self._panel = self._window.tabs.currentWidget(), not self._window.tabs.isHidden()
        self._marks = (Mark.TO_COME,) * len(STEPS)
        self._prepare()
        if self._is_on_demo:
            self._film_shown(session.path)
        else:
            self._open_demo()

    def go_on(self) -> None:
        """Leave a step undone; on the offer, begin."""
        if self._is_offering:
            self.start()
        elif self._at is not None and (not self._is_waiting or self._has_no_model):
            self._mark(Mark.SKIPPED)

    def leave(self) -> None:
        """End it, for good unless it is asked for."""
        had_focus = self.card.isAncestorOf(self.card.window().focusWidget())
        self._at, self._is_offering, self.is_over = None, False, True
        self.card.hide()
        self.ring.hide()
        if had_focus:
            self._window.view.setFocus()
        if self._is_opening:
            self._give_up_demo()
        elif self._is_on_demo:
            if self._window.view.tool == "ruler":
                self._window.use_select()
            if self._before is not None:
                self._window.session.open_film(self._before)
            elif self._opened_demo:
                self._window.session.leave_film()
        self._before, self._opened_demo = None, False
        if self._window.tabs.currentWidget() is not self._window.model:
            self._show_panel_before()

    def _show_panel_before(self) -> None:
        """Show at the side what was shown there before the tour."""
        panel, self._panel = self._panel, None
        if panel is not None:
            widget, is_shown = panel
            if widget is not None:
                self._window.tabs.setCurrentWidget(widget)
            self._window.show_right(is_shown)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._place()
        elif event.type() == QEvent.Type.MouseButtonPress and watched is self._window.view:
            self._make_way(True)
        elif event.type() == QEvent.Type.MouseButtonRelease and watched is self._window.view:
            self._make_way(False)
        elif (
            event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and (self._is_opening or not self.card.isHidden())
            # A drag, a drawn ruler or a tool in hand is what one gives up first.
            and not self._window.view.has_to_escape
        ):
            self.leave()
            return True
        return False

    @property
    def _is_on_demo(self) -> bool:
        return self._window.session.path == places.demo_film()

    @property
    def _is_opening(self) -> bool:
        """Whether the demo film was asked for by the tour and is not there yet."""
        return self._opened_demo and (
            self._window.session.film_loading.pending == places.demo_film()
        )

    @property
    def _has_no_model(self) -> bool:
        return self._has_failed or self._window.session.models.active is None

    @property
    def _is_waiting(self) -> bool:
        """Whether the first step has nothing to speak of yet."""
        tracing = self._window.session.editor.tracing
        return self._at == LAYERS and not (tracing and any(point.best for point in tracing))

    def _open_demo(self) -> None:
        session = self._window.session
        if session.film_loading.pending == places.demo_film():
            # The user opened it, and it stays when the tour is over.
            return
        # A film that was still to come is the one to go back to.
        self._before = session.film_loading.pending or session.path
        self._opened_demo = True
        # Not by the list: it is none of the user's films.
        session.film_loading.open(places.demo_film())

    def _give_up_demo(self) -> None:
        session = self._window.session
        session.film_loading.forget()
        if self._before is not None and self._before != session.path:
            session.open_film(self._before)
        else:
            session.stayed.emit()

    def _make_way(self, is_away: bool) -> None:
        """Leave the film to a hand that holds something, and to the loupe beside it."""
        if self._is_away == is_away or self._at is None or not self._is_on_demo:
            return
        self._is_away = is_away
        if is_away:
            self.card.hide()
            self.ring.hide()
        else:
            self._show()

    def _did(self, step: int) -> None:
        if self._at == step and self._is_on_demo and not self._is_waiting:
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
        if self._at == MOVE and self._is_on_demo:
            landmark = window.session.editor.review.next_to_check("")
            if landmark:
                window.session.editor.select(landmark)
                window.view.ensure_visible(landmark)
        elif self._at in (CHECK, TEACH):
            window.show_right(True)
            if self._at == CHECK:
                window.tabs.setCurrentWidget(window.points)

    def _show(self) -> None:
        window, card = self._window, self.card
        if self._is_offering:
            card.show_words(*OFFER, "", "Not now", "Show me")
            card.dots.hide()
        elif self._is_waiting:
            card.show_words(*(NO_POINTS if self._has_no_model else SOON), "", "Leave", "Next")
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
        card.onward.setVisible(not self._is_waiting or self._has_no_model)
        card.setVisible(not self._is_away)
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
            view = around(window, window.view)
            area = QRect(view.center() + QPoint(0, view.height() // 3), QSize(0, 0))
            self.ring.hide()
            self.card.place(area, room, "")
            return
        if self._is_waiting:
            self.ring.hide()
            self.card.place(around(window, window.view), room, "")
            return
        area = STEPS[self._at].beside(window).intersected(page)
        margin = scaled(_MARGIN_PX)
        self.ring.setGeometry(area.adjusted(-margin, -margin, margin, margin))
        self.ring.show()
        self.ring.raise_()
        sides = STEPS[self._at].sides
        self.card.place(self.ring.geometry(), room, sides, points_on_page(window))
        self.card.raise_()

    # What the user does.

    def _film_shown(self, _path: object) -> None:
        if self._is_offering:
            # They found their own way in; the offer comes again at the next empty start.
            self._is_offering = False
            self.card.hide()
        if self._at is None:
            # The panel that the last step opened stays until there is a film to look at.
            self._show_panel_before()
            return
        self._is_away = self._has_failed = False
        if self._is_on_demo:
            self._prepare()
            self._show()
            detecting = self._window.session.detecting
            if self._is_waiting and not (detecting.is_on_open or detecting.is_busy):
                detecting.detect()
        else:
            # On any other film it says nothing, and goes on when the demo film is back.
            self.card.hide()
            self.ring.hide()

    def _no_points_came(self, _sentence: str) -> None:
        if self._is_waiting and self._is_on_demo:
            self._has_failed = True
            self._show()

    def _changed(self, old: Tracing | None, new: Tracing | None) -> None:
        if old is None or new is None or old.ids != new.ids:
            return
        pairs = [(old[point.landmark], point) for point in new]
        if any(b.human is not None and b.human != a.human for a, b in pairs):
            self._did(MOVE)
        elif any(b.state is State.CONFIRMED and a.state is not b.state for a, b in pairs):
            self._did(CHECK)
        if self._at == LAYERS and self._is_on_demo and not self.card.isHidden():
            # Its first points are there, or they were taken back.
            self._show()
        self._place()

    def _previewed(self, _landmark: str, xy: object) -> None:
        self._make_way(xy is not None)

    def _layer_toggled(self, _layer: str, visible: bool) -> None:
        if visible and self._is_hidden_once:
            self._did(LAYERS)
        elif self._at == LAYERS:
            self._is_hidden_once = not visible

    def _panel_changed(self, _index: int) -> None:
        if self._at is None:
            # Chosen by hand after the tour.
            self._panel = None
        elif self._window.tabs.currentWidget() is self._window.model:
            self._did(TEACH)
