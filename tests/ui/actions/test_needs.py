"""What a menu says of an action that cannot be taken now."""

from cephview.ui.actions import needs


def test_a_film_without_any_scale_is_not_said_to_use_the_files_scale():
    assert needs.OWN_SCALE.why == "no scale was set by hand"
