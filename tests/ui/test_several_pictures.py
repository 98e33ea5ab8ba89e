"""A file of several pictures: the window says which one it shows, and shows the next."""

import numpy as np
import tifffile


def said(desk):
    return [notice for notice in desk.window.notices._notices if "pictures" in notice.text]


def test_the_window_says_which_picture_it_shows_and_offers_the_next(desk):
    path = desk.films / "pages.tif"
    pages = [np.tile(np.arange(96, dtype=np.uint8) + 50 * n, (128, 1)) for n in range(2)]
    with tifffile.TiffWriter(path) as file:
        for page in pages:
            file.write(page, photometric="minisblack")
    desk.open(path)
    (notice,) = said(desk)
    assert notice.text == "“pages.tif” holds 2 pictures, of which this is number 1."
    assert np.array_equal(desk.editor.film.pixels, pages[0])
    desk.answer()
    desk.editor.move("S", (20.0, 30.0))

    def is_shown(name):
        return desk.editor.film is not None and desk.editor.film.name == name

    notice.on_action()
    desk.qtbot.waitUntil(lambda: is_shown("pages.tif#2"), timeout=10_000)
    (notice,) = said(desk)
    assert notice.text.endswith("number 2.")
    assert np.array_equal(desk.editor.film.pixels, pages[1])
    # Points of the one picture are not those of the other.
    assert desk.editor.tracing is None or desk.editor.tracing["S"].human is None
    notice.on_action()
    desk.qtbot.waitUntil(lambda: is_shown("pages.tif"), timeout=10_000)
    assert desk.editor.tracing["S"].human.xy == (20.0, 30.0)
    desk.open(desk.films / "film-1.png")
    assert not said(desk)
