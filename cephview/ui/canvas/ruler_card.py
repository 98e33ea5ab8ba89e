"""The card beside a drawn ruler: how long it is, and what its true length is."""

import math

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
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

from cephview.core.scale import PixelSize
from cephview.core.tracing import XY
from cephview.ui.canvas.viewport import Viewport
from cephview.ui.look.theme import scaled

LONGEST_MM = 1000.0
_ASK = "Its true length, read on the ruler in the film:"
_ASK_AGAIN = "Type the true length in millimetres, such as 10."
_KNOWN = "By the present scale of the film."
_GAP_PX = 16
_EDGE_PX = 8


class RulerCard(QFrame):
    """Asks for a length at once where the film has no scale, and on demand where it has one.

    Lies on the film and is no dialog: everything else stays within reach.
    """

    applied = Signal(float)
    dismissed = Signal()
    asked = Signal()

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
        self.field = QLineEdit()
        self.field.setPlaceholderText("length")
        self.field.setAccessibleName("True length in millimetres")
        self.field.setFixedWidth(scaled(96))
        self.field.textChanged.connect(self._show_result)
        self.field.returnPressed.connect(self._apply)
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
        """Show a line from a to b, in pixel indices, on a film of a pixel size."""
        self._ends, self._size = (a, b), size
        mm = size.distance_mm(a, b)
        self.millimetres.setText("" if mm is None else f"{mm:.1f} mm")
        self.millimetres.setVisible(mm is not None)
        self.pixels.setText(f"{math.hypot(b[0] - a[0], b[1] - a[1]):.1f} px")
        self.field.clear()
        self._ask(mm is None)
        self.show()
        self.raise_()
        (self.field if mm is None else self).setFocus()

    def place(self, viewport: Viewport) -> None:
        """Stand below the line, or above where there is more room, inside the view."""
        if self._ends is None:
            return
        a, b = (QPointF(*viewport.to_screen(end)) for end in self._ends)
        size = self.sizeHint()
        self.resize(size)
        x = (a.x() + b.x() - size.width()) / 2
        y = max(a.y(), b.y()) + _GAP_PX
        if y + size.height() > viewport.view_height:
            y = min(a.y(), b.y()) - _GAP_PX - size.height()
        most_x = viewport.view_width - size.width() - _EDGE_PX
        most_y = viewport.view_height - size.height() - _EDGE_PX
        self.move(round(min(max(x, _EDGE_PX), most_x)), round(min(max(y, _EDGE_PX), most_y)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Every key ends here: the film below would confirm a point on Enter.
        if event.key() == Qt.Key.Key_Escape:
            self.dismissed.emit()
        elif event.text().isdigit() and not self.is_asking:
            self._apply_or_ask()
            self.asked.emit()
            self.field.setText(event.text())
        event.accept()

    def event(self, event: QEvent) -> bool:
        # Before a shortcut of the window takes it: digits switch the layers.
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.text().isprintable()
            and event.text()
            and not event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            event.accept()
            return True
        return super().event(event)

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
        self.adjustSize()

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
            self.field.setFocus()
        else:
            self.applied.emit(length)

    def _show_result(self, *_: object) -> None:
        length = parsed_length_mm(self.field.text())
        if length is None or self._ends is None:
            self.result.setText("")
            return
        _say(self.sentence, _ASK, "hint")
        self.result.setText(f"{self._size.from_ruler(*self._ends, length).x_mm:.4f} mm/px")


def parsed_length_mm(text: str) -> float | None:
    """Return a length as people type it, with a point or a comma; None for anything else."""
    try:
        length = float(text.strip().removesuffix("mm").replace(",", "."))
    except ValueError:
        return None
    return length if 0 < length <= LONGEST_MM else None


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
