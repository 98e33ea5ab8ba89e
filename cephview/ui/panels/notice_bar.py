"""One sentence over the film: what went wrong or what happened, and what can be done."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from cephview.ui.look.icons import icon, put_icon
from cephview.ui.look.theme import Theme, scaled
from cephview.ui.notice import Kind, Notice

WIDTH = 600
# Beside less than this the words would stand in a column.
_ROOMY = 420
_LEAST = 240
_MARGIN = 12
_GAP = 8
_MOVES = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide)


class NoticeBar(QWidget):
    """Shows the newest notice until it is dismissed, then the one before. Never takes the focus.

    It floats at the top centre of a view and has a place in no layout: a layout that gave way
    would rescale the film under a hand that drags a point, or that is about to click.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice-bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self._notices: list[Notice] = []
        self._view: QWidget | None = None
        self._clear_of: tuple[QWidget, ...] = ()
        self._top = 0
        self._icon = QLabel()
        self._icon.setFixedSize(18, 18)
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        # The flags make it take the keyboard on a click, from the film.
        self._text.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._more = QLabel()
        self._more.setProperty("role", "hint")
        self.action = QPushButton()
        self.action.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.action.clicked.connect(lambda: self._act(lambda notice: notice.on_action))
        self.other = QPushButton()
        self.other.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.other.clicked.connect(lambda: self._act(lambda notice: notice.on_other))
        self._buttons = QWidget()
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.action)
        row.addWidget(self.other)
        self.close_button = QToolButton()
        put_icon(self.close_button, "close", theme)
        self.close_button.setIconSize(QSize(14, 14))
        self.close_button.setToolTip("Dismiss")
        self.close_button.setAccessibleName("Dismiss")
        self.close_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.close_button.clicked.connect(self.dismiss)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(14, 6, 10, 6)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._arrange(is_narrow=False)
        self.hide()

    @property
    def current(self) -> Notice | None:
        return self._notices[-1] if self._notices else None

    def float_over(self, view: QWidget, *clear_of: QWidget) -> None:
        """Stay at the top of a view within this one's parent; below what it shows there itself."""
        self._view, self._clear_of = view, clear_of
        for widget in filter(None, (view, view.parentWidget(), *clear_of)):
            widget.installEventFilter(self)
        self._place()

    def leave_free(self, height: int) -> None:
        """Leave so many pixels free at the top of the view."""
        self._top = height
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _MOVES:
            self._place()
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        # A click beside the words must not fall through to what lies below.
        event.accept()

    def post(self, notice: Notice) -> None:
        """Show a notice; one of the same topic, or of the same text, is replaced."""
        self._notices = [
            n
            for n in self._notices
            if n.text != notice.text and not (notice.topic and n.topic == notice.topic)
        ]
        self._notices.append(notice)
        self._refresh()

    def withdraw(self, topic: str) -> None:
        """Take the notice of a topic away; its matter is settled."""
        self._notices = [n for n in self._notices if n.topic != topic]
        self._refresh()

    def review(self) -> None:
        """Take away what does not hold any more."""
        held = [notice for notice in self._notices if notice.holds()]
        if held != self._notices:
            self._notices = held
            self._refresh()

    def pass_on(self, *_: object) -> None:
        """Take away what tells of something that was just done: something else is done now."""
        self._notices = [notice for notice in self._notices if not notice.passes]
        self._refresh()

    def dismiss(self) -> None:
        """Take the shown notice away."""
        if self._notices:
            self._notices.pop()
        self._refresh()

    def theme_changed(self) -> None:
        self._refresh()

    def _act(self, what: Callable[[Notice], Callable[[], object] | None]) -> None:
        notice = self.current
        self.dismiss()
        act = None if notice is None else what(notice)
        if act is not None:
            act()

    def _refresh(self) -> None:
        notice = self.current
        if notice is None:
            if self.isAncestorOf(self.focusWidget()) and self._view is not None:
                self._view.setFocus()
            self.hide()
            return
        theme = self._theme
        ground, edge, text, picture = {
            Kind.NOTE: (theme.raised, theme.text_3, theme.text_1, ("notice", "refined")),
            Kind.ATTENTION: (theme.attention_surface, theme.attention,
                             theme.attention_text, ("attention", "attention")),
            Kind.DANGER: (theme.danger_surface, theme.danger,
                          theme.danger, ("attention", "danger")),
        }[notice.kind]  # fmt: skip
        self.setStyleSheet(
            f"#notice-bar {{ background: {ground}; border: 1px solid {edge}; "
            "border-radius: 10px; }"
        )
        self._text.setStyleSheet(f"color: {text};")
        self._text.setText(notice.text)
        self._text.setAccessibleName(notice.text)
        name, colour = picture
        self._icon.setPixmap(icon(name, theme, colour).pixmap(QSize(18, 18)))
        others = len(self._notices) - 1
        self._more.setText(f"+{others} more")
        self._more.setVisible(others > 0)
        self.action.setText(notice.action)
        self.action.setVisible(bool(notice.action))
        self.other.setText(notice.other)
        self.other.setVisible(bool(notice.other))
        self._buttons.setVisible(bool(notice.action or notice.other))
        self._place()
        self.show()
        if self._view is not None:
            self.raise_()

    def _arrange(self, *, is_narrow: bool) -> None:
        """Put everything on one row, or the button below the words."""
        row = 1 if is_narrow else 0
        self._grid.addWidget(self._icon, 0, 0)
        self._grid.addWidget(self._text, 0, 1, 1, 3 if is_narrow else 1)
        self._grid.addWidget(self._more, row, 2)
        self._grid.addWidget(self._buttons, row, 3, 1, 2 if is_narrow else 1)
        self._grid.addWidget(self.close_button, 0, 4)

    def _place(self) -> None:
        page, view, layout = self.parentWidget(), self._view, self._grid
        if page is None or view is None or self.current is None:
            return
        self._arrange(is_narrow=False)
        layout.activate()
        # A wrapped label asks for a narrow column; one line is what reads best over a film.
        text = self._text.fontMetrics().horizontalAdvance(self._text.text())
        beside = layout.sizeHint().width() - self._text.sizeHint().width()
        wanted = min(text + beside + 4, scaled(WIDTH))
        area = view.rect().adjusted(_MARGIN, max(_MARGIN, self._top), -_MARGIN, 0)
        for widget in self._clear_of:
            if widget.isVisible():
                area = _beside(area, widget.geometry())
        if area.width() < min(wanted, scaled(_ROOMY)):
            self._arrange(is_narrow=True)
            layout.activate()
        width = max(min(wanted, area.width()), layout.minimumSize().width())
        height = max(layout.heightForWidth(width), layout.minimumSize().height())
        left = max((view.width() - width) // 2, area.left())
        # The view lies in panes of its own: its own place says where in these.
        at = view.mapTo(page, QPoint())
        self.setGeometry(QRect(left, area.top(), width, height).translated(at))


def _beside(area: QRect, taken: QRect) -> QRect:
    """Return what is left of an area at the right of a taken corner, or below it."""
    room = area.adjusted(max(0, taken.right() + _GAP - area.left()), 0, 0, 0)
    if room.width() >= scaled(_LEAST):
        return room
    return area.adjusted(0, max(0, taken.bottom() + _GAP - area.top()), 0, 0)
