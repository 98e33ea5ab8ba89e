import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cephview.core.scale import PixelSize, Provenance, resolve_dicom_scale

NOTHING = {
    "pixel_spacing": None,
    "imager_pixel_spacing": None,
    "is_calibrated": False,
    "magnification": None,
    "source_to_detector_mm": None,
    "source_to_patient_mm": None,
}


def resolve(**says):
    return resolve_dicom_scale(**{**NOTHING, **says})


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        pytest.param(
            {
                "pixel_spacing": (0.2, 0.1),
                "imager_pixel_spacing": (0.22, 0.11),
                "is_calibrated": True,
            },
            PixelSize(0.1, 0.2, Provenance.CALIBRATED),
            id="calibrated spacing differing from the imager's",
        ),
        pytest.param(
            {"pixel_spacing": (0.2, 0.1), "is_calibrated": True},
            PixelSize(0.1, 0.2, Provenance.CALIBRATED),
            id="calibrated spacing alone",
        ),
        pytest.param(
            {
                "pixel_spacing": (0.2, 0.1),
                "imager_pixel_spacing": (0.22, 0.11),
                "is_calibrated": True,
                "magnification": 1.1,
            },
            PixelSize(0.1, 0.2, Provenance.CALIBRATED),
            id="calibration goes before magnification",
        ),
        pytest.param(
            {"imager_pixel_spacing": (0.22, 0.11), "magnification": 1.1},
            PixelSize(0.11 / 1.1, 0.22 / 1.1, Provenance.MAGNIFICATION_CORRECTED),
            id="imager spacing and magnification",
        ),
        pytest.param(
            {
                "imager_pixel_spacing": (0.22, 0.11),
                "source_to_detector_mm": 1650.0,
                "source_to_patient_mm": 1500.0,
            },
            PixelSize(0.11 / 1.1, 0.22 / 1.1, Provenance.MAGNIFICATION_CORRECTED),
            id="imager spacing and SID over SOD",
        ),
        pytest.param(
            {
                "imager_pixel_spacing": (0.22, 0.11),
                "magnification": 1.1,
                "source_to_detector_mm": 1800.0,
                "source_to_patient_mm": 1500.0,
            },
            PixelSize(0.11 / 1.1, 0.22 / 1.1, Provenance.MAGNIFICATION_CORRECTED),
            id="the stated factor goes before the derived one",
        ),
        pytest.param(
            {
                "imager_pixel_spacing": (0.22, 0.11),
                "magnification": 0.0,
                "source_to_detector_mm": 1650.0,
                "source_to_patient_mm": 1500.0,
            },
            PixelSize(0.11 / 1.1, 0.22 / 1.1, Provenance.MAGNIFICATION_CORRECTED),
            id="an empty factor leaves the derived one",
        ),
        pytest.param(
            {"imager_pixel_spacing": (0.22, 0.11)},
            PixelSize(0.11, 0.22, Provenance.DETECTOR),
            id="imager spacing alone",
        ),
        pytest.param(
            {
                "pixel_spacing": (0.22, 0.11),
                "imager_pixel_spacing": (0.22, 0.11),
                "is_calibrated": True,
            },
            PixelSize(0.11, 0.22, Provenance.DETECTOR),
            id="pixel spacing that only repeats the imager's",
        ),
        pytest.param(
            {"pixel_spacing": (0.2, 0.1), "imager_pixel_spacing": (0.22, 0.11)},
            PixelSize(0.1, 0.2, Provenance.CALIBRATED),
            id="another pixel spacing is a corrected one, said or not",
        ),
        pytest.param(
            {
                "pixel_spacing": (0.2, 0.1),
                "imager_pixel_spacing": (0.22, 0.11),
                "magnification": 1.2,
            },
            PixelSize(0.1, 0.2, Provenance.CALIBRATED),
            id="a corrected spacing is not corrected again",
        ),
        pytest.param(
            {"pixel_spacing": (1.0, 1.0), "imager_pixel_spacing": (0.1, 0.1)},
            PixelSize(1.0, 1.0, Provenance.UNVERIFIED),
            id="another pixel spacing that no magnification explains",
        ),
        pytest.param(
            {
                "pixel_spacing": (1.0, 1.0),
                "imager_pixel_spacing": (0.1, 0.1),
                "is_calibrated": True,
            },
            PixelSize(1.0, 1.0, Provenance.CALIBRATED),
            id="unless it says that it was calibrated",
        ),
        pytest.param(
            {"scanned_spacing": (0.2, 0.1)},
            PixelSize(0.1, 0.2, Provenance.DECLARED),
            id="a scanned film",
        ),
        pytest.param(
            {"scanned_spacing": (0.22, 0.11), "magnification": 1.1},
            PixelSize(0.1, 0.2, Provenance.MAGNIFICATION_CORRECTED),
            id="a scanned film of known magnification",
        ),
        pytest.param(
            {"pixel_spacing": (0.2, 0.1), "scanned_spacing": (0.22, 0.11)},
            PixelSize(0.1, 0.2, Provenance.CALIBRATED),
            id="a scanned film that was corrected",
        ),
        pytest.param(
            {"pixel_spacing": (0.22, 0.11), "scanned_spacing": (0.22, 0.11)},
            PixelSize(0.11, 0.22, Provenance.DECLARED),
            id="a scanned film, said twice",
        ),
        pytest.param(
            {"imager_pixel_spacing": (0.2, 0.1), "scanned_spacing": (0.4, 0.3)},
            PixelSize(0.1, 0.2, Provenance.DETECTOR),
            id="the detector goes before the scanner",
        ),
        pytest.param(
            {"pixel_spacing": (0.2, 0.1), "magnification": 1.1},
            PixelSize(0.1, 0.2, Provenance.DECLARED),
            id="what was perhaps corrected is not corrected again",
        ),
        pytest.param(
            {"aspect": 1.25}, PixelSize(1.0, 1.25, Provenance.ASPECT), id="aspect ratio alone"
        ),
        pytest.param(
            {"pixel_spacing": (0.2, 0.1), "aspect": 1.25},
            PixelSize(0.1, 0.2, Provenance.DECLARED),
            id="a spacing goes before the aspect ratio",
        ),
        pytest.param({"aspect": 1.0}, PixelSize(), id="square pixels of no size"),
        pytest.param({"aspect": 300.0}, PixelSize(), id="an aspect ratio that is none"),
        pytest.param(
            {"pixel_spacing": (0.2, 0.1)},
            PixelSize(0.1, 0.2, Provenance.DECLARED),
            id="pixel spacing alone",
        ),
        pytest.param({}, PixelSize(), id="nothing"),
        pytest.param(
            {
                "magnification": 1.1,
                "source_to_detector_mm": 1650.0,
                "source_to_patient_mm": 1500.0,
                "is_calibrated": True,
            },
            PixelSize(),
            id="a magnification of nothing",
        ),
    ],
)
def test_every_row_of_the_table(says, expected):
    found = resolve(**says)
    assert found.provenance is expected.provenance
    assert (found.x_mm, found.y_mm) == pytest.approx((expected.x_mm, expected.y_mm))


def test_an_aspect_ratio_gives_angles_and_no_millimetres():
    size = PixelSize(1.0, 1.25, Provenance.ASPECT)
    assert size.aspect == 1.25
    assert size.mm_per_px() is None
    assert size.distance_mm((0, 0), (3, 4)) is None
    assert size.accepted() is size
    measured = size.from_ruler((0, 0), (0, 80), 10)
    assert (measured.x_mm, measured.y_mm) == pytest.approx((0.1, 0.125))


@pytest.mark.parametrize("factor", [0.0, -1.1, 0.9, 2.0, 110.0, math.nan, math.inf])
def test_a_factor_no_cephalostat_can_have_corrects_nothing(factor):
    found = resolve(imager_pixel_spacing=(0.2, 0.1), magnification=factor)
    assert found == PixelSize(0.1, 0.2, Provenance.DETECTOR)


@pytest.mark.parametrize("patient_mm", [0.0, -1500.0, 1e-9])
def test_distances_that_make_no_sense_correct_nothing(patient_mm):
    found = resolve(
        imager_pixel_spacing=(0.2, 0.1),
        source_to_detector_mm=1650.0,
        source_to_patient_mm=patient_mm,
    )
    assert found.provenance is Provenance.DETECTOR


def test_unverified_and_unknown_sizes_give_no_millimetres():
    without_millimetres = (Provenance.UNVERIFIED, Provenance.ASPECT, Provenance.IMPLAUSIBLE)
    for provenance in Provenance:
        if provenance is Provenance.UNKNOWN:
            continue
        size = PixelSize(0.1, 0.2, provenance)
        trusted = provenance not in without_millimetres
        assert size.is_trusted is trusted
        assert size.mm_per_px() == ((0.1, 0.2) if trusted else None)
        assert (size.distance_mm((0, 0), (30, 20)) is None) is not trusted
    assert PixelSize().mm_per_px() is None
    assert not PixelSize().is_trusted


def test_distance_by_hand():
    size = PixelSize(0.1, 0.2, Provenance.DETECTOR)
    assert size.distance_mm((10, 10), (40, 30)) == pytest.approx(5)
    assert size.aspect == 2


def test_accepting_makes_an_unverified_size_declared_and_no_other_changes():
    accepted = PixelSize(0.1, 0.2, Provenance.UNVERIFIED).accepted()
    assert accepted == PixelSize(0.1, 0.2, Provenance.DECLARED)
    for size in (PixelSize(), PixelSize(0.1, 0.2, Provenance.RULER)):
        assert size.accepted() is size


@pytest.mark.parametrize(
    "sizes", [(0, 0.1), (0.1, -1), (None, 0.1), (0.1, None), (math.nan, 1), (1, math.inf)]
)
def test_a_size_that_is_none_is_refused(sizes):
    with pytest.raises(ValueError):
        PixelSize(*sizes, Provenance.DETECTOR)


def test_an_unknown_size_has_no_numbers():
    with pytest.raises(ValueError):
        PixelSize(0.1, 0.1)


def test_a_ruler_keeps_the_aspect_of_the_file():
    file = PixelSize(0.1, 0.2, Provenance.DETECTOR)
    # 30 px right and 20 px down is 30 by 40 pixel widths: 50 of them are 100 mm.
    ruler = file.from_ruler((5, 5), (35, 25), 100)
    assert ruler.provenance is Provenance.RULER
    assert (ruler.x_mm, ruler.y_mm) == pytest.approx((2, 4))
    assert ruler.distance_mm((5, 5), (35, 25)) == pytest.approx(100)


def test_a_ruler_on_a_film_without_any_size_takes_square_pixels():
    ruler = PixelSize().from_ruler((0, 0), (30, 40), 5)
    assert (ruler.x_mm, ruler.y_mm) == pytest.approx((0.1, 0.1))


def test_a_ruler_keeps_an_aspect_that_was_not_trusted_for_length():
    ruler = PixelSize(0.1, 0.3, Provenance.UNVERIFIED).from_ruler((0, 0), (10, 0), 1)
    assert (ruler.x_mm, ruler.y_mm) == pytest.approx((0.1, 0.3))


@pytest.mark.parametrize(
    ("end", "length"),
    [
        ((0, 0), 10),
        ((1, 1), 0),
        ((1, 1), -5),
        ((1, 1), math.nan),
        ((1, 1), math.inf),
        ((math.nan, 1), 10),
        ((math.inf, 1), 10),
    ],
)
def test_a_ruler_without_length_is_refused(end, length):
    with pytest.raises(ValueError):
        PixelSize().from_ruler((0, 0), end, length)


sizes = st.floats(0.01, 2)
places = st.tuples(st.floats(0, 3000), st.floats(0, 3000))


@given(sizes, sizes, places, places, st.floats(1, 300))
def test_a_ruler_measures_its_own_length_whichever_way_it_lies(x_mm, y_mm, a, b, length):
    if math.dist(a, b) < 1:
        return
    ruler = PixelSize(x_mm, y_mm, Provenance.DETECTOR).from_ruler(a, b, length)
    assert ruler.distance_mm(a, b) == pytest.approx(length)
    assert ruler.distance_mm(b, a) == pytest.approx(length)
    assert ruler.aspect == pytest.approx(y_mm / x_mm)
