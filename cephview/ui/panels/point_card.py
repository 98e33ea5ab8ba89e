"""The card of the chosen landmark: what it is, how sure the model is, and three actions."""

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from cephview.core.landmarks import Landmark
from cephview.core.scale import PixelSize
from cephview.core.tracing import Point, State
from cephview.ui.look.icons import put_icon
from cephview.ui.look.schematic import Schematic
from cephview.ui.look.theme import Theme, scaled
from cephview.ui.panels.point_table import paint_glyph
from cephview.ui.rows.point_rows import doubt_words, moved, refinement

_NO_FILM = "Open a film to see its points here."
_NO_POINTS = "Detect places all points; Place puts them by hand, one after the other."
_TO_PLACE = "Place puts it with a click on the film. Or choose it below: not visible."
_TO_PLACE_ALL = "Place puts them by hand, one after the other."
_DETECTING = "They come in a moment, to be checked and corrected."
_TO_CHECK = "Tab goes to the least certain one, Enter confirms it. Or choose a point on the film."
_ALL_CHECKED = "Enter goes to the next film. A point can still be chosen and moved."
_ELLIPSE = "Half axes of the ellipse around the model's point that holds 95 % of its errors"
_UNSURE = "You doubt this place (U): told in every export, and no model learns from it"
# More than these make a title that no card has room for.
_NAMED = 4
HEIGHT = 164
GUIDE_HEIGHT = 330
_NOT_PLACED = "Not placed yet. Detect places all points; Place puts this one by hand."


class Glyph(QWidget):
    """The state of a point as the table draws it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._state = State.MISSING
        self.setFixedSize(16, 16)

    def show_state(self, state: State) -> None:
        self._state = state
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_glyph(painter, QPointF(8, 8), self._state, self._theme, 5)
        painter.end()


class PointCard(QFrame):
    """Shows one point; never edits it itself."""

    confirm_wanted = Signal()
    revert_wanted = Signal()
    not_visible_wanted = Signal()
    unsure_wanted = Signal()
    look_wanted = Signal()
    place_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setProperty("role", "card")
        self._glyph = Glyph(theme)
        self._symbol = _label("title")
        self._name = _label("hint")
        self._definition = _label("")
        self._definition.setWordWrap(True)
        self._definition.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._source = _label("hint")
        self._source.setWordWrap(True)
        self.schematic = Schematic(theme)
        self._is_guiding = False
        self._uncertainty_word = _label("hint", "95 %")
        self._uncertainty = _label("value")
        for label in (self._uncertainty_word, self._uncertainty):
            label.setToolTip(_ELLIPSE)
        self._distance_word = _label("hint")
        self._distance = _label("value")
        self.confirm = _button("Confirm", "confirm", "Enter", self.confirm_wanted)
        self.unsure = _button("Unsure", "", _UNSURE, self.unsure_wanted)
        self.unsure.setCheckable(True)
        # An icon: four words do not fit side by side.
        self.revert = _button("", "", "Revert: back to the model's point (Del)", self.revert_wanted)
        put_icon(self.revert, "revert", theme)
        self.revert.setAccessibleName("Revert")
        self.not_visible = _button(
            "Not visible", "", "This landmark cannot be seen on this film", self.not_visible_wanted
        )
        self.look = _button("", "", "The least certain point that is left (Tab)", self.look_wanted)
        self.place = _button("", "", "Put points where you click (P)", self.place_wanted)
        self._lay_out()
        self.show_no_film()

    def show_no_film(self) -> None:
        """Say, in little room, that there is nothing to show."""
        self._show_words("", _NO_FILM, "")
        self.setMinimumHeight(0)

    def set_guiding(self, is_guiding: bool) -> None:
        """Show where a landmark lies on a head, too, from the next point on, or no longer."""
        self._is_guiding = is_guiding

    def show_film(
        self,
        left: int,
        upcoming: str,
        missing: tuple[str, ...],
        *,
        is_done: bool,
        is_detecting: bool = False,
    ) -> None:
        """Say how many points are left to check, and which is next, while none is chosen.

        missing are the landmarks to place; none where no point is placed yet. is_detecting: the
        model is at work on this film.
        """
        if is_done:
            self._show_words("All points are checked", _ALL_CHECKED, "")
        elif not left and is_detecting:
            self._show_words("The model places the points", _DETECTING, "")
        elif not left and not missing:
            self._show_words("No points yet", _NO_POINTS, "")
        elif not left:
            named = f": {', '.join(missing)}" if len(missing) <= _NAMED else ""
            text = _TO_PLACE if len(missing) == 1 else _TO_PLACE_ALL
            self._show_words(f"{_points(len(missing))} to place{named}", text, "", missing[0])
        else:
            self._show_words(f"{_points(left)} to check", _TO_CHECK, upcoming)
        self._keep_height()

    def show_point(
        self, landmark: Landmark, point: Point, size: PixelSize, origin: str, *, is_doubtful: bool
    ) -> None:
        """Show a landmark as it stands on the open film.

        origin says where its definition is from; is_doubtful: its uncertainty is high.
        """
        state = point.state
        self._keep_height()
        self._show_parts(has_point=True)
        self.look.hide()
        self.place.hide()
        self._glyph.show_state(state)
        self._symbol.setText(landmark.id)
        self._name.setText(landmark.name)
        self._definition.setText(landmark.definition)
        self._definition.setToolTip(origin)
        self._source.setText(origin.partition(". ")[0])
        self._source.setToolTip(origin)
        self._source.setVisible(self._is_guiding)
        self.schematic.show_landmark(landmark.id if self._is_guiding else "")
        by_hand = moved(point, size)
        by_model = refinement(point, size)
        if by_hand is not None:
            word, value = "moved", str(by_hand)
        elif by_model is not None:
            word, value = "refined by", str(by_model)
        else:
            word, value = "", ""
        self._show_numbers(doubt_words(point, size), word, value)
        if state is State.MISSING:
            hint = "" if self._is_guiding else f" {_NOT_PLACED}"
            self._definition.setText(f"{landmark.definition}{hint}")
        _set_property(self._uncertainty, "tone", "attention" if is_doubtful else "")
        self.confirm.setEnabled(
            state not in (State.CONFIRMED, State.MISSING) and point.best is not None
        )
        self.confirm.setText("Confirmed" if state is State.CONFIRMED else "Confirm")
        self.revert.setEnabled(any((point.human, point.confirmed, point.hidden, point.unsure)))
        self.unsure.setEnabled(point.best is not None)
        self.unsure.setChecked(state is State.UNSURE)
        self.not_visible.setEnabled(state is not State.NOT_VISIBLE)

    def _keep_height(self) -> None:
        # The same with and without a point, or rows would slide from under the mouse.
        self.setMinimumHeight(scaled(GUIDE_HEIGHT if self._is_guiding else HEIGHT))

    def _show_words(self, title: str, text: str, upcoming: str, to_place: str = "") -> None:
        self._show_parts(has_point=False)
        self._symbol.setText(title)
        self._symbol.setVisible(bool(title))
        self._name.setText("")
        self._definition.setText(text)
        self._definition.setToolTip("")
        self._source.hide()
        self.schematic.show_landmark("")
        self._show_numbers("", "", "")
        self.look.setText(f"Look at {upcoming}")
        self.look.setVisible(bool(upcoming))
        self.place.setText(f"Place {to_place}")
        self.place.setVisible(bool(to_place))

    def _show_parts(self, *, has_point: bool) -> None:
        for widget in (self._glyph, self._symbol, *self._buttons):
            widget.setVisible(has_point)

    @property
    def _buttons(self) -> tuple[QPushButton, ...]:
        return self.confirm, self.unsure, self.not_visible, self.revert

    def _show_numbers(self, doubt: str, word: str, value: str) -> None:
        self._uncertainty_word.setVisible(bool(doubt))
        self._uncertainty.setText(doubt)
        self._distance_word.setText(word)
        self._distance.setText(value)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 12)
        layout.setSpacing(6)
        title = QHBoxLayout()
        title.setSpacing(7)
        for widget in (self._glyph, self._symbol, self._name):
            title.addWidget(widget)
        title.addStretch(1)
        layout.addLayout(title)
        layout.addWidget(self._definition, 1)
        layout.addWidget(self._source)
        layout.addWidget(self.schematic)
        numbers = QHBoxLayout()
        numbers.setSpacing(4)
        numbers.addWidget(self._uncertainty_word)
        numbers.addWidget(self._uncertainty)
        numbers.addSpacing(8)
        numbers.addWidget(self._distance_word)
        numbers.addWidget(self._distance)
        numbers.addStretch(1)
        layout.addLayout(numbers)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in self._buttons:
            # Four of them have to fit side by side.
            button.setProperty("room", "tight")
            buttons.addWidget(button, 0 if button is self.revert else 1)
        buttons.addWidget(self.look, 1)
        buttons.addWidget(self.place, 1)
        layout.addLayout(buttons)


def _points(count: int) -> str:
    return "1 point" if count == 1 else f"{count} points"


def _label(role: str, text: str = "") -> QLabel:
    label = QLabel(text)
    if role:
        label.setProperty("role", role)
    return label


def _button(text: str, kind: str, tip: str, clicked: object) -> QPushButton:
    button = QPushButton(text)
    if kind:
        button.setProperty("kind", kind)
    button.setToolTip(tip)
    # The film keeps the keyboard, so that Tab and Enter walk on after a click.
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.clicked.connect(clicked)
    return button


def _set_property(widget: QWidget, name: str, value: str) -> None:
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
