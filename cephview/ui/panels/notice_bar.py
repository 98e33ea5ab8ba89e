"""One sentence under the top bar: what went wrong or what happened, and what can be done."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from cephview.ui.icons import icon
from cephview.ui.theme import Theme


class Kind(StrEnum):
    """How much a notice matters."""

    NOTE = "note"
    ATTENTION = "attention"
    DANGER = "danger"


@dataclass(frozen=True)
class Notice:
    """One sentence. topic names what it is about: a newer notice of a topic replaces the older."""

    text: str
    kind: Kind = Kind.NOTE
    topic: str = ""
    action: str = ""
    on_action: Callable[[], object] | None = None


class NoticeBar(QWidget):
    """Shows the newest notice until it is dismissed, then the one before. Never takes the focus."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice-bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self._notices: list[Notice] = []
        self._icon = QLabel()
        self._icon.setFixedSize(18, 18)
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._more = QLabel()
        self._more.setProperty("role", "hint")
        self.action = QPushButton()
        self.action.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.action.clicked.connect(self._act)
        self.close_button = QToolButton()
        self.close_button.setIcon(icon("close", theme))
        self.close_button.setIconSize(QSize(14, 14))
        self.close_button.setToolTip("Dismiss")
        self.close_button.setAccessibleName("Dismiss")
        self.close_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.close_button.clicked.connect(self.dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 10, 6)
        row.setSpacing(10)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        row.addWidget(self._more)
        row.addWidget(self.action)
        row.addWidget(self.close_button)
        self.hide()

    @property
    def current(self) -> Notice | None:
        return self._notices[-1] if self._notices else None

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

    def dismiss(self) -> None:
        """Take the shown notice away."""
        if self._notices:
            self._notices.pop()
        self._refresh()

    def _act(self) -> None:
        notice = self.current
        self.dismiss()
        if notice is not None and notice.on_action is not None:
            notice.on_action()

    def _refresh(self) -> None:
        notice = self.current
        self.setVisible(notice is not None)
        if notice is None:
            return
        theme = self._theme
        ground, edge, text, picture = {
            Kind.NOTE: (theme.surface_2, theme.line_strong, theme.text_1, ("notice", "refined")),
            Kind.ATTENTION: (theme.attention_surface, theme.attention_surface,
                             theme.attention_text, ("attention", "attention")),
            Kind.DANGER: (theme.danger_surface, theme.danger_surface,
                          theme.danger, ("attention", "danger")),
        }[notice.kind]  # fmt: skip
        self.setStyleSheet(
            f"#notice-bar {{ background: {ground}; border-bottom: 1px solid {edge}; }}"
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
