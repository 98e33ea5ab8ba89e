"""The list, the film and the side panel beside one another."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

_LIST = "list="
_FILM = 600  # only a start: stretching gives the film what is left


class Panes(QSplitter):
    """Gives the film all room that the others leave; the list is as wide as a user drags it."""

    def __init__(self, films: QWidget, view: QWidget, side: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        for pane in (films, view, side):
            self.addWidget(pane)
        self.setStretchFactor(1, 1)
        for at in (0, 2):
            self.setStretchFactor(at, 0)
        self._films, self._side = films, side
        # A splitter goes by what a pane would like, which may be wider than the pane may be.
        self.setSizes([films.minimumWidth(), _FILM, side.maximumWidth()])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take back from the side panel what is more than its widest; Qt may leave it empty."""
        super().resizeEvent(event)
        films, film, side = self.sizes()
        if side > self._side.maximumWidth():
            widest = self._side.maximumWidth()
            self.setSizes([films, film + side - widest, widest])

    def width_text(self) -> str:
        """Return how wide the list is, as text for the settings; "" where that is as it comes."""
        wide = self._films.width()
        return "" if wide == self._films.minimumWidth() else f"{_LIST}{wide}"

    def restore(self, state: list[str]) -> None:
        """Make the list as wide as it was in words of the settings."""
        for word in state:
            if word.startswith(_LIST) and word[len(_LIST) :].isdecimal():
                wide = int(word[len(_LIST) :])
                wide = min(max(wide, self._films.minimumWidth()), self._films.maximumWidth())
                side = self._side.maximumWidth()
                # What the film gets is what is left, whatever is said here.
                self.setSizes([wide, max(1, self.width() - wide - side), side])
