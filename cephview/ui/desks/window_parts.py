"""What the first words of the action table's callbacks mean in one window."""

from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from cephview.ui.canvas.levels import PRESETS
from cephview.ui.canvas.overlay import SWITCHES
from cephview.ui.rows.film_list_model import Filter
from cephview.ui.rows.film_order import Order

if TYPE_CHECKING:
    from cephview.ui.main_window import MainWindow


def parts_of(window: "MainWindow") -> dict[str, Any]:
    """Return a window's parts by the names that callbacks of the table begin with."""
    session, view = window.session, window.view
    return {
        "window": window,
        "session": session,
        "keys": window.keys,
        "folder": session.folder,
        "films": window.film_desk,
        "landmarks": window.landmarks,
        "theming": window.theming,
        "readers": window.readers,
        "comparing": session.comparing,
        "learning": window.learning,
        "safekeeping": window.safekeeping,
        "editor": session.editor,
        "view": view,
        "points": window.points,
        "scaling": session.scaling,
        "detecting": session.detecting,
        "turning": session.turning,
        "batch": window.batch,
        "exporting": session.exporting,
        # Made of the actions.
        "context_menus": SimpleNamespace(ask=lambda: window.context_menus.ask()),
        # Made after the actions, whose bar it points at.
        "tour": SimpleNamespace(start=lambda: window.tour.start()),
        "passes": SimpleNamespace(
            use_1=partial(setattr, session.detecting, "passes", 1),
            use_2=partial(setattr, session.detecting, "passes", 2),
        ),
        "presets": SimpleNamespace(
            **{name.replace("-", "_"): partial(view.use_preset, name) for name in PRESETS}
        ),
        "orders": SimpleNamespace(
            **{order.value: partial(window.films.sort_by, order) for order in Order}
        ),
        "filters": SimpleNamespace(
            **{which.name.lower(): partial(window.films.choose, which) for which in Filter}
        ),
        "layers": SimpleNamespace(
            **{layer: partial(view.set_layer_visible, layer) for layer, _, _ in SWITCHES}
        ),
    }
