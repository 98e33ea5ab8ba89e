"""The declared menus: every action once, short, and letters to choose by."""

from collections import Counter

import pytest
from PySide6.QtWidgets import QMenu

from cephview.ui.actions.menus import (
    COMPARED_MENU,
    DETECT_MENU,
    EXPORT_MENU,
    FILM_MENU,
    LIST_MENU,
    MENUS,
    NOT_IN_MENUS,
    POINT_MENU,
    Menu,
    mnemonics,
)
from cephview.ui.actions.needs import Need, always
from cephview.ui.actions.table import ACTIONS

# With 28 px an entry and 11 a line, this many lie within a window of 640 px.
MOST_ENTRIES = 17


def levels(menu: Menu):
    yield menu
    for group in menu.groups:
        for entry in group:
            if isinstance(entry, Menu):
                yield from levels(entry)


def test_every_action_is_in_one_menu_or_named_as_not():
    found = Counter(name for menu in MENUS for name in menu.ids())
    found.update(list(NOT_IN_MENUS))
    assert {entry.id for entry in ACTIONS} == set(found)
    assert [name for name, times in found.items() if times > 1] == []


def test_the_other_menus_hold_actions_of_the_table():
    ids = {entry.id for entry in ACTIONS}
    for menu in (FILM_MENU, LIST_MENU, POINT_MENU, COMPARED_MENU, DETECT_MENU, EXPORT_MENU):
        assert set(menu.ids()) <= ids


@pytest.mark.parametrize("menu", [m for menu in MENUS for m in levels(menu)], ids=lambda m: m.title)
def test_a_menu_is_short_and_no_more_than_one_deeper(menu):
    assert sum(len(group) for group in menu.groups) <= MOST_ENTRIES
    if menu not in MENUS:
        assert not any(isinstance(entry, Menu) for group in menu.groups for entry in group)


def test_what_cannot_be_done_says_why():
    for entry in ACTIONS:
        assert entry.enabled_when is always or isinstance(entry.enabled_when, Need), entry.id
        if isinstance(entry.enabled_when, Need):
            assert 0 < len(entry.enabled_when.why) <= 34


def test_letters_are_given_once_and_never_those_in_use():
    assert mnemonics(("File", "Fit", "Film & film")) == ("&File", "F&it", "Fi&lm && film")
    assert mnemonics(("View",), frozenset("vi")) == ("Vi&ew",)
    assert mnemonics(("aa", "aa")) == ("&aa", "aa")


@pytest.mark.parametrize("size", [(1000, 640), (1280, 720)])
def test_no_menu_is_higher_than_the_window(make_desk, size):
    desk = make_desk(size=size)
    for menu in desk.window.menu_bar.findChildren(QMenu):
        assert menu.sizeHint().height() < desk.window.height() - 60, menu.title()


def test_a_menu_tells_why_not_in_place_of_the_key(desk):
    book = desk.window.actions_book
    assert book["as-on-file"].text().endswith("\tnothing is turned")
    desk.open(desk.films)
    book["mirror"].trigger()
    assert "\t" not in book["as-on-file"].text()
    assert book["confirm-next"].text().endswith("\tno point is chosen")
    desk.answer()
    desk.editor.select("S")
    assert book["confirm-next"].text().endswith("\tEnter")


def test_a_key_of_the_user_comes_before_the_letter_of_a_menu(desk):
    def titles():
        return [menu.title() for menu in desk.window.menu_bar._menus]

    before = titles()
    assert "&File" in before
    desk.window.actions_book.set_key("fit", "Alt+F")
    assert "&File" not in titles()
    desk.window.actions_book.reset_key("fit")
    assert titles() == before


def test_passes_are_actions_and_the_settings_keep_them(make_desk):
    desk = make_desk()
    book = desk.window.actions_book
    assert book["one-pass"].isChecked()
    book["two-passes"].trigger()
    assert desk.window.habits()["passes"] == 2 and not book["one-pass"].isChecked()
