"""While one types, a field keeps what it needs to write, and every other key is the window's."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cephview.ui.actions.table import ACTIONS
from cephview.ui.desks.field_keys import belongs_to_field

# Which keys edit a text is known to an application alone.
pytestmark = pytest.mark.usefixtures("qapp")

CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
NONE = Qt.KeyboardModifier.NoModifier


def pressed(key, modifiers=NONE, text=""):
    return QKeyEvent(QEvent.Type.ShortcutOverride, key, modifiers, text)


def event_of(key):
    """Return the press of an action's key, with the text that a keyboard gives."""
    combined = QKeySequence(key)[0]
    plain = combined.keyboardModifiers() in (NONE, Qt.KeyboardModifier.ShiftModifier)
    code = combined.key()
    text = chr(code) if plain and code < 0x80 else ""
    return pressed(code, combined.keyboardModifiers(), text)


def test_a_field_keeps_what_it_writes_and_edits_by():
    assert belongs_to_field(pressed(Qt.Key.Key_V, NONE, "v"))
    assert belongs_to_field(pressed(Qt.Key.Key_At, CTRL | ALT, "@")), "AltGr"
    assert belongs_to_field(pressed(Qt.Key.Key_Left, CTRL))
    assert belongs_to_field(pressed(Qt.Key.Key_Z, CTRL))
    assert not belongs_to_field(pressed(Qt.Key.Key_E, CTRL))
    assert not belongs_to_field(pressed(Qt.Key.Key_R, ALT, "r"))


def test_each_key_of_the_table_is_heard_in_the_search(desk):
    """Sent as Qt sends it before a shortcut: what the field accepts never becomes one."""
    desk.open(desk.films)
    search = desk.window.films.search
    search.setFocus()
    for key in (key for entry in ACTIONS for key in entry.keys):
        event = event_of(key)
        event.ignore()
        QApplication.sendEvent(search, event)
        assert event.isAccepted() == belongs_to_field(event_of(key)), key


def test_exporting_from_the_search_field(desk):
    desk.open(desk.films)
    desk.answer()
    desk.qtbot.waitUntil(lambda: not desk.window.session.folder.has_open_questions())
    asked = []
    desk.window.session.exporting.offered.connect(asked.append)
    search = desk.window.films.search
    search.setFocus()
    QTest.keyClick(search, Qt.Key.Key_E, CTRL)
    assert asked
    desk.window.exports.sheet.close()
    search.setFocus()
    QTest.keyClicks(search, "10")
    assert search.text() == "10"
    QTest.keyClick(search, Qt.Key.Key_Z, CTRL)
    assert search.text() == "" and desk.editor.can_undo
    QTest.keyClick(search, Qt.Key.Key_K, CTRL)
    palette = desk.window.keys.palette
    assert palette.isVisible()
    QTest.keyClick(palette.field, Qt.Key.Key_E, CTRL)
    assert len(asked) == 1, "no key of the window means anything under the palette"
