"""Who reads: a further reading begun or gone on with, blind to what others made of the films."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from cephview.core.reading import Reading, Start
from cephview.ui.dialogs.cover import Sheet
from cephview.ui.look.theme import Theme, scaled

_WIDTH = 440
_ABOUT = (
    "A further reading is kept apart: it does not show what others placed or confirmed, and "
    "changes none of it."
)
_BEGUN = "{} began {} and goes on with that."
_STARTS = {
    Start.MODEL: ("From the model's points", "from the model's points"),
    Start.NOTHING: ("From nothing; the model places no points", "from nothing"),
}
_FIRST = "The first reading"


class ReadAs(Sheet):
    """Asks for a reader's name, what to begin with, and for which films.

    wanted carries (name, Start, whether for the open film alone); first_wanted asks for the first
    reading.
    """

    wanted = Signal(str, object, bool)
    first_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self._readings: tuple[Reading, ...] = ()
        self.name = QLineEdit()
        self.name.setPlaceholderText("Name of the reader")
        self.name.setAccessibleName("Name of the reader")
        self.known = QWidget()
        self._known_rows = QVBoxLayout(self.known)
        self._known_rows.setContentsMargins(0, 0, 0, 0)
        self._known_rows.setSpacing(6)
        self.starts = {start: QRadioButton(words) for start, (words, _) in _STARTS.items()}
        self.all_films, self.one_film = QRadioButton("All films"), QRadioButton("This film only")
        self.begun = _label("hint")
        self.read = QPushButton("Read")
        self.read.setProperty("kind", "primary")
        self.cancel = QPushButton("Cancel")
        self._groups = [QButtonGroup(self), QButtonGroup(self)]
        self._lay_out()
        self.name.textChanged.connect(self._look)
        self.name.returnPressed.connect(self._accept)
        self.read.clicked.connect(self._accept)
        self.cancel.clicked.connect(self.put_away)

    def ask(self, readings: tuple[Reading, ...], current: Reading, *, has_film: bool) -> None:
        """Ask, with what is known of readers; who reads now is not offered."""
        self._readings = tuple(r for r in readings if not r.is_first and not r.is_decisions)
        while self._known_rows.count():
            taken = self._known_rows.takeAt(0)
            if taken is not None and (widget := taken.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for reading in self._readings:
            if reading != current:
                self._offer(f"Go on as {reading.reader}", self._taker(reading.reader))
        if not current.is_first:
            self._offer(_FIRST, self._first)
        self.known.setVisible(self._known_rows.count() > 0)
        self.name.clear()
        self.starts[Start.MODEL].setChecked(True)
        self.all_films.setChecked(True)
        self.one_film.setEnabled(has_film)
        self._look()
        self.lay_over(self.name)

    def _offer(self, text: str, act: Callable[[], None]) -> None:
        button = QPushButton(text)
        button.clicked.connect(act)
        self._known_rows.addWidget(button)

    def _taker(self, name: str) -> Callable[[], None]:
        def take() -> None:
            self.name.setText(name)
            self._accept()

        return take

    def _first(self) -> None:
        self.put_away()
        self.first_wanted.emit()

    def _accept(self) -> None:
        name = self.name.text().strip()
        if name:
            self.put_away()
            self.wanted.emit(name, self._start(), self.one_film.isChecked())

    def _start(self) -> Start:
        return next(start for start, button in self.starts.items() if button.isChecked())

    def _look(self, *_: object) -> None:
        """Say where a name is known: what it began with is settled."""
        name = self.name.text().strip()
        found = next((r for r in self._readings if r.reader == name), None)
        for start, button in self.starts.items():
            button.setEnabled(found is None)
            if found is not None and found.start is start:
                button.setChecked(True)
        words = "" if found is None else _BEGUN.format(found.reader, _STARTS[found.start][1])
        self.begun.setText(words)
        self.begun.setVisible(bool(words))
        self.read.setEnabled(bool(name))

    def _lay_out(self) -> None:
        self.card.setFixedWidth(scaled(_WIDTH))
        self.rows.setContentsMargins(24, 20, 24, 20)
        self.rows.setSpacing(10)
        self.rows.addWidget(_label("title", "Read as\u2026"))
        self.rows.addWidget(_label("hint", _ABOUT))
        self.rows.addWidget(self.name)
        self.rows.addWidget(self.begun)
        self.rows.addSpacing(4)
        self.rows.addWidget(_label("heading", "Each film begins"))
        for button in self.starts.values():
            self._groups[0].addButton(button)
            self.rows.addWidget(button)
        self.rows.addSpacing(4)
        self.rows.addWidget(_label("heading", "For"))
        scope = QHBoxLayout()
        scope.setSpacing(20)
        for button in (self.all_films, self.one_film):
            self._groups[1].addButton(button)
            scope.addWidget(button)
        scope.addStretch(1)
        self.rows.addLayout(scope)
        self.rows.addSpacing(6)
        ends = QHBoxLayout()
        ends.setSpacing(8)
        ends.addStretch(1)
        ends.addWidget(self.cancel)
        ends.addWidget(self.read)
        self.rows.addLayout(ends)
        self.rows.addWidget(self.known)


def _label(role: str, text: str = "") -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setProperty("role", role)
    return label
