import base64
import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from cephview.report.figures import figures_of
from cephview.report.measured import Measured
from cephview.report.pictures import VIEW_WIDTH, view_of, worst_pictures

from .conftest import LANDMARKS, film


def test_the_worst_film_comes_first(measured):
    pictures = worst_pictures(measured, figures_of(measured))
    assert [p.name for p in pictures] == ["b.png", "a.png"]
    assert pictures[0].mre == pytest.approx(3.5)
    assert [mark.label for mark in pictures[1].worst] == ["Pog'", "N", "S"]
    assert [mark.error for mark in pictures[1].worst] == pytest.approx([4.0, 3.0, 0.0])
    assert len(worst_pictures(measured, figures_of(measured), count=1)) == 1


def test_a_point_without_truth_is_not_drawn(measured):
    assert [m.landmark for m in worst_pictures(measured, figures_of(measured))[0].marks] == [
        "S",
        "Pog'",
    ]


def test_a_view_holds_all_points_and_centres_pixels(measured):
    one = measured.films[0]
    view = view_of(one, np.concatenate([one.truth_px, one.refined.places_px]))
    left, top, right, bottom = view.box
    assert left < 50 and top < 60 and right > 101 and bottom > 201
    assert view.size[0] == pytest.approx(VIEW_WIDTH)
    x, y = view.place(np.array([left, top]))
    assert (x, y) == pytest.approx((view.scale[0] / 2, view.scale[1] / 2), abs=0.01)


def test_oblong_pixels_are_drawn_as_they_are():
    one = film("a.png", [(50, 60)], [(90, 100)], mm_per_px=(0.1, 0.2))
    view = view_of(one, np.array([(50.0, 60.0), (90.0, 100.0)]))
    assert view.scale[1] == pytest.approx(2 * view.scale[0])


@pytest.mark.parametrize("place", [(-900.0, -900.0), (9000.0, 9000.0)])
def test_points_beside_the_film_are_still_shown(place):
    one = film("a.png", [place], [place])
    pictures = worst_pictures(Measured(("S",), (one,)), figures_of(Measured(("S",), (one,))))
    assert pictures[0].width == VIEW_WIDTH and pictures[0].height > 0


def test_the_picture_is_the_part_of_the_film(measured, film_file):
    films = (replace(measured.films[0], path=film_file), measured.films[1])
    shown = Measured(LANDMARKS, films)
    picture = worst_pictures(shown, figures_of(shown))[1]
    kind, data = picture.image.split(",", 1)
    assert kind == "data:image/jpeg;base64"
    image = Image.open(io.BytesIO(base64.b64decode(data)))
    left, top, right, bottom = view_of(
        films[0], np.concatenate([films[0].truth_px, films[0].refined.places_px])
    ).box
    assert image.size == (right - left, bottom - top)
    whole = np.asarray(Image.open(film_file), dtype=float)[top:bottom, left:right]
    assert np.corrcoef(whole.ravel(), np.asarray(image, dtype=float).ravel())[0, 1] > 0.9


def test_labels_stay_on_the_picture_and_apart():
    close = [(100 + 2 * i, 100 + 2 * i) for i in range(4)]
    one = film("a.png", close, [(x + 1, y) for x, y in close])
    shown = Measured(tuple("abcd"), (one,))
    picture = worst_pictures(shown, figures_of(shown))[0]
    places = [mark.label_at for mark in picture.worst]
    assert len(set(places)) == 4
    assert all(0 <= x <= picture.width and 0 <= y <= picture.height for x, y in places)
