"""A random head: every outline in millimetres, and the landmarks found on those outlines."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cephview.core import head as template
from cephview.phantom.curves import (
    Curve,
    Points,
    centroid,
    crossing,
    deepest,
    furthest_along,
    middle,
    smooth,
    warp,
)
from cephview.phantom.teeth import Tooth, front_tooth, side_teeth

LANDMARKS = (
    "S", "N", "Or", "Po", "A", "B", "Pog", "Me", "Gn", "Go",
    "LIT", "UIT", "UL", "LL", "Sn", "Pog'", "PNS", "ANS", "Ar",
)  # fmt: skip

_SKULL = ("S", "N", "Or", "Po", "ANS", "PNS", "A", "brow", "vertex", "forehead", "occiput",
          "basion", "nape")  # fmt: skip
_JAW = ("Ar", "Go", "Pog", "Me", "B", "crest", "condyle", "coronoid")
_SKIN = ("nose", "bridge", "Sn", "UL", "stomion", "LL", "fold", "Pog'", "chin_bottom", "throat",
         "neck", "skin_brow", "skin_top", "skin_back", "skin_nape", "hyoid", "PNS", "spine_top",
         "spine_low")  # fmt: skip
_NECK = ("spine_top", "spine_low", "basion", "skin_nape")

# How a factor of one standard deviation moves an anchor, in mm. Growth direction, jaw relation and
# the rest are independent of each other; what they move together gives the correlations.
_FACTORS: tuple[Mapping[str, tuple[float, float]], ...] = (
    {  # long and short faces
        "N": (0.3, -0.8), "Or": (0, 0.4), "ANS": (0, 1.3), "PNS": (0, 0.9), "A": (-0.2, 1.6),
        "upper_tip": (-0.4, 2.2), "lower_tip": (-0.8, 2.4), "crest": (-0.9, 3.4),
        "B": (-1.4, 3.9), "Pog": (-2.0, 4.8), "Me": (-2.2, 5.2), "Go": (0.4, 1.4),
        "Sn": (0, 1.5), "nose": (0, 1.2), "UL": (-0.2, 2.0), "stomion": (-0.4, 2.4),
        "LL": (-0.7, 3.2), "fold": (-1.3, 4.2), "Pog'": (-2.0, 4.9), "chin_bottom": (-2.0, 5.2),
        "throat": (0, 3.0), "hyoid": (0, 3.0),
    },
    {  # jaw relation, class II (negative) to class III (positive)
        "A": (-0.8, 0), "ANS": (-0.6, 0), "upper_tip": (-0.2, 0), "lower_tip": (1.5, -0.1),
        "crest": (2.6, 0), "B": (3.8, 0), "Pog": (4.8, 0.2), "Me": (4.8, 0.2), "Go": (0.8, 0.4),
        "LL": (2.6, 0), "fold": (3.6, 0), "Pog'": (4.7, 0.2), "chin_bottom": (4.4, 0.2),
        "stomion": (0.6, 0), "UL": (-0.3, 0), "throat": (1.5, 0), "hyoid": (1.5, 0),
    },
    {  # forward midface
        "A": (2.2, 0), "ANS": (1.9, 0), "PNS": (0.6, 0), "upper_tip": (2.8, 0),
        "lower_tip": (2.5, 0), "crest": (2.0, 0), "B": (1.6, 0), "Pog": (1.2, 0), "Me": (1.1, 0),
        "UL": (2.6, 0), "stomion": (2.5, 0), "LL": (2.4, 0), "fold": (1.6, 0), "Pog'": (1.2, 0),
        "chin_bottom": (1.0, 0), "Sn": (2.0, 0), "nose": (1.6, 0), "Or": (0.6, 0),
    },
    {  # inclined incisors, and the lips that lie on them
        "upper_tip": (2.0, -0.4), "lower_tip": (1.7, -0.3), "UL": (1.0, 0), "stomion": (1.0, 0),
        "LL": (1.3, 0), "crest": (0.3, 0),
    },
    {"upper_tip": (1.0, 0.1), "UL": (0.5, 0)},  # overjet
    {"lower_tip": (0, -1.0), "upper_tip": (0, 0.6)},  # overbite
    {  # thick lips and chin pad
        "Sn": (0.7, 0), "UL": (1.4, 0), "LL": (1.4, 0), "stomion": (0.9, 0), "fold": (0.8, 0),
        "Pog'": (1.1, 0), "chin_bottom": (0.2, 1.0), "bridge": (0.4, 0), "skin_brow": (0.5, 0),
    },
    {"Pog": (1.3, 0), "B": (-0.5, 0), "Pog'": (1.2, 0), "fold": (-0.4, 0)},  # chin button
    {"nose": (2.6, 0.6), "bridge": (0.5, 0)},  # size of the nose
    {"nose": (0.4, 2.0), "Sn": (-0.2, 0.9)},  # drooping tip
    {"Go": (-2.2, 2.6), "Ar": (-0.8, 0.5)},  # size of the ramus
    {"Go": (1.6, 2.6)},  # gonial angle
    {"Ar": (-2.2, 1.2), "condyle": (-2.2, 0.9), "Po": (-2.0, 0.8), "basion": (-2.0, 0.8)},
    {"Po": (0.4, 2.0), "Ar": (0.2, 1.4), "condyle": (0.2, 1.4), "basion": (0, 1.2)},
    {"N": (1.6, 0.4), "brow": (1.7, 0), "forehead": (1.0, 0), "skin_brow": (1.7, 0),
     "bridge": (1.6, 0.4)},
    {"N": (0.2, 2.6), "brow": (0.6, 1.0), "skin_brow": (0.6, 1.0), "bridge": (0.2, 2.6)},
    {"Or": (1.3, 1.8)},
    {"vertex": (0, -3.5), "skin_top": (0, -3.5), "forehead": (0.6, -2.0), "occiput": (-2.5, 0),
     "skin_back": (-2.5, 0), "nape": (-1.5, 1)},
    {"spine_top": (1.5, 0), "spine_low": (7, 0), "skin_nape": (4.5, 0), "neck": (4, 0),
     "throat": (1.5, 0)},  # posture of the neck
    {"throat": (-3, 3), "hyoid": (-2, 3), "chin_bottom": (-1, 1.0), "neck": (3, 0)},
)  # fmt: skip
_JITTER_MM = 0.7


@dataclass(frozen=True, eq=False)
class HeadShape:
    """A head in millimetres, origin at sella, x forward, y down, Frankfort plane nearly level.

    landmarks lie on the curves exactly. tilt_deg (positive: chin up) and sella_mm (from the middle
    of the film) say how it is held before the film. spread_mm and enlargement are half the shift
    and half the difference in size between the two images of bilateral structures.
    """

    curves: Mapping[str, Curve]
    bodies: tuple[Points, ...]
    arches: tuple[Points, ...]
    incisors: tuple[Tooth, Tooth]
    teeth: tuple[Tooth, ...]
    landmarks: Mapping[str, tuple[float, float]]
    tilt_deg: float
    sella_mm: tuple[float, float]
    spread_mm: tuple[float, float]
    enlargement: float

    def on_film(self, points: Points) -> Points:
        """Turn head millimetres into film millimetres from the middle of the film."""
        angle = np.deg2rad(-self.tilt_deg)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        return np.asarray(points @ turn.T + np.asarray(self.sella_mm))


def random_shape(rng: np.random.Generator) -> HeadShape:
    """Draw a head at random. Draws again while an outline would leave a landmark undefined."""
    while True:
        shape = _attempt(rng)
        if shape is not None:
            return shape


def _clipped(rng: np.random.Generator, spread: float, limit: float = 2.2) -> float:
    return float(np.clip(rng.standard_normal(), -limit, limit) * spread)


def _moves(rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
    names = [*template.ANCHORS, "upper_tip", "lower_tip"]
    moves = {name: np.zeros(2) for name in names}
    for index, factor in enumerate(_FACTORS):
        amount = _clipped(rng, 1.25 if index == 0 else 1.0)
        for name, vector in factor.items():
            moves[name] += amount * np.asarray(vector)
    for name in names:
        moves[name] += rng.normal(0, _JITTER_MM, 2)
    moves["S"][:] = 0
    return moves


def _deform(
    moves: Mapping[str, NDArray[np.float64]], names: tuple[str, ...], bodies: Mapping[str, Points]
) -> dict[str, Points]:
    anchors = np.array([template.ANCHORS[name] for name in names], dtype=float)
    field = np.array([moves[name] for name in names])
    return {key: warp(anchors, field, control) for key, control in bodies.items()}


_TEMPLATE = {**template.CRANIUM, **template.MANDIBLE, **template.SOFT, **template.SPINE}
_CLOSED = {
    "frontal_sinus", "sphenoid_sinus", "ptm", "meatus", "petrous", "mastoid", "sinus_maxillary",
    "turbinate", "tongue", "soft_palate", "airway", "nostril", "hyoid_body", "c2", "c1_front",
    "c1_back", "c2_back",
}  # fmt: skip


def _attempt(rng: np.random.Generator) -> HeadShape | None:
    moves = _moves(rng)
    size = 1 + _clipped(rng, 0.052)
    control = {
        **_deform(moves, _SKULL, template.CRANIUM),
        **_deform(moves, _JAW, template.MANDIBLE),
        **_deform(moves, _SKIN, template.SOFT),
        **_deform(moves, _NECK, template.SPINE),
    }
    neck = {"centres": template.BODY_CENTRES}
    centres = _deform(moves, _NECK, neck)["centres"] * size
    curves = {
        key: smooth(points * size, closed=key in _CLOSED, like=_TEMPLATE[key])
        for key, points in control.items()
    }
    upper = _incisor(template.UPPER_INCISOR, moves["A"], moves["upper_tip"]) * size
    lower = _incisor(template.LOWER_INCISOR, moves["crest"], moves["lower_tip"]) * size
    landmarks = _find_landmarks(curves, upper, lower)
    if landmarks is None or not _is_plausible(landmarks):
        return None
    bodies, arches = _vertebrae(centres, size, rng)
    tilt = _clipped(rng, 4.2)
    sella = np.array([-15.0, -16.0]) + rng.normal(0, 3.0, 2)
    return HeadShape(
        curves=curves,
        bodies=bodies,
        arches=arches,
        incisors=(front_tooth(upper, 7.2 * size), front_tooth(lower, 6.0 * size)),
        teeth=side_teeth(upper, lower, size, rng),
        landmarks={key: (float(p[0]), float(p[1])) for key, p in landmarks.items()},
        tilt_deg=tilt,
        sella_mm=(float(sella[0]), float(sella[1])),
        spread_mm=(_clipped(rng, 0.8), _clipped(rng, 0.7)),
        enlargement=float(rng.uniform(0.004, 0.016)),
    )


def _incisor(rest: Points, root_move: Points, tip_move: Points) -> Points:
    """Return tip, neck and apex: the apex goes with the bone, the tip its own way."""
    weights = np.array([1.0, 0.55, 0.0])[:, None]
    return np.asarray(rest + weights * tip_move + (1 - weights) * root_move)


def _find_landmarks(
    curves: Mapping[str, Curve], upper: Points, lower: Points
) -> dict[str, Points] | None:
    """Read the landmarks off the outlines; None where an outline does not show one clearly."""
    vault, orbit, jaw = curves["vault_outer"], curves["orbit_rim"], curves["mandible_outer"]
    profile, front = curves["profile"], curves["maxilla_front"]
    up, down, forward = (0.0, -1.0), (0.0, 1.0), (1.0, 0.0)
    articulare = crossing(jaw.span(14, 20), curves["base_lower"].points)
    if articulare is None:
        return None
    found = {
        "N": deepest(vault.span(0, 7), 1.0),
        "Or": furthest_along(orbit.span(3, 8), down),
        "A": deepest(front.points, -1.0),
        "B": deepest(jaw.span(0, 5), -1.0),
        "Pog": furthest_along(jaw.span(3, 7), forward),
        "Me": furthest_along(jaw.span(5, 10), down),
        "UL": furthest_along(profile.span(18, 23), forward),
        "LL": furthest_along(profile.span(23, 29), forward),
        "Sn": deepest(profile.span(14, 20), -1.0),
        "Pog'": furthest_along(profile.span(29, 33), forward),
    }
    found["Po"] = furthest_along(np.roll(curves["meatus"].points[:-1], 40, axis=0), up)
    tangent = found["Me"][0] - articulare
    outward = (float(-tangent[1]), float(tangent[0]))
    found["Go"] = furthest_along(jaw.span(9, 17), outward)
    if not all(is_clear for _, is_clear in found.values()):
        return None
    points = {key: point for key, (point, _) in found.items()}
    chin = jaw.span(3, 10)
    first, last = (int(np.argmin(np.hypot(*(chin - points[key]).T))) for key in ("Pog", "Me"))
    points["Gn"] = middle(chin[first : last + 1])
    points["S"] = centroid(curves["sella"].points)
    points["Ar"] = articulare
    points["ANS"] = front.points[0]
    points["PNS"] = curves["nasal_floor"].points[0]
    points["UIT"], points["LIT"] = upper[0], lower[0]
    return {key: points[key] for key in LANDMARKS}


def _is_plausible(p: Mapping[str, Points]) -> bool:
    """Whether the parts fit each other: teeth meet, lips cover them, the jaw has a body."""
    overjet, overbite = p["UIT"][0] - p["LIT"][0], p["UIT"][1] - p["LIT"][1]
    return bool(
        -3 < overjet < 8
        and -2.5 < overbite < 6
        and p["UL"][0] - p["UIT"][0] > 5
        and p["LL"][0] - p["LIT"][0] > 5
        and p["Pog'"][0] - p["Pog"][0] > 5
        and p["Sn"][0] - p["A"][0] > 5
        and p["LL"][1] - p["UL"][1] > 11
        and p["B"][1] - p["LIT"][1] > 10
        and p["Pog"][1] - p["B"][1] > 5
        and p["A"][1] - p["ANS"][1] > 2.5
        and p["Go"][1] < p["Me"][1] - 5
        and p["Ar"][1] > p["Po"][1] + 4
    )


def _vertebrae(
    centres: Points, size: float, rng: np.random.Generator
) -> tuple[tuple[Points, ...], tuple[Points, ...]]:
    bodies, arches = [], []
    steps = np.gradient(centres, axis=0)
    for centre, step in zip(centres, steps, strict=True):
        angle = np.arctan2(-step[0], step[1])
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        stretch = size * (1 + rng.normal(0, 0.03, 2))
        bodies.append(
            smooth(
                template.BODY * stretch @ turn.T + centre, closed=True, like=template.BODY
            ).points
        )
        arches.append(
            smooth(
                template.ARCH * stretch @ turn.T + centre, closed=True, like=template.ARCH
            ).points
        )
    return tuple(bodies), tuple(arches)
