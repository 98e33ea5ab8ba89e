"""What two windows did to one film: shown together, and told where they disagree."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject

from cephview.core.detection import Turn
from cephview.core.film import Film
from cephview.core.history import History
from cephview.core.scale import PixelSize
from cephview.core.tracing import Point, Tracing
from cephview.ui.editor import Editor
from cephview.ui.notice import Kind, Notice
from cephview.ui.workspace.journal import Journal, Overtaken
from cephview.ui.workspace.keeping import KeepError, Keeping

_NAMED = 3


@dataclass(frozen=True)
class Offer:
    """What this window's hand said where another window's word stands.

    turn is None for none, scale empty for none: (None,) is the file's.
    """

    points: tuple[Point, ...]
    turn: Turn | None = None
    scale: tuple[PixelSize | None, ...] = ()

    @property
    def words(self) -> str:
        """Return what is contested, with its verb."""
        names = [point.landmark for point in self.points]
        if len(names) > _NAMED + 1:
            names = [*names[:_NAMED], f"{len(names) - _NAMED} more points"]
        if self.turn is not None:
            names.append("how it is turned")
        if self.scale:
            names.append("its scale")
        if len(names) == 1:
            return f"{names[0]} is"
        return f"{', '.join(names[:-1])} and {names[-1]} are"


def offer_of(overtaken: Overtaken) -> Offer | None:
    """Return what is contested of some merged steps, as the last of them has it; None for nothing.

    A point that a later step of the same hand brought to rest is contested no more.
    """
    points: dict[str, Point] = {}
    turn = None
    scale: tuple[PixelSize | None, ...] = ()
    for merge in overtaken.merges:
        points |= {name: merge.mine[name] for name in merge.contested}
        turn = merge.mine.turn if merge.mine.turn != merge.tracing.turn else turn
        scale = (merge.mine.scale,) if merge.mine.scale != merge.tracing.scale else scale
    if not overtaken.merges:
        return None
    last = overtaken.merges[-1].tracing
    left = tuple(point for name, point in points.items() if point != last[name])
    turn = None if turn == last.turn else turn
    scale = () if scale == (last.scale,) else scale
    return Offer(left, turn, scale) if left or turn is not None or scale else None


class Together(QObject):
    """Shows what a merge made of a film, and offers this hand's word where another's stands."""

    def __init__(
        self,
        editor: Editor,
        keeping: Keeping,
        history: Callable[[str], History[Tracing]],
        refused: Callable[[Exception], None],
        note: Callable[[Notice], None],
        parent: QObject,
    ) -> None:
        """history(film) reads a film's anew, refused(error) shows that it cannot be read."""
        super().__init__(parent)
        self._editor = editor
        self._keeping = keeping
        self._history = history
        self._refused = refused
        self.note = note
        self._offers: dict[tuple[Journal | None, str], Offer] = {}
        editor.overtaken.connect(self.take)
        editor.film_changed.connect(self._film_changed)

    def take(self, sha256: str, overtaken: Overtaken) -> None:
        """Show what became of steps that were made without sight of others'."""
        film = self._editor.film
        place = overtaken.journal, sha256
        if film is not None and place != self._place(film):
            film = None
        if film is not None and not self._show(film):
            return
        offer = offer_of(overtaken)
        if offer is not None:
            self._offers[place] = offer
        name = self._name(sha256) if film is None else film.name
        if overtaken.lost:
            steps = "your last step" if overtaken.lost == 1 else f"{overtaken.lost} of your steps"
            self._say(f"{name} was changed in another window, and {steps} here could not be kept.")
        elif offer is None:
            self._say(f"{name} was changed in another window, too; it holds both now.", Kind.NOTE)
        elif film is not None:
            self._offer(film)
        else:
            self._say(
                f"{name} was changed in another window, too: {offer.words} as left there; "
                "open the film to have yours back."
            )

    def _show(self, film: Film) -> bool:
        try:
            history = self._history(film.sha256)
        except KeepError as error:
            self._refused(error)
            return False
        self._editor.adopt(history)
        return True

    def _film_changed(self, film: Film | None) -> None:
        if film is not None and self._place(film) in self._offers:
            self._offer(film)

    def _offer(self, film: Film) -> None:
        place = self._place(film)
        offer = self._offers[place]
        count = len(offer.points) + (offer.turn is not None) + len(offer.scale)
        yours = "it" if count == 1 else "them"
        self.note(Notice(
            f"{film.name} was changed in another window, too: {offer.words} as left there; "
            f"you had {yours} otherwise.",
            Kind.ATTENTION, "overtaken", "Use mine", lambda: self._use_mine(place),
        ))  # fmt: skip

    def _place(self, film: Film) -> tuple[Journal | None, str]:
        """Return what is shown of a film now: a hand's word belongs to one reading of it."""
        return self._editor.journal, film.sha256

    def _use_mine(self, place: tuple[Journal | None, str]) -> None:
        film = self._editor.film
        if film is None or self._place(film) != place:
            return
        offer = self._offers.pop(place, None)
        if offer is not None:
            self._editor.put(offer.points, offer.turn, None, *offer.scale)

    def _name(self, sha256: str) -> str:
        try:
            names = [record.name for record in self._keeping.films() if record.sha256 == sha256]
        except KeepError:
            names = []
        return names[0] if names else "A film"

    def _say(self, text: str, kind: Kind = Kind.ATTENTION) -> None:
        self.note(Notice(text, kind, "overtaken"))
