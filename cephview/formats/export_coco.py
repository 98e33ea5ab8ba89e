"""COCO keypoints.

A keypoint of COCO is a 0-indexed pixel, so that (0, 0) names the top-left pixel itself: the same as
our pixel indices, and they are written unchanged (fractions kept). Readers that want the distance
from the film's top-left corner add half a pixel, as detectron2 does. A box of COCO is measured from
that corner: ours is the pixels that hold the keypoints, and has a width of one where they are one.

Visibility: 2 placed; 1 marked as not visible and yet placed by the model or before, at that place;
0 otherwise, with x = y = 0. "states" of an annotation tells of each keypoint whether it is
confirmed, moved, not visible, the model's, or unsure: placed by a reader who doubts it, which
"unsure" lists once more, to be left out of training by whoever wants no guesses. What COCO has no
room for stands under "cephview" in each annotation; there in the category, too: set, convention and
definition of each keypoint.

A film of which nothing is exported is not in the file: an image without an annotation would be
read as one on which there is nothing to be found.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cephview.core.landmarks import LandmarkSet
from cephview.core.numbers import FARTHEST_PX, plain_number
from cephview.core.tracing import XY, State
from cephview.formats.errors import FormatError, shown, utf8
from cephview.formats.exported import ExportedFilm, exported_films, exported_points
from cephview.formats.json_text import read_json

# Outlines that a reader of the field expects to see, as far as the set has their landmarks.
_LINES = (
    ("S", "N"), ("N", "A"), ("N", "B"), ("ANS", "PNS"), ("ANS", "A"), ("B", "Pog"), ("Pog", "Gn"),
    ("Gn", "Me"), ("Me", "Go"), ("Go", "Ar"), ("Ar", "S"), ("Po", "Or"), ("Sn", "UL"), ("UL", "LL"),
    ("LL", "Pog'"),
)  # fmt: skip


@dataclass(frozen=True)
class CocoFilm:
    """One film as read back. points holds landmark to (x, y) and COCO visibility 1 or 2."""

    file_name: str
    sha256: str
    width: int
    height: int
    points: dict[str, tuple[XY, int]]
    states: dict[str, State]


def encode(
    films: Sequence[ExportedFilm], landmarks: LandmarkSet, include_unconfirmed: bool
) -> bytes:
    """Return the JSON text in UTF-8; film n has image id n and annotation id n, from 1."""
    films = exported_films(films, landmarks, include_unconfirmed)
    category = {
        "id": 1,
        "name": "lateral cephalogram",
        "supercategory": "radiograph",
        "keypoints": list(landmarks.ids),
        "skeleton": [
            [landmarks.index(a) + 1, landmarks.index(b) + 1]
            for a, b in _LINES
            if a in landmarks.ids and b in landmarks.ids
        ],
        "cephview": {"landmarks": [_landmark(landmarks, i) for i in landmarks.ids]},
    }
    document = {
        "info": {
            "description": f"Landmarks of lateral cephalograms, set {landmarks.id}",
            "version": "1.0",
        },
        "licenses": [],
        "images": [_image(i, film) for i, film in enumerate(films, start=1)],
        "annotations": [
            _annotation(i, film, landmarks, include_unconfirmed)
            for i, film in enumerate(films, start=1)
        ],
        "categories": [category],
    }
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def _landmark(landmarks: LandmarkSet, landmark_id: str) -> dict[str, str]:
    """Return what a reader must know of a keypoint before mixing it with another set's."""
    landmark = landmarks[landmark_id]
    return {
        "id": landmark.id,
        "name": landmark.name,
        "definition": landmark.definition,
        "set": landmarks.set_of(landmark_id),
        "convention": landmarks.convention_of(landmark_id),
        "source": landmarks.source_of(landmark_id),
    }


def _image(number: int, film: ExportedFilm) -> dict[str, Any]:
    size = film.pixel_size.mm_per_px()
    return {
        "id": number,
        "file_name": utf8(film.path),
        "width": film.width,
        "height": film.height,
        "cephview": {
            "sha256": film.film_sha256,
            "scale": film.pixel_size.provenance.value,
            "mm_per_px": None if size is None else list(size),
        },
    }


def _annotation(
    number: int, film: ExportedFilm, landmarks: LandmarkSet, include_unconfirmed: bool
) -> dict[str, Any]:
    keypoints: dict[str, tuple[float, float, int]] = {}
    states: dict[str, str] = {}
    for exported in exported_points(film, landmarks, include_unconfirmed):
        point = exported.point
        states[point.landmark] = exported.state.value
        placed = exported.placed or point.best
        if placed is not None:
            visibility = 2 if exported.placed is not None else 1
            keypoints[point.landmark] = (placed.x_px, placed.y_px, visibility)
    box = _box([(x, y) for x, y, _ in keypoints.values()])
    return {
        "id": number,
        "image_id": number,
        "category_id": 1,
        "iscrowd": 0,
        "keypoints": [v for i in landmarks.ids for v in keypoints.get(i, (0, 0, 0))],
        "num_keypoints": len(keypoints),
        "bbox": box,
        "area": box[2] * box[3],
        "segmentation": [],
        "cephview": {
            "landmark_set": landmarks.id,
            "states": states,
            "unsure": [i for i, state in states.items() if state == State.UNSURE],
        },
    }


def _box(points: list[XY]) -> list[float]:
    if not points:
        return [0.0, 0.0, 0.0, 0.0]
    xs, ys = zip(*points, strict=True)
    return [min(xs), min(ys), max(xs) - min(xs) + 1, max(ys) - min(ys) + 1]


def read_coco(path: Path | str) -> tuple[CocoFilm, ...]:
    """Read COCO keypoints of one category, of this program or another. Raises FormatError."""
    path = Path(path)
    document = read_json(path)
    try:
        (category,) = document["categories"]
        names = tuple(category["keypoints"])
        annotations = {entry["image_id"]: entry for entry in document["annotations"]}
        if len(annotations) != len(document["annotations"]):
            raise ValueError("two tracings of one film")
        return tuple(
            _read_film(image, annotations.get(image["id"], {}), names, f"image {number}")
            for number, image in enumerate(document["images"], start=1)
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        why = str(error) if isinstance(error, ValueError) else repr(error)
        raise FormatError(
            f"{shown(path)} does not hold COCO keypoints of one category ({why}); export it again."
        ) from error


def _read_film(
    image: dict[str, Any], entry: dict[str, Any], names: tuple[str, ...], where: str
) -> CocoFilm:
    flat = entry.get("keypoints", [])
    if flat and len(flat) != 3 * len(names):
        raise ValueError(f"{where}: {len(flat)} numbers for {len(names)} keypoints")
    triples = zip(flat[0::3], flat[1::3], flat[2::3], strict=True)
    points = {
        name: ((_place(x, f"{where}, {name}"), _place(y, f"{where}, {name}")), int(v))
        for name, (x, y, v) in zip(names, triples, strict=False)
        if _visibility(v, f"{where}, {name}")
    }
    states = entry.get("cephview", {}).get("states", {})
    return CocoFilm(
        file_name=str(image["file_name"]),
        sha256=str(image.get("cephview", {}).get("sha256", "")),
        width=_side(image["width"], where),
        height=_side(image["height"], where),
        points=points,
        states={name: State(state) for name, state in states.items()},
    )


def _place(value: object, where: str) -> float:
    found = plain_number(value, FARTHEST_PX)
    if found is None:
        raise ValueError(f"{where}: {str(value)[:20]!r} is not a place")
    return found


def _visibility(value: object, where: str) -> int:
    if plain_number(value) not in (0, 1, 2):
        raise ValueError(f"{where}: {str(value)[:20]!r} is not a visibility of 0, 1 or 2")
    return int(value)  # type: ignore[call-overload, no-any-return]


def _side(value: object, where: str) -> int:
    found = plain_number(value, FARTHEST_PX)
    if found is None or found < 1 or found != int(found):
        raise ValueError(f"{where}: {str(value)[:20]!r} is not a width or height in pixels")
    return int(found)
