"""Nothing is cut and nothing is too small to hit, on small screens and with large letters."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QWidget,
)

from cephview.ui.look import theme as look
from cephview.ui.look.theme import DARK, TARGET_PX, apply_theme

# A desktop whose letters are of 16 px.
LARGE = 16 / 13


def amiss(root: QWidget) -> Iterator[str]:
    """Say what of all that is seen below a widget is cut, or smaller than a target may be."""
    for widget in root.findChildren(QWidget):
        if not widget.isVisible() or widget.visibleRegion().isEmpty():
            continue
        text = getattr(widget, "text", lambda: "")()
        if isinstance(widget, QLabel) and text and widget.textFormat() != Qt.TextFormat.RichText:
            room = widget.contentsRect()
            if widget.wordWrap():
                if widget.heightForWidth(widget.width()) > widget.height() + 1:
                    yield f"cut below: {text!r}"
            elif widget.fontMetrics().horizontalAdvance(text) > room.width() + 1:
                yield f"cut at the side: {text!r}"
        elif isinstance(widget, QPushButton | QToolButton) and not is_of_a_field(widget):
            needed = widget.minimumSizeHint().width()
            if isinstance(widget, QPushButton):
                needed = max(needed, widget.fontMetrics().horizontalAdvance(text))
            if widget.width() < needed:
                yield f"cut: {text!r}, {widget.width()} < {needed}"
        is_target = isinstance(widget, QAbstractButton | QComboBox | QLineEdit)
        if is_target and not is_of_a_field(widget):
            if min(widget.width(), widget.height()) < TARGET_PX:
                yield f"{widget.width()} x {widget.height()}: {text or widget.toolTip()!r}"
            if isinstance(widget, QAbstractButton) and not (
                text or widget.accessibleName() or widget.toolTip()
            ):
                yield f"a button without a name, {widget.objectName()}"


def is_of_a_field(widget: QWidget) -> bool:
    """Whether this is the cross within a field of text."""
    return isinstance(widget.parent(), QLineEdit)


@pytest.fixture(params=[1.0, LARGE], ids=["13 px", "16 px"])
def letters(request, monkeypatch, qapp):
    monkeypatch.setattr(look, "font_scale", lambda: request.param)
    apply_theme(qapp, DARK)
    yield request.param
    monkeypatch.undo()
    apply_theme(qapp, DARK)


@pytest.mark.parametrize("size", [(1000, 640), (1280, 720), (1440, 900)], ids=str)
def test_nothing_is_cut_or_too_small_to_hit(make_desk, letters, size):
    desk = make_desk(size=size)
    window, book = desk.window, desk.window.actions_book
    desk.process()
    found = {"empty": list(amiss(window))}
    desk.open(desk.films)
    desk.answer()
    desk.editor.confirm("S")
    desk.process()
    found["a film"] = list(amiss(window))
    for landmark in ("S", "N", "Pog'"):
        desk.editor.select(landmark)
        desk.process()
        found[landmark] = list(amiss(window))
    window.tabs.setCurrentWidget(window.model)
    desk.process()
    found["model"] = list(amiss(window))
    for name in ("palette", "cheat-sheet"):
        book[name].trigger()
        desk.process()
        found[name] = list(amiss(window))
    assert not {where: what for where, what in found.items() if what}
