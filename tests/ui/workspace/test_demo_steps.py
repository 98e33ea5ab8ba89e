"""What is done on the demo film goes to no workspace, and the window works as with any film."""

from functools import partial

import pytest

from cephview import app, places
from cephview.store import Workspace


@pytest.fixture
def on_demo(desk):
    """A desk with the demo film open, and the model's points on it."""
    desk.open(places.demo_film())
    desk.answer()
    desk.process()
    return desk


def test_no_workspace_ever_knows_the_demo_film(on_demo, tmp_path):
    editor, session = on_demo.editor, on_demo.window.session
    landmark = editor.tracing.ids[0]
    editor.move(landmark, (50.0, 60.0))
    editor.confirm_all()
    session.scaling.use_ruler((0.0, 0.0), (100.0, 0.0), 20.0)
    session.keeping.append_work(editor.film.sha256, 30.0)
    assert session.is_saved
    assert session.keeping.corrected_films() == ()
    assert session.finetuning.material().films == 0
    on_demo.window.close()
    session.keeping.close()
    with Workspace.open(tmp_path / "ws") as workspace:
        assert workspace.film(digest_of(places.demo_film())) is None


def test_what_is_done_on_it_is_there_until_the_window_closes(on_demo):
    editor, landmark = on_demo.editor, on_demo.editor.tracing.ids[0]
    editor.move(landmark, (50.0, 60.0))
    editor.move(landmark, (70.0, 60.0))
    editor.undo()
    on_demo.open(on_demo.films / "film-1.png")
    on_demo.open(places.demo_film())
    assert editor.tracing[landmark].best.xy == (50.0, 60.0)
    assert editor.can_undo and editor.can_redo
    editor.redo()
    assert editor.tracing[landmark].best.xy == (70.0, 60.0)


def test_its_scale_goes_back_to_that_of_the_file(on_demo):
    scaling, editor = on_demo.window.session.scaling, on_demo.editor
    of_file = editor.pixel_size
    scaling.use_ruler((0.0, 0.0), (100.0, 0.0), 20.0)
    on_demo.open(on_demo.films / "film-1.png")
    on_demo.open(places.demo_film())
    assert editor.pixel_size.mm_per_px() == pytest.approx((0.2, 0.2))
    scaling.use_file()
    assert editor.pixel_size == of_file


def test_it_is_not_the_folder_to_begin_with_next_time(on_demo):
    assert on_demo.window.last_folder == ""


def digest_of(path):
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_beside_a_film_of_ones_own_the_demo_says_that_nothing_is_kept(desk):
    window = desk.window
    window.session.film_shown.connect(partial(app._say_beside_films, window, "Nothing is kept."))
    desk.open(places.demo_film())
    assert window.notices.current is None
    desk.open(desk.films / "film-1.png")
    assert window.notices.current.text == "Nothing is kept."
    desk.open(places.demo_film())
    assert window.notices.current is None
