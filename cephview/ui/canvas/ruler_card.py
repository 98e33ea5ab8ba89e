"""The card beside a drawn ruler: how long it is, and what its true length is."""

import math

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from cephview.core.numbers import number_of
from cephview.core.scale import PixelSize
from cephview.core.tracing import XY
from cephview.ui.canvas.keys import ARROWS
from cephview.ui.canvas.viewport import Viewport
from cephview.ui.look.theme import scaled

LONGEST_MM = 1000.0
_ASK = "Its true length, read on the ruler in the film:"
_ASK_AGAIN = "Type the true length in millimetres, such as 10."
_KNOWN = "By the present scale of the film."
_GAP_PX = 16
_EDGE_PX = 8
_WIDTH = 300


class RulerCard(QFrame):
    """Asks for a length at once where the film has no scale, and on demand where it has one.

    Lies on the film and is no dialog: everything else stays within reach. Arrow keys are for the
    end of the line (end_key), Ctrl+Tab for the other one. grown tells that it says something else.
    """

    applied = Signal(float)
    dismissed = Signal()
    grown = Signal()
    typed = Signal()
    end_key = Signal(object)
    other_end_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName("Ruler")
        # Else a click on the card would draw on the film below.
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self._ends: tuple[XY, XY] | None = None
        self._size = PixelSize()
        self.millimetres = _label("title")
        self.pixels = _label("hint")
        self.sentence = _label("hint")
        self.sentence.setWordWrap(True)
        self.field = QLineEdit()
        self.field.setPlaceholderText("length")
        self.field.setAccessibleName("True length in millimetres")
        self.field.setFixedWidth(scaled(96))
        self.field.textChanged.connect(self._show_result)
        self.field.textEdited.connect(self.typed)
        self.field.returnPressed.connect(self._apply)
        self.field.installEventFilter(self)
        self._unit = _label("", "mm")
        self.result = _label("hint")
        self.apply = QPushButton("Use as scale")
        self.apply.clicked.connect(self._apply_or_ask)
        self.cancel = QPushButton("Cancel")
        self.cancel.setProperty("kind", "ghost")
        self.cancel.clicked.connect(self.dismissed)
        for button in (self.apply, self.cancel):
            button.setAutoDefault(False)
        # A length typed at once must not reach the film, where digits and Enter mean other things.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._lay_out()
        self.hide()

    @property
    def is_asking(self) -> bool:
        return self.field.isVisibleTo(self)

    def show_line(self, a: XY, b: XY, size: PixelSize) -> None:
        """Show a line from a to b, in pixel indices, on a film of a pixel size.

        What was typed of a line that has only changed stays; forget() begins anew.
        """
        is_new, self._ends, self._size = self._ends is None, (a, b), size
        mm = size.distance_mm(a, b)
        self.millimetres.setText("" if mm is None else f"{mm:.1f} mm")
        self.millimetres.setVisible(mm is not None)
        self.pixels.setText(f"{math.hypot(b[0] - a[0], b[1] - a[1]):.1f} px")
        if is_new:
            self.field.clear()
            self._ask(mm is None)
        self._show_result()
        self.show()
        self.raise_()
        (self.field if self.is_asking else self).setFocus()

    def forget(self) -> None:
        """Go, and keep nothing of the line."""
        self._ends = None
        self.hide()

    def place(self, viewport: Viewport) -> None:
        """Stand beside the line inside the view, over neither end where there is room for that."""
        if self._ends is None:
            return
        a, b = (viewport.to_screen(end) for end in self._ends)
        widest = round(viewport.view_width) - 2 * _EDGE_PX
        width = min(max(scaled(_WIDTH), self.minimumSizeHint().width()), widest)
        layout = self.layout()
        height = self.sizeHint().height() if layout is None else layout.totalHeightForWidth(width)
        self.resize(width, height)
        self.move(*card_place((width, height), a, b, (viewport.view_width, viewport.view_height)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and self._is_for_the_line(event):
            if event.type() == QEvent.Type.KeyPress:
                self._pass_on(event)
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Every key ends here: the film below would confirm a point on Enter.
        if event.key() == Qt.Key.Key_Escape:
            self.dismissed.emit()
        elif self._is_for_the_line(event):
            self._pass_on(event)
        elif event.text().isdigit() and not self.is_asking:
            self._apply_or_ask()
            self.field.setText(event.text())
        event.accept()

    def event(self, event: QEvent) -> bool:
        # Before a shortcut of the window takes it: digits switch the layers.
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            is_typed = event.text().isprintable() and bool(event.text())
            is_plain = not event.modifiers() & Qt.KeyboardModifier.ControlModifier
            if (is_typed and is_plain) or self._is_for_the_line(event):
                event.accept()
                return True
        return super().event(event)

    def _is_for_the_line(self, event: QKeyEvent) -> bool:
        has_ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        is_tab = event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
        return event.key() in ARROWS or (is_tab and has_ctrl)

    def _pass_on(self, event: QKeyEvent) -> None:
        if event.key() in ARROWS:
            self.end_key.emit(event)
        else:
            self.other_end_wanted.emit()

    def _lay_out(self) -> None:
        rows = QVBoxLayout(self)
        rows.setContentsMargins(14, 12, 14, 12)
        rows.setSpacing(8)
        lengths = QHBoxLayout()
        lengths.setSpacing(8)
        lengths.addWidget(self.millimetres)
        lengths.addWidget(self.pixels)
        lengths.addStretch(1)
        asked = QHBoxLayout()
        asked.setSpacing(6)
        asked.addWidget(self.field)
        asked.addWidget(self._unit)
        asked.addSpacing(6)
        asked.addWidget(self.result, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.apply)
        buttons.addWidget(self.cancel)
        buttons.addStretch(1)
        rows.addLayout(lengths)
        rows.addWidget(self.sentence)
        rows.addLayout(asked)
        rows.addLayout(buttons)

    def _ask(self, is_asking: bool) -> None:
        for widget in (self.field, self._unit, self.result):
            widget.setVisible(is_asking)
        _say(self.sentence, _ASK if is_asking else _KNOWN, "hint")
        self.apply.setText("Use as scale" if is_asking else "Use as scale\u2026")
        self.cancel.setText("Cancel" if is_asking else "Close")
        _set_kind(self.apply, "primary" if is_asking else "")
        self._show_result()
        self.grown.emit()

    def _apply_or_ask(self) -> None:
        if self.is_asking:
            self._apply()
        else:
            self._ask(True)
            self.field.setFocus()

    def _apply(self) -> None:
        length = parsed_length_mm(self.field.text())
        if length is None:
            _say(self.sentence, _ASK_AGAIN, "attention")
            self.grown.emit()
            self.field.setFocus()
        else:
            self.applied.emit(length)

    def _show_result(self, *_: object) -> None:
        length = parsed_length_mm(self.field.text())
        if length is None or self._ends is None:
            self.result.setText("")
            return
        if self.sentence.text() == _ASK_AGAIN:
            _say(self.sentence, _ASK, "hint")
            self.grown.emit()
        self.result.setText(f"{self._size.from_ruler(*self._ends, length).x_mm:.4f} mm/px")


def card_place(size: tuple[int, int], a: XY, b: XY, view: tuple[float, float]) -> tuple[int, int]:
    """Return left and top of a card beside a line from a to b, all in pixels of a view.

    Below the line, above, at its sides, or else in a corner: the first place that is over neither
    end, and where each is over one, the one over that which is not b.
    """
    (width, height), (x0, x1), (y0, y1) = size, sorted((a[0], b[0])), sorted((a[1], b[1]))
    most_x, most_y = view[0] - width - _EDGE_PX, view[1] - height - _EDGE_PX
    middle_x, middle_y = (x0 + x1 - width) / 2, (y0 + y1 - height) / 2
    wanted = [
        (middle_x, y1 + _GAP_PX),
        (middle_x, y0 - _GAP_PX - height),
        (x1 + _GAP_PX, middle_y),
        (x0 - _GAP_PX - width, middle_y),
        *((x, y) for y in (most_y, _EDGE_PX) for x in (most_x, _EDGE_PX)),
    ]
    places = [
        (round(max(min(x, most_x), _EDGE_PX)), round(max(min(y, most_y), _EDGE_PX)))
        for x, y in wanted
    ]

    def covers(place: tuple[int, int], end: XY) -> bool:
        x, y = end[0] - place[0], end[1] - place[1]
        return -_EDGE_PX < x < width + _EDGE_PX and -_EDGE_PX < y < height + _EDGE_PX

    return min(places, key=lambda place: (covers(place, b), covers(place, a)))


def parsed_length_mm(text: str) -> float | None:
    """Return a length as people type it, with a point or a comma; None for anything else."""
    length = number_of(text.strip().removesuffix("mm").replace(",", "."))
    return length if length is not None and 0 < length <= LONGEST_MM else None


def _label(role: str, text: str = "") -> QLabel:
    label = QLabel(text)
    label.setProperty("role", role)
    return label


def _say(label: QLabel, text: str, role: str) -> None:
    label.setText(text)
    if label.property("role") != role:
        label.setProperty("role", role)
        label.style().polish(label)


def _set_kind(button: QPushButton, kind: str) -> None:
    if (button.property("kind") or "") != kind:
        button.setProperty("kind", kind)
        button.style().polish(button)
