"""What is drawn: each act opens a window, works in it, and gives pictures by their names."""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtWidgets import QWidget
from stage import MAIN, SIZE, Stage, stage

from cephview import places
from cephview.core.detection import Likeness, Turn
from cephview.core.learning import (
    Accuracy,
    FilmChange,
    FinetuneResult,
    Kept,
    PointChange,
    TrainingProgress,
)
from cephview.core.reading import Start
from cephview.store.backups import Backup
from cephview.ui.detection.batch import Failure, Standing
from cephview.ui.dialogs.backups import BackupsDialog
from cephview.ui.look.theme import LIGHT
from cephview.ui.notice import Kind, Notice

Pictures = Iterator[tuple[str, Image.Image]]
_GAP = 12
# So that a card of many rows is in sight as a whole.
_TALL = 2000


def beginning(folder: Path) -> Pictures:
    """Before a film is open."""
    with stage(folder, workspace="empty") as it:
        yield "empty", it.grab()
        it.points[places.demo_film().name] = it.points[MAIN]
        it.window.tour.start()
        it.wait(lambda: it.editor.film is not None)
        it.answer()
        it.window.tour.go_on()
        at = it.place(it.editor.selection) + QPointF(it.view.mapTo(it.page, QPoint()))
        yield "tour", it.grab(it.page, around(it.page, at, QSize(760, 400)))


def reading(folder: Path) -> Pictures:
    """A film with points, and what a hand does on it."""
    with stage(folder) as it:
        it.detected()
        for landmark in ("S", "N", "A", "B"):
            it.editor.confirm(landmark)
        x, y = it.editor.tracing["Me"].best.xy
        it.editor.move("Me", (x + 6, y + 4))
        it.view.setFocus()
        it.key(Qt.Key.Key_Tab)
        yield "film", it.grab()
        yield "film-list", it.grab(it.window.films)
        yield "point-cards", cards(it)
        it.editor.select("Me")
        it.view.zoom_to("Me")
        at = it.place("Me")
        it.drag(at, at + QPointF(14, -9), let_go=False)
        yield "loupe", it.grab(it.view, around(it.view, at, QSize(560, 400)))
        it.key(Qt.Key.Key_Escape)
        it.let_go(at)
        it.view.fit()
        it.act("ruler")
        start = QPointF(it.view.width() * 0.71, it.view.height() * 0.22)
        it.drag(start, start + QPointF(0, 132))
        area = around(it.view, start + QPointF(0, 90), QSize(460, 320))
        yield "ruler", it.grab(it.view, area)
        it.key(Qt.Key.Key_Escape)
        it.act("select")
        it.act("palette")
        for letter in "con":
            it.key(Qt.Key(ord(letter.upper())), text=letter)
        yield "palette", it.grab(it.window.keys.palette.card)
        it.key(Qt.Key.Key_Escape)
        it.act("cheat-sheet")
        yield "keys", it.grab(it.window.keys.sheet.card)
        it.key(Qt.Key.Key_Escape)
        yield "backups", backups(it)
        yield "notices", notices(it)


def by_day(folder: Path) -> Pictures:
    """The light theme."""
    with stage(folder, LIGHT, (1280, 720)) as it:
        it.detected()
        it.view.setFocus()
        it.key(Qt.Key.Key_Tab)
        yield "light", it.grab()


def warned(folder: Path) -> Pictures:
    """A film that lies the wrong way round."""
    with stage(folder, size=(1280, 720)) as it:
        it.likeness = Likeness(2.5, 0.01, "the face is to the left", Turn(mirrored=True))
        it.detected()
        at = QPoint(it.view.geometry().left(), 0)
        yield "warning", it.grab(it.page, QRect(at, QSize(it.view.width(), 320)))


def learning(folder: Path) -> Pictures:
    """The model, while it learns, and when it is judged."""
    with stage(folder) as it:
        it.detected()
        it.window.show_right(True)
        it.window.tabs.setCurrentWidget(it.window.model)
        it.settle()
        yield "model", it.grab(it.window.tabs)
        it.window.session.finetuning.start()
        request, steps = it.engine.last, 40
        for step in range(1, 27):
            error = 1.42 * 0.985**step
            told = TrainingProgress(
                step, steps, 2.1 * 0.97**step + 0.04 * (step % 3), error, 46.0, unit="mm"
            )
            it.engine.trained.emit(request, told)
        yield "learning", it.grab(it.window.tabs)
        out = it.engine.finetunes[-1][2]
        it.engine.finetuned.emit(request, judged(it, out))
        worst = it.window.model.learning.result.worst
        it.wait(lambda: all(row.has_look for row in worst.rows))
        it.window.resize(SIZE[0], _TALL)
        card = it.window.model.learning
        it.wait(lambda: card.height() == card.heightForWidth(card.width()))
        half = QSize(card.width(), card.height() // 2)
        yield "judged", it.grab(card, QRect(QPoint(), half))
        yield "worst", it.grab(card, QRect(QPoint(0, half.height()), half))


def placing(folder: Path) -> Pictures:
    """Landmarks that the model does not know: on offer, then placed one after the other."""
    with stage(folder, size=(1280, 720)) as it:
        it.detected()
        landmarks = it.window.session.landmarks
        for landmark in landmarks.offered:
            if landmark.id in ("Co", "UIA", "Ba"):
                landmarks.add(landmark)
        landmarks.define("X1", "Own point", "Where its reader says it lies.", "hard")
        it.editor.toggle_unsure("Or")
        it.act("landmarks")
        yield "landmarks", it.grab(it.window.landmarks.sheet.card)
        it.key(Qt.Key.Key_Escape)
        it.act("place")
        yield "placing", it.grab()


def two_readers(folder: Path) -> Pictures:
    """A film that two have read, compared; and how far they agree over the films."""
    with stage(folder, size=(1280, 720)) as it:
        it.detected()
        it.editor.confirm_all()
        readings = it.window.session.readings
        readings.read_as("Dr B", Start.MODEL)
        for landmark, dx, dy in (("Go", 24, -38), ("Po", -22, 9), ("A", 6, 11), ("Pog'", 3, 14)):
            x, y = it.editor.tracing[landmark].best.xy
            it.editor.move(landmark, (x + dx, y + dy))
        it.editor.confirm_all()
        readings.go_to_first()
        it.act("compare-readers")
        yield "readers", it.grab()


def batch(folder: Path) -> Pictures:
    """Films that are detected in the background, one of which failed."""
    with stage(folder) as it:
        it.detected()
        it.window.session.behind.stop()
        begun = Standing(340, 118, 3, is_running=True, seconds_left=172.0)
        failed = Failure(Path("2024-0507.png"), "“2024-0507.png” is cut short; copy it again.")
        found = []
        for standing in (
            begun,
            replace(begun, is_paused=True, failures=(failed,)),
            replace(begun, detected=336, is_running=False, failures=(failed,)),
        ):
            it.window.batch.strip.show_standing(standing)
            it.settle()
            found.append(it.grab(it.window.batch.strip))
        yield "batch", stacked(found)


ACTS: tuple[Callable[[Path], Pictures], ...] = (
    beginning,
    reading,
    by_day,
    warned,
    placing,
    learning,
    two_readers,
    batch,
)


def around(widget: QWidget, at: QPointF, size: QSize) -> QRect:
    """Return a part of a widget of this size, with a place in its middle where it can be."""
    area = QRect(QPoint(), size)
    area.moveCenter(at.toPoint())
    room = widget.rect()
    area.moveLeft(min(max(area.left(), 0), room.right() - size.width()))
    area.moveTop(min(max(area.top(), 0), room.bottom() - size.height()))
    return area


def cards(it: Stage) -> Image.Image:
    """Return the card of a point in each of its states, one below the other."""
    editor, card = it.editor, it.window.points.card
    found = []
    editor.select("")
    found.append(it.grab(card))
    for landmark, act in (
        ("Po", None), ("Or", None), ("Me", None), ("S", None), ("Ar", editor.mark_not_visible),
    ):  # fmt: skip
        if act is not None:
            act(landmark)
        editor.select(landmark)
        found.append(it.grab(card))
    editor.undo()
    editor.select("Me")
    return stacked(found)


def notices(it: Stage) -> Image.Image:
    """Return the three kinds of notice, one below the other."""
    found = []
    for kind, text, action in (
        (Kind.NOTE, "Wrote points.csv: 2 films, 38 points that a person placed or confirmed.", ""),
        (Kind.ATTENTION, "This film looks mirrored: the face is to the left.", "Turn it"),
        (Kind.DANGER, "The last edits could not be saved: no space is left on the disk. They are "
         "kept here until there is room.", "Try again"),
    ):  # fmt: skip
        it.window.notices.post(Notice(text, kind, "picture", action, lambda: None))
        found.append(it.grab(it.window.notices))
    it.window.notices.withdraw("picture")
    return stacked(found)


def backups(it: Stage) -> Image.Image:
    made = [datetime(2026, 3, 2, hour, 5, tzinfo=UTC) for hour in (16, 15, 14, 11)]
    found = tuple(
        Backup(Path(f"{n}.sqlite"), at, 128 - n, 2410 - 37 * n, "") for n, at in enumerate(made)
    )
    dialog = BackupsDialog(found, it.window)
    dialog.show()
    taken = it.grab(dialog)
    dialog.close()
    dialog.deleteLater()
    return taken


def judged(it: Stage, out: Path) -> FinetuneResult:
    """Return a candidate that became better in the mean and worse in two landmarks."""
    ids = it.editor.landmarks.ids
    before = {name: 0.8 + 0.09 * (7 * n % 11) for n, name in enumerate(ids)}
    after = {name: value * (1.06 if name in ("Po", "B") else 0.84)
             for name, value in before.items()}  # fmt: skip

    def accuracy(errors: dict[str, float], rates: tuple[float, ...]) -> Accuracy:
        sdr = dict(zip(("2", "2.5", "3", "4"), rates, strict=True))
        return Accuracy(sum(errors.values()) / len(errors), "mm", 190, 10, sdr, errors)

    worst = tuple(
        worst_film(it, name, landmark, 2.4 - 0.3 * n, 1.9 - 0.3 * n)
        for n, (name, landmark) in enumerate(((MAIN, "Go"), ("2024-0318.png", "Po")))
    )
    return FinetuneResult(
        str(out), out.name, accuracy(before, (84.7, 90.0, 94.2, 98.4)),
        accuracy(after, (89.5, 93.2, 96.3, 98.4)), 30, 10, True,
        "Better on the films kept aside, by 0.17 mm on average.", 130.0, "cpu",
        moved={"Pog'": (0.4, 4.1), "A": (-1.1, -1.0), "Go": (0.9, 1.4)}, worst=worst,
        kept=Kept("phantoms", 12, 0.61, 0.63, 0.84),
    )  # fmt: skip


def worst_film(
    it: Stage, name: str, landmark: str, before_mm: float, after_mm: float
) -> FilmChange:
    """Return a film whose points are off by so much in the mean, one of them by more."""
    points, width = it.points[name], 1935 if name == MAIN else 388
    mm = width / 193.5
    made = {}
    for n, (key, (x, y)) in enumerate(points.items()):
        far = mm * (2.6 if key == landmark else 0.7)
        ways = math.cos(2.4 * n) * far, math.sin(2.4 * n) * far
        made[key] = PointChange(
            (x, y),
            (x + ways[0] * before_mm, y + ways[1] * before_mm),
            (x + ways[0] * after_mm, y + ways[1] * after_mm),
        )
    return FilmChange(str(it.films / name), before_mm, after_mm, made)


def stacked(pictures: list[Image.Image]) -> Image.Image:
    """Put pictures one below the other on black."""
    size = (
        max(one.width for one in pictures) + 2 * _GAP,
        sum(one.height + _GAP for one in pictures) + _GAP,
    )
    made = Image.new("RGB", size)
    top = _GAP
    for one in pictures:
        made.paste(one, (_GAP, top))
        top += one.height + _GAP
    return made
