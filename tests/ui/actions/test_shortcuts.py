"""A user's keys as plain values: what they can be, how they are kept, why one is refused."""

import pytest

from cephview.ui.actions.menus import LIST_MENU, NOT_IN_MENUS
from cephview.ui.actions.shortcuts import (
    TAKEN_BY_FILM,
    chosen_keys,
    default_keys,
    keys_text,
    portable,
    refusal,
)
from cephview.ui.actions.table import ACTIONS


def test_text_and_choices_are_the_same():
    chosen = {"fit": ("Ctrl+9",), "undo": ("Ctrl+Z", "Alt+Backspace"), "invert": ()}
    text = keys_text(chosen)
    assert text == "fit:Ctrl+9 invert: undo:Ctrl+Z undo:Alt+Backspace"
    assert chosen_keys(text) == (chosen, ())


def test_two_actions_may_swap_their_keys():
    chosen = {"fit": ("Ctrl+1",), "one-to-one": ("Ctrl+0",)}
    assert chosen_keys(keys_text(chosen)) == (chosen, ())


@pytest.mark.parametrize(
    "word", ["gone:Ctrl+9", "fit:Ctrl+1", "fit:Tab", "fit:nonsense", "fit:Ctrl+K,Ctrl+B"]
)
def test_what_cannot_be_used_is_told_and_changes_nothing(word):
    assert chosen_keys(word) == ({}, (word,))


def test_a_key_is_refused_in_one_sentence():
    keys = default_keys()
    assert refusal("fit", "Ctrl+9", keys) == ""
    assert refusal("fit", "Ctrl+0", keys) == "", "its own key"
    assert refusal("fit", "Ctrl+1", keys) == (
        "Ctrl+1 is the key of 1:1; choose another one for Fit."
    )
    assert "a key of the film itself" in refusal("fit", "Ctrl+Left", keys)
    assert "single key" in refusal("fit", "Ctrl", keys)


def test_the_table_keeps_its_own_rules():
    keys = default_keys()
    for entry in ACTIONS:
        assert [key for key in entry.keys if refusal(entry.id, key, keys)] == []
        assert all(portable(key) in TAKEN_BY_FILM for key in entry.film_keys)
        stands_in_menu = entry.id not in NOT_IN_MENUS or entry.id in LIST_MENU.ids()
        assert entry.keys or entry.film_keys or stands_in_menu, f"{entry.id} cannot be reached"
