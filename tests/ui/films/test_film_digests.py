"""Digests that are remembered are those of the file that is there."""

import json
import os

import pytest

from cephview.ui.films.film_digests import FilmDigests, stamp_of


@pytest.mark.skipif(os.name == "nt", reason="Windows tells no time of what is known of a file")
def test_another_film_of_the_same_size_and_time_is_not_taken_for_the_old_one(tmp_path):
    film, digests = tmp_path / "a.bmp", FilmDigests(tmp_path / "digests")
    film.write_bytes(b"one")
    before, old = stamp_of(film), digests.read(film, lambda: False)
    assert digests.remembered(film, before) == old
    other = tmp_path / "b.bmp"
    other.write_bytes(b"two")
    os.utime(other, ns=(before.changed_ns, before.changed_ns))
    other.replace(film)
    now = stamp_of(film)
    assert (now.size, now.changed_ns) == (before.size, before.changed_ns)
    assert FilmDigests(tmp_path / "digests").remembered(film, now) is None


def test_lines_of_an_older_version_still_tell_sizes(tmp_path):
    film, kept = tmp_path / "a.bmp", tmp_path / "digests"
    film.write_bytes(b"one")
    kept.write_text(json.dumps([str(film), 3, film.stat().st_mtime_ns, "d" * 64]) + "\n")
    digests = FilmDigests(kept)
    assert digests.remembered(film, stamp_of(film)) is None
    assert digests.sizes("d" * 64) == {3}
