"""What tells films of one name apart."""

from pathlib import Path

import pytest

from cephview.ui.rows.film_labels import folder_labels


@pytest.mark.parametrize(
    ("paths", "labels"),
    [
        (["/a/x.png", "/a/y.png"], {}),
        (["/d/p1/c.png", "/d/p2/c.png", "/d/p3/o.png"], {"/d/p1/c.png": "p1", "/d/p2/c.png": "p2"}),
        (["/d/p1/x/c.png", "/d/p2/x/c.png"], {"/d/p1/x/c.png": "p1/…", "/d/p2/x/c.png": "p2/…"}),
        (["/a/p/c.png", "/b/p/c.png", "/b/q/c.png"],
         {"/a/p/c.png": "a/p", "/b/p/c.png": "b/p", "/b/q/c.png": "q"}),
        (["/d/c.png", "/d/x/c.png"], {"/d/c.png": "d", "/d/x/c.png": "x"}),
        (["/d/c.png", "/d/d/c.png"], {"/d/c.png": "/…", "/d/d/c.png": "d/…"}),
    ],
)  # fmt: skip
def test_the_shortest_part_of_a_folder_tells_films_apart(paths, labels):
    found = folder_labels(map(Path, paths))
    assert {path.as_posix(): label for path, label in found.items()} == labels
