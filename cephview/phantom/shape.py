"""A random head: every outline in millimetres, and the landmarks found on those outlines."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cephview.phantom import template
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
class Tooth:
    """A tooth: its outline from the crown's tip or cusps, where the root starts, and its apex."""

    crown: Points
    root: Points
    pulp: Points


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
    for factor in _FACTORS:
        amount = _clipped(rng, 1.0)
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


_CLOSED = {
    "frontal_sinus", "sphenoid_sinus", "ptm", "meatus", "petrous", "mastoid", "sinus_maxillary",
    "turbinate", "tongue", "soft_palate", "airway", "nostril", "hyoid_body", "c2", "c1_front",
    "c1_back", "c2_back",
}  # fmt: skip


def _attempt(rng: np.random.Generator) -> HeadShape | None:
    moves = _moves(rng)
    size = 1 + _clipped(rng, 0.04)
    control = {
        **_deform(moves, _SKULL, template.CRANIUM),
        **_deform(moves, _JAW, template.MANDIBLE),
        **_deform(moves, _SKIN, template.SOFT),
        **_deform(moves, _NECK, template.SPINE),
    }
    neck = {"centres": template.BODY_CENTRES}
    centres = _deform(moves, _NECK, neck)["centres"] * size
    curves = {key: smooth(points * size, closed=key in _CLOSED) for key, points in control.items()}
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
        incisors=(_front_tooth(upper, 7.0 * size), _front_tooth(lower, 5.8 * size)),
        teeth=_side_teeth(curves, upper, lower, size, rng),
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
        bodies.append(smooth(template.BODY * stretch @ turn.T + centre, closed=True).points)
        arches.append(smooth(template.ARCH * stretch @ turn.T + centre, closed=True).points)
    return tuple(bodies), tuple(arches)


def _front_tooth(axis: Points, width: float) -> Tooth:
    """Draw an incisor seen from the side: a chisel with its tip at the edge, and one root."""
    tip, neck, apex = axis
    up = neck - tip
    length = float(np.hypot(*up))
    along = up / length
    front = np.array([along[1], -along[0]])
    front = front if front[0] > 0 else -front
    root = apex - neck
    half = width / 2

    def at(t: float, side: float) -> Points:
        return np.asarray(tip + along * (t * length) + front * side)

    crown = smooth(
        np.array([
            tip, at(0.16, 0.32 * half), at(0.5, 0.72 * half), at(0.86, 0.98 * half),
            at(1.0, 0.86 * half), at(1.0, -0.86 * half), at(0.8, -1.02 * half),
            at(0.5, -0.66 * half), at(0.18, -0.36 * half),
        ]),
        closed=True,
    ).points  # fmt: skip
    shape = smooth(
        np.array([
            neck + front * 0.86 * half, neck + 0.5 * root + front * 0.72 * half,
            neck + 0.9 * root + front * 0.34 * half, apex,
            neck + 0.9 * root - front * 0.34 * half, neck + 0.5 * root - front * 0.72 * half,
            neck - front * 0.86 * half,
        ])
    ).points  # fmt: skip
    pulp = np.vstack([neck - up * 0.35, neck + root * 0.85])
    return Tooth(crown, shape, pulp)


def _side_teeth(
    curves: Mapping[str, Curve],
    upper: Points,
    lower: Points,
    size: float,
    rng: np.random.Generator,
) -> tuple[Tooth, ...]:
    """Set the teeth behind the incisors along the occlusal line, upper then lower."""
    front = 0.5 * (upper[0] + lower[0])
    rise = np.deg2rad(8 + rng.normal(0, 3.0))
    back = np.array([-np.cos(rise), -np.sin(rise)])
    down = np.array([-back[1], back[0]])
    down = down if down[1] > 0 else -down
    teeth = []
    rows = ((template.UPPER_WIDTHS, -1.0, upper), (template.LOWER_WIDTHS, 1.0, lower))
    for widths, side, incisor in rows:
        s = 3.2 * size + (0.0 if side < 0 else -0.6)
        lean = incisor[2] - incisor[0]
        slope = float(lean @ back / max(abs(float(lean @ down)), 1.0))
        for k, width in enumerate(widths):
            w = width * size
            place = front + back * (s + w / 2) + down * side * -0.9
            tilt = slope * max(0.0, 0.75 - 0.17 * k) - 0.05 * k * (1 if side > 0 else 0)
            axis = side * down + back * tilt
            axis = axis / np.hypot(*axis)
            is_molar = k >= 4
            roots = (0.58, 0.42) if is_molar else (0.0,)
            crown_mm = (8.8 if k < 2 else 7.6) * size
            root_mm = (14.5 if k == 1 else 12.0) * size * (1 + rng.normal(0, 0.06))
            teeth.append(_side_tooth(place, axis, w, crown_mm, root_mm, len(roots)))
            s += w * 0.97
    return tuple(teeth)


def _side_tooth(
    place: Points, axis: Points, width: float, crown_mm: float, root_mm: float, roots: int
) -> Tooth:
    """Draw a tooth standing on the occlusal line at place, its root along axis."""
    across = np.array([axis[1], -axis[0]])
    half = width / 2

    def at(u: float, t: float) -> Points:
        return np.asarray(place + across * (u * half) + axis * t)

    cusps = (-0.62, 0.62) if roots == 2 else (0.0,)
    top = [at(-0.86, 1.8)]
    for index, cusp in enumerate(cusps):
        if index:
            top.append(at(0.0, 1.5))
        top.append(at(cusp, 0.0))
    top.append(at(0.86, 1.8))
    sides = [at(1.0, 0.42 * crown_mm), at(0.78, crown_mm), at(-0.78, crown_mm),
             at(-1.0, 0.42 * crown_mm)]  # fmt: skip
    crown = smooth(np.array(top + sides), closed=True).points
    if roots == 2:
        ends = [at(0.78, crown_mm), at(0.72, crown_mm + 0.55 * root_mm),
                at(0.5, crown_mm + root_mm), at(0.26, crown_mm + 0.62 * root_mm),
                at(0.0, crown_mm + 0.26 * root_mm), at(-0.26, crown_mm + 0.62 * root_mm),
                at(-0.56, crown_mm + root_mm), at(-0.74, crown_mm + 0.55 * root_mm),
                at(-0.78, crown_mm)]  # fmt: skip
    else:
        ends = [at(0.78, crown_mm), at(0.6, crown_mm + 0.5 * root_mm),
                at(0.26, crown_mm + 0.92 * root_mm), at(0.0, crown_mm + root_mm),
                at(-0.26, crown_mm + 0.92 * root_mm), at(-0.6, crown_mm + 0.5 * root_mm),
                at(-0.78, crown_mm)]  # fmt: skip
    pulp = np.vstack([at(0, 0.55 * crown_mm), at(0, crown_mm + 0.3 * root_mm)])
    return Tooth(crown, smooth(np.array(ends)).points, pulp)
