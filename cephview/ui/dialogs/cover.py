"""A dim cover over a page with a card on it; it gives the keyboard back when it goes."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QMainWindow, QVBoxLayout, QWidget

from cephview.ui.look.theme import Theme


class Cover(QWidget):
    """Covers its parent while shown; a click beside the card closes it."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.covered = parent
        self._focused: QWidget | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.card = QFrame(self)
        self.card.setProperty("role", "card")
        self.rows = QVBoxLayout(self.card)
        outer = QVBoxLayout(self)
        outer.addWidget(self.card, 0, Qt.AlignmentFlag.AlignCenter)
        parent.installEventFilter(self)
        self.hide()

    def lay_over(self, focus: QWidget) -> None:
        """Show the cover, with the keyboard at one of its widgets."""
        self._focused = self.window().focusWidget()
        self.setGeometry(self.covered.rect())
        self.show()
        self.raise_()
        focus.setFocus()

    def put_away(self) -> None:
        """Hide, and give the keyboard back to who had it."""
        if self.isHidden():
            return
        self.hide()
        if self._focused is not None:
            self._focused.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._close_menus(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._close_menus(False)

    def _close_menus(self, is_shown: bool) -> None:
        """Let the menus of the window do nothing below a cover."""
        window = self.window()
        if isinstance(window, QMainWindow):
            window.menuBar().setEnabled(not is_shown)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.covered and event.type() == QEvent.Type.Resize and not self.isHidden():
            self.setGeometry(self.covered.rect())
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()
        self.put_away()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("film", 0.62))
        painter.end()


class Sheet(Cover):
    """A card to work on: it stays under clicks on it, and no key means what it means elsewhere."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.card.geometry().contains(event.position().toPoint()):
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.put_away()
        event.accept()
