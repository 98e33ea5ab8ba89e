"""The list, the film and the side panel fill the window between them."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from cephview.ui.panels.panes import Panes


class _WouldLikeMore(QWidget):
    def sizeHint(self) -> QSize:
        return QSize(400, 100)


@pytest.mark.parametrize("window", [1433, 1000])
def test_a_side_panel_that_would_like_more_leaves_no_empty_strip(qapp, window):
    films, view, side = _WouldLikeMore(), QWidget(), _WouldLikeMore()
    films.setMinimumWidth(248)
    films.setMaximumWidth(480)
    side.setFixedWidth(336)
    panes = Panes(films, view, side)
    panes.resize(window, 600)
    panes.show()
    assert panes.sizes()[2] == side.width() == 336
    assert side.geometry().right() == window - 1
    assert panes.sizes()[0] == 248
    panes.close()
