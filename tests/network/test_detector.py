"""The detector answers in the film's pixels."""

from dataclasses import replace

import numpy as np
import pytest

from cephview.core.film import Film
from cephview.core.scale import PixelSize, Provenance
from cephview.network.detector import Detector, choose_device
from cephview.network.weights import ModelError


def a_film(pixels, size=None):
    return Film(pixels, "0" * 64, "film", size or PixelSize())


@pytest.fixture
def detector(tiny_folder):
    return Detector.load(tiny_folder, "cpu")


@pytest.fixture
def grey():
    y, x = np.mgrid[0:500, 0:400]
    return (120 + 60 * np.sin(x / 23) + 60 * np.cos(y / 31)).astype(np.uint8)


def test_every_landmark_is_answered_in_order(detector, grey):
    found = detector.detect(a_film(grey))
    assert [p.landmark for p in found.points] == ["S", "N", "Me"]
    assert found.passes == 1 and found.device == "cpu"
    assert found.model == detector.info.sha256
    assert all(p.refined_sigma_px > 0 and p.coarse_sigma_px > 0 for p in found.points)


def test_a_film_twice_as_large_gets_the_same_places(detector, grey):
    small = detector.detect(a_film(grey)).points
    large = detector.detect(a_film(np.kron(grey, np.ones((2, 2), np.uint8)))).points
    for a, b in zip(small, large, strict=True):
        assert np.array(b.refined_px) == pytest.approx(
            (np.array(a.refined_px) + 0.5) * 2 - 0.5, abs=4
        )
        assert b.refined_sigma_px == pytest.approx(2 * a.refined_sigma_px, rel=0.05)


def test_oblong_pixels_are_seen_as_the_head_is(detector, grey):
    square = detector.detect(a_film(grey)).points
    squeezed = a_film(grey[::2].copy(), PixelSize(0.1, 0.2, Provenance.DETECTOR))
    found = detector.detect(squeezed).points
    for a, b in zip(square, found, strict=True):
        assert b.refined_px[0] == pytest.approx(a.refined_px[0], abs=4)
        assert b.refined_px[1] * 2 == pytest.approx(a.refined_px[1], abs=4)


def test_two_passes_are_said(detector, grey):
    assert detector.detect(a_film(grey), passes=2).passes == 2


def test_a_stop_leaves_out_the_second_pass(detector, grey):
    assert detector.detect(a_film(grey), 2, lambda: True).passes == 1


def test_three_passes_are_refused(detector, grey):
    with pytest.raises(ValueError):
        detector.detect(a_film(grey), passes=3)


def test_a_black_film_is_answered_with_finite_numbers(detector):
    found = detector.detect(a_film(np.zeros((200, 160), np.uint16)), passes=2)
    assert np.isfinite([p.refined_px for p in found.points]).all()


def test_an_unknown_device_is_refused():
    with pytest.raises(ModelError, match="auto, cpu or cuda"):
        choose_device("tpu")


@pytest.mark.parametrize("passes", [1, 2])
def test_a_convention_moves_both_layers_by_its_share_of_the_film(detector, grey, passes):
    taught = replace(detector.info, convention={"N": (0.01, -0.02)})
    plain = detector.detect(a_film(grey), passes).points
    moved = Detector(detector.network, taught, detector.device).detect(a_film(grey), passes).points
    height = 128 / min(96 / 400, 128 / 500)
    close = 1e-6 if passes == 1 else 3  # a second look starts from elsewhere
    for layer in ("coarse_px", "refined_px"):
        shift = np.array(getattr(moved[1], layer)) - np.array(getattr(plain[1], layer))
        assert shift == pytest.approx(
            [0.01 * height, -0.02 * height], abs=1e-6 if passes == 1 else 3
        )
        assert getattr(moved[0], layer) == pytest.approx(getattr(plain[0], layer), abs=close)
