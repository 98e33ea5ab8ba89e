"""A tiny network with random weights, and a model folder of it."""

from pathlib import Path

import pytest
import torch

from cephview.core.model_info import ModelInfo
from cephview.network.config import PRESETS
from cephview.network.model import DualEncoder
from cephview.network.weights import save_model

LANDMARKS = ("S", "N", "Me")


@pytest.fixture
def tiny() -> DualEncoder:
    torch.manual_seed(0)
    return DualEncoder(PRESETS["tiny"].network, len(LANDMARKS)).eval()


@pytest.fixture
def tiny_info() -> ModelInfo:
    return ModelInfo("tiny", "isbi19", LANDMARKS, PRESETS["tiny"].input_size, sha256="")


@pytest.fixture
def tiny_folder(tmp_path: Path, tiny: DualEncoder, tiny_info: ModelInfo) -> Path:
    save_model(tmp_path / "tiny", tiny, tiny_info)
    return tmp_path / "tiny"
