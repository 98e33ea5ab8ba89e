"""What a user changed in the window by working, as settings keep it."""

from typing import TYPE_CHECKING, Any

from cephview.ui.canvas.overlay import SWITCHES
from cephview.ui.notice import Kind, Notice

if TYPE_CHECKING:
    from cephview.settings import Settings
    from cephview.ui.main_window import MainWindow


def habits_of(window: "MainWindow") -> dict[str, Any]:
    """Return the settings that a user changed by working, by their names."""
    detecting = window.session.detecting
    hidden = [layer for layer, _, _ in SWITCHES if layer not in window.view.layers]
    return {
        "passes": detecting.passes,
        "detect_on_open": detecting.is_on_open,
        "hidden_layers": " ".join(hidden),
        "hints_used": " ".join(sorted(window.hints_used)),
        "keys": window.actions_book.keys_text(),
        "loupe": window.view.loupe_factor,
        "moved_counts": window.session.editor.review.moved_counts,
        "follows_placing": window.view.placing.is_following,
        "theme": window.theming.choice,
        "tour_over": window.tour.is_over,
        "list_order": str(window.session.films.order),
    }


def restore_habits(window: "MainWindow", settings: "Settings") -> None:
    """Let a new window be as the settings say."""
    book, view = window.actions_book, window.view
    window.hints_used = set(settings.hints_used.split())
    view.set_hints_used(tuple(window.hints_used))
    hidden = settings.hidden_layers.split()
    for layer, _, _ in SWITCHES:
        view.set_layer_visible(layer, layer not in hidden)
        book[f"layer-{layer}"].setChecked(layer not in hidden)
    book["detect-on-open"].setChecked(settings.detect_on_open)
    window.films.use_actions(book, settings.list_order)
    view.set_loupe_factor(settings.loupe)
    view.placing.is_following = settings.follows_placing
    book["follow"].setChecked(settings.follows_placing)
    window.session.count_moved(settings.moved_counts)
    book["moved-counts"].setChecked(settings.moved_counts)
    if refused := book.refused_keys:
        text = f"These keys of yours could not be used: {', '.join(refused)}."
        window.notices.post(Notice(text, Kind.ATTENTION, "keys"))
        book.keys_changed.connect(lambda _: window.notices.withdraw("keys"))
