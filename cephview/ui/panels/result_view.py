"""What came of a fine-tune: errors before and after, what was moved, what was kept, the worst."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from cephview import places
from cephview.core.learning import FinetuneResult
from cephview.ui.look.theme import Theme
from cephview.ui.panels.change_bar import ChangeBar
from cephview.ui.panels.moved_head import LONGER, MovedHead
from cephview.ui.panels.result_rows import (
    Row,
    figure_rows,
    judged_on,
    kept_sentence,
    landmark_rows,
    moved_rows,
)
from cephview.ui.panels.worst_films import WorstFilms


class ResultView(QWidget):
    """Before and after on the same films, none judged by what it taught itself."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.sentence = _label("", is_wrapped=True)
        self.kept = _label("", is_wrapped=True)
        self.head = MovedHead(theme)
        self.worst = WorstFilms(theme)
        self._figures, self._moved, self._landmarks = (_Table(theme) for _ in range(3))
        self._moved_title = _label("heading", "Moved on every film")
        self._moved_hint = _label("hint", f"Arrows are drawn {LONGER} times as long.")
        self._kept_title = _label("heading", "On films that are not yours")
        self._taught_title = _label("heading", "New landmarks")
        self._taught = _label("", is_wrapped=True)
        self._landmarks_title = _label("heading", "Each landmark")
        self._worst_title = _label("heading", "Where the new model is worst")
        self._worst_hint = _label(
            "hint",
            "Diamond: your point. Circle: the model's. A click opens the film there.",
            is_wrapped=True,
        )
        self._films = _label("hint", is_wrapped=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for widget in (
            self._figures, self._films, self._taught_title, self._taught, self._kept_title,
            self.kept, self._moved_title, self.head, self._moved, self._moved_hint,
            self._landmarks_title, self._landmarks,
            self._worst_title, self._worst_hint, self.worst,
        ):  # fmt: skip
            layout.addWidget(widget)

    def show_result(self, result: FinetuneResult) -> None:
        """Show a judgement."""
        self.sentence.setText(" ".join(part for part in (result.sentence, result.note) if part))
        self.sentence.setProperty("role", "gain" if result.is_better else "attention")
        self.sentence.style().polish(self.sentence)
        self._figures.show_rows(figure_rows(result), has_head=True)
        self._films.setText(judged_on(result))
        self._taught.setText("\n".join(one.sentence for one in result.taught))
        self._taught_title.setVisible(bool(result.taught))
        self._taught.setVisible(bool(result.taught))
        self.kept.setText("" if result.kept is None else kept_sentence(result.kept))
        self._kept_title.setVisible(result.kept is not None)
        self.kept.setVisible(result.kept is not None)
        self.head.show_moved(result.moved)
        self._moved.show_words(moved_rows(result))
        self._moved_title.setVisible(bool(result.moved))
        self._moved.setVisible(bool(result.moved))
        self._moved_hint.setVisible(not self.head.isHidden())
        rows = landmark_rows(result)
        self._landmarks.show_rows(rows)
        self._landmarks_title.setVisible(bool(rows))
        self._landmarks.setVisible(bool(rows))
        # Earlier releases learnt from the demo film as well.
        worst = tuple(film for film in result.worst if not places.is_demo_film(film.path))
        self.worst.show_films(worst, result.after.unit)
        for widget in (self._worst_title, self._worst_hint, self.worst):
            widget.setVisible(bool(worst))


class _Table(QWidget):
    """Rows of text in columns, made anew for each result."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._place = QVBoxLayout(self)
        self._place.setContentsMargins(0, 0, 0, 0)
        self._grid: QWidget | None = None

    def show_rows(self, rows: list[Row], *, has_head: bool = False) -> None:
        """Show figures before and after, with a bar where they have one."""
        grid = self._anew()
        if has_head:
            for column, text in enumerate(("", "before", "after", "change")):
                grid.addWidget(_number("hint", text), 0, column)
        most = max((max(r.before or 0, r.after or 0) for r in rows), default=0.0)
        for n, row in enumerate(rows, 1):
            is_main = has_head and n == 1
            grid.addWidget(_label("value" if is_main else "", row.name), n, 0)
            tone = {True: "gain", False: "attention", None: ""}[row.is_gain]
            for column, text in enumerate(row.texts, 1):
                role = tone if column == 3 else "value" if is_main else ""
                grid.addWidget(_number(role, text), n, column)
            if not has_head and row.before is not None and row.after is not None and most > 0:
                grid.addWidget(ChangeBar(self._theme, row.before, row.after, most), n, 4)
        grid.setColumnStretch(4 if not has_head else 0, 1)

    def show_words(self, rows: list[tuple[str, str]]) -> None:
        """Show names with words beside them."""
        grid = self._anew()
        for n, (name, words) in enumerate(rows):
            grid.addWidget(_label("value", name), n, 0)
            grid.addWidget(_label("", words), n, 1)
        grid.setColumnStretch(1, 1)

    def _anew(self) -> QGridLayout:
        if self._grid is not None:
            self._place.removeWidget(self._grid)
            self._grid.hide()
            self._grid.deleteLater()
        self._grid = QWidget()
        self._place.addWidget(self._grid)
        grid = QGridLayout(self._grid)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(3)
        return grid


def _label(role: str, text: str = "", *, is_wrapped: bool = False) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(is_wrapped)
    if role:
        label.setProperty("role", role)
    return label


def _number(role: str, text: str) -> QLabel:
    label = _label(role, text)
    label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return label
