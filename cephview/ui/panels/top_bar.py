"""The top bar: tools of the hand, steps, views of the film, the model, detect and export."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QMenu,
    QToolButton,
    QWidget,
)

from cephview.ui.actions.book import ActionBook
from cephview.ui.actions.menu_filling import fill_menu
from cephview.ui.actions.menus import DETECT_MENU, EXPORT_MENU
from cephview.ui.look.icons import SIZE_PX, put_icon
from cephview.ui.look.theme import TARGET_PX, Theme, scaled
from cephview.ui.look.theme import font as theme_font

HEIGHT = 46
TEXT_FROM_WIDTH = 1300
VIEWS_FROM_WIDTH = 1160

_GROUPS = (
    ("select", "ruler", "place"),
    ("undo", "redo"),
    ("auto-window", "invert", "fit", "one-to-one"),
)
# Too pale for bright surfaces but for their edge.
_FAINT_BY_DAY = ("human", "refined", "attention")


# Until one knows whether there is a model.
LOOKING = "looking for models"


class ModelPill(QAbstractButton):
    """The model at work with its device and last time; a dot tells the engine's state."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._dot = "text_3"
        self._is_filled = False
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFont(theme_font(12))
        self.setText(LOOKING)

    def show_state(self, text: str, dot: str, tip: str, *, is_filled: bool = True) -> None:
        """Show a text with a dot in a colour of the theme; a ring where work is under way."""
        self._dot, self._is_filled = dot, is_filled
        self.setText(text)
        self.setToolTip(tip)
        self.setAccessibleName(f"Model: {text}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        width = QFontMetricsF(self.font()).horizontalAdvance(self.text())
        return QSize(int(width) + 42, scaled(30))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = theme.colour("focus" if self.hasFocus() else "line_strong")
        painter.setPen(QPen(edge, 1))
        painter.setBrush(theme.colour("raised" if self.underMouse() else "surface_1"))
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)
        centre = QPointF(area.left() + 15, area.center().y())
        ink = f"{self._dot}_text" if self._dot in _FAINT_BY_DAY else self._dot
        painter.setPen(QPen(theme.colour(ink), 1.5))
        painter.setBrush(theme.colour(self._dot) if self._is_filled else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(centre, 3.5, 3.5)
        painter.setPen(theme.colour("text_2"))
        painter.setFont(self.font())
        painter.drawText(
            area.adjusted(26, 0, -12, 0), int(Qt.AlignmentFlag.AlignVCenter), self.text()
        )
        painter.end()


class TopBar(QWidget):
    """Made of the action table; gives words up for icons where the window is narrow."""

    model_wanted = Signal()

    def __init__(self, book: ActionBook, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("surface", "bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(scaled(HEIGHT))
        self._book = book
        self._theme = theme
        self._texted: list[QToolButton] = []
        self.pill = ModelPill(theme)
        self.pill.clicked.connect(self.model_wanted)
        self.detect = self._button("detect", is_texted=False)
        self.detect.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.how = self._chevron(
            fill_menu(QMenu(self), DETECT_MENU, book), "How and when the model looks at a film"
        )
        self.export = self._make_export()

        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 12, 0)
        row.setSpacing(4)
        row.addWidget(self._button("toggle-left", is_texted=False))
        row.addSpacing(2)
        row.addSpacing(4)
        for n, group in enumerate(_GROUPS):
            if n:
                row.addWidget(_line())
            for action_id in group:
                row.addWidget(self._button(action_id))
        # The views are in the menu as well, so a narrow window can do without these.
        self._views = self._texted[-len(_GROUPS[-1]) :]
        row.addStretch(1)
        row.addWidget(self.pill)
        row.addSpacing(6)
        row.addWidget(self.detect)
        row.addSpacing(-6)
        row.addWidget(self.how)
        row.addSpacing(6)
        row.addWidget(self.export)
        row.addSpacing(4)
        row.addWidget(self._button("toggle-right", is_texted=False))

    def show_detecting(self, is_detecting: bool) -> None:
        """Turn Detect into Stop while a detection runs, and back."""
        self.detect.setDefaultAction(self._book["cancel-detect" if is_detecting else "detect"])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_wide = self.width() >= scaled(TEXT_FROM_WIDTH)
        style = (
            Qt.ToolButtonStyle.ToolButtonTextOnly
            if is_wide
            else Qt.ToolButtonStyle.ToolButtonIconOnly
        )
        for button in self._views:
            button.setVisible(self.width() >= scaled(VIEWS_FROM_WIDTH))
        for button in self._texted:
            if button.toolButtonStyle() != style:
                button.setToolButtonStyle(style)

    def _button(self, action_id: str, *, is_texted: bool = True) -> QToolButton:
        button = QToolButton(self)
        button.setDefaultAction(self._book[action_id])
        button.setIconSize(QSize(SIZE_PX, SIZE_PX))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        button.setAccessibleName(self._book[action_id].iconText())
        if action_id.startswith("toggle-"):
            # Panels are nearly always open; a lit button would draw the eye for nothing.
            button.setStyleSheet("QToolButton:checked { background: transparent; }")
        if is_texted:
            self._texted.append(button)
        return button

    def _chevron(self, menu: QMenu, tip: str) -> QToolButton:
        button = _menu_button(menu, tip)
        put_icon(button, "chevron-down", self._theme)
        button.setIconSize(QSize(14, 14))
        button.setStyleSheet("padding: 4px 4px;")
        button.setMinimumWidth(TARGET_PX)
        return button

    def _make_export(self) -> QToolButton:
        menu = fill_menu(QMenu(self), EXPORT_MENU, self._book)
        button = _menu_button(menu, "Write the points of the films you choose to a file")
        button.setText("Export")
        button.setProperty("kind", "primary")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        return button


def action_button(action: QAction) -> QToolButton:
    """Return a button with the words of an action, for the head of a panel."""
    button = QToolButton()
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setAccessibleName(action.iconText())
    return button


def _menu_button(menu: QMenu, tip: str) -> QToolButton:
    button = QToolButton()
    button.setMenu(menu)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _line() -> QFrame:
    line = QFrame()
    line.setProperty("role", "line-v")
    line.setFixedHeight(22)
    line.setFixedWidth(13)
    line.setContentsMargins(6, 0, 6, 0)
    return line
