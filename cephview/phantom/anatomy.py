"""The head as an X-ray beam meets it: what each structure adds to the attenuation.

Amounts are natural logarithms of attenuation; about 0.3 is the thin skin of a profile and 1.5 the
densest bone.
"""

from collections.abc import Callable

import numpy as np

from cephview.phantom.canvas import Canvas
from cephview.phantom.curves import Points
from cephview.phantom.shape import HeadShape
from cephview.phantom.teeth import Tooth

Place = Callable[[Points], Points]


def draw_head(canvas: Canvas, shape: HeadShape, place: Place, rng: np.random.Generator) -> None:
    """Draw every structure; place turns head millimetres into canvas millimetres."""
    _soft_tissue(canvas, shape, place, rng)
    _skull(canvas, shape, place, rng)
    _face(canvas, shape, place, rng)
    _spine(canvas, shape, place)
    _jaw(canvas, shape, place)
    _teeth(canvas, shape, place, rng)


def _images(
    shape: HeadShape, points: Points, weight: float | Points = 1.0
) -> tuple[Points, Points]:
    """Return the two images of a bilateral structure, its mean half-way between them.

    weight (one number, or one a point) is 0 in the midline, where both images are one.
    """
    porion = np.asarray(shape.landmarks["Po"])
    shift = np.asarray(shape.spread_mm) + shape.enlargement * (points - porion)
    shift = shift * (weight if np.isscalar(weight) else np.asarray(weight)[:, None])
    return points + shift, points - shift


def _soft_tissue(canvas: Canvas, shape: HeadShape, place: Place, rng: np.random.Generator) -> None:
    curve = {key: place(c.points) for key, c in shape.curves.items()}
    outline = np.vstack([curve["profile"], curve["crown"][::-1]])
    canvas.dome(outline, 0.62, 46, edge_mm=1.2)
    rise = float(rng.uniform(-12, 30))
    shoulder = [[-150.0, 116.0], [-96.0, 122.0], [-62.0, 138.0], [-36.0, 158.0], [-20.0, 220.0],
                [-150.0, 220.0]]  # fmt: skip
    canvas.fill(place(np.array(shoulder) + np.array([0.0, rise])), 0.85, "soft")
    canvas.fill(curve["tongue"], 0.08, "soft")
    canvas.fill(curve["soft_palate"], 0.06, "soft")
    canvas.fill(curve["airway"], -0.26, "soft")
    canvas.fill(curve["nostril"], -0.07, "soft")
    lips = shape.curves["profile"]
    canvas.stroke(place(np.vstack([lips.span(23, 23), lips.span(23, 23) - (7.0, 0.0)])), 0.8, -0.06)
    canvas.fill(curve["hyoid_body"], 0.12)
    canvas.cortex(curve["hyoid_body"], 0.8, 0.1, "fine")
    canvas.stroke(curve["hyoid_horn"], 2.0, 0.08, "fine")
    canvas.stroke(curve["epiglottis"], 1.4, 0.05, "soft")


def _skull(canvas: Canvas, shape: HeadShape, place: Place, rng: np.random.Generator) -> None:
    c = shape.curves
    vault, inner = c["vault_outer"], c["vault_inner"]
    base = c["base_lower"].points
    floor = np.vstack([c["planum"].points, c["sella"].points, c["clivus"].points])
    # The lobes hang lower at the sides than the midline floor does, so no edge is seen there.
    above = np.vstack([floor + np.array([0, 5.0]), [[-60.0, 48.0], [-140.0, 40.0],
                       [-140.0, -160.0], [140.0, -160.0], [90.0, -14.0]]])  # fmt: skip
    where = canvas.soft_mask(place(above), 6.0)
    whole = place(np.vstack([vault.points[3 * 24 :], [[-10.0, 60.0], [50.0, 20.0]]]))
    canvas.dome(whole, 0.36, 62, edge_mm=6, where=where)
    canvas.shell(whole, 0.42, 9, where)
    shell = place(np.vstack([vault.points[4 * 24 :], inner.points[::-1]]))
    canvas.fill(shell, 0.05)
    canvas.cortex(place(vault.span(4, 22)), -1.8, 0.2)
    canvas.cortex(place(inner.points), -1.6, 0.24)
    _vault_marks(canvas, shape, place, rng)
    canvas.fill(place(c["frontal_sinus"].points), -0.2)
    canvas.stroke(place(c["frontal_sinus"].points), 0.5, 0.12)
    nasal = vault.span(0, 4)
    taper = np.linspace(-0.5, -2.6, len(nasal))[:, None]
    canvas.cortex(place(nasal), taper, 0.2)
    wing = np.linspace(0, 1, 4 * 24 + 1)[:, None] * np.array([-7.0, 1.0])
    canvas.fill(place(np.vstack([nasal, (nasal + wing)[::-1]])), 0.1, "soft")
    root = np.vstack([vault.span(2, 5), [[54.5, -15.0], [49.0, -9.0], [53.0, 4.0]]])
    canvas.fill(place(root), 0.16, "soft")
    notch = np.asarray(shape.landmarks["N"])
    canvas.stroke(place(np.array([notch, notch + np.array([-4.6, 1.6])])), 0.5, -0.16, "crisp")

    for name, width, amount in (
        ("planum", 0.9, 0.2), ("sella", 0.8, 0.26), ("clivus", 0.8, 0.22),
    ):  # fmt: skip
        canvas.stroke(place(c[name].points), width, amount, "crisp")
    sella = np.vstack([c["planum"].span(4, 6), c["sella"].points, c["clivus"].span(0, 6)])
    canvas.stroke(place(sella + np.array([0, 1.2])), 2.4, 0.08, "soft")
    clinoid = place(c["anterior_clinoid"].points)
    canvas.fill(clinoid, 0.1)
    canvas.stroke(clinoid, 0.5, 0.1)
    for roof in _images(shape, c["orbital_roof"].points):
        canvas.stroke(place(roof), 0.8, 0.18, "crisp")
    canvas.stroke(place(c["planum"].span(0, 5)), 3.0, 0.1, "soft")
    body = np.vstack([c["clivus"].points, base[40:], [[25.0, 12.0], [25.0, -9.0]],
                      c["planum"].span(4, 6)])  # fmt: skip
    canvas.fill(place(body), 0.3, "soft")
    canvas.fill(place(c["sphenoid_sinus"].points), -0.22, "soft")
    canvas.stroke(place(c["sphenoid_sinus"].points), 0.5, 0.1)

    taper = np.interp(np.arange(len(base)), (0, 40, 110, 168), (0.1, 1.2, 1.2, 0.3))[:, None]
    canvas.cortex(place(base), -taper, 0.3)
    canvas.stroke(place(base[30:120] + np.array([0, -1.6])), 2.8, 0.12, "soft")
    for petrous in _images(shape, c["petrous"].points):
        canvas.fill(place(petrous), 0.11, "cloud")
        canvas.stroke(place(petrous), 1.0, 0.06)
    ridge = c["petrous"].points[rng.integers(0, 280, 24)]
    spots = 0.6 * ridge + 0.4 * c["petrous"].points.mean(0) + rng.normal(0, 2.5, (24, 2))
    lumps = [place(o) for o in _cells(spots, rng.uniform(2, 6, 24), rng)]
    canvas.fill_all(lumps[:12], 0.09, "soft")
    canvas.fill_all(lumps[12:], 0.09, "soft")
    canvas.stroke_all(lumps, 0.6, 0.04)
    for fossa in _images(shape, c["middle_fossa"].points):
        canvas.stroke(place(fossa), 1.0, 0.16)
    for mastoid in _images(shape, c["mastoid"].points):
        canvas.fill(place(mastoid), 0.07, "diffuse")
    centre = c["mastoid"].points.mean(0)
    for count, radius in ((40, 1.9), (50, 1.0)):
        spots = centre + rng.normal(0, (6.5, 8.0), (count, 2))
        cells = [place(o) for o in _cells(spots, rng.uniform(0.5, 1.2, count) * radius, rng)]
        canvas.fill_all(cells, -0.06)
        canvas.stroke_all(cells, 0.5, 0.06)
    meatus = c["meatus"].points
    canvas.fill(place(meatus), -0.2)
    canvas.cortex(place(meatus[:-1]), -1.3, 0.24)


def _vault_marks(canvas: Canvas, shape: HeadShape, place: Place, rng: np.random.Generator) -> None:
    """Draw what the inside of the vault shows: sutures, vessel grooves, the occipital ridge."""

    def wander(start: tuple[float, float], end: tuple[float, float], sway: float) -> Points:
        t = np.linspace(0, 1, 40)[:, None]
        noise = np.cumsum(rng.normal(0, 1, (40, 2)), axis=0)
        noise = (noise - noise[:1] - t * (noise[-1:] - noise[:1])) * sway / 6
        return np.asarray((1 - t) * np.asarray(start) + t * np.asarray(end) + noise)

    coronal = wander((16 + rng.normal(0, 4), -84), (14, -22), 3.0)
    lambdoid = wander((-66, -62), (-48 + rng.normal(0, 3), 2), 3.0)
    for suture in (coronal, lambdoid):
        canvas.stroke(place(suture), 0.9, -0.035)
        canvas.stroke(place(suture + rng.normal(0, 1.5, 2)), 0.7, -0.03)
    stem = wander((8, -14), (-6, -52), 3.0)
    grooves = [stem]
    for at in (12, 20, 28):
        end = stem[at] + np.array([rng.uniform(-34, -16), rng.uniform(-30, -14)])
        grooves.append(wander(tuple(stem[at]), tuple(end), 2.4))
    canvas.stroke_all([place(g) for g in grooves], 1.6, -0.035, "soft")
    ridge = shape.curves["vault_inner"].span(12, 16)
    canvas.stroke(place(ridge), 6.0, 0.1, "diffuse")


def _cells(centres: Points, radii: Points, rng: np.random.Generator) -> list[Points]:
    """Return an irregular outline round each centre, as the walls of small air cells have."""
    angle = np.linspace(0, 2 * np.pi, 13)
    outlines = []
    for centre, radius in zip(centres, radii, strict=True):
        uneven = radius * rng.uniform(0.65, 1.35, 13)
        uneven[-1] = uneven[0]
        stretch, turn = rng.uniform(0.7, 1.4), rng.uniform(0, np.pi)
        oval = uneven[:, None] * np.column_stack([np.cos(angle) * stretch, np.sin(angle) / stretch])
        spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        outlines.append(oval @ spin.T + centre)
    return outlines


def _face(canvas: Canvas, shape: HeadShape, place: Place, rng: np.random.Generator) -> None:
    c = shape.curves
    front, floor, roof = c["maxilla_front"], c["nasal_floor"], c["palate_roof"]
    ethmoid = np.vstack([c["planum"].span(0, 5), c["greater_wing"].span(1, 4),
                         c["nasal_aperture"].span(0, 1)[::-1]])  # fmt: skip
    canvas.fill(place(ethmoid), 0.16, "diffuse")
    low, high = np.array([21.0, -8.0]), np.array([50.0, 15.0])
    for part in range(2):
        spots = rng.uniform(low, high, (17, 2))
        cells = [place(o) for o in _cells(spots, rng.uniform(2.0, 6.0, 17), rng)]
        canvas.fill_all(cells[part::2], -0.06)
        canvas.stroke_all(cells, 0.55, 0.1)
    middle_face = np.vstack([c["nasal_aperture"].points, floor.points[::-1],
                             c["greater_wing"].points[::-1]])  # fmt: skip
    canvas.fill(place(middle_face), 0.3, "diffuse")
    for sinus in _images(shape, c["sinus_maxillary"].points):
        canvas.fill(place(sinus), -0.1, "soft")
        canvas.stroke(place(sinus), 0.5, 0.045)
    canvas.fill(place(c["turbinate"].points), 0.06, "soft")
    canvas.stroke(place(c["nasal_aperture"].points), 1.4, 0.07, "fine")
    for rim in _images(shape, c["orbit_rim"].points):
        thick = -2.4 * np.linspace(0.15, 1, len(rim))[:, None].clip(0, 0.8)
        canvas.cortex(place(rim), thick, 0.13)
        canvas.fill(place(rim[60:]), -0.04, "soft")
    for other in _images(shape, c["orbit_floor"].points):
        canvas.stroke(place(other), 0.8, 0.1)
    for wing in _images(shape, c["greater_wing"].points):
        canvas.stroke(place(wing), 0.8, 0.12)
    for zygoma in _images(shape, c["zygoma"].points):
        canvas.stroke(place(zygoma), 0.9, 0.07)
        canvas.fill(place(zygoma), 0.13, "diffuse")
    for arch in _images(shape, c["arch"].points):
        canvas.stroke(place(arch), 4.5, 0.06, "soft")
    for fissure in _images(shape, c["ptm"].points):
        canvas.fill(place(fissure), -0.1)
        canvas.stroke(place(fissure), 0.7, 0.1, "crisp")
    for plate in _images(shape, c["pterygoid"].points):
        canvas.stroke(place(plate), 1.6, 0.07)

    palate = np.vstack([floor.points, front.points, roof.points[::-1]])
    canvas.fill(place(palate), 0.2)
    canvas.cortex(place(floor.points), 1.2, 0.3)
    canvas.cortex(place(front.points), 1.2, 0.22)
    canvas.stroke(place(roof.points[:-30]), 0.8, 0.12, "crisp")


def _spine(canvas: Canvas, shape: HeadShape, place: Place) -> None:
    c = shape.curves
    for name in ("c2", "c1_front", "c1_back", "c2_back"):
        outline = c[name].points
        is_arch = name.endswith("back")
        canvas.fill(place(outline), 0.13 if is_arch else 0.3, "soft" if is_arch else "fine")
        canvas.stroke(place(outline), 0.9, 0.05 if is_arch else 0.1)
    for body in shape.bodies:
        canvas.fill(place(body), 0.3)
        canvas.stroke(place(body), 0.9, 0.13)
    for arch in shape.arches:
        canvas.fill(place(arch), 0.14, "soft")
        canvas.stroke(place(arch), 0.8, 0.05)


def _jaw(canvas: Canvas, shape: HeadShape, place: Place) -> None:
    c = shape.curves
    outer, inner, back = c["mandible_outer"], c["mandible_inner"], c["symphysis_back"]
    # Both images are one at the chin and part towards the ramus.
    end = float(outer.points[9 * 24, 0])

    def weight(points: Points) -> Points:
        share = np.clip((end + 8 - points[:, 0]) / 30, 0, 1)
        return np.asarray(share * share * (3 - 2 * share))

    body = np.vstack([outer.points, inner.points, back.points[:1]])
    for side in _images(shape, body, weight(body)):
        canvas.fill(place(side), 0.1)
    lower = np.vstack([outer.span(0, 16), inner.points[5 * 24 :], back.points[:1]])
    for side in _images(shape, lower, weight(lower)):
        canvas.fill(place(side), 0.1, "diffuse")
    border, condyle = outer.span(8, 18), outer.points[18 * 24 :]
    width = np.interp(np.arange(len(border)), (0, 40, 150, 240), (1.9, 2.8, 2.8, 1.6))[:, None]
    for side in _images(shape, border, weight(border)):
        canvas.cortex(place(side), width, 0.17)
    for side in _images(shape, condyle, weight(condyle)):
        canvas.cortex(place(side), 1.4, 0.07)
    for side in _images(shape, inner.points, weight(inner.points)):
        canvas.cortex(place(side), 1.2, 0.1)
    for side in _images(shape, c["oblique_line"].points):
        canvas.stroke(place(side), 1.4, 0.06, "soft")
    for side in _images(shape, c["canal"].points):
        canvas.stroke(place(side), 2.4, -0.04, "fine")
    symphysis = np.vstack([outer.span(0, 8), back.points[::-1]])
    canvas.fill(place(symphysis), 0.1)
    canvas.cortex(place(outer.span(0, 8)), 1.9, 0.34)
    canvas.cortex(place(back.points), -1.6, 0.24)


def _teeth(canvas: Canvas, shape: HeadShape, place: Place, rng: np.random.Generator) -> None:
    front, jaw = shape.curves["maxilla_front"].points, shape.curves["mandible_outer"].points
    for edge, molar in ((front[[0, -1]], shape.teeth[5]), (jaw[[48, 0]], shape.teeth[11])):
        bone = np.vstack([edge, molar.crown[[0]], molar.outline[[-72]]])
        canvas.fill(place(bone), 0.14, "diffuse")
    for tooth in shape.teeth:
        strength = 0.6 * float(rng.uniform(0.85, 1.15))
        weight = float(rng.uniform(0.5, 1.2))
        offset = rng.normal(0, 0.45, 2)
        images = (
            _images(shape, part + offset, weight)
            for part in (tooth.outline, tooth.crown, tooth.pulp)
        )
        for outline, crown, pulp in zip(*images, strict=True):
            _tooth(canvas, place, Tooth(outline, crown, pulp, tooth.is_clockwise), strength)
        if tooth.is_filled:
            middle = tooth.crown.mean(0)
            metal = middle + 0.7 * (tooth.crown - middle) * (1.0, 0.7) + rng.normal(0, 0.4, 2)
            canvas.fill(place(metal), 0.9, "crisp")
    for tooth in shape.incisors:
        _tooth(canvas, place, tooth, 1.6)


def _tooth(canvas: Canvas, place: Place, tooth: Tooth, strength: float) -> None:
    canvas.fill(place(tooth.outline), 0.26 * strength, "crisp")
    canvas.fill(place(tooth.crown), 0.1 * strength)
    count = len(tooth.crown)
    thick = 1.5 * np.sqrt(np.sin(np.linspace(0, np.pi, count)).clip(0.01))[:, None]
    canvas.cortex(place(tooth.crown), thick if tooth.is_clockwise else -thick, 0.22 * strength)
    canvas.stroke(place(tooth.pulp), 0.8, -0.09 * strength)
