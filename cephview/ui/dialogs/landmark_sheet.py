"""The landmarks beside those of the model: which are in use, what is on offer, and one's own."""

from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMainWindow,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from cephview.core.landmarks import OWN, Landmark
from cephview.ui.dialogs.cover import Sheet
from cephview.ui.editing.own_landmarks import OwnLandmarks
from cephview.ui.look.schematic import Schematic
from cephview.ui.look.theme import Theme, scaled

_LIST, _DETAILS, _HEIGHT, _ROW = 316, 348, 308, 28
_ABOUT = (
    "The {count} landmarks of {name} are always there. What you add here is to be placed by hand "
    "on every film; the model does not know it."
)
_DONE = (
    " {films} done: with a landmark more, {they} to be reviewed again until it is placed there or "
    "marked as not visible. Taken out, {they} done again."
)
_KEPT = "Taken out, it stays on the films that have a point of it."
_HINT = "Each tick is kept at once  ·  Space ticks  ·  Esc closes"
_TISSUES = (("Hard tissue", "hard"), ("Soft tissue", "soft"))


class LandmarkSheet(Sheet):
    """Each tick is kept at once, as everything else."""

    def __init__(self, landmarks: OwnLandmarks, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self._landmarks = landmarks
        self._is_filling = False
        self.about = _label("hint")
        self.list = QListWidget()
        self.list.setAccessibleName("Landmarks on offer")
        self.list.setFixedSize(scaled(_LIST), scaled(_HEIGHT))
        self.name = _label("title")
        self.definition = _label("")
        self.origin = _label("hint")
        self.said = _label("attention")
        self.symbol, self.title, self.words = QLineEdit(), QLineEdit(), QLineEdit()
        self.tissue = QComboBox()
        self.define = QPushButton("Add")
        self._lay_out(theme)
        self.list.currentItemChanged.connect(lambda *_: self._show_details())
        self.list.itemChanged.connect(self._ticked)
        self.define.clicked.connect(self._define)
        for field in (self.symbol, self.title, self.words):
            field.returnPressed.connect(self._define)
        landmarks.failed.connect(self.said.setText)

    def toggle(self) -> None:
        """Show what there is now, or put the sheet away."""
        if self.isVisible():
            self.put_away()
            return
        self.said.clear()
        self._fill()
        self.lay_over(self.list)

    @property
    def chosen(self) -> Landmark | None:
        item = self.list.currentItem()
        return None if item is None else item.data(Qt.ItemDataRole.UserRole)

    def _fill(self, chosen: str = "") -> None:
        landmarks = self._landmarks.landmarks
        count = len(landmarks) - len(landmarks.added)
        about = _ABOUT.format(count=count, name=landmarks.name.partition(",")[0])
        self.about.setText(about + _of_done(self._landmarks.done_films()))
        self._is_filling = True
        self.list.clear()
        for landmark in self._landmarks.offered:
            item = QListWidgetItem(f"{landmark.id}    {landmark.name}")
            item.setData(Qt.ItemDataRole.UserRole, landmark)
            item.setSizeHint(QSize(0, scaled(_ROW)))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            is_in = landmark.id in landmarks.ids
            item.setCheckState(Qt.CheckState.Checked if is_in else Qt.CheckState.Unchecked)
            self.list.addItem(item)
            if landmark.id == chosen:
                self.list.setCurrentItem(item)
        if self.list.currentItem() is None:
            self.list.setCurrentRow(0)
        self._is_filling = False
        self._show_details()

    def _show_details(self) -> None:
        landmark = self.chosen
        if landmark is None or self._is_filling:
            return
        kind = "Hard tissue" if landmark.tissue == "hard" else "Soft tissue"
        own = "your own" if landmark.set_id == OWN else f"set {landmark.set_id}"
        self.name.setText(f"{landmark.id}  {landmark.name}")
        self.definition.setText(landmark.definition)
        self.schematic.show_landmark(landmark.id)
        is_retired = landmark in self._landmarks.landmarks.retired
        lines = (f"{kind}, {own}", landmark.convention, landmark.source, _KEPT * is_retired)
        self.origin.setText("\n".join(line for line in lines if line))

    def _ticked(self, item: QListWidgetItem) -> None:
        if self._is_filling:
            return
        self.said.clear()
        landmark: Landmark = item.data(Qt.ItemDataRole.UserRole)
        if item.checkState() == Qt.CheckState.Checked:
            self._landmarks.add(landmark)
        else:
            self._landmarks.retire(landmark.id)
        self._fill(landmark.id)

    def _define(self) -> None:
        self.said.clear()
        fields = self.symbol, self.title, self.words
        symbol, name, definition = (field.text() for field in fields)
        if self._landmarks.define(symbol, name, definition, self.tissue.currentData()):
            for field in fields:
                field.clear()
            self._fill(symbol.strip())
            self.symbol.setFocus()

    def _lay_out(self, theme: Theme) -> None:
        self.rows.setContentsMargins(24, 20, 24, 20)
        self.rows.setSpacing(12)
        self.rows.addWidget(_label("title", "Landmarks"))
        self.rows.addWidget(self.about)
        middle = QHBoxLayout()
        middle.setSpacing(20)
        middle.addWidget(self.list)
        details = QVBoxLayout()
        details.setSpacing(6)
        for label in (self.name, self.definition, self.origin):
            label.setFixedWidth(scaled(_DETAILS))
            details.addWidget(label)
        details.addStretch(1)
        self.schematic = Schematic(theme)
        self.schematic.setFixedWidth(scaled(_DETAILS))
        details.addWidget(self.schematic)
        middle.addLayout(details)
        self.rows.addLayout(middle)
        self.rows.addSpacing(4)
        self.rows.addWidget(_label("heading", "One of your own"))
        form = QGridLayout()
        form.setHorizontalSpacing(8)
        form.setVerticalSpacing(8)
        asked = (self.symbol, "Symbol"), (self.title, "Name"), (self.words, "Where it lies")
        for field, words in asked:
            field.setPlaceholderText(words)
            field.setAccessibleName(words)
        for words, tissue in _TISSUES:
            self.tissue.addItem(words, tissue)
        self.tissue.setAccessibleName("Tissue")
        self.define.setProperty("kind", "primary")
        self.symbol.setFixedWidth(scaled(90))
        form.addWidget(self.symbol, 0, 0)
        form.addWidget(self.title, 0, 1)
        form.addWidget(self.tissue, 0, 2)
        form.addWidget(self.words, 1, 0, 1, 2)
        form.addWidget(self.define, 1, 2)
        self.rows.addLayout(form)
        self.rows.addWidget(self.said)
        self.rows.addWidget(_label("hint", _HINT))


class LandmarkDesk(QObject):
    """Lays the sheet over a window, made when it is first wanted."""

    def __init__(self, landmarks: OwnLandmarks, theme: Theme, window: QMainWindow) -> None:
        super().__init__(window)
        self._landmarks = landmarks
        self._theme = theme
        self._window = window
        self.sheet: LandmarkSheet | None = None

    def show(self) -> None:
        """Show which landmarks are in use and on offer, or put the sheet away."""
        page = self._window.centralWidget()
        if self.sheet is None and page is not None:
            self.sheet = LandmarkSheet(self._landmarks, self._theme, page)
        assert self.sheet is not None
        self.sheet.toggle()


def _of_done(films: int) -> str:
    """Say what becomes of films that are done, before it does; "" where none is."""
    if not films:
        return ""
    is_one = films == 1
    are = "1 film is" if is_one else f"{films:,} films are"
    return _DONE.format(films=are, they="it is" if is_one else "they are")


def _label(role: str, text: str = "") -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    if role:
        label.setProperty("role", role)
    return label
