"""The table of actions: whole, without conflicts, and bound."""

from collections import Counter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence

from cephview.ui.actions.needs import Situation
from cephview.ui.actions.table import ACTIONS

CANVAS = ("Tab", "Shift+Tab", "Return", "Enter", "Esc", "Del", "Backspace", "Space",
          "Left", "Right", "Up", "Down")  # fmt: skip


def test_ids_and_keys_are_unique():
    assert not [i for i, n in Counter(action.id for action in ACTIONS).items() if n > 1]
    keys = Counter(QKeySequence(key).toString() for action in ACTIONS for key in action.keys)
    assert not [key for key, n in keys.items() if n > 1]
    assert all(keys), "a key that Qt cannot read"


def test_no_key_is_taken_from_the_film():
    mine = {QKeySequence(key).toString() for action in ACTIONS for key in action.keys}
    theirs = {QKeySequence(key).toString() for key in CANVAS}
    theirs |= {f"{m}+{a}" for m in ("Shift", "Ctrl") for a in ("Left", "Right", "Up", "Down")}
    assert not mine & theirs


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_says_what_it_does(action):
    assert action.title and action.tip and action.section
    assert isinstance(bool(action.enabled_when(Situation())), bool)


def test_the_cheat_sheet_has_every_key(desk):
    sheet = desk.window.actions_book.sheet()
    shown = {keys for section in sheet.values() for keys, _ in section}
    for action in ACTIONS:
        for key in (*action.film_keys, *action.keys):
            assert any(QKeySequence(key).toString(QKeySequence.NativeText) in s for s in shown)


def test_without_a_film_only_what_opens_one_is_offered(desk):
    enabled = {a.objectName() for a in desk.window.actions_book.all() if a.isEnabled()}
    assert {"open-film", "open-folder", "cheat-sheet"} <= enabled
    assert not enabled & {"undo", "redo", "detect", "confirm-all", "fit", "invert", "place"}


def test_view_actions_reach_the_film(desk):
    desk.open(desk.films)
    book, view = desk.window.actions_book, desk.window.view
    book["one-to-one"].trigger()
    assert view.zoom == pytest.approx(1.0)
    assert desk.window.status.zoom.text() == "100 %"
    book["fit"].trigger()
    assert view.zoom != pytest.approx(1.0)
    book["invert"].trigger()
    assert view.is_inverted
    levels = view.levels
    book["auto-window"].trigger()
    assert view.levels is not None and levels is not None
    assert desk.window.view.focusPolicy() == Qt.FocusPolicy.StrongFocus
