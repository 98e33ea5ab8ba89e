"""What a candidate forgot, on films that are not the clinic's."""

import copy
from dataclasses import replace

import pytest
import torch

from cephview.core.model_info import ModelInfo
from cephview.network.config import PRESETS
from cephview.network.detector import Detector
from cephview.network.model import DualEncoder
from cephview.phantom import LANDMARKS
from cephview.training import Stopped
from cephview.training import forgetting as room
from cephview.training.forgetting import kept_by


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(room, "FILMS", 2)


@pytest.fixture
def parent():
    torch.manual_seed(0)
    network = DualEncoder(PRESETS["tiny"].network, len(LANDMARKS))
    info = ModelInfo("tiny", "isbi19", tuple(LANDMARKS), PRESETS["tiny"].input_size, sha256="")
    return Detector(network, info, torch.device("cpu"))


def test_a_network_that_did_not_learn_forgot_nothing(parent):
    kept = kept_by(parent, copy.deepcopy(parent.network), parent.info)
    assert kept.before == kept.network == kept.after
    assert (kept.what, kept.films) == ("synthetic films", 2)


def test_a_convention_moves_points_and_is_not_what_is_forgotten(parent):
    info = replace(parent.info, convention={"Me": (0.0, 0.2)})
    kept = kept_by(parent, parent.network, info)
    assert kept.network == kept.before and kept.after != kept.before


def test_what_a_convention_adds_is_what_a_detector_adds(parent, monkeypatch):
    info = replace(parent.info, convention={"Me": (0.01, 0.2), "S": (-0.03, 0.0)})
    told = kept_by(parent, parent.network, info)
    monkeypatch.setattr(room, "_added_px", lambda *_: 0.0)
    candidate = Detector(parent.network, info, parent.device)
    assert kept_by(candidate, parent.network, info).before == pytest.approx(told.after)


def test_a_spoilt_network_shows(parent):
    spoilt = copy.deepcopy(parent.network)
    with torch.no_grad():
        for parameter in spoilt.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    kept = kept_by(parent, spoilt, parent.info)
    assert kept.network != kept.before and kept.after == kept.network


def test_a_landmark_the_parent_does_not_know_is_left_out(parent):
    fewer = replace(parent.info, landmarks=parent.info.landmarks[:5])
    network = DualEncoder(PRESETS["tiny"].network, 5)
    one = Detector(network, fewer, parent.device)
    assert kept_by(one, parent.network, parent.info) is not None
    nothing = replace(fewer, landmarks=("X1",))
    assert kept_by(replace_info(one, nothing), network, nothing) is None


def replace_info(detector, info):
    return Detector(detector.network, info, detector.device)


def test_it_stops_when_asked(parent):
    told = []
    with pytest.raises(Stopped):
        kept_by(parent, parent.network, parent.info, told.append, lambda: bool(told))
    assert told[0].note == "looking at synthetic films"
