"""Planes and outlines on the film follow the points, and stop where a point is missing."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from cephview.ui.canvas.marks import outline_path, plane_ends

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def pieces(path):
    kinds = [path.elementAt(n).type for n in range(path.elementCount())]
    return sum(kind.name == "MoveToElement" for kind in kinds)


def test_five_planes_and_four_outlines(view):
    context = view.marks_context()
    assert len(plane_ends(context)) == 5
    assert pieces(outline_path(context)) == 4


def test_they_follow_a_point_while_it_is_dragged(view, on_screen):
    start = on_screen("Me")
    before = view.marks_context()
    QTest.mousePress(view, LEFT, NONE, start)
    QTest.mouseMove(view, start + QPoint(15, 10))
    QTest.mouseMove(view, start + QPoint(30, 20))
    during = view.marks_context()
    moved = [a for a, b in zip(plane_ends(before), plane_ends(during), strict=True) if a != b]
    assert len(moved) == 1, "the mandibular plane alone ends at menton"
    assert outline_path(during) != outline_path(before)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert outline_path(view.marks_context()) == outline_path(before)


def test_what_cannot_be_seen_supports_nothing(view, editor):
    editor.mark_not_visible("UL")
    editor.mark_not_visible("Or")
    context = view.marks_context()
    assert len(plane_ends(context)) == 4 and pieces(outline_path(context)) == 4


def test_the_outlines_have_a_switch(view, editor):
    view.set_layer_visible("planes", False)
    with_them = view.grab().toImage()
    view.set_layer_visible("outlines", False)
    assert view.grab().toImage() != with_them
    assert "outlines" not in view.layers
